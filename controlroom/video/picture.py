"""A picture ready to be painted, and how whoever paints gets it."""

from dataclasses import dataclass
from typing import Protocol

from controlroom.video.clip_order import Clip
from controlroom.video.past import Past, Where
from controlroom.video.share import Rank
from controlroom.video.signal import View


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels of 32 bits (blue, green, red, unused), `height` rows of `stride` bytes.

    They stay as they are until the next picture is taken from the same feed, and for ever if none is. `source_width`
    and `source_height` are those of the stream, `at_s` is the picture's place in it; `received_s` is the moment, on the
    monotonic clock, its last packet came.
    """

    width: int
    height: int
    stride: int
    pixels: memoryview
    source_width: int
    source_height: int
    at_s: float = 0.0
    received_s: float = 0.0


class Sink(Protocol):
    """Where a decoder leaves pictures; called by its thread, never waits."""

    def put(self, picture: Picture) -> None:
        """Leave a picture; an older one that still waits is dropped."""


class Feed(Protocol):
    """One tile's share of a stream. All methods return at once and are called by one thread."""

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels from now on; 0 x 0 asks for none."""

    def take(self) -> Picture | None:
        """The newest picture, None where there is none newer than the last one taken."""

    def view(self) -> View:
        """The state of the stream at this moment."""

    def wish(self, rank: Rank) -> None:
        """How much this tile matters from now on."""

    def close(self) -> None:
        """Watch no longer; the last one to do so ends the stream."""


class PastFeed(Protocol):
    """One tile's look at a camera's past. All methods return at once and are called by one thread."""

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels from now on; 0 x 0 asks for none."""

    def seek(self, at_s: float, speed: float) -> None:
        """Show this moment (seconds since 1970) and go on from it at a speed; at 0 it stands."""

    def take(self) -> Picture | None:
        """The newest picture; its `at_s` is the moment that it shows, in seconds since 1970."""

    def past(self) -> Past:
        """What was found of the moment."""

    def close(self) -> None:
        """Look no longer."""


class ClipFeed(Protocol):
    """A clip that is being written. All methods return at once."""

    def clip(self) -> Clip:
        """How far it is."""

    def close(self) -> None:
        """Cancel what is not done."""


class Recalls(Protocol):
    """Opens looks at the past."""

    def recall(self, where: Where) -> PastFeed:
        """A feed of a camera's past; what is not there is told by the feed."""


class Feeds(Recalls, Protocol):
    """Opens feeds, of now and of the past; streams of the same address are shared."""

    def watch(self, url: str, sub_url: str = "") -> Feed:
        """A feed of the camera with its main stream at `url` and a smaller one at `sub_url`, where it has both.

        What is wrong with the addresses is told by the feed's view.
        """
