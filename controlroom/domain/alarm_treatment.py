"""The rules as looked up for one alarm after the other: found once for each origin, then remembered."""

from msgspec import Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_rules import AlarmRules, Chatter, Condition, Context, Match, Repeated, Rule, Same, Told

_ORIGINS_MOST = 10_000
"""Origins that are remembered; sources that invent kinds make it begin anew."""


class Treatment(Struct, frozen=True, kw_only=True):
    """What all rules together say of an alarm.

    `parent_of` and `child_of` are numbers of correlations, `watched` the matches of conditions on alarms that it fits.
    """

    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    repeated: Repeated | None = None
    latching: bool = False
    chatter: Chatter | None = None
    enabled_when: tuple[Condition, ...] = ()
    context: tuple[Context, ...] = ()
    cause: str = ""
    same: Same | None = None
    parent_of: tuple[int, ...] = ()
    child_of: tuple[int, ...] = ()
    watched: tuple[Match, ...] = ()
    direct: bool = True
    """Whether what is told is the alarm as it is, without a look at anything but `same` and its chattering."""
    remembered: bool = False
    """Whether something must be remembered of the alarm while it stands, `same` apart."""

    def compared(self, alarm: Alarm) -> bool:
        """Whether another source might have told the same: an alarm without the fields to compare is alone."""
        same = self.same
        if same is None:
            return False
        for field in same.fields:  # noqa: SIM110  # a generator would cost as much as all the rest for an alarm
            if not getattr(alarm, field):
                return False
        return True

    def cause_of(self, alarm: Alarm) -> str:
        """What groups this alarm with others of its origin; empty where no rule says so."""
        return filled(self.cause, alarm)


def filled(template: str, alarm: Alarm) -> str:
    """A template with the fields of an alarm."""
    if "{" not in template:
        return template
    return template.format(
        source=alarm.source,
        kind=alarm.kind,
        department=alarm.department,
        place=alarm.place,
        sensor=alarm.sensor,
        camera=alarm.camera,
        key=alarm.key,
    )


class _Origin:
    """The rules that may mean the alarms of one source, kind and department, and the treatments found so far."""

    def __init__(self, matches: list[Match], whole: Treatment | None) -> None:
        self.matches = tuple(matches)
        self.whole = whole
        self.by_fit: dict[tuple[bool, ...], Treatment] = {}


class RuleTable:
    """Finds the treatment of alarms. Not thread-safe: one thread owns an instance."""

    def __init__(self, rules: AlarmRules) -> None:
        self.rules = rules
        self._conditions = _alarm_matches(rules)
        self._matches: list[Match] = []
        for match in (
            *(rule.match for rule in rules.rule),
            *(one.parent for one in rules.correlation),
            *(one.children for one in rules.correlation),
            *self._conditions,
        ):
            if match not in self._matches:
                self._matches.append(match)
        self._origins: dict[tuple[str, str, str], _Origin] = {}

    def of(self, told: Told) -> Treatment:
        """How this alarm is treated."""
        name = (told.source, told.kind, told.department)
        origin = self._origins.get(name)
        if origin is None:
            if len(self._origins) >= _ORIGINS_MOST:
                self._origins.clear()
            origin = self._origins[name] = self._origin(*name)
        if origin.whole is not None:
            return origin.whole
        fit = tuple([match.fits_closer(told) for match in origin.matches])
        found = origin.by_fit.get(fit)
        if found is None:
            fitting = {match for match, fits in zip(origin.matches, fit, strict=True) if fits}
            found = origin.by_fit[fit] = self._treatment(fitting)
        return found

    def _origin(self, source: str, kind: str, department: str) -> _Origin:
        matches = [match for match in self._matches if match.fits_origin(source, kind, department)]
        closer = any(match.looks_closer for match in matches)
        return _Origin(matches, None if closer else self._treatment(set(matches)))

    def _treatment(self, fitting: set[Match]) -> Treatment:
        rules = [rule for rule in self.rules.rule if rule.match in fitting]
        correlations = list(enumerate(self.rules.correlation))
        parent_of = tuple(number for number, one in correlations if one.parent in fitting)
        child_of = tuple(number for number, one in correlations if one.children in fitting)
        watched = tuple(match for match in self._conditions if match in fitting)
        on_delay_s = next((r.on_delay_s for r in rules if r.on_delay_s is not None), 0.0)
        repeated = next((r.repeated for r in rules if r.repeated is not None), None)
        latching = next((r.latching for r in rules if r.latching is not None), False)
        enabled_when = next((r.enabled_when for r in rules if r.enabled_when is not None), ())
        context = next((r.context for r in rules if r.context is not None), ())
        cause = next((r.cause for r in rules if r.cause is not None), "")
        same = next((r.same for r in rules if r.same is not None), None)
        remembered = bool(enabled_when or context or cause or parent_of or child_of or watched)
        return Treatment(
            on_delay_s=on_delay_s,
            off_delay_s=next((r.off_delay_s for r in rules if r.off_delay_s is not None), 0.0),
            repeated=repeated,
            latching=latching,
            chatter=next((r.chatter for r in rules if r.chatter is not None), None),
            enabled_when=enabled_when,
            context=context,
            cause=cause,
            same=same,
            parent_of=parent_of,
            child_of=child_of,
            watched=watched,
            direct=not (on_delay_s or repeated or latching or remembered),
            remembered=remembered,
        )


def _alarm_matches(rules: AlarmRules) -> tuple[Match, ...]:
    """The matches of all conditions that ask whether another alarm stands, each once."""
    return tuple(dict.fromkeys(c.alarm for rule in rules.rule for c in conditions_of(rule) if c.alarm is not None))


def conditions_of(rule: Rule) -> tuple[Condition, ...]:
    """All conditions of a rule."""
    return (*(rule.enabled_when or ()), *(c for context in rule.context or () for c in context.when))
