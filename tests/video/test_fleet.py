import logging
import threading
from collections.abc import Callable

import pytest

from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.video_channel import CameraFault
from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed, Picture
from controlroom.video.signal import SignalState
from tests.rooms import wait_until
from tests.video.clocks import ShiftedClock
from tests.video.junk import answering, silence

KINDS = ("rtsp", "http", "file")
NETWORK = ("rtsp", "http")
Serve = Callable[..., CameraServer]


def is_live(feed: Feed) -> Callable[[], bool]:
    return lambda: feed.view().is_live


def fault_of(feed: Feed) -> Fault | None:
    trouble = feed.view().trouble
    return None if trouble is None else trouble.fault


def watch(fleet: Fleet, url: str) -> Feed:
    feed = fleet.watch(url)
    feed.want(320, 180)
    return feed


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_becomes_live_and_moves(fleet: Fleet, serve: Serve, clock: ShiftedClock, kind: str) -> None:
    feed = watch(fleet, serve().url(kind))
    pictures: list[Picture] = []
    contents = set[bytes]()

    def came() -> bool:
        picture = feed.take()
        if picture is not None:
            pictures.append(picture)
            contents.add(bytes(picture.pixels))
        return len(contents) >= 5

    wait_until(came)
    assert feed.view().is_live
    assert {(picture.width, picture.height) for picture in pictures} == {(320, 180)}
    assert {(picture.source_width, picture.source_height) for picture in pictures} == {(640, 360)}
    assert all(0.0 <= clock.monotonic() - picture.received_s < 30.0 for picture in pictures)


def test_a_file_is_paced_and_begins_again(fleet: Fleet, serve: Serve, clock: ShiftedClock) -> None:
    feed = watch(fleet, serve().url("file"))
    wait_until(is_live(feed))
    began_s, count = clock.monotonic(), 0

    def some() -> bool:
        nonlocal count
        count += feed.take() is not None
        return count + feed.replaced >= 110  # a loaded machine misses some

    wait_until(some)
    assert 7.5 < clock.monotonic() - began_s < 12.0, "110 pictures at 12.5 a second, past the end of 100"


def test_many_tiles_share_one_stream(fleet: Fleet, serve: Serve) -> None:
    server = serve()
    feeds = [watch(fleet, server.url("rtsp")) for _ in range(4)]
    feeds[3].want(64, 64)
    assert fleet.streams == 1
    sizes = [set[int]() for _ in feeds]

    def all_have() -> bool:
        for feed, seen in zip(feeds, sizes, strict=True):
            picture = feed.take()
            if picture is not None:
                seen.add(picture.width)
        return all(sizes)

    wait_until(all_have)
    assert sizes == [{320}, {320}, {320}, {64}]
    for feed in feeds[:3]:
        feed.close()
    assert fleet.streams == 1
    feeds[3].close()
    assert fleet.streams == 0
    assert feeds[3].view().state is SignalState.OFF


@pytest.mark.parametrize("kind", NETWORK)
def test_a_stream_that_stops_is_frozen_by_the_clock_alone(
    fleet: Fleet, serve: Serve, clock: ShiftedClock, kind: str
) -> None:
    server = serve()
    feed = watch(fleet, server.url(kind))
    wait_until(is_live(feed))
    server.fault(kind, CameraFault.SILENT)
    clock.ahead_s += 6.0
    wait_until(lambda: feed.view().state is SignalState.FROZEN, 1.0)


@pytest.mark.parametrize("kind", NETWORK)
def test_a_real_stream_that_stops_is_frozen_within_six_seconds_and_comes_back(
    fleet: Fleet, serve: Serve, clock: ShiftedClock, kind: str
) -> None:
    server = serve()
    feed = watch(fleet, server.url(kind))
    wait_until(is_live(feed))
    server.fault(kind, CameraFault.SILENT)
    stopped_s = clock.monotonic()
    wait_until(lambda: feed.view().state is SignalState.FROZEN, 6.0)
    assert clock.monotonic() - stopped_s < 6.0
    wait_until(lambda: fault_of(feed) is Fault.SILENT)
    server.fault(kind, CameraFault.NONE)
    wait_until(is_live(feed))


@pytest.mark.parametrize("kind", NETWORK)
def test_data_without_pictures_are_frozen_within_two_seconds(
    fleet: Fleet, serve: Serve, clock: ShiftedClock, kind: str
) -> None:
    server = serve()
    feed = watch(fleet, server.url(kind))
    wait_until(is_live(feed))
    server.fault(kind, CameraFault.BLIND)
    began_s = clock.monotonic()
    wait_until(lambda: feed.view().state is SignalState.FROZEN, 5.0)
    view, now_s = feed.view(), clock.monotonic()
    assert view.age_s is not None and view.age_s < 2.0, f"frozen {now_s - began_s:.1f} s after the fault"


