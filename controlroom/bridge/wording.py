"""The words of ages, times, severities and states, for models and widgets alike: 3 分 12 秒前, 红色 Ⅰ级."""

from datetime import datetime, tzinfo

from controlroom.bridge.names import Names
from controlroom.domain.alarm import Alarm, AlarmState, AsideKind, Owner
from controlroom.domain.incident import Entry, EntryKind, TaskStatus
from controlroom.domain.severity import Severity
from controlroom.i18n import N_, _

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400
_COLOURS = (N_("Red"), N_("Orange"), N_("Yellow"), N_("Blue"))
_STATES = {
    AlarmState.UNACKNOWLEDGED: N_("Unacknowledged"),
    AlarmState.ACKNOWLEDGED: N_("Acknowledged"),
    AlarmState.RETURNED: N_("Returned, unacknowledged"),
    AlarmState.LATCHED: N_("Latched, to be reset"),
    AlarmState.NORMAL: N_("Normal"),
}


def span_text(span_s: float) -> str:
    """A length of time in its two largest units; the sign is dropped."""
    seconds = int(abs(span_s))
    if seconds < _MINUTE:
        return _("{seconds:d} s").format(seconds=seconds)
    if seconds < _HOUR:
        return _("{minutes} min {seconds:02d} s").format(minutes=seconds // _MINUTE, seconds=seconds % _MINUTE)
    if seconds < _DAY:
        return _("{hours} h {minutes:02d} min").format(hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
    return _("{days} d {hours} h").format(days=seconds // _DAY, hours=seconds % _DAY // _HOUR)


def age_text(age_s: float) -> str:
    """How long ago something was; a time ahead of ours (a clock that is wrong) is said to be ahead."""
    if age_s <= -1.0:
        return _("{span} ahead").format(span=span_text(age_s))
    return _("{span} ago").format(span=span_text(max(age_s, 0.0)))


def due_text(due: datetime, now: datetime) -> str:
    """How much time is left until `due`, or by how much it was missed."""
    left_s = (due - now).total_seconds()
    if left_s < 0:
        return _("overdue by {span}").format(span=span_text(left_s))
    return _("{span} left").format(span=span_text(left_s))


def clock_text(at: datetime, zone: tzinfo | None = None) -> str:
    """The time of the day to the second, in `zone` or in the machine's own."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def moment_text(at: datetime, zone: tzinfo) -> str:
    """The day and the time to the second, as files and pictures carry it."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def time_text(at: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """The time of the day, with the date before it when that is not the day of `now`."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    if local.year == today.year:
        return f"{local:%m-%d %H:%M:%S}"
    return f"{local:%Y-%m-%d %H:%M:%S}"


def severity_colour_word(severity: Severity) -> str:
    """The colour as people say it: 红色, 橙色, 黄色, 蓝色."""
    return _(_COLOURS[severity - 1])


def severity_word(severity: Severity) -> str:
    """The colour and the level as people say it: 红色 Ⅰ级."""
    return _("{colour} level {numeral}").format(colour=severity_colour_word(severity), numeral=severity.numeral)


def state_word(state: AlarmState) -> str:
    """Where an alarm stands, in a word or two."""
    return _(_STATES[state])


def aside_word(kind: AsideKind) -> str:
    """In which way an alarm is set aside, in a word."""
    return {
        AsideKind.SHELVED: _("Shelved"),
        AsideKind.SUPPRESSED: _("Suppressed by design"),
        AsideKind.OUT_OF_SERVICE: _("Out of service"),
    }[kind]


def standing_word(alarm: Alarm) -> str:
    """Where an alarm stands, and whether it is set aside, muted or flapping."""
    words = [] if alarm.aside is None else [aside_word(alarm.aside.kind)]
    words += [_("Muted")] if alarm.parent else []
    words += [_("Flapping ×{count}").format(count=alarm.flapping.transitions)] if alarm.flapping is not None else []
    return " · ".join((*words, state_word(alarm.state)))


def tags_text(alarm: Alarm) -> str:
    """The tags of an alarm as people write them, and as the filter finds them: #防汛 #重点."""
    return " ".join(f"#{tag}" for tag in alarm.tags)


def owner_text(owner: Owner) -> str:
    """Who has an alarm, and at which seat."""
    return f"{owner.by} · {owner.seat}"


def escalation_text(alarm: Alarm, names: Names, now: datetime) -> str:
    """Whom an alarm that nobody took was brought to, and how long ago: 值班长 一组值班长 · 1 分 12 秒."""
    escalation = alarm.escalation
    if escalation is None:
        return ""
    called = _("/").join(escalation.officers) or _("nobody on duty")
    who = f"{names.role(escalation.role)} {called}"
    return f"{who} · {span_text((now - escalation.at).total_seconds())}"


def holder_text(alarm: Alarm, names: Names, now: datetime, untaken_s: float) -> str:
    """Who has an alarm and since when; while nobody has it, whom it was brought to, or how long nobody took it."""
    if alarm.owner is not None:
        return f"{owner_text(alarm.owner)} · {span_text((now - alarm.owner.at).total_seconds())}"
    if alarm.escalation is not None:
        return f"↑ {names.role(alarm.escalation.role)} · {span_text((now - alarm.escalation.at).total_seconds())}"
    waited_s = (now - alarm.received_at).total_seconds()
    if waited_s >= untaken_s and alarm.active and alarm.aside is None and not alarm.parent:
        return _("nobody for {span}").format(span=span_text(waited_s))
    return ""


def task_word(status: TaskStatus) -> str:
    """Where a department stands with a task, in a word."""
    return {
        TaskStatus.ASSIGNED: _("Assigned"),
        TaskStatus.ACCEPTED: _("Accepted"),
        TaskStatus.DONE: _("Done"),
        TaskStatus.CANCELLED: _("Cancelled"),
    }[status]


def entry_word(kind: EntryKind) -> str:
    """What a line of an incident's timeline tells, in a word."""
    return {
        EntryKind.OPENED: _("Opened"),
        EntryKind.NOTE: _("Note"),
        EntryKind.ALARM: _("Alarm"),
        EntryKind.TASK: _("Task"),
        EntryKind.GRAPHIC: _("Plotting"),
        EntryKind.CLOSED: _("Closed"),
    }[kind]


def entry_text(entry: Entry) -> str:
    """What a line of the timeline says; the hub names a task's new status by its code in square brackets."""
    if entry.kind is not EntryKind.TASK:
        return entry.text
    text = entry.text
    for status in TaskStatus:
        text = text.replace(f"[{status}]", f"[{task_word(status)}]", 1)
    return text
