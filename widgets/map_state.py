"""What a map is found again by after a restart or a crash."""

import contextlib
from typing import Any

import msgspec
from msgspec import Struct

from controlroom.mapping.layers import MapCentre
from controlroom.mapping.scene import Scene
from controlroom.mapping.trail_feed import TrailMode
from widgets.map_hold import MapHold
from widgets.map_toolbar import MapToolbar

FARTHEST, CLOSEST = 8, 18
"""The zoom levels of every map."""


class MapState(Struct, frozen=True):
    """Where a map looks, what keeps it there, its layers and whether their tree is open, legend and trails."""

    centre: tuple[float, float, int] | None = None
    hold: dict[str, Any] | None = None
    layers: dict[str, Any] = {}
    tree: bool = False
    legend: bool = False
    trails: tuple[TrailMode, int] = (TrailMode.ALL, 5)


def map_state(scene: Scene, hold: MapHold, toolbar: MapToolbar) -> dict[str, Any]:
    """The state of a map as plain JSON values."""
    centre = scene.centre
    kept = MapState(
        (centre.lon, centre.lat, centre.zoom),
        hold.viewpoint.state(),
        scene.tree.state(),
        toolbar.tree.isChecked(),
        toolbar.legend.isChecked(),
        (scene.trails.mode, scene.trails.minutes),
    )
    return {name: msgspec.to_builtins(value) for name, value in msgspec.structs.asdict(kept).items()}


def restore_map(state: dict[str, Any], scene: Scene, hold: MapHold, toolbar: MapToolbar) -> None:
    """Give a map its state back; every part that does not fit is left out."""
    kept = MapState()
    for name in kept.__struct_fields__:
        with contextlib.suppress(msgspec.ValidationError):
            if name in state:
                kept = msgspec.structs.replace(kept, **{name: _part(name, state[name])})
    scene.tree.restore(kept.layers)
    toolbar.tree.setChecked(kept.tree)
    toolbar.legend.setChecked(kept.legend)
    with contextlib.suppress(ValueError):
        scene.set_trails(*kept.trails)
    if kept.centre is not None:
        lon, lat, zoom = kept.centre
        with contextlib.suppress(ValueError):
            scene.fly_to(MapCentre(lon, lat, max(FARTHEST, min(CLOSEST, zoom))))
    if kept.hold is not None:
        hold.viewpoint.restore(kept.hold)


def _part(name: str, value: object) -> object:
    """One part as it must be. Raises msgspec.ValidationError."""
    return getattr(msgspec.convert({name: value}, MapState), name)
