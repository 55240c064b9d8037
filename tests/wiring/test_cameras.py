"""The directory of cameras at a seat: kept beside the GUI, told before opening, reached by keyboard alone."""

import math
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from controlroom.bridge.camera_catalogue import By
from controlroom.bridge.camera_sight import Sight
from controlroom.bridge.models.camera_tree import LIST_PAGE
from controlroom.domain.camera import Camera, CameraHealth, PictureFault
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.events import (
    CameraGroupChanged,
    PicturesLooked,
    PtzLeaseChanged,
    PtzUnitChanged,
    SensorsDeclared,
)
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.place import Point
from controlroom.domain.ptz import Ability, Pose, Preset, PtzLease, PtzTrouble, PtzUnit
from controlroom.domain.sensor import Sensor
from controlroom.mapping.layers import Selection
from controlroom.shell.actions import Actions
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup
from controlroom.wiring.alarms import nearest_cameras
from controlroom.wiring.cameras import CamerasWiring
from controlroom.wiring.map import MapWiring
from controlroom.wiring.sight import SightDesk, sight_of
from tests.rooms import NOON
from tests.wiring.conftest import Desk, alarm, declared, raised
from widgets.camera_browser import CameraBrowser
from widgets.camera_drag import dragged_cameras
from widgets.camera_groups import GroupDialog

HERE = Point(116.34, 39.73)


def camera(identity: str, name: str = "", **more: object) -> Camera:
    plain = {"url": f"rtsp://h/{identity}", "town": "黄村镇", "department": "区水务局"}
    return Camera(**(plain | {"id": identity, "name": name or f"路口{identity}"} | more))


@pytest.fixture
def browser(desk: Desk, qtbot: QtBot) -> CameraBrowser:
    wiring = CamerasWiring(desk.seat)
    qtbot.addWidget(wiring.browser)
    wiring.browser.resize(420, 400)
    wiring.browser.show()
    return wiring.browser


def settled(desk: Desk, qtbot: QtBot) -> None:
    desk.clock.advance(5.0)
    desk.pump.tick()
    qtbot.waitUntil(lambda: not desk.seat.directory.busy)


def rows(browser: CameraBrowser) -> list[str]:
    model = browser.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_everything_is_reached_from_the_search_by_keys_alone(desk: Desk, qtbot: QtBot, browser: CameraBrowser) -> None:
    wanted: list[list[str]] = []
    desk.seat.requests.cameras_wanted.connect(wanted.append)
    shown: list[tuple[str, str]] = []
    desk.seat.requests.map_wanted.connect(lambda kind, identity: shown.append((kind, identity)))
    desk.happen(declared(camera("1", "东桥"), camera("2", "西桥"), camera("3", "东路")))
    settled(desk, qtbot)
    QTest.keyClicks(browser.search, "dq")
    assert browser.model.is_list and browser.model.rowCount() == 1 and "东桥" in rows(browser)[0]
    QTest.keyClick(browser.search, Qt.Key.Key_Down)
    assert desk.seat.selection.id == "1"
    QTest.keyClick(browser.tree, Qt.Key.Key_M)
    assert shown == [("camera", "1")]
    QTest.keyClick(browser.tree, Qt.Key.Key_Return)
    assert wanted == [["1"]]
    QTest.keyClick(browser, Qt.Key.Key_Escape)
    assert browser.search.text() == "" and not browser.model.is_list
    browser.search.setText("东")
    browser.tree.selectAll()
    QTest.keyClick(browser.tree, Qt.Key.Key_Return)
    assert sorted(wanted[-1]) == ["1", "3"], "all that were chosen"


