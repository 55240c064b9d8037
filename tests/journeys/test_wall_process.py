"""`controlroom wall` as its own process on a display of its own: what stands on its screen after `kill -9`."""

import contextlib
import http.server
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton, QWidget

from controlroom import display
from controlroom.domain.wall import Spot, TileKind, WallScreen, WallTile
from controlroom.i18n import _
from controlroom.wire.messages import Command, CommandBody, Done
from controlroom.wire.walls import ArrangeWall, IdentifyWall, PushToWall
from tests.journeys.conftest import Opener
from tests.journeys.pilot import Pilot, until
from tests.rooms import WAIT_S, HubProcess, Seat, source_of, wait_until
from tests.video.broadcast import film
from widgets.wall_control import WallControl

pytestmark = pytest.mark.skipif(not display.can_be_virtual(), reason="no virtual display on this machine")

SIZE = (640, 360)
_LOOK = """
import sys
from PySide6.QtGui import QGuiApplication
application = QGuiApplication(sys.argv)
for _line in sys.stdin:
    QGuiApplication.primaryScreen().grabWindow(0).save(sys.argv[1], "PNG")
    print("taken", flush=True)
"""


class Eye:
    """Looks at the display from a process of its own."""

    def __init__(self, environ: dict[str, str], file: Path) -> None:
        self._file = file
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LOOK, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            text=True,
        )

    def image(self) -> QImage:
        """What is on the display now."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "taken\n"
        return QImage(str(self._file))

    def colours(self) -> tuple[str, str]:
        """The colours in the middle of the left and of the right half of the screen."""
        image = self.image()
        left, right = (image.pixelColor(image.width() * part // 4, image.height() // 2) for part in (1, 3))
        return left.name(), right.name()

    def close(self) -> None:
        self._process.communicate(timeout=WAIT_S)


class Display:
    """A hub, a wall process and an eye on what it shows."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self.hub = HubProcess(folder / "hub")
        self.seat = Seat(self.hub.ports.requests)
        self.eye = Eye(environ, folder / "seen.png")
        self.count = 0
        self.start()

    def start(self, *more: str) -> None:
        with (self.folder / "wall.err").open("ab") as errors:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "controlroom", "wall", "--home", str(self.folder / "wall")),
                    *("--hub", f"tcp://127.0.0.1:{self.hub.ports.requests}", "--name", "w", *more),
                ],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=Path(__file__).parents[2],
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def others(self, word: str = "wall") -> list[int]:
        """The processes of this display's folder with a word in their command lines, found as the system lists them."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = entry.read_bytes().split(b"\0")
                if str(self.folder / "wall").encode() in words and word.encode() in words:
                    found.append(int(entry.parent.name))
        return [number for number in found if number != self.process.pid or self.process.poll() is None]

    def do(self, body: CommandBody) -> None:
        self.count += 1
        answer = self.seat.link.ask(Command(id=f"c{self.count}", seat="s", officer="王", body=body))
        assert isinstance(answer.result(WAIT_S), Done)

    def until(self, true: Callable[[tuple[str, str]], bool]) -> None:
        wait_until(lambda: true(self.eye.colours()), 40.0)

    def close(self) -> None:
        self.kill()
        for process in self.others():
            os.kill(process, signal.SIGKILL)
        self.eye.close()
        self.seat.close()
        self.hub.close()


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Display]:
    for name in ("hub", "wall/data/wall"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("magenta", "cyan"):
        picture = QImage(32, 16, QImage.Format.Format_RGB32)
        picture.fill(QColor(name))
        picture.save(str(tmp_path / "wall" / "data" / "wall" / f"{name}.png"))
    environ = {key: value for key, value in os.environ.items() if key != "XAUTHORITY"}
    with display.virtual_display([SIZE], environ):
        shown = Display(tmp_path, environ)
        try:
            yield shown
        finally:
            shown.close()


def picture(name: str, left: int) -> WallTile:
    return WallTile(left=left, kind=TileKind.IMAGE, text=f"{name}.png")


GONE = "#000000"
MAGENTA, CYAN, NUMBER = QColor("magenta").name(), QColor("cyan").name(), "#f2c12e"


def test_a_wall_comes_back_to_what_it_should_show_after_its_own_death_and_that_of_the_hub(wall: Display) -> None:
    wall.do(ArrangeWall(wall="w", screens=[WallScreen(columns=2, tiles=(picture("magenta", 0), picture("cyan", 1)))]))
    wall.until(lambda seen: seen == (MAGENTA, CYAN))
    wall.kill()
    wall.until(lambda seen: MAGENTA not in seen and CYAN not in seen)
    # What was pushed while no display was there is seen by the one that comes.
    spot = Spot(screen=1, columns=2, rows=1, tile=picture("cyan", 0))
    wall.do(PushToWall(wall="w", lease_s=3600, spots=[spot]))
    wall.start()
    wall.until(lambda seen: seen == (CYAN, CYAN))
    wall.hub.kill()
    wall.hub.restart()
    wall.seat.until(lambda: wall.seat.link.status.state.value == "live")
    wall.do(IdentifyWall(wall="w", seconds=3))
    wall.until(lambda seen: NUMBER in seen)
    wall.until(lambda seen: seen == (CYAN, CYAN))
    assert wall.process.poll() is None


def test_a_kept_wall_comes_back_by_itself_without_its_hub_and_without_its_keeper(wall: Display) -> None:
    wall.kill()
    wall.do(ArrangeWall(wall="w", screens=[WallScreen(columns=2, tiles=(picture("magenta", 0), picture("cyan", 1)))]))
    wall.start("--keep")
    memory = wall.folder / "wall" / "state" / "shown-w-1.json"
    wait_until(lambda: memory.exists() and b"magenta" in memory.read_bytes(), 40.0)
    wall.hub.kill()
    (display,) = wall.others("--kept")
    os.kill(display, signal.SIGKILL)
    wall.until(lambda seen: seen == (GONE, GONE))
    # No hub is there, and what it said last is shown.
    wall.until(lambda seen: seen == (MAGENTA, CYAN))
    wall.kill()
    wall.until(lambda seen: seen == (GONE, GONE))
    wall.until(lambda seen: seen == (MAGENTA, CYAN))
    (keeper,) = wall.others("--keep")
    os.kill(keeper, signal.SIGTERM)
    wait_until(lambda: not wall.others(), 20.0)


def pressed(desk: Pilot, panel: QWidget, text: str) -> None:
    """Click the panel's button of this name."""
    (button,) = (each for each in panel.findChildren(QPushButton) if each.text() == text)
    desk.click(button)


