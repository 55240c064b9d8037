"""The charts of single sensors and stations: heat strip, wind rose, correlation, air calendar, neighbours."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from controlroom.bridge.past_parts import Parts, Stretch
from controlroom.domain.air_calendar import POLLUTANTS, air_calendar
from controlroom.domain.correlation import correlate
from controlroom.domain.heat_strip import DAY_MS, HOUR_MS, day_grid, heat_strip
from controlroom.domain.neighbour_envelope import envelope, nearest_of_kind
from controlroom.domain.past_readings import Series
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.series_grid import Cells, Grid, on_grid
from controlroom.domain.standards import air
from controlroom.domain.times import to_ms
from controlroom.domain.wind_rose import together, wind_rose
from controlroom.i18n import _
from controlroom.wiring.chart_frame import Offers
from controlroom.wiring.chart_run import Chosen
from controlroom.wiring.seat import ZONE, Seat
from widgets.chart_calendar import CalendarSheet
from widgets.chart_envelope import EnvelopeSheet
from widgets.chart_heat import HeatSheet
from widgets.chart_rose import RoseSheet
from widgets.chart_scatter import ScatterSheet
from widgets.chart_sheet import ChartSheet
from widgets.chart_window import Choices

AHEAD_MS = 8 * HOUR_MS
"""The district's time is so far ahead of UTC, without summer time."""

MINUTE_MS = 60_000
_PAIR_WITHIN_MS = 30_000
_BINS_PER_CELL = 2

_SPANS: dict[str, tuple[int, int, int]] = {
    "1h": (HOUR_MS, MINUTE_MS, HOUR_MS),
    "6h": (6 * HOUR_MS, 2 * MINUTE_MS, 6 * HOUR_MS),
    "24h": (DAY_MS, 5 * MINUTE_MS, 6 * HOUR_MS),
    "7d": (7 * DAY_MS, 30 * MINUTE_MS, DAY_MS),
    "30d": (30 * DAY_MS, 2 * HOUR_MS, 5 * DAY_MS),
}
"""By key: how long, how long a cell of the grid is, and how long a part that is asked for at once."""


def span_words(key: str) -> str:
    """A period in words."""
    return {
        "1h": _("last hour"),
        "6h": _("last 6 hours"),
        "24h": _("last 24 hours"),
        "7d": _("last 7 days"),
        "30d": _("last 30 days"),
        "90d": _("last 90 days"),
    }[key]


class _Sensors:
    """Sensors among which one is chosen, with what every plan knows of them."""

    refresh_s = 10.0

    def __init__(self, seat: Seat, sensors: Sequence[Sensor]) -> None:
        self._seat = seat
        self._sensors = {sensor.id: sensor for sensor in sensors}
        self.stale_after_s = max((sensor.stale_after_s for sensor in sensors), default=180.0)

    def _offer(self, sensors: Sequence[Sensor]) -> Choices:
        return [(sensor.id, f"{sensor.name}") for sensor in sensors]

    def _index(self, sensor: Sensor) -> int:
        return self._seat.pump.room.sensor_index[sensor.id]

    def _one(self, chosen: Chosen, name: str = "sensor") -> Sensor | None:
        return self._seat.pump.room.sensors.get(chosen[name])


def _on(parts: Sequence[Series], grid: Grid) -> Cells:
    return on_grid(parts, grid)


def _spans(*keys: str) -> Choices:
    return [(key, span_words(key)) for key in keys]


