"""The hub's one I/O thread: owns every socket, always drains, publishes and acknowledges only what is committed.

A turn: answer the key gate, drain ingest, drain requests, hand the turn's changes to the store's writer, then send
whatever became durable meanwhile. Telemetry goes out at once, on a socket of its own. While the store cannot be
written the turn goes on: heartbeats say so, what came waits in the writer's queue, nothing is acknowledged.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime

import zmq

from controlroom import __version__
from controlroom.clock import Clock, PlaybackClock
from controlroom.domain.alarm_policy import decode_policy
from controlroom.domain.events import DrillChanged, Event, FenceChanged, PtzActed, PtzLeaseChanged, SensorsDeclared
from controlroom.domain.readings import Latest
from controlroom.domain.times import to_ms
from controlroom.hub.alarm_context import FreshValues
from controlroom.hub.core import Core
from controlroom.hub.dead_letters import DeadLetters
from controlroom.hub.desk import Desk
from controlroom.hub.door import Door
from controlroom.hub.fence_watch import FenceWatch
from controlroom.hub.kept_past import KeptPast
from controlroom.hub.limits_watch import district_watch
from controlroom.hub.listening import Listening
from controlroom.hub.load_recall import recall
from controlroom.hub.opening import marked, opened, salvage_record
from controlroom.hub.options import HubOptions, Recorder
from controlroom.hub.plans import NO_PLANS, district_plans
from controlroom.hub.promises import Promises
from controlroom.hub.source_watch import SourceWatch
from controlroom.hub.telling import Envelope, Telling
from controlroom.hub.upkeep import Upkeep
from controlroom.store.journal import ANSWERS_KEPT_MS
from controlroom.store.lock import StoreLock
from controlroom.store.salvage import Salvage, mark
from controlroom.wire import codec, frames, sockets
from controlroom.wire.frames import Kind, Readings
from controlroom.wire.messages import ClearRecord, Heartbeat, Welcome
from controlroom.wire.ptz import PtzOrders

_log = logging.getLogger(__name__)

HEARTBEAT_S = 0.25
LOOK_S = 1.0
DRAIN = 1000
"""Frames taken from one socket in one turn, so that the others get theirs."""

TURN_S = 0.02
"""Time for draining one socket in one turn: the others and the heartbeat get theirs whatever a flood carries."""

TIDY_S = 600.0
"""Between two looks for answers and sessions that are over."""

TELEMETRY_ROWS = 5000
"""Readings in one frame at the most, so that a slow seat's queue stays small."""


