"""The words of the map page in the officer's language; the page itself has none."""

from datetime import datetime
from zoneinfo import ZoneInfo

from controlroom.domain.severity import Severity
from controlroom.i18n import _
from controlroom.mapping.layers import MapLayer
from widgets.severity import severity_word

DISTRICT = ZoneInfo("Asia/Shanghai")
"""The time that officers read, whatever the machine's own zone is."""


def page_texts(data_at: datetime | None, *, past: bool = False) -> dict[str, str]:
    """All words that the page shows, by the names that `resources/map/panels.js` uses; `past` when it shows then."""
    return {
        "sources": _("Roads © OpenStreetMap contributors (ODbL) · towns GeoNames (CC-BY 4.0) · outline cnmaps (MIT)"),
        "veil": _past_words(data_at) if past else _("No new data since {time}").format(time=clock_text(data_at)),
        "schematic": _("Dashed town cells are schematic, not boundaries."),
        "waterless": _("Rivers and lakes are not in the data that comes with the program: a base map shows them."),
        "sensor0": _("Sensor never heard"),
        "sensor1": _("Sensor normal"),
        "sensor2": _("Sensor stale"),
        "sensor3": _("Sensor Ⅳ blue"),
        "sensor4": _("Sensor Ⅲ yellow"),
        "sensor5": _("Sensor Ⅱ orange"),
        "sensor6": _("Sensor Ⅰ red"),
        "camera0": _("Camera state unknown"),
        "camera1": _("Camera online"),
        "camera2": _("Camera offline"),
        "camera3": _("Camera with a fault"),
        "heard": _("heard {age} s ago"),
        "service": _("Emergency or service vehicle"),
        "vehicle": _("Other vehicle"),
        "staleVehicle": _("Vehicle silent for 30 s"),
    }


def _past_words(at: datetime | None) -> str:
    """A map of the past is no fault, and says which day it shows."""
    told = at.astimezone(DISTRICT).strftime("%Y-%m-%d %H:%M:%S") if at else clock_text(None)
    return _("The past, not now: {time}").format(time=told)


def sensor_words() -> tuple[str, ...]:
    """How a sensor is, by SensorState."""
    severities = (
        severity_word(severity) for severity in (Severity.BLUE, Severity.YELLOW, Severity.ORANGE, Severity.RED)
    )
    return (_("never heard"), _("normal"), _("stale"), *severities)


def camera_words() -> tuple[str, ...]:
    """How a camera is, by CameraState."""
    return (_("unknown"), _("online"), _("offline"), _("faulty"))


def layer_titles() -> dict[MapLayer, str]:
    """What the toolbar calls the layers that every map has."""
    return {
        MapLayer.TOWNS: _("Towns"),
        MapLayer.ROADS: _("Roads"),
        MapLayer.CONES: _("View cones"),
        MapLayer.CAMERAS: _("Cameras"),
        MapLayer.SENSORS: _("Sensors"),
        MapLayer.VEHICLES: _("Vehicles"),
        MapLayer.GRAPHICS: _("Plotting"),
        MapLayer.ALARMS: _("Alarms"),
        MapLayer.INCIDENTS: _("Incidents"),
    }


def clock_text(at: datetime | None) -> str:
    """The local time of day of an aware time."""
    return at.astimezone(DISTRICT).strftime("%H:%M:%S") if at else "--:--:--"
