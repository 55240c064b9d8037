"""The transparent pane over a picture: keys, wheel and pointer move the camera, or enlarge what it shows."""

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from controlroom.i18n import _

RENEW_MS = 150
"""A movement is told anew so often: four times within the dead man's time."""
WHEEL_MS = 200
"""So long one step of the wheel zooms."""
SPEEDS = (0.08, 0.2, 0.4, 0.7, 1.0)
_DRAG_PX = 6
_TURNS = {
    Qt.Key.Key_Left: (-1.0, 0.0, 0.0, 0.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0, 0.0, 0.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0, 0.0, 0.0, 0.0),
    Qt.Key.Key_Down: (0.0, -1.0, 0.0, 0.0, 0.0),
    Qt.Key.Key_Plus: (0.0, 0.0, 1.0, 0.0, 0.0),
    Qt.Key.Key_Equal: (0.0, 0.0, 1.0, 0.0, 0.0),
    Qt.Key.Key_Minus: (0.0, 0.0, -1.0, 0.0, 0.0),
    Qt.Key.Key_PageUp: (0.0, 0.0, 0.0, 1.0, 0.0),
    Qt.Key.Key_PageDown: (0.0, 0.0, 0.0, -1.0, 0.0),
    Qt.Key.Key_Period: (0.0, 0.0, 0.0, 0.0, 1.0),
    Qt.Key.Key_Comma: (0.0, 0.0, 0.0, 0.0, -1.0),
}
_INK = QColor(0xF0, 0xF2, 0xF4)
_DARK = QColor(0, 0, 0, 160)
STILL = (0.0, 0.0, 0.0, 0.0, 0.0)
Turn = tuple[float, float, float, float, float]
"""Right, up, nearer, far focus and an open iris are positive."""
Box = tuple[float, float, float, float]


class Movements(Protocol):
    """What the pane may ask for. Each is left out where the camera is not held."""

    def steer(self, pan: float, tilt: float, zoom: float, focus: float, iris: float) -> None:
        """Move at parts of the full speed, all 0 to stop."""

    def centre(self, box: Box, aspect: float) -> None:
        """Bring a box of the picture (left, bottom, right, top; -1…1) to its middle."""


