"""A process that shows streams on a wall and tells what that cost, as one line of JSON on its standard output.

`python -m tests.video.playing wall SECONDS URL …`, `… threads SECONDS URL …` for a wall whose streams threads of this
process decode, `… short SECONDS URL …` for one that has longer to find out what it can afford and whose first two tiles
are must-watch; at the beginning of the time that is measured each says where its tiles' pictures lie. Or `… churn
COUNT URL …`. Costs are those of the process and of all that it started.
"""

import itertools
import os
import sys
import time
from collections.abc import Sequence

import msgspec
import psutil
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from controlroom.clock import SystemClock
from controlroom.domain.camera import Camera
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed, Picture
from controlroom.video.ring import Allotment
from controlroom.video.share import Rank
from controlroom.video.signal import View
from tests.rooms import wait_until
from widgets.video_wall import VideoWall

WARM_S = 2.5
SETTLE_S = 9.0
MUST_WATCH = 2
_PROBE_MS = 5
IDLE_THREADS = 6
"""A worker without streams has its own and those of its libraries."""


class Shown(msgspec.Struct):
    """What a wall did in its window of time."""

    platform: str
    seconds: float
    cpu_s: float
    pictures: list[int]
    first_s: list[float]
    stalls_ms: list[float]
    gaps_s: list[float] = []
    """The longest time without a new picture, for each tile."""
    late_ms: list[float] = []
    """For each picture how much later it was taken than the promptest one of its stream, by the stream's own time."""
    depths: list[int] = []
    """What each tile got at the end (`load.Depth`)."""


class Churned(msgspec.Struct):
    """Resident memory before and after so many connections, in bytes."""

    count: int
    before: int
    after: int


