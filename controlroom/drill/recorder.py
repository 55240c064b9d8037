"""Records what passes a hub, without ever keeping the hub waiting.

The hub's thread only appends to a queue. A thread of the recorder's own encodes, compresses and writes, and folds the
hub's events into a room of its own to write snapshots from. When it cannot keep up, telemetry is dropped first and
counted; alarms, declarations and commands only when the queue has reached its hard limit.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from peewee import DatabaseError

from controlroom.domain.events import Event, SensorsDeclared
from controlroom.domain.room import Room
from controlroom.drill.entry import Channel, Entry, entry
from controlroom.drill.recording import RecordingWriter
from controlroom.errors import EnvironmentFault
from controlroom.wire.messages import ColumnsRecord, Command, Handover, PositionsRecord, ReadingsRecord, Record

_log = logging.getLogger(__name__)

TELEMETRY_MOST = 4000
"""Waiting entries above which telemetry is dropped."""

HARD_MOST = 200_000
"""Waiting entries above which everything is dropped, and the recording says that it has gaps."""

FLUSH_S = 1.0
CHUNK_MOST = 4000
SNAPSHOT_EVERY_MS = 300_000

MAX_BYTES = 8 * 1024**3

_TELEMETRY = (ReadingsRecord, ColumnsRecord, PositionsRecord)


@dataclass(frozen=True, slots=True)
class _Passed:
    """Something that passed, not encoded yet."""

    t_ms: int
    channel: Channel
    body: object
    handover: Handover | None = None


@dataclass(frozen=True, slots=True)
class _Happened:
    """An event of the hub, for the recorder's own room."""

    sequence: int
    event: Event


