"""A room under rules, a clock that the test moves, and what sources tell and officers do in it."""

from datetime import datetime, timedelta

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_conditioning import Conditioning
from controlroom.domain.alarm_rules import AlarmRules, decode_rules
from controlroom.domain.events import AlarmChanged, Event
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from tests.rooms import NOON


class District:
    """Folds what conditioning decides; `restart` forgets everything but the room."""

    def __init__(self, rules: str | AlarmRules, now: datetime = NOON) -> None:
        self.rules = decode_rules(rules.encode()) if isinstance(rules, str) else rules
        self.now = now
        self.room = Room()
        self.values: dict[str, float] = {}
        self.restart()

    def restart(self) -> None:
        """The hub ends and starts again: what the room's snapshot carries is all that is left."""
        room = Room()
        room.restore(self.room.sequence, self.room.snapshot())
        assert room.digest() == self.room.digest()
        self.room = room
        self.conditioning = Conditioning(room, self.rules, lambda sensor, _now: self.values.get(sensor))

    def fold(self, events: list[Event]) -> list[Event]:
        for event in events:
            self.room.apply(self.room.sequence + 1, event)
            self.conditioning.follow(event)
        return events

    def tell(self, key: str, source: str = "s", severity: Severity = Severity.ORANGE, **more: object) -> list[Event]:
        new = Alarm(
            id=f"{source}/{key}",
            source=source,
            key=key,
            severity=severity,
            title=f"{key} {severity.name}",
            state=AlarmState.UNACKNOWLEDGED,
            occurred_at=self.now,
            received_at=self.now,
            changed_at=self.now,
            **more,
        )
        return self.fold(self.conditioning.told(new, self.now))

    def clear(self, key: str, source: str = "s") -> list[Event]:
        return self.fold(self.conditioning.cleared(f"{source}/{key}", self.now))

    def wait(self, seconds: float) -> list[Event]:
        """So much time passes; the hub looks once at its end."""
        self.now += timedelta(seconds=seconds)
        return self.conditioning.look(self.now, self.fold)

    def do(self, changed: Alarm) -> None:
        """An officer changed an alarm."""
        self.fold([AlarmChanged(changed)])

    def acknowledge(self, key: str, source: str = "s") -> None:
        held = self.of(key, source)
        assert held is not None
        self.do(machine.acknowledged(held, "王", self.now))

    def of(self, key: str, source: str = "s") -> Alarm | None:
        return self.room.alarms.get(f"{source}/{key}")

    def stands(self, key: str, source: str = "s") -> bool:
        held = self.of(key, source)
        return held is not None and held.active


HERE = Point(116.34, 39.73)
