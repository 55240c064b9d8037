"""Other limits than those of the standards, in force for sensors while a context of the alarm rules holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.sensor import Limit, Sensor

Limits = tuple[Limit, ...]


class LimitsInForce(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the hub judges some sensors by, for example while a rainstorm warning stands.

    `id` is that of the context, `limits` are in the units of the sensors, `sensors` their ids; `over` when the context
    has ended and the limits of the standards hold again.
    """

    id: str
    limits: Annotated[tuple[Limit, ...], Meta(max_length=8)]
    sensors: tuple[str, ...]
    since: datetime
    over: bool = False


class Limiting(Protocol):
    """Answers which limits hold for a sensor at a time: `LimitBook`, or one that knows more."""

    def in_force(self, sensor: Sensor, at: datetime) -> LimitsInForce | None:
        """What a context has put in force for a sensor and a time; None where standards and declarations hold."""

    def limits_at(self, sensor: Sensor, at: datetime) -> Limits:
        """The limits that hold for a sensor at a time."""

    def basis_at(self, sensor: Sensor, at: datetime) -> str:
        """Standard and edition of these limits; empty where they have none."""

    def judged(self, sensor: Sensor, at: datetime) -> Sensor:
        """The sensor with the limits that hold for it at a time."""

    def dated(self, sensor: Sensor) -> bool:
        """Whether its limits depend on the time or on what else is so."""

    def validity(self, at: datetime) -> tuple[object, ...]:
        """Changes exactly when the limits of some sensor may."""


class RoomLimits:
    """The book of limits and, over it, what the hub has put in force. Not thread-safe: one thread owns an instance.

    What is in force counts from the time it was put in force on, so a look further back shows the book's limits.
    Contexts that ended before are not known here: only the hub's journal has them.
    """

    def __init__(self, book: Limiting, held: Callable[[], Mapping[str, LimitsInForce]]) -> None:
        """`held` gives what is in force now, by id."""
        self._book = book
        self._held = held
        self._known: tuple[LimitsInForce, ...] = ()
        self._by_sensor: dict[str, LimitsInForce] = {}
        self._touched: set[str] = set()

    def in_force(self, sensor: Sensor, at: datetime) -> LimitsInForce | None:
        """What the hub has put in force for a sensor and a time; None where the book holds."""
        self._follow()
        found = self._by_sensor.get(sensor.id)
        return found if found is not None and found.since <= at else None

    def limits_at(self, sensor: Sensor, at: datetime) -> Limits:
        """The limits that hold for a sensor at a time."""
        found = self.in_force(sensor, at)
        return self._book.limits_at(sensor, at) if found is None else found.limits

    def basis_at(self, sensor: Sensor, at: datetime) -> str:
        """Standard and edition of these limits; empty for declared ones and for those of the alarm rules."""
        return self._book.basis_at(sensor, at) if self.in_force(sensor, at) is None else ""

    def judged(self, sensor: Sensor, at: datetime) -> Sensor:
        """The sensor with the limits that hold for it at a time."""
        limits = self.limits_at(sensor, at)
        return sensor if limits == sensor.limits else msgspec.structs.replace(sensor, limits=limits)

    def judged_all(self, sensors: Sequence[Sensor], at: datetime) -> list[Sensor]:
        """Many sensors with the limits that hold for them; those that are alike are looked up once."""
        self._follow()
        found: dict[tuple[str, str, Limits], Limits] = {}
        judged = []
        for sensor in sensors:
            if sensor.id in self._by_sensor:
                judged.append(self.judged(sensor, at))
                continue
            alike = (sensor.kind, sensor.zone, sensor.limits)
            limits = found.get(alike)
            if limits is None:
                limits = found[alike] = self._book.limits_at(sensor, at)
            judged.append(sensor if limits == sensor.limits else msgspec.structs.replace(sensor, limits=limits))
        return judged

    def dated(self, sensor: Sensor) -> bool:
        """Whether its limits depend on the time, or were ever others because of a context."""
        self._follow()
        return sensor.id in self._touched or self._book.dated(sensor)

    def validity(self, at: datetime) -> tuple[object, ...]:
        """Changes exactly when the limits of some sensor may."""
        self._follow()
        counting = tuple(held.id for held in self._known if held.since <= at)
        return (*self._book.validity(at), self._known, counting)

    def _follow(self) -> None:
        held = self._held()
        if len(held) == len(self._known) and all(held.get(known.id) is known for known in self._known):
            return
        self._known = tuple(held.values())
        self._by_sensor = {sensor: each for each in self._known for sensor in each.sensors}
        self._touched.update(self._by_sensor)
