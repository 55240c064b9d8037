"""Real surveillance footage through an RTSP server that is not ours, onto the wall; the server dies and comes back."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from controlroom.clock import SystemClock
from controlroom.domain.camera import Camera
from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.signal import SignalState
from widgets.video_wall import VideoWall

SYSTEM_PYTHON = Path("/usr/bin/python3")
PEER = Path(__file__).with_name("rtsp_peer.py")
PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
LIVE_MS = 20_000
FROZEN_MS = 6_000


class Peer:
    """The server's process, which can be killed and started again on the same port."""

    def __init__(self, port: int, streams: dict[str, str]) -> None:
        self._command = [str(SYSTEM_PYTHON), "-I", str(PEER), str(port)]
        self._command += [f"{name}={clip}" for name, clip in streams.items()]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", "the RTSP server did not start"

    def kill(self) -> None:
        """SIGKILL: no farewell to the clients."""
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None


def unwrapped(source: Path, target: Path) -> Path:
    """The H.264 of a file as a byte stream, not encoded again."""
    with av.open(source) as container, target.open("wb") as out:
        video = container.streams.video[0]
        unwrap = BitStreamFilterContext("h264_mp4toannexb", video)
        for packet in container.demux(video):
            for ready in unwrap.filter(packet if packet.size else None):
                out.write(bytes(ready))
    return target


def encoded(source: Path, target: Path, most: int = 200) -> Path:
    """The first pictures of a file as an H.264 byte stream, as a camera would code them."""
    with av.open(source) as container, av.open(target, "w", "h264") as out:
        options = {"preset": "ultrafast", "tune": "zerolatency"}
        video = container.streams.video[0]
        stream = out.add_stream("libx264", rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.gop_size = 20
        for count, frame in enumerate(container.decode(video)):
            if count == most:
                break
            frame.pts, frame.pict_type = None, av.video.frame.PictureType.NONE
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode())
    return target


@pytest.fixture(scope="module")
def clips(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Stream name to `clip@rate` of the two films."""
    cars, people = shared_data / "video" / "intel_car-detection.mp4", shared_data / "video" / "vtest.avi"
    for film in (cars, people):
        if not film.is_file():
            pytest.skip(f"no real film: {film.name} is absent")
    folder = tmp_path_factory.mktemp("films")
    return {
        "cars": f"{unwrapped(cars, folder / 'cars.h264')}@25/2",
        "people": f"{encoded(people, folder / 'people.h264')}@10/1",
        "people-udp": f"{folder / 'people.h264'}@10/1",
    }


@pytest.fixture
def peer(clips: dict[str, str], free_port: int) -> Iterator[Peer]:
    if (
        not SYSTEM_PYTHON.exists()
        or subprocess.run([SYSTEM_PYTHON, "-I", "-c", PROBE], check=False, capture_output=True).returncode
    ):
        pytest.skip("no RTSP server: Debian's gir1.2-gst-rtsp-server-1.0 and python3-gi are absent")
    peer = Peer(free_port, clips)
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture(params=Engine)
def wall(request: pytest.FixtureRequest, qtbot: QtBot, free_port: int, clips: dict[str, str]) -> Iterator[VideoWall]:
    fleet = Fleet(SystemClock(), engine=request.param)
    fleet.start()
    wall = VideoWall(fleet)
    qtbot.addWidget(wall)
    wall.resize(1280, 480)
    address = f"rtsp://127.0.0.1:{free_port}"
    shown = ("cars", "people", "nobody")
    wall.set_cameras([Camera(id=name, name=name, url=f"{address}/{name}") for name in shown])
    wall.show_tiles(shown, 3)
    yield wall
    wall.release()
    fleet.close()


def states(wall: VideoWall, state: SignalState) -> Callable[[], bool]:
    return lambda: all(view.state is state for view in wall.views()[:2])


def image(wall: VideoWall, index: int) -> QImage:
    return wall.grab(wall.tile_rect(index)).toImage()


def brightness(shown: QImage) -> float:
    """The mean lightness of the tile's middle third."""
    rows = range(shown.height() // 3, shown.height() * 2 // 3, 5)
    found = [shown.pixelColor(x, y).lightness() for y in rows for x in range(8, shown.width() - 8, 7)]
    return sum(found) / len(found)


def test_real_footage_is_live_freezes_with_its_server_and_comes_back(peer: Peer, wall: VideoWall, qtbot: QtBot) -> None:
    with qtbot.waitExposed(wall):
        wall.show()
    qtbot.waitUntil(states(wall, SignalState.LIVE), timeout=LIVE_MS)
    for k in range(2):
        first = image(wall, k)
        qtbot.waitUntil(lambda k=k, first=first: image(wall, k) != first, timeout=LIVE_MS)
    qtbot.waitUntil(lambda: wall.views()[2].state is SignalState.REFUSED, timeout=LIVE_MS)
    assert "404" in wall.describe(2)
    lively = brightness(image(wall, 0))

    peer.kill()
    qtbot.waitUntil(states(wall, SignalState.FROZEN), timeout=FROZEN_MS)
    assert "画面停滞" in wall.describe(0) and "画面停滞" in wall.describe(1)
    qtbot.waitUntil(lambda: _fault(wall, 0) is Fault.NOBODY, timeout=LIVE_MS)
    assert brightness(image(wall, 0)) < 0.8 * lively, "a veil lies on the frozen picture"

    peer.start()
    qtbot.waitUntil(states(wall, SignalState.LIVE), timeout=LIVE_MS)
    for k in range(2):
        first = image(wall, k)
        qtbot.waitUntil(lambda k=k, first=first: image(wall, k) != first, timeout=LIVE_MS)


def _fault(wall: VideoWall, index: int) -> Fault | None:
    trouble = wall.views()[index].trouble
    return None if trouble is None else trouble.fault


def test_a_server_that_has_only_datagrams_is_watched_too(peer: Peer, qtbot: QtBot, free_port: int) -> None:
    fleet = Fleet(SystemClock(), engine=Engine.THREADS)
    fleet.start()
    feed = fleet.watch(f"rtsp://127.0.0.1:{free_port}/people-udp")
    feed.want(320, 240)
    qtbot.waitUntil(lambda: feed.take() is not None and feed.view().is_moving, timeout=LIVE_MS)
    peer.kill()
    qtbot.waitUntil(lambda: feed.view().state is SignalState.FROZEN, timeout=FROZEN_MS)
    fleet.close()
