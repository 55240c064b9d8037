"""The governor with real servers, by processes and by threads."""

from collections.abc import Callable, Iterator

import pytest

from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.video_channel import CameraFault
from controlroom.video.fleet import Fleet
from controlroom.video.load import Depth
from controlroom.video.share import Rank, Why
from controlroom.video.signal import SignalState
from tests.rooms import wait_until
from tests.video.clocks import ShiftedClock

Serve = Callable[..., CameraServer]
NAMES = ("rtsp", "http", "file")


@pytest.fixture
def server(serve: Serve) -> CameraServer:
    return serve()


def test_full_screen_takes_the_main_stream_and_leaving_it_goes_back(fleet: Fleet, server: CameraServer) -> None:
    feed = fleet.watch(server.main_url("rtsp"), server.url("rtsp"))
    widths: list[int] = []
    states: set[SignalState] = set()

    def comes(width: int) -> Callable[[], bool]:
        def look() -> bool:
            picture = feed.take()
            if picture is not None:
                widths.append(picture.source_width)
            if widths:
                states.add(feed.view().state)
            return bool(widths) and widths[-1] == width

        return look

    for box, width in (((320, 180), 640), ((1280, 720), 1280), ((320, 180), 640)):
        feed.want(*box)
        wait_until(comes(width))
        wait_until(lambda width=width: feed.view().share.is_sub is (width == 640))
    assert states <= {SignalState.LIVE, SignalState.CONNECTING}, "it was never black nor frozen in between"
    wait_until(lambda: fleet.streams == 1)


@pytest.fixture
def poor(clock: ShiftedClock) -> Iterator[Fleet]:
    """A fleet with nothing to spend."""
    fleet = Fleet(clock, budget=0.0)
    fleet.start()
    yield fleet
    fleet.close()


def test_without_a_budget_all_go_on_by_key_pictures_and_say_so(
    poor: Fleet, clock: ShiftedClock, server: CameraServer
) -> None:
    fleet = poor
    feeds = [fleet.watch(server.url(name)) for name in NAMES]
    for feed in feeds:
        feed.want(320, 180)
    wait_until(lambda: all(feed.view().state is SignalState.DEGRADED for feed in feeds))
    shares = [feed.view().share for feed in feeds]
    assert all(share.depth is Depth.KEYS and share.why is Why.BUDGET for share in shares)
    assert fleet.account.short == 3
    pictures, seen = [0, 0, 0], set[SignalState]()

    def moved() -> bool:
        for k, feed in enumerate(feeds):
            pictures[k] += feed.take() is not None
            seen.add(feed.view().state)
        return min(pictures) >= 3

    wait_until(moved, 15.0)
    assert seen == {SignalState.DEGRADED}, "seldom, but neither live nor frozen"
    server.fault("rtsp", CameraFault.SILENT)
    clock.ahead_s += 6.0
    wait_until(lambda: feeds[0].view().state is SignalState.FROZEN, 2.0)


def test_a_must_watch_keeps_its_rate_when_the_budget_is_short_and_all_rise_again(
    fleet: Fleet, clock: ShiftedClock, server: CameraServer
) -> None:
    feeds = [fleet.watch(server.url(name)) for name in NAMES]
    feeds[0].wish(Rank.MUST_WATCH)
    fleet.declare(64.0)
    for feed in feeds:
        feed.want(320, 180)
    wait_until(lambda: all(feed.view().is_live for feed in feeds))
    wait_until(lambda: all(s.load is not None and feed.view() for feed in feeds for s in feed.signals().values()))
    assert fleet.account.short == 0
    fleet.declare(0.7 * fleet.account.planned)
    wait_until(lambda: any(feed.view().state is SignalState.DEGRADED for feed in feeds[1:]))
    view = feeds[0].view()
    assert view.is_live and view.share.depth is Depth.FULL and view.share.rank is Rank.MUST_WATCH
    assert all(feed.view().is_moving for feed in feeds)
    fleet.declare(64.0)
    clock.ahead_s += 3.2
    wait_until(lambda: bool(feeds[0].view()) and fleet.account.short == 0)
    clock.ahead_s -= 3.2
    wait_until(lambda: all(feed.view().is_live for feed in feeds))


def test_a_damaged_stream_that_still_moves_is_degraded(fleet: Fleet, server: CameraServer) -> None:
    feed = fleet.watch(server.url("rtsp"))
    feed.want(320, 180)
    wait_until(lambda: feed.view().is_live)
    server.fault("rtsp", CameraFault.GARBAGE)
    wait_until(lambda: feed.view().state in (SignalState.DEGRADED, SignalState.FROZEN))
    server.fault("rtsp", CameraFault.NONE)
    wait_until(lambda: feed.view().is_live)