def test_what_can_be_played_is_told_before_it_is_opened(desk: Desk, qtbot: QtBot, browser: CameraBrowser) -> None:
    desk.happen(
        declared(
            camera("1", "甲", health=CameraHealth.ONLINE, health_at=desk.clock.now() - timedelta(minutes=3)),
            camera("2", "乙", url="", health=CameraHealth.ONLINE),
            camera("3", "丙", url="http://h/c.flv", health=CameraHealth.OFFLINE),
            camera("4", "丁", url="http://h/c.m3u8", health=CameraHealth.ONLINE, faults=(PictureFault.COVERED,)),
        )
    )
    settled(desk, qtbot)
    browser.tick(desk.clock.now())

    def told(identity: str) -> str:
        index = browser.model.index_of(identity)
        return f"{index.data()} {index.siblingAtColumn(1).data()}"

    assert "●" in told("1") and "在线" in told("1") and "RTSP" in told("1") and "3 分" in told("1")
    assert "○" in told("2") and "未共享视频流" in told("2")
    assert "✕" in told("3") and "离线" in told("3") and "HTTP-FLV" in told("3")
    assert "◐" in told("4") and "遮挡" in told("4") and "HLS" in told("4")
    (top,) = rows(browser)
    assert top == "区水务局" and browser.model.index(0, 1).data() == "可播放 2 / 4"
    drags = [bool(browser.model.flags(browser.model.index_of(i)) & Qt.ItemFlag.ItemIsDragEnabled) for i in "1234"]
    assert drags == [True, False, True, True]


def test_states_change_without_anything_being_laid_out_anew(desk: Desk, qtbot: QtBot, browser: CameraBrowser) -> None:
    desk.happen(declared(camera("1", health=CameraHealth.ONLINE), camera("2", health=CameraHealth.ONLINE)))
    settled(desk, qtbot)
    browser.tree.setExpanded(browser.model.index(0, 0), True)
    resets: list[int] = []
    browser.model.modelReset.connect(lambda: resets.append(1))
    desk.happen(declared(camera("1", health=CameraHealth.OFFLINE)))
    settled(desk, qtbot)
    assert browser.model.index(0, 1).data() == "可播放 1 / 2" and "✕" in browser.model.index_of("1").data()
    assert not resets
    desk.happen(declared(camera("3", health=CameraHealth.ONLINE)))
    settled(desk, qtbot)
    assert resets and browser.tree.isExpanded(browser.model.index(0, 0)), "what was open stays open"


def test_a_choice_elsewhere_opens_the_node_and_the_panel_remembers(
    desk: Desk, qtbot: QtBot, browser: CameraBrowser
) -> None:
    desk.happen(declared(camera("1"), camera("2", town="旧宫镇")))
    settled(desk, qtbot)
    browser.by.setCurrentIndex(browser.by.findData(By.TOWN.value))
    assert rows(browser) == ["旧宫镇", "黄村镇"]
    desk.seat.selection.select("camera", "2")
    assert browser.current_camera == "2" and browser.tree.isExpanded(browser.tree.currentIndex().parent())
    told: list[str] = []
    browser.camera_selected.connect(told.append)
    browser.select("1")
    assert not told, "what was chosen elsewhere is not told back"
    state = browser.state()
    other = CameraBrowser(desk.seat.directory.camera)
    qtbot.addWidget(other)
    other.restore({"by": 5, "expanded": [7]})
    other.restore(state)
    other.show_catalogue(desk.seat.directory.catalogue, False)
    assert rows(other) == ["旧宫镇", "黄村镇"] and other.tree.isExpanded(other.model.index(0, 0))


def test_a_long_list_is_laid_out_as_far_as_it_is_looked_at(desk: Desk, qtbot: QtBot, browser: CameraBrowser) -> None:
    count = 3 * LIST_PAGE
    desk.happen(declared(*(camera(f"{k:04}") for k in range(count))))
    settled(desk, qtbot)
    browser.search.setText("路口")
    assert browser.model.rowCount() == LIST_PAGE and str(count) in browser.count.text()
    browser.select("0599")
    assert browser.current_camera == "0599"
    assert dragged_cameras(browser.model.mimeData([browser.tree.currentIndex()]).text()) == ["0599"]


def test_a_room_that_ends_does_not_wait_for_the_directory(desk: Desk, qtbot: QtBot, browser: CameraBrowser) -> None:
    desk.happen(declared(*(camera(str(k), point=Point(116.3, 39.7), health_at=NOON) for k in range(500))))
    assert desk.seat.directory.busy
    desk.seat.directory.close()
    assert browser.model.rowCount() == 0


def looking(identity: str, *, north_m: float, **more: object) -> Camera:
    """A camera so many metres south of HERE that looks to the north."""
    point = Point(HERE.lon, HERE.lat - north_m / 111_195)
    plain = {"heading_deg": 5.0, "view_deg": 60.0, "range_m": 120.0, "point": point, "health": CameraHealth.ONLINE}
    return camera(identity, **(plain | more))