def test_what_a_desk_shows_is_pushed_by_its_button_and_taken_away_again(seat: Opener, wall: Display) -> None:
    mine, theirs = (picture("magenta", 0), picture("cyan", 1)), (picture("cyan", 0), picture("magenta", 1))
    wall.do(ArrangeWall(wall="main", screens=[WallScreen(columns=2, tiles=mine)]))
    wall.do(ArrangeWall(wall="w", screens=[WallScreen(columns=2, tiles=theirs)]))
    hub = f"tcp://127.0.0.1:{wall.hub.ports.requests}"
    desk = seat(wall.folder / "desk", hub=hub, simulate=False, layout="single")
    until(lambda: desk.live() and desk.wall.columns == 2, "the desk shows its own wall")
    control = desk.one(WallControl)
    desk.front(control)
    until(lambda: control.walls.findText("w") >= 0)
    control.walls.setCurrentIndex(control.walls.findText("w"))
    control.walls.activated.emit(control.walls.currentIndex())
    until(lambda: wall.eye.colours() == (CYAN, MAGENTA))
    pressed(desk, control, _("Push my view"))
    until(lambda: wall.eye.colours() == (MAGENTA, CYAN), "the display shows what the desk shows")
    until(lambda: control.pushes.count() == 1)
    control.pushes.setCurrentRow(0)
    pressed(desk, control, _("Take away"))
    until(lambda: wall.eye.colours() == (CYAN, MAGENTA), "what lay below is back")
    desk.close()


COLUMNS, ROWS = 4, 3
PAGE = b"<body style='margin:0;background:#00ff00'><img src='http://else.example/x.png'></body>"


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def plain(colour: tuple[int, int, int]) -> Callable[[int], av.VideoFrame]:
    def draw(number: int) -> av.VideoFrame:
        image = np.zeros((288, 352, 3), np.uint8)
        image[:] = colour
        image[:16, number % 300 : number % 300 + 16] = 255
        made = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        made.pts = number
        return made

    return draw


