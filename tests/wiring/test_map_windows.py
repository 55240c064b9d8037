"""Several map windows of one seat: opened, named, limited, closed, and there again after a crash."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QInputDialog, QWidget
from pytestqt.qtbot import QtBot

from controlroom.domain.events import IncidentChanged
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.wall import TileKind, WallScreen, WallTile
from controlroom.mapping.layers import Selection
from controlroom.mapping.viewpoint import ViewRule
from controlroom.shell.actions import Actions
from controlroom.shell.commands import DeskCommands
from controlroom.shell.desk import Desk as ShellDesk
from controlroom.shell.memento import Memento
from controlroom.shell.screens import Monitors
from controlroom.wiring.map import MapWiring
from controlroom.wiring.map_windows import MOST_WINDOWS, MapDesk
from controlroom.wiring.wall_tiles import WallTiles
from layouts import Presets
from tests.conftest import Monitors as Plugs
from tests.shell.conftest import NOW
from tests.wiring.conftest import Desk, alarm, raised
from widgets.map_view import MapView

Room = tuple[ShellDesk, MapDesk, Actions]


@pytest.fixture
def start(desk: Desk, qtbot: QtBot, qapp: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Room]:
    """Starts the windows of the seat as a start of the program would; all starts share a state folder."""
    monkeypatch.setattr("widgets.map_engine.web_surface", lambda *_parts: "painted")
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "painted")
    made: list[tuple[ShellDesk, MapDesk]] = []

    def begin() -> Room:
        monitors = Monitors(qapp, settle_ms=50)
        actions = Actions()
        built: list[MapDesk] = []

        def panel(kind: str, _options: dict[str, Any]) -> QWidget:
            return built[0].build() if kind == "map" else QWidget()

        shell = ShellDesk(Presets(None), panel, Memento(tmp_path / "windows.json", NOW), monitors, actions)
        monitors.setParent(shell)
        shell._check_timer.setInterval(50)
        built.append(MapDesk(desk.seat, shell, actions, shell))
        made.append((shell, built[0]))
        shell.open("three")
        return shell, built[0], actions

    yield begin  # type: ignore[misc]  # a fixture
    for shell, _maps in made:
        shell.close()
        shell.deleteLater()
    qapp.processEvents()


def map_of(shell: ShellDesk, name: str) -> MapView:
    found = shell.windows[name].tree.boxes[0].body
    assert isinstance(found, MapView)
    return found


def test_a_map_window_has_its_own_view_layers_and_title_and_survives_a_crash(
    start: Callable[[], Room], qtbot: QtBot
) -> None:
    shell, maps, actions = start()
    actions.trigger("map_window")
    (name,) = shell.extras
    maps.rename(name, "  礼贤机场\n周边 ")
    one, other = map_of(shell, "map"), map_of(shell, name)
    other.fly_to(116.41, 39.5, 14)
    other.toolbar.layers["sensors"].setChecked(False)
    other.hold.fit(ViewRule.ALARMS)
    assert one.scene.centre != other.scene.centre and one.scene.visible["sensors"]
    assert shell.windows[name].windowTitle() == "礼贤机场 周边"
    qtbot.waitUntil(lambda: not shell._check_timer.isActive() and not shell._keep_timer.isActive(), timeout=8000)

    # Nobody says good-bye in a crash: another start reads what was written until then.
    again, _maps, _actions = start()
    back = map_of(again, name)
    assert again.windows[name].windowTitle() == "礼贤机场 周边"
    assert (back.scene.centre.lon, back.scene.centre.zoom) == (pytest.approx(116.41), 14)
    assert not back.scene.visible["sensors"] and back.hold.viewpoint.held.rule is ViewRule.ALARMS


def test_a_closed_map_window_is_gone_until_it_is_opened_again(start: Callable[[], Room]) -> None:
    shell, maps, actions = start()
    actions.trigger("map_window")
    (name,) = shell.extras
    map_of(shell, name).fly_to(116.41, 39.5, 14)
    shell.windows[name].close()
    assert name not in shell.windows and not shell.extras
    maps.reopen()
    (name,) = shell.extras
    assert map_of(shell, name).scene.centre.zoom == 14
    shell.keep()
    again, _maps, _actions = start()
    assert list(again.extras) == [name]


def test_there_are_no_more_map_windows_than_make_sense(start: Callable[[], Room], desk: Desk) -> None:
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    shell, maps, _actions = start()
    maps.reopen()
    for _time in range(MOST_WINDOWS + 1):
        maps.open_window()
    assert len(shell.extras) == MOST_WINDOWS
    assert len(told) == 2 and str(MOST_WINDOWS) in told[1]


def test_a_layouts_own_window_is_neither_named_nor_dropped(start: Callable[[], Room], desk: Desk) -> None:
    shell, maps, _actions = start()
    with pytest.raises(KeyError):
        shell.rename_window("map", "x")
    maps.rename("map", "x")
    shell.windows["map"].close()
    assert "map" in shell.windows


def test_the_map_in_use_goes_where_it_is_asked_and_one_that_keeps_a_view_does_not(
    start: Callable[[], Room], desk: Desk
) -> None:
    shell, maps, _actions = start()
    maps.open_window()
    (name,) = shell.extras
    main, extra = map_of(shell, "map"), map_of(shell, name)
    desk.happen(*raised(alarm("a", point=Point(116.4, 39.6)), alarm("b", point=Point(116.5, 39.7))))
    before = extra.scene.centre
    main.touched.emit()
    desk.seat.selection.select("alarm", "a")
    assert main.scene.centre.lon == pytest.approx(116.4) and extra.scene.centre == before
    extra.touched.emit()
    desk.seat.selection.select("alarm", "b")
    assert extra.scene.centre.lon == pytest.approx(116.5) and main.scene.centre.lon == pytest.approx(116.4)
    extra.hold.follow("alarm", "b")
    desk.seat.requests.map_wanted.emit("alarm", "a")
    desk.seat.requests.map_wanted.emit("alarm", "b")
    assert main.scene.centre.lon == pytest.approx(116.5)
    assert extra.hold.viewpoint.followed == Selection("alarm", "b")


def test_a_map_fits_the_incident_of_the_chosen_alarm(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "painted")
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    wiring.view.fit_incident()
    assert len(told) == 1
    desk.happen(*raised(alarm("a", Severity.RED, point=Point(116.4, 39.6))))
    desk.happen(*incident_of("i", ("a",), Point(116.5, 39.7)))
    desk.seat.selection.select("alarm", "a")
    wiring.view.fit_incident()
    centre = wiring.view.scene.centre
    assert (centre.lon, centre.lat) == pytest.approx((116.45, 39.65), abs=0.01)
    assert "积水" in wiring.view.badge.words.text()


def incident_of(identity: str, alarms: tuple[str, ...], point: Point) -> list[Any]:
    return [
        IncidentChanged(
            Incident(
                id=identity,
                title="积水",
                grade=Severity.ORANGE,
                opened_at=NOW,
                opened_by="王",
                point=point,
                alarms=alarms,
            )
        )
    ]


def test_a_walls_map_fits_the_standing_alarms_shows_its_lock_and_nothing_to_press_in_its_bar(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "painted")
    desk.seat.is_display = True
    tiles = WallTiles(desk.seat, desk.owner)
    desk.happen(*raised(alarm("a", point=Point(116.3, 39.5)), alarm("b", point=Point(116.5, 39.7))))
    (box,) = tiles.guests(WallScreen(columns=1, tiles=(WallTile(kind=TileKind.MAP),))).values()
    qtbot.addWidget(box)
    view = box.body
    assert isinstance(view, MapView)
    box.resize(480, 270)
    box.show()
    assert view.toolbar.minimumSizeHint().width() <= 480 and view.toolbar.age.isVisible()
    assert (view.scene.centre.lon, view.scene.centre.lat) == pytest.approx((116.4, 39.6), abs=0.01)
    before = view.scene.centre
    desk.happen(*raised(alarm("a", Severity.RED, point=Point(116.3, 39.5))))
    assert view.scene.centre == before
    view.surface.touched.emit(True)
    desk.happen(*raised(alarm("c", point=Point(116.6, 39.9))))
    assert view.scene.centre == before and view.badge.sign.isVisible() and view.badge.lock.isVisible()
    view.badge.lock.click()
    assert view.scene.centre != before


def test_open_incidents_stand_on_the_map_and_closed_ones_do_not(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "painted")
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    desk.happen(*raised(alarm("a", Severity.RED, point=Point(116.4, 39.6))))
    (opened,) = incident_of("i", ("a",), Point(116.5, 39.7))
    nowhere = msgspec.structs.replace(opened.incident, id="j", point=None)
    lost = msgspec.structs.replace(opened.incident, id="k", point=None, alarms=())
    desk.happen(opened, IncidentChanged(nowhere), IncidentChanged(lost))
    places = {mark.id: (mark.lon, mark.lat) for mark in wiring.view.scene.incidents}
    assert places == {"i": (116.5, 39.7), "j": (116.4, 39.6)}, "without a place of its own, that of its alarm"
    desk.seat.selection.select("incident", "i")
    assert wiring.view.scene.selection == Selection("incident", "i")
    closed = msgspec.structs.replace(opened.incident, status=IncidentStatus.CLOSED)
    desk.happen(IncidentChanged(closed))
    assert [mark.id for mark in wiring.view.scene.incidents] == ["j"]


def middle_of(shell: ShellDesk, name: str) -> QPoint:
    return shell.windows[name].frameGeometry().center()


def test_shift_f11_sends_a_map_window_from_monitor_to_monitor_and_it_comes_back_there(
    start: Callable[[], Room], qtbot: QtBot, monitors: Plugs
) -> None:
    shell, maps, actions = start()
    DeskCommands(shell, actions, shell)
    maps.open_window()
    (name,) = shell.extras
    window = shell.windows[name]
    shown = sorted(QApplication.screens(), key=lambda screen: screen.geometry().x())
    assert len(shown) == 3, "three virtual monitors"
    assert [key.toString() for key in actions.get("next_screen").shortcuts()] == ["Shift+F11"]
    seen: list[int] = []
    for _turn in range(3):
        before = middle_of(shell, name)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        qtbot.keyClick(window, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
        qtbot.waitUntil(lambda before=before: middle_of(shell, name) != before)  # type: ignore[misc]  # bound at once
        seen.append(next(k for k, one in enumerate(shown) if one.geometry().contains(middle_of(shell, name))))
    assert sorted(seen) == [0, 1, 2], "round all of them"
    shell.keep()
    again, _maps, _actions = start()
    qtbot.waitUntil(lambda: shown[seen[-1]].geometry().contains(middle_of(again, name)))


def test_a_map_window_whose_monitor_is_pulled_out_comes_to_another_with_its_name(
    start: Callable[[], Room], qtbot: QtBot, monitors: Plugs
) -> None:
    shell, maps, _actions = start()
    maps.open_window()
    (name,) = shell.extras
    maps.rename(name, "礼贤机场")
    last = sorted(QApplication.screens(), key=lambda screen: screen.geometry().x())[-1].geometry()
    for _turn in range(3):
        if not last.contains(middle_of(shell, name)):
            shell.send_on(name)
    assert last.contains(middle_of(shell, name))
    monitors.remove(monitors.names()[-1])
    qtbot.waitUntil(lambda: not last.contains(middle_of(shell, name)), timeout=10_000)
    assert any(screen.geometry().contains(middle_of(shell, name)) for screen in QApplication.screens())
    assert shell.windows[name].windowTitle() == "礼贤机场"


def test_a_map_window_is_named_in_a_dialog_and_others_are_refused_with_a_sentence(
    start: Callable[[], Room], desk: Desk, qtbot: QtBot
) -> None:
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    shell, maps, actions = start()
    shell.windows["map"].activateWindow()
    qtbot.waitUntil(shell.windows["map"].isActiveWindow)
    actions.trigger("map_window_name")
    assert len(told) == 1 and not shell.windows["map"].findChildren(QInputDialog)
    maps.open_window()
    (name,) = shell.extras
    window = shell.windows[name]
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    actions.trigger("map_window_name")
    [dialog] = window.findChildren(QInputDialog)
    assert dialog.textValue() == window.windowTitle()
    dialog.setTextValue("  防汛 <b>一线</b>\n" + "长" * 60)
    dialog.accept()
    assert window.windowTitle().startswith("防汛 <b>一线</b> 长") and len(window.windowTitle()) == 40
    before = window.windowTitle()
    maps.rename(name, " \n ")
    assert window.windowTitle() == before
