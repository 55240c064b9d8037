"""What stands on the map: states of points, marks of alarms, layers of departments."""

import enum
from datetime import datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.domain.severity import Severity
from controlroom.mapping.layer_tree import LayerGroup


class SensorState(enum.IntEnum):
    """How a sensor is shown, the worst last: a cell of the map shows the highest of its points."""

    NEVER_HEARD = 0
    NORMAL = 1
    STALE = 2
    BLUE = 3
    YELLOW = 4
    ORANGE = 5
    RED = 6

    @classmethod
    def of(cls, severity: Severity) -> "SensorState":
        """The state of a sensor that is abnormal with this severity."""
        return cls(7 - severity)


class CameraState(enum.IntEnum):
    """How a camera is shown."""

    UNKNOWN = 0
    ONLINE = 1
    OFFLINE = 2
    FAULTY = 3
    """It is there, but something is wrong with its picture."""


CAMERA_RANK: "NDArray[np.uint8]" = np.array([1, 0, 3, 2], np.uint8)
"""How bad each CameraState is: one that is offline shows less than one that is faulty (as `rank` in stamps.js)."""


class MapLayer(enum.StrEnum):
    """The layers that every map has, in the order of the toolbar."""

    TOWNS = "towns"
    ROADS = "roads"
    CONES = "cones"
    CAMERAS = "cameras"
    SENSORS = "sensors"
    VEHICLES = "vehicles"
    GRAPHICS = "graphics"
    ALARMS = "alarms"
    INCIDENTS = "incidents"


GROUPS = {
    MapLayer.ALARMS: LayerGroup.ALARMS,
    MapLayer.INCIDENTS: LayerGroup.INCIDENTS,
    MapLayer.GRAPHICS: LayerGroup.PLOTTING,
    MapLayer.VEHICLES: LayerGroup.VEHICLES,
    MapLayer.CAMERAS: LayerGroup.CAMERAS,
    MapLayer.CONES: LayerGroup.CAMERAS,
    MapLayer.SENSORS: LayerGroup.SENSORS,
    MapLayer.TOWNS: LayerGroup.DISTRICT,
    MapLayer.ROADS: LayerGroup.DISTRICT,
}
"""Where each of them stands in the tree."""


class AlarmMark(Struct, frozen=True):
    """An alarm that has a place (WGS-84 degrees); `waiting`: nobody has acknowledged it yet."""

    id: str
    severity: Severity
    lon: float
    lat: float
    title: str
    waiting: bool = True


class IncidentMark(Struct, frozen=True):
    """An open incident that has a place (WGS-84 degrees)."""

    id: str
    grade: Severity
    lon: float
    lat: float
    title: str


class ColourClass(Struct, frozen=True):
    """One class of a layer's legend; `colour` as #rrggbb, `shape` of its points as in LegendLine."""

    label: str
    colour: str
    shape: str = "circle"


class LayerSpec(Struct, frozen=True, kw_only=True):
    """A layer that a department adds: points (fed by `update_layer`), shapes (`geojson`, WGS-84 text), or both.

    Points and features choose one of `classes` by its position; a feature by its property `class`.
    `unit` stands behind the values of points, `opacity` (0 to 1) is that of areas. `group` is its place in the tree of
    layers, `source` who made it, `data_at` (aware) the time of its data, `note` what must be said of it. Texts are
    written beside points from `text_zoom` on; a cluster tells of the classes from `alerts` on; data is old
    after `stale_after_s`. `bordered`: areas have a line around them.
    """

    id: str
    title: str
    classes: tuple[ColourClass, ...] = (ColourClass("", "#4fa3a5"),)
    geojson: str = ""
    unit: str = ""
    opacity: float = 0.18
    group: LayerGroup = LayerGroup.PLUGINS
    source: str = ""
    data_at: datetime | None = None
    note: str = ""
    text_zoom: int = 12
    alerts: int = 255
    stale_after_s: float | None = None
    bordered: bool = True


class LayerPoint(Struct, frozen=True):
    """A point of a department's layer (WGS-84 degrees); `colour_class` is a position in LayerSpec.classes."""

    id: str
    label: str
    lon: float
    lat: float
    value: float | None = None
    colour_class: int = 0


class MapCentre(Struct, frozen=True):
    """Where a map looks: WGS-84 degrees and the zoom level of Web Mercator."""

    lon: float
    lat: float
    zoom: int


class Selection(Struct, frozen=True):
    """The object that is marked on the map."""

    kind: str
    id: str


Bytes = NDArray[np.uint8]