def test_who_can_see_an_alarm_is_listed_best_first_with_reasons_and_goes_to_the_wall_by_a_key(
    desk: Desk, qtbot: QtBot, browser: CameraBrowser
) -> None:
    actions = Actions(desk.owner)
    _sight = SightDesk(desk.seat, actions, desk.owner)
    wanted: list[list[str]] = []
    desk.seat.requests.cameras_wanted.connect(wanted.append)
    desk.happen(
        declared(
            looking("near", north_m=30),
            looking("off", north_m=10, health=CameraHealth.OFFLINE),
            looking("far", north_m=100),
            looking("away", north_m=30, heading_deg=180.0),
            looking("beyond", north_m=500),
        ),
        *raised(alarm("a", point=HERE), alarm("nowhere")),
    )
    settled(desk, qtbot)
    desk.seat.selection.select("alarm", "a")
    actions.trigger("who_sees")
    assert desk.revealed == ["cameras"]
    assert [browser.model.camera_at(browser.model.index(row, 0)) for row in range(browser.model.rowCount())] == [
        "near",
        "far",
        "off",
    ]
    reasons = [browser.model.index(row, 1).data() for row in range(3)]
    assert "30/120 米" in reasons[0] and "偏轴 5°" in reasons[0] and "离线" in reasons[2]
    scores = [int(reason.split()[0]) for reason in reasons]
    assert scores == sorted(scores, reverse=True) and scores[0] > 90
    QTest.keyClick(browser.tree, Qt.Key.Key_Return)
    assert wanted == [["near"]]
    actions.trigger("who_sees_on_wall")
    assert wanted[-1] == ["near", "far", "off"]
    desk.happen(declared(looking("near", north_m=30, health=CameraHealth.OFFLINE)))
    settled(desk, qtbot)
    assert browser.model.camera_at(browser.model.index(0, 0)) == "far", "the list follows what becomes of the cameras"
    near = nearest_cameras(desk.seat, alarm("a", point=HERE))
    assert [found.camera.id for found in near] == ["far", "away", "beyond"], "those that see it, then the nearest"
    assert near[0].distance_m == pytest.approx(100.0, abs=0.5)
    told: list[str] = []
    desk.seat.requests.told.connect(told.append)
    desk.seat.selection.select("alarm", "nowhere")
    actions.trigger("who_sees_on_wall")
    assert len(told) == 1 and len(wanted) == 2


