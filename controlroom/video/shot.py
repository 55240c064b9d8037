"""A packet that was kept with the moment it shows, and what is needed to decode it by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

GAP_S = 4.0
"""A picture stands for the moments up to the next one, and for so long where none follows: as long as a live picture
may stand before it is called frozen (`signal.Patience`)."""


@dataclass(frozen=True, slots=True)
class Film:
    """The stream that packets belong to; packets of two films are not decoded together."""

    codec: str
    extradata: bytes | None
    width: int
    height: int
    aspect: float
    time_base: Fraction | None


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One packet; `at_s` is the moment it shows, in seconds since 1970. `pts` and `dts` are in the film's time base."""

    at_s: float
    data: bytes
    is_key: bool
    film: Film
    pts: int | None = None
    dts: int | None = None


class Reel(Protocol):
    """Something that holds pictures of the past. Used by one thread.

    `is_timed`: what was asked for last comes no earlier than it is due.
    """

    is_timed: bool

    def shots(self, at_s: float, speed: float = 1.0) -> "Iterator[Shot | None] | None":
        """Packets from the key picture before the moment on; None where this reel does not have that moment.

        They are wanted at a speed, which matters only to those that come when they are due (`is_timed`).
        A None among them says that nothing more is there just now. Raises StreamFault where it should be but cannot be
        read.
        """
