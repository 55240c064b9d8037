"""Puts windows on monitors, with a window manager or without, and reads where they are."""

from msgspec import Struct
from PySide6.QtCore import QMargins, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from controlroom.shell.memento import WindowMemento
from controlroom.shell.screens import Place, ScreenKey, screen_of, within
from layouts import Fill

_GUEST_SHARE = 0.6
_GUEST_STEP_PX = 36
_STATES = {
    Fill.FULL: Qt.WindowState.WindowFullScreen,
    Fill.MAXIMIZED: Qt.WindowState.WindowMaximized,
    Fill.NORMAL: Qt.WindowState.WindowNoState,
}
_DECORATION = QMargins(8, 40, 8, 12)
"""Room for the frame that a window manager puts round a window; its size is not known before it is shown."""


class Target(Struct, frozen=True):
    """Where a window was put: the monitor's whole area, the window's rectangle in it, and how it fills it."""

    whole: tuple[int, int, int, int]
    rect: tuple[int, int, int, int]
    fill: Fill


def target(place: Place, fill: Fill, held: WindowMemento | None) -> Target | None:
    """Where a window belongs: as it was there (`held`), else as the layout says, else as a guest.

    A guest shares the monitor with a window that belongs there: it is smaller, so that both are seen. None when the
    monitor went a moment ago: another change of the monitors is about to be told.
    """
    screen = screen_of(place.screen)
    if screen is None:
        return None
    area, whole = screen.availableGeometry(), screen.geometry()
    if held is not None and held.rect is not None and held.screen == place.screen.text():
        rect = within(QRect(*held.rect).translated(whole.topLeft()), whole)
        fill = Fill(held.fill) if held.fill in set(Fill) else Fill.NORMAL
    elif place.depth:
        rect, fill = _guest(area, place.depth), Fill.NORMAL
    else:
        rect = {Fill.FULL: whole, Fill.MAXIMIZED: area, Fill.NORMAL: _centred(area)}[fill]
    return Target(_four(whole), _four(whole if fill is Fill.FULL else rect), fill)


def stands(window: QWidget, wanted: Target) -> bool:
    """Whether a window is shown on its monitor and fills it as it should; a normal one may have been moved there."""
    on_it = QRect(*wanted.whole).contains(window.geometry().center())
    return window.isVisible() and on_it and _fill(window) is wanted.fill


def put(window: QWidget, wanted: Target) -> None:
    """Show a window where it belongs; one that is there already is left alone.

    It is moved as a normal window: window managers refuse to move one that is maximised or full screen. Full screen
    takes the monitor's rectangle by hand, too, since nobody resizes it without a window manager.
    """
    rect = QRect(*wanted.rect)
    if stands(window, wanted) and (wanted.fill is not Fill.NORMAL or window.geometry() == rect):
        return
    if window.isVisible() and window.windowState() != Qt.WindowState.WindowNoState:
        window.setWindowState(Qt.WindowState.WindowNoState)
    for screen in QGuiApplication.screens():
        if screen.geometry() == QRect(*wanted.whole):
            window.setScreen(screen)
    window.setGeometry(rect)
    window.setWindowState(_STATES[wanted.fill])
    window.show()


def read(window: QWidget, guest: bool) -> WindowMemento:
    """Where a window is: its monitor, its rectangle there when it is normal, and how it fills the monitor."""
    # What Qt calls the window's screen lags behind its geometry until the window manager has answered.
    screen = QGuiApplication.screenAt(window.geometry().center()) or window.screen()
    fill = _fill(window)
    rect = window.normalGeometry() if fill is not Fill.NORMAL else window.geometry()
    rect = (rect if rect.isValid() else window.geometry()).translated(-screen.geometry().topLeft())
    return WindowMemento(
        screen=ScreenKey.of(screen).text(),
        rect=(rect.x(), rect.y(), rect.width(), rect.height()),
        fill=fill.value,
        guest=guest,
    )


def _fill(window: QWidget) -> Fill:
    state = window.windowState()
    if state & Qt.WindowState.WindowFullScreen:
        return Fill.FULL
    return Fill.MAXIMIZED if state & Qt.WindowState.WindowMaximized else Fill.NORMAL


def _four(rect: QRect) -> tuple[int, int, int, int]:
    return rect.x(), rect.y(), rect.width(), rect.height()


def _guest(area: QRect, depth: int) -> QRect:
    area = area.marginsRemoved(_DECORATION)
    width, height = int(area.width() * _GUEST_SHARE), int(area.height() * _GUEST_SHARE)
    step = _GUEST_STEP_PX * (depth - 1)
    return within(QRect(area.right() - width - step, area.bottom() - height - step, width, height), area)


def _centred(area: QRect) -> QRect:
    rect = QRect(0, 0, int(area.width() * 0.8), int(area.height() * 0.8))
    rect.moveCenter(area.center())
    return rect
