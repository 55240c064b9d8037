"""Watchers over every test: an unexpected warning of Qt or of a log fails it, and so does a thread left running."""

import logging
import os
import re
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

QT_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

HARMLESS = (
    # The offscreen platform has no window manager that could be told about sizes.
    r"This plugin does not support propagateSizeHints\(\)",
    # The offscreen platform cannot raise or grab, which pop-ups of Qt itself try.
    r"This plugin does not support (raise|grabbing)",
    # Xvfb's monitors have no EDID, so the platform guesses the size in millimetres.
    r"QXcbScreen: .*EDID",
    # Chromium's GPU process is told to paint in software; it says so once.
    r"Failed to create (GLX|EGL) context|GPU process isn't usable|GPUInfo not initialized|Unable to detect GPU vendor",
    # The same on Debian 13, whose drivers offer Vulkan and DRI3, which a virtual display has not.
    r"Failed to create (platform )?Vulkan instance|GLX: No DRI3 Extension",
    # The offscreen platform has no OpenGL that the web engine could look at before it paints in software.
    r"QRhiGles2: Failed to create (temporary )?context|Failed to create RHI for backend: OpenGL",
)
"""Warnings of the platform that no test can help; each with its reason."""

POOLS = ("Thread (pooled", "pytest_timeout", "QDBusConnection")
"""Threads that belong to Qt's own pool or to the runner: they end by themselves or with the process."""

JOIN_S = 5.0
"""How long a thread may take to end after its test: a loaded machine with two cores needs a second or two."""


class LogWatch(logging.Handler):
    """Fails a test that caused an unexpected record of WARNING or worse; Qt's messages are the logger `qt`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: list[logging.LogRecord] = []
        self._allowed: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record; any thread."""
        self._records.append(record)

    def attach(self) -> None:
        """Listen to everything, also after the application under test installed its own handlers."""
        root = logging.getLogger()
        if self not in root.handlers:
            root.addHandler(self)
        qInstallMessageHandler(self._on_qt_message)

    def allow(self, logger: str, text: str) -> None:
        """Let such records pass until the end of this test: of this logger or below, with `text` in the message."""
        self._allowed.append((logger, text))

    @contextmanager
    def expect(self, logger: str, text: str) -> Iterator[None]:
        """Demand at least one such record from the block; `text` is a regular expression that is searched."""
        start = len(self._records)
        yield
        heard = self._records[start:]
        expected = [record for record in heard if _matches(record, logger, text)]
        if not expected:
            told = "\n".join(map(_line, heard)) or "(nothing)"
            pytest.fail(f"expected a log of {logger!r} with {text!r}; heard:\n{told}")
        self._records[start:] = [record for record in heard if record not in expected]

    def check(self) -> None:
        """Fail if anything unexpected was heard since the last check."""
        records, self._records = self._records, []
        unexpected = [r for r in records if not any(_matches(r, logger, text) for logger, text in self._allowed)]
        if unexpected:
            pytest.fail("unexpected log:\n" + "\n".join(map(_line, unexpected)), pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None]:
        """Start from nothing."""
        self._records, self._allowed = [], []
        self.attach()
        yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """A warning during the test fails the test."""
        yield
        self.check()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None]:
        """A warning while the fixtures are taken down is an error."""
        yield
        self.check()

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        level = QT_LEVELS.get(kind)
        if level is None or any(re.search(pattern, text) for pattern in HARMLESS):
            return
        if kind is QtMsgType.QtFatalMsg:  # Qt ends the process next, so no report would ever show this
            os.write(2, f"{text}\n".encode())
        category = context.category or "default"
        logging.getLogger("qt" if category == "default" else f"qt.{category}").log(level, "%s", text)


class ThreadWatch:
    """Fails a test that leaves a thread running which was not there before it and belongs to no wider fixture."""

    def __init__(self) -> None:
        self._known: set[threading.Thread] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Threads of a fixture that outlives the test are known."""
        before = set(threading.enumerate())
        result = yield
        if fixturedef.scope != "function":
            self._known |= set(threading.enumerate()) - before
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None]:
        """Remember what runs already."""
        self._known = {thread for thread in self._known if thread.is_alive()} | set(threading.enumerate())
        yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None]:
        """Everything started must end."""
        yield
        for thread in self._left():
            if not isinstance(thread, threading._DummyThread):
                thread.join(JOIN_S)
        names = [f"{thread.name} ({_command(thread) or 'python'})" for thread in self._left()]
        if names:
            pytest.fail(f"threads left running: {', '.join(names)}", pytrace=False)

    def adopt(self) -> None:
        """What runs now belongs to a wider fixture, which answers for it."""
        self._known |= set(threading.enumerate())

    def _left(self) -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in self._known and _is_ours(thread)]


def _is_ours(thread: threading.Thread) -> bool:
    """Whether the thread runs and was started by the code under test.

    A thread of C++ that once called Python stays in Python's list after its end, so the system is asked about it.
    """
    command = _command(thread)
    if isinstance(thread, threading._DummyThread) and not command:
        return False
    return not command.startswith(POOLS) and not thread.name.startswith(POOLS)


def _command(thread: threading.Thread) -> str:
    try:
        return Path(f"/proc/self/task/{thread.native_id}/comm").read_text().strip()
    except OSError:
        return ""


def _matches(record: logging.LogRecord, logger: str, text: str) -> bool:
    return (record.name == logger or record.name.startswith(f"{logger}.")) and bool(re.search(text, _message(record)))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError) as error:
        return f"{record.msg!r} with {record.args!r}: {error}"


def _line(record: logging.LogRecord) -> str:
    return f"  {record.levelname} {record.name}: {_message(record)} ({record.pathname}:{record.lineno})"
