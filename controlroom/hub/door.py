"""The ingest door: decodes, checks and counts what sources hand in; bad input is refused and never stops it."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from controlroom.domain.events import Event
from controlroom.hub import envelope, telemetry
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.hub.source_watch import SourceWatch
from controlroom.wire import codec
from controlroom.wire.frames import Positions, Readings
from controlroom.wire.messages import (
    VERSION,
    Acknowledgement,
    AlarmRecord,
    ColumnsRecord,
    Handover,
    MovesRecord,
    PositionsRecord,
    ReadingsRecord,
    Record,
    Refusal,
    Refused,
    RefusedRecord,
    SensorsRecord,
    VehiclesRecord,
)

_log = logging.getLogger(__name__)

SESSIONS = 20_000
"""How many sessions' numbers are kept; the one that was heard of longest ago makes room."""

MAX_HANDOVER_BYTES = 16 * 1024 * 1024
"""A longer handover is refused unread; four times as long a frame ends its connection before it is here."""


@dataclass(slots=True)
class Taken:
    """What one handover led to. `events` are folded already, the acknowledgement waits for their commit."""

    acknowledgement: Acknowledgement
    json: bool = False
    events: list[Event] = field(default_factory=list)
    readings: list[Readings] = field(default_factory=list)
    positions: list[Positions] = field(default_factory=list)
    cursor: tuple[tuple[str, str], int] | None = None
    handover: Handover | None = None
    records: list[Record] = field(default_factory=list)
    unknown: tuple[str, ...] = ()
    """Of the record at hand: sensors with readings, or teams with places, that nobody declared."""