class Hub:
    """A running hub. `start` raises StoreFault or EnvironmentFault; `close` ends its threads.

    `lock_wait_s` is how long a hub that is just ending may take to let go of the store.
    """

    def __init__(
        self, options: HubOptions, clock: Clock, recorder: Recorder | None = None, *, lock_wait_s: float = 3.0
    ) -> None:
        self._options = options
        self._clock = clock
        self._recorder = recorder
        self._lock_wait_s = lock_wait_s
        self._fell = False
        self._ptz_adapter: tuple[Envelope, int] | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-io")
        self.ports = options.ports

    def start(self) -> None:
        """Open the store, bind the sockets, start the threads."""
        with contextlib.ExitStack() as undone:
            self._open(undone)
            undone.pop_all()
        self._telling.start(self._core.room.sequence)
        self._past.start()
        self._thread.start()

    def _open(self, undone: contextlib.ExitStack) -> None:
        options = self._options
        self._lock = StoreLock(options.store, self._lock_wait_s)
        undone.callback(self._lock.release)
        begun = opened(options.store, self._clock.now())
        self._journal, room, self._salvaged = begun.journal, begun.room, begun.salvaged
        undone.callback(self._journal.close)
        stood_at, _body = self._journal.standing(room.sequence)
        policy = options.district.decoded("alarm_policy.toml", decode_policy)
        plans = district_plans(options.district) if options.watch else NO_PLANS
        self._latest = Latest()
        values = FreshValues(room, self._latest)
        self._core = Core(options.realm, room, policy, plans, options.bands, options.rules, values)
        if self._core.load is not None:
            recall(self._core.load, self._journal, to_ms(self._clock.now()))
        self._core.ptz.recall(self._clock.now())
        watch = SourceWatch(self._core, DeadLetters(begun.letters))
        self._door = Door(self._core, begun.cursors, watch)
        self._limits = district_watch(self._core, self._latest, self._clock.now(), options.district)
        self._fences = FenceWatch(self._core)
        self._waker = sockets.Waker()
        undone.callback(self._waker.close)
        self._past = KeptPast(options.history, self._clock, self._waker.ring, options.store, self._core)
        self._desk = Desk(self._core, self._journal, begun.answers, self._welcome, self._past.recent, watch)
        if isinstance(self._clock, PlaybackClock) and room.drill is not None:
            self._clock.follow(room.drill)
        self._listening = Listening(options.host, options.ports, options.keys, options.insecure)
        undone.callback(self._listening.close, 0)
        self.ports = self._listening.ports
        self._telling = Telling(self._listening, options.store, self._waker, self._journal.epoch, options.realm)
        self._promises = Promises(self._telling, self._past.archive)
        self._upkeep = Upkeep(room, self._telling, self._clock, saved_at=begun.saved_at, stood_at=stood_at)
        if self._recorder is not None:
            self._recorder.opened(to_ms(self._clock.now()), room.sequence, list(room.snapshot()))

    def close(self) -> None:
        """Commit what came, save the state, end the threads. May be called once."""
        self._closing.set()
        self._waker.ring()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()
        if self._recorder is not None:
            self._recorder.close()

    @property
    def failed(self) -> bool:
        """Whether the I/O thread or the store's writer ended without being asked to; the log says why."""
        return not self._closing.is_set() and not (self._thread.is_alive() and self._telling.alive)

    def _welcome(self) -> Welcome:
        return Welcome(
            realm=self._options.realm,
            epoch=self._journal.epoch.hex(),
            sequence=self._telling.published,
            events_port=self.ports.events,
            telemetry_port=self.ports.telemetry,
            ingest_port=self.ports.ingest,
            version=__version__,
            insecure=self._insecure,
        )

    @property
    def _insecure(self) -> bool:
        return self._options.insecure and self._options.keys is None

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        try:
            self._serve()
        except Exception:  # noqa: BLE001  # the thread's top: the process ends and is started again from the journal
            self._fell = True
            _log.exception("the hub's thread has ended; what was not committed was not acknowledged")
        self._end()

    def _serve(self) -> None:
        if self._salvaged is not None:
            self._tell_salvaged(self._salvaged)
        poller = self._polled()
        next_beat = next_look = next_tidy = self._clock.monotonic()
        while not self._closing.is_set():
            now = self._clock.monotonic()
            # While too much is owed nothing is taken from the sources, so their socket may not wake the thread.
            poller.register(self._listening.ingest, 0 if self._telling.owes_too_much else zmq.POLLIN)
            idle_s = 0.0 if self._limits.owing else min(next_beat, next_look) - now
            self._turn(dict(poller.poll(max(0, round(1000 * idle_s)))))
            now = self._clock.monotonic()
            if now >= next_look:
                self._look()
                next_look = now + LOOK_S
                if self._listening.look():
                    poller = self._polled()
            if now >= next_tidy:
                self._tidy()
                next_tidy = now + TIDY_S
            self._promises.keep()
            self._steer()
            self._submit()
            self._telling.send_committed()
            damaged = self._past.met_damage
            self._send_past()
            if damaged or self._telling.condition == "corrupt" or self._desk.damaged:
                self._leave_damaged()
                return
            if now >= next_beat:
                self._beat()
                next_beat = now + HEARTBEAT_S

    def _tell_salvaged(self, saved: Salvage) -> None:
        """It has happened and is over: the alarm waits for an officer, and goes once it was seen."""
        now = self._clock.now()
        record = salvage_record(saved, now)
        self._stage(self._core.record("hub", record, "WGS-84", now), now)
        over = ClearRecord(key=record.key, occurred_at=now)
        self._stage(self._core.record("hub", over, "WGS-84", now), now)

    def _leave_damaged(self) -> None:
        """A damaged store is replaced at the next start; nothing that it lacks was acknowledged."""
        self._fell = True
        self._telling.submit()
        self._telling.close(submit=False)
        whole = self._telling.published == self._core.room.sequence
        mark(self._options.store, marked(self._core.room) if whole else b"")
        _log.error("the store %s is damaged; the hub ends and begins with what can be read", self._options.store)

    def _polled(self) -> zmq.Poller:
        poller = zmq.Poller()
        poller.register(self._listening.requests, zmq.POLLIN)
        poller.register(self._waker.fileno(), zmq.POLLIN)
        if self._listening.gate is not None:
            poller.register(self._listening.gate.socket, zmq.POLLIN)
        return poller

    def _turn(self, ready: dict[object, int]) -> None:
        listening = self._listening
        if self._waker.fileno() in ready:
            self._waker.hush()
        if listening.gate is not None and listening.gate.socket in ready:
            listening.gate.answer()
        if listening.ingest in ready:
            for envelope, frame in self._drained(listening.ingest):
                self._take(envelope, frame)
                if self._telling.owes_too_much:
                    break
        if listening.requests in ready:
            for envelope, frame in self._drained(listening.requests):
                self._handle(envelope, frame)

    def _drained(self, socket: sockets.Socket) -> Iterator[tuple[Envelope, bytes]]:
        """What waits in a ROUTER socket, as (envelope, frame), for one turn."""
        until = self._clock.monotonic() + TURN_S
        for _turn in range(DRAIN):
            try:
                parts = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            yield parts[:-1], parts[-1]
            if self._clock.monotonic() > until:
                return

    def _take(self, envelope: list[bytes], frame: bytes) -> None:
        now = self._clock.now()
        taken = self._door.take(frame, now)
        self._stage(taken.events, now)
        for readings in taken.readings:
            self._tell_readings(readings, now)
        for positions in taken.positions:
            self._fences.take(positions)
            self._telling.telemetry(Kind.POSITIONS, to_ms(now), frames.encode_positions(positions))
        encoder = codec.encode_json if taken.json else codec.encode
        answer = encoder(taken.acknowledgement)
        waits = bool(taken.readings) or taken.acknowledgement.duplicate
        self._promises.give(envelope, answer, len(frame), taken.cursor, readings=waits)
        if self._recorder is not None and taken.handover is not None and taken.records:
            self._recorder.handover(to_ms(now), taken.handover, taken.records)

    def _stage(self, events: Sequence[Event], now: datetime) -> None:
        """Queue events, folded already and the newest of all, for the commit and for telling the seats."""
        first = self._core.room.sequence - len(events) + 1
        at_ms = to_ms(now)
        for sequence, event in enumerate(events, first):
            self._telling.event(sequence, at_ms, event)
            if isinstance(event, SensorsDeclared):
                self._limits.declare(event.sensors, now)
            elif isinstance(event, PtzActed | PtzLeaseChanged):
                self._desk.ptz.follow(event)
            elif isinstance(event, FenceChanged):
                self._fences.declare(event.fence)
            elif isinstance(event, DrillChanged) and isinstance(self._clock, PlaybackClock):
                self._clock.follow(event.drill)
            if self._recorder is not None:
                self._recorder.event(at_ms, sequence, event)

    def _handle(self, envelope: list[bytes], frame: bytes) -> None:
        now = self._clock.now()
        handled = self._desk.handle(frame, now)
        self._stage(handled.events, now)
        if handled.adapter is not None:
            self._ptz_adapter = envelope, handled.adapter
        if handled.past is not None:
            identity, wanted = handled.past
            denied = self._past.ask(envelope, identity, wanted)
            if denied is not None:
                self._telling.answer(envelope, [self._desk.past_reply(identity, denied)])
            return
        if handled.answer is not None:
            self._telling.batch.answers.append(handled.answer)
        if handled.at_once:
            self._telling.answer(envelope, handled.replies)
        else:
            self._telling.reply(envelope, handled.replies)
        if self._recorder is not None and handled.command is not None:
            self._recorder.command(to_ms(now), handled.command)

    def _steer(self) -> None:
        """Send what cameras are to do, before anything is committed: a movement that came late is none."""
        orders = self._desk.ptz.take_orders(self._clock.now())
        if orders and self._ptz_adapter is not None:
            envelope, identity = self._ptz_adapter
            self._telling.answer(envelope, [self._desk.ptz_reply(identity, PtzOrders(orders=tuple(orders)))])

    def _send_past(self) -> None:
        for envelope, identity, answer in self._past.take_answers():
            self._telling.answer(envelope, [self._desk.past_reply(identity, answer)])

    def _tell_readings(self, readings: Readings, now: datetime) -> None:
        readings = self._limits.marked(readings)
        self._limits.take(
            self._latest.apply(readings.index, readings.value, readings.time, readings.quality, to_ms(now))
        )
        self._past.keep(readings)
        for start in range(0, len(readings.index), TELEMETRY_ROWS):
            part = slice(start, start + TELEMETRY_ROWS)
            rows = Readings(readings.index[part], readings.value[part], readings.time[part], readings.quality[part])
            self._telling.telemetry(Kind.READINGS, to_ms(now), frames.encode_readings(rows))

    def _look(self) -> None:
        now = self._clock.now()
        self._stage(self._door.look(now), now)
        self._stage(self._core.look(now), now)
        self._stage(self._limits.cycle(now), now)
        self._stage(self._fences.look(now), now)
        self._stage(self._past.look(now), now)
        self._keep_letters()
        self._upkeep.look()

    def _keep_letters(self) -> None:
        """Once a second is enough: a flood of rubbish must not become a flood of writing."""
        letters, first = self._door.watch.letters.unwritten()
        self._telling.batch.letters.extend(letters)
        self._telling.batch.letters_from.update(first)

    def _tidy(self) -> None:
        """Let go of what nobody will ask for again, here and in the store."""
        before_ms = to_ms(self._clock.now()) - ANSWERS_KEPT_MS
        if self._desk.forget_answers(before_ms):
            self._telling.batch.answers_before_ms = before_ms
        self._telling.batch.forgotten.extend(self._door.forgotten())

    def _submit(self) -> None:
        now = self._clock.now()
        if self._limits.touched:
            self._stage(self._limits.judge(now), now)
        self._telling.submit()

    def _beat(self) -> None:
        condition = self._telling.condition
        if condition == "ok":
            condition = self._past.condition
        beat = Heartbeat(store=condition, refused=self._door.refused + self._desk.refused, insecure=self._insecure)
        self._telling.beat(to_ms(self._clock.now()), beat)

    def _end(self) -> None:
        """Commit what came and save the state; after a fault only what was handed to the writer before it.

        The room may then be ahead of what was staged, and a state that the journal does not lead to is never saved.
        """
        with contextlib.ExitStack() as ends:
            ends.callback(self._lock.release)
            ends.callback(self._listening.close, 200)
            ends.callback(self._journal.close)
            ends.callback(self._past.close)
            if not self._fell:
                self._past.close()
                self._promises.keep()
                self._look()
                self._upkeep.end()
            self._telling.close(submit=not self._fell)
