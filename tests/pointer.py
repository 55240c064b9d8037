"""A pointer that the X server moves itself (the XTEST extension), so that drags go the way of a real hand."""

import ctypes
import ctypes.util
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

STEP_MS = 25
LEFT = 1


class Pointer:
    """Moves, presses and releases; skips the test where the display or the library is another."""

    def __init__(self) -> None:
        found = ctypes.util.find_library("X11"), ctypes.util.find_library("Xtst")
        if QGuiApplication.platformName() != "xcb" or not all(found):
            pytest.skip("no X display, or no library of its test extension (libxtst6)")
        self._x11, self._test = (ctypes.CDLL(each) for each in found)
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XFlush.argtypes = self._x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
        self._test.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 3, ctypes.c_ulong]
        self._test.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self._display = self._x11.XOpenDisplay(None)

    def move(self, to: QPoint) -> None:
        self._test.XTestFakeMotionEvent(self._display, -1, to.x(), to.y(), 0)
        self._x11.XFlush(self._display)

    def press(self, is_down: bool) -> None:
        self._test.XTestFakeButtonEvent(self._display, LEFT, int(is_down), 0)
        self._x11.XFlush(self._display)

    def close(self) -> None:
        self._x11.XCloseDisplay(self._display)


def drag(qtbot: QtBot, source: QWidget, start: QPoint, target: QWidget, end: QPoint) -> None:
    """Press at a point of one widget, carry to a point of another and let go there.

    A drag runs in a loop of its own inside the event that began it, so a timer moves the hand.
    """
    pointer = Pointer()
    from_, to = source.mapToGlobal(start), target.mapToGlobal(end)
    way = [from_ + (to - from_) * share / 8 for share in range(1, 9)]
    steps: list[Callable[[], None]] = [
        partial(pointer.move, from_),
        partial(pointer.press, True),
        *(partial(pointer.move, from_ + QPoint(4 * k, 0)) for k in range(1, 6)),
        *(partial(pointer.move, point) for point in way),
        partial(pointer.move, to + QPoint(1, 1)),
        partial(pointer.move, to),
        partial(pointer.press, False),
    ]
    timer = QTimer(interval=STEP_MS)

    def step() -> None:
        if steps:
            steps.pop(0)()
        else:
            timer.stop()

    timer.timeout.connect(step)
    timer.start()
    try:
        qtbot.waitUntil(lambda: not timer.isActive(), timeout=10_000)
    finally:
        if timer.isActive():
            pointer.press(False)
        pointer.close()