class Recorder:
    """Fits the hub's `Recorder`; its methods are called by the hub's thread.

    A file that reached `max_bytes` is closed; `following` names the one to go on with, without it nothing more is kept.
    """

    def __init__(
        self,
        path: Path,
        *,
        title: str,
        realm: str,
        program: str,
        max_bytes: int = MAX_BYTES,
        snapshot_every_ms: int = SNAPSHOT_EVERY_MS,
        following: Callable[[], Path] | None = None,
    ) -> None:
        self.path = path
        self.dropped = 0
        self._title = title
        self._realm = realm
        self._program = program
        self._max_bytes = max_bytes
        self._snapshot_every_ms = snapshot_every_ms
        self._following = following
        self._queue: deque[_Passed | _Happened] = deque()
        self._woken = threading.Event()
        self._closing = False
        self._closed_at_ms = 0
        self._lost_events = False
        self._off = False
        self._room = Room()
        self._thread: threading.Thread | None = None

    def opened(self, at_ms: int, sequence: int, state: Sequence[Event]) -> None:
        """The hub starts with this state.

        Raises EnvironmentFault when the file cannot be made; where another could follow it, the hub runs unrecorded
        instead, since the room is worth more than its recording.
        """
        try:
            writer = self._new_writer(at_ms)
        except EnvironmentFault as fault:
            self._off = True
            if self._following is None:
                raise
            _log.warning("%s", fault.sentence)
            return
        self._room.restore(sequence, iter(state))
        self._closed_at_ms = at_ms
        self._thread = threading.Thread(target=self._run, args=(writer, at_ms), name="recorder")
        self._thread.start()

    def _new_writer(self, at_ms: int) -> RecordingWriter:
        return RecordingWriter(self.path, title=self._title, realm=self._realm, begin_ms=at_ms, program=self._program)

    def event(self, at_ms: int, sequence: int, event: Event) -> None:
        """The hub folded an event."""
        if isinstance(event, SensorsDeclared):
            self._put(_Passed(at_ms, Channel.INDICES, event))
        self._put(_Happened(sequence, event))

    def handover(self, at_ms: int, handover: Handover, records: list[Record]) -> None:
        """A source handed these records in and they were taken."""
        for record in records:
            channel = Channel.TELEMETRY if isinstance(record, _TELEMETRY) else Channel.RECORD
            self._put(_Passed(at_ms, channel, record, handover))

    def command(self, at_ms: int, command: Command) -> None:
        """An officer's command was carried out."""
        self._put(_Passed(at_ms, Channel.COMMAND, command))

    def close(self, at_ms: int | None = None) -> None:
        """Write what waits and end the recording, at this time or at that of the last entry."""
        if self._thread is None:
            return
        if at_ms is not None:
            self._closed_at_ms = max(at_ms, self._closed_at_ms)
        self._closing = True
        self._woken.set()
        self._thread.join()
        self._thread = None

    def _put(self, passed: _Passed | _Happened) -> None:
        if self._off:
            return
        waiting = len(self._queue)
        if isinstance(passed, _Passed):
            self._closed_at_ms = max(self._closed_at_ms, passed.t_ms)
            if waiting >= HARD_MOST or (waiting >= TELEMETRY_MOST and passed.channel is Channel.TELEMETRY):
                self.dropped += 1
                return
        elif waiting >= HARD_MOST:
            self._lost_events = True
            return
        self._queue.append(passed)
        if waiting >= CHUNK_MOST // 2:
            self._woken.set()

    # ------------------------------------------------------------ the recorder's own thread

    def _run(self, writer: RecordingWriter, begin_ms: int) -> None:
        sink = _Sink(writer, self._max_bytes, last=self._following is None)
        sink.guard(partial(writer.snapshot, begin_ms, self._room))
        snapshot_ms = begin_ms
        while not self._closing or self._queue:
            if not self._closing:
                self._woken.wait(FLUSH_S)
                self._woken.clear()
            last_ms = self._drain(sink)
            if last_ms and sink.reached and self._following is not None:
                sink = self._next_file(sink, last_ms, self._following)
                snapshot_ms = last_ms
            elif last_ms - snapshot_ms >= self._snapshot_every_ms and not self._lost_events:
                snapshot_ms = last_ms
                sink.guard(partial(sink.writer.snapshot, last_ms, self._room))
        self._finish(sink, self._closed_at_ms)

    def _finish(self, sink: "_Sink", end_ms: int) -> None:
        self.dropped += sink.dropped
        sink.guard(lambda: sink.writer.tell(dropped=self.dropped, full=int(sink.full), end_ms=end_ms))
        sink.guard(sink.writer.close)

    def _next_file(self, sink: "_Sink", at_ms: int, following: Callable[[], Path]) -> "_Sink":
        """Go on in another file, which begins with the state of now; stays where it is when none can be made."""
        held = self.path
        self.path = following()
        try:
            writer = self._new_writer(at_ms)
        except EnvironmentFault as fault:
            _log.warning("%s", fault.sentence)
            self.path, self._following, sink.last = held, None, True
            return sink
        self._finish(sink, at_ms)
        self.dropped = 0
        fresh = _Sink(writer, self._max_bytes, last=self._following is None)
        fresh.guard(partial(writer.snapshot, at_ms, self._room))
        return fresh

    def _drain(self, sink: "_Sink") -> int:
        """Write up to one chunk; returns the time of the last entry, 0 without any."""
        entries: list[Entry] = []
        while self._queue and len(entries) < CHUNK_MOST:
            passed = self._queue.popleft()
            if isinstance(passed, _Happened):
                self._fold(passed)
            else:
                of = passed.handover
                source, crs = (of.source, of.crs) if of is not None else ("", "WGS-84")
                entries.append(entry(passed.t_ms, passed.channel, passed.body, source, crs))
        if entries:
            sink.write(entries)
        if self._queue:
            self._woken.set()
        return entries[-1].t_ms if entries else 0

    def _fold(self, happened: _Happened) -> None:
        if happened.sequence == self._room.sequence + 1:
            self._room.apply(happened.sequence, happened.event)
        elif happened.sequence > self._room.sequence:
            # A snapshot that is not the hub's state would be worse than none.
            self._lost_events = True


class _Sink:
    """Writes until the file is full, if it is the last one; a disk that refuses is told once and asked again."""

    def __init__(self, writer: RecordingWriter, max_bytes: int, *, last: bool) -> None:
        self.writer = writer
        self.last = last
        self.full = False
        self.dropped = 0
        self._max_bytes = max_bytes
        self._told = False

    @property
    def reached(self) -> bool:
        """Whether the file has its size."""
        return self.writer.size_bytes() > self._max_bytes

    def write(self, entries: list[Entry]) -> None:
        if self.last and not self.full and self.reached:
            self.full = True
            _log.warning("the recording %s has reached %d bytes and takes no more", self.writer.path, self._max_bytes)
        if self.full or not self.guard(partial(self.writer.append, entries)):
            self.dropped += len(entries)

    def guard(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except (DatabaseError, OSError) as error:
            if not self._told:
                _log.warning("the recording %s cannot be written: %s", self.writer.path, error)
            self._told = True
            return False
        self._told = False
        return True