def _span_grid(key: str, at: datetime) -> Grid:
    """The cells of a period that ends with the cell of a time."""
    length, width, _part = _SPANS[key]
    end = -(-to_ms(at) // width) * width
    return Grid(end - length, width, length // width)


def _span_stretch(key: str, indices: tuple[int, ...], at: datetime) -> Stretch:
    grid, part_ms = _span_grid(key, at), _SPANS[key][2]
    return Stretch(
        indices, grid.since_ms, min(grid.until_ms, to_ms(at) + 1), part_ms, _BINS_PER_CELL * part_ms // grid.width_ms
    )


def local_day(at: datetime) -> date:
    """The district's day of a time."""
    return at.astimezone(ZONE).date()


class HeatPlan(_Sensors):
    """Hours and days of one sensor."""

    def __init__(self, seat: Seat, sensors: Sequence[Sensor]) -> None:
        super().__init__(seat, sensors)
        self._limits: dict[tuple[str, int], tuple[Limit, ...]] = {}

    @property
    def title(self) -> str:
        """What the window is called."""
        return _("Hours and days")

    def choices(self) -> Offers:
        """The sensor and how many days."""
        days = _spans("7d", "30d", "90d")
        offer = self._offer(list(self._sensors.values()))
        return (("sensor", _("Sensor"), offer, ""), ("days", _("Period"), days, "30d"))

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """Quarters of hours, a day at once."""
        sensor = self._one(chosen)
        if sensor is None:
            return _("This sensor is no longer declared.")
        grid = self._grid(chosen, at)
        # Local midnights are no multiples of a day in UTC, so parts of a third of a day fit both.
        return Stretch((self._index(sensor),), grid.since_ms, to_ms(at) + 1, 3 * DAY_MS, 288)

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The strip with the limits of each hour."""
        sensor = self._seat.pump.room.sensors[chosen["sensor"]]
        grid = self._grid(chosen, at)
        strip = heat_strip(parts.series[0], self._first(chosen, at), grid.count // 24, AHEAD_MS)

        hours = min(max(-(-(to_ms(at) - grid.since_ms) // HOUR_MS), 0), grid.count)

        def level_at(value: float, cell: int) -> int:
            return level_of(value, self._limits_of(sensor, grid.since_ms + cell * HOUR_MS))

        return HeatSheet(
            sensor=sensor, kind=self._seat.kinds.get(sensor.kind), strip=strip, level_at=level_at, hours=hours
        )

    def _first(self, chosen: Chosen, at: datetime) -> date:
        return local_day(at) - timedelta(days=int(chosen["days"].removesuffix("d")) - 1)

    def _grid(self, chosen: Chosen, at: datetime) -> Grid:
        return day_grid(self._first(chosen, at), int(chosen["days"].removesuffix("d")), AHEAD_MS)

    def _limits_of(self, sensor: Sensor, at_ms: int) -> tuple[Limit, ...]:
        key = (sensor.id, at_ms)
        if key not in self._limits:
            at = datetime.fromtimestamp(at_ms / 1000, ZONE)
            self._limits[key] = self._seat.limit_book.limits_at(sensor, at)
        return self._limits[key]


def level_of(value: float, limits: Sequence[Limit]) -> int:
    """The worst severity whose limit a value crosses, 0 without any."""
    crossed = [
        int(limit.severity)
        for limit in limits
        if (limit.above is not None and value >= limit.above) or (limit.below is not None and value <= limit.below)
    ]
    return min(crossed, default=0)


class RosePlan(_Sensors):
    """Wind of a station: a sensor of speed and the one of direction at its place."""

    refresh_s = 30.0

    def __init__(self, seat: Seat, sensors: Sequence[Sensor]) -> None:
        super().__init__(seat, sensors)
        self._stations = wind_stations(seat)

    @property
    def title(self) -> str:
        """What the window is called."""
        return _("Wind rose")

    def choices(self) -> Offers:
        """The stations that measure both, and the period."""
        stations = self._stations
        offer = [(speed.id, station_name(speed)) for speed, _direction in stations]
        first = next((speed.id for speed, other in stations if {speed.id, other.id} & set(self._sensors)), "")
        return (("station", _("Station"), offer, first), ("days", _("Period"), _spans("24h", "7d", "30d"), "24h"))

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """Every reading of both, six hours at once."""
        pair = self._pair(chosen)
        if pair is None:
            return _("No station measures both wind speed and direction.")
        length = _SPANS[chosen["days"]][0]
        since = -(-(to_ms(at) - length) // MINUTE_MS) * MINUTE_MS
        return Stretch(tuple(self._index(each) for each in pair), since, to_ms(at) + 1, 6 * HOUR_MS, 0)

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The rose of all parts together."""
        speed = self._seat.pump.room.sensors[chosen["station"]]
        roses = [wind_rose(a, b, _PAIR_WITHIN_MS) for a, b in zip(*parts.series, strict=True)]
        return RoseSheet(
            name=station_name(speed),
            period=span_words(chosen["days"]),
            rose=together(roses),
            damaged=bool(parts.gaps),
        )

    def _pair(self, chosen: Chosen) -> tuple[Sensor, Sensor] | None:
        return next((pair for pair in self._stations if pair[0].id == chosen["station"]), None)


def wind_stations(seat: Seat) -> list[tuple[Sensor, Sensor]]:
    """Sensors of speed and direction that stand at one place."""
    sensors = seat.pump.room.sensors.values()
    directions = {sensor.point: sensor for sensor in sensors if sensor.kind == "wind_direction"}
    directions.pop(None, None)
    pairs = [(each, directions.get(each.point)) for each in sensors if each.kind == "wind_speed"]
    known = [(speed, direction) for speed, direction in pairs if direction is not None]
    return sorted(known, key=lambda pair: pair[0].name)


def station_name(sensor: Sensor) -> str:
    """The name of a sensor without what it measures, where that stands behind a space."""
    head, space, _tail = sensor.name.rpartition(" ")
    return head if space else sensor.name


class CorrelationPlan(_Sensors):
    """Two sensors against each other."""

    @property
    def title(self) -> str:
        """What the window is called."""
        return _("Correlation")

    def choices(self) -> Offers:
        """Both sensors and the period; beside what was chosen those at the same place and the nearest of the kind."""
        sensors = list(self._sensors.values())
        if sensors:
            first = sensors[0]
            held = self._seat.pump.room.sensors
            beside = [each for each in held.values() if each.point is not None and each.point == first.point]
            near = [each for each, _km in nearest_of_kind(first, held, 8)]
            sensors = list({each.id: each for each in [*sensors, *beside, *near]}.values())
        offer = self._offer(sensors)
        second = sensors[1].id if len(sensors) > 1 else ""
        spans = _spans("1h", "6h", "24h", "7d", "30d")
        return (
            ("first", _("First"), offer, ""),
            ("second", _("Second"), offer, second),
            ("span", _("Period"), spans, "6h"),
        )

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """Both on one grid."""
        pair = [self._one(chosen, name) for name in ("first", "second")]
        sensors = [each for each in pair if each is not None]
        if len(sensors) < 2 or sensors[0].id == sensors[1].id:
            return _("Choose two different sensors.")
        return _span_stretch(chosen["span"], tuple(self._index(each) for each in sensors), at)

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The pairs and their coefficients; delays up to a quarter of the period are tried."""
        sensors = self._seat.pump.room.sensors
        grid = _span_grid(chosen["span"], at)
        first, second = (_on(series, grid).mean for series in parts.series)
        both = np.isfinite(first) & np.isfinite(second)
        return ScatterSheet(
            first=sensors[chosen["first"]],
            second=sensors[chosen["second"]],
            found=correlate(first, second, grid.count // 4),
            time_s=grid.starts_ms[both] / 1000.0,
            cell_s=grid.width_ms / 1000.0,
            period=span_words(chosen["span"]),
        )


class CalendarPlan(_Sensors):
    """The air of a station, day by day."""

    refresh_s = 60.0

    def __init__(self, seat: Seat, sensors: Sequence[Sensor]) -> None:
        super().__init__(seat, sensors)
        self._standard = air.parse(seat.district.standard("air"))
        self._stations = air_stations(seat)

    @property
    def title(self) -> str:
        """What the window is called."""
        return _("Air quality calendar")

    def choices(self) -> Offers:
        """The stations, and the last twelve months or a year."""
        stations = self._stations
        offer = [(each[0].id, station_name(each[0])) for each in stations]
        first = next((each[0].id for each in stations if {one.id for one in each} & set(self._sensors)), "")
        this = local_day(self._seat.clock.now()).year
        years = [("12m", _("last 12 months")), *((str(year), str(year)) for year in range(this, this - 10, -1))]
        return (("station", _("Station"), offer, first), ("year", _("Period"), years, "12m"))

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """Hourly means of all pollutants, some days at once."""
        station = self._station(chosen)
        if station is None:
            return _("No station measures what the air quality index is made of.")
        first, last = self._days(chosen, at)
        if last < first:
            return _("This year has not begun yet at the time that is looked at.")
        grid = day_grid(first, (last - first).days + 1, AHEAD_MS)
        indices = tuple(self._index(each) for each in station)
        return Stretch(indices, grid.since_ms, min(grid.until_ms, to_ms(at) + 1), 30 * DAY_MS, 30 * 24)

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The index of each day."""
        station = self._station(chosen) or ()
        first, last = self._days(chosen, at)
        grid = day_grid(first, (last - first).days + 1, AHEAD_MS)
        hourly: dict[str, NDArray[np.float64]] = {
            sensor.kind: _on(series, grid).mean for sensor, series in zip(station, parts.series, strict=True)
        }
        return CalendarSheet(
            name=station_name(station[0]),
            calendar=air_calendar(self._standard, hourly, first, local_day(at)),
            levels=self._standard.levels,
            damaged=bool(parts.gaps),
        )

    def _station(self, chosen: Chosen) -> tuple[Sensor, ...] | None:
        return next((each for each in self._stations if each[0].id == chosen["station"]), None)

    def _days(self, chosen: Chosen, at: datetime) -> tuple[date, date]:
        today = local_day(at)
        if chosen["year"] == "12m":
            return (today - timedelta(days=364), today)
        year = int(chosen["year"])
        return date(year, 1, 1), min(date(year, 12, 31), today)


def air_stations(seat: Seat) -> list[tuple[Sensor, ...]]:
    """Sensors of the pollutants of the index that stand at one place, in the order of POLLUTANTS; by name."""
    by_place: dict[object, dict[str, Sensor]] = {}
    for sensor in seat.pump.room.sensors.values():
        if sensor.kind in POLLUTANTS:
            by_place.setdefault(sensor.point or sensor.id, {})[sensor.kind] = sensor
    stations = [tuple(held[kind] for kind in POLLUTANTS if kind in held) for held in by_place.values()]
    return sorted(stations, key=lambda each: (-len(each), each[0].name))


class EnvelopePlan(_Sensors):
    """A sensor before the band of its neighbours."""

    def __init__(self, seat: Seat, sensors: Sequence[Sensor]) -> None:
        super().__init__(seat, sensors)
        self._found: dict[tuple[str, int], list[tuple[Sensor, float]]] = {}
        self._looked_through = 0

    @property
    def title(self) -> str:
        """What the window is called."""
        return _("One sensor or the district?")

    def choices(self) -> Offers:
        """The sensor, how many neighbours, and the period."""
        offer = self._offer(list(self._sensors.values()))
        many = [(str(count), str(count)) for count in (5, 7, 11, 15)]
        spans = _spans("1h", "6h", "24h", "7d")
        return (
            ("sensor", _("Sensor"), offer, ""),
            ("count", _("Neighbours"), many, "7"),
            ("span", _("Period"), spans, "6h"),
        )

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """It and its neighbours on one grid."""
        sensor = self._one(chosen)
        if sensor is None:
            return _("This sensor is no longer declared.")
        if sensor.point is None:
            return _("This sensor has no place, so it has no neighbours.")
        indices = (self._index(sensor), *(self._index(each) for each, _km in self._near(sensor, chosen)))
        return _span_stretch(chosen["span"], indices, at)

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The band and its verdict."""
        sensor = self._seat.pump.room.sensors[chosen["sensor"]]
        kind = self._seat.kinds.get(sensor.kind)
        grid = _span_grid(chosen["span"], at)
        own, *others = (_on(series, grid) for series in parts.series)
        width = kind.scale[1] - kind.scale[0] if kind is not None else 0.0
        least_gap = max(sensor.deadband, _ALIKE_SHARE * width)
        newest = [float(cells.mean[np.flatnonzero(np.isfinite(cells.mean))[-1:]].sum()) for cells in others]
        newest = [v if np.isfinite(c.mean).any() else float("nan") for v, c in zip(newest, others, strict=True)]
        return EnvelopeSheet(
            sensor=sensor,
            kind=kind,
            neighbours=self._near(sensor, chosen)[: len(others)],
            newest=newest,
            time_s=grid.starts_ms / 1000.0,
            own=own,
            band=envelope(own.mean, [cells.mean for cells in others], least_gap),
            period=span_words(chosen["span"]),
        )

    def _near(self, sensor: Sensor, chosen: Chosen) -> list[tuple[Sensor, float]]:
        key, sensors = (sensor.id, int(chosen["count"])), self._seat.pump.room.sensors
        if key not in self._found or self._looked_through != len(sensors):
            self._looked_through = len(sensors)
            self._found = {key: nearest_of_kind(sensor, sensors, key[1])}
        return self._found[key]


_ALIKE_SHARE = 0.02
"""Of the scale of a kind: sensors that differ by no more are alike; a house figure."""
