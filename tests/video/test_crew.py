"""The processes that decode: killed, stopped, orphaned or missing, no tile lies and nothing is left behind."""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psutil
import pytest

from controlroom.sources.simulator.cameras import CameraServer
from controlroom.video.crew import Crew, at_once, crew_size, crowd
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed
from controlroom.video.ring import Allotment
from controlroom.video.signal import Patience, SignalState
from controlroom.video.stream import Timing
from tests.rooms import wait_until
from tests.video.clocks import ShiftedClock
from tests.video.junk import answering, silence

Serve = Callable[..., CameraServer]
AllowLog = Callable[[str, str], None]
ExpectLog = Callable[[str, str], AbstractContextManager[None]]
LOGGER = "controlroom.video"


@pytest.fixture
def crewed(clock: ShiftedClock) -> Iterator[Fleet]:
    fleet = Fleet(clock)
    fleet.start()
    yield fleet
    fleet.close()


def watch(fleet: Fleet, url: str, width: int = 320, height: int = 180) -> Feed:
    feed = fleet.watch(url)
    feed.want(width, height)
    return feed


def live(feed: Feed) -> None:
    wait_until(lambda: feed.view().is_live)


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def segments() -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum("controlroom-video" in str(link.readlink()) for link in links if link.is_symlink())


def test_nothing_is_decoded_in_this_process(crewed: Fleet, serve: Serve) -> None:
    live(watch(crewed, serve().url("rtsp")))
    assert crewed.engine is Engine.PROCESSES
    assert len(crewed.pids) == 1
    assert psutil.Process(crewed.pids[0]).ppid() == os.getpid()


def test_a_killed_worker_freezes_its_tiles_and_another_one_takes_over(
    crewed: Fleet, serve: Serve, expect_log: ExpectLog
) -> None:
    server = serve()
    feeds = [watch(crewed, server.url(kind)) for kind in ("rtsp", "http", "file")]
    for feed in feeds:
        live(feed)
    held = [feed.take() for feed in feeds]
    contents = [bytes(picture.pixels) for picture in held if picture is not None]
    before = crewed.pids
    with expect_log(LOGGER, "fell; 3 streams are opened anew"):
        os.kill(before[0], signal.SIGKILL)
        for feed in feeds:
            wait_until(lambda feed=feed: feed.view().state is SignalState.FROZEN, 3.0)
    assert [bytes(picture.pixels) for picture in held if picture is not None] == contents, "what is painted stays"
    for feed in feeds:
        live(feed)
        wait_until(lambda feed=feed: feed.take() is not None)
    assert crewed.pids and crewed.pids != before


def test_a_worker_killed_before_the_first_picture_is_still_connecting(crewed: Fleet, expect_log: ExpectLog) -> None:
    with answering(silence) as port:
        feed = watch(crewed, f"http://127.0.0.1:{port}/x.ts")
        with expect_log(LOGGER, "fell; 1 streams"):
            before = crewed.pids
            os.kill(before[0], signal.SIGKILL)
            wait_until(lambda: bool(crewed.pids) and crewed.pids != before)
        assert feed.view().state is SignalState.CONNECTING


def test_a_tile_closed_while_no_worker_runs_is_not_opened_again(
    crewed: Fleet, serve: Serve, allow_log: AllowLog
) -> None:
    allow_log(LOGGER, "fell")
    server = serve()
    kept, left = watch(crewed, server.url("rtsp")), watch(crewed, server.url("http"))
    live(kept)
    live(left)
    os.kill(crewed.pids[0], signal.SIGKILL)
    wait_until(lambda: not kept.view().is_live)
    left.close()
    live(kept)
    assert crewed.streams == 1
    assert left.view().state is SignalState.OFF


def test_a_worker_that_hangs_shows_no_live_picture(crewed: Fleet, serve: Serve, clock: ShiftedClock) -> None:
    feed = watch(crewed, serve().url("rtsp"))
    live(feed)
    os.kill(crewed.pids[0], signal.SIGSTOP)
    clock.ahead_s += 5.0
    assert feed.view().state is SignalState.FROZEN
    os.kill(crewed.pids[0], signal.SIGCONT)
    clock.ahead_s -= 5.0
    live(feed)


def test_a_worker_that_hangs_for_long_is_replaced(
    crewed: Fleet, serve: Serve, clock: ShiftedClock, expect_log: ExpectLog
) -> None:
    feed = watch(crewed, serve().url("rtsp"))
    live(feed)
    before = crewed.pids
    with expect_log(LOGGER, "fell"):
        os.kill(before[0], signal.SIGSTOP)
        clock.ahead_s += 13.0
        wait_until(lambda: bool(crewed.pids) and crewed.pids != before)
    clock.ahead_s -= 13.0
    live(feed)
    assert not runs(before[0])


