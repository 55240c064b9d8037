"""The words of a corroboration: the verdict, each piece of evidence, and the entry for a timeline."""

import math
from collections.abc import Mapping
from datetime import datetime, tzinfo

from controlroom.bridge.corroboration import Dossier, Row
from controlroom.bridge.reading_wording import freshness_text, level_text, value_text
from controlroom.bridge.wording import clock_text, span_text
from controlroom.domain.corroboration import Evidence, Kind, Verdict, Way
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from controlroom.i18n import _, _n

NAMED = 3
"""Names in a sentence; of more only the number is said."""

SHAPES = {
    Verdict.NORMAL: "○",
    Verdict.SINGLE: "◇",
    Verdict.CLUSTER: "◈",
    Verdict.TREND: "↗",
    Verdict.UNKNOWN: "?",
}


def verdict_word(verdict: Verdict) -> str:
    """The verdict in a word or two."""
    return {
        Verdict.NORMAL: _("Within its limits"),
        Verdict.SINGLE: _("Single sensor"),
        Verdict.CLUSTER: _("Cluster"),
        Verdict.TREND: _("Trend"),
        Verdict.UNKNOWN: _("Cannot tell"),
    }[verdict]


def verdict_sentence(verdict: Verdict) -> str:
    """What the verdict means for the officer."""
    return {
        Verdict.NORMAL: _("It is beyond no limit now."),
        Verdict.SINGLE: _("It is alone with this: check the device before anybody is sent."),
        Verdict.CLUSTER: _("Others say so too: it is the place and not the device."),
        Verdict.TREND: _("It got there step by step: it is a process and goes on."),
        Verdict.UNKNOWN: _("Too little is known, or it is at odds: look at the stills and ask somebody there."),
    }[verdict]


def evidence_text(evidence: Evidence, sensor: Sensor, kind: SensorKind | None) -> str:
    """One piece of evidence as a sentence."""

    def told(value: float) -> str:
        return value_text(value, sensor.unit, kind)

    def signed(value: float) -> str:
        return ("+" if value > 0 else "−" if value < 0 else "") + told(abs(value))

    span = span_text(evidence.span_s)
    names = _names(evidence.names)
    match evidence.kind:
        case Kind.NOT_HEARD:
            return _("The sensor itself is silent, stale or doubtful.")
        case Kind.WITHIN:
            return _("It tells {value}, within all limits.").format(value=told(evidence.value))
        case Kind.BEYOND if not math.isfinite(evidence.bound):
            said = _("It tells {value}; its limit alarm stands, by a stricter limit of now or within the deadband.")
            return said.format(value=told(evidence.value))
        case Kind.BEYOND:
            return _("It tells {value}; the limit is {limit}.").format(
                value=told(evidence.value), limit=told(evidence.bound)
            )
        case Kind.OTHERS_BEYOND:
            said = _("{count} of {of} others with a live value are beyond a limit too: {names}.")
            return said.format(count=evidence.count, of=evidence.of, names=names)
        case Kind.OTHERS_WITHIN:
            said = _("{count} of {of} others with a live value are within their limits.")
            return said.format(count=evidence.count, of=evidence.of)
        case Kind.OTHERS_MOVE:
            said = _("{count} of {of} others move the same way: {names}.")
            return said.format(count=evidence.count, of=evidence.of, names=names)
        case Kind.LEFT_OUT:
            said = _n(
                "{count} other is stale or silent and counts for nothing: {names}.",
                "{count} others are stale or silent and count for nothing: {names}.",
                evidence.count,
            )
            return said.format(count=evidence.count, names=names)
        case Kind.NOBODY:
            return _("There is nobody near to ask.")
        case Kind.STEADY:
            said = _("Steady movement over {span}: {change}, {pace} an hour.")
            return said.format(span=span, change=signed(evidence.value), pace=signed(evidence.bound))
        case Kind.JUMPED:
            return _("It leapt by {change} in one step, {span} ago.").format(change=signed(evidence.value), span=span)
        case Kind.STILL:
            return _("It has told exactly the same for {span}.").format(span=span)
        case Kind.QUIET:
            return _("No movement in the last {span}.").format(span=span)
        case Kind.NO_PAST:
            return _("Too little is known of its last hour.")
        case Kind.YESTERDAY_BEYOND:
            return _("In the same hour yesterday it was beyond the limit as well: {value}.").format(
                value=told(evidence.value)
            )
        case Kind.YESTERDAY_WITHIN:
            return _("In the same hour yesterday it was within the limit: {value}.").format(value=told(evidence.value))


