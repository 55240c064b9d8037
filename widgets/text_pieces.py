"""Pictures of short texts: a list that is told anew thousands of times a second shapes each text once, not each time.

Shaping a Chinese text takes Qt some 20 µs, copying its picture one. The pictures are opaque, so that the letters keep
the smoothing that the screen has for them.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap

_MOST_BYTES = 16 * 1024**2
_OVER = 3
"""Pixels above and below a line: letters of a fallback font may be taller than the font that was asked for."""


class TextPieces:
    """Draws texts in one line out of a store of pictures, 16 MB at the most. GUI thread only."""

    def __init__(self, font: QFont, ratio: float = 1.0) -> None:
        self._held: dict[tuple[str, int, int, int], QPixmap] = {}
        self._bytes = 0
        self.dress(font, ratio)

    def dress(self, font: QFont, ratio: float) -> None:
        """Another font, or a screen with another ratio of pixels: every text is painted anew."""
        self._font, self._ratio = font, ratio
        self._metrics = QFontMetrics(font)
        self._height = self._metrics.height()
        self.forget()

    @property
    def ratio(self) -> float:
        """Pixels of the screen to a logical one, as the pictures are made for."""
        return self._ratio

    @property
    def held_bytes(self) -> int:
        """What the pictures take."""
        return self._bytes

    def forget(self) -> None:
        """Let go of every picture."""
        self._held.clear()
        self._bytes = 0

    def piece(self, text: str, width: int, colour: QColor, ground: QColor) -> QPixmap | None:
        """The picture of a text, cut with an ellipsis where it is wider than `width`; None where nothing is to see."""
        if not text or width <= 0:
            return None
        key = (text, width, colour.rgba(), ground.rgba())
        held = self._held.get(key)
        return held if held is not None else self._made(key, colour, ground)

    def _made(self, key: tuple[str, int, int, int], colour: QColor, ground: QColor) -> QPixmap | None:
        text = self._metrics.elidedText(key[0], Qt.TextElideMode.ElideRight, key[1])
        wide = min(key[1], self._metrics.horizontalAdvance(text) + 2)
        if wide <= 0:
            return None
        pixmap = QPixmap(round(wide * self._ratio), round((self._height + 2 * _OVER) * self._ratio))
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(ground)
        painter = QPainter(pixmap)
        painter.setFont(self._font)
        painter.setPen(colour)
        painter.drawText(0, _OVER + self._metrics.ascent(), text)
        painter.end()
        size = 4 * pixmap.width() * pixmap.height()
        if self._bytes + size > _MOST_BYTES:
            self.forget()
        self._bytes += size
        self._held[key] = pixmap
        return pixmap

    def draw(
        self,
        painter: QPainter,
        left: int,
        top: int,
        text: str,
        width: int,
        colour: QColor,
        ground: QColor,
        right: bool = False,
    ) -> None:
        """Draw a text at the left (or right) of `width`; `top` is where a line of the font's height begins."""
        piece = self.piece(text, width, colour, ground)
        if piece is not None:
            start = left + width - round(piece.width() / self._ratio) if right else left
            painter.drawPixmap(start, top - _OVER, piece)

    @property
    def line_height(self) -> int:
        """The height of the font's line in logical pixels."""
        return self._height
