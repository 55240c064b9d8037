"""Keeps a display's monitor awake while this process lives: no screen saver, no blanking."""

import contextlib
import ctypes
import ctypes.util
import logging

from PySide6.QtCore import QObject, QProcess
from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage
from PySide6.QtGui import QGuiApplication

from controlroom.i18n import _

_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
_log = logging.getLogger(__name__)


class Wakefulness(QObject):
    """Asks the session (freedesktop.org idle inhibition) and the X server; both forget it when this process ends."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ways: list[str] = []
        """By which ways it is kept awake; empty where nothing here can be asked."""
        self._display: int | None = None
        self._x11: ctypes.CDLL | None = None

    def begin(self, reason: str) -> None:
        """Ask everybody who could blank the monitor; what cannot be asked is told to the log."""
        if self._ask_session(reason):
            self.ways.append("session")
        if QGuiApplication.platformName() == "xcb":
            if self._suspend_server():
                self.ways.append("x11")
            elif self._switch_off():
                self.ways.append("xset")
        if self.ways:
            _log.info("the monitor is kept awake by %s", ", ".join(self.ways))
        else:
            _log.warning("%s", _("Nothing here can keep the monitor awake; switch its screen saver off by hand."))

    def close(self) -> None:
        """Let it sleep again."""
        if self._x11 is not None and self._display:
            self._x11.XCloseDisplay(self._display)
        self._x11, self._display = None, None

    def _ask_session(self, reason: str) -> bool:
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return False
        service = QDBusInterface(_SERVICE, _PATH, _SERVICE, bus)
        if not service.isValid():
            return False
        return service.call("Inhibit", "controlroom", reason).type() is QDBusMessage.MessageType.ReplyMessage

    def _suspend_server(self) -> bool:
        """By MIT-SCREEN-SAVER 1.1; the server holds it as long as this connection, which stays open."""
        found = ctypes.util.find_library("X11"), ctypes.util.find_library("Xss")
        if not all(found):
            return False
        with contextlib.suppress(OSError, AttributeError):
            x11, saver = ctypes.CDLL(found[0]), ctypes.CDLL(found[1])
            x11.XOpenDisplay.restype = ctypes.c_void_p
            x11.XCloseDisplay.argtypes = x11.XFlush.argtypes = [ctypes.c_void_p]
            saver.XScreenSaverSuspend.argtypes = [ctypes.c_void_p, ctypes.c_int]
            saver.XScreenSaverQueryVersion.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_int)] * 2]
            display = x11.XOpenDisplay(None)
            if not display:
                return False
            major, minor = ctypes.c_int(), ctypes.c_int()
            known = saver.XScreenSaverQueryVersion(display, ctypes.byref(major), ctypes.byref(minor))
            if not known or (major.value, minor.value) < (1, 1):
                x11.XCloseDisplay(display)
                return False
            saver.XScreenSaverSuspend(display, 1)
            x11.XFlush(display)
            self._x11, self._display = x11, display
            return True
        return False

    def _switch_off(self) -> bool:
        """Without that library the server's own saver is switched off, until somebody switches it on."""
        return QProcess.startDetached("xset", ["s", "off", "-dpms"])[0]
