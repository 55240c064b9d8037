"""What a wall paints, and how."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.widgets.told_feeds import CAMERAS, ToldFeeds
from widgets.video_tile import Tile
from widgets.video_wall import VideoWall


def on_screen(wall: VideoWall) -> QImage:
    return wall.screen().grabWindow(wall.winId()).toImage()


def test_a_picture_painted_alone_leaves_the_wall_as_if_all_were_painted(
    qtbot: QtBot, wall: VideoWall, feeds: ToldFeeds
) -> None:
    """What changes of a live tile is mostly its picture: only that is painted, by whatever way is quickest."""
    wall.enlarge(False)
    for camera in "abcdefghi":
        feed = feeds.of(camera)
        feed.show(size=(feed.size[0] - 60, feed.size[1]))
    qtbot.waitUntil(lambda: all(view.is_moving for view in wall.views()))
    for pixel in (bytes((200, 40, 40, 255)), bytes((40, 200, 40, 255))):
        for camera in "acegi":
            feed = feeds.of(camera)
            feed.show(pixel, (feed.size[0] - 60, feed.size[1]))
        qtbot.waitUntil(lambda: all(feeds.of(camera).waiting is None for camera in "acegi"))
    middle = wall.tile_rect(8).center()
    qtbot.waitUntil(lambda: on_screen(wall).pixelColor(middle) == QColor(40, 200, 40))
    whole, seen = wall.grab().toImage(), on_screen(wall)
    ratio = wall.devicePixelRatioF()
    assert seen == whole
    for k, camera in enumerate("abcdefghi"):
        middle = wall.tile_rect(k).center() * ratio
        expected = QColor(40, 200, 40) if camera in "acegi" else QColor(220, 40, 40)
        assert whole.pixelColor(middle) == expected
    feed = feeds.of("a")
    feed.show(bytes((9, 9, 9, 255)), (feed.size[0] - 200, feed.size[1]))  # the stream changes its size
    qtbot.waitUntil(lambda: feed.waiting is None)
    side = wall.tile_rect(0)
    edge = QPoint(side.left() + 40, side.center().y())
    qtbot.waitUntil(lambda: wall.grab().toImage().pixelColor(edge * ratio) == QColor(0, 0, 0))


def test_each_picture_is_blitted_though_many_tiles_change_at_once(
    qtbot: QtBot, wall: VideoWall, feeds: ToldFeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a clip of many parts Qt blends an image span by span, some ten times slower."""
    clips: list[int] = []
    paint = Tile.paint

    def watched(self: Tile, painter: QPainter, *rest: Any) -> None:
        clips.append(painter.clipRegion().rectCount())
        paint(self, painter, *rest)

    monkeypatch.setattr(Tile, "paint", watched)
    for camera in "abcdefghi":
        feeds.of(camera).show()
    qtbot.waitUntil(lambda: all(view.is_moving for view in wall.views()))
    clips.clear()
    for camera in "acegi":
        feeds.of(camera).show()
    qtbot.waitUntil(lambda: len(clips) >= 5)
    assert set(clips) == {1}


def test_a_tile_whose_painting_fails_says_so_and_the_others_go_on(
    wall: VideoWall, feeds: ToldFeeds, monkeypatch: pytest.MonkeyPatch, allow_log: Callable[[str, str], None]
) -> None:
    allow_log("widgets.video_wall", "failed")
    wall.set_cameras(CAMERAS)
    wall.show_tiles("ab", 2)
    plain = Tile.paint

    def paint(tile: Tile, *values: Any) -> None:
        if tile.camera_id == "a":
            values[0].rotate(30)
            raise RuntimeError("kaputt")
        plain(tile, *values)

    monkeypatch.setattr(Tile, "paint", paint)
    feeds.of("b").show()
    wall._refresh()
    image = wall.grab().toImage()
    middles = [wall.tile_rect(k).center() for k in range(2)]
    assert QColor(image.pixel(middles[1])).red() > 200, "the other one shows its picture"
    band = range(middles[0].y() - 20, middles[0].y() + 20)
    ink = {image.pixelColor(x, y).name() for x in range(4, wall.tile_rect(0).width() - 4) for y in band}
    assert len(ink) > 3, "the sentence is written, upright"
    monkeypatch.undo()
    feeds.of("a").show()
    wall._refresh()
    assert QColor(wall.grab().toImage().pixel(middles[0])).red() > 200
