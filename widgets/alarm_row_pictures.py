"""The pictures of an alarm list's rows: each painted once per version out of pictures of its texts."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import Alarm
from widgets.severity import blend, severity_colour
from widgets.text_pieces import TextPieces

MARGIN = 6
SYMBOL = 16
_CACHED_ROWS = 300
_LINE = 0.08


@dataclass(frozen=True, slots=True)
class RowLook:
    """What the rows of one painting share: `cells` and `ticking` are columns with their left edge and width."""

    cells: tuple[tuple[AlarmColumn, int, int], ...]
    ticking: tuple[tuple[AlarmColumn, int, int], ...]
    width: int
    height: int
    offset: int
    dark: bool
    ratio: float
    today: int
    silences: int
    base: QColor
    highlight: QColor
    text: QColor
    calm: QColor
    highlighted: QColor

    @property
    def shape(self) -> tuple[object, ...]:
        """What a row's picture depends on beside its alarm."""
        return self.cells, self.width, self.height, self.dark, self.ratio, self.today, self.silences

    def colours(self, alarm: Alarm, chosen: bool) -> tuple[QColor, QColor]:
        """Of a row's letters and of its ground."""
        if chosen:
            return self.highlighted, self.highlight
        return self.text if alarm.waiting else self.calm, self.base


class RowPictures:
    """Keeps the pictures of the rows that were seen last. GUI thread only."""

    def __init__(self, model: AlarmModel, font: QFont, ratio: float) -> None:
        self._model = model
        self._rows: dict[str, tuple[tuple[int, bool], QPixmap]] = {}
        self._shape: tuple[object, ...] = ()
        self.pieces = TextPieces(font, ratio)

    def dress(self, font: QFont, ratio: float) -> None:
        """Another font or another screen: everything is painted anew."""
        self.pieces.dress(font, ratio)
        self._rows.clear()

    def forget(self) -> None:
        """Paint every row anew, out of the texts that are at hand."""
        self._rows.clear()

    def picture(self, row: int, key: str, alarm: Alarm, chosen: bool, look: RowLook) -> QPixmap:
        """The row without its symbol and what ticks."""
        state = (self._model.version(row), chosen)
        if look.shape != self._shape:
            self._shape = look.shape
            self._rows.clear()
        held = self._rows.get(key)
        if held is not None and held[0] == state:
            return held[1]
        if held is not None:
            pixmap = held[1]  # painted over: making a new one costs as much as its texts
        else:
            if len(self._rows) >= _CACHED_ROWS:
                self._rows.clear()
            pixmap = QPixmap(round(look.width * look.ratio), round(look.height * look.ratio))
            pixmap.setDevicePixelRatio(look.ratio)
        self._paint(pixmap, alarm, chosen, look)
        self._rows[key] = (state, pixmap)
        return pixmap

    def _paint(self, pixmap: QPixmap, alarm: Alarm, chosen: bool, look: RowLook) -> None:
        colour, ground = look.colours(alarm, chosen)
        pixmap.fill(ground)
        painter = QPainter(pixmap)
        # A line and no alternating grounds: one row that joins at the top would turn the ground of all others.
        painter.fillRect(0, look.height - 1, look.width, 1, blend(ground, look.text, _LINE))
        top = (look.height - self.pieces.line_height) // 2
        for column, left, wide in look.cells:
            inner, width = left + MARGIN, wide - 2 * MARGIN
            if column is AlarmColumn.SEVERITY:
                inner, width = inner + SYMBOL + MARGIN, width - SYMBOL - MARGIN
                painter.fillRect(QRectF(left, 2, 3, look.height - 4), severity_colour(alarm.severity, look.dark))
            text = self._model.text(alarm, column)
            self.pieces.draw(painter, inner, top, text, width, colour, ground, column is AlarmColumn.COUNT)
        painter.end()
