"""How a hub finds its state again: the last checkpoint and the journal after it.

A store that is damaged is kept aside and what can be read of it begins a new one, which the hub tells as an alarm.
"""

import logging
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from controlroom.domain.events import (
    AlarmChanged,
    AlarmHeld,
    AnnotationChanged,
    AssetsDeclared,
    AssetsMoved,
    CameraGroupChanged,
    CamerasDeclared,
    DrillChanged,
    DutyChanged,
    EntryAdded,
    Event,
    FenceChanged,
    FloodChanged,
    GraphicChanged,
    HandoverChanged,
    HoldEnded,
    IncidentChanged,
    LimitsInForceChanged,
    MatrixChanged,
    PicturesLooked,
    PresetPictured,
    PtzActed,
    PtzLeaseChanged,
    PtzRuleChanged,
    PtzUnitChanged,
    PublishedAnswerChanged,
    SeatChanged,
    SensorsDeclared,
    SilenceChanged,
    SourceChanged,
    TaskChanged,
    TourChanged,
    ValueSnapshotChanged,
    VehiclesDeclared,
    WallChanged,
    WallRuleChanged,
)
from controlroom.domain.ptz_state import kept_as
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.errors import StoreFault
from controlroom.i18n import _, _n
from controlroom.store.journal import Batch, Journal, Letter, Line, damaged
from controlroom.store.salvage import Salvage, is_damage, salvage, suspect
from controlroom.wire import codec
from controlroom.wire.messages import AlarmRecord

_log = logging.getLogger(__name__)

_decode_marked = msgspec.msgpack.Decoder(tuple[int, bytes]).decode


class Opened(NamedTuple):
    """What a hub begins with. `salvaged` tells of a store that had to be replaced."""

    journal: Journal
    room: Room
    saved_at: int
    cursors: dict[tuple[str, str], int]
    answers: dict[str, tuple[int, bytes]]
    letters: list[Letter]
    salvaged: Salvage | None = None


def opened(path: Path, now: datetime) -> Opened:
    """Open the store, making it if absent and replacing it if it is damaged. Raises StoreFault."""
    if not suspect(path).exists():
        try:
            return _read(path, None)
        except StoreFault as told:
            if not is_damage(told):
                raise
            _log.info("%s", told.sentence)
    saved = salvage(path, now, _readable)
    _rebuild(path, [saved.checkpoint, _marked(path)])
    suspect(path).unlink(missing_ok=True)
    _log.warning("%s", _salvaged_sentence(saved))
    return _read(path, saved)


def salvage_record(saved: Salvage, now: datetime) -> AlarmRecord:
    """The alarm by which the hub tells of a store that was replaced."""
    return AlarmRecord(
        key="store/damaged",
        severity=Severity.ORANGE,
        title=_("The store of the hub was damaged and has been replaced"),
        text=_salvaged_sentence(saved),
        occurred_at=now,
    )


def _salvaged_sentence(saved: Salvage) -> str:
    if not saved.read:
        return _("The store was damaged beyond reading and is kept as {path}. Have the disk checked.").format(
            path=saved.aside
        )
    read = _n("{count} event was read from it", "{count} events were read from it", saved.read).format(count=saved.read)
    lost = _n("{count} is missing", "{count} are missing", saved.lost).format(count=saved.lost)
    return _("The store was damaged and is kept as {path}; {read}, {lost}. Have the disk checked.").format(
        path=saved.aside, read=read, lost=lost
    )


def _read(path: Path, saved: Salvage | None) -> Opened:
    journal, room, saved_at = restored(path)
    try:
        return Opened(journal, room, saved_at, journal.cursors(), journal.answers(), journal.letters(), saved)
    except StoreFault:
        journal.close()
        raise


def _readable(body: bytes) -> bool:
    try:
        codec.event(body)
    except codec.MALFORMED:
        return False
    return True


def marked(room: Room) -> bytes:
    """The state as `salvage.mark` takes it."""
    return codec.encode(checkpoint(room))


def _marked(path: Path) -> tuple[int, bytes] | None:
    """The state that a hub left behind when it met the damage."""
    try:
        state = suspect(path).read_bytes()
        return _decode_marked(state) if state else None
    except (OSError, *codec.MALFORMED) as error:
        _log.info("no state was left behind: %s", error)
        return None


