"""The ingest door: decodes, checks and counts what sources hand in; bad input is refused and never stops it."""

import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from controlroom.domain.events import Event, SourceChanged
from controlroom.domain.source import Source
from controlroom.hub import telemetry
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire import codec
from controlroom.wire.frames import Positions, Readings
from controlroom.wire.messages import (
    VERSION,
    Acknowledgement,
    ColumnsRecord,
    Handover,
    PositionsRecord,
    ReadingsRecord,
    Record,
    Refusal,
    Refused,
    SensorsRecord,
    VehiclesRecord,
)

_log = logging.getLogger(__name__)

SKEWED_S = 5.0
"""A source whose clock is further off than this is flagged."""

SILENT_S = 15.0
"""A source that was heard and then says nothing for this long is shown as silent."""

JUMP_S = 60.0
"""Two looks, a second apart, never differ by more than this unless the clock was set (a drill runs at 32 to 1)."""

SOURCES = 2000
"""How many sources are told apart."""

SESSIONS = 20_000
"""How many sessions' numbers are kept; the one that was heard of longest ago makes room."""

DEAD_LETTERS = 200
"""How many refused messages are kept for looking at."""


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


@dataclass(slots=True)
class _Known:
    """What the door remembers of a source between two looks."""

    seen_at: datetime
    refused: int = 0
    refusal: str = ""
    skew_s: float = 0.0


