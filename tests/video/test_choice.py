import pytest

from controlroom.video.choice import AGAIN_S, CameraFeed
from controlroom.video.fault import Fault, Trouble
from controlroom.video.governor import Rung
from controlroom.video.load import Depth
from controlroom.video.picture import Picture
from controlroom.video.share import Rank, Why
from controlroom.video.signal import Signal, SignalState, View

MAIN, SUB = "rtsp://h/main", "rtsp://h/sub"
LIVE = View(SignalState.LIVE, 0.0)
REFUSED = View(SignalState.REFUSED, None, Trouble(Fault.NOT_FOUND))


class ToldStream:
    def __init__(self, url: str) -> None:
        self.url, self.signal, self.replaced = url, Signal(0.0), 0
        self.told, self.waiting = View(SignalState.CONNECTING), False
        self.box, self.depth, self.is_closed = (0, 0), Depth.FULL, False

    def want(self, width_px: int, height_px: int) -> None:
        self.box = (width_px, height_px)

    def take(self) -> Picture | None:
        waiting, self.waiting = self.waiting, False
        return Picture(16, 16, 64, memoryview(bytes(1024)), 16, 16) if waiting else None

    def view(self) -> View:
        return self.told

    def thin(self, depth: Depth, is_first: bool = False) -> None:
        self.depth = depth

    def close(self) -> None:
        self.is_closed = True


class Rig:
    def __init__(self) -> None:
        self.opened: list[ToldStream] = []
        self.now_s = 0.0
        self.left = 0

    def open(self, url: str) -> ToldStream:
        self.opened.append(ToldStream(url))
        return self.opened[-1]

    def feed(self, main: str = MAIN, sub: str = SUB) -> CameraFeed:
        def gone(_feed: CameraFeed) -> None:
            self.left += 1

        return CameraFeed(main, sub, lambda: self.now_s, self.open, lambda: None, gone)

    def live(self) -> ToldStream:
        stream = self.opened[-1]
        stream.told, stream.waiting = LIVE, True
        return stream

    @property
    def urls(self) -> list[str]:
        return [stream.url for stream in self.opened]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_small_tile_opens_the_sub_stream_alone(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(320, 180)
    assert rig.urls == [SUB] and rig.opened[0].box == (320, 180)
    rig.live()
    share = feed.view().share
    assert share.is_sub and share.why is Why.SIZE


def test_full_screen_takes_the_main_stream_without_a_black_moment_and_leaving_it_goes_back(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(320, 180)
    small = rig.live()
    assert feed.take() is not None
    feed.want(1920, 1080)
    feed.grant(Rung(False, Depth.FULL), True)
    assert rig.urls == [SUB, MAIN] and not small.is_closed
    assert feed.view().is_live, "the picture that is there goes on"
    large = rig.live()
    assert feed.take() is not None and small.is_closed
    assert not feed.view().share.is_sub
    feed.want(320, 180)
    feed.grant(Rung(True, Depth.FULL), True)
    assert rig.urls == [SUB, MAIN, SUB] and not large.is_closed
    rig.live()
    feed.take()
    assert large.is_closed and feed.view().share.is_sub


def test_a_wish_that_is_taken_back_closes_what_was_being_opened(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(320, 180)
    held = rig.live()
    feed.grant(Rung(False, Depth.FULL), True)
    feed.grant(Rung(True, Depth.FULL), True)
    assert [stream.is_closed for stream in rig.opened] == [False, True] and not held.is_closed


def test_a_camera_whose_sub_stream_is_refused_shows_its_main_stream(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(320, 180)
    rig.opened[0].told = REFUSED
    feed.mend()
    assert rig.urls == [SUB, MAIN]
    rig.live()
    feed.take()
    view = feed.view()
    assert view.is_live and not view.share.is_sub and view.share.why is Why.FAILED
    rig.now_s += AGAIN_S
    feed.mend()
    assert rig.urls == [SUB, MAIN, SUB], "it is tried again after a while"
    assert feed.view().is_live


def test_a_camera_none_of_whose_streams_can_be_had_says_so(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(320, 180)
    for _look in range(4):
        rig.opened[-1].told = REFUSED
        feed.mend()
    assert feed.view().state is SignalState.REFUSED
    assert len(rig.opened) <= 4, "they are not opened round and round"


def test_a_camera_without_a_sub_stream_is_opened_at_once(rig: Rig) -> None:
    feed = rig.feed(sub="")
    assert rig.urls == [MAIN]
    rig.live()
    feed.want(320, 180)
    feed.grant(Rung(False, Depth.KEYS), False)
    assert rig.opened[0].depth is Depth.KEYS
    share = feed.view().share
    assert share.is_short and share.depth is Depth.KEYS


def test_a_feed_that_is_closed_opens_nothing_more(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(320, 180)
    feed.wish(Rank.ALARM)
    feed.close()
    feed.close()
    feed.want(1920, 1080)
    feed.grant(Rung(False, Depth.FULL), True)
    assert rig.urls == [SUB] and rig.opened[0].is_closed and rig.left == 1
    assert feed.view().state is SignalState.OFF


def test_a_tile_that_is_dragged_about_the_limit_keeps_its_stream(rig: Rig) -> None:
    feed = rig.feed()
    feed.want(900, 500)
    assert feed.is_large
    feed.want(880, 470)
    assert feed.is_large
    feed.want(700, 400)
    assert not feed.is_large
    feed.want(880, 470)
    assert not feed.is_large
