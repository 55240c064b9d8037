"""`controlroom wall --keep`: a parent that brings a display back when it crashed, was killed or hangs."""

import argparse
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from controlroom.children import Child, Family, program
from controlroom.commands.setup import Setup
from controlroom.domain.wall_memory import display_name
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, language

LOOK_S = 0.25
HUNG_S = 30.0
"""A display whose frame clock did not beat for this long hangs and is started again."""
OPENING_S = 120.0
"""How long it may take to open, on a cold and slow machine."""
HANDOVER_S = 45.0
"""How long the keeper before this one may take to end."""
_log = logging.getLogger(__name__)


class Post:
    """The right to keep one display on this machine: whoever comes later takes it over."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: IO[str] | None = None

    def take(self, within_s: float = HANDOVER_S) -> None:
        """Take the post; a keeper that has it is asked to end. Raises EnvironmentFault."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        held = self._file.open("a+")
        until = time.monotonic() + within_s
        asked = 0
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                holder = _number(self._file)
                if holder and holder != asked:
                    with contextlib.suppress(OSError):
                        os.kill(holder, signal.SIGTERM)
                    asked = holder
            if time.monotonic() > until:
                held.close()
                raise EnvironmentFault(
                    _("Another process keeps this display and does not end; end process {number}.").format(
                        number=_number(self._file)
                    )
                )
            time.sleep(LOOK_S)
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        self._held = held

    def close(self) -> None:
        """Leave the post."""
        if self._held is not None:
            self._held.truncate(0)
            self._held.close()
            self._held = None


class Keeper:
    """Keeps one child alive until `end`; it must touch `beat` while it is well. One thread calls `run`."""

    def __init__(self, child: Child, beat: Path) -> None:
        self._child = child
        self._beat = beat
        self._ended = threading.Event()
        self._family = Family(self._fallen)
        self.falls = 0
        """How often it was brought back."""

    def run(self) -> None:
        """Start the child and bring it back until the end."""
        self._forget_beat()
        try:
            self._family.add(self._child)
            while not self._ended.wait(LOOK_S):
                self._end_hung()
                self._family.watch()
        finally:
            self._family.close()

    def end(self) -> None:
        """End the child and return from `run`; may be called from a signal handler."""
        self._ended.set()

    def _fallen(self, child: Child) -> None:
        self.falls += 1
        self._forget_beat()
        _log.warning("the display has ended and is brought back, for the %d. time", self.falls)

    def _forget_beat(self) -> None:
        self._beat.unlink(missing_ok=True)

    def _end_hung(self) -> None:
        process = self._child.process
        if process is None or not self._child.alive:
            return
        try:
            silent_s, most_s = time.time() - self._beat.stat().st_mtime, HUNG_S
        except OSError:
            silent_s, most_s = time.monotonic() - self._child.started_at, OPENING_S
        if silent_s > most_s:
            _log.error("the display hangs since %.0f s and is ended", silent_s)
            process.kill()
            process.wait()


def words(arguments: argparse.Namespace, home: str) -> list[str]:
    """The command line of a display as it was named, without what its keeper adds."""
    named = ["wall", "--name", arguments.name, "--screen", str(arguments.screen)]
    for option in ("hub", "monitor", "key", "hub_key"):
        value = getattr(arguments, option)
        if value:
            absolute = str(value.absolute()) if isinstance(value, Path) else str(value)
            named += [f"--{option.replace('_', '-')}", absolute]
    return [*named, *(("--home", home) if home else ()), "--language", language()]


def keep(arguments: argparse.Namespace, setup: Setup) -> int:
    """Keep the display of these arguments until this process is ended."""
    name = display_name(arguments.name, arguments.screen, arguments.monitor)
    state = setup.folders.state
    post = Post(state / f"keeper-{name}.lock")
    post.take()
    home = str(Path(arguments.home).absolute()) if arguments.home else ""
    line = words(arguments, home)
    child = Child(f"wall-{name}", [*line, "--kept"], setup.folders.logs / f"wall-{name}.err.log")
    keeper = Keeper(child, beat_file(state, name))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_signal: keeper.end())
    try:
        keeper.run()
    finally:
        post.close()
    return 0


def beat_file(state: Path, name: str) -> Path:
    """What a kept display touches while its windows answer."""
    return state / f"beat-{name}"


def relieve(line: Sequence[str]) -> None:
    """Start a new keeper in place of one that died; it takes the display over once this one has ended."""
    _log.warning("the keeper of this display has died; a new one is started")
    subprocess.Popen(
        program(*line, "--keep"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _number(file: Path) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(file.read_text().strip() or 0)
    return 0
