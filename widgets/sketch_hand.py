"""The hand that draws on the simple map: clicks, dragged corners and keys as the actions that the web page tells."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from controlroom.mapping.coordinates import to_fixed
from controlroom.mapping.scene import Scene

_REACH_PX = 9.0
_KEYS = {
    Qt.Key.Key_Return: "end",
    Qt.Key.Key_Enter: "end",
    Qt.Key.Key_Escape: "cancel",
    Qt.Key.Key_Backspace: "back",
    Qt.Key.Key_Delete: "drop",
    Qt.Key.Key_Tab: "next",
    Qt.Key.Key_Backtab: "previous",
}
Tell = Callable[[str, int, float, float], object]
Pixels = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
Degrees = Callable[[QPointF], tuple[float, float]]


class SketchHand:
    """Knows which corner the mouse holds. It has nothing to do while nothing is drawn."""

    def __init__(self, scene: Scene, tell: Tell, pixels: Pixels, degrees: Degrees) -> None:
        self._scene, self._tell, self._pixels, self._degrees = scene, tell, pixels, degrees
        self._held = -1

    @property
    def active(self) -> bool:
        """Whether something is drawn."""
        return self._scene.sketch is not None

    def press(self, at: QPointF) -> bool:
        """Take the corner under the pointer; whether there is one."""
        self._held = self._corner(at)
        if self._held >= 0:
            self._tell("choose", self._held, *self._degrees(at))
        return self._held >= 0

    def release(self, at: QPointF, dragged: bool) -> bool:
        """Let the corner go, or add one; whether it was a matter of drawing."""
        held, self._held = self._held, -1
        if held >= 0:
            if dragged:
                self._tell("move", held, *self._degrees(at))
            return True
        if self.active and not dragged and self._scene.sketch is not None:
            self._tell("add" if self._scene.sketch.more else "touch", -1, *self._degrees(at))
            return True
        return False

    def double(self) -> None:
        """The second click of a double one ends the drawing."""
        self._tell("end", -1, 0.0, 0.0)

    def menu(self, at: QPointF) -> bool:
        """The right button takes a corner away; whether there was one."""
        corner = self._corner(at)
        if corner >= 0:
            self._tell("drop", corner, 0.0, 0.0)
        return corner >= 0

    def key(self, event: QKeyEvent, middle: QPointF) -> bool:
        """Whether the key was one for drawing."""
        if not self.active:
            return False
        action = _KEYS.get(Qt.Key(event.key()))
        if action is not None:
            self._tell(action, -1, 0.0, 0.0)
        elif event.key() == Qt.Key.Key_Space:
            self._tell("add", -1, *self._degrees(middle))
        return action is not None or event.key() == Qt.Key.Key_Space

    def _corner(self, at: QPointF) -> int:
        sketch = self._scene.sketch
        if sketch is None or not sketch.points:
            return -1
        lon, lat = np.asarray(sketch.points, np.float64).T
        x, y = self._pixels(*(np.atleast_1d(part) for part in to_fixed(lon, lat)))
        far = [math.hypot(px - at.x(), py - at.y()) for px, py in zip(x.tolist(), y.tolist(), strict=True)]
        best = min(range(len(far)), key=far.__getitem__)
        return best if far[best] <= _REACH_PX else -1
