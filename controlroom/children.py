"""Processes that this one starts and answers for: none outlives it, a crashed one comes back.

A child holds its end of a pipe to its standard input; when the parent dies, even by `kill -9`, the pipe closes and
the child ends by itself (`end_with_stdin`).
"""

import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

_log = logging.getLogger(__name__)

READY_S = 30.0
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
GRACE_S = 30.0
"""How long a child may take to end after its parent."""

EXIT_HUNG = 75
LOG_MOST_BYTES = 5_000_000
_LOOK_S = 0.02
_LOGGED = re.compile(r"\d{4}-\d\d-\d\d ")
_NO_SENTENCE = re.compile(r"\s|[\w.]+(Error|Exception|Interrupt)\b")
"""Lines of a log or of a traceback, which are not for officers."""

STEADY_S = 30.0
"""A child that lived this long starts its back-off anew."""

FAREWELL = b"end\n"
"""What a parent says that ends its child on purpose; one that died says nothing."""


def end_with_stdin(end: Callable[[], None], orphaned: Callable[[], None] = lambda: None) -> None:
    """Call `end` from a thread of its own when the standard input closes, before it `orphaned` if the parent died."""

    def watch() -> None:
        heard = b""
        with contextlib.suppress(OSError):
            while said := os.read(0, 4096):
                heard = (heard + said)[-len(FAREWELL) :]
        if heard != FAREWELL:
            orphaned()
        end()
        # Still here after that long: something hangs, and a child may not outlive its parent.
        time.sleep(GRACE_S)
        os._exit(EXIT_HUNG)

    threading.Thread(target=watch, name="stdin-watch", daemon=True).start()


def asked_to_end(with_stdin: bool) -> threading.Event:
    """Set once this process is asked to end: by SIGTERM, SIGINT, or `with_stdin` when the standard input closes.

    Signals are heard where it is called by the main thread.
    """
    ended = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: ended.set())
    if with_stdin:
        end_with_stdin(ended.set)
    return ended


def program(*arguments: str) -> list[str]:
    """The command line that runs this program in a process of its own."""
    return [sys.executable, "-m", "controlroom", *arguments]


@dataclass(slots=True)
class Child:
    """One child process. `arguments` are those of this program; its words go to `log`."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    respawn: bool = True
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    falls: int = 0
    next_start_at: float = 0.0
    _output: IO[bytes] | None = None
    _log_from: int = 0

    def start(self) -> None:
        """Start the process. Raises EnvironmentFault."""
        try:
            self._begin()
        except OSError as error:
            self._drop_output()
            raise EnvironmentFault(
                _("The process “{name}” cannot be started ({error}); look at {log}.").format(
                    name=self.name, error=error, log=self.log
                )
            ) from error
        self.started_at = time.monotonic()
        _log.info("started %s, process %d", self.name, self.process.pid if self.process else 0)

    def _begin(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_MOST_BYTES:
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        # A file and not a pipe: nobody reads after the first line, and a full pipe would stop the child.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the child
        with self.log.open("ab") as log:
            self._log_from = log.tell()
            self.process = subprocess.Popen(
                program(*self.arguments, "--exit-with-stdin"),
                stdin=subprocess.PIPE,
                stdout=self._output,
                stderr=log,
                env=os.environ | self.environment,
            )

    def first_line(self, within_s: float = READY_S) -> str:
        """The first line the child prints, once it is ready. Raises EnvironmentFault with the child's own words."""
        if self.process is None or self._output is None:
            raise RuntimeError(f"{self.name} was not started")
        until = time.monotonic() + within_s
        while True:
            alive = self.alive
            said, ended, _rest = os.pread(self._output.fileno(), 65_536, 0).partition(b"\n")
            if ended:
                return said.decode("utf-8", "replace").strip()
            if not alive or time.monotonic() > until:
                raise EnvironmentFault(self._why())
            time.sleep(_LOOK_S)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def close(self, within_s: float = 5.0) -> None:
        """End the process: its standard input closes, then it is asked, then it is ended."""
        process = self.process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.write(FAREWELL)
            with contextlib.suppress(OSError):
                process.stdin.close()
        for step in (None, process.terminate, process.kill):
            if step is not None:
                step()
            try:
                process.wait(within_s)
                break
            except subprocess.TimeoutExpired:
                _log.warning("%s, process %d, does not end", self.name, process.pid)
        self._drop_output()
        self.process = None

    def _drop_output(self) -> None:
        if self._output is not None:
            self._output.close()
            self._output = None

    def _why(self) -> str:
        """The last sentence that a child which did not come up has said in this life."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(self._log_from)
            for line in reversed(log.read().decode("utf-8", "replace").rstrip().splitlines()):
                if _LOGGED.match(line):
                    continue
                if _NO_SENTENCE.match(line):
                    break
                return line
        return _("The process “{name}” did not start; look at {log}.").format(name=self.name, log=self.log)


class Family:
    """The children of one run. `watch` is called about twice a second by the owner's own clock."""

    def __init__(self, fallen: Callable[[Child], None]) -> None:
        self._fallen = fallen
        self.children: list[Child] = []

    def add(self, child: Child) -> Child:
        """Start a child and answer for it from now on."""
        child.start()
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Tell of children that fell and start them again, ever more slowly."""
        now = time.monotonic()
        for child in self.children:
            if child.alive or not child.respawn:
                continue
            if child.process is not None:
                if now - child.started_at > STEADY_S:
                    child.falls = 0
                wait_s = BACK_OFF_S[min(child.falls, len(BACK_OFF_S) - 1)]
                child.falls += 1
                child.next_start_at = now + wait_s
                child.close()
                self._fallen(child)
            elif now >= child.next_start_at:
                self._start_again(child, now)

    def _start_again(self, child: Child, now: float) -> None:
        try:
            child.start()
        except EnvironmentFault as fault:
            _log.warning("%s", fault.sentence)
            child.next_start_at = now + BACK_OFF_S[-1]

    def close(self) -> None:
        """End all children, the youngest first."""
        for child in reversed(self.children):
            child.close()
        self.children.clear()
