"""What the windows of the room do not show by themselves: every tab, dialog, chart and menu, the past, the lost hub."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QTabBar, QTabWidget, QToolButton, QWidget

from controlroom import app
from widgets.alarm_table import AlarmTable

Save = Callable[[QPixmap, str], bool]
"""Keeps a picture under a name; false when it could not be kept."""

SHORT_MS = 700
LONG_MS = 2500
"""Until the hub has answered and what it told is drawn."""

DIALOGS = (
    "help",
    "shortcuts",
    "settings",
    "about",
    "roster",
    "suppressions",
    "inventory",
    "alarm_report",
    "map_answers",
    "nearest_teams",
    "plotting",
    "fences",
    "playback",
    "corroborate",
    *(f"chart_{name}" for name in ("wall", "neighbours", "heat", "then", "compare", "correlation", "rose", "air")),
)
"""Actions of the room that open a window of their own."""

ALARM_KEYS = ("S", "N", "T", "Shift+A")
"""Keys of the alarm list that ask for more."""


@dataclass
class Album:
    """The pictures of the scenes: where they go, and which scenes left none."""

    keep: Save
    missed: list[str] = field(default_factory=list)
    """Names of the scenes without a picture."""
    faults: list[str] = field(default_factory=list)
    """Titles of the bugs that showed themselves while the pictures were taken."""

    def save(self, picture: QPixmap, name: str) -> None:
        """Keep a picture; one that is empty or cannot be written is missed."""
        if picture.isNull() or not self.keep(picture, name):
            self.missed.append(name)


def every(seat: app.SeatApp, album: Album) -> Iterator[int]:
    """Act and take the pictures; each number is how many milliseconds to wait before going on."""
    yield from _tabs(seat, album)
    yield from _dialogs(seat, album)
    yield from _map_name(seat, album)
    yield from _all_round(seat, album)
    yield from _alarm_dialogs(seat, album)
    yield from _asking_buttons(seat, album)
    yield from _menus(seat, album)
    yield from _command_bar(seat, album)
    yield from _past(seat, album)
    yield from _lost_hub(seat, album)


def _windows(seat: app.SeatApp) -> list[QWidget]:
    return list(seat.windows.desk.windows.values())


def _front(widget: QWidget) -> None:
    """Choose the tabs that hide a panel."""
    page: QWidget | None = widget
    while page is not None and page is not widget.window():
        above = page.parentWidget()
        tabs = above.parentWidget() if above is not None else None
        if isinstance(tabs, QTabWidget) and tabs.indexOf(page) >= 0:
            tabs.setCurrentWidget(page)
        page = above


def _tabs(seat: app.SeatApp, album: Album) -> Iterator[int]:
    for name, window in seat.windows.desk.windows.items():
        for box in window.tree.boxes:
            _front(box.body)
            yield SHORT_MS
            title = f"panel-{name}-{type(box.body).__name__}"
            album.save(box.body.grab(), title)
            for bar in box.body.findChildren(QTabBar):
                for tab in range(1, bar.count()):
                    if bar.isTabVisible(tab):
                        bar.setCurrentIndex(tab)
                        yield SHORT_MS
                        album.save(box.body.grab(), f"{title}-{tab}")
                bar.setCurrentIndex(0)


def _own_tops(seat: app.SeatApp) -> list[QWidget]:
    """Windows over those of the room: dialogs, menus, panels in a window of their own."""
    room = {id(window) for window in _windows(seat)}
    kinds = (Qt.WindowType.Window, Qt.WindowType.Dialog, Qt.WindowType.Popup, Qt.WindowType.Tool)
    return [
        each
        for each in QApplication.topLevelWidgets()
        if each.isVisible() and id(each) not in room and each.windowType() in kinds
    ]


def _taken(seat: app.SeatApp, album: Album, act: Callable[[], object], name: str, wait_ms: int) -> Iterator[int]:
    """What opens after an act, which may stop in a loop of its own until it is closed again."""
    QTimer.singleShot(0, seat, act)
    yield wait_ms
    tops = _own_tops(seat)
    if not tops:
        album.missed.append(name)
    for number, top in enumerate(tops):
        album.save(top.grab(), f"{name}-{number}" if number else name)
    for top in _own_tops(seat):
        if isinstance(top, QDialog):
            top.reject()
        else:
            top.close()
    yield 100


def _dialogs(seat: app.SeatApp, album: Album) -> Iterator[int]:
    known = {action.objectName() for action in seat.windows.actions.all()}
    for name in DIALOGS:
        if name in known:
            if name == "corroborate":
                yield from _choose_sensor(seat)
            yield from _taken(seat, album, partial(seat.windows.actions.trigger, name), f"dialog-{name}", LONG_MS)
        else:
            album.missed.append(f"dialog-{name}")


def _choose_sensor(seat: app.SeatApp) -> Iterator[int]:
    """A sensor that can be corroborated is chosen: one with an alarm, else any."""
    room = seat.seat.pump.room
    with_alarm = (alarm.sensor for alarm in room.alarms.values() if alarm.sensor in room.sensors)
    sensor = next(with_alarm, next(iter(room.sensors), ""))
    if sensor:
        seat.seat.selection.select("sensor", sensor)
    yield SHORT_MS


def _map_name(seat: app.SeatApp, album: Album) -> Iterator[int]:
    """Only a map window that the officer opened has a name to ask for."""
    desk, trigger = seat.windows.desk, seat.windows.actions.trigger
    before = set(desk.windows)
    trigger("map_window")
    yield LONG_MS
    for name in set(desk.windows) - before:
        desk.windows[name].activateWindow()
        yield SHORT_MS
        yield from _taken(seat, album, partial(trigger, "map_window_name"), "dialog-map_window_name", SHORT_MS)
        desk.windows[name].close()
        yield SHORT_MS


def _all_round(seat: app.SeatApp, album: Album) -> Iterator[int]:
    """The card of the worst alarm that has a place of its own: now, and ten minutes ago."""
    trigger = seat.windows.actions.trigger
    placed = [alarm for alarm in seat.seat.pump.room.alarms.values() if alarm.point is not None]
    worst = min(placed, key=lambda alarm: alarm.severity, default=None)
    if worst is None:
        album.missed.append("dialog-all_round")
        return
    seat.seat.selection.select("alarm", worst.id)
    yield from _taken(seat, album, partial(trigger, "all_round"), "dialog-all_round", 2 * LONG_MS)
    trigger("room_back_10")
    yield LONG_MS
    yield from _taken(seat, album, partial(trigger, "all_round"), "dialog-all_round-past", LONG_MS)
    yield from _taken(seat, album, partial(trigger, "fences"), "dialog-fences-past", LONG_MS)
    trigger("room_live")
    yield SHORT_MS


def _alarm_dialogs(seat: app.SeatApp, album: Album) -> Iterator[int]:
    for table in [found for window in _windows(seat) for found in window.findChildren(AlarmTable)][:1]:
        keys = {key.toString(): action for action in table.findChildren(QAction) for key in action.shortcuts()}
        room = seat.seat.pump.room
        worst = min(room.alarms.values(), key=lambda alarm: (alarm.severity, not alarm.sensor), default=None)
        for key in ALARM_KEYS if worst is not None else ():
            assert worst is not None
            table.select(worst.id)
            yield 200
            action = keys.get(QKeySequence(key).toString())
            title = f"alarm-{key.replace('+', '')}"
            if action is not None and action.isEnabled():
                yield from _taken(seat, album, action.trigger, title, LONG_MS)
            else:
                album.missed.append(title)


def _asking_buttons(seat: app.SeatApp, album: Album) -> Iterator[int]:
    """Buttons in the panels that ask before they do something."""
    number = 0
    for window in seat.windows.desk.windows.values():
        for box in window.tree.boxes:
            _front(box.body)
            yield 200
            for button in box.body.findChildren(QPushButton):
                if button.isVisible() and button.isEnabled() and button.text().endswith("…"):
                    number += 1
                    yield from _taken(seat, album, button.click, f"asked-{type(box.body).__name__}-{number}", SHORT_MS)


def _menus(seat: app.SeatApp, album: Album) -> Iterator[int]:
    number = 0
    for window in seat.windows.desk.windows.values():
        for box in window.tree.boxes:
            _front(box.body)
            yield 200
            buttons: list[QToolButton | QPushButton] = [
                *box.body.findChildren(QToolButton),
                *box.body.findChildren(QPushButton),
            ]
            for button in buttons:
                menu = button.menu()
                if menu is not None and button.isVisible() and button.isEnabled():
                    number += 1
                    show = partial(menu.popup, button.mapToGlobal(button.rect().bottomLeft()))
                    yield from _taken(seat, album, show, f"menu-{type(box.body).__name__}-{number}", 300)


def _command_bar(seat: app.SeatApp, album: Album) -> Iterator[int]:
    window = _windows(seat)[0]
    window.activateWindow()
    seat.windows.bar.open_bar()
    yield SHORT_MS
    album.save(window.grab(), "command-bar")
    for bar in window.findChildren(QWidget, "commandBar"):
        bar.hide()


def _past(seat: app.SeatApp, album: Album) -> Iterator[int]:
    trigger = seat.windows.actions.trigger
    trigger("room_time")
    trigger("room_back_10")
    yield LONG_MS
    for number, window in enumerate(_windows(seat), 1):
        album.save(window.grab(), f"past-{number}")
    trigger("room_live")
    yield SHORT_MS


def _lost_hub(seat: app.SeatApp, album: Album) -> Iterator[int]:
    """The hub ends and is started again by the room; what is seen meanwhile is as old as it says."""
    for child in seat.family.children:
        if child.name == "hub" and child.process is not None:
            child.process.kill()
    yield LONG_MS
    for number, window in enumerate(_windows(seat), 1):
        album.save(window.grab(), f"hub-lost-{number}")
