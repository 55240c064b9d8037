"""The simulator's cameras, read by a client that is not ours."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import av
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from controlroom import errors
from controlroom.clock import SystemClock
from controlroom.sources.simulator.cameras import CameraServer, spread
from controlroom.sources.simulator.mpegts import PACKET, Muxer
from controlroom.sources.simulator.scene import HEIGHT, WIDTH, Scene, SceneCamera, Transport
from controlroom.sources.simulator.video_channel import CameraFault
from controlroom.sources.simulator.video_source import AccessUnit, LiveScene, parameter_sets, split
from tests.rooms import wait_until
from tests.sources.simulator.streets import twelve

TCP = {"rtsp_transport": "tcp"}
UDP = {"rtsp_transport": "udp"}
QUICK = {**TCP, "analyzeduration": "1", "probesize": "32", "fpsprobesize": "0"}


@pytest.fixture(scope="module")
def server() -> Iterator[CameraServer]:
    cameras = (
        SceneCamera(id="a", name="黄村西大街"),
        SceneCamera(id="b", name="兴丰大街", transport=Transport.HTTP),
        SceneCamera(id="c", name="京开高速", transport=Transport.FILE, night=True),
    )
    server = CameraServer(cameras, SystemClock())
    server.start()
    yield server
    server.close()


def pictures(url: str, count: int, options: dict[str, str]) -> list[av.VideoFrame]:
    with av.open(url, options=options, timeout=(5, 5)) as container:
        found = []
        for frame in container.decode(video=0):
            found.append(frame)
            if len(found) == count:
                break
        return found


@pytest.mark.parametrize(("camera", "options"), [("a", TCP), ("a", UDP), ("b", {}), ("c", {})])
def test_cameras_are_read_by_ffmpegs_own_client(server: CameraServer, camera: str, options: dict[str, str]) -> None:
    found = pictures(server.url(camera), 12, options)
    assert [(frame.width, frame.height) for frame in found] == [(WIDTH, HEIGHT)] * 12
    first, last = found[0].to_ndarray(format="gray"), found[-1].to_ndarray(format="gray")
    moved = np.abs(first.astype(int) - last).mean()
    assert moved > 0.2, "the street stands still"


def test_pictures_are_made_only_while_somebody_watches(server: CameraServer) -> None:
    with av.open(server.url("a"), options=QUICK, timeout=(5, 5)) as container:
        next(container.decode(video=0))
        wait_until(lambda: server.watched() == {"a"})
    wait_until(lambda: not server.watched())


def test_a_second_client_sees_a_picture_at_once(server: CameraServer) -> None:
    clock = SystemClock()
    with av.open(server.url("a"), options=QUICK, timeout=(5, 5)) as container:
        next(container.decode(video=0))
        began_s = clock.monotonic()
        pictures(server.url("a"), 1, QUICK)
        assert clock.monotonic() - began_s < 1.0


def test_a_stuck_camera_sends_the_same_picture_for_ever(server: CameraServer) -> None:
    server.fault("a", CameraFault.STUCK)
    try:
        found = [frame.to_ndarray(format="gray").astype(int) for frame in pictures(server.url("a"), 14, QUICK)]
    finally:
        server.fault("a", CameraFault.NONE)
    assert np.abs(found[4] - found[-1]).mean() < 1.0


@pytest.mark.parametrize(
    ("fault", "error"),
    [(CameraFault.GONE, av.error.HTTPNotFoundError), (CameraFault.FORBIDDEN, av.error.HTTPUnauthorizedError)],
)
@pytest.mark.parametrize("camera", ["a", "b"])
def test_refusals_are_told_as_the_standards_say(
    server: CameraServer, camera: str, fault: CameraFault, error: type[Exception]
) -> None:
    server.fault(camera, fault)
    try:
        with pytest.raises(error):
            pictures(server.url(camera), 1, QUICK if camera == "a" else {})
    finally:
        server.fault(camera, CameraFault.NONE)


def test_an_unknown_camera_is_not_found(server: CameraServer) -> None:
    with pytest.raises(av.error.HTTPNotFoundError):
        pictures(server.url("a").replace("/a", "/zzz"), 1, QUICK)
    with pytest.raises(KeyError):
        server.url("zzz")


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        server = CameraServer(twelve(), SystemClock(), rtsp_port=taken.getsockname()[1])
        with pytest.raises(errors.EnvironmentFault) as caught:
            server.start()
    assert str(taken) not in caught.value.sentence
    assert "端口" in caught.value.sentence


def test_the_twelve_cameras_use_both_protocols_day_and_night() -> None:
    cameras = twelve()
    assert len({camera.id for camera in cameras}) == 12
    assert {camera.transport for camera in cameras} == {Transport.RTSP, Transport.HTTP}
    assert {camera.night for camera in cameras} == {True, False}
    assert spread(cameras) == cameras


JUNK = [
    b"",
    b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"DESCRIBE\r\n\r\n",
    b"DESCRIBE rtsp://x/a RTSP/1.0\r\nContent-Length: -5\r\n\r\n",
    b"DESCRIBE rtsp://x/a RTSP/1.0\r\nContent-Length: 99999999999\r\n\r\n",
    b"SETUP rtsp://x/a/track0 RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"SETUP rtsp://x/a/track0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;unicast;client_port=99999-1\r\n\r\n",
    b"PLAY rtsp://x/a RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"PAUSE rtsp://x/a RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"$\x00\xff\xff",
    b"x" * 100_000,
    b"BREW coffee://x RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"GET /b.ts NOTHTTP\r\n\r\n",
    b"POST /b.ts HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("door", [0, 1])
@pytest.mark.parametrize("junk", JUNK)
def test_junk_at_the_door_harms_nobody(server: CameraServer, door: int, junk: bytes) -> None:
    say(server.ports[door], junk)
    assert pictures(server.url("a"), 1, QUICK)


@given(st.binary(max_size=300))
@settings(max_examples=40)
def test_any_bytes_at_the_doors_are_survived(server: CameraServer, junk: bytes) -> None:
    for port in server.ports:
        say(port, junk + b"\r\n\r\n")


def say(port: int, data: bytes) -> None:
    """Send, end, and read until the server has enough."""
    with socket.create_connection(("127.0.0.1", port), 5.0) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass  # the server had enough


@given(st.binary(max_size=2000))
def test_splitting_and_joining_keep_the_units(data: bytes) -> None:
    for nal in split(data):
        assert nal and b"\0\0\1" not in nal


@given(st.lists(st.binary(min_size=1, max_size=700), min_size=1, max_size=4), st.integers(0, 1 << 33), st.booleans())
def test_every_access_unit_becomes_whole_packets(bodies: list[bytes], pts: int, is_key: bool) -> None:
    muxed = Muxer().packets(AccessUnit(tuple(b"\x65" + body for body in bodies), pts, is_key))
    assert len(muxed) % PACKET == 0
    assert all(muxed[start] == 0x47 for start in range(0, len(muxed), PACKET))


def test_a_key_picture_carries_its_parameter_sets() -> None:
    live = LiveScene(SceneCamera(id="x", name="x"), SystemClock(), lambda: 0.0, lambda: False, 12.5)
    sps, pps = parameter_sets(live.next(True))
    assert sps and pps
    assert not live.next(False).is_key
    assert live.next(True).is_key


def test_rain_and_night_change_the_street() -> None:
    at, draw = SystemClock().now(), []
    for night in (False, True):
        scene = Scene(SceneCamera(id="x", name="黄村", night=night))
        draw += [scene.draw(at, 3.0, rain).astype(int) for rain in (0.0, 60.0)]
    assert np.abs(draw[0] - draw[1]).mean() > 5
    assert draw[0].mean() - draw[2].mean() > 50


def test_the_clock_in_the_picture_runs() -> None:
    scene, clock = Scene(SceneCamera(id="x", name="黄村")), SystemClock()
    now = clock.now()
    first, later = (scene.draw(now + timedelta(seconds=s), 3.0, 0.0)[0:30, 0:220].astype(int) for s in (0, 1))
    assert np.abs(first - later).max() > 100


def test_nothing_is_left_after_close() -> None:
    before = threading.active_count()
    server = CameraServer(twelve(), SystemClock())
    server.start()
    container = av.open(server.url("cam-01"), options=QUICK, timeout=(5, 5))
    next(container.decode(video=0))
    server.close()
    container.close()
    assert threading.active_count() == before