@pytest.mark.parametrize("kind", NETWORK)
@pytest.mark.parametrize("fault", [CameraFault.GARBAGE, CameraFault.DROPPED])
def test_a_damaged_or_cut_stream_recovers(fleet: Fleet, serve: Serve, kind: str, fault: CameraFault) -> None:
    server = serve()
    feed = watch(fleet, server.url(kind))
    wait_until(is_live(feed))
    server.fault(kind, fault)
    if fault is CameraFault.DROPPED:
        wait_until(lambda: feed.view().state is SignalState.FROZEN)
    server.fault(kind, CameraFault.NONE)
    wait_until(is_live(feed))


@pytest.mark.parametrize("kind", NETWORK)
def test_a_camera_that_the_server_forgot_is_refused_in_words(fleet: Fleet, serve: Serve, kind: str) -> None:
    server = serve()
    server.fault(kind, CameraFault.GONE)
    feed = watch(fleet, server.url(kind))
    wait_until(lambda: feed.view().state is SignalState.REFUSED)
    trouble = feed.view().trouble
    assert trouble is not None and trouble.fault is Fault.NOT_FOUND and "404" in trouble.sentence
    server.fault(kind, CameraFault.NONE)
    wait_until(is_live(feed))


def test_a_wrong_password_is_refused_and_never_told(
    fleet: Fleet, serve: Serve, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve()
    for kind in NETWORK:
        server.fault(kind, CameraFault.FORBIDDEN)
    feeds = [watch(fleet, server.url(kind).replace("://", "://admin:hunter2@")) for kind in NETWORK]
    for feed in feeds:
        wait_until(lambda feed=feed: fault_of(feed) is Fault.UNAUTHORISED)
    told = [str(feed.view()) for feed in feeds] + [record.getMessage() for record in caplog.records]
    assert not any("hunter2" in text for text in (*told, *capfd.readouterr()))


def test_a_server_that_goes_and_comes_back_is_found_again(fleet: Fleet, serve: Serve) -> None:
    server = serve()
    rtsp_port, http_port = server.ports
    feeds = [watch(fleet, server.url(kind)) for kind in NETWORK]
    for feed in feeds:
        wait_until(is_live(feed))
    server.close()
    for feed in feeds:
        wait_until(lambda feed=feed: fault_of(feed) is Fault.NOBODY)
        assert feed.view().state is SignalState.FROZEN
    serve(rtsp_port=rtsp_port, http_port=http_port)
    for feed in feeds:
        wait_until(is_live(feed))


@pytest.mark.parametrize("url", ["", "nonsense", "gopher://x/y", "rtsp://", "file:///nowhere/at/all.mp4"])
def test_a_bad_address_is_refused_in_one_sentence(fleet: Fleet, url: str) -> None:
    feed = watch(fleet, url)
    wait_until(lambda: feed.view().state is SignalState.REFUSED)
    trouble = feed.view().trouble
    assert trouble is not None and trouble.sentence
    assert feed.take() is None
    feed.close()


def test_nobody_at_the_address_is_no_signal(fleet: Fleet, free_port: int) -> None:
    feeds = [watch(fleet, f"{kind}://127.0.0.1:{free_port}/x") for kind in NETWORK]
    for feed in feeds:
        wait_until(lambda feed=feed: fault_of(feed) is Fault.NOBODY)
        assert feed.view().state is SignalState.NO_SIGNAL


def test_closing_does_not_wait_for_servers_that_say_nothing(clock: ShiftedClock) -> None:
    with answering(silence) as port:
        fleet = Fleet(clock, engine=Engine.THREADS)
        fleet.start()
        for k in range(4):
            watch(fleet, f"http://127.0.0.1:{port}/{k}.ts")
        wait_until(lambda: sum(thread.name.startswith("video-") for thread in threading.enumerate()) == 4)
        began_s = clock.monotonic()
        fleet.close()
        assert clock.monotonic() - began_s < 1.0


def test_no_thread_is_left_after_close(clock: ShiftedClock, serve: Serve, engine: Engine) -> None:
    server = serve()
    fleet = Fleet(clock, engine=engine)
    fleet.start()
    feeds = [watch(fleet, server.url(kind)) for kind in KINDS]
    for feed in feeds:
        wait_until(is_live(feed))
    began_s = clock.monotonic()
    fleet.close()
    assert clock.monotonic() - began_s < 2.0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("video-")]
    assert [feed.view().state for feed in feeds] == [SignalState.OFF] * 3


def test_a_fleet_that_is_not_open_starts_nothing(clock: ShiftedClock, engine: Engine) -> None:
    fleet = Fleet(clock, engine=engine)
    assert fleet.watch("rtsp://127.0.0.1/x").view().state is SignalState.OFF
    fleet.start()
    fleet.close()
    assert fleet.watch("rtsp://127.0.0.1/x").view().state is SignalState.OFF
    assert fleet.streams == 0