class PtzPad(QWidget):
    """Keys and pointer as movements. `is_steered`: they move the camera; `is_digital`: they enlarge the picture."""

    zoomed = Signal(object)
    """The part of the picture that is enlarged, a QRectF of 0…1."""
    key_pressed = Signal(int, int)
    """Another key and its modifiers."""
    refused = Signal()
    """Somebody wanted to move a camera that is not theirs."""

    def __init__(self, movements: Movements, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ptzPad")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(_("Steering of the camera"))
        self._movements = movements
        self.is_steered = self.is_digital = False
        self.can_aim = self.has_iris = False
        """Whether the camera goes to angles, which a click and a box need; whether its iris is moved from here."""
        self.speed = 2
        self.part = QRectF(0.0, 0.0, 1.0, 1.0)
        self._held: dict[int, Turn] = {}
        self._wheel = 0.0
        self._began: QPointF | None = None
        self._at: QPointF | None = None
        self._picture = QRectF()
        self._renew = QTimer(self, interval=RENEW_MS)
        self._renew.timeout.connect(self._tell)
        self._rest = QTimer(self, interval=WHEEL_MS, singleShot=True)
        self._rest.timeout.connect(self._end_wheel)

    def set_picture(self, picture: QRectF) -> None:
        """Where in this widget the picture is."""
        if picture != self._picture:
            self._picture = picture
            self.update()

    def set_mode(self, *, is_steered: bool, is_digital: bool, can_aim: bool, has_iris: bool = False) -> None:
        """What keys and pointer do; what goes on stops when it may no longer."""
        if self.is_steered and not is_steered:
            self.stop()
        self.is_steered, self.is_digital, self.can_aim, self.has_iris = is_steered, is_digital, can_aim, has_iris
        self.update()

    def set_speed(self, speed: int) -> None:
        """One of five speeds, 0 the slowest."""
        self.speed = min(len(SPEEDS) - 1, max(0, speed))
        if self._held:
            self._tell()

    def stop(self) -> None:
        """Let go of every key."""
        was_moving = bool(self._held) or self._wheel != 0.0
        self._held.clear()
        self._wheel = 0.0
        self._renew.stop()
        self._rest.stop()
        if was_moving and self.is_steered:
            self._movements.steer(*STILL)

    @property
    def is_moving(self) -> bool:
        """Whether a movement goes on from here."""
        return bool(self._held) or self._wheel != 0.0

    def _tell(self) -> None:
        """The movement that the held keys mean; told again and again while it goes on."""
        if not self.is_steered:
            self.stop()
            return
        speed = SPEEDS[self.speed]
        parts = [max(-1.0, min(1.0, sum(each[k] for each in self._held.values()) * speed)) for k in range(5)]
        parts[2] = max(-1.0, min(1.0, parts[2] + self._wheel))
        self._movements.steer(*parts)

    # ---- keyboard

    def event(self, event: QEvent) -> bool:
        """Keys that mean something here are no shortcuts of the room."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
            if not plain and Qt.Key(event.key()) not in (Qt.Key.Key_F1, Qt.Key.Key_F6, Qt.Key.Key_F11):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn, + and - zoom, page keys focus, . and , open and close the iris; [ and ] change the speed."""
        key, turn = event.key(), _TURNS.get(Qt.Key(event.key()))
        if turn is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            if key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
                self.set_speed(self.speed + (1 if key == Qt.Key.Key_BracketRight else -1))
                self.key_pressed.emit(0, 0)
                return
            if not event.isAutoRepeat():
                self.key_pressed.emit(key, event.modifiers().value)
            return
        if self.is_digital:
            self._digital_key(turn)
        elif not self.is_steered or (turn[4] and not self.has_iris):
            self.refused.emit()
        elif not event.isAutoRepeat():
            self._held[key] = turn
            self._tell()
            self._renew.start()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """A key that is let go ends its part of the movement."""
        if event.isAutoRepeat() or event.key() not in self._held:
            return
        del self._held[event.key()]
        if self._held:
            self._tell()
        else:
            self._renew.stop()
            if self.is_steered:
                self._movements.steer(*STILL)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key that is let go elsewhere is not heard here: nothing moves without the focus."""
        self.stop()
        super().focusOutEvent(event)

    # ---- pointer

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel zooms."""
        event.accept()
        turn = 1.0 if event.angleDelta().y() > 0 else -1.0
        if not event.angleDelta().y():
            return
        if self.is_digital:
            self._enlarge(1.25 if turn > 0 else 0.8, self._unit(event.position()))
        elif not self.is_steered:
            self.refused.emit()
        else:
            self._wheel = turn * max(0.4, SPEEDS[self.speed])
            self._tell()
            self._renew.start()
            self._rest.start()

    def _end_wheel(self) -> None:
        self._wheel = 0.0
        if self._held:
            return
        self._renew.stop()
        if self.is_steered:
            self._movements.steer(*STILL)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a box."""
        self.setFocus()
        if event.button() is Qt.MouseButton.LeftButton:
            self._began = self._at = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the box."""
        if self._began is not None:
            self._at = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click brings its place to the middle, a box fills the picture."""
        began, self._began, self._at = self._began, None, None
        self.update()
        if began is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        if not self._picture.contains(began):
            return
        (x0, y0), (x1, y1) = self._unit(began), self._unit(event.position())
        is_click = (event.position() - began).manhattanLength() < _DRAG_PX
        if self.is_digital:
            if not is_click:
                self._enlarge_to(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        elif not self.is_steered or not self.can_aim:
            self.refused.emit()
        else:
            left, right, top, bottom = (
                (x0, x0, y0, y0) if is_click else (min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1))
            )
            aspect = self._picture.width() / max(1.0, self._picture.height())
            self._movements.centre((2 * left - 1, 1 - 2 * bottom, 2 * right - 1, 1 - 2 * top), aspect)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two clicks are two clicks: the grid is left by Esc."""
        self.mousePressEvent(event)

    def _unit(self, place: QPointF) -> tuple[float, float]:
        """A place as parts of the picture, 0…1 from the upper left corner."""
        area = self._picture
        if area.isEmpty():
            return 0.5, 0.5
        x = (place.x() - area.left()) / area.width()
        y = (place.y() - area.top()) / area.height()
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    # ---- digital zoom

    def _digital_key(self, turn: Turn) -> None:
        pan, tilt, zoom, _focus, _iris = turn
        if zoom:
            self._enlarge(1.25 if zoom > 0 else 0.8, (0.5, 0.5))
        else:
            self._show(self.part.translated(pan * self.part.width() / 8, -tilt * self.part.height() / 8))

    def _enlarge(self, factor: float, at: tuple[float, float]) -> None:
        """Enlarge around a place of what is seen."""
        width = min(1.0, max(1 / 16, self.part.width() / factor))
        x, y = self.part.left() + at[0] * self.part.width(), self.part.top() + at[1] * self.part.height()
        self._show(QRectF(x - at[0] * width, y - at[1] * width, width, width))

    def _enlarge_to(self, left: float, top: float, right: float, bottom: float) -> None:
        """Enlarge a box of what is seen; the picture keeps its shape."""
        side = min(1.0, max(right - left, bottom - top, 1 / 16)) * self.part.width()
        x = self.part.left() + (left + right) / 2 * self.part.width()
        y = self.part.top() + (top + bottom) / 2 * self.part.height()
        self._show(QRectF(x - side / 2, y - side / 2, side, side))

    def _show(self, part: QRectF) -> None:
        left = min(1.0 - part.width(), max(0.0, part.left()))
        top = min(1.0 - part.height(), max(0.0, part.top()))
        self.part = QRectF(left, top, part.width(), part.height())
        self.zoomed.emit(self.part)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The middle of the picture and the box that is drawn."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, arm = self._picture.center(), 14.0
        for colour, width in ((_DARK, 4.0), (_INK, 1.5)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine if self.is_steered else Qt.PenStyle.DotLine))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(middle + QPointF(dx * 5, dy * 5), middle + QPointF(dx * arm, dy * arm))
            if self._began is not None and self._at is not None:
                painter.drawRect(QRectF(self._began, self._at).normalized())
        painter.end()