class CountedFeed:
    """Passes everything through and counts the pictures that are taken."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.seen = feed.view()
        self._began_s = time.monotonic()
        self.count = 0
        self.first_s = float("inf")
        self.taken: list[tuple[float, float]] = []

    def want(self, width_px: int, height_px: int) -> None:
        self._feed.want(width_px, height_px)

    def take(self) -> Picture | None:
        picture = self._feed.take()
        if picture is not None:
            self.count += 1
            now_s = time.monotonic()
            self.first_s = min(self.first_s, now_s - self._began_s)
            self.taken.append((now_s, picture.at_s))
        return picture

    def view(self) -> View:
        self.seen = self._feed.view()
        return self.seen

    def gap_s(self, began_s: float, ended_s: float) -> float:
        """The longest time without a new picture between two moments."""
        moments = [began_s, *(at_s for at_s, _stream_s in self.taken if began_s <= at_s <= ended_s), ended_s]
        return max(b - a for a, b in itertools.pairwise(moments))

    def late_ms(self, began_s: float, ended_s: float) -> list[float]:
        """How late the pictures between two moments were."""
        behind = [(at_s, at_s - stream_s) for at_s, stream_s in self.taken]
        least_s = min((late_s for _at_s, late_s in behind), default=0.0)
        return [round((late_s - least_s) * 1000, 1) for at_s, late_s in behind if began_s <= at_s <= ended_s]

    def wish(self, rank: Rank) -> None:
        self._feed.wish(rank)

    def close(self) -> None:
        self._feed.close()


class CountedFeeds:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.feeds: list[CountedFeed] = []

    def watch(self, url: str, sub_url: str = "") -> Feed:
        self.feeds.append(CountedFeed(self._fleet.watch(url, sub_url)))
        return self.feeds[-1]


def cpu_s() -> float:
    """What this process and its children used so far."""
    children = psutil.Process().children(recursive=True)
    return time.process_time() + sum(sum(child.cpu_times()[:2]) for child in children)


def play(seconds: float, urls: Sequence[str], engine: Engine, warm_s: float = WARM_S, must_watch: int = 0) -> Shown:
    """Show the streams for a while on a wall of 1920 x 1080."""
    app = QApplication(["playing"])
    fleet = Fleet(SystemClock(), engine=engine)
    fleet.start()
    feeds = CountedFeeds(fleet)
    wall = VideoWall(feeds)
    wall.setWindowFlags(Qt.WindowType.FramelessWindowHint)
    wall.setGeometry(0, 0, 1920, 1080)
    wall.set_cameras([Camera(id=url, name=f"黄村西大街 {k}", url=url) for k, url in enumerate(urls)])
    wall.show_tiles(urls, round(len(urls) ** 0.5))
    for url in urls[:must_watch]:
        wall.mark(url, True)
    wall.show()
    stalls_ms: list[float] = []
    marks: list[tuple[float, float, list[int]]] = []
    last_s = time.monotonic()

    def probe() -> None:
        nonlocal last_s
        now_s = time.monotonic()
        if len(marks) == 1:
            stalls_ms.append(max(0.0, (now_s - last_s) * 1000 - _PROBE_MS))
        last_s = now_s

    def mark() -> None:
        if not marks:
            rects = [wall.picture_rect(k).getRect() for k in range(len(urls))]
            sys.stdout.buffer.write(msgspec.json.encode(rects) + b"\n")
            sys.stdout.buffer.flush()
        marks.append((time.monotonic(), cpu_s(), [feed.count for feed in feeds.feeds]))
        if len(marks) == 2:
            app.quit()

    timer = QTimer(interval=_PROBE_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(probe)
    timer.start()
    QTimer.singleShot(int(warm_s * 1000), mark)
    QTimer.singleShot(int((warm_s + seconds) * 1000), mark)
    app.exec()
    depths = [int(feed.seen.share.depth) for feed in feeds.feeds]
    wall.release()
    fleet.close()
    (began_s, began_cpu_s, before), (ended_s, ended_cpu_s, after) = marks
    return Shown(
        platform=app.platformName(),
        seconds=ended_s - began_s,
        cpu_s=ended_cpu_s - began_cpu_s,
        pictures=[b - a for a, b in zip(before, after, strict=True)],
        first_s=[feed.first_s for feed in feeds.feeds],
        stalls_ms=stalls_ms,
        gaps_s=[feed.gap_s(began_s, ended_s) for feed in feeds.feeds],
        late_ms=[late for feed in feeds.feeds for late in feed.late_ms(began_s, ended_s)],
        depths=depths,
    )


def churn(count: int, urls: Sequence[str]) -> Churned:
    """Open each stream up to its first picture and leave it, `count` connections in all after as many to warm up.

    Nothing is kept for instant replay, which has a bound of its own, and no stream is open when memory is weighed.
    """
    fleet = Fleet(SystemClock(), allotment=Allotment(0, 0, 0.0))
    fleet.start()
    memory: list[int] = []
    for _phase in range(2):
        for _round in range(max(1, count // len(urls))):
            feeds = [fleet.watch(url) for url in urls]
            for feed in feeds:
                feed.want(480, 270)
            missing = list(feeds)

            def all_came(missing: list[Feed] = missing) -> bool:
                missing[:] = [feed for feed in missing if feed.take() is None]
                return not missing

            wait_until(all_came, 30.0)
            for feed in feeds:
                feed.close()
        workers = psutil.Process().children(recursive=True)
        wait_until(lambda workers=workers: all(one.num_threads() <= IDLE_THREADS for one in workers), 30.0)  # type: ignore[misc]
        family = [psutil.Process(), *workers]
        memory.append(sum(process.memory_info().rss for process in family))
    fleet.close()
    return Churned(max(1, count // len(urls)) * len(urls), *memory)


if __name__ == "__main__":
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    what, amount, addresses = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    told: object
    if what == "churn":
        told = churn(int(amount), addresses)
    elif what == "short":
        told = play(amount, addresses, Engine.PROCESSES, SETTLE_S, MUST_WATCH)
    else:
        told = play(amount, addresses, Engine.THREADS if what == "threads" else Engine.PROCESSES)
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
