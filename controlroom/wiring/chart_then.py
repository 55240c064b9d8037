"""One sensor's last day over another day, as a plan of what is asked and shown."""

from collections.abc import Sequence
from datetime import datetime

from controlroom.bridge.past_parts import Parts, Stretch
from controlroom.domain.heat_strip import DAY_MS, HOUR_MS
from controlroom.domain.sensor import Sensor
from controlroom.domain.series_grid import Grid, on_grid
from controlroom.domain.then_and_now import then_and_now
from controlroom.domain.times import to_ms
from controlroom.i18n import _
from controlroom.wiring.chart_frame import Offers
from controlroom.wiring.chart_run import Chosen
from controlroom.wiring.seat import Seat
from widgets.chart_sheet import ChartSheet
from widgets.chart_then import ThenSheet

_CELL_MS = 5 * 60_000
_CELLS = DAY_MS // _CELL_MS
_DAYS = {"day": 1, "week": 7}


class ThenPlan:
    """The last 24 hours against those of the day before, or of a week before."""

    refresh_s = 10.0

    def __init__(self, seat: Seat, sensors: Sequence[Sensor]) -> None:
        self._seat = seat
        self._sensors = list(sensors)
        self.stale_after_s = max((sensor.stale_after_s for sensor in sensors), default=180.0)

    @property
    def title(self) -> str:
        """What the window is called."""
        return _("Now over yesterday")

    def choices(self) -> Offers:
        """The sensor and the other day."""
        days = [("day", _("the day before")), ("week", _("a week before"))]
        offer = [(sensor.id, sensor.name) for sensor in self._sensors]
        return (("sensor", _("Sensor"), offer, ""), ("then", _("Compare with"), days, "day"))

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """Both days and what lies between."""
        index = self._seat.pump.room.sensor_index.get(chosen["sensor"])
        if index is None:
            return _("This sensor is no longer declared.")
        grid = self._grid(chosen, at)
        return Stretch((index,), grid.since_ms, min(grid.until_ms, to_ms(at) + 1), 6 * HOUR_MS, 144)

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The two curves and their difference."""
        sensor = self._seat.pump.room.sensors[chosen["sensor"]]
        grid = self._grid(chosen, at)
        course = on_grid(parts.series[0], grid).mean
        ago = _DAYS[chosen["then"]] * _CELLS
        found = then_and_now(course, ago)
        return ThenSheet(
            sensor=sensor,
            kind=self._seat.kinds.get(sensor.kind),
            found=found,
            time_s=grid.starts_ms[-len(found.now) :] / 1000.0,
            then_word=_("the day before") if chosen["then"] == "day" else _("a week before"),
        )

    def _grid(self, chosen: Chosen, at: datetime) -> Grid:
        end = -(-to_ms(at) // _CELL_MS) * _CELL_MS
        count = (_DAYS[chosen["then"]] + 1) * _CELLS
        return Grid(end - count * _CELL_MS, _CELL_MS, count)
