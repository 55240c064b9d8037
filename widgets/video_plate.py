"""Words on a tile of a wall: their size, the plate that they stand on, and the ground beside the picture."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette

from controlroom.video.signal import SignalState
from widgets.video_badge import draw_shape

PLATE_INK = QColor(0xF0, 0xF2, 0xF4)
_BACKGROUND = QColor(0, 0, 0)


def write_below(
    painter: QPainter, font: QFont, palette: QPalette, area: QRectF, shape: QRectF, forms: tuple[str, ...]
) -> None:
    """Write the first form that has room below the shape, the last one where none has."""
    inner = area.adjusted(10, 0, -10, -6)
    text = QRectF(inner.left(), shape.bottom() + 8, inner.width(), inner.bottom() - shape.bottom() - 8)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    painter.setFont(font)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    measure, bounds = QFontMetrics(font), QRect(0, 0, int(text.width()), 10_000)
    heights = ((form, measure.boundingRect(bounds, int(flags), form).height()) for form in forms)
    message = next((form for form, height in heights if height <= text.height() + 2), forms[-1])
    painter.drawText(text, int(flags), message)


def sized(font: QFont, area: QRectF, factor: float) -> QFont:
    """The font in a size that suits the tile."""
    sized = QFont(font)
    sized.setPixelSize(int(_letters(area.height()) * factor))
    return sized


def _letters(height: float) -> float:
    return min(20.0, max(11.0, height / 17))


def strip_height(height: float) -> int:
    """The strip above the picture of a tile of this height."""
    return int(_letters(height)) + 10


def fill_around(painter: QPainter, area: QRectF, target: QRectF) -> None:
    """Black beside a picture that does not fill the tile."""
    if target.top() > area.top() or target.bottom() < area.bottom():
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), target.top() - area.top()), _BACKGROUND)
        painter.fillRect(
            QRectF(area.left(), target.bottom(), area.width(), area.bottom() - target.bottom()), _BACKGROUND
        )
    if target.left() > area.left() or target.right() < area.right():
        painter.fillRect(QRectF(area.left(), area.top(), target.left() - area.left(), area.height()), _BACKGROUND)
        painter.fillRect(QRectF(target.right(), area.top(), area.right() - target.right(), area.height()), _BACKGROUND)


def paint_plate(
    painter: QPainter, font: QFont, area: QRectF, heads: tuple[str, ...], below: str, state: SignalState
) -> None:
    """A dark plate in the middle: the longest head that fits, large with the state's shape, and small what is below."""
    metrics = QFontMetrics(font)
    room = area.width() - 12 - 36 - metrics.ascent() * 0.8
    head = next((text for text in heads if metrics.horizontalAdvance(text) <= room), heads[-1])
    small = QFont(font)
    small.setPixelSize(max(10, int(font.pixelSize() * 0.7)))
    side = metrics.ascent() * 0.8
    width = min(area.width() - 12, max(metrics.horizontalAdvance(head) + side + 36, area.width() * 0.7))
    inner_width = int(width - 20)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
    extra = QFontMetrics(small).boundingRect(QRect(0, 0, inner_width, 1000), flags, below).height() + 4 if below else 0
    if metrics.height() + 14 + extra > area.height():
        below, extra = "", 0  # the tooltip says it too
    height = metrics.height() + 14 + extra
    plate = QRectF(area.center().x() - width / 2, area.center().y() - height / 2, width, height)
    painter.fillRect(plate, QColor(0, 0, 0, 190))
    text_width = metrics.horizontalAdvance(head)
    left = plate.center().x() - (text_width + side + 8) / 2
    draw_shape(painter, state, QRectF(left, plate.top() + 7 + (metrics.height() - side) / 2, side, side))
    painter.setFont(font)
    painter.setPen(PLATE_INK)
    painter.drawText(QPointF(left + side + 8, plate.top() + 7 + metrics.ascent()), head)
    if below:
        painter.setFont(small)
        painter.drawText(QRectF(plate.left() + 10, plate.bottom() - extra - 4, inner_width, extra + 4), flags, below)
