"""What the tree of layers calls its groups, the layers that every map has, and the reasons why one is not drawn."""

from controlroom.i18n import _
from controlroom.mapping.layer_tree import Hidden, Layer, LayerGroup, LegendLine, Wish
from controlroom.mapping.layers import MapLayer
from widgets.map_texts import layer_titles, page_texts

LIVE_STALE_S = 60.0
"""Layers of live things whose newest data is older count as old."""


def group_titles() -> dict[LayerGroup, str]:
    """The groups in words."""
    return {
        LayerGroup.ALARMS: _("Alarms"),
        LayerGroup.INCIDENTS: _("Incidents"),
        LayerGroup.PLOTTING: _("Plotting"),
        LayerGroup.TEAMS: _("Teams"),
        LayerGroup.VEHICLES: _("Vehicles"),
        LayerGroup.CAMERAS: _("Cameras"),
        LayerGroup.PLUGINS: _("Departments"),
        LayerGroup.SENSORS: _("Sensors"),
        LayerGroup.FENCES: _("Fences"),
        LayerGroup.ANSWERS: _("Answers on the map"),
        LayerGroup.PLACES: _("Places"),
        LayerGroup.THEMATIC: _("Thematic layers"),
        LayerGroup.DISTRICT: _("District"),
        LayerGroup.BASEMAP: _("Base map"),
    }


def reason(hidden: Hidden, wish: Wish) -> str:
    """Why a layer is not drawn, short enough for its row."""
    if hidden is Hidden.TOO_FAR:
        return _("zoom in to {zoom}").format(zoom=wish.min_zoom)
    if hidden is Hidden.TOO_NEAR:
        return _("zoom out to {zoom}").format(zoom=wish.max_zoom)
    if hidden is Hidden.GROUP_OFF:
        return _("group is off")
    return _("whole is off") if hidden is Hidden.WHOLE_OFF else _("off")


def room_layers() -> list[Layer]:
    """The layers that every map has, with titles, legends and sources in the officer's language."""
    titles, legends, room = layer_titles(), _legends(), _("this room")
    towns, roads = _("GeoNames (CC-BY 4.0); cells are schematic"), _("OpenStreetMap contributors (ODbL)")
    rows: tuple[tuple[MapLayer, LayerGroup, str, float | None], ...] = (
        (MapLayer.ALARMS, LayerGroup.ALARMS, room, None),
        (MapLayer.INCIDENTS, LayerGroup.INCIDENTS, room, None),
        (MapLayer.GRAPHICS, LayerGroup.PLOTTING, room, None),
        (MapLayer.VEHICLES, LayerGroup.VEHICLES, room, LIVE_STALE_S),
        (MapLayer.CAMERAS, LayerGroup.CAMERAS, room, None),
        (MapLayer.CONES, LayerGroup.CAMERAS, room, None),
        (MapLayer.SENSORS, LayerGroup.SENSORS, room, LIVE_STALE_S),
        (MapLayer.TOWNS, LayerGroup.DISTRICT, towns, None),
        (MapLayer.ROADS, LayerGroup.DISTRICT, roads, None),
    )
    titles[MapLayer.SENSORS] = _("All sensors")
    return [
        Layer(id=name, title=titles[name], group=group, legend=legends[name], source=source, stale_after_s=stale_s)
        for name, group, source, stale_s in rows
    ]


def _legends() -> dict[MapLayer, tuple[LegendLine, ...]]:
    texts = page_texts(None)

    def lines(*rows: tuple[str, str, str]) -> tuple[LegendLine, ...]:
        return tuple(LegendLine(shape, colour, words) for shape, colour, words in rows)

    return {
        MapLayer.ALARMS: lines(
            ("diamond", "#d7263d", _("Alarm Ⅰ red")),
            ("triangle", "#f46036", _("Alarm Ⅱ orange")),
            ("square", "#e9c46a", _("Alarm Ⅲ yellow")),
            ("circle", "#3f88c5", _("Alarm Ⅳ blue")),
        ),
        MapLayer.INCIDENTS: lines(
            ("flag", "#d7263d", _("Incident Ⅰ")),
            ("flag", "#f46036", _("Incident Ⅱ")),
            ("flag", "#e9c46a", _("Incident Ⅲ")),
            ("flag", "#3f88c5", _("Incident Ⅳ")),
        ),
        MapLayer.SENSORS: lines(
            ("diamond", "#d7263d", texts["sensor6"]),
            ("triangle", "#f46036", texts["sensor5"]),
            ("square", "#e9c46a", texts["sensor4"]),
            ("circle", "#3f88c5", texts["sensor3"]),
            ("circle", "#8fa3b3", texts["sensor1"]),
            ("frame", "#8fa3b3", texts["sensor2"]),
            ("ring", "#66737f", texts["sensor0"]),
        ),
        MapLayer.CAMERAS: lines(
            ("camera", "#8fa3b3", texts["camera1"]),
            ("struck", "#d9894a", texts["camera2"]),
            ("camera", "#d9894a", texts["camera3"]),
            ("open camera", "#66737f", texts["camera0"]),
        ),
        MapLayer.GRAPHICS: lines(
            ("frame", "#d7263d", _("Symbol")),
            ("line", "#3f88c5", _("Line")),
            ("arrow", "#2a9d8f", _("Arrow")),
            ("area", "#f46036", _("Area")),
            ("area", "#d7263d", _("Hot zone")),
            ("area", "#f46036", _("Warm zone")),
            ("area", "#e9c46a", _("Cold zone")),
        ),
        MapLayer.CONES: lines(
            ("area", "#2a9d8f", _("Cone of a camera that is online")),
            ("dashes", "#d7263d", _("Cone of a camera that is offline")),
            ("area", "#e9a23b", _("Cone of a camera with a fault")),
        ),
        MapLayer.VEHICLES: lines(
            ("arrow", "#62d0c8", texts["service"]),
            ("arrow", "#8f9aa3", texts["vehicle"]),
            ("open arrow", "#62d0c8", texts["staleVehicle"]),
        ),
        MapLayer.TOWNS: lines(("dashes", "#8a949e", texts["schematic"])),
        MapLayer.ROADS: lines(("line", "#64717f", _("Roads"))),
    }
