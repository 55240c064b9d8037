"""The wall in the past: no picture of then under a live badge."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from controlroom.video.fault import Fault, Trouble
from controlroom.video.past import Past, PastState
from controlroom.video.signal import SignalState
from tests.widgets.told_feeds import RED, ToldFeeds, drawn, is_red, share, shows
from widgets.video_wall import VideoWall

THEN = datetime(2026, 11, 21, 10, 3, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_past_picture_is_never_under_a_live_badge_nor_a_live_one_under_a_past_time(
    wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]
) -> None:
    feeds.of("a").show()
    until(shows(wall, 0, SignalState.LIVE))
    wall.show_time(THEN)
    assert feeds.of("a").size == (0, 0) and not feeds.of("a").is_closed, "it is received on, and kept"
    feeds.of("a").show(RED, (40, 40))
    until(lambda: "正在查找" in wall.describe(0))
    assert share(drawn(wall, 0), is_red) == 0.0
    look = feeds.then("a")
    assert look.sought[-1] == (THEN.timestamp(), 0.0) and look.where.url == "rtsp://h/a"
    look.show(THEN.timestamp() - 1.25)
    until(lambda: wall.moments()[0] is not None)
    assert "非实时 · 画面时间 11-21 10:03:03.7 · 即时回放" in wall.describe(0)
    assert share(drawn(wall, 0), is_red) > 0.5
    wall.show_time(None)
    assert look.is_closed and wall.moments()[0] is None and feeds.of("a").size != (0, 0)
    assert share(drawn(wall, 0), is_red) == 0.0, "the picture of then is not shown as that of now"


def test_a_picture_of_another_moment_goes_when_the_time_moves_on(
    wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]
) -> None:
    wall.show_time(THEN)
    feeds.then("a").show(THEN.timestamp())
    until(lambda: wall.moments()[0] is not None)
    wall.show_time(THEN + timedelta(minutes=1))
    assert wall.moments()[0] is None
    until(lambda: share(drawn(wall, 0), is_red) == 0.0)
    assert "11-21 10:04:05" in wall.describe(0)


def test_what_was_not_recorded_says_so(wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]) -> None:
    wall.show_time(THEN)
    feeds.then("b").told = Past(PastState.NOTHING, THEN.timestamp())
    feeds.then("c").told = Past(PastState.FAILED, THEN.timestamp(), None, Trouble(Fault.NO_ANSWER, "10.0.0.1:554"))
    until(lambda: "11-21 10:03:05 没有录像" in wall.describe(1))
    assert "10.0.0.1:554" in wall.describe(2)


def test_a_tile_that_changes_its_camera_in_the_past_looks_there_too(wall: VideoWall, feeds: ToldFeeds) -> None:
    wall.show_time(THEN, 1.0)
    old = feeds.then("a")
    wall.show_tiles("ebcdfghi", 3)
    assert old.is_closed and feeds.then("e").sought[-1] == (THEN.timestamp(), 1.0)
