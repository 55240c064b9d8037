"""What an officer is told to do about an alarm: pieces of guidance inherited along area, kind and point.

A piece says to which alarms it belongs. Everything that fits is put together, the nearest first: what is written for
the point itself, then for its kind, then for its area, then for the whole district. Each line says where it is from.
"""

import enum
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity

Line = Annotated[str, Meta(min_length=1, max_length=400)]


class Nearness(enum.IntEnum):
    """How near to an alarm a piece of guidance was written."""

    POINT = 0
    KIND = 1
    AREA = 2
    DISTRICT = 3


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to call, by which number, and what for; a number `to_confirm` was not yet verified by the district."""

    who: Line
    number: Annotated[str, Meta(max_length=60)] = ""
    why: Annotated[str, Meta(max_length=400)] = ""
    to_confirm: bool = False

    @property
    def text(self) -> str:
        """In one line."""
        called = f"{self.who} {self.number}".rstrip()
        return f"{called}：{self.why}" if self.why else called


class Guidance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One piece. Of `points`, `kinds`, `areas` and `severities` all that are given must fit.

    `points` are ids of sensors, cameras or alarms and may hold * and ?; `areas` are parts of the place.
    `means`, `act` and `call` are what it says; `cameras` and `plots` ids of cameras and sensors to open, `near_plots`
    kinds of sensors whose nearest ones are to be drawn too.
    """

    points: tuple[Line, ...] = ()
    kinds: tuple[Line, ...] = ()
    areas: tuple[Line, ...] = ()
    severities: tuple[Severity, ...] = ()
    means: tuple[Line, ...] = ()
    act: tuple[Line, ...] = ()
    call: tuple[Contact, ...] = ()
    cameras: tuple[Line, ...] = ()
    plots: tuple[Line, ...] = ()
    near_plots: tuple[Line, ...] = ()

    def nearness(self, alarm: Alarm) -> Nearness | None:
        """How near this is to an alarm, or None when it does not fit."""
        if self.severities and alarm.severity not in self.severities:
            return None
        named = [name for name in (alarm.sensor, alarm.camera, alarm.id) if name]
        if self.points and not any(fnmatchcase(name, point) for name in named for point in self.points):
            return None
        if self.kinds and alarm.kind not in self.kinds:
            return None
        if self.areas and not any(area in alarm.place for area in self.areas):
            return None
        if self.points:
            return Nearness.POINT
        if self.kinds:
            return Nearness.KIND
        return Nearness.AREA if self.areas else Nearness.DISTRICT


class Told(Struct, frozen=True):
    """One line of advice and where it is from; `origin` is the point, kind or area that it was written for.

    `to_confirm`: it holds a number that the district has not verified yet.
    """

    text: str
    nearness: Nearness
    origin: str
    to_confirm: bool = False


class Advice(Struct, frozen=True, kw_only=True):
    """All that is said of an alarm, the nearest first, nothing twice."""

    means: tuple[Told, ...] = ()
    act: tuple[Told, ...] = ()
    call: tuple[Told, ...] = ()
    cameras: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    near_plots: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was written for it."""
        return not (self.means or self.act or self.call or self.cameras or self.plots or self.near_plots)


def advice(pieces: Iterable[Guidance], alarm: Alarm) -> Advice:
    """What the pieces say of an alarm."""
    fitting = [(near, piece) for piece in pieces if (near := piece.nearness(alarm)) is not None]
    fitting.sort(key=lambda found: found[0])
    return Advice(
        means=_lines(Told(text, near, _origin(near, p, alarm)) for near, p in fitting for text in p.means),
        act=_lines(Told(text, near, _origin(near, p, alarm)) for near, p in fitting for text in p.act),
        call=_lines(
            Told(contact.text, near, _origin(near, p, alarm), contact.to_confirm)
            for near, p in fitting
            for contact in p.call
        ),
        cameras=_ids(piece.cameras for _near, piece in fitting),
        plots=_ids(piece.plots for _near, piece in fitting),
        near_plots=_ids(piece.near_plots for _near, piece in fitting),
    )


def decode_guidance(text: bytes) -> tuple[Guidance, ...]:
    """The pieces of one file below `resources/data/guidance`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=_File).guidance


class _File(Struct, forbid_unknown_fields=True):
    edition: str
    guidance: tuple[Guidance, ...]


def _origin(nearness: Nearness, piece: Guidance, alarm: Alarm) -> str:
    if nearness is Nearness.POINT:
        return alarm.sensor or alarm.camera or alarm.id
    if nearness is Nearness.KIND:
        return alarm.kind
    return next((area for area in piece.areas if area in alarm.place), "")


def _lines(found: Iterable[Told]) -> tuple[Told, ...]:
    told: dict[str, Told] = {}
    for line in found:
        told.setdefault(line.text, line)
    return tuple(told.values())


def _ids(found: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in found for name in names))
