"""Guidance for the chosen alarm, connected: read from the program and the district, shown with what can be opened."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject

import resources
from controlroom.domain.alarm import Alarm
from controlroom.domain.guidance import Guidance, Nearness, Told, advice, decode_guidance
from controlroom.domain.place import distance_m
from controlroom.domain.sensor import Sensor
from controlroom.i18n import _
from controlroom.wiring.seat import Seat
from widgets.guidance_view import GuidanceView

NEAR_M = 3000.0
"""Sensors further away than this say little about an alarm."""

PLOTS_MOST = 6
CAMERAS_MOST = 6
OF_A_KIND = 2
"""The nearest sensors of each kind that guidance names."""


def read_guidance(own: Path) -> tuple[tuple[Guidance, ...], tuple[str, ...]]:
    """The program's pieces and those of the district's folder `own`, whose pieces come first among equals.

    The second part says which files of the district are left out because they cannot be read.
    """
    pieces: list[Guidance] = []
    faults = []
    for file in sorted(own.glob("*.toml")):
        try:
            pieces += decode_guidance(file.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            faults.append(
                _(
                    "The guidance in {file} cannot be read and is left out: {reason}. Correct it and start again."
                ).format(file=file, reason=error)
            )
    for file in sorted(resources.path("data", "guidance").glob("*.toml")):
        pieces += decode_guidance(file.read_bytes())
    return tuple(pieces), tuple(faults)


class GuidanceWiring(QObject):
    """Fills one view for the alarm that is shown, and opens what it offers."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self.view = GuidanceView(self._origin)
        self.view.cameras_wanted.connect(seat.requests.cameras_wanted)
        self.view.plots_wanted.connect(self._draw)

    def show(self, alarm: Alarm | None, near_cameras: Sequence[str]) -> None:
        """Show what was written for an alarm; `near_cameras` are the nearest ones."""
        if alarm is None:
            self.view.hide()
            return
        told = advice(self._seat.guidance, alarm)
        room = self._seat.pump.room
        cameras = [name for name in (*told.cameras, *near_cameras) if name in room.cameras]
        named = [name for name in (alarm.sensor, *told.plots) if name in room.sensors]
        plots = (*named, *near_sensors(room.sensors.values(), alarm, told.near_plots))
        self.view.show_advice(
            told, tuple(dict.fromkeys(cameras))[:CAMERAS_MOST], tuple(dict.fromkeys(plots))[:PLOTS_MOST]
        )

    def _draw(self, sensors: list[str]) -> None:
        self._seat.reveal("plots")
        for sensor in sensors:
            self._seat.requests.plot_wanted.emit(sensor)

    def _origin(self, told: Told) -> str:
        if told.nearness is Nearness.POINT:
            return _("this point")
        if told.nearness is Nearness.KIND:
            return _("this kind")
        return told.origin if told.nearness is Nearness.AREA else _("whole district")


def near_sensors(sensors: Iterable[Sensor], alarm: Alarm, kinds: Sequence[str]) -> list[str]:
    """The ids of the nearest sensors of each kind, in the order of the kinds."""
    here = alarm.point
    if here is None or not kinds:
        return []
    # Boxes first: of 130,000 sensors only those nearby are measured.
    north = NEAR_M / 111_000.0
    east = north / max(math.cos(math.radians(here.lat)), 0.01)
    found: dict[str, list[tuple[float, str]]] = {kind: [] for kind in kinds}
    for sensor in sensors:
        there = sensor.point
        if there is None or sensor.kind not in found or sensor.id == alarm.sensor:
            continue
        if abs(there.lat - here.lat) <= north and abs(there.lon - here.lon) <= east:
            found[sensor.kind].append((distance_m(here, there), sensor.id))
    return [identity for near in found.values() for _metres, identity in sorted(near)[:OF_A_KIND]]