def test_no_worker_outlives_a_killed_parent(serve: Serve) -> None:
    command = [sys.executable, "-m", "tests.video.crewing", serve().url("rtsp")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        assert pids and all(runs(pid) for pid in pids)
        process.kill()
    wait_until(lambda: not any(runs(pid) for pid in pids), 5.0)


def test_nothing_is_left_after_close(clock: ShiftedClock, serve: Serve) -> None:
    gc.collect()
    before = segments()
    fleet = Fleet(clock)
    fleet.start()
    server = serve()
    feeds = [watch(fleet, server.url(kind)) for kind in ("rtsp", "http", "file")]
    for feed in feeds:
        live(feed)
        feed.want(640, 360)
        wait_until(lambda feed=feed: (picture := feed.take()) is not None and picture.width == 640)
    pids, began_s = fleet.pids, clock.monotonic()
    fleet.close()
    assert clock.monotonic() - began_s < 2.0
    assert not any(runs(pid) for pid in pids)
    assert [feed.view().state for feed in feeds] == [SignalState.OFF] * 3
    feeds.clear()
    del feed, fleet
    gc.collect()
    assert segments() == before


def test_closing_does_not_wait_for_servers_that_say_nothing(clock: ShiftedClock) -> None:
    with answering(silence) as port:
        fleet = Fleet(clock)
        fleet.start()
        for k in range(4):
            watch(fleet, f"http://127.0.0.1:{port}/{k}.ts")
        began_s = clock.monotonic()
        fleet.close()
        assert clock.monotonic() - began_s < 1.5


def test_threads_decode_where_no_process_can_be_started(
    clock: ShiftedClock, serve: Serve, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    fleet = Fleet(clock)
    with expect_log(LOGGER, "decoded by threads of this process"):
        fleet.start()
    feed = watch(fleet, serve().url("rtsp"))
    live(feed)
    assert fleet.engine is Engine.THREADS and not fleet.pids
    fleet.close()


def test_threads_decode_where_every_process_fails(
    clock: ShiftedClock, serve: Serve, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    server = serve()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    fleet = Fleet(clock)
    with expect_log(LOGGER, "decoded by threads of this process"), expect_log(LOGGER, "fell"):
        fleet.start()
        feed = watch(fleet, server.url("rtsp"))
    live(feed)
    fleet.close()


def test_a_hidden_tile_gets_nothing_and_comes_back_at_once(fleet: Fleet, serve: Serve) -> None:
    feed = watch(fleet, serve().url("rtsp"))
    live(feed)
    feed.want(0, 0)
    moments: list[float] = []

    def quiet() -> bool:
        """A second without a picture, while the stream goes on."""
        now_s = ShiftedClock().monotonic()
        if feed.take() is not None or not moments:
            moments[:] = [now_s]
        return now_s - moments[0] > 1.0

    wait_until(quiet)
    feed.want(320, 180)
    wait_until(lambda: feed.take() is not None, 1.0)
    live(feed)


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (3, 2), (4, 2), (16, 8)])
def test_a_part_of_the_cores_decodes(cores: int, workers: int) -> None:
    assert crew_size(cores) == workers


def test_streams_that_come_and_go_leave_no_descriptor_in_the_worker(crewed: Fleet, serve: Serve) -> None:
    server = serve()
    worker = psutil.Process(crewed.pids[0])
    idle = worker.num_fds()
    for _round in range(6):
        feeds = [watch(crewed, server.url(kind)) for kind in ("rtsp", "http", "file")]
        for feed in feeds:
            live(feed)
            feed.close()
    assert crewed.streams == 0
    # The streams of the last round end on their threads; the memory for pictures of a few sizes is kept.
    wait_until(lambda: worker.num_fds() <= idle + 4)


def test_a_further_worker_begins_with_the_crowd_and_both_share_what_is_kept(clock: ShiftedClock, serve: Serve) -> None:
    server, megabyte = serve(), 1 << 20
    crew = Crew(
        clock,
        size=2,
        patience=Patience(),
        timing=Timing(),
        opens_at_once=4,
        decodes=1,
        crowd=1,
        allotment=Allotment(4 * megabyte, 4 * megabyte),
    )
    crew.start()
    try:
        assert crew.is_ready(10.0)
        feeds = []
        for count, kind in enumerate(("rtsp", "http"), start=1):
            feeds.append(crew.watch(server.url(kind)))
            feeds[-1].want(320, 180)
            wait_until(lambda: all(feed.view().is_live for feed in feeds))
            wait_until(lambda count=count: len(crew.pids) == count)
            wait_until(lambda count=count: kept_at_most(feeds) == {4 * megabyte // count})
    finally:
        crew.close()


def kept_at_most(feeds: list[Any]) -> set[int]:
    return {feed.signal.kept.most_bytes for feed in feeds if feed.signal.kept is not None}


@pytest.mark.parametrize(("cores", "streams", "decoded"), [(1, 36, 1), (2, 36, 2), (4, 8, 2), (16, 8, 2)])
def test_few_cores_have_more_streams_in_one_worker(cores: int, streams: int, decoded: int) -> None:
    assert (crowd(cores), at_once(cores)) == (streams, decoded)
