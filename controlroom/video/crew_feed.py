"""What the process that shows pictures knows of a stream that another one decodes, and of the tiles that show it."""

from typing import Protocol

from controlroom.video import facts
from controlroom.video.address import Address
from controlroom.video.clip_order import Clip, ClipOrder
from controlroom.video.exchange import Reader
from controlroom.video.facts import FactsReader
from controlroom.video.fault import Trouble
from controlroom.video.load import Depth
from controlroom.video.member import Member
from controlroom.video.orders import Cut, Open, Recall, Seek, Thin
from controlroom.video.past import Past, Where
from controlroom.video.picture import Picture
from controlroom.video.scaler import LARGEST_PX
from controlroom.video.segment import mapped
from controlroom.video.signal import OFF, Signal, View, orphaned


class Keeper(Protocol):
    """What a feed asks of the crew."""

    def show(self, feed: "CrewFeed") -> None:
        """Have a feed's pictures made in the size it wants now."""

    def switch(self, feed: "CrewFeed", reader: Reader) -> None:
        """The first picture of a new size came: the old exchange is done."""

    def look(self, signal: Signal) -> View:
        """How a stream with these facts stands now."""

    def doubted(self, view: View, newest_s: float | None) -> View:
        """A live stream as a tile may show it whose newest picture came at `newest_s`."""

    def thin(self, feed: "CrewFeed", depth: Depth, is_first: bool) -> None:
        """Have so much of the feed's stream decoded."""

    def seek(self, stream: "CrewRecall", at_s: float, speed: float) -> None:
        """Have a moment of the past shown."""

    def release(self, feed: "CrewFeed") -> None:
        """Take a tile from a stream; the last one ends it."""


class CrewStream:
    """What the crew knows of one stream."""

    def __init__(self, number: int, name: str, address: Address, member: Member, signal: Signal) -> None:
        self.number = number
        self.name = name
        self.address = address
        self.member = member
        self.feeds: dict[int, CrewFeed] = {}
        self._depth = Depth.FULL
        self._is_first = False
        self._signal = signal
        self._facts: FactsReader | None = None

    @property
    def signal(self) -> Signal:
        """The newest facts."""
        held = self._facts
        return self._signal if held is None else held.read()

    def open(self) -> None:
        """Have the member open it. Raises OSError."""
        descriptor = facts.created()
        signal = self.signal
        self._facts = FactsReader(mapped(descriptor), signal)
        self.member.send(self.order(signal), descriptor)
        if self._depth is not Depth.FULL or self._is_first:
            self.member.send(Thin(self.number, self._depth, self._is_first))

    def order(self, signal: Signal) -> Open | Recall | Cut:
        """What the member is told to begin."""
        return Open(self.number, self.name, self.address.url, signal)

    def thin(self, depth: Depth, is_first: bool) -> None:
        """Have so much of it decoded."""
        if depth is not self._depth or is_first is not self._is_first:
            self._depth, self._is_first = depth, is_first
            self.member.send(Thin(self.number, depth, is_first))

    def orphan(self, now_s: float, trouble: Trouble | None) -> None:
        """The member is gone."""
        self._signal = orphaned(self.signal, now_s, trouble)
        self._facts = None


class CrewRecall(CrewStream):
    """A look at a camera's past in another process; `address` only tells where its ring is."""

    def __init__(self, number: int, name: str, address: Address, member: Member, signal: Signal, where: Where) -> None:
        super().__init__(number, name, address, member, signal)
        self._where = where
        self._sought: tuple[float, float] | None = None

    def order(self, signal: Signal) -> Open | Recall | Cut:
        """What the member is told to begin."""
        return Recall(self.number, self.name, self._where, signal)

    def open(self) -> None:
        """Have the member begin. Raises OSError."""
        super().open()
        if self._sought is not None:
            self.member.send(Seek(self.number, *self._sought))

    def seek(self, at_s: float, speed: float) -> None:
        """Have a moment shown."""
        self._sought = at_s, speed
        self.member.send(Seek(self.number, at_s, speed))


class CrewClip(CrewStream):
    """A clip that another process writes."""

    def __init__(
        self, number: int, name: str, address: Address, member: Member, signal: Signal, clip: ClipOrder
    ) -> None:
        super().__init__(number, name, address, member, signal)
        self._clip = clip

    def order(self, signal: Signal) -> Open | Recall | Cut:
        """What the member is told to begin."""
        return Cut(self.number, self.name, self._clip, signal)


class CrewFeed:
    """A tile's share of a stream that another process decodes (a `picture.Feed`)."""

    def __init__(self, crew: Keeper, stream: CrewStream, number: int) -> None:
        self._crew = crew
        self.stream = stream
        self.number = number
        self.box = (0, 0)
        self.is_closed = False
        self.reader: Reader | None = None
        self.upcoming: Reader | None = None

    @property
    def replaced(self) -> int:
        """Pictures that were dropped because a newer one came before they were taken."""
        return 0 if self.reader is None else self.reader.replaced

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels; 0 x 0 asks for none."""
        box = (min(max(0, width_px), LARGEST_PX), min(max(0, height_px), LARGEST_PX))
        box = box if min(box) > 0 else (0, 0)
        if box != self.box and not self.is_closed:
            self.box = box
            self._crew.show(self)

    def take(self) -> Picture | None:
        """The newest picture that was not taken yet."""
        upcoming = self.upcoming
        if upcoming is not None:
            picture = upcoming.take()
            if picture is not None:
                self._crew.switch(self, upcoming)
                return picture
        return None if self.reader is None else self.reader.take()

    def view(self) -> View:
        """The state at this moment. Facts alone make nothing live: a picture of this tile's must have come."""
        if self.is_closed:
            return OFF
        view = self._crew.look(self.stream.signal)
        return self._crew.doubted(view, self._newest_s()) if view.is_moving and self.box[0] > 0 else view

    @property
    def signal(self) -> Signal:
        """The newest facts of the stream."""
        return self.stream.signal

    def thin(self, depth: Depth, is_first: bool = False) -> None:
        """Decode so much of the stream, for all of its tiles."""
        if not self.is_closed:
            self._crew.thin(self, depth, is_first)

    def close(self) -> None:
        """Watch no longer."""
        if not self.is_closed:
            self.is_closed = True
            self._crew.release(self)

    def _newest_s(self) -> float | None:
        moments = [reader.newest_s() for reader in (self.reader, self.upcoming) if reader is not None]
        return max((moment for moment in moments if moment is not None), default=None)


class CrewPastFeed(CrewFeed):
    """A tile's look at a camera's past in another process (a `picture.PastFeed`)."""

    def __init__(self, crew: Keeper, stream: CrewRecall, number: int) -> None:
        super().__init__(crew, stream, number)
        self._recall = stream

    def seek(self, at_s: float, speed: float) -> None:
        """Show this moment (seconds since 1970) and go on from it at a speed."""
        if not self.is_closed:
            self._crew.seek(self._recall, at_s, speed)

    def past(self) -> Past:
        """What was found of the moment; nothing yet where the process is just replaced."""
        signal = self.stream.signal
        return Past() if signal.past is None or signal.lost_s is not None else signal.past


class CrewClipFeed(CrewFeed):
    """How far a clip is that another process writes (a `picture.ClipFeed`)."""

    def clip(self) -> Clip:
        """How far it is."""
        return self.stream.signal.clip or Clip()
