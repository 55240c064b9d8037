"""The thematic layers that a map draws, and where their tiles come from; whoever draws knows nothing of files."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

Taken = Callable[[bytes | None], object]
"""Gets the bytes of a tile (see thematic/sheet.py), or None when there is none."""

TileSource = Callable[[int, int, int, int, Taken], object]
"""layer number, zoom, x, y of a tile of 512 pixels, and who takes it."""


class SheetLook(Struct, frozen=True):
    """How a thematic layer is drawn. `classes` are colour (#rrggbb), shape and words by class.

    `version` counts readings, `note` stands under the layer's lines in the legend.
    """

    id: str
    number: int
    version: int
    classes: tuple[tuple[str, str, str], ...]
    width: float
    fill: float
    title: str = ""
    note: str = ""


_LONGEST = 120


def no_tiles(_number: int, _zoom: int, _x: int, _y: int, taken: Taken) -> None:
    """The source of a map that nobody feeds."""
    taken(None)


class Sheets:
    """The thematic layers of one map; `changed` is called when the page must be told."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.held: dict[str, SheetLook] = {}
        self.source: TileSource = no_tiles
        self._changed = changed

    def put(self, look: SheetLook) -> None:
        """A layer, or a known one that was read anew."""
        if self.held.get(look.id) != look:
            self.held[look.id] = look
            self._changed()

    def remove(self, layer_id: str) -> None:
        """The layer is no longer drawn."""
        if self.held.pop(layer_id, None) is not None:
            self._changed()

    def spelled(self) -> list[dict[str, Any]]:
        """The layers as `resources/map/thematic.js` takes them."""
        return [
            {
                "id": look.id,
                "number": look.number,
                "version": look.version,
                "classes": look.classes,
                "width": look.width,
                "fill": look.fill,
                "title": look.title[:_LONGEST],
                "note": look.note,
            }
            for look in self.held.values()
        ]
