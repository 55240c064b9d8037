"""The small signs of legends: a shape and a colour, drawn alike in trees, legends and cards."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPaintEvent, QPalette, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from controlroom.bridge.raw_text import harmless
from controlroom.mapping.layer_tree import LegendLine

SIDE_PX = 18
_MOST_LINES = 24
_LONGEST = 80
_CORNERS = {
    "square": ((-5, -5), (5, -5), (5, 5), (-5, 5)),
    "frame": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
    "triangle": ((0, -6), (6, 5), (-6, 5)),
    "diamond": ((0, -7), (7, 0), (0, 7), (-7, 0)),
    "pentagon": ((0, -7), (7, -2), (4, 6), (-4, 6), (-7, -2)),
    "hexagon": ((0, -7), (6, -3.5), (6, 3.5), (0, 7), (-6, 3.5), (-6, -3.5)),
    "house": ((0, -7), (6, -1), (6, 6), (-6, 6), (-6, -1)),
    "arrow": ((0, -7), (5, 6), (0, 3), (-5, 6)),
    "flag": ((-6, 8), (-6, -8), (7, -8), (4, -4), (7, 0), (-5, 0), (-5, 8)),
    "open arrow": ((0, -7), (5, 6), (0, 3), (-5, 6)),
}
_MARKED = ("pentagon", "hexagon", "house")
"""Shapes that may be open, struck or dotted."""
_CAMERA = ((-7, -4), (2, -4), (2, -1), (7, -4), (7, 4), (2, 1), (2, 4), (-7, 4))


def draw_symbol(painter: QPainter, line: LegendLine, at: QPointF, edge: QColor) -> None:
    """One sign around a point, within SIDE_PX; an unknown shape is a circle."""
    colour = QColor(line.colour)
    mark, _space, inner = line.shape.partition(" ")
    mark = mark if inner in _MARKED else ""
    shape = inner if mark else line.shape
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at)
    hollow = mark == "open" or shape in ("ring", "frame", "open arrow", "open camera", "line", "dashes")
    painter.setPen(QPen(colour if hollow or shape == "area" else edge, 1.6 if hollow else 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
    if shape in ("line", "dashes"):
        style = Qt.PenStyle.SolidLine if shape == "line" else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, 2.2, style))
        painter.drawLine(QPointF(-8, 3), QPointF(8, -3))
    elif shape == "area":
        colour.setAlphaF(0.4)
        painter.setBrush(colour)
        painter.drawRect(QRectF(-8, -5, 16, 10))
    elif shape in _CORNERS:
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _CORNERS[shape]]))
        if mark == "struck":
            painter.setPen(QPen(edge, 1.8))
            painter.drawLine(QPointF(-6, 6), QPointF(6, -6))
        elif mark == "dotted":
            painter.setBrush(edge)
            painter.drawEllipse(QPointF(0, 0), 2, 2)
    elif shape in ("camera", "open camera", "struck"):
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _CAMERA]))
        if shape == "struck":
            painter.setPen(QPen(edge, 2.0))
            painter.drawLine(QPointF(-6, 6), QPointF(6, -6))
    else:
        painter.drawEllipse(QPointF(0, 0), 4 if shape == "ring" else 5, 4 if shape == "ring" else 5)
    painter.restore()


def symbol_icon(line: LegendLine, palette: QPalette, ratio: float = 1.0) -> QIcon:
    """A sign as the icon of a row."""
    picture = QPixmap(QSize(SIDE_PX, SIDE_PX) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_symbol(painter, line, QPointF(SIDE_PX / 2, SIDE_PX / 2), palette.color(QPalette.ColorRole.WindowText))
    painter.end()
    return QIcon(picture)


class Legend(QWidget):
    """The lines of a legend below each other: sign and words; more than fit are counted in words by the caller."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[LegendLine, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: tuple[LegendLine, ...]) -> None:
        """Show these lines."""
        self._lines = tuple(
            LegendLine(line.shape, line.colour, harmless(line.label)[:_LONGEST]) for line in lines[:_MOST_LINES]
        )
        self.setAccessibleDescription("\n".join(line.label for line in self._lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One row for each line."""
        return QSize(160, self._row() * len(self._lines))

    def minimumSizeHint(self) -> QSize:
        """Narrow panels cut the words."""
        return QSize(80, self._row() * len(self._lines))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the lines."""
        painter = QPainter(self)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        row, metrics = self._row(), QFontMetrics(self.font())
        for k, line in enumerate(self._lines):
            middle = k * row + row / 2
            draw_symbol(painter, line, QPointF(SIDE_PX / 2 + 2, middle), ink)
            painter.setPen(ink)
            room = self.width() - SIDE_PX - 12
            words = metrics.elidedText(line.label, Qt.TextElideMode.ElideRight, room)
            box = QRectF(SIDE_PX + 8, k * row, room, row)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

    def _row(self) -> int:
        return max(SIDE_PX + 2, QFontMetrics(self.font()).height() + 3)
