"""How a hub finds its state again: the last checkpoint and the journal after it."""

import logging
from pathlib import Path

from controlroom.domain.events import (
    AlarmChanged,
    AnnotationChanged,
    CamerasDeclared,
    DrillChanged,
    DutyChanged,
    EntryAdded,
    Event,
    IncidentChanged,
    SensorsDeclared,
    SilenceChanged,
    SourceChanged,
    TaskChanged,
    VehiclesDeclared,
    WallChanged,
)
from controlroom.domain.room import Room
from controlroom.errors import StoreFault
from controlroom.i18n import _
from controlroom.store.journal import Journal, Line
from controlroom.wire import codec

_log = logging.getLogger(__name__)


def restored(path: Path) -> tuple[Journal, Room, int]:
    """Open the journal (making it if absent) and rebuild the room; the number is the last checkpoint's sequence.

    Raises StoreFault, also for an event that cannot be read.
    """
    Journal(path).close()
    journal = Journal(path, read_only=True)
    try:
        room = _checkpointed(journal)
        saved = room.sequence
        for line in journal.read(saved + 1, journal.last_sequence()):
            room.apply(line.sequence, codec.event(line.body))
    except codec.MALFORMED as error:
        journal.close()
        raise StoreFault(
            "corrupt",
            _("The store {path} is damaged; move it aside and start again from a backup ({error}).").format(
                path=path, error=error
            ),
        ) from error
    except StoreFault:
        journal.close()
        raise
    return journal, room, saved


def _checkpointed(journal: Journal) -> Room:
    """The room of the last checkpoint; an empty one without it, since the journal alone holds everything."""
    room, saved = Room(), journal.checkpoint()
    if saved is not None:
        sequence, body = saved
        try:
            room.restore(sequence, (codec.event(raw) for raw in codec.raw_list(body)))
        except codec.MALFORMED as error:
            _log.warning("the checkpoint of %s is damaged, the whole journal is read instead: %s", journal.path, error)
            return Room()
    return room


def checkpoint(room: Room) -> tuple[int, bytes]:
    """The room as the journal saves it, with its sequence."""
    return room.sequence, codec.encode(list(room.snapshot()))


def line_of(sequence: int, at_ms: int, event: Event, body: bytes) -> Line:
    """The journal line of an event, with what it is looked up by."""
    match event:
        case AlarmChanged(alarm=alarm):
            return Line(sequence, at_ms, "alarm", alarm.id, body)
        case IncidentChanged(incident=incident):
            return Line(sequence, at_ms, "incident", incident.id, body)
        case EntryAdded(entry=entry):
            return Line(sequence, at_ms, "entry", entry.incident, body)
        case TaskChanged(task=task):
            return Line(sequence, at_ms, "task", task.incident, body)
        case SourceChanged(source=source):
            return Line(sequence, at_ms, "source", source.id, body)
        case WallChanged(wall=wall):
            return Line(sequence, at_ms, "wall", wall.name, body)
        case DrillChanged(drill=drill):
            return Line(sequence, at_ms, "drill", drill.id, body)
        case AnnotationChanged(annotation=annotation):
            return Line(sequence, at_ms, "annotation", annotation.id, body)
        case SilenceChanged(silence=silence):
            return Line(sequence, at_ms, "silence", silence.id, body)
        case DutyChanged(duty=duty):
            return Line(sequence, at_ms, "duty", duty.role, body)
        case SensorsDeclared():
            return Line(sequence, at_ms, "sensors", "", body)
        case CamerasDeclared():
            return Line(sequence, at_ms, "cameras", "", body)
        case VehiclesDeclared():
            return Line(sequence, at_ms, "vehicles", "", body)
