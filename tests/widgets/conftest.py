"""A wall of nine tiles whose feeds do what the test says."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from tests.widgets.told_feeds import CAMERAS, ToldFeeds
from widgets.video_wall import VideoWall


@pytest.fixture
def feeds() -> ToldFeeds:
    return ToldFeeds()


@pytest.fixture
def wall(qtbot: QtBot, feeds: ToldFeeds) -> VideoWall:
    wall = VideoWall(feeds)
    qtbot.addWidget(wall)
    wall.resize(960, 600)
    wall.set_cameras(CAMERAS)
    wall.show_tiles("abcdefghi", 3)
    with qtbot.waitExposed(wall):
        wall.show()
    return wall


@pytest.fixture
def until(qtbot: QtBot) -> Callable[[Callable[[], bool]], None]:
    return lambda true: qtbot.waitUntil(true, timeout=5000)
