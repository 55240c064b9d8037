"""How alarms are conditioned and grouped: rules as data, which a district may lay its own over."""

import string
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.sensor import Limit
from controlroom.domain.severity import Severity

Seconds = Annotated[float, Meta(ge=0.0, le=86_400.0)]
Words = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=400)], ...], Meta(max_length=200)]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Field = Literal["source", "kind", "department", "place", "sensor", "camera"]

_FIELDS = {"source", "kind", "department", "place", "sensor", "camera", "key"}


class Told(Protocol):
    """What a rule is matched by: an alarm, or what would raise one."""

    @property
    def source(self) -> str:
        """Who tells it."""

    @property
    def kind(self) -> str:
        """What it is about."""

    @property
    def department(self) -> str:
        """Whose it is."""

    @property
    def place(self) -> str:
        """Where it is, in words."""

    @property
    def key(self) -> str:
        """Its name at the source."""


class Match(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alarms are meant; a part that is not given fits all.

    Source, kind and department are compared whole with any of these, `place` and `key` begin with any of these.
    """

    source: Words = ()
    kind: Words = ()
    department: Words = ()
    place: Words = ()
    key: Words = ()

    def fits_origin(self, source: str, kind: str, department: str) -> bool:
        """Whether the parts fit that many alarms have in common."""
        return (
            (not self.source or source in self.source)
            and (not self.kind or kind in self.kind)
            and (not self.department or department in self.department)
        )

    @property
    def looks_closer(self) -> bool:
        """Whether it asks for more than the origin."""
        return bool(self.place or self.key)

    def fits_closer(self, told: Told) -> bool:
        """Whether place and key fit."""
        return (not self.place or told.place.startswith(self.place)) and (not self.key or told.key.startswith(self.key))

    def fits(self, told: Told) -> bool:
        """Whether the alarm is meant."""
        return self.fits_origin(told.source, told.kind, told.department) and self.fits_closer(told)


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that must be so: a sensor's value, another alarm, the month, or the time of the day.

    `above` and `below` are in the sensor's unit and count themselves; `between` may pass midnight.
    """

    sensor: Annotated[str, Meta(max_length=400)] = ""
    above: float | None = None
    below: float | None = None
    alarm: Match | None = None
    standing: bool = True
    months: Annotated[tuple[Annotated[int, Meta(ge=1, le=12)], ...], Meta(max_length=12)] = ()
    between: tuple[Clock, Clock] | None = None

    def __post_init__(self) -> None:
        given = [bool(self.sensor), self.alarm is not None, bool(self.months), self.between is not None]
        if sum(given) != 1:
            raise ValueError("a condition is about one of sensor, alarm, months, between")
        if self.sensor and self.above is None and self.below is None:
            raise ValueError("a condition on a sensor has a value: above or below")


class Context(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is otherwise while all of `when` holds.

    `severity`, or `worse_by` levels than told; `limits` instead of those of the sensor (its unit).
    """

    when: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=20)]
    severity: Severity | None = None
    worse_by: Annotated[int, Meta(ge=-3, le=3)] = 0
    limits: Annotated[tuple[Limit, ...], Meta(max_length=8)] = ()

    def graded(self, told: Severity) -> Severity:
        """The severity here of what was told with another."""
        return self.severity or Severity(min(max(told - self.worse_by, Severity.RED), Severity.BLUE))


class Chatter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition raised `raises` times within `within_s` flaps; it does so until it was quiet for `quiet_s`."""

    raises: Annotated[int, Meta(ge=2, le=100)]
    within_s: Annotated[float, Meta(gt=0.0, le=86_400.0)]
    quiet_s: Annotated[float, Meta(gt=0.0, le=86_400.0)]


class Repeated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition is an alarm only when it was told `times` times within `within_s`."""

    times: Annotated[int, Meta(ge=2, le=1000)]
    within_s: Annotated[float, Meta(gt=0.0, le=86_400.0)]


class Same(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Told by two sources with these fields alike, within `within_s`, it is one alarm that names both."""

    fields: Annotated[tuple[Field, ...], Meta(min_length=1)]
    within_s: Annotated[float, Meta(gt=0.0, le=86_400.0)]


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the alarms that match are treated; of several rules each figure comes from the first that gives it.

    All of `enabled_when` must hold for the condition to count; `cause` groups alarms, fields in braces are filled in.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    match: Match = Match()
    on_delay_s: Seconds | None = None
    off_delay_s: Seconds | None = None
    repeated: Repeated | None = None
    latching: bool | None = None
    chatter: Chatter | None = None
    enabled_when: tuple[Condition, ...] | None = None
    context: tuple[Context, ...] | None = None
    cause: Annotated[str, Meta(max_length=200)] | None = None
    same: Same | None = None

    def __post_init__(self) -> None:
        _known_fields(self.cause or "")


class Correlation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """While a parent stands, the children that have these fields alike are muted under it.

    `near_m` (0 = anywhere) is how far apart they may be; a child raised more than `before_s` before its parent is not
    of its making; `release_s` after the parent's end the children that still stand come forward. A child that is worse
    than its parent is not muted.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    parent: Match
    children: Match
    same: tuple[Field, ...] = ()
    near_m: Annotated[float, Meta(ge=0.0, le=100_000.0)] = 0.0
    before_s: Seconds = 60.0
    release_s: Seconds = 30.0
    cause: Annotated[str, Meta(max_length=200)] = ""

    def __post_init__(self) -> None:
        _known_fields(self.cause)
        if not self.same and not self.near_m:
            raise ValueError(
                f"correlation {self.name}: what has nothing in common has no common cause; give same or near_m"
            )


class AlarmRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules, the first that matches first. `edition` names the file's."""

    edition: str = ""
    rule: tuple[Rule, ...] = ()
    correlation: tuple[Correlation, ...] = ()


NO_RULES = AlarmRules()


def decode_rules(text: bytes) -> AlarmRules:
    """The rules of an `alarm_rules.toml`. Raises msgspec.DecodeError or its kind ValidationError."""
    return msgspec.toml.decode(text, type=AlarmRules)


def laid_over(under: AlarmRules, over: AlarmRules) -> AlarmRules:
    """The rules of a district over ours: its own come first, and one of the same name takes the place of ours."""
    rules = {rule.name for rule in over.rule}
    correlations = {one.name for one in over.correlation}
    return AlarmRules(
        edition=over.edition or under.edition,
        rule=(*over.rule, *(rule for rule in under.rule if rule.name not in rules)),
        correlation=(*over.correlation, *(one for one in under.correlation if one.name not in correlations)),
    )


def _known_fields(template: str) -> None:
    """Raise ValueError for a template that names a field which alarms do not have."""
    for _text, field, shape, conversion in string.Formatter().parse(template):
        if field is not None and (field not in _FIELDS or shape or conversion):
            raise ValueError(f"{template}: {{{field}}} is none of {', '.join(sorted(_FIELDS))}")
