"""Everything that keeps alarms from calling, in one list: what, by whom, why, since and until when. No Qt in here."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from controlroom.bridge.names import Names
from controlroom.bridge.wording import aside_word, severity_word
from controlroom.domain import alarm_hold
from controlroom.domain.alarm import Alarm, AsideKind
from controlroom.domain.alarm_hold import HoldKind
from controlroom.domain.silence import Matcher, Silence
from controlroom.i18n import _

_COUNTED_MOST = 200_000
"""Comparisons of alarms with silences for one list at the most; beyond that nobody waits for the numbers."""


class Hold(enum.Enum):
    """In which way an alarm is kept from calling."""

    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"
    SILENCED = "silenced"
    MUTED = "muted"
    FLAPPING = "flapping"
    RULED = "ruled"
    """Told, but not raised yet: a delay runs, it was not told often enough, or something else must be so first."""


_OF_ASIDE = {
    AsideKind.SHELVED: Hold.SHELVED,
    AsideKind.SUPPRESSED: Hold.SUPPRESSED,
    AsideKind.OUT_OF_SERVICE: Hold.OUT_OF_SERVICE,
}


_BEFORE = (HoldKind.DELAYED, HoldKind.COUNTED, HoldKind.DISABLED)
"""What is no alarm yet; what is merged into another or stands on is one."""


class Suppression(Struct, frozen=True, kw_only=True):
    """One line: `id` is that of the alarm or of the silence; `ends` tells whether an officer can end it."""

    hold: Hold
    id: str
    what: str
    who: str
    why: str
    since: datetime
    until: datetime | None = None
    ends: bool = True

    @property
    def key(self) -> tuple[Hold, str]:
        """What names the line: one alarm may be held in two ways."""
        return self.hold, self.id


class Suppressions:
    """Follows the alarms that are held back and the silences. One thread owns it."""

    def __init__(self, names: Names | None = None) -> None:
        self._names = names or Names()
        self._held: dict[str, Alarm] = {}
        self._silences: tuple[Silence, ...] = ()
        self._holds: tuple[alarm_hold.Hold, ...] = ()
        self.version = 0
        """Moves with every change, so that a list knows whether it is of now."""

    def reset(
        self, alarms: Iterable[Alarm], silences: Iterable[Silence], holds: Iterable[alarm_hold.Hold] = ()
    ) -> None:
        """Hold exactly what these are held by."""
        self._holds = tuple(hold for hold in holds if hold.why in _BEFORE)
        self._held = {alarm.id: alarm for alarm in alarms if _is_held(alarm)}
        self._silences = tuple(silences)
        self.version += 1

    def change(self, alarms: Iterable[Alarm]) -> None:
        """Take in new states of alarms."""
        for alarm in alarms:
            if alarm.kept and _is_held(alarm):
                self._held[alarm.id] = alarm
                self.version += 1
            elif self._held.pop(alarm.id, None) is not None:
                self.version += 1

    def set_silences(self, silences: Iterable[Silence]) -> None:
        """The silences in force."""
        self._silences = tuple(silences)
        self.version += 1

    def set_holds(self, holds: Iterable[alarm_hold.Hold]) -> None:
        """What rules hold back."""
        self._holds = tuple(hold for hold in holds if hold.why in _BEFORE)
        self.version += 1

    @property
    def count(self) -> int:
        """How many alarms are held back, and silences on top."""
        return len(self._held) + len(self._silences) + len(self._holds)

    def lines(self, alarms: Mapping[str, Alarm]) -> list[Suppression]:
        """The lines, by kind, the oldest first; `alarms` are all that stand, to name parents and count matches."""
        lines = [self._silence(silence, alarms) for silence in self._silences]
        for alarm in self._held.values():
            lines += self._of(alarm, alarms)
        lines += [line for hold in self._holds if (line := _not_raised(hold)) is not None]
        kinds = list(Hold)
        return sorted(lines, key=lambda line: (kinds.index(line.hold), line.since, line.id))

    def _silence(self, silence: Silence, alarms: Mapping[str, Alarm]) -> Suppression:
        what = matcher_text(silence.matcher, self._names)
        if len(alarms) * len(self._silences) <= _COUNTED_MOST:
            count = sum(1 for alarm in alarms.values() if silence.matcher.matches(alarm))
            what = _("{what} ({count} alarms now)").format(what=what, count=count)
        return Suppression(
            hold=Hold.SILENCED,
            id=silence.id,
            what=what,
            who=f"{silence.by} · {silence.seat}",
            why=silence.reason,
            since=silence.at,
            until=silence.until,
        )

    def _of(self, alarm: Alarm, alarms: Mapping[str, Alarm]) -> list[Suppression]:
        what = f"{alarm.title} · {alarm.place}" if alarm.place else alarm.title
        lines = []
        aside = alarm.aside
        if aside is not None:
            hold = _OF_ASIDE[aside.kind]
            lines.append(
                Suppression(
                    hold=hold, id=alarm.id, what=what, who=aside.by, why=aside.reason, since=aside.at, until=aside.until
                )
            )
        if alarm.parent:
            parent = alarms.get(alarm.parent)
            why = _("muted by: {title}").format(title=alarm.parent if parent is None else parent.title)
            since = alarm.muted_at or alarm.changed_at
            lines.append(
                Suppression(hold=Hold.MUTED, id=alarm.id, what=what, who=_("rule"), why=why, since=since, ends=False)
            )
        flapping = alarm.flapping
        if flapping is not None:
            why = _("came and went {count} times").format(count=flapping.transitions)
            lines.append(
                Suppression(
                    hold=Hold.FLAPPING,
                    id=alarm.id,
                    what=what,
                    who=_("rule"),
                    why=why,
                    since=flapping.since,
                    ends=False,
                )
            )
        return lines


def _not_raised(hold: alarm_hold.Hold) -> Suppression | None:
    alarm = hold.alarm
    if alarm is None:
        return None
    why = {
        HoldKind.DELAYED: _("on-delay"),
        HoldKind.COUNTED: _("told {count} times, not often enough").format(count=len(hold.told)),
        HoldKind.DISABLED: _("what enables it is not so"),
    }[hold.why]
    return Suppression(
        hold=Hold.RULED,
        id=hold.id,
        what=f"{alarm.title} · {alarm.place}" if alarm.place else alarm.title,
        who=_("rule"),
        why=why,
        since=hold.at,
        until=hold.until,
        ends=False,
    )


def hold_word(hold: Hold) -> str:
    """In which way, in a word."""
    for kind, mapped in _OF_ASIDE.items():
        if mapped is hold:
            return aside_word(kind)
    return {
        Hold.SILENCED: _("Silenced"),
        Hold.MUTED: _("Muted"),
        Hold.FLAPPING: _("Flapping"),
        Hold.RULED: _("Not raised yet"),
    }[hold]


def matcher_text(matcher: Matcher, names: Names) -> str:
    """A matcher in words: 来源 物联网 · 类型 甲烷 · 地点含“礼贤”."""
    parts = []
    if matcher.severities:
        parts.append("/".join(severity_word(severity) for severity in sorted(matcher.severities)))
    if matcher.source:
        parts.append(_("source {name}").format(name=names.source(matcher.source)))
    if matcher.kind:
        parts.append(_("kind {name}").format(name=names.kind(matcher.kind)))
    if matcher.department:
        parts.append(matcher.department)
    if matcher.place:
        parts.append(_("place has “{text}”").format(text=matcher.place))
    if matcher.text:
        parts.append(_("text has “{text}”").format(text=matcher.text))
    return " · ".join(parts)


def _is_held(alarm: Alarm) -> bool:
    return alarm.aside is not None or bool(alarm.parent) or alarm.flapping is not None
