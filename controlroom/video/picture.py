"""A picture ready to be painted, and how whoever paints gets it."""

from dataclasses import dataclass
from typing import Protocol

from controlroom.video.signal import View


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels of 32 bits (blue, green, red, unused), `height` rows of `stride` bytes; the buffer is never written again.

    `source_width` and `source_height` are those of the stream.
    """

    width: int
    height: int
    stride: int
    pixels: memoryview
    source_width: int
    source_height: int


class Feed(Protocol):
    """One tile's share of a stream. All methods return at once and are called by one thread."""

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels from now on; 0 x 0 asks for none."""

    def take(self) -> Picture | None:
        """The newest picture, None where there is none newer than the last one taken."""

    def view(self) -> View:
        """The state of the stream at this moment."""

    def close(self) -> None:
        """Watch no longer; the last one to do so ends the stream."""


class Feeds(Protocol):
    """Opens feeds; streams of the same address are shared."""

    def watch(self, url: str) -> Feed:
        """A feed of the stream at `url`; what is wrong with the address is told by the feed's view."""
