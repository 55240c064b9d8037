"""The wall, fed by feeds that do what the test says: pictures, streams and what tiles tell."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera, PictureFault
from controlroom.i18n import set_language
from controlroom.video.fault import Fault, Trouble
from controlroom.video.load import Depth
from controlroom.video.share import Rank, Share, Why
from controlroom.video.signal import SignalState, View
from tests.widgets.told_feeds import CAMERAS, ToldFeeds, drawn, is_red, share, shows
from widgets.video_badge import age, badge, badges
from widgets.video_grid import grid, stepped
from widgets.video_wall import VideoWall


def test_a_live_picture_is_painted_pixel_by_pixel(
    wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]
) -> None:
    feeds.of("a").show()
    until(shows(wall, 0, SignalState.LIVE))
    assert share(drawn(wall, 0), is_red) > 0.95


def test_live_frozen_refused_and_connecting_look_different(
    wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]
) -> None:
    for name in "abc":
        feeds.of(name).show()
    until(lambda: all(shows(wall, k, SignalState.LIVE)() for k in range(3)))
    feeds.of("b").told = View(SignalState.FROZEN, 12.0)
    feeds.of("c").told = View(SignalState.REFUSED, 12.0, Trouble(Fault.NOT_FOUND))
    until(shows(wall, 1, SignalState.FROZEN))
    until(shows(wall, 2, SignalState.REFUSED))
    images = [drawn(wall, k) for k in range(4)]
    assert share(images[0], is_red) > 0.95
    assert share(images[1], is_red) == 0.0, "a frozen picture keeps no colour"
    assert share(images[2], is_red) < 0.05, "a refused one shows no picture, but a red diamond"
    assert all(images[j] != images[k] for j in range(4) for k in range(j))


def test_a_frozen_picture_tells_how_old_it_is(wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]) -> None:
    feeds.of("a").show()
    until(shows(wall, 0, SignalState.LIVE))
    feeds.of("a").told = View(SignalState.FROZEN, 12.4, Trouble(Fault.ENDED))
    until(shows(wall, 0, SignalState.FROZEN))
    assert wall.describe(0) == f"黄村西大街 a\n画面停滞 · {age(12.0)}\n服务器已中断视频流。"
    before = drawn(wall, 0)
    feeds.of("a").told = View(SignalState.FROZEN, 13.1, Trouble(Fault.ENDED))
    until(lambda: drawn(wall, 0) != before)


def test_a_frozen_tile_without_a_picture_still_says_so(
    wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]
) -> None:
    before = drawn(wall, 0)
    feeds.of("a").told = View(SignalState.FROZEN, 3.0)
    until(lambda: drawn(wall, 0) != before)


def test_english_is_spoken_too(wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]) -> None:
    set_language("en")
    feeds.of("a").told = View(SignalState.FROZEN, 130.0)
    until(shows(wall, 0, SignalState.FROZEN))
    assert "Picture frozen · 2 min" in wall.describe(0)


def test_the_feeds_are_asked_for_the_tiles_own_pixels(wall: VideoWall, feeds: ToldFeeds) -> None:
    ratio = wall.devicePixelRatioF()
    width, height = feeds.of("a").size
    assert width == int(wall.tile_rect(0).width() * ratio)
    assert 0.8 * wall.tile_rect(0).height() * ratio < height < wall.tile_rect(0).height() * ratio


def test_only_what_changed_is_painted(wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]) -> None:
    painted: list[object] = []
    original = wall.paintEvent
    feeds.of("a").show()
    until(shows(wall, 0, SignalState.LIVE))
    QApplication.sendPostedEvents()
    wall.paintEvent = lambda event: (painted.append(event.rect()), original(event))[1]  # type: ignore[method-assign]
    feeds.of("e").show()
    until(lambda: bool(painted))
    assert wall.tile_rect(4).contains(painted[0])  # type: ignore[call-overload]


def test_delete_empties_a_tile(wall: VideoWall, feeds: ToldFeeds) -> None:
    QTest.keyClick(wall, Qt.Key.Key_Delete)
    assert wall.tiles()[0] == ""
    assert feeds.of("a").is_closed
    assert wall.describe(0) == ""


def test_tiles_that_stay_keep_their_stream(wall: VideoWall, feeds: ToldFeeds) -> None:
    wall.show_tiles(["i", "", "a", "unknown"], 2)
    assert not feeds.of("a").is_closed and len(feeds.open["rtsp://h/a"]) == 1
    assert feeds.of("b").is_closed
    assert "unknown" in wall.describe(3)


def test_a_changed_address_is_opened_anew(wall: VideoWall, feeds: ToldFeeds) -> None:
    wall.set_cameras([Camera(id="a", name="a", url="rtsp://h/new")])
    assert feeds.of("a").is_closed and feeds.of("b").is_closed
    assert not feeds.of("new").is_closed


def test_both_streams_of_a_camera_are_handed_over_and_the_choice_is_not_ours(wall: VideoWall, feeds: ToldFeeds) -> None:
    wall.set_cameras([Camera(id="a", name="a", url="rtsp://h/main", sub_url="rtsp://h/sub")])
    feed = feeds.of("main")
    assert feed.sub_url == "rtsp://h/sub"
    wall.resize(1200, 900)
    wall.enlarge(True)
    assert not feed.is_closed and feed.size[0] == 1200 and len(feeds.open["rtsp://h/main"]) == 1


def test_a_must_watch_is_marked_by_key_and_menu_and_found_again(
    wall: VideoWall, feeds: ToldFeeds, qtbot: QtBot
) -> None:
    QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=wall.tile_rect(1).center())
    assert (feeds.of("a").rank, feeds.of("b").rank) == (Rank.ORDINARY, Rank.CURRENT)
    with qtbot.waitSignal(wall.must_watch_changed) as told:
        QTest.keyClick(wall, Qt.Key.Key_P)
    assert told.args == [frozenset("b")] and feeds.of("b").rank is Rank.MUST_WATCH
    action = next(action for action in wall.menu().actions() if "必看" in action.text())
    assert action.isChecked()
    action.trigger()
    assert wall.must_watch == frozenset() and feeds.of("b").rank is Rank.CURRENT
    wall.restore({"must_watch": ["c", 7, "gone"]})
    wall.restore({"must_watch": "junk"})
    assert feeds.of("c").rank is Rank.MUST_WATCH
    assert wall.state() == {"must_watch": ["c", "gone"]}


def test_cameras_of_alarms_are_preferred(wall: VideoWall, feeds: ToldFeeds) -> None:
    wall.set_alarmed(["c", "unknown"])
    assert feeds.of("c").rank is Rank.ALARM
    wall.show_tiles("dc", 2)
    assert feeds.of("c").rank is Rank.ALARM
    wall.set_alarmed([])
    assert feeds.of("c").rank is Rank.ORDINARY


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_badge_tells_what_a_tile_gets_and_the_tooltip_why(
    wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None], language: str
) -> None:
    set_language(language)
    feed = feeds.of("a")
    feed.show()
    share_told = Share(True, Depth.KEYS, Why.BUDGET, Rank.ALARM)
    feed.told = View(SignalState.DEGRADED, 0.4, None, share_told)
    until(shows(wall, 0, SignalState.DEGRADED))
    words = ("关键帧", "预算", "告警") if language == "zh_CN" else ("key pictures", "budget", "alarm")
    assert all(word in badge(feed.told) for word in words)
    assert all(word in wall.describe(0) for word in words)
    feed.told = View(SignalState.LIVE, 0.0, None, Share(True, Depth.FULL, Why.SIZE))
    assert badge(feed.told).endswith("子码流" if language == "zh_CN" else "sub-stream")


def test_a_degraded_picture_keeps_its_colours(wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]) -> None:
    feed = feeds.of("a")
    feed.show()
    feed.told = View(SignalState.DEGRADED, 1.0)
    until(lambda: share(drawn(wall, 0), is_red) > 0.9)


def test_a_hidden_wall_asks_for_nothing_and_lets_go_later(
    wall: VideoWall, feeds: ToldFeeds, qtbot: QtBot, until: Callable[..., None]
) -> None:
    feed = feeds.of("a")
    until(lambda: feed.looks > 2)
    wall.hide()
    looks = feed.looks
    QApplication.processEvents()
    assert feed.looks == looks and not feed.is_closed
    qtbot.waitUntil(lambda: feed.is_closed, timeout=8000)
    wall.show()
    until(lambda: feeds.of("a").looks > 0)


def test_a_released_wall_opens_nothing_more(wall: VideoWall, feeds: ToldFeeds) -> None:
    wall.release()
    assert all(feed.is_closed for opened in feeds.open.values() for feed in opened)
    count = sum(map(len, feeds.open.values()))
    wall.show_tiles("ihg", 1)
    wall.hide()
    wall.show()
    assert sum(map(len, feeds.open.values())) == count


def test_a_new_palette_repaints_the_empty_tiles(wall: VideoWall) -> None:
    wall.show_tiles([""], 1)
    before = drawn(wall, 0)
    palette = QPalette(wall.palette())
    palette.setColor(QPalette.ColorRole.Base, QColor("#204060"))
    wall.setPalette(palette)
    assert drawn(wall, 0) != before


def test_the_tooltip_says_what_is_wrong(wall: VideoWall, feeds: ToldFeeds, until: Callable[..., None]) -> None:
    feeds.of("a").told = View(SignalState.REFUSED, None, Trouble(Fault.UNAUTHORISED))
    until(shows(wall, 0, SignalState.REFUSED))
    assert "密码" in wall.describe(0)
    point = QPoint(20, 60)
    assert QApplication.sendEvent(wall, QHelpEvent(QEvent.Type.ToolTip, point, wall.mapToGlobal(point)))


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (9, 3), (10, 4), (36, 6), (3, 8), (0, 3)])
def test_tiles_cover_the_wall_without_overlap(count: int, columns: int) -> None:
    boxes = grid(count, columns, 1919, 1079)
    assert len(boxes) == count
    assert all(box.width() > 0 and box.right() <= 1918 and box.bottom() <= 1078 for box in boxes)
    assert not any(boxes[j].intersects(boxes[k]) for j in range(count) for k in range(j))
    assert not boxes or max(box.right() for box in boxes) == (1918 if count >= columns else boxes[-1].right())


def test_a_step_never_leaves_the_grid() -> None:
    assert stepped(2, 9, 3, 1, 0) == 2
    assert stepped(3, 9, 3, -1, 0) == 3
    assert stepped(7, 8, 3, 1, 0) == 7, "there is no ninth tile"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_badge_is_shortened_by_what_it_tells_and_never_cut(language: str) -> None:
    set_language(language)
    told = View(
        SignalState.LIVE,
        0.2,
        share=Share(is_sub=True, why=Why.BUDGET, rank=Rank.ALARM),
        faults=(PictureFault.BLURRED,),
    )
    forms = list(badges(told))
    assert forms[0] == badge(told) and forms[-1] == ""
    assert [len(form) for form in forms] == sorted((len(form) for form in forms), reverse=True)
    assert [form[-2:] for form in forms[1:5]] == ["+1", "+2", "+3", "+3"], "what is left out is counted"
    frozen = list(badges(View(SignalState.FROZEN, 14.0)))
    assert frozen[-2] == age(14.0), "the shape says that it is frozen, the age is never left out before the word"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("width", [60, 90, 125, 160, 240])
def test_what_stands_in_the_strip_of_a_small_tile_stays_within_it(
    qtbot: QtBot, feeds: ToldFeeds, language: str, width: int
) -> None:
    set_language(language)
    wall = VideoWall(feeds)
    qtbot.addWidget(wall)
    wall.resize(width * 3, width * 2)
    wall.set_cameras(CAMERAS)
    wall.show_tiles("abcdefghi", 3)
    with qtbot.waitExposed(wall):
        wall.show()
    for camera in "abcdefghi":
        feeds.of(camera).told = View(SignalState.FROZEN, 14.0)
    wall._refresh()
    image = drawn(wall, 4)
    edges = [image.pixelColor(x, y).lightness() for x in (0, 1, image.width() - 2) for y in range(3, 12)]
    assert max(edges) < 120, "no letter touches the edges of the strip"
