"""What belongs together with an alarm, and what rules made of it, in words. No Qt in here."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import Struct

from controlroom.bridge.names import Names
from controlroom.bridge.wording import age_text, severity_word, time_text
from controlroom.domain.alarm import Alarm
from controlroom.i18n import _

_CHILDREN_MOST = 200
"""Children that are listed; the others are counted."""


class Family(Struct, frozen=True):
    """The alarm that mutes one, if any, and those that it mutes: the worst first, at most some, and how many in all."""

    parent: Alarm | None = None
    children: tuple[Alarm, ...] = ()
    count: int = 0


ALONE = Family()


def family_of(alarm: Alarm, alarms: Mapping[str, Alarm]) -> Family:
    """The family of an alarm among those that stand."""
    # Who mutes others has a cause, so that the thousands that mute nobody are not asked for their children.
    under = [other for other in alarms.values() if other.parent == alarm.id] if alarm.cause else []
    under.sort(key=lambda other: (not other.active, other.severity, other.received_at))
    return Family(alarms.get(alarm.parent), tuple(under[:_CHILDREN_MOST]), len(under))


def condition_lines(alarm: Alarm, now: datetime, names: Names, zone: tzinfo | None = None) -> list[str]:
    """What an officer must know of the alarm's condition beside that it holds: flapping, latching, sources, group."""
    lines = []
    flapping = alarm.flapping
    if flapping is not None:
        since, age = time_text(flapping.since, now, zone), age_text((now - flapping.since).total_seconds())
        words = _("≈ Flapping since {time} ({age}): changed sides {count} times")
        lines.append(words.format(time=since, age=age, count=flapping.transitions))
    if alarm.latching:
        lines.append(_("Latching: it stands until it was acknowledged, is over and was reset"))
    if alarm.also_from:
        sources = _(", ").join(names.source(source) for source in alarm.also_from)
        lines.append(_("Also told by {sources}").format(sources=sources))
    if alarm.last_told_at is not None:
        age = age_text((now - alarm.last_told_at).total_seconds())
        lines.append(_("Told again {age}, {count} times in all").format(age=age, count=alarm.count))
    if alarm.told_severity is not None:
        lines.append(
            _("Told as {severity}; a rule made another of it").format(severity=severity_word(alarm.told_severity))
        )
    if alarm.cause:
        words = _("Group: {cause}, this was the first") if alarm.first_out else _("Group: {cause}")
        lines.append(words.format(cause=alarm.cause))
    return lines
