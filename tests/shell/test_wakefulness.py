"""A display keeps its monitor awake: the X server's own saver does not begin while it lives."""

import ctypes
import ctypes.util
import os
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from controlroom import display
from controlroom.shell.wakefulness import Wakefulness

SAVED = 1


class _Told(ctypes.Structure):
    _fields_ = (
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("til_or_since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong),
        ("event_mask", ctypes.c_ulong),
    )


class Server:
    """The saver of an X server of its own, that begins after a second."""

    def __init__(self, name: str) -> None:
        self._x11, self._saver = (ctypes.CDLL(ctypes.util.find_library(each)) for each in ("X11", "Xss"))
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x11.XSetScreenSaver.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 4]
        self._x11.XCloseDisplay.argtypes = self._x11.XFlush.argtypes = [ctypes.c_void_p]
        self._saver.XScreenSaverQueryInfo.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(_Told)]
        self._display = self._x11.XOpenDisplay(name.encode())
        self._x11.XSetScreenSaver(self._display, 1, 0, 1, 1)
        self._x11.XFlush(self._display)

    def told(self) -> _Told:
        told = _Told()
        root = self._x11.XDefaultRootWindow(self._display)
        self._saver.XScreenSaverQueryInfo(self._display, root, ctypes.byref(told))
        return told

    def close(self) -> None:
        self._x11.XCloseDisplay(self._display)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    if not display.can_be_virtual() or not ctypes.util.find_library("Xss"):
        pytest.skip("no virtual display, or no library of the screen saver extension")
    with display.virtual_display([(64, 64)], dict(os.environ)) as virtual:
        monkeypatch.setenv("DISPLAY", virtual.name)
        made = Server(virtual.name)
        yield made
        made.close()


def test_the_servers_saver_waits_for_as_long_as_the_display_is_shown(server: Server, qtbot: QtBot) -> None:
    awake = Wakefulness()
    assert awake._suspend_server()
    qtbot.waitUntil(lambda: server.told().idle > 1500)
    assert server.told().state != SAVED
    awake.close()
    qtbot.waitUntil(lambda: server.told().state == SAVED)
