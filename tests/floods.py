"""What the room is tested and measured against: a flood of alarms, and a cable that can be cut."""

import contextlib
import socket
import threading

from controlroom.clock import SystemClock
from controlroom.wire import codec
from tests.rooms import Source, alarm


class Flood:
    """A source that hands in 10,000 alarms a second, a hundred at a time, and sends again what is not acknowledged."""

    PER_HANDOVER = 100
    PER_SECOND = 100

    def __init__(self, source: Source, total: int) -> None:
        self._source = source
        self._total = total
        self._clock = SystemClock()
        self._begun = self._clock.monotonic()
        self._sent = 0
        self.acknowledged = 0

    def _frame(self, number: int) -> bytes:
        records = [alarm(f"{number}-{n}") for n in range(self.PER_HANDOVER)]
        return codec.encode({"source": "flood", "session": "x", "seq": number, "records": records})

    def lost_its_hub(self) -> None:
        """What was under way is gone."""
        self._sent = self.acknowledged

    def step(self) -> None:
        """Send what is due and take the answers that have come."""
        due = (self._clock.monotonic() - self._begun) * self.PER_SECOND
        while self._sent < min(self._total, due):
            self._sent += 1
            self._source.send_bytes(self._frame(self._sent))
        while self._source.came(2 if self._sent > self.acknowledged else 0):
            answer = codec.acknowledgement(self._source.receive())
            if answer.expected:
                self._sent = min(self._sent, answer.expected - 1)
            else:
                self.acknowledged = max(self.acknowledged, answer.seq)

    @property
    def over(self) -> bool:
        """Whether everything is acknowledged."""
        return self.acknowledged == self._total


class Cable:
    """A TCP proxy before one port that can be cut, be slow, or go dead without saying so."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.dead = threading.Event()
        self.slow_s = 0.0
        """Each piece of at most 64 kB waits for so long before it goes on."""
        self._never = threading.Event()
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._server.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._port))
                except OSError:
                    near.close()
                    continue
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=self._carry, args=(one, other)))
                    self._threads[-1].start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if self.slow_s:
                    self._never.wait(self.slow_s)
                if not self.dead.is_set():
                    other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Reset every connection; new ones work."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()
        for thread in self._threads:
            thread.join()
