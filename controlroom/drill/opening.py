"""How a drill hub is brought to the state in which a recording begins, through its public ingest socket."""

from collections.abc import Iterator

import msgspec

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_names import LIMITS
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.wire.messages import AssetsRecord, CamerasRecord, Record, SensorsRecord, StandingRecord, VehiclesRecord

SOURCE = "recording"
"""Who declares what the recording began with; its first source is not known any more."""

_CHUNK = 1000


def opening_records(room: Room) -> Iterator[tuple[str, list[Record]]]:
    """What to hand in, as (source, records): sensors by their telemetry index, cameras, vehicles,
    assets, standing alarms.

    Incidents and tasks are the officers' own doing and are not handed in: in a drill they act themselves, so every
    standing alarm waits for them, acknowledged or not. What the hub's rules made of it stays as it was: muted children,
    causes, flapping, running delays.
    """
    sensors = sensors_by_index(room)
    for start in range(0, len(sensors), _CHUNK):
        yield SOURCE, [SensorsRecord(sensors=sensors[start : start + _CHUNK])]
    cameras = list(room.cameras.values())
    for start in range(0, len(cameras), _CHUNK):
        yield SOURCE, [CamerasRecord(cameras=cameras[start : start + _CHUNK])]
    vehicles = sorted(room.vehicles.values(), key=lambda vehicle: room.vehicle_index[vehicle.id])
    for start in range(0, len(vehicles), _CHUNK):
        yield SOURCE, [VehiclesRecord(vehicles=vehicles[start : start + _CHUNK])]
    assets = list(room.assets.values())
    for start in range(0, len(assets), _CHUNK):
        yield SOURCE, [AssetsRecord(assets=assets[start : start + _CHUNK])]
    for alarm in sorted(room.alarms.values(), key=lambda alarm: alarm.occurred_at):
        # The hub raises those itself as soon as the readings come.
        if alarm.source != LIMITS and alarm.state is not AlarmState.NORMAL:
            yield alarm.source, [StandingRecord(alarm=unseen(alarm))]
    for hold in sorted(room.holds.values(), key=lambda hold: hold.at):
        told = hold.alarm or room.alarms.get(hold.id)
        if told is not None and told.source != LIMITS:
            yield told.source, [StandingRecord(hold=hold)]


def sensors_by_index(room: Room) -> list[Sensor]:
    """All sensors in the order of their telemetry indices."""
    return sorted(room.sensors.values(), key=lambda sensor: room.sensor_index[sensor.id])


def unseen(alarm: Alarm) -> Alarm:
    """A recorded alarm as it stood, without anything that officers had done to it."""
    return msgspec.structs.replace(
        alarm,
        state=AlarmState.UNACKNOWLEDGED if alarm.active else AlarmState.RETURNED,
        acknowledged_by="",
        acknowledged_at=None,
        aside=None,
        owner=None,
        escalation=None,
        notes=(),
        tags=(),
    )