class Door:
    """Takes frames from the ingest socket. One thread owns an instance."""

    def __init__(self, core: Core, cursors: dict[tuple[str, str], int]) -> None:
        self._core = core
        self._cursors = cursors
        self._forgotten: list[tuple[str, str]] = []
        # Sources of an earlier run are known, so that one which never comes back is told as silent.
        self._looked_at: datetime | None = None
        self._known = {
            held.id: _Known(held.seen_at, held.refused, held.refusal, held.skew_s)
            for held in list(core.room.sources.values())[-SOURCES:]
        }
        self.refused = 0
        self.dead_letters: deque[tuple[datetime, str, bytes]] = deque(maxlen=DEAD_LETTERS)

    def take(self, frame: bytes, now: datetime) -> Taken:
        """Everything one frame leads to; never raises for what is in the frame."""
        json = codec.is_json(frame)
        try:
            handover = codec.handover(frame)
        except codec.MALFORMED as error:
            source, version = _sender(frame), _field(frame, "v")
            if isinstance(version, int) and version > VERSION:
                # What a newer version means cannot be read here, so its number does not count as dealt with.
                newer = _newer(_number(frame), version)
                self._refuse(source, frame, newer.refused[0].text, now)
                return Taken(newer, json)
            self._refuse(source, frame, f"{error}", now)
            taken = Taken(_refusal(_number(frame), Refusal.MALFORMED, str(error)), json)
            taken.cursor = self._passed_over(source, frame)
            return taken
        refusal = self._admit(handover)
        if refusal is not None:
            self._refuse(handover.source, frame, refusal.refused[0].text, now)
            return Taken(refusal, json)
        self._seen(handover, now)
        return self._records(handover, frame, json, now)

    def look(self, now: datetime) -> list[Event]:
        """The sources whose health changed since the last look, as events; call about once a second."""
        self._follow_clock(now)
        events: list[Event] = []
        for identity, known in self._known.items():
            held = self._core.room.sources.get(identity)
            skew = known.skew_s if abs(known.skew_s) > SKEWED_S else 0.0
            silent = (now - known.seen_at).total_seconds() > SILENT_S
            if held is not None and (held.refused, held.silent, held.skew_s != 0.0) == (
                known.refused,
                silent,
                skew != 0.0,
            ):
                continue
            told = Source(
                id=identity,
                seen_at=known.seen_at,
                silent=silent,
                refused=known.refused,
                refusal=known.refusal,
                skew_s=round(skew, 1),
            )
            events.append(SourceChanged(told))
        return self._core.fold(events)

    def _follow_clock(self, now: datetime) -> None:
        """A clock that was set, or a hub that was away, makes no source silent: each gets its time anew."""
        step = None if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        if step is None or not timedelta(0) <= step <= timedelta(seconds=JUMP_S):
            for known in self._known.values():
                known.seen_at = now

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

    def _records(self, handover: Handover, frame: bytes, json: bool, now: datetime) -> Taken:
        key = (handover.source, handover.session)
        if handover.seq and handover.seq <= self._cursors.get(key, 0):
            return Taken(Acknowledgement(seq=handover.seq, accepted=0, duplicate=True), json)
        taken = Taken(Acknowledgement(seq=handover.seq, accepted=0), json, handover=handover)
        refused: list[Refused] = []
        indices: list[int] = []
        for index, raw in enumerate(handover.records):
            try:
                record = codec.record(raw, json)
                events = self._judged(handover, record, taken, now)
            except Refuse as refusal:
                refused.append(Refused(code=refusal.code, text=refusal.text, index=index))
            except codec.MALFORMED as error:
                refused.append(Refused(code=Refusal.MALFORMED, text=str(error), index=index))
            except Exception:  # noqa: BLE001  # a bug of ours: one that ended the thread would be met again at once
                _log.exception("a record of %s could not be taken", handover.source)
                refused.append(Refused(code=Refusal.MALFORMED, text="the hub could not take this record", index=index))
            else:
                taken.events.extend(self._core.fold(events))
                indices.extend(self._indices(record))
                taken.records.append(record)
        if refused:
            self._refuse(handover.source, frame, refused[0].text, now, len(refused))
        if handover.seq:
            self._passed(key, handover.seq)
            taken.cursor = (key, handover.seq)
        taken.acknowledgement = Acknowledgement(
            seq=handover.seq, accepted=len(taken.records), refused=tuple(refused), indices=tuple(indices)
        )
        return taken

    def _judged(self, handover: Handover, record: Record, taken: Taken, now: datetime) -> list[Event]:
        """The events of a record, not folded yet; telemetry goes into `taken`. Raises Refuse."""
        room = self._core.room
        if isinstance(record, ReadingsRecord):
            taken.readings.append(telemetry.readings_of(record, room, now))
        elif isinstance(record, ColumnsRecord):
            taken.readings.append(telemetry.columns_of(record, room, now))
        elif isinstance(record, PositionsRecord):
            taken.positions.append(telemetry.positions_of(record, room, handover.crs, now))
        else:
            return self._core.judged(handover.source, record, handover.crs, now)
        return []

    def _indices(self, record: Record) -> list[int]:
        if isinstance(record, SensorsRecord):
            return [self._core.room.sensor_index[s.id] for s in record.sensors]
        if isinstance(record, VehiclesRecord):
            return [self._core.room.vehicle_index[v.id] for v in record.vehicles]
        return []

    def _seen(self, handover: Handover, now: datetime) -> None:
        known = self._remember(handover.source, now)
        if handover.sent_at is not None:
            known.skew_s = (handover.sent_at - now).total_seconds()

    def _remember(self, source: str, now: datetime) -> _Known:
        """What is known of a source; a flood of invented names is counted as one, named "?"."""
        if source not in self._known and len(self._known) >= SOURCES:
            source = "?"
        known = self._known.setdefault(source, _Known(now))
        known.seen_at = now
        return known

    def _passed_over(self, source: str, frame: bytes) -> tuple[tuple[str, str], int] | None:
        """The number of a malformed message counts as dealt with, or its source could never go on after it."""
        session, number = _field(frame, "session"), _number(frame)
        key = (source, session if isinstance(session, str) else "")
        if not number or number != self._cursors.get(key, 0) + 1:
            return None
        self._passed(key, number)
        return key, number

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

    def _refuse(self, source: str, frame: bytes, why: str, now: datetime, count: int = 1) -> None:
        self.refused += count
        self.dead_letters.append((now, source, frame[:2000]))
        known = self._remember(source, now)
        known.refused += count
        known.refusal = why[:200]
        _log.info("refused from %r: %s", source, why)


def _newer(seq: int, version: int) -> Acknowledgement:
    text = f"message of version {version}, this hub knows {VERSION}; update the hub"
    return _refusal(seq, Refusal.NEWER_VERSION, text)


def _refusal(seq: int, code: Refusal, text: str) -> Acknowledgement:
    return Acknowledgement(seq=seq, accepted=0, refused=(Refused(code=code, text=text),))


def _field(frame: bytes, name: str) -> object:
    try:
        loose = codec.loose(frame)
    except codec.MALFORMED:
        return None
    return loose.get(name) if isinstance(loose, dict) else None


def _sender(frame: bytes) -> str:
    """Who sent a malformed frame, as far as it can be read."""
    source = _field(frame, "source")
    return source[:200] if isinstance(source, str) and source else "?"


def _number(frame: bytes) -> int:
    """The number of a malformed frame, so that its sender can tell which one was refused."""
    number = _field(frame, "seq")
    return number if isinstance(number, int) and 0 <= number < 2**63 else 0
