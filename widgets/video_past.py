"""What a tile shows while it looks at the past: the picture of that moment with its own time, or why there is none."""

from datetime import UTC, datetime

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from controlroom.domain.camera import Camera
from controlroom.i18n import _
from controlroom.video.past import Past, PastState, Where
from controlroom.video.picture import PastFeed, Picture, Recalls
from controlroom.video.shot import GAP_S

PAST = QColor(0x6C, 0x5B, 0xA7)
"""The colour of another time than the present, as everywhere in the room; white reads on it."""
PAST_INK = QColor(0xFF, 0xFF, 0xFF)

_FAST = 0.6
"""At a high speed the pictures may be so many seconds of ours behind."""


class PastTile:
    """A look at one camera's past. It owns the feed that it opens; times are aware, in the zone that is shown."""

    def __init__(self, recalls: Recalls) -> None:
        self._recalls = recalls
        self._feed: PastFeed | None = None
        self._where = Where()
        self._picture: Picture | None = None
        self._speed = 0.0
        self.at = datetime.fromtimestamp(0, UTC)
        self.past = Past()
        self.image: QImage | None = None

    def open(self, where: Where) -> None:
        """Look at this camera; the same one goes on undisturbed."""
        if self._feed is not None and where == self._where:
            return
        self.close()
        self._where = where
        self._feed = self._recalls.recall(where)
        self._feed.seek(self.at.timestamp(), self._speed)

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels."""
        if self._feed is not None:
            self._feed.want(width_px, height_px)

    def seek(self, at: datetime, speed: float) -> None:
        """Show this moment and go on from it at a speed."""
        self.at, self._speed = at, speed
        if self._feed is not None:
            self._feed.seek(at.timestamp(), speed)

    def close(self) -> None:
        """Let go of the feed and its picture."""
        if self._feed is not None:
            self._feed.close()
        self._feed = self._picture = self.image = None
        self._where, self.past = Where(), Past()

    def take(self) -> tuple[object, ...]:
        """Take the newest picture and what was found; gives what is seen of it, to be compared."""
        if self._feed is None:
            return ()
        picture = self._feed.take()
        if picture is not None:  # the image only points into the picture, which therefore is kept beside it
            form = QImage.Format.Format_RGB32
            self._picture = picture
            self.image = QImage(picture.pixels, picture.width, picture.height, picture.stride, form)
        self.past = self._feed.past()
        return (self._picture, self.past.state, self.past.trouble, self.has_picture, self.badge())

    @property
    def shown_at(self) -> datetime | None:
        """The moment that the picture shows, None where there is none for the moment that is looked at."""
        return None if not self.has_picture or self._picture is None else self._time(self._picture.at_s)

    @property
    def has_picture(self) -> bool:
        """Whether the picture is one of the moment that is looked at; another one is never shown under its time."""
        picture = self._picture
        if picture is None or self.past.state in (PastState.NOTHING, PastState.FAILED):
            return False
        leeway_s = GAP_S + _FAST * max(1.0, self._speed)
        return abs(self.at.timestamp() - picture.at_s) <= leeway_s

    def badge(self) -> str:
        """That it is not live, and the picture's own time, short: the day is in the notice above and in `sentence`."""
        return _("Not live · {time}").format(time=f"{self.shown_at or self.at:%H:%M:%S}")

    def badges(self) -> tuple[str, ...]:
        """The badge from its longest form to nothing but the clock beside it."""
        return self.badge(), f"{self.shown_at or self.at:%H:%M:%S}", ""

    def sentence(self) -> str:
        """That it is not live, the picture's own time to a tenth of a second, and where it comes from."""
        shown = self.shown_at
        if shown is None:
            return _("Not live · {time}").format(time=f"{self.at:%m-%d %H:%M:%S}")
        time = f"{shown:%m-%d %H:%M:%S}.{shown.microsecond // 100000}"
        origin = origin_word(self.past.origin)
        return _("Not live · picture of {time} · {origin}").format(time=time, origin=origin)

    def message(self, camera: Camera | None, camera_id: str) -> str:
        """Why there is no picture."""
        if camera is None:
            return _("The camera {id} is not known here").format(id=camera_id)
        when = f"{self.at:%m-%d %H:%M:%S}"
        match self.past.state:
            case PastState.NOTHING:
                return _("No recording of {time}").format(time=when)
            case PastState.FAILED if self.past.trouble is not None:
                return _("The recording of {time} cannot be shown: {reason}").format(
                    time=when, reason=self.past.trouble.sentence
                )
            case _:
                return _("Looking for {time}…").format(time=when)

    def _time(self, at_s: float) -> datetime:
        return datetime.fromtimestamp(at_s, self.at.tzinfo)


def origin_word(origin: str) -> str:
    """Where a past picture comes from, in a word."""
    match origin:
        case "ring":
            return _("instant replay")
        case "platform":
            return _("platform recording")
        case _:
            return _("recording")


def draw_clock(painter: QPainter, box: QRectF) -> None:
    """The shape of the past: a clock's face whose hands point back."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(PAST_INK, max(1.5, box.width() / 8)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    hands = QPainterPath(QPointF(box.center().x(), box.top() + box.height() * 0.22))
    hands.lineTo(box.center())
    hands.lineTo(QPointF(box.left() + box.width() * 0.26, box.center().y()))
    painter.drawPath(hands)
    painter.restore()
