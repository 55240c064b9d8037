"""What sources hand in: the records of a handover."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_hold import Hold
from controlroom.domain.asset import Asset, Move
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.drill import Transport
from controlroom.domain.place import Latitude, Longitude, Point
from controlroom.domain.sensor import Finite, Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.domain.vehicle import Vehicle
from controlroom.wire.terms import MAX_BATCH, Name, Short, Text


class AlarmRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="alarm"):
    """A condition began or goes on. The same `key` of the same source is the same alarm."""

    key: Name
    severity: Severity
    title: Annotated[str, Meta(min_length=1, max_length=400)]
    occurred_at: Instant
    kind: Short = ""
    text: Text = ""
    place: Short = ""
    point: Point | None = None
    sensor: Short = ""
    camera: Short = ""
    department: Short = ""


class ClearRecord(Struct, frozen=True, kw_only=True, tag="clear"):
    """The condition of `key` is over."""

    key: Name
    occurred_at: Instant


class SensorsRecord(Struct, frozen=True, kw_only=True, tag="sensors"):
    """Declares sensors; the acknowledgement answers with their telemetry indices."""

    sensors: Annotated[list[Sensor], Meta(max_length=MAX_BATCH)]


class CamerasRecord(Struct, frozen=True, kw_only=True, tag="cameras"):
    """Declares cameras."""

    cameras: Annotated[list[Camera], Meta(max_length=MAX_BATCH)]


class VehiclesRecord(Struct, frozen=True, kw_only=True, tag="vehicles"):
    """Declares vehicles; the acknowledgement answers with their telemetry indices."""

    vehicles: Annotated[list[Vehicle], Meta(max_length=MAX_BATCH)]


class AssetsRecord(Struct, frozen=True, kw_only=True, tag="assets"):
    """Declares teams, hazard sources and spaces, changes them, or takes them away (`removed`)."""

    assets: Annotated[list[Asset], Meta(max_length=MAX_BATCH)]


class MovesRecord(Struct, frozen=True, kw_only=True, tag="moves"):
    """Where declared teams are now. Journaled, but for steps that are too small to tell."""

    moves: Annotated[list[Move], Meta(max_length=MAX_BATCH)]


class HealthRecord(Struct, frozen=True, kw_only=True, tag="health"):
    """The video platform tells that a camera came or went."""

    camera: Name
    health: CameraHealth
    occurred_at: Instant


class ReadingsRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="readings"):
    """Readings by sensor id, for sources that speak JSON: equal lengths, times in ms since 1970 UTC.

    A value of null is a missing reading. Not journaled: the newest wins.
    """

    ids: Annotated[list[Name], Meta(max_length=MAX_BATCH)]
    values: Annotated[list[Finite | None], Meta(max_length=MAX_BATCH)]
    times: Annotated[list[int], Meta(max_length=MAX_BATCH)]
    quality: Annotated[list[Annotated[int, Meta(ge=0, le=255)]], Meta(max_length=MAX_BATCH)] = []


class ColumnsRecord(Struct, frozen=True, kw_only=True, tag="columns"):
    """Readings as little-endian columns (msgpack only): u32 index, f32 value, i64 ms, u8 quality."""

    index: bytes
    value: bytes
    time: bytes
    quality: bytes


class Position(Struct, frozen=True, array_like=True):
    """Where a vehicle is: degrees in the declared CRS, heading clockwise from north, speed in km/h."""

    vehicle: Name
    lon: Longitude
    lat: Latitude
    heading_deg: Annotated[float, Meta(ge=0.0, le=360.0)]
    speed_kmh: Annotated[float, Meta(ge=0.0, le=1000.0)]
    time: int


class PositionsRecord(Struct, frozen=True, kw_only=True, tag="positions"):
    """Positions of vehicles. Not journaled: the newest wins."""

    positions: Annotated[list[Position], Meta(max_length=MAX_BATCH)]


class PlaybackRecord(Struct, frozen=True, kw_only=True, tag="playback"):
    """A drill's player tells where its playback stands (drill hubs only)."""

    drill: Name
    title: Short
    transport: Transport
    speed: Annotated[float, Meta(ge=0.1, le=32.0)]
    begins_at: Instant
    ends_at: Instant
    clock: Instant


class StandingRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="standing"):
    """A drill's player tells what stood when its recording began, as it stood: rules have judged it (drill hubs only).

    One of both is given: an alarm of the source that hands it in, or what rules held back of one.
    """

    alarm: Alarm | None = None
    hold: Hold | None = None


class RefusedRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refused"):
    """Messages that a source process turned away itself, for the hub to count and to keep the first bytes of one.

    `size` is how many bytes that message had; `body` is base64 in JSON.
    """

    count: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    reason: Annotated[str, Meta(min_length=1, max_length=400)]
    code: Literal["malformed", "newer_version", "unknown_object", "too_large"] = "malformed"
    size: Annotated[int, Meta(ge=0, le=2**40)] = 0
    body: Annotated[bytes, Meta(max_length=2000)] = b""


Record = (
    AlarmRecord
    | ClearRecord
    | SensorsRecord
    | CamerasRecord
    | VehiclesRecord
    | HealthRecord
    | ReadingsRecord
    | ColumnsRecord
    | PositionsRecord
    | PlaybackRecord
    | StandingRecord
    | RefusedRecord
    | AssetsRecord
    | MovesRecord
)