def cell(image: QImage, place: int) -> QImage:
    """The part of the screen where a tile lies."""
    width, height = image.width() // COLUMNS, image.height() // ROWS
    return image.copy(place % COLUMNS * width, place // COLUMNS * height, width, height)


def shades(part: QImage) -> dict[str, int]:
    """How many of every other pixel have which colour."""
    names = (part.pixelColor(x, y).name() for x in range(2, part.width(), 2) for y in range(2, part.height(), 2))
    return dict(Counter(names))


def is_mostly(part: QImage, red: int, green: int, blue: int) -> bool:
    """Whether the middle of a tile has about this colour."""
    seen = part.pixelColor(part.width() // 2, part.height() * 2 // 3).getRgb()[:3]
    return all(abs(one - other) < 60 for one, other in zip(seen, (red, green, blue), strict=True))


def test_every_kind_of_tile_is_seen_on_a_real_display(wall: Display, page: int) -> None:
    wall.kill()
    folder = wall.folder / "wall"
    (folder / "settings.toml").write_text('[wall]\nweb_hosts = "127.0.0.1"\n')
    for name, colour in (("red", (220, 20, 20)), ("blue", (20, 20, 220))):
        (folder / f"{name}.mp4").write_bytes(film("mp4", "h264", 400, plain(colour)))
    cameras = [{"id": name, "name": name, "url": f"file://{folder}/{name}.mp4"} for name in ("red", "blue")]
    with source_of(wall.hub.ports.ingest) as source:
        alarm = {"type": "alarm", "key": "k", "severity": 2, "title": "水浸", "occurred_at": "2026-11-21T04:00:00Z"}
        sensor = {"id": "g1", "name": "雨量", "kind": "rain"}
        source.hand_in({"type": "cameras", "cameras": cameras}, {"type": "sensors", "sensors": [sensor]})
        source.hand_in(alarm | {"camera": "red"})
    address = f"http://127.0.0.1:{page}/"
    kinds = [
        WallTile(kind=TileKind.CLOCK),
        WallTile(kind=TileKind.TEXT, text="今晚有雨"),
        WallTile(kind=TileKind.IMAGE, text="magenta.png"),
        WallTile(kind=TileKind.WEB, text=address),
        WallTile(kind=TileKind.WEB, text="http://else.example/"),
        WallTile(kind=TileKind.PLOT, sensors=("g1",)),
        WallTile(kind=TileKind.MAP),
        WallTile(kind=TileKind.HOTSPOT),
        WallTile(kind=TileKind.ALARMS),
        WallTile(kind=TileKind.CAROUSEL, cameras=("red", "blue"), dwell_s=3),
        WallTile(cameras=("blue",)),
        WallTile(kind=TileKind.IMAGE, text="absent.png"),
    ]
    tiles = [msgspec.structs.replace(tile, left=k % COLUMNS, top=k // COLUMNS) for k, tile in enumerate(kinds)]
    wall.do(ArrangeWall(wall="w", screens=[WallScreen(columns=COLUMNS, rows=ROWS, tiles=tuple(tiles))]))
    wall.start()
    looks = {
        0: lambda part: len(shades(part)) > 8,
        1: lambda part: len(shades(part)) > 8,
        2: lambda part: is_mostly(part, 255, 0, 255),
        3: lambda part: is_mostly(part, 0, 255, 0),
        4: lambda part: len(shades(part)) > 8,
        5: lambda part: len(shades(part)) > 8,
        6: lambda part: len(shades(part)) > 8,
        7: lambda part: is_mostly(part, 220, 20, 20),
        8: lambda part: is_mostly(part, 220, 20, 20),
        10: lambda part: is_mostly(part, 20, 20, 220),
        11: lambda part: len(shades(part)) > 8,
    }
    waiting = set(looks)

    def all_seen() -> bool:
        image = wall.eye.image()
        waiting.difference_update({place for place in waiting if looks[place](cell(image, place))})
        return not waiting

    wait_until(all_seen, 60.0)
    for colour in ((220, 20, 20), (20, 20, 220)):
        wait_until(lambda colour=colour: is_mostly(cell(wall.eye.image(), 9), *colour), 20.0)
    before = cell(wall.eye.image(), 0)
    wait_until(lambda: cell(wall.eye.image(), 0) != before, 10.0)
