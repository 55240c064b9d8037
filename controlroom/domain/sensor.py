"""What a sensor is and when its value is abnormal."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.severity import Severity

Finite = Annotated[float, Meta(ge=-1e12, le=1e12)]


class Limit(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One limit: crossed when the value is at or above `above`, or at or below `below` (unit of the sensor)."""

    severity: Severity
    above: Finite | None = None
    below: Finite | None = None


class Sensor(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A measuring point of the district as its source declared it.

    `deadband` is in the unit of the sensor: a limit is left only this far on its safe side.
    `stale_after_s` is the age from which a value is no longer live, `delay_s` how long a limit must be crossed
    before that is told. `zone` is the class of its place by the standard of its kind (noise: GB 3096 0 … 4b, water:
    the target class), `model` the type of device within the kind, by which large kinds are grouped. `departments`
    are shown it beside `department`. `sources` is set by the hub: who declared it. `upstream` are the ids of the
    sensors next to it against the flow of the same river, pipe or gallery; where nobody says so it is not known.
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
    delay_s: Annotated[float, Meta(ge=0.0, le=86_400.0)] = 0.0
    zone: Annotated[str, Meta(max_length=20)] = ""
    model: Annotated[str, Meta(max_length=100)] = ""
    departments: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=32)] = ()
    sources: tuple[str, ...] = ()
    upstream: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=16)] = ()

    @property
    def shown_to(self) -> tuple[str, ...]:
        """Every department that sees it, its own first."""
        return tuple(dict.fromkeys(name for name in (self.department, *self.departments) if name))
