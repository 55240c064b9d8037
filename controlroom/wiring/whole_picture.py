"""The picture of a tile as large as the stream has it: tiles hold pictures of their own size only."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from controlroom.clock import Clock
from controlroom.video.past import PastState, Where
from controlroom.video.picture import Recalls

WITHIN_S = 2.0
"""An officer waits for a snapshot no longer; then the tile's own picture is kept."""

NEAR_S = 0.5
"""A picture that is further from the moment is another one."""

_LOOK_MS = 20
_LACKING = (PastState.NOTHING, PastState.FAILED)
_PROBE_PX = 64

Found = Callable[[QImage | None, datetime | None], None]
"""Hears the whole picture and its own time, or None twice."""


class WholePicture(QObject):
    """Looks one moment of a camera up in what is kept of its stream; `found` is called once. Ends with its parent."""

    def __init__(self, feeds: Recalls, where: Where, at: datetime, clock: Clock, found: Found, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feeds.recall(where)
        self._at_s = at.timestamp()
        self._clock = clock
        self._found = found
        self._until_s = clock.monotonic() + WITHIN_S
        self._size: tuple[int, int] | None = None
        self._feed.want(_PROBE_PX, _PROBE_PX)
        self._feed.seek(self._at_s, 0.0)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Take what has come; the first picture tells how large the stream is."""
        picture = self._feed.take()
        if picture is not None and abs(picture.at_s - self._at_s) <= NEAR_S:
            if self._size is None:
                self._size = picture.source_width, picture.source_height
                self._feed.want(*self._size)
                self._feed.seek(self._at_s, 0.0)
            elif picture.width > _PROBE_PX:
                form = QImage.Format.Format_RGB32
                image = QImage(picture.pixels, picture.width, picture.height, picture.stride, form).copy()
                self._end(image, datetime.fromtimestamp(picture.at_s, UTC))
                return
        if self._clock.monotonic() >= self._until_s or self._feed.past().state in _LACKING:
            self._end(None, None)

    def _end(self, image: QImage | None, at: datetime | None) -> None:
        self._timer.stop()
        self._feed.close()
        self.deleteLater()
        self._found(image, at)
