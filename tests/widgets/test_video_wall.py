"""The wall, fed by feeds that do what the test says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QHelpEvent, QImage, QPainter, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.i18n import set_language
from controlroom.video.fault import Fault, Trouble
from controlroom.video.load import Depth
from controlroom.video.past import Past, PastState, Where
from controlroom.video.picture import Feed, PastFeed, Picture
from controlroom.video.share import Rank, Share, Why
from controlroom.video.signal import SignalState, View
from widgets.video_badge import age, badge
from widgets.video_grid import grid, stepped
from widgets.video_tile import Tile
from widgets.video_wall import VideoWall

# Qt 6.12 wants a QPointF there, which 6.11 does not take; both are supported.
pytestmark = pytest.mark.filterwarnings("ignore:.*QDragEnterEvent.*deprecated:DeprecationWarning")

RED = bytes((40, 40, 220, 255))


class ToldFeed:
    """A feed whose pictures and state the test sets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.size = (0, 0)
        self.told = View(SignalState.CONNECTING)
        self.waiting: Picture | None = None
        self.is_closed = False
        self.looks = 0
        self.rank = Rank.ORDINARY
        self.sub_url = ""

    def show(self, pixel: bytes = RED, size: tuple[int, int] | None = None, age_s: float = 0.0) -> None:
        width, height = size or self.size
        self.waiting = Picture(width, height, width * 4, memoryview(pixel * (width * height)), width, height)
        self.told = View(SignalState.LIVE, age_s)

    def want(self, width_px: int, height_px: int) -> None:
        self.size = (width_px, height_px)

    def take(self) -> Picture | None:
        self.looks += 1
        picture, self.waiting = self.waiting, None
        return picture

    def view(self) -> View:
        return self.told

    def wish(self, rank: Rank) -> None:
        self.rank = rank

    def close(self) -> None:
        self.is_closed = True


class ToldPast:
    """A look at the past whose pictures and findings the test sets."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.size = (0, 0)
        self.told = Past()
        self.waiting: Picture | None = None
        self.sought: list[tuple[float, float]] = []
        self.is_closed = False

    def show(self, at_s: float, pixel: bytes = RED) -> None:
        width, height = self.size
        pixels = memoryview(pixel * (width * height))
        self.waiting = Picture(width, height, width * 4, pixels, width, height, at_s)
        self.told = Past(PastState.SHOWN, self.sought[-1][0], at_s, None, "ring")

    def want(self, width_px: int, height_px: int) -> None:
        self.size = (width_px, height_px)

    def seek(self, at_s: float, speed: float) -> None:
        self.sought.append((at_s, speed))

    def take(self) -> Picture | None:
        picture, self.waiting = self.waiting, None
        return picture

    def past(self) -> Past:
        return self.told

    def close(self) -> None:
        self.is_closed = True


class ToldFeeds:
    def __init__(self) -> None:
        self.open: dict[str, list[ToldFeed]] = {}
        self.looks: dict[str, list[ToldPast]] = {}

    def recall(self, where: Where) -> PastFeed:
        self.looks.setdefault(where.camera, []).append(ToldPast(where))
        return self.looks[where.camera][-1]

    def then(self, camera: str) -> ToldPast:
        return self.looks[camera][-1]

    def watch(self, url: str, sub_url: str = "") -> Feed:
        self.open.setdefault(url, []).append(ToldFeed(url))
        self.open[url][-1].sub_url = sub_url
        return self.open[url][-1]

    def of(self, camera: str) -> ToldFeed:
        return self.open[f"rtsp://h/{camera}"][-1]


CAMERAS = [Camera(id=name, name=f"黄村西大街 {name}", url=f"rtsp://h/{name}") for name in "abcdefghi"]


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


def drawn(wall: VideoWall, index: int) -> QImage:
    return wall.grab(wall.tile_rect(index)).toImage()


def colours(image: QImage) -> list[QColor]:
    """A coarse sample below the strip."""
    return [image.pixelColor(x, y) for y in range(60, image.height() - 8, 9) for x in range(8, image.width() - 8, 9)]


def share(image: QImage, test: Callable[[QColor], bool]) -> float:
    found = colours(image)
    return sum(map(test, found)) / len(found)


def is_red(colour: QColor) -> bool:
    return colour.red() > 180 and colour.green() < 80


def shows(wall: VideoWall, index: int, state: SignalState) -> Callable[[], bool]:
    return lambda: wall.views()[index].state is state


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
