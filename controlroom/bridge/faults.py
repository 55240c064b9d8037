"""The last net: a bug of ours is written down, counted and told, and the room goes on."""

import faulthandler
import logging
import sys
import threading
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec
from msgspec import Struct
from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler

from controlroom.clock import Clock
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import _

_KINDS_KEPT = 100
_TEXT_KEPT = 20_000
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("controlroom.qt")


class Fault(Struct, frozen=True):
    """A bug that showed itself `count` times; `where` is the thread or task, `text` the traceback."""

    title: str
    where: str
    text: str
    first_at: datetime
    last_at: datetime
    count: int = 1


class CrashNet(QObject):
    """Catches what nobody else caught, on any thread.

    `folder` holds the faults of the interpreter itself (`fatal.log`), also those that end the process: `previous`
    is the text of the last run's. Environment faults and refusals are not bugs: they go out as `told`.
    """

    faulted = Signal(object)
    """A Fault, new or counted up, on the thread of this object."""
    told = Signal(str)
    """A sentence for the officer, on the thread of this object."""
    _caught = Signal(object, str, str)

    def __init__(self, folder: Path, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.previous = ""
        self._clock = clock
        self._faults: dict[str, Fault] = {}
        self._fatal: IO[str] | None = None
        self._handled_before = faulthandler.is_enabled()
        self._hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        self._caught.connect(self._count, Qt.ConnectionType.QueuedConnection)

    @property
    def log_path(self) -> Path:
        """Where the interpreter's own faults are written."""
        return self.folder / "fatal.log"

    def install(self) -> None:
        """Take over the hooks of the interpreter and of Qt. Call once, on the GUI thread."""
        self._open_fatal_log()
        self._hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._excepthook
        threading.excepthook = self._threadhook
        sys.unraisablehook = self._unraisablehook
        qInstallMessageHandler(_qt_message)

    def close(self) -> None:
        """Give the hooks back; an empty fatal log is removed."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
        qInstallMessageHandler(None)
        faulthandler.disable()
        if self._handled_before and sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
        if self._fatal is not None:
            self._fatal.close()
            self._fatal = None
            with suppress(OSError):
                if not self.log_path.stat().st_size:
                    self.log_path.unlink()

    def catch(self, error: BaseException, where: str) -> None:
        """Tell a failure that was caught at a border; any thread."""
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        if isinstance(error, EnvironmentFault | CommandRefused):
            _log.info("%s: %s", where, error)
        else:
            _log.error("a fault in %s", where, exc_info=error)
        self._caught.emit(error, where, "".join(traceback.format_exception(error))[-_TEXT_KEPT:])

    def _count(self, error: BaseException, where: str, text: str) -> None:
        if isinstance(error, EnvironmentFault):
            self.told.emit(error.sentence)
            return
        if isinstance(error, CommandRefused):
            self.told.emit(_("The hub refused: {reason}").format(reason=error.text or error.code))
            return
        now = self._clock.now()
        key = _identity(error)
        held = self._faults.get(key)
        if held is not None:
            fault = msgspec.structs.replace(held, last_at=now, count=held.count + 1)
        elif len(self._faults) < _KINDS_KEPT:
            fault = Fault(f"{type(error).__name__}: {error}"[:300], where, text, now, now)
        else:
            return
        self._faults[key] = fault
        self.faulted.emit(fault)

    def _open_fatal_log(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.log_path.is_file() and self.log_path.stat().st_size:
                self.previous = self.log_path.read_text("utf-8", "replace")[-_TEXT_KEPT:]
                self.log_path.replace(self.folder / "fatal-previous.log")
            self._fatal = self.log_path.open("w", encoding="utf-8")
            faulthandler.enable(self._fatal)
        except OSError as fault:
            _log.warning("faults cannot be written to %s: %s", self.log_path, fault)

    def _excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hooks[0](kind, error, trace)
            return
        self.catch(error.with_traceback(trace), "main")

    def _threadhook(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            self.catch(told.exc_value, told.thread.name if told.thread is not None else "thread")

    def _unraisablehook(self, told: "sys.UnraisableHookArgs") -> None:
        if told.exc_value is not None:
            self.catch(told.exc_value, str(told.err_msg or "finaliser"))


def _identity(error: BaseException) -> str:
    """The same bug is the same kind of error raised at the same line."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return f"{type(error).__qualname__}@{last.filename}:{last.lineno}" if last else repr(error)


def _qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category or "qt", message)
