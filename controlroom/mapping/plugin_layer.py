"""A layer that a department adds to the map."""

from collections.abc import Sequence

import msgspec
import numpy as np

from controlroom.mapping.layers import LayerPoint, LayerSpec
from controlroom.mapping.points import PointLayer


class PluginLayer:
    """A department's layer: its declaration, its points and what stands beside them."""

    def __init__(self, number: int, spec: LayerSpec) -> None:
        self.spec = spec
        self.points = PointLayer(number, len(spec.classes))
        self.texts: tuple[str, ...] = ()
        self.shapes = _count(spec.geojson)
        """How many areas and lines it has."""

    def replace(self, points: Sequence[LayerPoint]) -> None:
        """All points anew."""
        self.points.replace(
            [p.id for p in points],
            [p.label for p in points],
            [p.lon for p in points],
            [p.lat for p in points],
            [p.colour_class for p in points],
        )
        self.texts = tuple(self._text(p) for p in points)

    def _text(self, point: LayerPoint) -> str:
        if point.value is None or not np.isfinite(point.value):
            return point.label
        return f"{point.label} {point.value:.4g} {self.spec.unit}".rstrip()


class _Collection(msgspec.Struct):
    features: list[msgspec.Raw] = []


def _count(geojson: str) -> int:
    """Features of a collection; none of what is no GeoJSON, which is not drawn either."""
    try:
        return len(msgspec.json.decode(geojson, type=_Collection).features) if geojson else 0
    except msgspec.DecodeError:
        return 0
