"""Which saved states of walls are shown by themselves: at times of the day, and while alarms stand."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.domain.wall import Matrix, Push, ScreenNumber, Wall, WallScreen
from controlroom.domain.wall_layout import LAYOUTS, alarm_screen

_Word = Annotated[str, Meta(min_length=1, max_length=200)]
_Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


SHIPPED = "house-"
"""What the ids of the program's own rules begin with; they are switched off, not removed."""


class Hours(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time of the day, from `begins` until before `ends`; over midnight where that is earlier.

    `days` are those on which it begins, 1 for Monday to 7; none are all.
    """

    begins: _Clock
    ends: _Clock
    days: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = ()

    def __contains__(self, at: datetime) -> bool:
        clock, today = at.strftime("%H:%M"), at.isoweekday()
        yesterday = (today - 2) % 7 + 1
        if self.begins < self.ends:
            return self.begins <= clock < self.ends and self._on(today)
        return (clock >= self.begins and self._on(today)) or (clock < self.ends and self._on(yesterday))

    def _on(self, day: int) -> bool:
        return not self.days or day in self.days


class AlarmWanted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which standing alarms a rule waits for; an empty part admits all. Places are looked for as a part."""

    at_least: Severity = Severity.BLUE
    kinds: Annotated[tuple[_Word, ...], Meta(max_length=50)] = ()
    places: Annotated[tuple[_Word, ...], Meta(max_length=50)] = ()

    def admits(self, alarm: Alarm) -> bool:
        """Whether an alarm stands in front of officers and is one of these."""
        return (
            alarm.active
            and alarm.aside is None
            and alarm.severity <= self.at_least
            and (not self.kinds or alarm.kind in self.kinds)
            and (not self.places or any(place in alarm.place for place in self.places))
        )


class WallRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shows a matrix, or on `screens` the cameras of standing alarms, while its hours and its alarm hold.

    Once they no longer do it goes on for `hold_s`. Raises ValueError for a rule that would always hold, or that shows
    nothing.
    """

    id: Annotated[str, Meta(min_length=1, max_length=80)]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    wall: _Word
    matrix: Annotated[str, Meta(max_length=200)] = ""
    screens: Annotated[tuple[ScreenNumber, ...], Meta(max_length=16)] = ()
    layout: Annotated[str, Meta(max_length=8)] = "9"
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
        if not self.matrix and (not self.screens or self.layout not in LAYOUTS):
            raise ValueError("a rule shows a matrix, or alarms on some screens in a known layout")


class RuleBook(Struct, frozen=True, kw_only=True):
    """A district's file of rules."""

    rule: tuple[WallRule, ...] = ()


def decode_rules(text: bytes) -> tuple[WallRule, ...]:
    """The rules of a TOML file. Raises msgspec.DecodeError."""
    return msgspec.toml.decode(text, type=RuleBook).rule


def holds(rule: WallRule, alarms: Iterable[Alarm], now: datetime, zone: tzinfo) -> bool:
    """Whether a rule's conditions are met at this moment."""
    if not rule.enabled or (rule.hours is not None and now.astimezone(zone) not in rule.hours):
        return False
    return rule.alarm is None or any(rule.alarm.admits(alarm) for alarm in alarms)


class Judged(NamedTuple):
    """The walls that look different now, and when each rule was met last."""

    walls: tuple[Wall, ...]
    met_at: Mapping[str, datetime]


def judged(
    walls: Mapping[str, Wall],
    rules: Mapping[str, WallRule],
    matrices: Mapping[str, Matrix],
    alarms: Collection[Alarm],
    met_at: Mapping[str, datetime],
    now: datetime,
    zone: tzinfo,
) -> Judged:
    """What becomes of the walls at `now`: leases that are over go, pushes of rules come and go.

    `met_at` is what the last look gave; a rule whose push lies on a wall without a time there is given its full hold.
    """
    meets = {rule.id for rule in rules.values() if holds(rule, alarms, now, zone)}
    met = {name: at for name, at in met_at.items() if name in rules} | dict.fromkeys(meets, now)
    pushed = {push.rule for wall in walls.values() for push in wall.pushes if push.rule in rules}
    for name in pushed - met.keys():
        met[name] = now
    going_on = {
        name
        for name, at in met.items()
        if rules[name].enabled and (name in meets or now - at < timedelta(seconds=rules[name].hold_s))
    }
    changed = []
    for wall in walls.values():
        after = _after(wall, [rules[name] for name in sorted(going_on)], meets, matrices, now)
        if after != wall:
            changed.append(after)
    return Judged(tuple(changed), {name: at for name, at in met.items() if name in going_on})


def _after(
    wall: Wall, going_on: list[WallRule], meets: set[str], matrices: Mapping[str, Matrix], now: datetime
) -> Wall:
    dismissed = tuple(name for name in wall.dismissed if name in meets)
    held = {push.rule: push for push in wall.pushes if push.rule}
    pushes = [push for push in wall.pushes if not push.rule and (push.until is None or push.until > now)]
    for rule in going_on:
        if rule.wall != wall.name or rule.id in wall.dismissed:
            continue
        screens = _screens(rule, matrices)
        before = held.get(rule.id)
        if before is None and rule.id not in meets:
            continue
        if before is not None and before.screens == screens:
            pushes.append(before)
        elif screens:
            pushes.append(Push(id=f"rule-{rule.id}", seat="", by=rule.name, at=now, screens=screens, rule=rule.id))
    identify_until = wall.identify_until if wall.identify_until is not None and wall.identify_until > now else None
    order = {push.id: place for place, push in enumerate(wall.pushes)}
    pushes.sort(key=lambda push: order.get(push.id, len(order)))
    return msgspec.structs.replace(wall, pushes=tuple(pushes), dismissed=dismissed, identify_until=identify_until)


def _screens(rule: WallRule, matrices: Mapping[str, Matrix]) -> tuple[WallScreen, ...]:
    if rule.matrix:
        matrix = matrices.get(rule.matrix)
        return matrix.screens if matrix is not None else ()
    return tuple(alarm_screen(number, rule.layout) for number in rule.screens)
