"""Turns what a seat hears into lines of the duty log, each thing once, also across reconnections; GUI thread."""

from collections.abc import Iterable
from datetime import datetime

from controlroom.bridge.models.duty_model import DutyKind, DutyLine
from controlroom.bridge.names import Names
from controlroom.bridge.wording import aside_word, due_text, entry_text, entry_word, owner_text, severity_word
from controlroom.domain.alarm import Alarm, AlarmState, Aside
from controlroom.domain.incident import Entry, EntryKind
from controlroom.domain.room import Room
from controlroom.domain.source import Source
from controlroom.i18n import _
from controlroom.seat.status import LinkState, LinkStatus

_REFUSALS_EVERY_S = 60.0


class DutyWatch:
    """Remembers what was already told. Each call returns the new lines."""

    def __init__(self, names: Names | None = None) -> None:
        self._names = names or Names()
        self._alarms: dict[str, Alarm] = {}
        self._told_entries: dict[str, int] = {}
        self._sources: dict[str, Source] = {}
        self._refused_at: dict[str, datetime] = {}
        self._link: LinkState | None = None

    def reset(self, room: Room, now: datetime) -> list[DutyLine]:
        """The whole room came anew: what is in it and was not told yet, and what went away unseen."""
        lines = self.alarms(room.alarms.values())
        for key in [key for key in self._alarms if key not in room.alarms]:
            gone = self._alarms.pop(key)
            text = _("{title}: normal again while the link was lost").format(title=_named(gone))
            lines.append(DutyLine(now, DutyKind.ALARM, self._names.source(gone.source), text))
        return lines + self.incidents(room, room.incidents) + self.sources(room.sources.values(), now)

    def alarms(self, alarms: Iterable[Alarm]) -> list[DutyLine]:
        """Alarms that changed."""
        lines = []
        for alarm in alarms:
            held = self._alarms.get(alarm.id)
            if alarm.kept:
                self._alarms[alarm.id] = alarm
            else:
                self._alarms.pop(alarm.id, None)
            source = self._names.source(alarm.source)
            lines += (
                _alarm_lines(held, alarm, source) + _condition_lines(held, alarm, source) + _desk_lines(held, alarm)
            )
        return lines

    def incidents(self, room: Room, incidents: Iterable[str]) -> list[DutyLine]:
        """Incidents whose timelines may have grown."""
        lines = []
        for key in incidents:
            entries = room.entries.get(key, [])
            told = self._told_entries.get(key, 0)
            held = room.incidents.get(key)
            title = held.title if held is not None else key
            lines += [_entry_line(title, entry) for entry in entries[told:]]
            self._told_entries[key] = len(entries)
        return lines

    def sources(self, sources: Iterable[Source], now: datetime) -> list[DutyLine]:
        """Sources that changed: gone silent, back, or turned away (at most one such line a minute and source)."""
        lines = []
        for source in sources:
            held = self._sources.get(source.id)
            self._sources[source.id] = source
            was_silent = held is not None and held.silent
            if source.silent and not was_silent:
                text = _("Source {source} is silent").format(source=self._names.source(source.id))
                lines.append(DutyLine(now, DutyKind.SOURCE, self._names.source(source.id), text))
            elif was_silent and not source.silent:
                text = _("Source {source} is back").format(source=self._names.source(source.id))
                lines.append(DutyLine(now, DutyKind.SOURCE, self._names.source(source.id), text))
            lines += self._refusals(held, source, now)
        return lines

    def link(self, status: LinkStatus) -> list[DutyLine]:
        """The state of the link; only loss and return are told."""
        if status.state is self._link or status.state not in (LinkState.LOST, LinkState.LIVE):
            return []  # late, or on its way back: neither lost nor live
        self._link = status.state
        text = _("Link to the hub lost") if status.state is LinkState.LOST else _("Link to the hub is live")
        return [DutyLine(status.since, DutyKind.LINK, "", text)]

    def _refusals(self, held: Source | None, source: Source, now: datetime) -> list[DutyLine]:
        if source.refused <= (held.refused if held is not None else 0):
            return []
        last = self._refused_at.get(source.id)
        if last is not None and (now - last).total_seconds() < _REFUSALS_EVERY_S:
            return []
        self._refused_at[source.id] = now
        text = _("Source {source}: {count} messages refused so far, last: {reason}").format(
            source=self._names.source(source.id), count=source.refused, reason=source.refusal
        )
        return [DutyLine(now, DutyKind.SOURCE, self._names.source(source.id), text)]


def _named(alarm: Alarm) -> str:
    named = f"{severity_word(alarm.severity)} {alarm.title}"
    return f"{named} · {alarm.place}" if alarm.place else named


