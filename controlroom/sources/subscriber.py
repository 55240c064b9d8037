"""A source of the hub that subscribes to a foreign backend's plain ZeroMQ publisher; the backend needs no change."""

import logging
import threading
from collections import deque
from collections.abc import Iterator

import msgspec
import numpy as np
import zmq
from msgspec import Struct

from controlroom.clock import Clock
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.vehicle import Vehicle
from controlroom.errors import EnvironmentFault, StoreFault
from controlroom.i18n import _
from controlroom.sources.feed import Feed
from controlroom.sources.outbox import Values
from controlroom.sources.refusals import Refusals
from controlroom.sources.translation import Declaration, Movement, Reading, Translated, Untranslatable, translate
from controlroom.wire import codec
from controlroom.wire.sockets import Waker, client

_log = logging.getLogger(__name__)

DEAD_LETTERS = 100
_BATCH = 1000
_TURN_MS = 500


class SubscriberStatus(Struct, frozen=True, kw_only=True):
    """What came in and what was turned away: `refusal` is the last reason, `lost` what the spool had no room for."""

    heard: int
    taken: int
    refused: int
    lost: int
    refusal: str
    silent: bool


class Subscriber:
    """Owns a SUB socket on a thread of its own and hands what it hears into a feed.

    Malformed messages are counted, kept in `dead_letters` and told to the hub; nothing that a backend sends stops the
    thread.
    A spool without room loses what comes, since a publisher cannot be asked to wait; that is counted as well.
    """

    def __init__(self, declared: Declaration, feed: Feed, clock: Clock) -> None:
        self.dead_letters: deque[tuple[str, bytes]] = deque(maxlen=DEAD_LETTERS)
        self._declared = declared
        self._feed = feed
        self._clock = clock
        self._decode = msgspec.json.decode if declared.encoding == "json" else msgspec.msgpack.decode
        self._rows: dict[str, int] = {}
        self._vehicles: set[str] = set()
        self._refusals = Refusals(feed)
        self._heard = self._taken = self._refused = self._lost = 0
        self._refusal = ""
        self._heard_at = clock.monotonic()
        self._silent = False
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._waker = Waker()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"subscriber {declared.source}", daemon=True)

    def start(self) -> None:
        """Subscribe. Raises EnvironmentFault when the endpoint cannot be one."""
        try:
            self._open().close(0)
        except zmq.ZMQError as error:
            sentence = _("{endpoint} is no address of a publisher ({error}); write tcp://host:port.")
            raise EnvironmentFault(sentence.format(endpoint=self._declared.endpoint, error=error)) from error
        self._thread.start()

    def close(self) -> None:
        """End the subscription."""
        self._closing.set()
        self._waker.ring()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()
        self._context.term()

    def status(self) -> SubscriberStatus:
        """How it stands; from any thread."""
        return SubscriberStatus(
            heard=self._heard,
            taken=self._taken,
            refused=self._refused,
            lost=self._lost,
            refusal=self._refusal,
            silent=self._silent,
        )

    def _open(self) -> "zmq.Socket[bytes]":
        socket = client(self._context, zmq.SUB, None, None)
        try:
            for topic in self._declared.topics:
                socket.subscribe(topic)
            socket.connect(self._declared.endpoint)
        except zmq.ZMQError:
            socket.close(0)
            raise
        return socket

    def _run(self) -> None:
        socket = self._open()
        while not self._closing.is_set():
            poller = zmq.Poller()
            poller.register(socket, zmq.POLLIN)
            poller.register(self._waker.fileno(), zmq.POLLIN)
            poller.poll(_TURN_MS)
            now = self._clock.monotonic()
            if self._drain(socket):
                self._heard_at = now
                self._become(silent=False)
            elif now - self._heard_at >= self._declared.silent_after_s:
                # The connection may be dead without a word, and there is nothing to ask a publisher.
                socket.close(0)
                socket = self._open()
                self._heard_at = now
                self._become(silent=True)
            self._refusals.tell(now)
        self._refusals.tell(self._clock.monotonic(), at_once=True)
        socket.close(0)

    def _become(self, *, silent: bool) -> None:
        if silent is not self._silent:
            self._silent = silent
            self._feed.stay_quiet(silent)
            _log.info("%s %s", self._declared.source, "is silent" if silent else "is heard again")

    def _drain(self, socket: "zmq.Socket[bytes]") -> int:
        messages = list(_pending(socket))
        readings: list[Reading] = []
        movements: list[Movement] = []
        for frames in messages:
            self._heard += 1
            for result in self._read(frames):
                if isinstance(result, Reading):
                    readings.append(result)
                elif isinstance(result, Movement):
                    movements.append(result)
                else:
                    self._hand_in(result)
        try:
            self._send_readings(readings)
            self._send_movements(movements)
        except StoreFault as fault:
            self._lose(fault)
        return len(messages)

    def _read(self, frames: list[bytes]) -> Iterator[Translated]:
        try:
            topic, body = self._split(frames)
            decoded = self._decode(body)
        except codec.MALFORMED as error:
            self._refuse(frames, str(error))
            return
        for result in translate(self._declared, topic, decoded):
            if isinstance(result, Untranslatable):
                self._refuse(frames, str(result))
            else:
                self._taken += 1
                yield result

    def _split(self, frames: list[bytes]) -> tuple[str, bytes]:
        if self._declared.frames == "topic-body":
            if len(frames) != 2:
                raise ValueError(f"{len(frames)} frames where a topic and a body were declared")
            return frames[0].decode(), frames[1]
        if self._declared.frames == "body":
            return "", frames[-1]
        topic, _space, body = frames[-1].partition(b" ")
        return topic.decode(), body

    def _hand_in(self, record: Translated) -> None:
        if isinstance(record, Reading | Movement):
            return
        try:
            self._feed.hand_in(record)
        except ValueError as error:
            self._taken -= 1
            self._refuse([], str(error))
        except StoreFault as fault:
            self._lose(fault)

    def _send_readings(self, readings: list[Reading]) -> None:
        if not readings:
            return
        fresh = {r.sensor: _sensor(r) for r in readings if r.sensor not in self._rows}
        if fresh:
            for identity in fresh:
                self._rows[identity] = len(self._rows)
            self._feed.declare_sensors(list(fresh.values()))
        self._feed.send_values(
            Values(
                np.array([self._rows[r.sensor] for r in readings], np.int64),
                np.array([np.nan if r.value is None else r.value for r in readings], np.float32),
                np.array([r.time for r in readings], np.int64),
                np.array([r.quality for r in readings], np.uint8),
            )
        )

    def _send_movements(self, movements: list[Movement]) -> None:
        if not movements:
            return
        fresh = {m.vehicle: m for m in movements if m.vehicle not in self._vehicles}
        if fresh:
            self._vehicles.update(fresh)
            self._feed.declare_vehicles(
                [Vehicle(id=m.vehicle, name=m.name or m.vehicle, kind=m.kind) for m in fresh.values()]
            )
        self._feed.send_positions([movement.position() for movement in movements])

    def _refuse(self, frames: list[bytes], why: str) -> None:
        self._refused += 1
        self._refusal = why[:200]
        self._refusals.add(why, b" ".join(frames))
        self.dead_letters.append((self._refusal, b" ".join(frames)[:2000]))

    def _lose(self, fault: StoreFault) -> None:
        self._lost += 1
        self._refusal = fault.sentence


def _pending(socket: "zmq.Socket[bytes]") -> Iterator[list[bytes]]:
    for _n in range(_BATCH):
        try:
            yield socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return


def _sensor(reading: Reading) -> Sensor:
    located = reading.lon is not None and reading.lat is not None
    return Sensor(
        id=reading.sensor,
        name=reading.name or reading.sensor,
        kind=reading.kind,
        unit=reading.unit,
        town=reading.town,
        point=Point(reading.lon or 0.0, reading.lat or 0.0) if located else None,
    )
