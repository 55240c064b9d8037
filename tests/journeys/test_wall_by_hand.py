"""Cameras carried by a real pointer: from the directory onto the wall in small and onto the desk's own grid."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.domain.events import WallChanged
from controlroom.domain.wall import TileKind, Wall, plain_screen
from controlroom.wire.messages import ShowOnWall
from controlroom.wire.walls import PushToWall
from controlroom.wiring.cameras import CamerasWiring
from controlroom.wiring.video import WallWiring
from controlroom.wiring.wall_control import WallControlWiring
from tests.pointer import drag
from tests.wiring.conftest import Desk, declared, desk
from widgets.camera_browser import CameraBrowser
from widgets.video_wall import VideoWall
from widgets.wall_control import WallControl

__all__ = ["desk"]


class Room(NamedTuple):
    window: QWidget
    browser: CameraBrowser
    control: WallControl
    wall: VideoWall

    def row(self, camera: str) -> QPoint:
        """Where a camera's row is in the list."""
        return self.browser.tree.visualRect(self.browser.model.index_of(camera)).center()


@pytest.fixture
def room(desk: Desk, qtbot: QtBot) -> Iterator[Room]:
    cameras = (Camera(id=name, name=f"机位{name}", url=f"rtsp://h/{name}", town="黄村镇") for name in "abcdef")
    desk.happen(declared(*cameras), WallChanged(Wall(name="main", screens=(plain_screen("abcd", 2),))))
    window = QWidget()
    made = Room(
        window, CamerasWiring(desk.seat).browser, WallControlWiring(desk.seat).control, WallWiring(desk.seat).wall
    )
    row, column = QHBoxLayout(window), QVBoxLayout()
    row.addWidget(made.browser, 2)
    row.addLayout(column, 3)
    column.addWidget(made.control, 3)
    column.addWidget(made.wall, 2)
    qtbot.addWidget(window)
    window.setGeometry(40, 40, 1300, 900)
    window.show()
    qtbot.waitActive(window)
    desk.clock.advance(5.0)
    desk.pump.tick()
    qtbot.waitUntil(lambda: not desk.seat.directory.busy)
    made.browser.search.setText("机位")
    qtbot.waitUntil(lambda: made.browser.model.rowCount() == 6)
    qtbot.waitUntil(lambda: made.control.miniature.tile_rect(1, 0).width() > 20)
    yield made


def test_a_camera_is_carried_onto_a_tile_of_the_wall_in_small(room: Room, desk: Desk, qtbot: QtBot) -> None:
    target = room.control.miniature.tile_rect(1, 3).center()
    drag(qtbot, room.browser.tree.viewport(), room.row("e"), room.control.miniature, target)
    qtbot.waitUntil(lambda: bool(desk.sent.bodies))
    (sent,) = desk.sent.bodies
    assert isinstance(sent, PushToWall)
    tile = sent.spots[0].tile
    assert (tile.left, tile.top, tile.cameras, tile.kind) == (1, 1, ("e",), TileKind.CAMERA)
    assert room.control.miniature.chosen == (1, 3)


def test_a_tile_is_carried_to_another_and_several_cameras_make_a_tour(room: Room, desk: Desk, qtbot: QtBot) -> None:
    small = room.control.miniature
    drag(qtbot, small, small.tile_rect(1, 0).center(), small, small.tile_rect(1, 2).center())
    qtbot.waitUntil(lambda: bool(desk.sent.bodies))
    assert desk.sent.bodies[-1].spots[0].tile.cameras == ("a",)
    tree = room.browser.tree
    tree.setCurrentIndex(room.browser.model.index_of("e"))
    QTest.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    drag(qtbot, tree.viewport(), room.row("e"), small, small.tile_rect(1, 1).center())
    qtbot.waitUntil(lambda: len(desk.sent.bodies) == 2)
    tile = desk.sent.bodies[-1].spots[0].tile
    assert tile.kind is TileKind.CAROUSEL and len(tile.cameras) == 2 and "e" in tile.cameras


def test_a_camera_is_carried_onto_the_desks_own_grid(room: Room, desk: Desk, qtbot: QtBot) -> None:
    target = room.wall.tile_rect(2).center()
    drag(qtbot, room.browser.tree.viewport(), room.row("f"), room.wall, target)
    qtbot.waitUntil(lambda: any(isinstance(body, ShowOnWall) for body in desk.sent.bodies))
    (sent,) = (body for body in desk.sent.bodies if isinstance(body, ShowOnWall))
    assert sent.tiles == ["a", "b", "f", "d"] and room.wall.tiles() == ("a", "b", "f", "d")


def test_a_drag_that_ends_beside_every_tile_changes_nothing(room: Room, desk: Desk, qtbot: QtBot) -> None:
    drag(qtbot, room.browser.tree.viewport(), room.row("e"), room.control.walls, QPoint(10, 10))
    drag(qtbot, room.browser.tree.viewport(), room.row("e"), room.control.miniature, QPoint(3, 3))
    assert not desk.sent.bodies


def test_the_keyboard_carries_a_camera_the_same_way(room: Room, desk: Desk) -> None:
    room.browser.tree.setFocus()
    room.browser.tree.setCurrentIndex(room.browser.model.index_of("e"))
    room.control.miniature.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(room.control.miniature, key)
    tile = desk.sent.bodies[-1].spots[0].tile
    assert (tile.left, tile.top, tile.cameras) == (1, 1, ("e",))
