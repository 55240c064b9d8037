"""What the menu of a place and the panel of what is chosen do in the room."""

import asyncio
import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.chosen_model import ChosenModel
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.events import SensorsDeclared, VehiclesDeclared
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.domain.vehicle import Vehicle
from controlroom.errors import EnvironmentFault
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.choosing import box
from controlroom.mapping.viewpoint import ViewRule
from controlroom.shell.actions import Actions
from controlroom.wire.frames import Positions
from controlroom.wire.incidents import OpenIncident
from controlroom.wiring.answers import MapAnswers
from controlroom.wiring.map import MapWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, declared, raised
from widgets.answer_dialog import Wanted

HERE = Point(116.34, 39.73)


@pytest.fixture
def wiring(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MapWiring]:
    """A simple map with two sensors, two cameras, a vehicle and an alarm at HERE, and another sensor far away."""
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "-")
    made = MapWiring(desk.seat)
    qtbot.addWidget(made.view)
    made.view.resize(900, 600)
    made.view.show()
    made.view.activateWindow()
    qtbot.waitUntil(made.view.isActiveWindow)
    places = (HERE, Point(HERE.lon + 0.001, HERE.lat), Point(116.5, 39.6))
    sensors = tuple(
        Sensor(id=f"s{n}", name=name, kind="rain", unit="mm", point=place)
        for n, (name, place) in enumerate(zip(("雨量 0", "=1+1", "雨量 2"), places, strict=True))
    )
    cameras = [
        Camera(id=f"c{n}", name=f"球机 {n}", url="rtsp://h/1", point=HERE, health=CameraHealth.ONLINE) for n in range(2)
    ]
    vehicles = VehiclesDeclared((0,), (Vehicle(id="v", name="京A1", kind="patrol"),))
    desk.happen(SensorsDeclared((0, 1, 2), sensors), declared(*cameras), vehicles)
    desk.happen(*raised(alarm("a", Severity.RED, point=HERE)))
    heard(desk, HERE)
    yield made
    made.view.close()


def heard(desk: Desk, place: Point, ago_s: float = 0.0) -> None:
    time = np.array([to_ms(NOON) - int(1000 * ago_s)], np.int64)
    columns = np.array([0], np.uint32), np.array([place.lon]), np.array([place.lat])
    desk.pump.positions_arrived.emit(Positions(*columns, np.zeros(1, np.float32), np.zeros(1, np.float32), time))


def entries(menu: QMenu) -> dict[str, QAction]:
    return {action.text(): action for action in menu.actions() if action.text()}


def test_the_menu_of_the_ground_says_what_can_be_done_there(wiring: MapWiring, desk: Desk) -> None:
    seen: list[Any] = []
    desk.seat.requests.map_menu_filled.connect(lambda *told: seen.append(told[1:]))
    desk.seat.requests.question_wanted.connect(lambda *place: seen.append(("near", *place)))
    desk.seat.requests.measure_wanted.connect(lambda *place: seen.append(("measure", *place)))
    found = entries(wiring.view.menu(HERE.lon, HERE.lat))
    assert seen == [(HERE.lon, HERE.lat, "", "")]
    found["附近力量（有路网按路程）…"].trigger()
    found["从此处量测…"].trigger()
    assert seen[1:] == [("near", HERE.lon, HERE.lat), ("measure", HERE.lon, HERE.lat)]
    found["复制坐标"].trigger()
    assert QGuiApplication.clipboard().text() == "39.730000, 116.340000"
    found["500 米内监测点"].trigger()
    assert {g.kind: set(g.ids) for g in wiring.view.choosing.choice.groups} == {"sensor": {"s0", "s1"}}
    assert wiring.view.panel.isVisible() and "500" in wiring.view.panel.count.text()
    found["500 米内摄像机"].trigger()
    assert {g.kind: set(g.ids) for g in wiring.view.choosing.choice.groups} == {"camera": {"c0", "c1"}}


def test_where_nothing_is_near_the_panel_says_so(wiring: MapWiring) -> None:
    entries(wiring.view.menu(116.6, 39.8))["500 米内监测点"].trigger()
    assert wiring.view.panel.isVisible() and "0" in wiring.view.panel.count.text()
    assert not wiring.view.panel.export.isEnabled()
    wiring.view.choose_nothing()
    assert not wiring.view.panel.isVisible()


def test_an_incident_is_opened_at_a_place_once_the_officer_has_described_it(wiring: MapWiring, desk: Desk) -> None:
    dialog = wiring.menu.open_incident((HERE.lon, HERE.lat))
    assert not [body for body in desk.sent.bodies if isinstance(body, OpenIncident)]
    dialog.title.setText("道路塌陷")
    dialog.accept()
    (opened,) = [body for body in desk.sent.bodies if isinstance(body, OpenIncident)]
    assert (opened.title, opened.point) == ("道路塌陷", HERE)


@pytest.mark.parametrize(
    ("kind", "identity", "words", "told"),
    [("camera", "c0", "上墙", ["c0"]), ("sensor", "s0", "曲线", "s0"), ("sensor", "s0", "佐证", "s0")],
)
def test_the_menu_of_an_object_offers_what_its_kind_can(
    wiring: MapWiring, desk: Desk, kind: str, identity: str, words: str, told: object
) -> None:
    heard: list[object] = []
    requests = desk.seat.requests
    for signal in (requests.cameras_wanted, requests.plot_wanted, requests.corroboration_wanted):
        signal.connect(heard.append)
    found = entries(wiring.view.menu(HERE.lon, HERE.lat, kind, identity))
    next(action for text, action in found.items() if words in text).trigger()
    assert heard == [told]


