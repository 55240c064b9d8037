"""What the alarm rules say of sensors: other limits while a context holds, and what a source has told so far."""

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime

import msgspec

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_conditioning import Conditioning
from controlroom.domain.alarm_hold import HoldKind
from controlroom.domain.alarm_names import limit_key
from controlroom.domain.alarm_rules import Context
from controlroom.domain.limits_in_force import LimitsInForce
from controlroom.domain.readings import GOOD, Latest
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.hub.rules import place_of

_STILL_TOLD = (HoldKind.DELAYED, HoldKind.DISABLED, HoldKind.MERGED)
_OVER = (HoldKind.CLEARING, HoldKind.CARRIED)


class _Condition(msgspec.Struct, frozen=True):
    """What the limits of a sensor would be told as, for the rules to match."""

    source: str
    kind: str
    department: str
    place: str
    key: str


class FreshValues:
    """Reads the newest values of sensors, as conditions of rules ask for them. One thread owns an instance."""

    def __init__(self, room: Room, latest: Latest) -> None:
        self._room = room
        self._latest = latest

    def __call__(self, sensor: str, now: datetime) -> float | None:
        """The value in the sensor's unit; None when it is missing, doubtful or stale."""
        known, index = self._room.sensors.get(sensor), self._room.sensor_index.get(sensor)
        latest = self._latest
        if known is None or index is None or index >= latest.size or not latest.time_ms[index]:
            return None
        heard_ms = min(int(latest.time_ms[index]), int(latest.received_ms[index]))
        value = float(latest.value[index])
        stale = to_ms(now) - heard_ms > known.stale_after_s * 1000
        return None if stale or latest.quality[index] != GOOD or not math.isfinite(value) else value


class ContextLimits:
    """The sensors whose limits depend on what else is so. One thread owns an instance."""

    def __init__(self, conditioning: Conditioning, source: str) -> None:
        self._conditioning = conditioning
        self._source = source
        self._contexts: dict[str, tuple[Context, ...]] = {}
        self._held: dict[tuple[Context, ...], Context | None] = {}
        self._untold = True

    def judged(self, sensor: Sensor, now: datetime) -> Sensor:
        """The sensor with the limits that hold for it now; it is followed from here on."""
        told = _Condition(self._source, sensor.kind, sensor.department, place_of(sensor), limit_key(sensor.id))
        contexts = tuple(context for context in self._conditioning.contexts_of(told) if context.limits)
        self._untold = True
        if not contexts:
            self._contexts.pop(sensor.id, None)
            return sensor
        self._contexts[sensor.id] = contexts
        context = self._held[contexts] = self._conditioning.context(contexts, now)
        return sensor if context is None else msgspec.structs.replace(sensor, limits=context.limits)

    def changed(self, now: datetime) -> list[str]:
        """The ids of the sensors whose limits are others now, to be judged anew."""
        changed = set()
        for contexts, held in self._held.items():
            context = self._conditioning.context(contexts, now)
            if context is not held:
                changed.add(contexts)
                self._held[contexts] = context
        return [identity for identity, contexts in self._contexts.items() if contexts in changed] if changed else []

    def told(self, held: Mapping[str, LimitsInForce], now: datetime) -> list[LimitsInForce]:
        """What differs from what seats hold to be in force; call after `changed` and what it led to."""
        if not self._untold:
            return []
        self._untold = False
        sensors: dict[Context, list[str]] = {}
        for identity, contexts in self._contexts.items():
            if (context := self._held[contexts]) is not None:
                sensors.setdefault(context, []).append(identity)
        changed, named = [], set()
        for context, members in sensors.items():
            identity = hashlib.sha256(msgspec.msgpack.encode(context)).hexdigest()[:12]
            named.add(identity)
            before = held.get(identity)
            if before is None or before.sensors != tuple(sorted(members)):
                since = now if before is None else before.since
                changed.append(
                    LimitsInForce(id=identity, limits=context.limits, sensors=tuple(sorted(members)), since=since)
                )
        over = [msgspec.structs.replace(gone, over=True) for identity, gone in held.items() if identity not in named]
        return changed + over


def still_told(room: Room, source: str) -> dict[str, Alarm]:
    """What a source has told and not ended, by key, although rules may hold it back: what it must know after a restart.

    An alarm that stands on although its source ended it is not among them: told again, it is to be heard.
    """
    told = {}
    for alarm in room.alarms.values():
        hold = room.holds.get(alarm.id)
        if alarm.source == source and alarm.active and (hold is None or hold.why not in _OVER):
            told[alarm.key] = alarm
    for hold in room.holds.values():
        if hold.alarm is not None and hold.alarm.source == source and hold.why in _STILL_TOLD:
            told[hold.alarm.key] = hold.alarm
    return told
