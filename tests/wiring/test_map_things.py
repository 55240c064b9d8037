"""The menu of a place knows what stands there besides points, and what can be done with each."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.domain.alarm import Alarm
from controlroom.domain.events import FenceChanged
from controlroom.domain.fence import Fence
from controlroom.domain.graphic import GraphicKind
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.mapping.graphic_marks import GraphicMark
from controlroom.mapping.graphics import Part
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.mapping.layers import AlarmMark, IncidentMark, LayerSpec
from controlroom.mapping.viewpoint import ViewRule
from controlroom.wiring.map_things import FENCES, MapThings
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised
from widgets.map_view import MapView

LON, LAT = 116.45, 39.62
RING = ((LON - 0.01, LAT - 0.01), (LON + 0.01, LAT - 0.01), (LON + 0.01, LAT + 0.01), (LON - 0.01, LAT + 0.01))
ANSWER = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"500 m","class":0},"geometry":'
    '{"type":"Polygon","coordinates":[[[116.44,39.61],[116.46,39.61],[116.46,39.63],[116.44,39.63],[116.44,39.61]]]}}]}'
)


@pytest.fixture
def chart(qtbot: QtBot, desk: Desk) -> Iterator[MapView]:
    view = MapView(painted=True)
    view.resize(640, 480)
    view.fly_to(LON, LAT, 15)
    qtbot.addWidget(view)
    view.show()
    MapThings(desk.seat, view)
    yield view
    view.close()


def menus(chart: MapView, lon: float = LON, lat: float = LAT, kind: str = "", identity: str = "") -> dict[str, QMenu]:
    menu = QMenu(chart)
    chart.menu_filled.emit(menu, lon, lat, kind, identity)
    return {action.text(): below for action in menu.actions() if isinstance(below := action.menu(), QMenu)}


def act(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_a_flag_opens_its_incident_keeps_it_in_sight_and_leads_to_its_plotting(
    qtbot: QtBot, desk: Desk, chart: MapView
) -> None:
    chart.set_incidents([IncidentMark("i1", Severity.RED, LON, LAT, "<b>泄漏</b> & 火情")])
    above = chart.scene.centre.lat + 0.0012
    [(title, menu)] = menus(chart, LON + 0.0002, above).items()
    assert title == "事件：<b>泄漏</b> && 火情"
    act(menu, "选中")
    assert (desk.seat.selection.kind, desk.seat.selection.id) == ("incident", "i1")
    with qtbot.waitSignal(desk.seat.requests.plotting_wanted) as wanted:
        act(menu, "为其标绘…")
    assert wanted.args == ["i1"]
    act(menu, "保持可见")
    assert chart.hold.viewpoint.held.rule is ViewRule.INCIDENT
    assert not menus(chart, LON + 0.02, LAT)
    assert not menus(chart, LON + 0.0002, above, "incident", "i1"), "the menu tells of it already"
    chart.tree.show("incidents", False)
    assert not menus(chart, LON + 0.0002, above)


def test_an_alarm_that_waits_can_be_acknowledged_where_it_is(desk: Desk, chart: MapView) -> None:
    held: Alarm = alarm("a1", Severity.ORANGE)
    desk.happen(*raised(held))
    chart.set_alarms(
        [AlarmMark("a1", Severity.ORANGE, LON, LAT, "甲烷"), AlarmMark("a2", Severity.BLUE, LON, LAT, "旧")]
    )
    found = menus(chart)
    act(found["告警：甲烷"], "确认")
    assert [type(body).__name__ for body in desk.sent.bodies] == ["Acknowledge"]
    gone = next(a for a in found["告警：旧"].actions() if a.text() == "确认")
    assert not gone.isEnabled(), "the room does not know it any more"


def test_plotting_is_chosen_changed_and_its_area_asked_about(qtbot: QtBot, desk: Desk, chart: MapView) -> None:
    part = Part("area", RING, True)
    chart.scene.set_graphics(
        [GraphicMark(id="g1", kind=GraphicKind.AREA, lon=LON, lat=LAT, parts=(part,), label="警戒区")]
    )
    chart.set_cameras(["in", "out"], ["I", "O"], [LON, 117.0], [LAT, LAT], [1, 1])
    menu = menus(chart)["标绘：警戒区"]
    act(menu, "选中")
    assert (desk.seat.selection.kind, desk.seat.selection.id) == ("graphic", "g1")
    act(menu, "选择其中的对象")
    assert [group.ids for group in chart.choosing.choice.groups] == [("in",)]
    assert chart.choosing.title == "警戒区"
    with qtbot.waitSignal(chart.place_asked) as asked:
        act(menu, "可视摄像机")
    assert asked.args == ["警戒区", list(RING)]
    assert not next(a for a in menu.actions() if a.text() == "在标绘面板中修改…").isEnabled(), "it is of the past"


def test_a_fence_leads_to_its_board_and_one_that_is_off_says_so(qtbot: QtBot, desk: Desk, chart: MapView) -> None:
    ring = tuple(Point(*corner) for corner in RING)
    for name, on in (("库区", True), ("旧库", False)):
        desk.happen(FenceChanged(fence=Fence(id=name, name=name, ring=ring, by="王", at=NOON, enabled=on)))
    assert not menus(chart), "no layer of fences is shown"
    chart.add_layer(LayerSpec(id=FENCES, title="围栏", group=LayerGroup.FENCES))
    found = menus(chart)
    assert set(found) == {"围栏：库区", "围栏：旧库（已停用）"}
    with qtbot.waitSignal(desk.seat.requests.fence_wanted) as wanted:
        act(found["围栏：库区"], "在围栏面板中显示…")
    assert wanted.args == ["库区"]
    assert not menus(chart, LON + 0.5, LAT)


def test_an_answer_says_how_it_was_made_and_is_hidden_on_this_map(desk: Desk, chart: MapView) -> None:
    chart.add_layer(
        LayerSpec(id="answer-1", title="缓冲区 1", geojson=ANSWER, group=LayerGroup.ANSWERS, note="半径 500 m")
    )
    chart.update_layer("answer-1", [])
    menu = menus(chart)["分析结果：缓冲区 1"]
    act(menu, "查看生成方式")
    assert chart.layer_panel is not None and "半径 500 m" in chart.layer_panel.facts.text()
    act(menu, "选择其中的对象")
    assert len(chart.choosing.choice.corners) == 4
    act(menu, "在本图中隐藏")
    assert not chart.tree.wish("answer-1").shown
    assert not menus(chart)