def _desk_lines(held: Alarm | None, alarm: Alarm) -> list[DutyLine]:
    """Who has it, and what was written about it."""
    before, name = (held.owner if held is not None else None), _named(alarm)
    lines = []
    if alarm.owner is not None and (before is None or (before.by, before.seat) != (alarm.owner.by, alarm.owner.seat)):
        text = _("{title}: {owner} has it").format(title=name, owner=owner_text(alarm.owner))
        lines.append(DutyLine(alarm.owner.at, DutyKind.ALARM, alarm.owner.by, text))
    elif alarm.owner is None and before is not None and alarm.kept:
        text = _("{title}: {owner} does not have it any more").format(title=name, owner=owner_text(before))
        lines.append(DutyLine(alarm.changed_at, DutyKind.ALARM, before.by, text))
    for note in alarm.notes[len(held.notes) if held is not None else 0 :]:
        text = _("{title}: note: {text}").format(title=name, text=note.text)
        lines.append(DutyLine(note.at, DutyKind.ALARM, note.by, text))
    return lines


def _aside_line(alarm: Alarm, aside: Aside) -> DutyLine:
    text = _("{title}: {kind}, {reason}").format(title=_named(alarm), kind=aside_word(aside.kind), reason=aside.reason)
    if aside.until is not None:
        text = _("{text}, {left}").format(text=text, left=due_text(aside.until, aside.at))
    return DutyLine(aside.at, DutyKind.ALARM, aside.by, text)


def _condition_lines(held: Alarm | None, alarm: Alarm, source: str) -> list[DutyLine]:
    """What became of its condition beside being there or not: flapping, muted by its cause, latched, reset."""
    name, at = _named(alarm), alarm.changed_at
    told = []
    was_flapping = held is not None and held.flapping is not None
    if alarm.flapping is not None and not was_flapping:
        told.append(_("{title}: flaps").format(title=name))
    elif was_flapping and alarm.flapping is None:
        told.append(_("{title}: flaps no longer").format(title=name))
    if alarm.parent and (held is None or held.parent != alarm.parent):
        told.append(_("{title}: muted by its cause").format(title=name))
    elif held is not None and held.parent and not alarm.parent:
        told.append(_("{title}: its cause is over, it stands by itself").format(title=name))
    if alarm.state is AlarmState.LATCHED and (held is None or held.state is not AlarmState.LATCHED):
        told.append(_("{title}: over, to be reset").format(title=name))
    lines = [DutyLine(at, DutyKind.ALARM, source, text) for text in told]
    if alarm.reset_by and (held is None or held.reset_by != alarm.reset_by):
        lines.append(DutyLine(at, DutyKind.ALARM, alarm.reset_by, _("{title}: reset").format(title=name)))
    return lines


def _alarm_lines(held: Alarm | None, alarm: Alarm, source: str) -> list[DutyLine]:
    before = held.aside if held is not None else None
    if alarm.aside is not None:
        # What goes on underneath is for the journal; the log tells that nobody is called meanwhile, and why.
        return [_aside_line(alarm, alarm.aside)] if alarm.aside != before else []
    if before is not None:
        text = _("{title}: back, was set aside ({reason})").format(title=_named(alarm), reason=before.reason)
        return [DutyLine(alarm.changed_at, DutyKind.ALARM, source, text)]
    name = _named(alarm)
    lines = []
    is_new = held is None or held.state is AlarmState.RETURNED
    if alarm.active and (is_new or (held is not None and not held.waiting and alarm.waiting)):
        # A repeated raising of what already waits is counted on the alarm, not told here again.
        at = alarm.received_at if held is None else alarm.changed_at
        lines.append(DutyLine(at, DutyKind.ALARM, source, _("{title}: raised").format(title=name)))
    acknowledged_at = alarm.acknowledged_at
    if acknowledged_at is not None and (held is None or held.acknowledged_at != acknowledged_at):
        text = _("{title}: acknowledged").format(title=name)
        lines.append(DutyLine(acknowledged_at, DutyKind.ACKNOWLEDGEMENT, alarm.acknowledged_by, text))
    if alarm.state is AlarmState.RETURNED and (held is None or held.state is not AlarmState.RETURNED):
        at = alarm.returned_at or alarm.changed_at
        text = _("{title}: condition went away, unacknowledged").format(title=name)
        lines.append(DutyLine(at, DutyKind.ALARM, source, text))
    if alarm.state is AlarmState.NORMAL:
        text = _("{title}: normal again").format(title=name)
        lines.append(DutyLine(alarm.changed_at, DutyKind.ALARM, source, text))
    return lines


def _entry_line(title: str, entry: Entry) -> DutyLine:
    kind = DutyKind.TASK if entry.kind is EntryKind.TASK else DutyKind.INCIDENT
    text = f"{title} · {entry_word(entry.kind)} · {entry_text(entry)}"
    return DutyLine(entry.at, kind, entry.by, text)