def way_text(row: Row) -> str:
    """How a sensor lies to the one in question."""
    steps, metres = row.witness.steps, row.witness.distance_m
    away = "" if not math.isfinite(metres) else f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
    match row.witness.way:
        case Way.UPSTREAM:
            away = " · ".join(part for part in (_("upstream {steps}").format(steps=steps), away) if part)
        case Way.DOWNSTREAM:
            away = " · ".join(part for part in (_("downstream {steps}").format(steps=steps), away) if part)
    return away


def level_word(row: Row, age_s: float) -> str:
    """The level of a sensor, or why it has none."""
    witness = row.witness
    if witness.freshness is not Freshness.LIVE:
        return freshness_text(witness.freshness, age_s)
    return level_text(0 if witness.crossed is None else int(witness.crossed.limit.severity))


def trend_text(row: Row, kind: SensorKind | None) -> str:
    """How a sensor moved in the last hour."""
    moved = row.witness.moved
    if moved is None:
        return "—"
    if moved.jump:
        return _("leapt {change}").format(change=_signed(moved.jump, row.sensor.unit, kind))
    if moved.direction:
        arrow = "↗" if moved.direction > 0 else "↘"
        return f"{arrow} {_signed(moved.pace_per_h, row.sensor.unit, kind)}/h"
    return _("stands still") if moved.still else "→"


def entry_text(dossier: Dossier, kinds: Mapping[str, SensorKind], zone: tzinfo) -> str:
    """The entry for an incident's timeline: the verdict and what led to it."""
    sensor, found = dossier.subject.sensor, dossier.finding
    head = _("Corroboration of {sensor} at {time}: {verdict}. {sentence}").format(
        sensor=sensor.name,
        time=f"{dossier.asked_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        if dossier.then
        else clock_text(dossier.asked_at, zone),
        verdict=verdict_word(found.verdict),
        sentence=verdict_sentence(found.verdict),
    )
    kind = kinds.get(sensor.kind)
    lines = [f"· {evidence_text(each, sensor, kind)}" for each in found.evidence]
    lines += [f"· {line}" for line in weather_lines(dossier, kinds, dossier.asked_at)]
    taken = [still.camera.name for still in dossier.stills if still.image is not None]
    if taken:
        lines.append("· " + _("Stills were looked at of: {names}.").format(names=_names(tuple(taken))))
    return "\n".join([head, *lines])[:4000]


def weather_lines(dossier: Dossier, kinds: Mapping[str, SensorKind], now: datetime) -> list[str]:
    """Each weather station as a line: value, name, distance, age."""
    lines = []
    for row in dossier.weather:
        value = value_text(row.witness.value, row.sensor.unit, kinds.get(row.sensor.kind))
        age = "" if row.at is None else span_text(max((now - row.at).total_seconds(), 0.0))
        doubt = "" if row.witness.freshness is Freshness.LIVE else freshness_text(row.witness.freshness, 0.0)
        lines.append(" · ".join(part for part in (row.sensor.name, value, way_text(row), age, doubt) if part))
    return lines


def _signed(value: float, unit: str, kind: SensorKind | None) -> str:
    return ("+" if value > 0 else "−") + value_text(abs(value), unit, kind)


def _names(names: tuple[str, ...]) -> str:
    shown = _(", ").join(names[:NAMED])
    return shown if len(names) <= NAMED else _("{names} and {count} more").format(names=shown, count=len(names) - NAMED)
