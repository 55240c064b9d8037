"""Takes the picture of a web page's map: not what happened to be on the screen, but the view that was asked for."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, QRect, QSize, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from controlroom.mapping.layers import MapCentre
from controlroom.mapping.scene import Scene
from widgets.map_surface import MapPicture

LOOK_EVERY_MS = 20
PATIENCE_MS = 20_000
"""So long a picture may wait for its view. House figure."""
_PATCH_PX = 8
_COLOURS = ("#12ab9c", "#ab129c", "#9cab12")
"""One after the other: a patch that an earlier order left proves nothing."""

Then = Callable[[MapPicture | None], None]


class Photographer(QObject):
    """Takes one picture after the other.

    The page tells that it has drawn all in sight and shows a patch in the same frame. When the patch is in the pixels
    of `view` the page takes it away, and the first pixels without it are those of the picture.
    """

    def __init__(self, scene: Scene, surface: QWidget, view: QWidget) -> None:
        super().__init__(surface)
        self._scene, self._surface, self._view = scene, surface, view
        self._waiting: list[Then] = []
        self._number = 0
        self._size: tuple[int, int, float] = (0, 0, 1.0)
        self._shown: tuple[MapCentre, int] | None = None
        self._seen = False
        self._look = QTimer(self, interval=LOOK_EVERY_MS)
        self._look.timeout.connect(self._check)
        self._end = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._end.timeout.connect(partial(self._finish, None))

    def take(self, then: Then) -> None:
        """One more waits for a picture of the view as it is asked for now."""
        self._waiting.append(then)
        self._end.start()
        self._order()

    def drawn(self, number: int, lon: float, lat: float, zoom: int, clock_ms: float) -> None:
        """The page has drawn what an order asked for."""
        if number == self._number and self._waiting:
            self._shown, self._seen = (MapCentre(lon, lat, zoom), int(clock_ms)), False
            self._look.start()

    def begin_anew(self) -> None:
        """The page is another one."""
        if self._waiting:
            self._order()

    def _order(self) -> None:
        self._look.stop()
        self._number += 1
        self._shown, self._seen = None, False
        self._size = self._wanted_size()
        width, height, ratio = self._size
        colour = _COLOURS[self._number % len(_COLOURS)]
        order = {"number": self._number, "width": width, "height": height, "ratio": ratio, "colour": colour}
        self._scene.order("proof", order)

    def _wanted_size(self) -> tuple[int, int, float]:
        return self._view.width(), self._view.height(), self._view.devicePixelRatioF()

    def _check(self) -> None:
        if self._size != self._wanted_size():
            self._order()
        elif not self._seen:
            if self._has_patch():
                self._seen = True
                self._scene.order("proof", None)
        elif not self._has_patch():
            image = self._surface.grab().toImage()
            shown = self._shown
            # A hand may have moved the map meanwhile.
            if shown is None or shown[0] != self._scene.centre:
                self._order()
            else:
                self._finish(MapPicture(image, *shown))

    def _has_patch(self) -> bool:
        corner = QPoint(self._view.width() - _PATCH_PX, self._view.height() - _PATCH_PX)
        pixels = self._view.grab(QRect(corner, QSize(_PATCH_PX, _PATCH_PX))).toImage()
        found = pixels.pixelColor(pixels.width() // 2, pixels.height() // 2)
        wanted = QColor(_COLOURS[self._number % len(_COLOURS)])
        pairs = zip(found.getRgb()[:3], wanted.getRgb()[:3], strict=True)  # type: ignore[index]  # a tuple
        return all(abs(a - b) < 12 for a, b in pairs)

    def _finish(self, picture: MapPicture | None) -> None:
        self._look.stop()
        self._end.stop()
        self._scene.order("proof", False)
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then(picture)
