"""Guard tours at a desk and on a tile: made in the dialog, put on a tile, driven by keys, menu and buttons."""

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.events import CameraGroupChanged, TourChanged, WallChanged
from controlroom.domain.tour import Tour, TourOrder, TourStep, TourStop, paused
from controlroom.domain.wall import Wall, WallScreen, WallTile
from controlroom.wire.tours import DriveTour, RemoveTour, SetTour
from controlroom.wire.walls import ArrangeWall, PushToWall
from controlroom.wiring.video import WallWiring
from controlroom.wiring.wall_control import WallControlWiring
from controlroom.wiring.wall_tours import tile_of
from tests.rooms import NOON
from tests.wiring.conftest import Desk, declared
from widgets.tour_dialog import TourDialog

STOPS = (TourStop(camera="a"), TourStop(camera="b"), TourStop(camera="c"))
ROUND = Tour(id="t", name="夜巡", stops=STOPS, dwell_s=3, author="李", begun_at=NOON)


def camera(name: str, **more: object) -> Camera:
    return Camera(**({"id": name, "name": f"机位{name}", "url": f"rtsp://h/{name}"} | more))


@pytest.fixture
def wall(desk: Desk, qtbot: QtBot) -> WallWiring:
    screen = WallScreen(columns=2, tiles=(tile_of("t"), WallTile(left=1, cameras=("d",))))
    desk.happen(
        declared(*(camera(name) for name in "abcd")),
        TourChanged(ROUND),
        WallChanged(Wall(name="main", screens=(screen,))),
    )
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    wiring.wall.resize(640, 300)
    wiring.wall.show()
    qtbot.waitExposed(wiring.wall)
    return wiring


@pytest.fixture
def control(desk: Desk, qtbot: QtBot, wall: WallWiring) -> WallControlWiring:
    made = WallControlWiring(desk.seat)
    qtbot.addWidget(made.control)
    made.control.resize(760, 560)
    made.control.show()
    qtbot.waitExposed(made.control)
    return made


def test_a_tile_walks_the_tour_passes_a_dead_camera_over_and_says_so(desk: Desk, wall: WallWiring) -> None:
    assert wall.wall.tiles()[0] == "a" and "夜巡 1/3" in wall.wall.describe(0)
    desk.happen(declared(camera("b", health=CameraHealth.OFFLINE)))
    for _second in range(3):
        desk.second()
    assert wall.wall.tiles()[0] == "c" and "1 路" in wall.wall.describe(0)
    desk.happen(TourChanged(paused(ROUND, "李", desk.clock.now())))
    for _second in range(9):
        desk.second()
    assert wall.wall.tiles()[0] == "c" and "李" in wall.wall.describe(0), "everybody sees who let it stand"
    desk.happen(TourChanged(msgspec.structs.replace(ROUND, removed=True)))
    assert wall.wall.tiles()[0] == "" and wall.wall.tiles()[1] == "d"


def test_keys_and_the_menu_of_a_tile_drive_its_tour(desk: Desk, wall: WallWiring) -> None:
    steps = {Qt.Key.Key_Space: TourStep.PAUSE, Qt.Key.Key_PageDown: TourStep.NEXT, Qt.Key.Key_PageUp: TourStep.PREVIOUS}
    for key, step in steps.items():
        QTest.keyClick(wall.wall, key)
        assert desk.sent.bodies[-1] == DriveTour(tour="t", step=step)
    desk.happen(TourChanged(paused(ROUND, "李", NOON)))
    QTest.keyClick(wall.wall, Qt.Key.Key_Space)
    assert desk.sent.bodies[-1] == DriveTour(tour="t", step=TourStep.GO_ON)
    QTest.keyClick(wall.wall, Qt.Key.Key_Right)
    count = len(desk.sent.bodies)
    QTest.keyClick(wall.wall, Qt.Key.Key_Space)
    assert len(desk.sent.bodies) == count, "that tile has no tour"
    menu = wall.wall.menu()
    (tours,) = (action.menu() for action in menu.actions() if action.menu() is not None)
    assert [action.text() for action in tours.actions()] == ["夜巡"]
    tours.actions()[0].trigger()
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, ArrangeWall) and sent.screens[0].tiles[1].tour == "t"
    menu.close()


def test_the_list_at_a_desk_tells_where_each_tour_is_and_drives_it(desk: Desk, control: WallControlWiring) -> None:
    tours = control.control.tours
    assert "1/3" in tours.rows.item(0).text() and "机位a" in tours.rows.item(0).text()
    desk.happen(declared(camera("a", health=CameraHealth.OFFLINE)))
    desk.second()
    assert "机位b" in tours.rows.item(0).text() and tours.rows.item(0).text().count("机位a") == 1
    tours.put.click()
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, PushToWall) and sent.spots[0].tile.tour == "t"
    for button, body in (
        (tours.pause, DriveTour(tour="t", step=TourStep.PAUSE)),
        (tours.next, DriveTour(tour="t", step=TourStep.NEXT)),
        (tours.previous, DriveTour(tour="t", step=TourStep.PREVIOUS)),
        (tours.remove, RemoveTour(tour="t")),
    ):
        button.click()
        assert desk.sent.bodies[-1] == body
    desk.happen(TourChanged(paused(ROUND, "李", NOON)))
    tours.pause.click()
    assert desk.sent.bodies[-1] == DriveTour(tour="t", step=TourStep.GO_ON)
    assert "夜巡" in control.control.miniature.describe(1, 0)
    desk.happen(TourChanged(msgspec.structs.replace(ROUND, removed=True)))
    assert not tours.rows.count() and not tours.pause.isEnabled()


def test_a_tour_is_made_of_chosen_dropped_and_grouped_cameras(desk: Desk, control: WallControlWiring) -> None:
    desk.happen(CameraGroupChanged(CameraGroup(id="g", name="桥", cameras=("c",))))
    control.control.tours.new.click()
    dialog = control.control.findChild(TourDialog)
    save = dialog.buttons.button(dialog.buttons.StandardButton.Save)
    assert not save.isEnabled() and dialog.missing.text()
    dialog.add.click()
    assert not dialog.stops.count() and dialog.missing.text()
    desk.seat.selection.select("camera", "a")
    dialog.add.click()
    dialog.own.setValue(20)
    drop(dialog, "camera:b\ncamera:d")
    dialog.add_group.click()
    dialog.up.click()
    dialog.stops.setCurrentRow(1)
    dialog.drop.click()
    dialog.name.setText("桥梁巡检")
    dialog.must.setValue(30)
    assert not save.isEnabled()
    dialog.must.setValue(5)
    dialog.order.setCurrentIndex(dialog.order.findData(TourOrder.SHUFFLED))
    save.click()
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, SetTour)
    assert sent.tour.stops == (TourStop(camera="a", dwell_s=20), TourStop(group="g"), TourStop(camera="d"))
    assert (sent.tour.name, sent.tour.must_s, sent.tour.order) == ("桥梁巡检", 5, TourOrder.SHUFFLED)
    control.control.tours.change.click()
    again = next(each for each in control.control.findChildren(TourDialog) if each.isVisible())
    assert again.tour() == Tour(id="t", name="夜巡", stops=STOPS, dwell_s=3)
    again.close()


def drop(dialog: TourDialog, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    plain = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    for event in (QDragEnterEvent(QPoint(10, 10), *plain), QDropEvent(QPointF(10, 10), *plain)):
        QApplication.sendEvent(dialog.stops.viewport(), event)
        assert event.isAccepted()
