"""What a sensor is and when its value is abnormal."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.severity import Severity

Finite = Annotated[float, Meta(ge=-1e12, le=1e12)]


class Limit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One limit: crossed when the value is at or above `above`, or at or below `below` (unit of the sensor)."""

    severity: Severity
    above: Finite | None = None
    below: Finite | None = None


class Sensor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A measuring point of the district as its source declared it.

    `deadband` is in the unit of the sensor: a limit is left only this far on its safe side.
    `stale_after_s` is the age from which a value is no longer live.
    """

    id: str
    name: str
    kind: str
    unit: str = ""
    point: Point | None = None
    town: str = ""
    department: str = ""
    limits: tuple[Limit, ...] = ()
    deadband: Finite = 0.0
    stale_after_s: Annotated[float, Meta(gt=0.0, le=1e7)] = 180.0
