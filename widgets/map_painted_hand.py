"""The hand on the simple map: what it drags, chooses by box and draws as a polygon."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from controlroom.mapping.choosing import MOST_CORNERS, Place, box

_LEAST_PX = 5.0
_INK = "#62d0c8"


class AreaHand:
    """A box by Shift and a drag, or a polygon of clicked corners. `degrees` tells the place of a pixel."""

    def __init__(self, degrees: Callable[[QPointF], Place], chosen: Callable[[list[Place]], object]) -> None:
        self._degrees = degrees
        self._chosen = chosen
        self._from: QPointF | None = None
        self._to = QPointF()
        self.corners: list[Place] | None = None
        """The corners so far; None while no polygon is drawn."""

    @property
    def busy(self) -> bool:
        """Whether a box or a polygon is being drawn."""
        return self._from is not None or self.corners is not None

    def begin(self, wanted: bool) -> None:
        """Draw a polygon, or give it up."""
        self.corners = [] if wanted else None

    def pressed(self, event: QMouseEvent) -> bool:
        """Whether the press belongs to the hand and moves nothing."""
        left = event.button() is Qt.MouseButton.LeftButton
        if left and self.corners is not None:
            if len(self.corners) < MOST_CORNERS:
                self.corners.append(self._degrees(event.position()))
            return True
        if left and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._from = self._to = event.position()
            return True
        return False

    def moved(self, event: QMouseEvent) -> bool:
        """Whether there is something to draw anew."""
        self._to = event.position()
        return self.busy

    def released(self) -> bool:
        """Whether the release ended a box, or belongs to a polygon."""
        start, self._from = self._from, None
        if start is not None and (self._to - start).manhattanLength() >= _LEAST_PX:
            self._chosen(list(box(self._degrees(start), self._degrees(self._to))))
        return start is not None or self.corners is not None

    def finish(self) -> None:
        """The polygon is whole; fewer than three corners are none."""
        corners, self.corners = self.corners or [], None
        self._chosen(corners if len(corners) > 2 else [])

    def key(self, event: QKeyEvent, middle: QPointF) -> bool:
        """Whether the key belongs to the polygon."""
        if self.corners is None:
            return False
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        elif key == Qt.Key.Key_Escape:
            self.corners = None
            self._chosen([])
        elif key == Qt.Key.Key_Backspace:
            del self.corners[-1:]
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Insert):
            self.corners.append(self._degrees(middle))
        else:
            return False
        return True

    def draw(self, painter: QPainter, pixel: Callable[[Place], QPointF]) -> None:
        """The box or the polygon as it is now."""
        if not self.busy:
            return
        painter.setPen(QPen(QColor(_INK), 2, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(98, 208, 200, 40))
        if self._from is not None:
            painter.drawRect(QRectF(self._from, self._to).normalized())
        if self.corners is not None:
            painter.drawPolygon(QPolygonF([*(pixel(corner) for corner in self.corners), self._to]))
