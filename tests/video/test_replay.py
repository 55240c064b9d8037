"""Past pictures from the ring of real streams, from files and from a platform, while the live ones go on."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from controlroom.sources.simulator.cameras import CameraServer
from controlroom.video.archive import Archive
from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.past import PastState, Where
from controlroom.video.picture import PastFeed, Picture
from controlroom.video.recordings import file_name
from tests.rooms import wait_until
from tests.video import broadcast
from tests.video.broadcast import FilmServer, film, films
from tests.video.clocks import ShiftedClock

BEGAN_S = datetime(2026, 11, 20, 8, 0, tzinfo=UTC).timestamp()

ExpectLog = Callable[[str, str], AbstractContextManager[None]]


class Look:
    """A past feed and what it gave."""

    def __init__(self, feed: PastFeed) -> None:
        self.feed = feed
        self.pictures: list[tuple[float, int]] = []
        feed.want(320, 240)

    def left(self) -> int | None:
        """Where the bright square of the newest picture begins, in steps of a frame; None where none came."""
        picture = self.feed.take()
        if picture is None:
            return None
        found = square(picture)
        self.pictures.append((picture.at_s, found))
        return found

    def shows(self, at_s: float, speed: float = 0.0) -> Callable[[], bool]:
        self.feed.seek(at_s, speed)

        def look() -> bool:
            self.left()
            past = self.feed.past()
            return past.state is PastState.SHOWN and past.asked_s == at_s and bool(self.pictures)

        return look

    def has(self, state: PastState) -> Callable[[], bool]:
        return lambda: self.feed.past().state is state


def square(picture: Picture) -> int:
    pixels = np.frombuffer(picture.pixels, np.uint8)[: picture.stride * picture.height]
    row = pixels.reshape(picture.height, picture.stride)[80, : picture.width * 4 : 4]
    return int(np.argmax(row > 160)) * 320 // picture.width


@pytest.fixture
def server() -> Iterator[FilmServer]:
    with films() as server:
        yield server


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with a minute-long recording of camera 7: the square moves six pixels a frame."""
    (tmp_path / file_name("7", BEGAN_S, ".mp4")).write_bytes(film("mp4", "h264", 250))
    return tmp_path


@pytest.fixture
def past_fleet(request: pytest.FixtureRequest, clock: ShiftedClock, engine: Engine, archive: Path) -> Iterator[Fleet]:
    fleet = Fleet(clock, engine=engine, archive=Archive(folder=str(archive)))
    fleet.start()
    yield fleet
    fleet.close()


def test_the_ring_shows_a_moment_again_while_the_live_picture_goes_on(
    fleet: Fleet, serve: Callable[..., CameraServer]
) -> None:
    url = serve().url("rtsp")
    live = fleet.watch(url)
    live.want(320, 180)
    wait_until(lambda: live.take() is not None)
    began_s = time.time()
    wait_until(lambda: time.time() - began_s > 1.5 and live.take() is not None, 10.0)
    look = Look(fleet.recall(Where(camera="rtsp", url=url)))
    wait_until(look.shows(began_s + 1.0))
    at_s, _left = look.pictures[-1]
    assert 0.0 <= began_s + 1.0 - at_s < 0.3 and look.feed.past().origin == "ring"
    wait_until(lambda: live.take() is not None)
    assert live.view().is_moving
    wait_until(lambda: live.view().kept is not None and live.view().kept.bytes > 0)
    wait_until(look.shows(began_s + 0.2))
    assert 0.0 <= began_s + 0.2 - look.pictures[-1][0] < 0.3, "going back is as exact as going on"
    look.feed.seek(began_s - 600.0, 0.0)
    wait_until(look.has(PastState.NOTHING))


def test_a_camera_killed_in_the_middle_has_its_last_minutes_but_not_its_death(
    fleet: Fleet, serve: Callable[..., CameraServer]
) -> None:
    cameras = serve()
    live = fleet.watch(cameras.url("http"))
    live.want(320, 180)
    wait_until(lambda: live.take() is not None)
    seen_s = time.time()
    wait_until(lambda: time.time() - seen_s > 0.5 and live.take() is not None)
    cameras.close()
    look = Look(fleet.recall(Where(url=cameras.url("http"))))
    wait_until(look.shows(seen_s + 0.2))
    assert abs(look.pictures[-1][0] - seen_s - 0.2) < 0.4
    look.feed.seek(seen_s + 60.0, 0.0)
    wait_until(look.has(PastState.NOTHING))


def test_what_was_kept_is_still_there_after_the_tile_went_elsewhere(
    fleet: Fleet, serve: Callable[..., CameraServer]
) -> None:
    url = serve().url("rtsp")
    live = fleet.watch(url)
    live.want(320, 180)
    wait_until(lambda: live.take() is not None)
    seen_s = time.time()
    wait_until(lambda: time.time() - seen_s > 0.3 and live.take() is not None)
    live.close()
    look = Look(fleet.recall(Where(url=url)))
    wait_until(look.shows(seen_s + 0.1))