def test_heads_count_as_they_look_now_and_those_that_can_turn_are_listed_behind(
    desk: Desk, qtbot: QtBot, browser: CameraBrowser
) -> None:
    actions = Actions(desk.owner)
    _sight = SightDesk(desk.seat, actions, desk.owner)
    wanted: list[list[str]] = []
    told: list[str] = []
    desk.seat.requests.cameras_wanted.connect(wanted.append)
    desk.seat.requests.told.connect(told.append)

    def listed() -> list[str]:
        model = browser.model
        return [str(model.camera_at(model.index(row, 0))) for row in range(model.rowCount())]

    def reason(identity: str) -> str:
        return str(browser.model.index(listed().index(identity), 1).data())

    away = {"heading_deg": 180.0, "ptz": "onvif:http://h/x"}
    desk.happen(
        declared(
            looking("fixed", north_m=100),
            looking("off", north_m=10, health=CameraHealth.OFFLINE),
            *(looking(name, north_m=20, **away) for name in ("dome", "held", "ill")),
            looking("hand", north_m=10, **away),
            looking("short", north_m=130, **away),
            looking("gone", north_m=20, health=CameraHealth.OFFLINE, **away),
        ),
        *raised(alarm("a", point=HERE)),
        PtzUnitChanged(PtzUnit(camera="dome", abilities=(Ability.CONTINUOUS, Ability.ABSOLUTE), pose=Pose())),
        PtzUnitChanged(PtzUnit(camera="hand", abilities=(Ability.CONTINUOUS,))),
        PtzUnitChanged(PtzUnit(camera="ill", trouble=PtzTrouble.UNREACHABLE)),
        PtzLeaseChanged(
            PtzLease(
                camera="held",
                seat="desk-2",
                officer="李",
                rank=1,
                reason="",
                since=NOON,
                used_at=NOON,
                until=NOON + timedelta(minutes=5),
            )
        ),
    )
    settled(desk, qtbot)
    desk.seat.selection.select("alarm", "a")
    actions.trigger("who_sees")
    assert listed() == ["fixed", "dome", "hand", "off"], "held, unreachable, too far or offline ones cannot be turned"
    scores = [int(reason(identity).split()[0]) for identity in listed()]
    assert scores == sorted(scores, reverse=True)
    assert browser.count.text().startswith("2 路") and "另有 2 路可转向" in browser.count.text()
    assert "可转向该处" in reason("dome") and "手动" in reason("hand")
    actions.trigger("who_sees_on_wall")
    assert wanted == [["fixed", "off"]], "nothing that looks elsewhere goes to the wall"
    # A preset that shows the place is named; it makes one without angles as good as one with them.
    presets = (Preset(token="1", name="桥头", pose=Pose(180.0, -10.0, 2.0)), Preset(token="2", pose=Pose(40.0)))
    desk.happen(PtzUnitChanged(PtzUnit(camera="hand", abilities=(Ability.CONTINUOUS,), presets=presets)))
    qtbot.waitUntil(lambda: listed() == ["fixed", "hand", "dome", "off"])
    assert "桥头" in reason("hand")
    # Turned there it sees the place, and one that is turned away no longer does.
    desk.happen(PtzUnitChanged(PtzUnit(camera="dome", abilities=(Ability.ABSOLUTE,), pose=Pose(185.0))))
    qtbot.waitUntil(lambda: listed() == ["dome", "fixed", "hand", "off"])
    assert "偏轴 5°" in reason("dome")
    assert nearest_cameras(desk.seat, alarm("a", point=HERE))[0].camera.id == "dome"
    # Zoomed in it sees less: 60° become 6°, of which half are on either side.
    desk.happen(PtzUnitChanged(PtzUnit(camera="dome", abilities=(Ability.ABSOLUTE,), pose=Pose(185.0, 0.0, 11.0))))
    qtbot.waitUntil(lambda: listed()[0] == "fixed")
    desk.happen(declared(looking("fixed", north_m=500), looking("off", north_m=500)))
    settled(desk, qtbot)
    actions.trigger("who_sees_on_wall")
    assert "Ctrl+Alt+E" in told[-1] and len(wanted) == 1
    browser_area = [Point(HERE.lon, HERE.lat), Point(HERE.lon + 1e-4, HERE.lat), Point(HERE.lon, HERE.lat + 1e-4)]
    desk.seat.requests.sight_wanted.emit(Sight("area", tuple(browser_area)))
    assert listed() == ["dome", "hand"] and "可转向该处" not in reason("dome"), "its cone touches the area"


def test_an_area_of_the_map_and_every_kind_of_object_can_be_asked_about(
    desk: Desk, qtbot: QtBot, browser: CameraBrowser
) -> None:
    sensor = Sensor(id="s", name="积水点", kind="ponding", unit="cm", point=HERE)
    desk.happen(declared(looking("c", north_m=40)), SensorsDeclared((0,), (sensor,)))
    settled(desk, qtbot)
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    wiring.view.place_asked.emit("here", [(HERE.lon, HERE.lat), (HERE.lon + 0.001, HERE.lat), (HERE.lon, HERE.lat + 1)])
    assert browser.model.camera_at(browser.model.index(0, 0)) == "c" and "here" in browser.count.text()
    assert sight_of(desk.seat, "sensor", "s") == Sight("积水点", (HERE,))
    assert sight_of(desk.seat, "camera", "c") is not None
    assert sight_of(desk.seat, "incident", "none") is None


def test_the_cones_of_what_the_map_shows_are_drawn_and_that_of_the_chosen_camera(desk: Desk, qtbot: QtBot) -> None:
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    wiring.view.resize(600, 400)
    wiring.view.show()
    desk.happen(declared(looking("c", north_m=40), looking("remote", north_m=30_000)))
    settled(desk, qtbot)
    assert wiring.view.scene.cones == (), "from afar they would be dots"
    wiring.view.fly_to(HERE.lon, HERE.lat, 16)
    wiring.view.looked.emit()
    qtbot.waitUntil(lambda: len(wiring.view.scene.cones) == 1)
    ((foot, *arc),) = [cone.outline for cone in wiring.view.scene.cones]
    reach_m = [
        111_195 * math.hypot((lon - foot[0]) * math.cos(math.radians(foot[1])), lat - foot[1]) for lon, lat in arc
    ]
    assert foot[1] < HERE.lat and reach_m == pytest.approx([120.0] * len(arc), abs=0.5)
    desk.seat.selection.select("camera", "remote")
    qtbot.waitUntil(lambda: [cone.chosen for cone in wiring.view.scene.cones] == [False, True])
    # A head that turns to the other side takes its cone with it.
    before = wiring.view.scene.cones[0].outline
    desk.happen(PtzUnitChanged(PtzUnit(camera="c", pose=Pose(180.0, 0.0, 4.0))))
    qtbot.waitUntil(lambda: wiring.view.scene.cones[0].outline != before)
    (foot, *arc) = wiring.view.scene.cones[0].outline
    assert all((lat - foot[1]) * (before[2][1] - foot[1]) < 0 for _lon, lat in arc)