class Door:
    """Takes frames from the ingest socket. One thread owns an instance."""

    def __init__(self, core: Core, cursors: dict[tuple[str, str], int], watch: SourceWatch | None = None) -> None:
        self._core = core
        self._cursors = cursors
        self._forgotten: list[tuple[str, str]] = []
        self.watch = watch or SourceWatch(core)

    @property
    def refused(self) -> int:
        """How many messages and records were turned away since the hub started."""
        return self.watch.refused

    def take(self, frame: bytes, now: datetime) -> Taken:
        """Everything one frame leads to; never raises for what is in the frame."""
        json = codec.is_json(frame)
        if len(frame) > MAX_HANDOVER_BYTES:
            return self._turned_away(frame, json, Refusal.TOO_LARGE, f"{len(frame)} bytes are too many", now)
        try:
            handover = codec.handover(frame)
        except codec.MALFORMED as error:
            return self._turned_away(frame, json, Refusal.MALFORMED, str(error), now)
        refusal = self._admit(handover)
        if refusal is not None:
            told = refusal.refused[0]
            if told.code is Refusal.OUT_OF_ORDER:
                self.watch.seen(handover.source, now, handover.sent_at, 0)  # nothing is wrong with it: it comes again
            else:
                self.watch.refuse(handover.source, told.code, told.text, frame, now)
            return Taken(refusal, json)
        taken = self._records(handover, json, now)
        self.watch.seen(handover.source, now, handover.sent_at, taken.acknowledgement.accepted)
        return taken

    def _turned_away(self, frame: bytes, json: bool, code: Refusal, text: str, now: datetime) -> Taken:
        """A message that cannot be read; its number counts as dealt with, or its source could never go on after it."""
        sent = envelope.read(frame, json)
        if sent.version > VERSION:
            # What a newer version means cannot be read here, so its number does not count as dealt with.
            newer = _newer(sent.number, sent.version)
            self.watch.refuse(sent.source, Refusal.NEWER_VERSION, newer.refused[0].text, frame, now)
            return Taken(newer, json)
        self.watch.refuse(sent.source, code, text, frame, now)
        taken = Taken(_refusal(sent.number, code, text), json)
        key = (sent.source, sent.session)
        if sent.number and sent.number == self._cursors.get(key, 0) + 1:
            self._passed(key, sent.number)
            taken.cursor = key, sent.number
        return taken

    def look(self, now: datetime) -> list[Event]:
        """The sources whose health changed since the last look, as events; call about once a second."""
        return self.watch.look(now)

    def _admit(self, handover: Handover) -> Acknowledgement | None:
        if handover.v > VERSION:
            return _newer(handover.seq, handover.v)
        if handover.realm != self._core.realm:
            text = f"this hub serves {self._core.realm}, the message is for {handover.realm}"
            return _refusal(handover.seq, Refusal.WRONG_REALM, text)
        if handover.seq == 0:
            return None
        last = self._cursors.get((handover.source, handover.session), 0)
        if handover.seq > last + 1:
            return msgspec.structs.replace(
                _refusal(handover.seq, Refusal.OUT_OF_ORDER, f"{last + 1} comes next"), expected=last + 1
            )
        return None

    def _records(self, handover: Handover, json: bool, now: datetime) -> Taken:
        key = (handover.source, handover.session)
        if handover.seq and handover.seq <= self._cursors.get(key, 0):
            return Taken(Acknowledgement(seq=handover.seq, accepted=0, duplicate=True), json)
        taken = Taken(Acknowledgement(seq=handover.seq, accepted=0), json, handover=handover)
        decode = codec.record_json if json else codec.record
        refused: list[Refused] = []
        indices: list[int] = []
        for index, raw in enumerate(handover.records):
            taken.unknown = ()
            try:
                record = decode(raw)
                events = self._judged(handover, record, taken, now)
            except Refuse as refusal:
                told = Refused(code=refusal.code, text=refusal.text, index=index)
            except codec.MALFORMED as error:
                told = Refused(code=Refusal.MALFORMED, text=str(error), index=index)
            except Exception:  # noqa: BLE001  # a bug of ours: one that ended the thread would be met again at once
                _log.exception("a record of %s could not be taken", handover.source)
                told = Refused(code=Refusal.MALFORMED, text="the hub could not take this record", index=index)
            else:
                taken.events.extend(self._core.fold(events))
                indices.extend(self._indices(record))
                taken.records.append(record)
                if not taken.unknown:
                    continue
                # The readings of declared sensors were taken; of the others the source is told.
                noun = "team" if isinstance(record, MovesRecord) else "sensor"
                told = Refused(code=Refusal.UNKNOWN_OBJECT, text=_undeclared(taken.unknown, noun), index=index)
            refused.append(told)
            self.watch.refuse(handover.source, told.code, told.text, raw, now)
        if handover.seq:
            self._passed(key, handover.seq)
            taken.cursor = (key, handover.seq)
        taken.acknowledgement = Acknowledgement(
            seq=handover.seq, accepted=len(taken.records), refused=tuple(refused), indices=tuple(indices)
        )
        return taken

    def _judged(self, handover: Handover, record: Record, taken: Taken, now: datetime) -> list[Event]:
        """The events of a record, not folded yet; telemetry goes into `taken`. Raises Refuse."""
        if type(record) is AlarmRecord:
            return self._core.judged(handover.source, record, handover.crs, now)
        room = self._core.room
        if isinstance(record, ReadingsRecord):
            readings, taken.unknown = telemetry.readings_of(record, room, now)
            self.watch.unknown.note(handover.source, taken.unknown, now)
            if taken.unknown and not len(readings.index):
                raise Refuse(Refusal.UNKNOWN_OBJECT, _undeclared(taken.unknown))
            taken.readings.append(readings)
        elif isinstance(record, ColumnsRecord):
            taken.readings.append(telemetry.columns_of(record, room, now))
        elif isinstance(record, PositionsRecord):
            taken.positions.append(telemetry.positions_of(record, room, handover.crs, now))
        elif isinstance(record, MovesRecord):
            events, taken.unknown = self._core.moves(record, handover.crs, now)
            if taken.unknown and not events:
                raise Refuse(Refusal.UNKNOWN_OBJECT, _undeclared(taken.unknown, "team"))
            return events
        elif isinstance(record, RefusedRecord):
            self.watch.refused_there(handover.source, record, now)
        else:
            return self._core.judged(handover.source, record, handover.crs, now)
        return []

    def _indices(self, record: Record) -> list[int]:
        if isinstance(record, SensorsRecord):
            return [self._core.room.sensor_index[s.id] for s in record.sensors]
        if isinstance(record, VehiclesRecord):
            return [self._core.room.vehicle_index[v.id] for v in record.vehicles]
        return []

    def _passed(self, key: tuple[str, str], number: int) -> None:
        """Move a session's number on; sessions stay in the order in which they were last heard of."""
        self._cursors.pop(key, None)
        self._cursors[key] = number
        if len(self._cursors) > SESSIONS:
            oldest = next(iter(self._cursors))
            del self._cursors[oldest]
            self._forgotten.append(oldest)

    def forgotten(self) -> list[tuple[str, str]]:
        """The sessions that made room since the last call, for the store to forget too."""
        gone, self._forgotten = self._forgotten, []
        return [key for key in gone if key not in self._cursors]


def _undeclared(ids: tuple[str, ...], noun: str = "sensor") -> str:
    others = f" and {len(ids) - 1} others" if len(ids) > 1 else ""
    return f"no {noun} {ids[0]}{others} was declared"


def _newer(seq: int, version: int) -> Acknowledgement:
    text = f"message of version {version}, this hub knows {VERSION}; update the hub"
    return _refusal(seq, Refusal.NEWER_VERSION, text)


def _refusal(seq: int, code: Refusal, text: str) -> Acknowledgement:
    return Acknowledgement(seq=seq, accepted=0, refused=(Refused(code=code, text=text),))
