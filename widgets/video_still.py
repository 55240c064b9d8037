"""Pictures to be kept: with the camera's name, the picture's time and its age burnt in."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from controlroom.domain.camera import Camera
from controlroom.i18n import _
from controlroom.video.clip_order import GLYPHS, Stamp
from widgets.age import age_text

_INK = QColor(0xF0, 0xF2, 0xF4)
_GROUND = QColor(0x10, 0x12, 0x14)
_MOST_LABEL_PX = 900
_LETTERS_PX = 20


@dataclass(frozen=True)
class Still:
    """A picture of a tile. `shown_at` is the past moment that it shows, None of a live one, which is `age_s` old."""

    camera: Camera
    image: QImage
    shown_at: datetime | None
    age_s: float
    is_moving: bool


def burnt_in(still: Still, at: datetime, now: datetime, zone: tzinfo) -> QImage:
    """The picture with a strip below it: name, the picture's own time, and how old it was when it was kept."""
    told = _("{name} · {time} · {state}").format(
        name=still.camera.name,
        time=f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}.{at.microsecond // 100000}",
        state=_state(still, at, now),
    )
    width = max(still.image.width(), 320)
    font = _font(min(_LETTERS_PX, max(11, still.image.height() // 18)))
    metrics = QFontMetricsF(font)
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
    needed = metrics.boundingRect(QRectF(0, 0, width - 12, 1000), flags, told)
    strip = int(needed.height()) + 8
    made = QImage(width, still.image.height() + strip, QImage.Format.Format_RGB32)
    made.fill(_GROUND)
    painter = QPainter(made)
    painter.drawImage(0, 0, still.image)
    painter.setFont(font)
    painter.setPen(_INK)
    painter.drawText(QRectF(6, still.image.height() + 4, width - 12, strip), flags, told)
    painter.end()
    return made


def stamp(label: str) -> Stamp:
    """A line of text and the signs of a running time as grey pictures, for whoever has no fonts."""
    font = _font(_LETTERS_PX)
    metrics = QFontMetricsF(font)
    height = int(metrics.height()) + 6
    wide = (int(min(_MOST_LABEL_PX, metrics.horizontalAdvance(label))) + 12) & ~1
    cell = (int(max(metrics.horizontalAdvance(sign) for sign in GLYPHS)) + 3) & ~1
    glyphs = b"".join(_row_wise([_drawn(sign, cell, height, font) for sign in GLYPHS], cell, height))
    return Stamp(height, wide, _drawn(label, wide, height, font, 6.0), cell, glyphs)


def _row_wise(cells: list[bytes], cell: int, height: int) -> list[bytes]:
    return [drawn[row * cell : (row + 1) * cell] for row in range(height) for drawn in cells]


def _drawn(text: str, width: int, height: int, font: QFont, left: float = 1.0) -> bytes:
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(QPointF(left, QFontMetricsF(font).ascent() + 3), text)
    painter.end()
    data, stride = bytes(image.constBits()), image.bytesPerLine()
    return b"".join(data[row * stride : row * stride + width] for row in range(height))


def _font(pixels: int) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    return font


def _state(still: Still, at: datetime, now: datetime) -> str:
    age = age_text(max(0.0, (now - at).total_seconds()))
    if still.shown_at is not None:
        return _("not live, {age}").format(age=age)
    return _("live, {age}").format(age=age) if still.is_moving else _("frozen, {age}").format(age=age)