def test_what_is_chosen_is_listed_by_kind_with_states_and_walked_by_keys(
    wiring: MapWiring, desk: Desk, qtbot: QtBot
) -> None:
    view = wiring.view
    view.choosing.choose_area(box((116.3, 39.7), (116.4, 39.8)))
    model, tree = view.panel.model, view.panel.tree
    titles = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert [title.partition(" · ")[0] for title in titles] == ["告警  1", "摄像机  2", "监测点  2", "车辆  1"]
    assert "在线 ×2" in titles[1] and model.index(0, 1, model.index(1, 0)).data() == "在线"
    assert model.index(0, 0, model.index(2, 0)).data() == "雨量 0"
    tree.setCurrentIndex(model.index(0, 0))
    tree.setFocus()
    for _step in range(3):
        qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert (desk.seat.selection.kind, desk.seat.selection.id) == ("camera", "c0")
    assert view.scene.selection is not None and view.scene.selection.id == "c0"
    qtbot.keyClick(tree, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not view.panel.isVisible())


def test_the_panel_sends_cameras_to_the_wall_sensors_to_curves_and_keeps_a_group_in_sight(
    wiring: MapWiring, desk: Desk
) -> None:
    asked: list[object] = []
    desk.seat.requests.cameras_wanted.connect(asked.append)
    desk.seat.requests.plot_wanted.connect(asked.append)
    view = wiring.view
    view.choosing.choose_area(box((116.3, 39.7), (116.4, 39.8)))
    view.panel.wall.click()
    view.panel.curves.click()
    assert asked == [["c0", "c1"], "s0", "s1"]
    view.panel.group.click()
    held = view.hold.viewpoint.held
    assert held.rule is ViewRule.GROUP and len(held.members) == 6
    before = view.scene.centre
    heard(desk, Point(116.45, 39.6), -1.0)
    assert view.scene.centre != before


def test_the_list_is_exported_with_states_and_no_formula_runs_in_it(
    wiring: MapWiring, desk: Desk, tmp_path: Path
) -> None:
    wiring.view.choosing.choose_area(box((116.3, 39.7), (116.4, 39.8)))
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    asyncio.run(wiring.choice.export_to(tmp_path / "chosen.csv"))
    with (tmp_path / "chosen.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 6
    assert {row[2] for row in rows if row[1].startswith("s")} == {"雨量 0", "'=1+1"}
    assert all(row[4].startswith("116.34") for row in rows[1:])
    asyncio.run(wiring.choice.export_to(tmp_path / "none" / "x" / "chosen.csv"))
    assert len(told) == 2


def test_the_model_of_130_000_rows_gives_texts_only_when_asked(wiring: MapWiring, qtmodeltester: Any) -> None:
    wiring.view.choosing.choose_area(box((116.3, 39.7), (116.4, 39.8)))
    model = ChosenModel()
    model.show(wiring.view.panel.model.groups)
    qtmodeltester.check(model)


def test_the_past_shows_where_vehicles_were_heard_of_and_says_where_that_is_not_known(
    wiring: MapWiring, desk: Desk
) -> None:
    for ago_s in range(300, -1, -3):
        heard(desk, Point(HERE.lon + ago_s * 1e-4, HERE.lat), float(ago_s))
    desk.seat.room_time.stand_at(NOON - timedelta(seconds=120))
    fleet = wiring.view.scene.fleet
    assert fleet.time_ms[0] == to_ms(NOON) - 120_000
    assert wiring.view.toolbar.status.text() == "-"
    assert wiring.view.scene.trails.rows(0).time_ms.max() == to_ms(NOON) - 120_000
    desk.seat.room_time.stand_at(NOON - timedelta(hours=5))
    wiring._past()
    assert "未保存" in wiring.view.toolbar.status.text() and not wiring.view.scene.fleet.time_ms.any()
    desk.seat.room_time.go_live()
    assert wiring.view.toolbar.status.text() == "-"


def test_who_is_near_is_answered_in_one_gesture_and_a_measure_goes_on_with_clicks(
    wiring: MapWiring, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Wanted] = []

    async def ask(_self: MapAnswers, wanted: Wanted, _progressed: object) -> Answer:
        asked.append(wanted)
        raise EnvironmentFault("enough")

    monkeypatch.setattr(MapAnswers, "ask", ask)
    answers = MapAnswers(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    found = entries(wiring.view.menu(HERE.lon, HERE.lat))
    found["附近力量（有路网按路程）…"].trigger()
    assert [(one.offer.id, one.things, one.corners) for one in asked] == [
        ("nearest", "vehicles", ((HERE.lon, HERE.lat),))
    ]
    found["从此处量测…"].trigger()
    assert answers.dialog is not None and answers.dialog.method.currentData() == "measure"
    desk.seat.requests.place_chosen.emit(116.4, 39.7)
    assert answers.dialog.wanted().corners == ((HERE.lon, HERE.lat), (116.4, 39.7))
    answers.dialog.close()
    answers.close()