def test_favourites_and_groups_are_made_filled_and_left_by_keys(
    desk: Desk, qtbot: QtBot, browser: CameraBrowser
) -> None:
    desk.happen(declared(camera("1", "东桥"), camera("2", "西桥")))
    settled(desk, qtbot)
    browser.search.setText("东桥")
    QTest.keyClick(browser.search, Qt.Key.Key_Down)
    QTest.keyClick(browser.tree, Qt.Key.Key_F)
    assert desk.sent.bodies.pop() == ChangeCameraGroup(add=["1"])
    officer = desk.sent.officer
    favourites = CameraGroup(id=f"favourites/{officer}", owner=officer, cameras=("1",))
    shared = CameraGroup(id="group-9", name="河道", cameras=("1", "2", "gone"))
    foreign = CameraGroup(id="group-8", name="李的", owner="李", cameras=("2",))
    desk.happen(*(CameraGroupChanged(group) for group in (shared, foreign, favourites)))
    assert "★" in rows(browser)[0]
    QTest.keyClick(browser.tree, Qt.Key.Key_F)
    assert desk.sent.bodies.pop() == ChangeCameraGroup(remove=["1"])
    browser.search.clear()
    browser.by.setCurrentIndex(browser.by.findData("groups"))
    assert rows(browser) == ["★ 收藏", "河道（共享）"], "another officer's own group is not shown"
    wanted: list[list[str]] = []
    desk.seat.requests.cameras_wanted.connect(wanted.append)
    browser.tree.setCurrentIndex(browser.model.index(1, 0))
    QTest.keyClick(browser.tree, Qt.Key.Key_Return)
    assert wanted == [["1", "2"]], "a whole group goes to the wall"
    browser.tree.setCurrentIndex(browser.model.index(1, 0, browser.model.index(1, 0)))
    QTest.keyClick(browser.tree, Qt.Key.Key_Delete)
    assert desk.sent.bodies.pop() == ChangeCameraGroup(group="group-9", remove=["2"])
    QTest.keyClick(browser.tree, Qt.Key.Key_G)
    (dialog,) = browser.findChildren(GroupDialog)
    assert not dialog.save.isEnabled()
    QTest.keyClicks(dialog.name, "new")
    dialog.shared.setChecked(True)
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert desk.sent.bodies.pop() == MakeCameraGroup(name="new", shared=True, cameras=["2"])
    texts = [action.text() for action in browser.menu().actions()]
    assert "移出分组" in texts and "删除分组“河道（共享）”" in texts


def test_the_row_and_the_maps_card_tell_how_a_picture_was_when_somebody_last_looked(
    desk: Desk, qtbot: QtBot, browser: CameraBrowser
) -> None:
    view = MapWiring(desk.seat).view
    qtbot.addWidget(view)
    desk.happen(declared(camera("1")))
    settled(desk, qtbot)
    desk.second()
    looks = [
        (PictureLook(camera="1", at=NOON, faults=(PictureFault.BLACK,)), "画面：黑屏"),
        (PictureLook(camera="1", at=NOON), "画面正常"),
        (PictureLook(camera="1", at=NOON, had_picture=False), "取不到画面"),
    ]
    for look, words in looks:
        desk.happen(PicturesLooked((look,)))
        told = f"6 秒前{words}"
        assert told in browser.words.state(desk.seat.pump.room.cameras["1"])
        assert told in browser.words.tip(desk.seat.pump.room.cameras["1"])
        assert told in view.scene.card_of(Selection("camera", "1"))
