"""Puts windows on monitors, with a window manager or without, and reads where they are."""

from PySide6.QtCore import QMargins, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from controlroom.shell.memento import WindowMemento
from controlroom.shell.screens import Place, ScreenKey, screen_of, within
from layouts import Fill

_GUEST_SHARE = 0.6
_GUEST_STEP_PX = 36
_DECORATION = QMargins(8, 40, 8, 12)
"""Room for the frame that a window manager puts round a window; its size is not known before it is shown."""


def put(window: QWidget, place: Place, fill: Fill, held: WindowMemento | None) -> None:
    """Show a window on its monitor: as it was there (`held`), else as the layout says, else as a guest.

    A guest shares the monitor with a window that belongs there: it is smaller, so that both are seen.
    """
    screen = screen_of(place.screen)
    if screen is None:
        return
    area, whole = screen.availableGeometry(), screen.geometry()
    fits = held is not None and held.rect is not None and held.screen == place.screen.text()
    if fits and held is not None and held.rect is not None:
        rect = within(QRect(*held.rect).translated(whole.topLeft()), whole)
        fill = Fill(held.fill) if held.fill in set(Fill) else Fill.NORMAL
    elif place.depth:
        rect, fill = _guest(area, place.depth), Fill.NORMAL
    else:
        rect = {Fill.FULL: whole, Fill.MAXIMIZED: area, Fill.NORMAL: _centred(area)}[fill]
    _show(window, screen.geometry(), rect, fill)


def _show(window: QWidget, whole: QRect, rect: QRect, fill: Fill) -> None:
    """Move as a normal window first: window managers refuse to move one that is maximised or full screen.

    Full screen takes the monitor's rectangle by hand, too, since nobody resizes it without a window manager.
    """
    wanted = {
        Fill.FULL: Qt.WindowState.WindowFullScreen,
        Fill.MAXIMIZED: Qt.WindowState.WindowMaximized,
        Fill.NORMAL: Qt.WindowState.WindowNoState,
    }[fill]
    if window.isVisible() and window.windowState() == wanted and fill is Fill.FULL and window.geometry() == whole:
        return
    if window.isVisible() and window.windowState() != Qt.WindowState.WindowNoState:
        window.setWindowState(Qt.WindowState.WindowNoState)
    handle = window.windowHandle()
    for screen in window.screen().virtualSiblings():
        if screen.geometry() == whole:
            window.setScreen(screen)
            if handle is not None:
                handle.setScreen(screen)
    window.setGeometry(whole if fill is Fill.FULL else rect)
    window.setWindowState(wanted)
    window.show()


def read(window: QWidget, guest: bool) -> WindowMemento:
    """Where a window is: its monitor, its rectangle there when it is normal, and how it fills the monitor."""
    # What Qt calls the window's screen lags behind its geometry until the window manager has answered.
    screen = QGuiApplication.screenAt(window.geometry().center()) or window.screen()
    state = window.windowState()
    if state & Qt.WindowState.WindowFullScreen:
        fill = Fill.FULL
    elif state & Qt.WindowState.WindowMaximized:
        fill = Fill.MAXIMIZED
    else:
        fill = Fill.NORMAL
    rect = window.normalGeometry() if fill is not Fill.NORMAL else window.geometry()
    rect = (rect if rect.isValid() else window.geometry()).translated(-screen.geometry().topLeft())
    return WindowMemento(
        screen=ScreenKey.of(screen).text(),
        rect=(rect.x(), rect.y(), rect.width(), rect.height()),
        fill=fill.value,
        guest=guest,
    )


def _guest(area: QRect, depth: int) -> QRect:
    area = area.marginsRemoved(_DECORATION)
    width, height = int(area.width() * _GUEST_SHARE), int(area.height() * _GUEST_SHARE)
    step = _GUEST_STEP_PX * (depth - 1)
    return within(QRect(area.right() - width - step, area.bottom() - height - step, width, height), area)


def _centred(area: QRect) -> QRect:
    rect = QRect(0, 0, int(area.width() * 0.8), int(area.height() * 0.8))
    rect.moveCenter(area.center())
    return rect
