"""Lost and doubled at 10,000 alarms a second through every fault, with a naive subscriber beside the seat.

The naive one is a plain SUB socket on the hub's own events socket, through the same cable: it keeps what arrives.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import zmq

from controlroom.seat.link import Link
from controlroom.seat.status import LinkState
from controlroom.wire import frames
from controlroom.wire.messages import DigestWanted, Welcome
from tests.bench.report import Measure
from tests.floods import Cable, Flood
from tests.rooms import HubProcess, Seat, Source

SCENARIOS = ("late join", "stall", "reset", "dead link", "kill -9")


class _CabledLink(Link):
    """A link whose events come through a cable."""

    cable_port = 0

    def _welcomed(self, answer: object) -> None:
        if isinstance(answer, Welcome):
            fields = {name: getattr(answer, name) for name in answer.__struct_fields__}
            answer = Welcome(**(fields | {"events_port": self.cable_port}))
        return super()._welcomed(answer)


class _Naive:
    """Subscribes and counts, as a program without a protocol would."""

    def __init__(self, port: int) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.connect(f"tcp://127.0.0.1:{port}")
        self.heard = 0

    def drain(self) -> None:
        while True:
            try:
                frame = self._socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            head = frames.unpack(frame)[0]
            self.heard += head.kind is frames.Kind.EVENT and head.topic == "alarm"

    def close(self) -> None:
        self._context.destroy(linger=0)


class _Run:
    """One scenario: a hub of its own, a flood into it, a seat and a naive subscriber behind a cable."""

    def __init__(self, folder: Path, handovers: int) -> None:
        self.hub = HubProcess(folder)
        self.cable = Cable(self.hub.ports.events)
        self.source = Source(self.hub.ports.ingest, "flood")
        self.flood = Flood(self.source, handovers)
        self.seat: Seat | None = None
        self.naive: _Naive | None = None
        self.deaf = False
        self.total = handovers * Flood.PER_HANDOVER

    def join(self) -> None:
        """Seat and naive subscriber come."""
        _CabledLink.cable_port = self.cable.port
        self.seat = Seat(self.hub.ports.requests, kind=_CabledLink)
        self.naive = _Naive(self.cable.port)
        self.seat.until(lambda: self.seat is not None and self.seat.link.status.state is LinkState.LIVE)

    def step(self) -> None:
        """Flood on, and read unless deaf."""
        self.flood.step()
        if not self.deaf and self.seat is not None and self.naive is not None:
            self.seat.drain()
            self.naive.drain()

    def after(self, share: float) -> None:
        """Flood until so much of it is acknowledged."""
        while self.flood.acknowledged < share * self.total / Flood.PER_HANDOVER:
            self.step()

    def result(self) -> tuple[int, int, int]:
        """Lost and doubled by the seat, lost by the naive one, once everything has come."""
        self.after(1.0)
        assert self.seat is not None and self.naive is not None
        until = time.perf_counter() + 15
        while len(self.seat.mirror.room.alarms) < self.total and time.perf_counter() < until:
            self.step()
            time.sleep(0.001)
        told = self.seat.link.ask(DigestWanted()).result(10)
        self.seat.until(lambda: self.seat is not None and self.seat.mirror.room.digest() == told.digest)
        self.naive.drain()
        alarms = self.seat.mirror.room.alarms.values()
        return self.total - len(alarms), sum(alarm.count - 1 for alarm in alarms), self.total - self.naive.heard

    def close(self) -> None:
        """End everything."""
        if self.seat is not None:
            self.seat.close()
        if self.naive is not None:
            self.naive.close()
        self.source.close()
        self.cable.close()
        self.hub.close()


def _late_join(run: _Run) -> None:
    run.after(0.4)
    run.join()


def _stall(run: _Run) -> None:
    run.join()
    run.after(0.2)
    run.deaf = True
    until = time.perf_counter() + 2.0
    while time.perf_counter() < until:
        run.step()
    run.deaf = False


def _reset(run: _Run) -> None:
    run.join()
    for share in (0.3, 0.6):
        run.after(share)
        run.cable.cut()


def _dead_link(run: _Run) -> None:
    run.join()
    run.after(0.2)
    run.cable.dead.set()
    until = time.perf_counter() + 3.0
    while time.perf_counter() < until:
        run.step()
    run.cable.dead.clear()


def _kill(run: _Run) -> None:
    run.join()
    run.after(0.4)
    run.hub.kill()
    run.hub.restart()
    run.flood.lost_its_hub()


def measure(quick: bool) -> list[Measure]:
    """Each scenario over 1.5 s (quick) or 4 s of the flood."""
    handovers = 150 if quick else 400
    lost, doubled, naive_lost, told = 0, 0, 0, []
    acts: dict[str, Callable[[_Run], None]] = dict(
        zip(SCENARIOS, (_late_join, _stall, _reset, _dead_link, _kill), strict=True)
    )
    for name, act in acts.items():
        with tempfile.TemporaryDirectory() as folder:
            run = _Run(Path(folder), handovers)
            try:
                act(run)
                ours, twice, naive = run.result()
            finally:
                run.close()
        lost, doubled, naive_lost = lost + ours, doubled + twice, naive_lost + naive
        told.append(f"{name} {ours} (naive {naive:,})")
    total = handovers * Flood.PER_HANDOVER * len(SCENARIOS)
    note = f"of {total:,} at 10,000/s: " + ", ".join(told)
    return [
        Measure("lost", lost, "alarms", float(naive_lost), note),
        Measure("doubled", doubled, "alarms", None, f"of {total:,}, same runs; digests of hub and seat equal"),
    ]
