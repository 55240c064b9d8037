"""Kinds of points within one layer: each is a row of the tree of its own, `PREFIXES[kind of object] + name`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controlroom.mapping.layer_tree import LayerTree
from controlroom.mapping.points import PointLayer

SENSOR_KIND = "sensors/"
"""Before the name of a kind of sensor this is the id of its layer."""

CAMERA_KIND = "cameras/"
PREFIXES = {"sensor": SENSOR_KIND, "camera": CAMERA_KIND}


@dataclass(frozen=True, slots=True, eq=False)
class KindLooks:
    """How the kinds of a layer are drawn, by their number: hidden bool[k], opacity f64[k], and from the ground up."""

    hidden: NDArray[np.bool_]
    opacity: NDArray[np.float64]
    order: NDArray[np.int64]

    @property
    def is_plain(self) -> bool:
        """Whether all of them are drawn at full strength, wherever they lie."""
        return not self.hidden.any() and bool((self.opacity == 1.0).all())


def kind_looks(tree: LayerTree, layer: PointLayer, prefix: str, zoom: int) -> KindLooks:
    """The kinds of a layer as the tree has them; one that nobody registered goes with the whole layer."""
    known = [tree.layer(prefix + name) is not None for name in layer.kinds]
    hidden = [there and not tree.draws(prefix + name, zoom) for there, name in zip(known, layer.kinds, strict=True)]
    wishes = [tree.wish(prefix + name) if there else None for there, name in zip(known, layer.kinds, strict=True)]
    opacity = [1.0 if wish is None else wish.opacity for wish in wishes]
    number = {name: k for k, name in enumerate(layer.kinds)}
    ranked = [d.id.removeprefix(prefix) for d in tree.drawn() if d.id.startswith(prefix)] if any(known) else []
    above = [number[name] for name in ranked if name in number]
    below = [k for k in range(len(layer.kinds)) if k not in set(above)]
    return KindLooks(np.array(hidden, np.bool_), np.array(opacity), np.array([*below, *above], np.int64))


def hidden_points(tree: LayerTree, layer: PointLayer, kind: str, zoom: int) -> NDArray[Any] | None:
    """Which points of a layer belong to a kind that is hidden, bool[n]; None where none is or there are no kinds."""
    prefix = PREFIXES.get(kind)
    if prefix is None or not len(layer.kind):
        return None
    hidden = kind_looks(tree, layer, prefix, zoom).hidden
    return np.asarray(hidden[layer.kind]) if hidden.any() else None
