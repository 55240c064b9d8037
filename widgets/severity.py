"""How a severity looks: a colour, a shape and a word, never a colour alone."""

import enum
import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPixmapCache

from controlroom.bridge.wording import severity_colour_word, severity_word
from controlroom.domain.severity import Severity

__all__ = [
    "Symbol",
    "blend",
    "is_dark",
    "paint_symbol",
    "severity_colour",
    "severity_colour_word",
    "severity_icon",
    "severity_ink",
    "severity_pixmap",
    "severity_shape",
    "severity_word",
]

_DARK = ("#dd3048", "#f46036", "#e9c46a", "#3f88c5")
_LIGHT = ("#b81530", "#c2410c", "#a87800", "#1f5f9b")
_DARK_INKS = ("#ff7383", "#ff7a52", "#e9c46a", "#63a8e0")
_LIGHT_INKS = ("#b81530", "#b53c09", "#7f5c00", "#1f5f9b")
_DARK_PLATE, _LIGHT_PLATE = "#24272a", "#f4f4f4"
"""The base colours of the themes: a symbol on the colour of the selection would not be seen."""

_SHAPES = "◆▲■●"


class Symbol(enum.Enum):
    """How the symbol is painted: filled waits, outlined was acknowledged, flashed is the dim half of a flash."""

    FILLED = "filled"
    OUTLINED = "outlined"
    FLASHED = "flashed"


def is_dark(palette: QPalette) -> bool:
    """Whether the theme behind a palette is a dark one."""
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def blend(first: QColor, second: QColor, share: float) -> QColor:
    """The colour between two, `share` (0 to 1) of the second."""

    def between(a: float, b: float) -> float:
        return a + (b - a) * share

    return QColor.fromRgbF(
        between(first.redF(), second.redF()),
        between(first.greenF(), second.greenF()),
        between(first.blueF(), second.blueF()),
    )


def severity_colour(severity: Severity, dark: bool) -> QColor:
    """The colour of a severity, legible on the dark or the light base."""
    return QColor((_DARK if dark else _LIGHT)[severity - 1])


def severity_ink(severity: Severity, dark: bool) -> QColor:
    """The colour of words about a severity: 4.5 : 1 on every ground of a theme, where symbols need 3 : 1 (WCAG 2.2)."""
    return QColor((_DARK_INKS if dark else _LIGHT_INKS)[severity - 1])


def severity_shape(severity: Severity) -> str:
    """The shape as a character, for places that only take text."""
    return _SHAPES[severity - 1]


def _diamond(box: QRectF) -> QPainterPath:
    centre = box.center()
    path = QPainterPath(QPointF(centre.x(), box.top()))
    for x, y in ((box.right(), centre.y()), (centre.x(), box.bottom()), (box.left(), centre.y())):
        path.lineTo(x, y)
    path.closeSubpath()
    return path


def _triangle(box: QRectF) -> QPainterPath:
    path = QPainterPath(QPointF(box.center().x(), box.top()))
    low = box.top() + box.height() * 0.92
    path.lineTo(box.right(), low)
    path.lineTo(box.left(), low)
    path.closeSubpath()
    return path


def _square(box: QRectF) -> QPainterPath:
    inset = box.width() * 0.1
    path = QPainterPath()
    path.addRect(box.adjusted(inset, inset, -inset, -inset))
    return path


def _circle(box: QRectF) -> QPainterPath:
    inset = box.width() * 0.06
    path = QPainterPath()
    path.addEllipse(box.adjusted(inset, inset, -inset, -inset))
    return path


_PATHS = (_diamond, _triangle, _square, _circle)


def paint_symbol(
    painter: QPainter, rect: QRectF, severity: Severity, symbol: Symbol = Symbol.FILLED, dark: bool = True
) -> None:
    """Paint the shape of a severity centred in `rect` (the painter's units); the painter's state is kept."""
    side = min(rect.width(), rect.height()) - 2.0
    if side <= 0:
        return
    box = QRectF(0.0, 0.0, side, side)
    box.moveCenter(rect.center())
    colour = severity_colour(severity, dark)
    pen = QPen(colour, max(1.5, side / 9), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    inset = pen.widthF() / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    if symbol is Symbol.FILLED:
        painter.setBrush(colour)
    elif symbol is Symbol.FLASHED:
        painter.setOpacity(0.35)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_PATHS[severity - 1](box.adjusted(inset, inset, -inset, -inset)))
    painter.restore()


def severity_pixmap(
    severity: Severity,
    side_px: int,
    symbol: Symbol = Symbol.FILLED,
    dark: bool = True,
    ratio: float = 1.0,
    plate: bool = False,
) -> QPixmap:
    """The shape as a square picture of `side_px` logical pixels for a screen of `ratio`, from Qt's own cache.

    A `plate` of the theme's base colour lies under it where the ground is that of the selection.
    """
    key = f"severity/{int(severity)}/{side_px}/{symbol.value}/{dark}/{ratio}/{plate}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(math.ceil(side_px * ratio), math.ceil(side_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    box = QRectF(0, 0, side_px, side_px)
    if plate:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_DARK_PLATE if dark else _LIGHT_PLATE))
        painter.drawRoundedRect(box, 3, 3)
    paint_symbol(painter, box, severity, symbol, dark)
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


def severity_icon(
    severity: Severity, side_px: int, symbol: Symbol = Symbol.FILLED, dark: bool = True, ratio: float = 1.0
) -> QIcon:
    """The shape for a row of a list: as it is, and on a plate while the row is chosen."""
    icon = QIcon(severity_pixmap(severity, side_px, symbol, dark, ratio))
    icon.addPixmap(severity_pixmap(severity, side_px, symbol, dark, ratio, plate=True), QIcon.Mode.Selected)
    return icon
