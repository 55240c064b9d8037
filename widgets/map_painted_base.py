"""The base map of the simple map: pictures only, asked for as they are looked at."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from controlroom.mapping.coordinates import WORLD
from controlroom.mapping.scene import Scene
from widgets.map_surface import Ask

_KEPT = 160
_LEVELS_BELOW = 1
_DARK_SHARE = 0.5
_LIGHT_SHARE = 0.8
"""How much of the pictures' strength is left, so that what stands on the map stays the strongest."""

_Key = tuple[int, int, int, int]


class PaintedBase:
    """Pictures of a scene's base map by place; `changed` is called when one came."""

    def __init__(self, scene: Scene, changed: Callable[[], None]) -> None:
        self._scene = scene
        self._changed = changed
        self._ask: Ask | None = None
        self._held: OrderedDict[_Key, QImage] = OrderedDict()
        self._asked: set[_Key] = set()
        self._of = (0, 0)

    def set_tiles(self, ask: Ask | None) -> None:
        """Whom pictures are asked from."""
        self._ask = ask

    @property
    def is_drawn(self) -> bool:
        """Whether there is a base map of pictures on this level."""
        spec = self._scene.base
        if spec is None or spec["kind"] != "raster":
            return False
        return bool(self._scene.centre.zoom >= spec["minZoom"] - _LEVELS_BELOW)

    def draw(self, painter: QPainter, origin: tuple[float, float], scale: float) -> None:
        """The pictures below the widget; `origin` is its corner in the world, `scale` pixels per unit of the world."""
        spec = self._scene.base
        if spec is None or not self.is_drawn:
            return
        if self._of != (spec["version"], spec["epoch"]):
            self._of = (spec["version"], spec["epoch"])
            self._held.clear()
            self._asked.clear()
        level = max(spec["minZoom"], min(spec["maxZoom"], self._scene.centre.zoom))
        unit = WORLD / 2**level
        size = painter.viewport()
        painter.setOpacity(spec["opacity"] * (_DARK_SHARE if self._scene.dark else _LIGHT_SHARE))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for column in range(int(origin[0] // unit), int((origin[0] + size.width() / scale) // unit) + 1):
            for row in range(int(origin[1] // unit), int((origin[1] + size.height() / scale) // unit) + 1):
                image = self._image((spec["version"], level, column, row))
                if image is not None:
                    left, top = (column * unit - origin[0]) * scale, (row * unit - origin[1]) * scale
                    painter.drawImage(QRectF(left, top, unit * scale, unit * scale), image)
        painter.setOpacity(1.0)

    def _image(self, key: _Key) -> QImage | None:
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        elif key not in self._asked and self._ask is not None and 0 <= min(key[2:]) <= max(key[2:]) < 2 ** key[1]:
            self._asked.add(key)
            self._ask(*key, partial(self._came, key))
        return held

    def _came(self, key: _Key, body: bytes | None) -> None:
        image = QImage.fromData(body[1:]) if body else QImage()
        if image.isNull() or not body:
            return
        part = 2 ** body[0]
        side = QRect(
            key[2] % part * image.width() // part,
            key[3] % part * image.height() // part,
            max(1, image.width() // part),
            max(1, image.height() // part),
        )
        self._held[key] = image.copy(side) if part > 1 else image
        while len(self._held) > _KEPT:
            self._asked.discard(self._held.popitem(last=False)[0])
        self._changed()


def draw_base_words(painter: QPainter, scene: Scene, area: QRect) -> None:
    """What the officer must know of the base map, at the lower edge."""
    note = scene.base_words[1]
    if note:
        corner = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        painter.drawText(area.adjusted(8, 0, -8, -24), corner, "⚠ " + note)
