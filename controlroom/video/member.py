"""One process that decodes, as the one that started it sees it."""

import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections import deque

import msgspec

from controlroom.video.orders import LARGEST, Alive, Order, Told, answers, encoder

_log = logging.getLogger(__name__)

_END_S = 1.5


class Member:
    """A place for a worker process; `send` may be called before the process runs. Its user keeps the calls apart.

    Orders that the pair of sockets does not take at once wait here, so nobody ever waits for a worker.
    """

    def __init__(self) -> None:
        self._ours: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._outbox: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self.is_broken = False
        self.heard_s = self.started_s = 0.0
        self.is_ready = False
        self.falls = 0
        self.next_start_s: float | None = None

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def socket(self) -> "socket.socket | None":
        """Our end, None while there is none."""
        return self._ours

    @property
    def has_waiting(self) -> bool:
        """Whether orders wait to be taken."""
        return bool(self._outbox)

    def connect(self) -> None:
        """Make the pair of sockets. Raises OSError."""
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        self.is_broken = self.is_ready = False

    def spawn(self, now_s: float) -> None:
        """Start the process. Raises OSError."""
        assert self._theirs is not None, "connect first"
        descriptor = self._theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "controlroom.video.worker", str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=(descriptor,),
        )
        self._theirs.close()
        self._theirs = None
        self.heard_s = self.started_s = now_s

    def send(self, order: Order, *descriptors: int) -> None:
        """Tell the worker; the descriptors become the member's to close. Between two processes nothing is kept."""
        if self._ours is None:
            _close(descriptors)
            return
        self._outbox.append((encoder.encode(order), descriptors))
        self.flush()

    def flush(self) -> None:
        """Hand over what waits, as far as it is taken."""
        while self._outbox and self._ours is not None:
            data, descriptors = self._outbox[0]
            try:
                socket.send_fds(self._ours, [data], descriptors)
            except BlockingIOError:
                return
            except OSError:
                self.is_broken = True
                return
            self._outbox.popleft()
            _close(descriptors)

    def listen(self, now_s: float) -> None:
        """Read what the worker said."""
        while self._ours is not None and not self.is_broken:
            try:
                data = self._ours.recv(LARGEST)
                answer = answers.decode(data) if data else None
            except BlockingIOError:
                return
            except (OSError, msgspec.MsgspecError):
                answer = None
            match answer:
                case Alive():
                    self.heard_s, self.is_ready = now_s, True
                case Told() if answer.logger.startswith("controlroom."):
                    logging.getLogger(answer.logger).log(answer.level, "%s", answer.text)
                case None:
                    self.is_broken = True

    def part(self) -> None:
        """Let the worker know that its work is done."""
        for end in (self._ours, self._theirs):
            if end is not None:
                end.close()
        self._ours = self._theirs = None

    def end(self, is_kind: bool = True) -> None:
        """End the process and forget what it was still to be told."""
        self.part()
        for _data, descriptors in self._outbox:
            _close(descriptors)
        self._outbox.clear()
        process, self._process = self._process, None
        if process is None:
            return
        if not is_kind:
            process.kill()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


def _close(descriptors: tuple[int, ...]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
