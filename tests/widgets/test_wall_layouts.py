"""Every layout as it is painted: each picture in its own place, whole, and nothing between them but thin lines."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.domain.wall import WallScreen
from controlroom.domain.wall_layout import LAYOUTS, joined, laid_out, split
from tests.widgets.told_feeds import ToldFeeds
from widgets.video_grid import GAP_PX
from widgets.video_wall import VideoWall

WIDTH_PX, HEIGHT_PX = 1200, 900
_LARGEST = {"1+5": 4 / 9, "1+7": 9 / 16, "merged": 4 / 9, "split": 1 / 4}


def colour(place: int) -> QColor:
    """Not like that of any other of 36 places, and bright."""
    return QColor(40 + place % 6 * 40, 40 + place // 6 * 40, 250 - place % 2 * 60)


def screen_of(name: str) -> WallScreen:
    if name == "merged":
        return joined(laid_out(WallScreen(), "9"), (0, 4))
    if name == "split":
        return split(laid_out(WallScreen(), "4"), 3)
    return laid_out(WallScreen(), name)


def strip_px(image: QImage, box: QRect, tone: QColor) -> int:
    """How far below the upper edge of a tile its picture begins."""
    x, top = box.center().x(), box.top()
    return next(y - top for y in range(top, box.bottom()) if image.pixelColor(x, y) == tone)


@pytest.mark.parametrize("name", [*LAYOUTS, "merged", "split"])
def test_each_picture_fills_its_own_place_of_a_layout(name: str, qtbot: QtBot) -> None:
    screen, feeds = screen_of(name), ToldFeeds()
    wall = VideoWall(feeds, is_display=True)
    qtbot.addWidget(wall)
    wall.resize(WIDTH_PX, HEIGHT_PX)
    ids = [f"{place}" for place in range(len(screen.tiles))]
    wall.set_cameras([Camera(id=identity, name=identity, url=f"rtsp://h/{identity}") for identity in ids])
    wall.show_tiles(ids, screen.columns, tuple(tile.box for tile in screen.tiles), screen.rows)
    with qtbot.waitExposed(wall):
        wall.show()
    for place, identity in enumerate(ids):
        tone = colour(place)
        feeds.of(identity).show(bytes((tone.blue(), tone.green(), tone.red(), 255)))
    qtbot.waitUntil(lambda: all(view.is_moving for view in wall.views()))
    image = wall.grab().toImage()
    boxes = [wall.tile_rect(place) for place in range(len(ids))]
    for place, box in enumerate(boxes):
        tone, strip = colour(place), strip_px(image, box, colour(place))
        assert strip <= 32, "below the strip with name and badge comes the picture"
        inner = box.adjusted(3, strip, -3, -3)
        corners = (inner.topLeft(), inner.topRight(), inner.bottomLeft(), inner.bottomRight(), inner.center())
        assert {image.pixel(corner) for corner in corners} == {tone.rgba()}
    for place, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[:place])
    covered = sum(box.width() * box.height() for box in boxes) / (WIDTH_PX * HEIGHT_PX)
    assert 1.0 >= covered > 1 - 2 * GAP_PX * screen.columns / HEIGHT_PX, "only thin lines lie between them"
    largest = max(box.width() * box.height() for box in boxes) / (WIDTH_PX * HEIGHT_PX)
    assert largest == pytest.approx(_LARGEST.get(name, 1 / len(boxes)), rel=0.03)
