"""Feeds that do what the test says, and how a wall of them is looked at."""

from collections.abc import Callable

from PySide6.QtGui import QColor, QImage

from controlroom.domain.camera import Camera
from controlroom.video.past import Past, PastState, Where
from controlroom.video.picture import Feed, PastFeed, Picture
from controlroom.video.share import Rank
from controlroom.video.signal import SignalState, View
from widgets.video_wall import VideoWall

RED = bytes((40, 40, 220, 255))


class ToldFeed:
    """A feed whose pictures and state the test sets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.size = (0, 0)
        self.told = View(SignalState.CONNECTING)
        self.waiting: Picture | None = None
        self.is_closed = False
        self.looks = 0
        self.rank = Rank.ORDINARY
        self.sub_url = ""

    def show(self, pixel: bytes = RED, size: tuple[int, int] | None = None, age_s: float = 0.0) -> None:
        width, height = size or self.size
        self.waiting = Picture(width, height, width * 4, memoryview(pixel * (width * height)), width, height)
        self.told = View(SignalState.LIVE, age_s)

    def want(self, width_px: int, height_px: int) -> None:
        self.size = (width_px, height_px)

    def take(self) -> Picture | None:
        self.looks += 1
        picture, self.waiting = self.waiting, None
        return picture

    def view(self) -> View:
        return self.told

    def wish(self, rank: Rank) -> None:
        self.rank = rank

    def close(self) -> None:
        self.is_closed = True


class ToldPast:
    """A look at the past whose pictures and findings the test sets."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.size = (0, 0)
        self.told = Past()
        self.waiting: Picture | None = None
        self.sought: list[tuple[float, float]] = []
        self.is_closed = False

    def show(self, at_s: float, pixel: bytes = RED) -> None:
        width, height = self.size
        pixels = memoryview(pixel * (width * height))
        self.waiting = Picture(width, height, width * 4, pixels, width, height, at_s)
        self.told = Past(PastState.SHOWN, self.sought[-1][0], at_s, None, "ring")

    def want(self, width_px: int, height_px: int) -> None:
        self.size = (width_px, height_px)

    def seek(self, at_s: float, speed: float) -> None:
        self.sought.append((at_s, speed))

    def take(self) -> Picture | None:
        picture, self.waiting = self.waiting, None
        return picture

    def past(self) -> Past:
        return self.told

    def close(self) -> None:
        self.is_closed = True


class ToldFeeds:
    def __init__(self) -> None:
        self.open: dict[str, list[ToldFeed]] = {}
        self.looks: dict[str, list[ToldPast]] = {}

    def recall(self, where: Where) -> PastFeed:
        self.looks.setdefault(where.camera, []).append(ToldPast(where))
        return self.looks[where.camera][-1]

    def then(self, camera: str) -> ToldPast:
        return self.looks[camera][-1]

    def watch(self, url: str, sub_url: str = "") -> Feed:
        self.open.setdefault(url, []).append(ToldFeed(url))
        self.open[url][-1].sub_url = sub_url
        return self.open[url][-1]

    def of(self, camera: str) -> ToldFeed:
        return self.open[f"rtsp://h/{camera}"][-1]


CAMERAS = [Camera(id=name, name=f"黄村西大街 {name}", url=f"rtsp://h/{name}") for name in "abcdefghi"]


def drawn(wall: VideoWall, index: int) -> QImage:
    return wall.grab(wall.tile_rect(index)).toImage()


def colours(image: QImage) -> list[QColor]:
    """A coarse sample below the strip."""
    return [image.pixelColor(x, y) for y in range(60, image.height() - 8, 9) for x in range(8, image.width() - 8, 9)]


def share(image: QImage, test: Callable[[QColor], bool]) -> float:
    found = colours(image)
    return sum(map(test, found)) / len(found)


def is_red(colour: QColor) -> bool:
    return colour.red() > 180 and colour.green() < 80


def shows(wall: VideoWall, index: int, state: SignalState) -> Callable[[], bool]:
    return lambda: wall.views()[index].state is state
