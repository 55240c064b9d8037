"""Whether the conditions of rules hold: what other alarms stand, what sensors read, what time it is."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta, timezone, tzinfo

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_rules import AlarmRules, Condition, Context, Match
from controlroom.domain.alarm_treatment import Treatment, conditions_of
from controlroom.domain.severity import Severity

ReadValue = Callable[[str, datetime], float | None]
"""The value of a sensor by its id, None when it is missing, doubtful or stale."""

BEIJING = timezone(timedelta(hours=8))
"""China has one time zone and no summer time."""


def nothing_read(_sensor: str, _now: datetime) -> float | None:
    """Where no sensor is read."""
    return None


class Surroundings:
    """Follows the alarms that conditions ask for. Not thread-safe: one thread owns an instance."""

    def __init__(self, rules: AlarmRules, value: ReadValue = nothing_read, zone: tzinfo = BEIJING) -> None:
        self._value = value
        self._zone = zone
        self._standing: dict[Match, set[str]] = {}
        self._fitted: dict[str, tuple[Match, ...]] = {}
        self._conditions = tuple(dict.fromkeys(c for rule in rules.rule for c in conditions_of(rule)))

    def follow(self, alarm: Alarm, treatment: Treatment) -> None:
        """An alarm changed."""
        # Told with another kind or place, an alarm may fit other conditions than before.
        for match in self._fitted.pop(alarm.id, ()):
            self._standing[match].discard(alarm.id)
        if alarm.active and treatment.watched:
            self._fitted[alarm.id] = treatment.watched
            for match in treatment.watched:
                self._standing.setdefault(match, set()).add(alarm.id)

    def seen(self, now: datetime) -> tuple[bool | None, ...]:
        """Whether each condition of the rules holds now; when this changes, what depends on it is looked at again."""
        return tuple([self.holds(condition, now) for condition in self._conditions])

    def holds(self, condition: Condition, now: datetime) -> bool | None:
        """Whether it is so; None when that cannot be told, since the sensor says nothing."""
        if condition.alarm is not None:
            return bool(self._standing.get(condition.alarm)) is condition.standing
        if condition.months:
            return now.astimezone(self._zone).month in condition.months
        if condition.between is not None:
            return _within(now.astimezone(self._zone).time(), *map(time.fromisoformat, condition.between))
        value = self._value(condition.sensor, now)
        if value is None:
            return None
        return (condition.above is None or value >= condition.above) and (
            condition.below is None or value <= condition.below
        )

    def enabled(self, conditions: Iterable[Condition], now: datetime) -> bool:
        """Whether nothing speaks against it: what cannot be told does not keep an alarm from being raised."""
        return all(self.holds(condition, now) is not False for condition in conditions)

    def context(self, contexts: Iterable[Context], now: datetime) -> Context | None:
        """The first context that certainly holds."""
        return next((one for one in contexts if all(self.holds(c, now) for c in one.when)), None)

    def graded(self, contexts: Iterable[Context], told: Severity, now: datetime) -> Severity:
        """The severity that the context makes of what was told."""
        context = self.context(contexts, now)
        return told if context is None else context.graded(told)


def _within(at: time, begins: time, ends: time) -> bool:
    return begins <= at < ends if begins <= ends else at >= begins or at < ends
