"""A wall of nine tiles whose feeds do what the test says, and a map in a real web engine."""

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.widgets.map_pages import HERE
from tests.widgets.told_feeds import CAMERAS, ToldFeeds
from widgets.map_view import MapView
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


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[MapView]:
    """A map of 640x480 in the dark theme, on the screen, that looks at HERE from zoom 15."""
    view = MapView()
    view.set_theme(True)
    view.resize(640, 480)
    view.fly_to(*HERE)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show()
    yield view
    view.close()
