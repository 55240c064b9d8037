"""The thematic layers that a map draws, and where their tiles come from; whoever draws knows nothing of files."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Taken = Callable[[bytes | None], object]
"""Gets the bytes of a tile (see thematic/sheet.py), or None when there is none."""

TileSource = Callable[[int, int, int, int, Taken], object]
"""layer number, zoom, x, y of a tile of 512 pixels, and who takes it."""


class SheetLook(Struct, frozen=True):
    """How a thematic layer is drawn. `classes` are colour (#rrggbb), shape and words by class.

    `version` counts readings, `note` stands under the layer's lines in the legend. `label` is the attribute that is
    written beside features from `label_zoom` on.
    """

    id: str
    number: int
    version: int
    classes: tuple[tuple[str, str, str], ...]
    width: float
    fill: float
    title: str = ""
    note: str = ""
    label: str = ""
    label_zoom: int = 13


_LONGEST = 120


def no_tiles(_number: int, _zoom: int, _x: int, _y: int, taken: Taken) -> None:
    """The source of a map that nobody feeds."""
    taken(None)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureColumns:
    """Features of a layer that were chosen, by their ids; `count` of them in all, of which the first are here."""

    title: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    count: int


class Sheets:
    """The thematic layers of one map; `changed` is called when the page must be told."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.held: dict[str, SheetLook] = {}
        self.chosen: dict[str, FeatureColumns] = {}
        """What was chosen of each layer."""
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

    def feature(self, layer_id: str, feature_id: str) -> tuple[str, float, float] | None:
        """Name and place (WGS-84 degrees) of a feature that was chosen."""
        held = self.chosen.get(layer_id)
        if held is None or feature_id not in held.ids:
            return None
        at = held.ids.index(feature_id)
        return held.names[at], float(held.lon[at]), float(held.lat[at])

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
                "label": look.label,
            }
            for look in self.held.values()
        ]
