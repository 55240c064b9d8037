"""Rules by which cameras move by themselves: at times of the day, and while alarms stand."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.ptz_lease import PtzFigures
from controlroom.domain.times import Instant
from controlroom.domain.wall_rules import AlarmWanted, Hours

HOME = "home"
"""Stands for the camera's own home where a preset is named."""


class PtzRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sends a camera to a preset, or without a camera turns the nearest that can to the alarm's place.

    Once its hours and alarm no longer hold, and `hold_s` more, the camera goes to `back` where that is named. Raises
    ValueError for a rule that would always hold or that moves nothing.
    """

    id: Annotated[str, Meta(min_length=1, max_length=80)]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    camera: Annotated[str, Meta(max_length=200)] = ""
    preset: Annotated[str, Meta(max_length=64)] = ""
    back: Annotated[str, Meta(max_length=64)] = ""
    hours: Hours | None = None
    alarm: AlarmWanted | None = None
    hold_s: Annotated[int, Meta(ge=0, le=3600)] = 60
    enabled: bool = False
    by: str = ""
    at: Instant | None = None
    removed: bool = False

    def __post_init__(self) -> None:
        if self.hours is None and self.alarm is None:
            raise ValueError("a rule waits for a time of the day or for an alarm")
        if self.camera and not self.preset:
            raise ValueError("a rule that names a camera names the preset it goes to")
        if not self.camera and self.alarm is None:
            raise ValueError("a rule without a camera turns one to an alarm, so it waits for one")


class PtzBook(Struct, frozen=True, kw_only=True):
    """The file of figures and rules."""

    figures: PtzFigures = PtzFigures()
    rule: tuple[PtzRule, ...] = ()


def decode_book(text: bytes) -> PtzBook:
    """Figures and rules of a TOML file. Raises msgspec.DecodeError."""
    return msgspec.toml.decode(text, type=PtzBook)


def met(rule: PtzRule, alarms: Iterable[Alarm], now: datetime, zone: tzinfo) -> tuple[bool, Alarm | None]:
    """Whether a rule's conditions hold, and the newest alarm that it waited for."""
    if not rule.enabled or (rule.hours is not None and now.astimezone(zone) not in rule.hours):
        return False, None
    if rule.alarm is None:
        return True, None
    wanted = [alarm for alarm in alarms if rule.alarm.admits(alarm) and (rule.camera or alarm.point is not None)]
    newest = max(wanted, key=lambda alarm: (alarm.occurred_at, alarm.id), default=None)
    return newest is not None, newest