def test_a_killed_worker_loses_its_ring_and_says_so(
    clock: ShiftedClock, serve: Callable[..., CameraServer], expect_log: ExpectLog
) -> None:
    fleet = Fleet(clock)
    fleet.start()
    url = serve().url("rtsp")
    live = fleet.watch(url)
    live.want(320, 180)
    wait_until(lambda: live.take() is not None)
    seen_s = time.time()
    look = Look(fleet.recall(Where(url=url)))
    wait_until(look.shows(seen_s))
    with expect_log("controlroom.video.crew", "fell; 2 streams"):
        for pid in fleet.pids:
            psutil.Process(pid).kill()
        wait_until(look.has(PastState.SEEKING))
    wait_until(look.has(PastState.NOTHING), 10.0)
    wait_until(lambda: live.take() is not None)
    fleet.close()


def test_a_recording_in_a_file_is_shown_to_the_picture(past_fleet: Fleet) -> None:
    look = Look(past_fleet.recall(Where(camera="7")))
    for frame in (30, 31, 12, 40):
        look.pictures.clear()
        wait_until(look.shows(BEGAN_S + frame / 25 + 0.01))
        at_s, left = look.pictures[-1]
        assert abs(at_s - BEGAN_S - frame / 25) < 0.021 and abs(left - frame * 6) <= 2
    assert look.feed.past().origin == "file"
    for moment_s in (BEGAN_S - 1.0, BEGAN_S + 30.0):
        look.feed.seek(moment_s, 0.0)
        wait_until(look.has(PastState.NOTHING))


def test_a_recording_plays_on_by_itself_at_its_rate(past_fleet: Fleet) -> None:
    look = Look(past_fleet.recall(Where(camera="7")))
    wait_until(look.shows(BEGAN_S))
    look.pictures.clear()
    look.feed.seek(BEGAN_S + 1.0, 2.0)
    wait_until(lambda: look.left() is not None and look.pictures[-1][0] > BEGAN_S + 2.5)
    moments = [at_s for at_s, _left in look.pictures if at_s >= BEGAN_S + 1.0]
    assert moments == sorted(moments) and len(moments) > 10


def test_a_damaged_recording_is_told_and_no_picture_stands_for_it(past_fleet: Fleet, archive: Path) -> None:
    (archive / file_name("8", BEGAN_S, ".mp4")).write_bytes(b"nothing of a film" * 100)
    look = Look(past_fleet.recall(Where(camera="8")))
    look.feed.seek(BEGAN_S + 1.0, 0.0)
    wait_until(look.has(PastState.FAILED))
    trouble = look.feed.past().trouble
    assert trouble is not None and trouble.fault is Fault.NO_FILE and look.left() is None


@pytest.mark.parametrize("form", ["mpegts", "flv"])
def test_the_platform_is_asked_for_the_piece_of_time(clock: ShiftedClock, server: FilmServer, form: str) -> None:
    kind = "video/mp2t" if form == "mpegts" else "video/x-flv"
    server.films["/rec"] = kind, film(form, "h264", 100), 0.0
    server.films["/ask"] = "application/json", b'{"url": "%s"}' % server.url("/rec").encode(), 0.0
    template = server.url("/ask") + "?camera={id}&from={from}&to={to}"
    fleet = Fleet(clock, engine=Engine.THREADS, archive=Archive(template=template))
    fleet.start()
    look = Look(fleet.recall(Where(camera="34020000001320000001")))
    wait_until(look.shows(BEGAN_S + 1.0))
    assert abs(look.pictures[-1][0] - BEGAN_S - 1.0) < 0.05 and look.feed.past().origin == "platform"
    assert "camera=34020000001320000001&from=2026-11-20T08:00:00.500Z&to=2026-11-20T08:10:01.000Z" in server.asked[0]
    fleet.close()


def test_a_platform_that_has_nothing_or_does_not_answer_is_told_apart(clock: ShiftedClock, server: FilmServer) -> None:
    fleet = Fleet(clock, engine=Engine.THREADS, archive=Archive(template=server.url("/no") + "?c={id}"))
    fleet.start()
    look = Look(fleet.recall(Where(camera="1")))
    look.feed.seek(BEGAN_S, 0.0)
    wait_until(look.has(PastState.NOTHING))
    fleet.close()
    fleet = Fleet(clock, engine=Engine.THREADS, archive=Archive(template="http://127.0.0.1:9/{id}"))
    fleet.start()
    look = Look(fleet.recall(Where(camera="1")))
    look.feed.seek(BEGAN_S, 0.0)
    wait_until(look.has(PastState.FAILED))
    fleet.close()


def test_a_codec_that_does_not_tell_its_size_is_shown_too(past_fleet: Fleet, archive: Path) -> None:
    old = io.BytesIO()
    with av.open(old, "w", format="avi") as container:
        stream = container.add_stream("msmpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for k in range(50):
            container.mux(stream.encode(broadcast.frame(k)))
        container.mux(stream.encode())
    (archive / file_name("old", BEGAN_S, ".avi")).write_bytes(old.getvalue())
    look = Look(past_fleet.recall(Where(camera="old")))
    wait_until(look.shows(BEGAN_S + 1.0))
