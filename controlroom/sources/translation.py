"""How messages of a foreign backend become records of ours: a declaration in TOML, checked when it is read.

    source = "rain-bureau"
    endpoint = "tcp://10.0.0.5:5555"
    topics = ["alarm/", "rain/"]      # prefixes; [""] is everything
    frames = "topic-body"             # or "topic-space-body" and "body", each in one frame
    encoding = "json"                 # or "msgpack"
    crs = "GCJ-02"

    [[rule]]
    topic = "alarm/"
    record = "alarm"                  # alarm, clear, health, reading or position
    when = { path = "event", equals = "raise" }
    [rule.fields]
    key = "station.id"                # a path: names and list positions with dots
    severity = { path = "level", table = { red = 1, orange = 2, yellow = 3, blue = 4 } }
    title = { text = "{station.name}: {value} mm" }
    occurred_at = { path = "time", time = "%Y-%m-%d %H:%M:%S", zone = "Asia/Shanghai" }
    lon = "station.x"
    lat = "station.y"

The fields are those of the records in `wire/messages.py`; a point is given as `lon` and `lat`. A reading has
`sensor`, `value`, `time` and may have `quality`, and with `name`, `kind`, `unit`, `town` and the point its sensor
is declared; a position has `vehicle`, `lon`, `lat`, `heading_deg`, `speed_kmh`, `time` and may have `name`, `kind`.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.place import Latitude, Longitude
from controlroom.domain.sensor import Finite
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wire.messages import AlarmRecord, ClearRecord, Crs, HealthRecord, Name, Position

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_NOTHING = object()

Scalar = str | int | float | bool
Milliseconds = Annotated[int, Meta(ge=0, le=2**53)]


class Untranslatable(ValueError):
    """A foreign message that the declaration does not fit; the text says what is amiss."""


class FieldRule(Struct, frozen=True, forbid_unknown_fields=True):
    """How one field is made: from `path`, `text` with {paths}, or a fixed `value`; then table, time, scale."""

    path: str = ""
    text: str = ""
    value: Scalar | None = None
    table: dict[str, Scalar] = {}
    default: Scalar | None = None
    time: str = ""
    zone: str = "UTC"
    scale: float = 1.0


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a rule applies: the value at `path` equals `equals`, or is one of `among`, as text."""

    path: str
    equals: Scalar | None = None
    among: tuple[Scalar, ...] = ()


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of foreign message: `each` is the path of a list whose elements are messages of their own."""

    record: Literal["alarm", "clear", "health", "reading", "position"]
    fields: dict[str, str | FieldRule]
    topic: str = ""
    each: str = ""
    when: Condition | None = None


class Declaration(Struct, frozen=True, forbid_unknown_fields=True):
    """A foreign publisher and how its messages are read. `silent_after_s`: from when it counts as silent."""

    source: Name
    endpoint: Annotated[str, Meta(min_length=1)]
    rule: Annotated[list[Rule], Meta(min_length=1)]
    topics: tuple[str, ...] = ("",)
    frames: Literal["topic-body", "topic-space-body", "body"] = "topic-body"
    encoding: Literal["json", "msgpack"] = "json"
    crs: Crs = "WGS-84"
    silent_after_s: Annotated[float, Meta(gt=0.0)] = 60.0


class Reading(Struct, frozen=True, kw_only=True):
    """A reading of a foreign backend, with what its sensor is called if the backend tells."""

    sensor: Name
    value: Finite | None
    time: Milliseconds
    quality: Annotated[int, Meta(ge=0, le=255)] = 0
    name: str = ""
    kind: str = ""
    unit: str = ""
    town: str = ""
    lon: Longitude | None = None
    lat: Latitude | None = None


class Movement(Struct, frozen=True, kw_only=True):
    """A position of a foreign backend, with what its vehicle is called if the backend tells."""

    vehicle: Name
    lon: Longitude
    lat: Latitude
    time: Milliseconds
    heading_deg: Annotated[float, Meta(ge=0.0, le=360.0)] = 0.0
    speed_kmh: Annotated[float, Meta(ge=0.0, le=1000.0)] = 0.0
    name: str = ""
    kind: str = ""

    def position(self) -> Position:
        """As the wire carries it."""
        return Position(self.vehicle, self.lon, self.lat, self.heading_deg, self.speed_kmh, self.time)


Translated = AlarmRecord | ClearRecord | HealthRecord | Reading | Movement

_TYPES: dict[str, type[Translated]] = {
    "alarm": AlarmRecord,
    "clear": ClearRecord,
    "health": HealthRecord,
    "reading": Reading,
    "position": Movement,
}


def load(path: Path) -> Declaration:
    """Read a declaration. Raises EnvironmentFault that names the file, the place in it and what is amiss."""
    try:
        declared = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Declaration)
        for rule in declared.rule:
            _check(rule)
    except (OSError, ValueError, KeyError) as error:
        sentence = _("The declaration {path} cannot be used: {reason}.")
        raise EnvironmentFault(sentence.format(path=path, reason=error)) from error
    return declared


def translate(declared: Declaration, topic: str, body: object) -> Iterator[Translated | Untranslatable]:
    """What one message holds; what does not fit is given back as a reason and does not stop the rest."""
    for rule in declared.rule:
        if not topic.startswith(rule.topic):
            continue
        try:
            elements = _walk(body, rule.each) if rule.each else [body]
            if not isinstance(elements, list):
                raise Untranslatable(f"{rule.each} is no list")
        except Untranslatable as error:
            yield error
            continue
        for element in elements:
            try:
                if _applies(rule, element):
                    yield _record(rule, element)
            except Untranslatable as error:
                yield error


def _check(rule: Rule) -> None:
    known = {field.name for field in msgspec.structs.fields(_TYPES[rule.record])} | {"lon", "lat"}
    unknown = sorted(set(rule.fields) - known)
    if unknown:
        raise ValueError(f"{rule.record} has no field {unknown[0]}")
    for field in rule.fields.values():
        if isinstance(field, FieldRule):
            ZoneInfo(field.zone)


def _applies(rule: Rule, element: object) -> bool:
    if rule.when is None:
        return True
    found = _walk(element, rule.when.path, None)
    wanted = (*rule.when.among, *(() if rule.when.equals is None else (rule.when.equals,)))
    return any(_text(found) == _text(value) for value in wanted)


def _record(rule: Rule, element: object) -> Translated:
    values: dict[str, Any] = {}
    for name, field in rule.fields.items():
        made = _field(field if isinstance(field, FieldRule) else FieldRule(path=field), element)
        if made is not _NOTHING:
            values[name] = made
    if rule.record == "alarm" and "lon" in values and "lat" in values:
        values["point"] = [values.pop("lon"), values.pop("lat")]
    if rule.record in ("reading", "position") and isinstance(values.get("time"), datetime):
        values["time"] = to_ms(values["time"])
    try:
        return msgspec.convert(values, _TYPES[rule.record], strict=False)
    except (msgspec.MsgspecError, OverflowError, ValueError) as error:
        raise Untranslatable(f"{rule.record}: {error}") from error


def _field(rule: FieldRule, element: object) -> Any:
    found: Any
    if rule.value is not None:
        found = rule.value
    elif rule.text:
        found = _PLACEHOLDER.sub(lambda match: _text(_walk(element, match[1])), rule.text)
    else:
        found = _walk(element, rule.path, rule.default if rule.default is not None else _NOTHING)
    if rule.table and found is not _NOTHING:
        found = rule.table.get(_text(found), rule.default)
        if found is None:
            raise Untranslatable(f"{rule.path} has a value that the table lacks")
    if rule.time and found is not _NOTHING:
        return _time(found, rule)
    if rule.scale != 1.0 and isinstance(found, int | float):
        return found * rule.scale
    return found


def _time(found: object, rule: FieldRule) -> datetime:
    try:
        if rule.time in ("s", "ms") and isinstance(found, str | int | float):
            return datetime.fromtimestamp(float(found) / (1000 if rule.time == "ms" else 1), UTC)
        text = _text(found)
        at = datetime.fromisoformat(text) if rule.time == "iso" else datetime.strptime(text, rule.time)  # noqa: DTZ007
        return (at.replace(tzinfo=ZoneInfo(rule.zone)) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Untranslatable(f"{rule.path} is no time: {error}") from error


def _walk(element: object, path: str, default: object = ...) -> Any:
    found = element
    for step in path.split("."):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        elif default is ...:
            raise Untranslatable(f"no {path}")
        else:
            return default
    return found


def _text(found: object) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, str | int | float) else ""
