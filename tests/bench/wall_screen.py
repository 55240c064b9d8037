"""What is really on the screen: a neutral look at the pixels, the same for this wall and for any other player.

The clip bears the number of each picture as black and white blocks. The server writes down when it sends which picture
to which camera; the looker reads the frame buffer of a virtual display and finds out which picture each tile shows.
So rates, drops and latencies are those of pixels, from the server's sending to the screen.
"""

import itertools
import mmap
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

WIDTH, HEIGHT = 1920, 1080
GLANCE_S = 0.004
_BITS = 8
_BLOCKS = _BITS + 3
_TOP, _BOTTOM = 0.80, 0.95
_CONTRAST = 60.0
_SETTLED, _SETTLE_S = 50, 4.0
"""Pictures of each tile, and seconds at most, before anything is measured."""
_KEEPER = (
    'Xvfb -displayfd 1 -screen 0 {w}x{h}x24 -fbdir "$1" -nolisten tcp -noreset & '
    "x=$!; exec >&-; cat >/dev/null; kill $x; wait $x"
)

Rect = tuple[int, int, int, int]
"""Left, top, width and height of a tile's picture on the screen."""


class Seen(msgspec.Struct):
    """What a look at the screen found: pictures of each tile, their latencies, and what the player took for it."""

    seconds: float
    counts: list[int]
    late_ms: list[float]
    cpu_s: float
    live_s: float | None = None
    """How long after its start all tiles had a picture; None where some never had."""

    @property
    def us(self) -> float:
        """CPU time for each picture seen."""
        return self.cpu_s / max(1, sum(self.counts)) * 1e6

    def p(self, percent: float) -> float:
        """A percentile of the latencies, in ms."""
        return float(np.percentile(self.late_ms, percent)) if self.late_ms else float("inf")


def burn(image: NDArray[np.uint8], number: int) -> None:
    """Write a number below 256 into a picture: a white and a black block, the bits, and their parity."""
    height, width = image.shape[:2]
    bits = [number >> (_BITS - 1 - k) & 1 for k in range(_BITS)]
    cuts = [width * k // _BLOCKS for k in range(_BLOCKS + 1)]
    for k, bit in enumerate([1, 0, *bits, sum(bits) & 1]):
        block = (cuts[k], int(height * _TOP)), (cuts[k + 1] - 1, int(height * _BOTTOM))
        cv2.rectangle(image, *block, (235, 235, 235) if bit else (20, 20, 20), -1)


class Looker:
    """Reads the numbers that tiles show from a frame buffer of 32 bits a pixel."""

    def __init__(self, pixels: NDArray[np.uint8], rects: Sequence[Rect]) -> None:
        self._pixels = pixels
        places = []
        for left, top, width, height in rects:
            y = top + int(height * (_TOP + _BOTTOM) / 2)
            xs = [left + int(width * (k + 0.5) / _BLOCKS) for k in range(_BLOCKS)]
            places.append([(y + dy, x + dx) for x in xs for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
        grid = np.array(places).reshape(len(rects), _BLOCKS, 9, 2)
        self._rows, self._columns = grid[..., 0], grid[..., 1]

    def numbers(self) -> NDArray[np.int64]:
        """The number that each tile shows, -1 where none can be read."""
        levels = self._pixels[self._rows, self._columns, 1].astype(np.float64).mean(axis=2)
        white, black = levels[:, 0], levels[:, 1]
        bits = (levels[:, 2:] > ((white + black) / 2)[:, None]).astype(np.int64)
        numbers = bits[:, :_BITS] @ (1 << np.arange(_BITS)[::-1])
        is_right = (white - black > _CONTRAST) & (bits[:, :_BITS].sum(axis=1) % 2 == bits[:, _BITS])
        return np.where(is_right, numbers, -1)


class Stamps:
    """When the server sent which picture to which camera, in memory that it shares (seconds, monotonic)."""

    def __init__(self, path: Path, cameras: int, *, is_new: bool) -> None:
        if is_new:
            path.write_bytes(bytes(cameras * 256 * 8))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), cameras * 256 * 8)
        self.sent_s = np.frombuffer(self._memory, np.float64).reshape(cameras, 256)


@contextmanager
def screen() -> Iterator[tuple[str, NDArray[np.uint8]] | None]:
    """A virtual display and its pixels (rows, columns, blue green red unused); None where there is no Xvfb."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="controlroom-screen-", ignore_cleanup_errors=True) as folder:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER.format(w=WIDTH, h=HEIGHT), "screen", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert keeper.stdout is not None and keeper.stdin is not None
        try:
            name = f":{keeper.stdout.readline().decode().strip()}"
            with (Path(folder) / "Xvfb_screen0").open("rb") as file:
                memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            head = struct.unpack(">25I", memory[:100])
            size, stride, colours = head[0], head[12], head[19]
            pixels = np.frombuffer(memory, np.uint8, stride * HEIGHT, size + colours * 12)
            yield name, pixels.reshape(HEIGHT, stride // 4, 4)
        finally:
            keeper.stdin.close()
            keeper.wait()
            keeper.stdout.close()


def cells(tiles: int) -> list[Rect]:
    """A mosaic of equal cells over the whole screen."""
    columns = round(tiles**0.5)
    rows = -(-tiles // columns)
    width, height = WIDTH // columns & ~1, HEIGHT // rows & ~1
    return [
        (column * width, row * height, width, height) for row, column in itertools.product(range(rows), range(columns))
    ]


def observe(
    pixels: NDArray[np.uint8],
    rects: Sequence[Rect],
    stamps: Stamps,
    seconds: float,
    player: int,
    patience_s: float = 0.0,
) -> Seen:
    """Look at the screen for so long, after waiting for all tiles to show a picture for at most `patience_s`."""
    looker, process = Looker(pixels, rects), psutil.Process(player)
    began_s, live_s = time.monotonic(), None
    came = np.zeros(len(rects), np.bool_)
    while time.monotonic() - began_s < patience_s:
        came |= looker.numbers() >= 0
        if came.all():
            live_s = time.monotonic() - began_s
            _settle(looker, len(rects))
            break
        time.sleep(GLANCE_S)
    shown, counts, late_ms = looker.numbers(), [0] * len(rects), []
    before_s, start_s = _cpu_s(process), time.monotonic()
    now_s = start_s
    while now_s - start_s < seconds:
        numbers = looker.numbers()
        now_s = time.monotonic()
        for tile in np.flatnonzero((numbers != shown) & (numbers >= 0)):
            counts[tile] += 1
            sent_s = stamps.sent_s[tile, numbers[tile]]
            if 0.0 < sent_s <= now_s:
                late_ms.append((now_s - sent_s) * 1000)
            shown[tile] = numbers[tile]
        time.sleep(max(0.0, GLANCE_S - (time.monotonic() - now_s)))
    return Seen(now_s - start_s, counts, late_ms, _cpu_s(process) - before_s, live_s)


def _settle(looker: Looker, tiles: int) -> None:
    """Wait until each tile showed two seconds' pictures; no longer for tiles that stand."""
    shown, changes, until_s = looker.numbers(), np.zeros(tiles, np.int64), time.monotonic() + _SETTLE_S
    while changes.min() < _SETTLED and time.monotonic() < until_s:
        numbers = looker.numbers()
        changes += numbers != shown
        shown = numbers
        time.sleep(GLANCE_S)


def _cpu_s(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family)
