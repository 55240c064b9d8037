"""Windows on real monitors: they come home when a monitor goes, go back when it returns, and stand as they stood."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QTableWidget, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from controlroom.shell.desk import Desk
from controlroom.shell.window import RoomWindow
from layouts import Preference
from tests.conftest import Monitors

MakeDesk = Callable[..., Desk]
ExpectLog = Callable[[str, str], AbstractContextManager[None]]
WALLS = {"desk": "WALL-1", "map": "WALL-2", "wall": "WALL-3"}


def stands_on(window: RoomWindow, name: str) -> bool:
    """Whether most of a visible window lies on the monitor of a name."""
    screen = next((s for s in QApplication.screens() if s.name() == name), None)
    if screen is None or not window.isVisible():
        return False
    seen = window.frameGeometry().intersected(screen.geometry())
    whole = window.frameGeometry()
    return seen.width() * seen.height() > 0.9 * whole.width() * whole.height()


def all_stand(desk: Desk, places: dict[str, str]) -> bool:
    return all(stands_on(desk.windows[window], name) for window, name in places.items())


def open_on_three(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.placed):
        desk.open("three")
    assert all_stand(desk, WALLS)
    qtbot.waitUntil(lambda: all(settled(window) for window in desk.windows.values()))


def settled(window: RoomWindow) -> bool:
    """Whether the window manager has given a window the size that its state asks for."""
    area = window.screen().availableGeometry()
    whole = window.frameGeometry() if window.isMaximized() else window.geometry()
    return whole == area


def test_three_windows_stand_on_three_monitors(make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    wall = desk.windows["wall"]
    assert wall.strip is None
    qtbot.waitUntil(lambda: wall.geometry() == QRect(3840, 0, 1920, 1080))
    assert wall.windowState() & Qt.WindowState.WindowFullScreen
    qtbot.waitUntil(lambda: desk.windows["desk"].isMaximized())


@pytest.mark.parametrize("gone", ["WALL-2", "WALL-3"])
def test_unplugging_brings_a_window_home_and_plugging_in_sends_it_back(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot, gone: str
) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    guest = next(window for window, name in WALLS.items() if name == gone)
    before = desk.windows[guest].frameGeometry()
    area = monitors.remove(gone)
    with qtbot.waitSignal(desk.placed):
        pass
    qtbot.waitUntil(lambda: all_stand(desk, {**WALLS, guest: "WALL-1"}))
    monitors.add(gone, area)
    qtbot.waitUntil(lambda: all_stand(desk, WALLS))
    qtbot.waitUntil(lambda: desk.windows[guest].frameGeometry() == before)


def test_a_wall_that_comes_home_gets_a_frame_to_be_moved_by(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot
) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    wall = desk.windows["wall"]
    area = monitors.remove("WALL-3")
    qtbot.waitUntil(lambda: stands_on(wall, "WALL-1") and wall.frameGeometry() != wall.geometry())
    monitors.add("WALL-3", area)
    qtbot.waitUntil(lambda: stands_on(wall, "WALL-3") and wall.isFullScreen())
    qtbot.waitUntil(lambda: wall.frameGeometry() == wall.geometry())
    assert wall.windowFlags() & Qt.WindowType.FramelessWindowHint


def test_a_window_that_the_window_manager_put_elsewhere_is_put_again(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot
) -> None:
    desk = make_desk()
    with qtbot.waitSignal(desk.placed):
        desk.open("three")
        window = desk.windows["map"]
        window.showNormal()
        window.setGeometry(50, 50, 600, 400)
        desk.keep()
    qtbot.waitUntil(lambda: stands_on(window, "WALL-2") and window.isMaximized())


def test_two_windows_on_one_monitor_are_both_seen(make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    monitors.remove("WALL-2")
    home, guest = desk.windows["desk"], desk.windows["map"]
    qtbot.waitUntil(lambda: home.frameGeometry().contains(guest.frameGeometry()))
    qtbot.waitUntil(lambda: guest.frameGeometry().width() < home.frameGeometry().width() * 0.8)


def test_a_restart_finds_places_splits_tabs_and_columns_again(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot
) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    window = desk.windows["map"]
    window.showNormal()
    qtbot.waitUntil(lambda: not window.isMaximized())
    window.setGeometry(2100, 150, 900, 700)
    qtbot.waitUntil(lambda: window.geometry() == QRect(2100, 150, 900, 700))
    parts(desk)[0].setSizes([700, 1200])
    tabs(desk)[0].setCurrentIndex(2)
    table(desk).horizontalHeader().resizeSection(1, 333)
    sizes = parts(desk)[0].sizes()
    desk.close()

    again = make_desk()
    again.open()
    qtbot.waitUntil(lambda: all_stand(again, WALLS))
    assert again.layout == "three"
    qtbot.waitUntil(lambda: again.windows["map"].geometry() == QRect(2100, 150, 900, 700))
    qtbot.waitUntil(lambda: parts(again)[0].sizes() == sizes)
    assert tabs(again)[0].currentIndex() == 2
    assert table(again).horizontalHeader().sectionSize(1) == 333


def test_a_window_that_the_officer_moved_to_another_monitor_stays_his_choice(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot
) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    window = desk.windows["map"]
    window.showNormal()
    qtbot.waitUntil(lambda: not window.isMaximized())
    window.setGeometry(100, 100, 800, 600)
    qtbot.waitUntil(lambda: stands_on(window, "WALL-1"))
    desk.keep()
    area = monitors.remove("WALL-3")
    qtbot.waitUntil(lambda: stands_on(desk.windows["wall"], "WALL-1"))
    monitors.add("WALL-3", area)
    qtbot.waitUntil(lambda: all_stand(desk, {"desk": "WALL-1", "map": "WALL-1", "wall": "WALL-3"}))
    qtbot.waitUntil(lambda: window.geometry() == QRect(100, 100, 800, 600))


def test_splits_are_kept_when_the_monitors_are_others_than_before(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot
) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    tabs(desk)[0].setCurrentIndex(1)
    desk.close()
    monitors.remove("WALL-3")
    qtbot.waitUntil(lambda: len(QApplication.screens()) == 2)
    again = make_desk()
    again.open()
    qtbot.waitUntil(lambda: all_stand(again, {"desk": "WALL-1", "map": "WALL-2", "wall": "WALL-1"}))
    assert tabs(again)[0].currentIndex() == 1


def test_another_layout_replaces_the_windows(make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    ended: list[bool] = []
    desk.closed.connect(lambda: ended.append(True))
    desk.open("single")
    qtbot.waitUntil(lambda: stands_on(desk.windows["desk"], QApplication.primaryScreen().name()))
    assert list(desk.windows) == ["desk"]
    desk.reset_layout()
    assert ended == []


def test_closing_the_last_window_is_told_once(make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    ended: list[bool] = []
    desk.closed.connect(lambda: ended.append(True))
    desk.windows["wall"].close()
    desk.windows["map"].close()
    assert ended == []
    desk.activate(2)
    assert desk.windows["map"].isVisible()
    for window in desk.windows.values():
        window.close()
    assert ended == [True]


def test_a_broken_layout_file_is_told_and_another_is_opened(
    make_desk: MakeDesk, qtbot: QtBot, tmp_path: Path, expect_log: ExpectLog
) -> None:
    (tmp_path / "mine.toml").write_text("windows = 3", "utf-8")
    desk = make_desk(folder=tmp_path)
    with expect_log("layouts.loading", "mine.toml"):
        desk.open("mine")
    assert desk.layout == "single"
    assert "mine.toml" in desk.windows["desk"].notice.label.text()


def test_a_broken_memento_is_told_and_the_desk_opens(
    make_desk: MakeDesk, tmp_path: Path, expect_log: ExpectLog
) -> None:
    (tmp_path / "desk.json").write_text("{", "utf-8")
    with expect_log("controlroom.shell.memento", "set aside"):
        desk = make_desk()
    desk.open("single")
    assert "broken-" in desk.windows["desk"].notice.label.text()


def test_a_panel_that_cannot_be_built_is_a_card_and_the_desk_opens(make_desk: MakeDesk, expect_log: ExpectLog) -> None:
    def factory(kind: str, options: dict[str, object]) -> QWidget:
        if kind == "map":
            raise RuntimeError("no web engine")
        return QWidget()

    desk = make_desk(factory)
    with expect_log("controlroom.shell.panels", "map"):
        desk.open("single")
    assert desk.windows["desk"].isVisible()


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["WALL-2", "WALL-3"]), min_size=2, max_size=5))
def test_any_order_of_plugging_leaves_every_window_on_an_existing_screen(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot, order: list[str]
) -> None:
    desk = make_desk()
    open_on_three(desk, qtbot)
    areas: dict[str, tuple[int, int, int, int]] = {}
    for name in order:
        if name in areas:
            monitors.add(name, areas.pop(name))
        else:
            areas[name] = monitors.remove(name)
        present = {s.name() for s in QApplication.screens()}
        expected = set(monitors.names())
        if present != expected:
            qtbot.waitUntil(lambda expected=expected: {s.name() for s in QApplication.screens()} == expected)
        qtbot.waitUntil(lambda: everybody_is_seen(desk))
    for name, area in areas.items():
        monitors.add(name, area)
    qtbot.waitUntil(lambda: all_stand(desk, WALLS))
    desk.close()


def everybody_is_seen(desk: Desk) -> bool:
    names = [screen.name() for screen in QApplication.screens()]
    return all(any(stands_on(window, name) for name in names) for window in desk.windows.values())


def parts(desk: Desk) -> list[QSplitter]:
    return desk.windows["desk"].findChildren(QSplitter)


def tabs(desk: Desk) -> list[QTabWidget]:
    return desk.windows["desk"].findChildren(QTabWidget)


def table(desk: Desk) -> QTableWidget:
    found = desk.windows["desk"].findChild(QTableWidget, "alarms")
    assert isinstance(found, QTableWidget)
    return found


def test_a_display_for_one_monitor_only_stands_on_no_other_and_comes_back_with_it(
    make_desk: MakeDesk, monitors: Monitors, qtbot: QtBot
) -> None:
    desk = make_desk(monitor=Preference(serial="WALL-2", name="WALL-2", only=True))
    desk.open("wall")
    wall = desk.windows["wall"]
    qtbot.waitUntil(lambda: stands_on(wall, "WALL-2") and settled(wall))
    area = monitors.remove("WALL-2")
    qtbot.waitUntil(lambda: not wall.isVisible())
    monitors.add("WALL-2", area)
    qtbot.waitUntil(lambda: stands_on(wall, "WALL-2"))
    absent = make_desk(monitor=Preference(name="DP-9", only=True))
    absent.open("wall")
    qtbot.waitUntil(absent._monitors.settled)
    assert not absent.windows["wall"].isVisible()
