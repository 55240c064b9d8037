"""The wall under the officer's hand: clicks, keys and drops."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.told_feeds import ToldFeeds
from widgets.video_wall import VideoWall

# Qt 6.12 wants a QPointF there, which 6.11 does not take; both are supported.
pytestmark = pytest.mark.filterwarnings("ignore:.*QDragEnterEvent.*deprecated:DeprecationWarning")


def test_a_click_selects_and_tells_the_camera(wall: VideoWall, qtbot: QtBot) -> None:
    with qtbot.waitSignal(wall.camera_selected) as caught:
        QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=wall.tile_rect(4).center())
    assert caught.args == ["e"]
    assert wall.current_camera == "e"


def test_arrows_move_and_stop_at_the_edges(wall: VideoWall) -> None:
    for key, camera in (
        (Qt.Key.Key_Left, "a"),
        (Qt.Key.Key_Right, "b"),
        (Qt.Key.Key_Down, "e"),
        (Qt.Key.Key_Down, "h"),
        (Qt.Key.Key_Down, "h"),
        (Qt.Key.Key_Right, "i"),
        (Qt.Key.Key_Right, "i"),
        (Qt.Key.Key_Up, "f"),
    ):
        QTest.keyClick(wall, key)
        assert wall.current_camera == camera


def test_a_double_click_enlarges_and_escape_goes_back(wall: VideoWall, feeds: ToldFeeds) -> None:
    small = feeds.of("e").size
    QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=wall.tile_rect(4).center())
    QTest.mouseDClick(wall, Qt.MouseButton.LeftButton, pos=wall.tile_rect(4).center())
    assert wall.is_enlarged
    assert wall.tile_rect(4) == wall.rect()
    assert feeds.of("e").size > small
    assert feeds.of("a").size == (0, 0), "hidden tiles want no pictures"
    QTest.keyClick(wall, Qt.Key.Key_Escape)
    assert not wall.is_enlarged
    assert feeds.of("e").size == small and feeds.of("a").size[0] > 0


def test_enter_enlarges_and_an_arrow_goes_to_the_neighbour(wall: VideoWall) -> None:
    QTest.keyClick(wall, Qt.Key.Key_Return)
    QTest.keyClick(wall, Qt.Key.Key_Right)
    assert wall.is_enlarged and wall.current_camera == "b"
    assert wall.tile_rect(1) == wall.rect()


def drop(wall: VideoWall, index: int, text: str) -> bool:
    data = QMimeData()
    data.setText(text)
    point, copy = wall.tile_rect(index).center(), Qt.DropAction.CopyAction
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(point, copy, data, buttons, none)
    enter.ignore()
    QApplication.sendEvent(wall, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(point), copy, data, buttons, none)
    QApplication.sendEvent(wall, event)
    return event.isAccepted()


def test_a_camera_is_dropped_onto_a_tile(wall: VideoWall, feeds: ToldFeeds, qtbot: QtBot) -> None:
    replaced = feeds.of("c")
    with qtbot.waitSignal(wall.rearranged) as caught:
        assert drop(wall, 2, "camera:a")
    assert caught.args == [tuple("abadefghi")]
    assert replaced.is_closed
    assert len(feeds.open["rtsp://h/a"]) == 2


@pytest.mark.parametrize("text", ["", "a", "sensor:1", "camera"])
def test_other_drops_are_turned_away(wall: VideoWall, text: str) -> None:
    assert not drop(wall, 2, text)
    assert wall.tiles() == tuple("abcdefghi")
