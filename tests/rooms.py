"""A hub of the test's own, and what one does with it."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zmq

from controlroom.clock import SystemClock
from controlroom.hub.options import HubOptions
from controlroom.hub.server import Hub
from controlroom.seat.link import Link
from controlroom.seat.mirror import Changes, Mirror
from controlroom.wire.sockets import ANY_PORTS, Ports

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
WAIT_S = 20.0


def alarm(key: str, severity: int = 2, title: str = "积水 42 cm", **more: Any) -> dict[str, Any]:
    """An alarm as a foreign backend would write it."""
    return {
        "type": "alarm",
        "key": key,
        "severity": severity,
        "title": title,
        "occurred_at": "2026-11-21T04:00:00Z",
        **more,
    }


@contextmanager
def hub_in(folder: Path, **options: Any) -> Iterator[Hub]:
    """A hub on free ports with its store in `folder`."""
    hub = Hub(HubOptions(store=folder / "room.db", **{"ports": ANY_PORTS, **options}), SystemClock())
    hub.start()
    try:
        yield hub
    finally:
        hub.close()


class Source:
    """A foreign backend: pyzmq and JSON, nothing of ours."""

    def __init__(self, port: int, name: str = "backend") -> None:
        self.name = name
        self.answers: list[bytes] = []
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, int(WAIT_S * 1000))
        self._socket.connect(f"tcp://127.0.0.1:{port}")

    def send(self, *records: dict[str, Any], **more: Any) -> None:
        self._socket.send_json({"source": self.name, "records": list(records), **more})

    def send_bytes(self, frame: bytes) -> None:
        self._socket.send(frame)

    def receive(self) -> bytes:
        return self._socket.recv()

    def came(self, within_ms: int) -> bool:
        """Whether an answer has come."""
        return bool(self._socket.poll(within_ms))

    def received(self) -> list[bytes]:
        """Every answer that has come, whenever it came."""
        while self._socket.poll(0):
            self.answers.append(self._socket.recv())
        return self.answers

    def answer(self) -> dict[str, Any]:
        answer = json.loads(self._socket.recv())
        assert isinstance(answer, dict)
        return answer

    def hand_in(self, *records: dict[str, Any], **more: Any) -> dict[str, Any]:
        self.send(*records, **more)
        return self.answer()

    def close(self) -> None:
        self._context.destroy(linger=0)


@contextmanager
def source_of(port: int, name: str = "backend") -> Iterator[Source]:
    source = Source(port, name)
    try:
        yield source
    finally:
        source.close()


class Seat:
    """A link and the mirror that it feeds, driven by the test's own thread."""

    def __init__(self, port: int, kind: type[Link] = Link, **options: Any) -> None:
        self.link = kind(f"tcp://127.0.0.1:{port}", SystemClock(), **options)
        self.mirror = Mirror()
        self.applied: list[int] = []
        self.link.start()

    def drain(self) -> None:
        """Apply what has arrived."""
        while (delivery := self.link.take()) is not None:
            self.mirror.apply(delivery, datetime.now(UTC), Changes())
            self.applied.append(self.mirror.room.sequence)

    def until(self, true: Callable[[], bool], within_s: float = WAIT_S) -> None:
        """Drain until it is true; polls the link, since the test stands where the frame clock stands."""
        wait_until(lambda: (self.drain(), true())[1], within_s)

    def close(self) -> None:
        self.link.close()


@contextmanager
def seat_on(port: int, **options: Any) -> Iterator[Seat]:
    seat = Seat(port, **options)
    try:
        yield seat
    finally:
        seat.close()


def wait_until(true: Callable[[], bool], within_s: float = WAIT_S) -> None:
    """Look again and again until it is true; fails after `within_s`."""
    clock = SystemClock()
    end = clock.monotonic() + within_s
    # The threads under test need the interpreter: a poller without sockets would return at once and starve them.
    never = threading.Event()
    while not true():
        assert clock.monotonic() < end, f"not true within {within_s} s"
        never.wait(0.005)


class HubProcess:
    """A hub that can be killed: a process of its own, restarted on the same ports and store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ports = ANY_PORTS
        self._start()

    def _start(self) -> None:
        ports = ",".join(map(str, self.ports))
        code = "import sys; from controlroom.cli import main; sys.exit(main())"
        with (self._folder / "hub.err").open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, "hub", "--home", str(self._folder), "--ports", ports, "--no-record"],
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=Path(__file__).parents[1],
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self._folder / "hub.err").read_text()
        self.ports = Ports(**json.loads(line)["ready"])

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def restart(self) -> None:
        self._start()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(WAIT_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
