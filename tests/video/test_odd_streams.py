"""Streams that change under way or never were right; each ends in a state of its own and none takes the others down."""

import io
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed
from controlroom.video.signal import SignalState
from controlroom.video.stream import Timing
from tests.rooms import wait_until
from tests.video import broadcast
from tests.video.broadcast import FilmServer, film, films
from tests.video.clocks import ShiftedClock


@pytest.fixture
def server() -> Iterator[FilmServer]:
    with films() as server:
        yield server


@pytest.fixture(params=Engine)
def fleet(request: pytest.FixtureRequest, clock: ShiftedClock) -> Iterator[Fleet]:
    fleet = Fleet(clock, engine=request.param, timing=Timing(no_picture_s=1.0))
    fleet.start()
    yield fleet
    fleet.close()


def watch(fleet: Fleet, url: str) -> Feed:
    feed = fleet.watch(url)
    feed.want(160, 120)
    return feed


def without_keys() -> bytes:
    """A film whose key pictures were lost on the way."""
    sink = io.BytesIO()
    with av.open(io.BytesIO(film("mpegts", "h264")), format="mpegts") as source, av.open(sink, "w", "mpegts") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size and not packet.is_keyframe:
                packet.stream = stream
                out.mux(packet)
    return sink.getvalue()


def sized(width: int, height: int, frames: int = 25) -> bytes:
    sink = io.BytesIO()
    with av.open(sink, "w", "mpegts") as out:
        stream = out.add_stream("mjpeg" if width > 4096 else "libx264", rate=Fraction(broadcast.RATE))
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if width > 4096 else "yuv420p"
        for k in range(frames):
            made = av.VideoFrame(width, height, stream.pix_fmt)
            made.pts = k
            out.mux(stream.encode(made))
        out.mux(stream.encode())
    return sink.getvalue()


def test_a_codec_that_changes_under_way_is_decoded_again(fleet: Fleet, server: FilmServer) -> None:
    server.films["/a"] = "video/mp2t", film("mpegts", "h264", 40) + film("mpegts", "hevc", 200), 0.03
    feed = watch(fleet, server.url("/a"))
    wait_until(lambda: feed.view().is_moving)
    server.films["/a"] = "video/mp2t", film("mpegts", "hevc", 200), 0.03
    count = 0

    def goes_on() -> bool:
        nonlocal count
        count += feed.take() is not None
        return count > 60 and feed.view().is_moving

    wait_until(goes_on)


def test_a_stream_without_key_pictures_says_that_no_picture_can_be_made(fleet: Fleet, server: FilmServer) -> None:
    server.films["/keyless"] = "video/mp2t", without_keys(), 0.03
    server.films["/good"] = "video/mp2t", film("mpegts", "h264", 200), 0.03
    feed, good = watch(fleet, server.url("/keyless")), watch(fleet, server.url("/good"))
    told: set[Fault] = set()

    def said() -> bool:
        view = feed.view()
        assert not view.is_live
        if view.trouble is not None:
            told.add(view.trouble.fault)
        return bool(told & {Fault.NO_PICTURE, Fault.NOT_VIDEO})

    wait_until(said)
    assert feed.view().state is SignalState.NO_SIGNAL
    wait_until(lambda: good.view().is_moving)


@pytest.mark.parametrize("size", [(16, 16), (18, 2000), (2000, 18)])
def test_absurd_shapes_are_shown(fleet: Fleet, server: FilmServer, size: tuple[int, int]) -> None:
    server.films["/odd"] = "video/mp2t", sized(*size, 60), 0.03
    feed = watch(fleet, server.url("/odd"))
    wait_until(lambda: feed.take() is not None)
    wait_until(lambda: feed.view().is_moving)
