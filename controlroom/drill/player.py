"""Plays a recording into a drill hub through its public sockets, as any source would.

One thread: it declares the state in which the recording begins, hands in what the playhead reaches, and obeys the
officers, whose commands it hears from the hub's event stream. Commands in the recording are not played.
"""

import logging
import threading
from collections.abc import Iterator
from itertools import groupby

import numpy as np
import zmq
from numpy.typing import NDArray

from controlroom.clock import Clock
from controlroom.domain.drill import Drill, Transport
from controlroom.domain.events import DrillChanged
from controlroom.domain.times import from_ms
from controlroom.drill.entry import Channel, Entry, indices_of, record_of
from controlroom.drill.ingest import Ingest
from controlroom.drill.opening import SOURCE, opening_records, sensors_by_index
from controlroom.drill.recording import Recording
from controlroom.drill.transport import Cue, Playhead
from controlroom.errors import EnvironmentFault
from controlroom.wire import codec, frames, sockets
from controlroom.wire.frames import Kind
from controlroom.wire.messages import (
    VERSION,
    Acknowledgement,
    ColumnsRecord,
    Crs,
    PlaybackRecord,
    Record,
    SensorsRecord,
)

_log = logging.getLogger(__name__)

PLAYER = "player"
"""The source name of the player itself."""

TELL_S = 1.0
TURN_MS = 20
TURN_ENTRIES = 1000
HANDOVER_RECORDS = 500

_UNKNOWN = np.iinfo(np.uint32).max


