"""Which class each feature of a layer belongs to, and what the classes look like."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.mapping.analysis.breaks import Breaks, class_of, edges
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.thematic.reading import Read
from controlroom.mapping.thematic.sidecar import MUTED, Style, plain_colour

RAMP = ("#4b5f7a", "#4f7a8a", "#57938f", "#6faa8c", "#93bd88", "#bccb8c", "#d9d7a0", "#e6e2bd", "#efecd6")
"""From little to much, without the colours of severities."""
MOST_VALUES = 11
OTHER = "—"
_LONGEST = 120


class LookClass(Struct, frozen=True):
    """One class: what it stands for, and its colour as #rrggbb."""

    label: str
    colour: str


def classed(read: Read, style: Style, name: str) -> tuple[NDArray[np.uint8], tuple[LookClass, ...]]:
    """The class u8[n] of each feature, and the classes."""
    count = len(read.geometry)
    own = style.colour or plain_colour(name)
    none = np.zeros(count, np.uint8)
    if not style.by or style.by not in read.fields:
        return none, (LookClass("", own),)
    values = [read.attributes(at).get(style.by) for at in range(count)]
    if style.rules:
        return _by_rules(values, style, own)
    if style.breaks:
        try:
            return _by_breaks(values, style, own)
        except AnalysisFault:
            return none, (LookClass("", own),)
    return _by_value(values, own)


def number_of(value: object) -> float:
    """An attribute as a number; NaN where it is none."""
    if isinstance(value, bool) or value is None:
        return math.nan
    try:
        return float(str(value).strip())
    except ValueError:
        return math.nan


def _by_rules(values: Sequence[Any], style: Style, own: str) -> tuple[NDArray[np.uint8], tuple[LookClass, ...]]:
    found = np.full(len(values), len(style.rules), np.uint8)
    steps = [(rule.at_least, k) for k, rule in enumerate(style.rules) if rule.at_least is not None]
    named = {str(rule.value): k for k, rule in enumerate(style.rules) if rule.value is not None}
    for at, value in enumerate(values):
        if str(value) in named:
            found[at] = named[str(value)]
            continue
        number = number_of(value)
        reached = [(low, k) for low, k in steps if number >= low]
        if reached:
            found[at] = max(reached)[1]
    looks = [LookClass(rule.label or _rule_words(rule.value, rule.at_least), rule.colour) for rule in style.rules]
    return found, (*looks, LookClass(OTHER, own))


def _rule_words(value: object, at_least: float | None) -> str:
    return str(value) if at_least is None else f"≥ {at_least:g}"


def _by_breaks(values: Sequence[Any], style: Style, own: str) -> tuple[NDArray[np.uint8], tuple[LookClass, ...]]:
    numbers = np.array([number_of(value) for value in values], np.float64)
    cuts = edges(numbers, Breaks(style.breaks), style.classes)
    found = class_of(numbers, cuts)
    ramp = [RAMP[round(k * (len(RAMP) - 1) / max(1, len(cuts) - 2))] for k in range(len(cuts) - 1)]
    looks = [LookClass(f"{low:.4g} – {high:.4g}", ramp[k]) for k, (low, high) in enumerate(pairwise(cuts))]
    return np.where(found < 0, len(looks), found).astype(np.uint8), (*looks, LookClass(OTHER, own))


def _by_value(values: Sequence[Any], own: str) -> tuple[NDArray[np.uint8], tuple[LookClass, ...]]:
    """The most frequent values, each a class of its own; the rest together."""
    said = ["" if value is None else str(value)[:_LONGEST] for value in values]
    often = [value for value, _count in Counter(said).most_common(MOST_VALUES) if value]
    number = {value: k for k, value in enumerate(often)}
    found = np.array([number.get(value, len(often)) for value in said], np.uint8)
    looks = tuple(LookClass(value, MUTED[k % len(MUTED)]) for k, value in enumerate(often))
    return found, (*looks, LookClass(OTHER, own))
