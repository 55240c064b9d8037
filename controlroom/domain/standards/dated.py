"""Editions of a standard: which one was in force on a day, and where."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar


class Edition(Protocol):
    """What every edition tells of itself; its data say what else."""

    @property
    def name(self) -> str:
        """Standard and edition."""

    @property
    def in_force(self) -> date:
        """The first local day on which it holds."""

    @property
    def jurisdiction(self) -> str:
        """Where it holds: CN, or the code of an administrative division of which all below are a part."""


E = TypeVar("E", bound=Edition)


def in_force(editions: Sequence[E], day: date, jurisdiction: str = "CN") -> E:
    """The edition in force on a local day in a jurisdiction; days before the oldest are judged by the oldest.

    An edition of the division itself, or of one that it is a part of (110115 is a part of 11), comes before the
    national one. Raises ValueError when there is none at all.
    """
    national = sorted((e for e in editions if e.jurisdiction == "CN"), key=lambda e: e.in_force)
    local = sorted(
        (e for e in editions if e.jurisdiction != "CN" and jurisdiction.startswith(e.jurisdiction)),
        key=lambda e: (e.in_force, len(e.jurisdiction)),
    )
    if not local and not national:
        raise ValueError(f"no edition for {jurisdiction}")
    for candidates in (local, national):
        known = [e for e in candidates if e.in_force <= day]
        if known:
            return known[-1]
    return (national or local)[0]
