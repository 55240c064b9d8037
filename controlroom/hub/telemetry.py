"""Readings and positions on their way through the hub: from what sources send to columns by telemetry index."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import Quality
from controlroom.domain.room import Room
from controlroom.domain.times import to_ms
from controlroom.hub.core import DATUM
from controlroom.hub.refusal import Refuse
from controlroom.mapping.coordinates import to_wgs84
from controlroom.wire.frames import Positions, Readings
from controlroom.wire.messages import ColumnsRecord, Crs, PositionsRecord, ReadingsRecord, Refusal

AHEAD_MS = 60_000
"""A reading from further in the future than this is taken as measured now and marked doubtful."""


def readings_of(record: ReadingsRecord, room: Room, now: datetime) -> tuple[Readings, tuple[str, ...]]:
    """The columns of readings told by id, and the ids that nobody declared; raises Refuse when lengths differ."""
    count = len(record.ids)
    quality = record.quality or [0] * count
    if not count == len(record.values) == len(record.times) == len(quality):
        raise Refuse(Refusal.MALFORMED, "ids, values, times and quality differ in length")
    index = room.sensor_index
    unknown = tuple(dict.fromkeys(i for i in record.ids if i not in index))
    values = np.array([np.nan if v is None else v for v in record.values], np.float32)
    marks = np.array(quality, np.uint8)
    marks[np.isnan(values) & (marks == Quality.GOOD)] = Quality.MISSING
    columns = Readings(
        np.array([index.get(i, 0) for i in record.ids], np.uint32), values, np.array(record.times, np.int64), marks
    )
    if unknown:
        known = np.flatnonzero([i in index for i in record.ids])
        columns = Readings(columns.index[known], columns.value[known], columns.time[known], columns.quality[known])
    return _plausible(columns, now), unknown


def columns_of(record: ColumnsRecord, room: Room, now: datetime) -> Readings:
    """The columns of readings told by index. Raises Refuse when lengths differ or an index is unknown."""
    count, rest = divmod(len(record.index), 4)
    lengths = (len(record.value), len(record.time), len(record.quality))
    if rest or lengths != (4 * count, 8 * count, count):
        raise Refuse(Refusal.MALFORMED, "the columns differ in length")
    columns = Readings(
        np.frombuffer(record.index, "<u4"),
        np.frombuffer(record.value, "<f4"),
        np.frombuffer(record.time, "<i8"),
        np.frombuffer(record.quality, "u1"),
    )
    if count and int(columns.index.max()) >= len(room.sensor_index):
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no sensor has index {int(columns.index.max())}")
    return _plausible(columns, now)


def positions_of(record: PositionsRecord, room: Room, crs: Crs, now: datetime) -> Positions:
    """The columns of positions, WGS-84. Raises Refuse when a vehicle is unknown."""
    index = room.vehicle_index
    unknown = next((p.vehicle for p in record.positions if p.vehicle not in index), None)
    if unknown is not None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no vehicle {unknown} was declared")
    rows = record.positions
    lon: NDArray[np.float64] = np.array([p.lon for p in rows], np.float64)
    lat: NDArray[np.float64] = np.array([p.lat for p in rows], np.float64)
    if crs != "WGS-84" and rows:
        lon, lat = to_wgs84(lon, lat, DATUM[crs])
    return Positions(
        np.array([index[p.vehicle] for p in rows], np.uint32),
        lon,
        lat,
        np.array([p.heading_deg for p in rows], np.float32),
        np.array([p.speed_kmh for p in rows], np.float32),
        np.minimum(np.array([p.time for p in rows], np.int64), to_ms(now) + AHEAD_MS),
    )


def _plausible(readings: Readings, now: datetime) -> Readings:
    """Readings without infinities and times from the far future; both are marked, not dropped."""
    now_ms = to_ms(now)
    ahead = readings.time > now_ms + AHEAD_MS
    endless = np.isinf(readings.value)
    if not (ahead.any() or endless.any()):
        return readings
    value, time, quality = readings.value.copy(), readings.time.copy(), readings.quality.copy()
    time[ahead] = now_ms
    value[endless] = np.nan
    quality[endless] = Quality.DOUBTFUL
    quality[ahead] = Quality.CLOCK_OFF
    return Readings(readings.index, value, time, quality)