class Player:
    """A running playback. `start` and `close` belong to the owner; `recording` is read by the player's thread."""

    def __init__(
        self,
        recording: Recording,
        *,
        realm: str,
        ingest: str,
        events: str,
        clock: Clock,
        playing: bool = True,
        speed: float = 1.0,
    ) -> None:
        self.fault = ""
        self.played = 0
        self.skipped = 0
        self._recording = recording
        self._realm = realm
        self._ingest_address = ingest
        self._events_address = events
        self._clock = clock
        info = recording.info
        start = clock.monotonic()
        self._playhead = Playhead(info.begin_ms, info.end_ms, float(info.begin_ms), start, speed, playing)
        self._index: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._unlearnt: list[tuple[SensorsRecord, tuple[int, ...]]] = []
        self._learning = 0
        self._closing = threading.Event()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drill player")

    @property
    def finished(self) -> bool:
        """Whether the thread has ended: closed, or `fault` says why."""
        return self._finished.is_set()

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def close(self) -> None:
        """End the playback, wherever it stands."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    # ------------------------------------------------------------ the player's thread

    def _run(self) -> None:
        self._ingest = Ingest(self._ingest_address, self._realm, self._clock)
        context = sockets.Context()
        heard = sockets.client(context, zmq.SUB, None, None)
        heard.setsockopt(zmq.SUBSCRIBE, bytes([Kind.EVENT, VERSION]) + b"drill\0")
        heard.connect(self._events_address)
        try:
            self._open()
            self._play(heard)
        except EnvironmentFault as fault:
            self.fault = fault.sentence
            _log.info("the playback ended: %s", fault.sentence)
        finally:
            self._ingest.close()
            context.destroy(linger=0)
            self._finished.set()

    def _open(self) -> None:
        """Bring the hub to the state in which the recording begins; only then the playhead moves."""
        self._tell(self._transport())
        info = self._recording.info
        _at_ms, room = self._recording.state_at(info.begin_ms)
        recorded = [room.sensor_index[sensor.id] for sensor in sensors_by_index(room)]
        for source, records in opening_records(room):
            first = records[0]
            if isinstance(first, SensorsRecord):
                own, recorded = recorded[: len(first.sensors)], recorded[len(first.sensors) :]
                self._declare(first, tuple(own))
            else:
                self._ingest.hand_in(source, records)
        while self._ingest.waiting and not self._closing.is_set():
            self._settle(0.1)
        begin = Playhead(info.begin_ms, info.end_ms, float(info.begin_ms), self._clock.monotonic())
        self._playhead = begin.obey(self._transport(), self._playhead.speed, begin.since_s)

    def _play(self, heard: sockets.Socket) -> None:
        cue = Cue(self._recording.entries())
        told_s, ended = float("-inf"), False
        while not self._closing.is_set():
            changed = self._hear(heard)
            now_s = self._clock.monotonic()
            taken = cue.take(self._playhead.position_ms(now_s), TURN_ENTRIES)
            for source, crs, entries in _by_source(taken):
                self._hand_in(source, crs, entries)
            now_ended = cue.exhausted and self._playhead.ended(now_s)
            if changed or now_ended != ended or now_s - told_s >= TELL_S:
                told_s, ended = now_s, now_ended
                self._tell(Transport.ENDED if ended else self._transport())
            self._settle(0.0)
            if len(taken) < TURN_ENTRIES:
                heard.poll(TURN_MS)

    def _transport(self) -> Transport:
        return Transport.PLAYING if self._playhead.playing else Transport.PAUSED

    def _hear(self, heard: sockets.Socket) -> bool:
        """Obey the newest state that the hub tells of; True when it changed something."""
        drill: Drill | None = None
        while heard.poll(0):
            try:
                _head, body = frames.unpack(heard.recv())
                event = codec.event(body)
            except (frames.MalformedFrame, *codec.MALFORMED) as error:
                _log.debug("an event that cannot be read: %s", error)
                continue
            if isinstance(event, DrillChanged):
                drill = event.drill
        if drill is None or drill.transport is Transport.ENDED:
            return False
        if drill.transport is self._transport() and drill.speed == self._playhead.speed:
            return False
        self._playhead = self._playhead.obey(drill.transport, drill.speed, self._clock.monotonic())
        return True

    def _tell(self, transport: Transport) -> None:
        info = self._recording.info
        position_ms = self._playhead.position_ms(self._clock.monotonic())
        told = PlaybackRecord(
            drill=self._realm.partition("/")[2],
            title=info.title,
            transport=transport,
            speed=self._playhead.speed,
            begins_at=from_ms(info.begin_ms),
            ends_at=from_ms(info.end_ms),
            clock=from_ms(round(position_ms)),
        )
        self._ingest.hand_in(PLAYER, [told])

    def _hand_in(self, source: str, crs: Crs, entries: list[Entry]) -> None:
        """Hand in what passed; sensors are declared from what the hub made of them, since only that has indices."""
        records: list[Record] = []
        for line in entries:
            self.played += 1
            try:
                if line.channel is Channel.INDICES:
                    declared = indices_of(line)
                    self._declare(SensorsRecord(sensors=list(declared.sensors)), declared.indices)
                    continue
                record = record_of(line)
            except codec.MALFORMED as error:
                self.skipped += 1
                _log.warning("an entry of the recording cannot be read: %s", error)
                continue
            if isinstance(record, ColumnsRecord):
                record = self._renumbered(record)
            if not isinstance(record, SensorsRecord | PlaybackRecord):
                records.append(record)
        if records:
            self._ingest.hand_in(source, records, crs)

    def _declare(self, record: SensorsRecord, recorded: tuple[int, ...]) -> None:
        """Declare sensors and learn which index the hub gives to which of the recording."""
        self._learning += 1
        self._ingest.hand_in(SOURCE, [record], answered=lambda ack: self._learn(record, recorded, ack))

    def _learn(self, record: SensorsRecord, recorded: tuple[int, ...], ack: Acknowledgement) -> None:
        self._learning -= 1
        if len(ack.indices) != len(recorded):
            # A handover that was sent twice is answered without indices: ask again, declaring changes nothing.
            self._unlearnt.append((record, recorded))
            return
        size = max(recorded, default=-1) + 1
        if size > len(self._index):
            more = np.full(size - len(self._index), _UNKNOWN, np.uint32)
            self._index = np.concatenate([self._index, more])
        self._index[list(recorded)] = ack.indices

    def _renumbered(self, record: ColumnsRecord) -> ColumnsRecord:
        """Readings with the indices of the drill's hub; those of sensors that it does not know are left out.

        Waits for the answers to declarations under way: what follows them in the recording may speak of their sensors.
        """
        while self._learning and not self._closing.is_set():
            self._settle(0.1)
        recorded = np.frombuffer(record.index, "<u4")
        known = recorded < len(self._index)
        index = np.full(len(recorded), _UNKNOWN, np.uint32)
        index[known] = self._index[recorded[known]]
        kept = index != _UNKNOWN
        return ColumnsRecord(
            index=index[kept].astype("<u4").tobytes(),
            value=np.frombuffer(record.value, "<f4")[kept].tobytes(),
            time=np.frombuffer(record.time, "<i8")[kept].tobytes(),
            quality=np.frombuffer(record.quality, "u1")[kept].tobytes(),
        )

    def _settle(self, within_s: float) -> None:
        self._ingest.settle(within_s)
        again, self._unlearnt = self._unlearnt, []
        for record, recorded in again:
            self._declare(record, recorded)


def _by_source(entries: list[Entry]) -> Iterator[tuple[str, Crs, list[Entry]]]:
    """What can be handed in together, in the order of the recording; commands are left out."""
    played = (line for line in entries if line.channel is not Channel.COMMAND)
    for (source, crs), group in groupby(played, key=lambda line: (line.source, line.crs)):
        together = list(group)
        for start in range(0, len(together), HANDOVER_RECORDS):
            yield source, crs, together[start : start + HANDOVER_RECORDS]
