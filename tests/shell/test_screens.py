"""Which window belongs on which monitor, whatever is plugged in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.shell.screens import (
    Monitor,
    Monitors,
    ScreenKey,
    Wish,
    assign,
    monitor_set,
    screen_of,
    unmirrored,
    within,
)
from layouts import Preference
from tests.conftest import Monitors as Plugs


def monitor(number: int, serial: str = "", primary: bool = False) -> Monitor:
    area = (1920 * (number - 1), 0, 1920, 1080)
    key = ScreenKey("EIZO", "A", serial) if serial else ScreenKey(place=f"DP-{number}@{area}")
    return Monitor(key, f"DP-{number}", area, area, primary)


def by_order(*names: str) -> list[Wish]:
    return [Wish(name, Preference(order=order)) for order, name in enumerate(names, 1)]


THREE = [monitor(1, primary=True), monitor(2), monitor(3)]


def settled(*names: str) -> list[Wish]:
    """Windows that stood on the monitors from left to right before."""
    wishes = by_order(*names)
    return [Wish(wish.window, wish.preference, THREE[place].key.text()) for place, wish in enumerate(wishes)]


def test_windows_take_the_monitors_from_left_to_right() -> None:
    places = assign(by_order("desk", "map", "wall"), [THREE[2], THREE[0], THREE[1]])
    assert [places[name].screen for name in ("desk", "map", "wall")] == [m.key for m in THREE]
    assert not any(place.displaced or place.depth for place in places.values())


def test_a_window_without_a_monitor_comes_home_as_a_guest() -> None:
    places = assign(by_order("desk", "map", "wall"), THREE[:1])
    assert {place.screen for place in places.values()} == {THREE[0].key}
    assert [places[name].depth for name in ("desk", "map", "wall")] == [0, 1, 2]
    assert [places[name].displaced for name in ("desk", "map", "wall")] == [False, True, True]


def test_pulling_one_monitor_out_leaves_the_windows_of_the_others_alone() -> None:
    chosen = [
        Wish(w.window, w.preference, m.key.text()) for w, m in zip(by_order("desk", "map", "wall"), THREE, strict=True)
    ]
    places = assign(chosen, [THREE[0], THREE[2]])
    assert places["wall"].screen == THREE[2].key
    assert places["map"].screen == THREE[0].key
    assert places["map"].displaced


def test_a_replaced_monitor_takes_the_window_of_the_old_one() -> None:
    chosen = [
        Wish(w.window, w.preference, m.key.text()) for w, m in zip(by_order("desk", "map"), THREE[:2], strict=True)
    ]
    places = assign(chosen, [THREE[0], monitor(2, serial="new")])
    assert places["map"].screen.serial == "new"


def test_a_serial_number_and_a_connector_go_before_the_order() -> None:
    wishes = [Wish("desk", Preference(name="DP-3", order=1)), Wish("map", Preference(serial="77", name="DP-1"))]
    places = assign(wishes, [monitor(1), monitor(2, serial="77"), monitor(3)])
    assert places["desk"].screen.place.startswith("DP-3")
    assert places["map"].screen.serial == "77"


def test_a_window_that_may_be_anywhere_stands_on_the_primary_monitor() -> None:
    place = assign([Wish("desk", Preference())], [monitor(1), monitor(2, primary=True)])["desk"]
    assert place.screen == monitor(2).key
    assert not place.displaced


@given(
    st.lists(st.sets(st.integers(1, 5), min_size=1), min_size=1, max_size=8),
    st.lists(st.integers(0, 6), min_size=1, max_size=5),
)
def test_any_order_of_plugging_leaves_each_window_on_an_existing_monitor(
    history: list[set[int]], orders: list[int]
) -> None:
    homes: dict[str, str] = {}
    for present in history:
        monitors = [monitor(number, primary=number == min(present)) for number in sorted(present)]
        wishes = [Wish(f"w{n}", Preference(order=order), homes.get(f"w{n}", "")) for n, order in enumerate(orders)]
        places = assign(wishes, monitors)
        assert set(places) == {wish.window for wish in wishes}
        for name, place in places.items():
            assert place.screen in {m.key for m in monitors}
            if not place.displaced:
                homes[name] = place.screen.text()
        for wish in wishes:
            if wish.chosen in {m.key.text() for m in monitors}:
                assert places[wish.window].screen.text() == wish.chosen
        for key in {place.screen for place in places.values()}:
            depths = sorted(place.depth for place in places.values() if place.screen == key)
            assert depths == list(range(len(depths)))


@given(st.tuples(*[st.integers(-9000, 9000)] * 2), st.tuples(*[st.integers(1, 9000)] * 2))
def test_a_rectangle_is_brought_wholly_into_the_area(place: tuple[int, int], size: tuple[int, int]) -> None:
    area = QRect(1920, 0, 1280, 720)
    assert area.contains(within(QRect(*place, *size), area))


def test_a_monitor_without_a_serial_number_is_known_by_its_connector_and_place(qapp: QApplication) -> None:
    key = ScreenKey.of(qapp.screens()[0])
    assert key.serial == ""
    assert key.place.startswith(qapp.screens()[0].name() + "@")
    assert screen_of(key) is qapp.screens()[0]
    assert screen_of(ScreenKey(serial="nobody")) is None


def test_a_set_of_monitors_has_one_name_in_any_order() -> None:
    assert monitor_set(THREE) == monitor_set(THREE[::-1]) != monitor_set(THREE[:2])


def test_many_changes_are_told_once_after_they_came_to_rest(qapp: QApplication, qtbot: QtBot, monitors: Plugs) -> None:
    watch = Monitors(qapp, settle_ms=150)
    told: list[int] = []
    watch.changed.connect(lambda: told.append(len(watch.current())))
    with qtbot.waitSignal(watch.disturbed):
        area = monitors.remove("WALL-3")
    assert not watch.settled()
    monitors.add("WALL-3", area)
    with qtbot.waitSignal(watch.changed):
        pass
    qtbot.waitUntil(lambda: told == [3])
    assert watch.settled()


def test_there_must_be_a_monitor() -> None:
    with pytest.raises(ValueError, match="monitor"):
        assign(by_order("desk"), [])


def test_mirrored_monitors_count_once() -> None:
    mirror = Monitor(ScreenKey(serial="beamer"), "HDMI-1", (0, 0, 1280, 720), (0, 0, 1280, 720), True)
    assert unmirrored([mirror, *THREE]) == THREE
    twin = Monitor(ScreenKey(serial="twin"), "HDMI-2", THREE[0].geometry, THREE[0].available, False)
    assert unmirrored([twin, *THREE]) == THREE
