"""A hub's ingest door as the protocol describes it, with the faults that a test asks for."""

import threading
import time
from collections.abc import Callable

import zmq

from controlroom.wire import codec
from controlroom.wire.messages import (
    Acknowledgement,
    AlarmRecord,
    CamerasRecord,
    ColumnsRecord,
    Denied,
    Handover,
    PositionsRecord,
    ReadingsRecord,
    Record,
    Refusal,
    Refused,
    Reply,
    SensorsRecord,
    VehiclesRecord,
    Welcome,
)
from controlroom.wire.sockets import Waker

_TELEMETRY = (ReadingsRecord, ColumnsRecord, PositionsRecord)


class Memory:
    """What outlives a hub's process."""

    def __init__(self, epoch: str = "epoch-1") -> None:
        self.epoch = epoch
        self.cursors: dict[tuple[str, str], int] = {}
        self.accepted: list[tuple[str, Record]] = []
        self.telemetry: list[tuple[str, Record]] = []
        self.index: dict[str, int] = {}
        self.unnumbered = 0

    def keys(self, source: str = "") -> list[str]:
        """Keys of the accepted alarms in order."""
        return [r.key for s, r in self.accepted if isinstance(r, AlarmRecord) and source in ("", s)]


class Faults:
    """What goes wrong; each callable gets the handover."""

    def __init__(self) -> None:
        self.lose_frame: Callable[[Handover], bool] = lambda _: False
        self.lose_ack: Callable[[Handover], bool] = lambda _: False
        self.whole: Callable[[Handover], Refusal | None] = lambda _: None
        self.hold_acks = threading.Event()
        self.extra: Callable[[Handover], Acknowledgement | None] = lambda _: None


class FakeHub:
    """Binds the request and ingest sockets and serves them on a thread until killed."""

    def __init__(self, memory: Memory, faults: Faults | None = None, *, requests_port: int = 0, realm: str = "live"):
        self.memory = memory
        self.faults = faults or Faults()
        self.realm = realm
        self.frames = 0
        self.arrived = threading.Condition()
        self._context = zmq.Context()
        self._requests = self._context.socket(zmq.ROUTER)
        self._ingest = self._context.socket(zmq.ROUTER)
        self._requests.setsockopt(zmq.LINGER, 0)
        self._ingest.setsockopt(zmq.LINGER, 0)
        if requests_port:
            self._requests.bind(f"tcp://127.0.0.1:{requests_port}")
            self.requests_port = requests_port
        else:
            self.requests_port = self._requests.bind_to_random_port("tcp://127.0.0.1")
        self.ingest_port = self._ingest.bind_to_random_port("tcp://127.0.0.1")
        self._waker = Waker()
        self._dying = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake hub")
        self._thread.start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.requests_port}"

    def kill(self) -> None:
        """End at once: what is queued is gone."""
        self._dying.set()
        self._waker.ring()
        self._thread.join()
        self._waker.close()
        self._context.destroy(linger=0)

    def wait(self, condition: Callable[[], bool], timeout_s: float = 20.0) -> bool:
        """Until something is so, here or at the source."""
        deadline = time.monotonic() + timeout_s
        with self.arrived:
            while not condition():
                if time.monotonic() > deadline:
                    return False
                self.arrived.wait(0.02)
        return True

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._requests, zmq.POLLIN)
        poller.register(self._ingest, zmq.POLLIN)
        poller.register(self._waker.fileno(), zmq.POLLIN)
        while not self._dying.is_set():
            ready = dict(poller.poll())
            if self._requests in ready:
                self._hello(*self._requests.recv_multipart())
            if self._ingest in ready:
                self._take(*self._ingest.recv_multipart())
                with self.arrived:
                    self.arrived.notify_all()

    def _hello(self, identity: bytes, frame: bytes) -> None:
        request = codec.request(frame)
        body: Welcome | Denied = Welcome(
            realm=self.realm,
            epoch=self.memory.epoch,
            sequence=0,
            events_port=1,
            telemetry_port=1,
            ingest_port=self.ingest_port,
            version="0",
        )
        if request.realm != self.realm:
            body = Denied(code=Refusal.WRONG_REALM, text=f"this hub serves {self.realm}")
        self._requests.send_multipart([identity, codec.encode(Reply(id=request.id, body=body, realm=self.realm))])

    def _take(self, identity: bytes, frame: bytes) -> None:
        self.frames += 1
        handover = codec.handover(frame)
        if self.faults.lose_frame(handover):
            return
        ack = self._admit(handover, codec.is_json(frame))
        extra = self.faults.extra(handover)
        if self.faults.lose_ack(handover) or self.faults.hold_acks.is_set():
            return
        for answer in (extra, ack):
            if answer is not None:
                encoded = codec.encode_json(answer) if codec.is_json(frame) else codec.encode(answer)
                self._ingest.send_multipart([identity, encoded])

    def _admit(self, handover: Handover, json: bool) -> Acknowledgement:
        code = self.faults.whole(handover)
        if code is None and handover.realm != self.realm:
            code = Refusal.WRONG_REALM
        if code is not None:
            return Acknowledgement(seq=handover.seq, accepted=0, refused=(Refused(code=code, text="no"),))
        key = (handover.source, handover.session)
        last = self.memory.cursors.get(key, 0)
        if handover.seq and handover.seq <= last:
            return Acknowledgement(seq=handover.seq, accepted=0, duplicate=True)
        if handover.seq > last + 1:
            refused = (Refused(code=Refusal.OUT_OF_ORDER, text="gap"),)
            return Acknowledgement(seq=handover.seq, accepted=0, expected=last + 1, refused=refused)
        indices: list[int] = []
        decode = codec.record_json if json else codec.record
        for raw in handover.records:
            record = decode(raw)
            if isinstance(record, _TELEMETRY):
                self.memory.telemetry.append((handover.source, record))
            else:
                self.memory.accepted.append((handover.source, record))
            indices += self._indices(record)
        if handover.seq:
            self.memory.cursors[key] = handover.seq
        else:
            self.memory.unnumbered += 1
        return Acknowledgement(seq=handover.seq, accepted=len(handover.records), indices=tuple(indices))

    def _indices(self, record: Record) -> list[int]:
        ids: list[str] = []
        if isinstance(record, SensorsRecord):
            ids = [s.id for s in record.sensors]
        elif isinstance(record, VehiclesRecord):
            ids = [v.id for v in record.vehicles]
        elif isinstance(record, CamerasRecord):
            return []
        return [self.memory.index.setdefault(i, len(self.memory.index)) for i in ids]
