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
    texts, titles = page_texts(None), layer_titles()

    def lines(*rows: tuple[str, str, str]) -> tuple[LegendLine, ...]:
        return tuple(LegendLine(shape, colour, words) for shape, colour, words in rows)

    towns = _("GeoNames (CC-BY 4.0); cells are schematic")
    alarms = lines(
        ("diamond", "#d7263d", _("Alarm Ⅰ red")),
        ("triangle", "#f46036", _("Alarm Ⅱ orange")),
        ("square", "#e9c46a", _("Alarm Ⅲ yellow")),
        ("circle", "#3f88c5", _("Alarm Ⅳ blue")),
    )
    sensors = lines(
        ("diamond", "#d7263d", texts["sensor6"]),
        ("triangle", "#f46036", texts["sensor5"]),
        ("square", "#e9c46a", texts["sensor4"]),
        ("circle", "#3f88c5", texts["sensor3"]),
        ("circle", "#8fa3b3", texts["sensor1"]),
        ("frame", "#8fa3b3", texts["sensor2"]),
        ("ring", "#66737f", texts["sensor0"]),
    )
    cameras = lines(
        ("camera", "#8fa3b3", texts["camera1"]),
        ("struck", "#d9894a", texts["camera2"]),
        ("camera", "#d9894a", texts["camera3"]),
        ("open camera", "#66737f", texts["camera0"]),
    )
    cones = lines(
        ("area", "#2a9d8f", _("Cone of a camera that is online")),
        ("dashes", "#d7263d", _("Cone of a camera that is offline")),
        ("area", "#e9a23b", _("Cone of a camera with a fault")),
    )
    vehicles = lines(
        ("arrow", "#62d0c8", texts["service"]),
        ("arrow", "#8f9aa3", texts["vehicle"]),
        ("open arrow", "#62d0c8", texts["staleVehicle"]),
    )
    group, room = LayerGroup, _("this room")
    return [
        Layer(id=MapLayer.ALARMS, title=titles[MapLayer.ALARMS], group=group.ALARMS, legend=alarms, source=room),
        Layer(
            id=MapLayer.VEHICLES,
            title=titles[MapLayer.VEHICLES],
            group=group.VEHICLES,
            legend=vehicles,
            source=room,
            stale_after_s=LIVE_STALE_S,
        ),
        Layer(id=MapLayer.CAMERAS, title=titles[MapLayer.CAMERAS], group=group.CAMERAS, legend=cameras, source=room),
        Layer(id=MapLayer.CONES, title=titles[MapLayer.CONES], group=group.CAMERAS, legend=cones, source=room),
        Layer(
            id=MapLayer.SENSORS,
            title=_("All sensors"),
            group=group.SENSORS,
            legend=sensors,
            source=room,
            stale_after_s=LIVE_STALE_S,
        ),
        Layer(
            id=MapLayer.TOWNS,
            title=titles[MapLayer.TOWNS],
            group=group.DISTRICT,
            legend=lines(("dashes", "#8a949e", texts["schematic"])),
            source=towns,
        ),
        Layer(
            id=MapLayer.ROADS,
            title=titles[MapLayer.ROADS],
            group=group.DISTRICT,
            legend=lines(("line", "#64717f", titles[MapLayer.ROADS])),
            source=_("OpenStreetMap contributors (ODbL)"),
        ),
    ]
