"""The windows of the room: three roles on three monitors, remembered, and layouts that come and go."""

from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSplitter

from tests.conftest import Monitors
from tests.journeys.conftest import Opener
from tests.journeys.pilot import Pilot, until
from widgets.palette import CommandBar

SWITCHES = 20
SIGNALS = ("ticked(PyObject)", "link_changed(PyObject)", "room_reset()", "alarms_changed(QVariantList)")


def screens(pilot: Pilot) -> dict[str, str]:
    """Which window is on which monitor."""
    return {name: window.screen().name() for name, window in pilot.windows.items()}


AT_HOME = {"desk": "WALL-1", "map": "WALL-2", "wall": "WALL-3"}


def test_three_roles_stand_on_three_monitors_and_follow_a_cable(
    seat: Opener, monitors: Monitors, tmp_path: Path
) -> None:
    room = seat(tmp_path / "home", simulate=False)
    until(lambda: screens(room) == AT_HOME, "every role has its monitor")
    area = monitors.remove("WALL-3")
    until(lambda: screens(room)["wall"] == "WALL-1" and room.windows["wall"].isVisible(), "the wall came home")
    assert screens(room)["map"] == "WALL-2"
    monitors.add("WALL-3", area)
    until(lambda: screens(room) == AT_HOME, "the wall went back")
    until(lambda: room.windows["wall"].geometry().getRect() == area, "it fills its monitor again")


def test_splits_columns_and_places_are_found_again(seat: Opener, monitors: Monitors, tmp_path: Path) -> None:
    room = seat(tmp_path / "home", simulate=False)
    until(lambda: screens(room) == AT_HOME)
    split = room.windows["desk"].findChild(QSplitter)
    until(lambda: sum(split.sizes()) > 500, "the desk is laid out")
    handle = split.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    QTest.mouseMove(handle, handle.rect().center() - QPoint(200, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center() - QPoint(200, 0))
    left = split.sizes()
    titles = room.table.rows.horizontalHeader()
    edge = QPoint(titles.sectionViewportPosition(2) + titles.sectionSize(2) - 1, titles.height() // 2)
    wider = edge + QPoint(177 - titles.sectionSize(2), 0)
    QTest.mousePress(titles.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(titles.viewport(), wider)
    QTest.mouseRelease(titles.viewport(), Qt.MouseButton.LeftButton, pos=wider)
    assert titles.sectionSize(2) == 177
    room.restart()
    until(lambda: screens(room) == AT_HOME)
    again = room.windows["desk"].findChild(QSplitter)
    until(lambda: all(abs(a - b) <= 8 for a, b in zip(again.sizes(), left, strict=True)), f"{left} {again.sizes()}")
    assert room.table.rows.horizontalHeader().sectionSize(2) == 177


def test_a_layout_is_chosen_in_the_command_bar(seat: Opener, tmp_path: Path) -> None:
    room = seat(tmp_path / "home", simulate=False)
    until(room.live)
    room.press(room.table, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    until(lambda: any(bar.isVisible() for bar in room.all(CommandBar)), "the command bar is open")
    bar = next(bar for bar in room.all(CommandBar) if bar.isVisible())
    field = QApplication.focusWidget()
    assert field is not None and (field is bar or bar.isAncestorOf(field))
    QTest.keyClicks(field, "single")
    QTest.keyClick(field, Qt.Key.Key_Return)
    until(lambda: room.app.windows.desk.layout == "single" and list(room.windows) == ["desk"], "one window")


def test_twenty_changes_of_the_layout_leave_nothing_behind(seat: Opener, tmp_path: Path) -> None:
    room = seat(tmp_path / "home")
    until(lambda: room.live() and room.room.alarms, "the room is alive")
    desk, pump = room.app.windows.desk, room.app.pump
    heard = {}
    for turn in range(SWITCHES + 2):
        desk.open(("three", "single", "two")[turn % 3] if turn < SWITCHES + 1 else "three")
        until(lambda: all(window.isVisible() for window in room.windows.values()), "the windows are there")
        if desk.layout == "three":
            seen = heard.setdefault(turn, {})
            until(lambda: room.table.model.total == len(room.room.alarms) > 0, "the table is filled at once")
            seen.update({name: pump.receivers(SIGNAL(name)) for name in SIGNALS})
    counts = list(heard.values())
    assert counts[0]["ticked(PyObject)"] > 0
    assert counts[-1] == counts[1], "receivers of the room's signals pile up"
    until(lambda: room.live_tiles() >= 7, "pictures move in the last one")


def test_closing_the_windows_one_by_one_closes_the_seat_only_at_the_last(seat: Opener, tmp_path: Path) -> None:
    room = seat(tmp_path / "home", simulate=False)
    until(room.live)
    first, *others = list(room.windows.values())
    first.close()
    assert not room.app.closed.is_set()
    for window in others:
        window.close()
    assert room.app.closed.is_set()


@pytest.mark.parametrize("layout", ["single", "two", "wall"])
def test_every_packaged_layout_opens_without_a_card(seat: Opener, tmp_path: Path, layout: str) -> None:
    room = seat(tmp_path / "home", simulate=False, layout=layout)
    until(lambda: room.windows and all(window.isVisible() for window in room.windows.values()))
    assert not room.told()
