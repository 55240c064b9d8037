"""`controlroom wall` as its own process on a display of its own: what stands on its screen after `kill -9`."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from controlroom import display
from controlroom.domain.wall import Spot, TileKind, WallScreen, WallTile
from controlroom.wire.messages import Command, CommandBody, Done
from controlroom.wire.walls import ArrangeWall, IdentifyWall, PushToWall
from tests.rooms import WAIT_S, HubProcess, Seat, wait_until

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

    def colours(self) -> tuple[str, str]:
        """The colours in the middle of the left and of the right half of the screen."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "taken\n"
        image = QImage(str(self._file))
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
