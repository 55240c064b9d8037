"""A layer that a department adds to the map."""

from collections.abc import Sequence

import numpy as np

from controlroom.mapping.layers import LayerPoint, LayerSpec
from controlroom.mapping.points import PointLayer


class PluginLayer:
    """A department's layer: its declaration, its points and what stands beside them."""

    def __init__(self, number: int, spec: LayerSpec) -> None:
        self.spec = spec
        self.points = PointLayer(number, len(spec.classes))
        self.texts: tuple[str, ...] = ()

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
