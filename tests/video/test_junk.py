"""Whatever a server sends, the tile says what is wrong and the other tiles go on."""

import io
import random
import socket

import av
import pytest

from controlroom.clock import SystemClock
from controlroom.sources.simulator.mpegts import Muxer
from controlroom.sources.simulator.scene import SceneCamera
from controlroom.sources.simulator.video_source import LiveScene
from controlroom.video.fault import Fault
from controlroom.video.fleet import Fleet
from controlroom.video.signal import SignalState
from tests.rooms import wait_until
from tests.video.junk import Answer, answering, http, status

NOISE = random.Random(7).randbytes(700_000)


def coded(count: int = 40) -> bytes:
    """A good transport stream of some pictures."""
    source, muxer = LiveScene(SceneCamera(id="x", name="x"), SystemClock(), lambda: 0.0, lambda: False, 12.5), Muxer()
    return b"".join(muxer.packets(source.next(k == 0)) for k in range(count))


def spoilt(data: bytes, seed: int) -> bytes:
    """The stream with bytes turned over and stretches cut out or repeated."""
    chance, out = random.Random(seed), bytearray(data)
    for _ in range(len(out) // 300):
        out[chance.randrange(len(out))] = chance.randrange(256)
    for _ in range(5):
        start = chance.randrange(len(out))
        out[start : start + chance.randrange(2000)] = out[:: chance.randrange(1, 50)][: chance.randrange(2000)]
    return bytes(out)


def rtsp_noise(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(NOISE[:5000])


ANSWERS: dict[str, Answer] = {
    "random bytes as a transport stream": http(NOISE),
    "random bytes of no kind": http(NOISE, kind="application/octet-stream"),
    "sync bytes and nothing behind them": http(b"\x47" * 400_000),
    "empty packets": http((b"\x47\x1f\xff\x10" + b"\xff" * 184) * 3000),
    "a web page": http(b"<html>login</html>", kind="text/html"),
    "nothing": http(),
    "no HTTP at all": rtsp_noise,
    "a playlist of this machine's files": http(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", kind="audio/mpegurl"),
    "endless headers": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_junk_over_http_is_told_as_no_video(fleet: Fleet, what: str) -> None:
    with answering(ANSWERS[what]) as port:
        feed = fleet.watch(f"http://127.0.0.1:{port}/x")
        feed.want(320, 180)
        wait_until(lambda: feed.view().trouble is not None)
        view = feed.view()
        assert view.state is SignalState.NO_SIGNAL
        assert view.trouble is not None and view.trouble.fault in (Fault.NOT_VIDEO, Fault.ENDED, Fault.NO_PICTURE)
        feed.close()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("404 Not Found", Fault.NOT_FOUND),
        ("401 Unauthorized", Fault.UNAUTHORISED),
        ("500 Oh", Fault.SERVER_ERROR),
        ("302 Found", Fault.SERVER_ERROR),
        ("999999999 x", Fault.NOT_VIDEO),
    ],
)
def test_http_statuses_are_understood(fleet: Fleet, line: str, fault: Fault) -> None:
    with answering(status(line)) as port:
        feed = fleet.watch(f"http://127.0.0.1:{port}/x.ts")
        wait_until(lambda: feed.view().trouble is not None)
        trouble = feed.view().trouble
        assert trouble is not None and trouble.fault is fault


def test_junk_over_rtsp_is_told(fleet: Fleet) -> None:
    with answering(rtsp_noise) as port:
        feed = fleet.watch(f"rtsp://127.0.0.1:{port}/x")
        wait_until(lambda: feed.view().trouble is not None)
        assert feed.view().state is SignalState.NO_SIGNAL


@pytest.mark.parametrize("seed", range(6))
def test_a_spoilt_stream_never_takes_the_thread_down(fleet: Fleet, seed: int) -> None:
    with answering(http(spoilt(coded(), seed))) as port:
        feed = fleet.watch(f"http://127.0.0.1:{port}/x.ts")
        feed.want(320, 180)
        wait_until(lambda: feed.view().trouble is not None)
        trouble = feed.view().trouble
        assert trouble is not None and trouble.fault is not Fault.BROKEN
        assert not feed.view().is_live


def test_a_stream_that_changes_its_size_goes_on(fleet: Fleet) -> None:
    small, large = sized(160, 120), sized(800, 600)
    with answering(http(small, large)) as port:
        feed = fleet.watch(f"http://127.0.0.1:{port}/x.ts")
        feed.want(320, 180)
        sizes = set()

        def both() -> bool:
            picture = feed.take()
            if picture is not None:
                sizes.add((picture.source_width, picture.source_height))
            return (800, 600) in sizes

        wait_until(both)
        feed.close()


def sized(width: int, height: int) -> bytes:
    """Some pictures of another size in the same transport stream."""

    target = io.BytesIO()
    with av.open(target, "w", "mpegts") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(30):
            container.mux(stream.encode(av.VideoFrame(width, height, "yuv420p")))
        container.mux(stream.encode())
    return target.getvalue()
