"""What a page is told of a map's state, as it takes it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from controlroom.mapping.coordinates import to_fixed
from controlroom.mapping.fleet import STALE_AFTER_MS
from controlroom.mapping.graphic_marks import spelled, spelled_sketch
from controlroom.mapping.kinds import CAMERA_KIND, SENSOR_KIND
from controlroom.mapping.stage import Stage

_ZONE_MS = 8 * 3_600_000
"""The district's time is ahead of UTC by this, all year."""


def spelled_commands(stage: Stage, commands: Mapping[str, Any]) -> dict[str, Any]:
    """Commands by name, those that tell of the map's state with the values as of now."""
    spell: dict[str, Callable[[], Any]] = {
        "look": lambda: {"dark": stage.dark, "stale": stage.stale, "staleAfterMs": STALE_AFTER_MS},
        "texts": lambda: stage.texts,
        "kinds": lambda: [
            [stage.sensors.number, SENSOR_KIND, stage.sensors.kinds],
            [stage.cameras.number, CAMERA_KIND, stage.cameras.kinds],
        ],
        "sheets": stage.sheets.spelled,
        "tree": lambda: [[d.id, d.shown, d.opacity, d.min_zoom, d.max_zoom, d.rank] for d in stage.tree.drawn()],
        "alarms": partial(_spell_alarms, stage),
        "incidents": lambda: [[i.id, int(i.grade), i.grade.numeral, i.lon, i.lat, i.title] for i in stage.incidents],
        "cones": lambda: stage.cones,
        "base": lambda: [stage.base, *stage.base_words],
        "graphics": partial(_spell_graphics, stage),
        "sketch": lambda: spelled_sketch(stage.sketch, stage.dark),
        "selection": partial(_spell_selection, stage),
        "layers": partial(_spell_layers, stage),
        "trails": lambda: stage.trails.spelled(_ZONE_MS),
        "area": lambda: {"ring": stage.chosen.choice.corners, "alarms": stage.chosen.alarms()},
    }
    return {name: spell[name]() if name in spell else value for name, value in commands.items()}


def _spell_alarms(stage: Stage) -> list[list[Any]]:
    return [[a.id, int(a.severity), a.severity.numeral, a.lon, a.lat, a.title, a.waiting] for a in stage.alarms]


def _spell_graphics(stage: Stage) -> list[dict[str, object]]:
    chosen = stage.selection.id if stage.selection is not None and stage.selection.kind == "graphic" else ""
    return spelled(stage.graphics, stage.dark, chosen)


def _spell_selection(stage: Stage) -> list[Any] | None:
    place = stage.place_of(stage.selection) if stage.selection else None
    if place is None or stage.selection is None:
        return None
    x, y = to_fixed(*place)
    return [int(x), int(y), stage.label_of(stage.selection)]


def _spell_layers(stage: Stage) -> list[dict[str, Any]]:
    return [
        {
            "id": plugin.spec.id,
            "number": plugin.points.number,
            "title": plugin.spec.title,
            "classes": [[c.label, c.colour, c.shape] for c in plugin.spec.classes],
            "textZoom": plugin.spec.text_zoom,
            "alerts": plugin.spec.alerts,
            "bordered": plugin.spec.bordered,
            "texts": plugin.texts,
            "shapes": bool(plugin.spec.geojson),
            "opacity": plugin.spec.opacity,
        }
        for plugin in stage.plugins.values()
    ]