def _rebuild(path: Path, states: list[tuple[int, bytes] | None]) -> None:
    """Fold what was read, holes and all, onto the newest readable state; save it for the next start to begin with."""
    journal = Journal(path)
    try:
        room, held, begin = Room(), list[Event](), 0
        for state in states:
            try:
                if state is not None and int(state[0]) >= begin:
                    held = [codec.event(raw) for raw in codec.raw_list(state[1])]
                    begin = int(state[0])
            except (*codec.MALFORMED, TypeError) as error:
                _log.info("the checkpoint cannot be read either: %s", error)
        last = max(begin, journal.last_sequence())
        later = (codec.event(line.body) for line in journal.read(begin + 1, last))
        room.restore(last, chain(held, later))
        journal.commit([Batch(checkpoint=checkpoint(room))])
    finally:
        journal.close()


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
        raise damaged(path, error) from error
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


def standing(room: Room) -> tuple[int, bytes]:
    """The alarms that stand in a room as the journal keeps them now and then, with the room's sequence."""
    return room.sequence, codec.encode([AlarmChanged(alarm) for alarm in room.alarms.values()])


def line_of(sequence: int, at_ms: int, event: Event, body: bytes) -> Line:
    """The journal line of an event, with what it is looked up by."""
    match event:
        case AlarmChanged(alarm=alarm):
            return Line(sequence, at_ms, "alarm", alarm.id, body)
        case AlarmHeld(hold=hold):
            return Line(sequence, at_ms, "hold", hold.id, body)
        case HoldEnded(alarm=identity):
            return Line(sequence, at_ms, "hold", identity, body)
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
        case MatrixChanged(matrix=matrix):
            return Line(sequence, at_ms, "matrix", matrix.id, body)
        case WallRuleChanged(rule=rule):
            return Line(sequence, at_ms, "wall_rule", rule.id, body)
        case PtzUnitChanged() | PtzLeaseChanged() | PtzActed() | PtzRuleChanged() | PresetPictured():
            return Line(sequence, at_ms, *kept_as(event), body)
        case TourChanged(tour=tour):
            return Line(sequence, at_ms, "tour", tour.id, body)
        case DrillChanged(drill=drill):
            return Line(sequence, at_ms, "drill", drill.id, body)
        case AnnotationChanged(annotation=annotation):
            return Line(sequence, at_ms, "annotation", annotation.id, body)
        case FenceChanged(fence=fence):
            return Line(sequence, at_ms, "fence", fence.id, body)
        case LimitsInForceChanged(limits=limits):
            return Line(sequence, at_ms, "limits_in_force", limits.id, body)
        case GraphicChanged(graphic=graphic):
            return Line(sequence, at_ms, "graphic", graphic.id, body)
        case PublishedAnswerChanged(answer=answer):
            return Line(sequence, at_ms, "published_answer", answer.id, body)
        case ValueSnapshotChanged(snapshot=snapshot):
            return Line(sequence, at_ms, "value_snapshot", snapshot.id, body)
        case CameraGroupChanged(group=group):
            return Line(sequence, at_ms, "camera_group", group.id, body)
        case SilenceChanged(silence=silence):
            return Line(sequence, at_ms, "silence", silence.id, body)
        case DutyChanged(duty=duty):
            return Line(sequence, at_ms, "duty", duty.role, body)
        case PicturesLooked(looks=looks):
            return Line(sequence, at_ms, "look", looks[0].camera if looks else "", body)
        case SensorsDeclared() | CamerasDeclared() | VehiclesDeclared() | AssetsDeclared() | AssetsMoved():
            return Line(sequence, at_ms, str(type(event).__struct_config__.tag), "", body)
        case SeatChanged(seat=seat):
            return Line(sequence, at_ms, "seat", seat.name, body)
        case HandoverChanged(handover=handover):
            return Line(sequence, at_ms, "handover", handover.giver, body)
        case FloodChanged(flood=flood):
            return Line(sequence, at_ms, "flood", flood.view, body)
