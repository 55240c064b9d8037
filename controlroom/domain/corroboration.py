"""Whether a sensor beyond its limit stands alone: a verdict, and the evidence that led to it.

A pure function of values, neighbours and history. It helps an officer to decide and decides nothing; all figures are
house figures.
"""

import enum
import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from controlroom.domain.limits import Freshness
from controlroom.domain.movement import Movement
from controlroom.domain.sensor import Limit

ALONE_LEAST = 2
"""Others with a live value within their limits, without which nobody is called alone."""

CLUSTER_LEAST = 2
"""Others beyond a limit that make a cluster; one is enough where no more than two can be asked."""


class Verdict(enum.StrEnum):
    """What the evidence says of a sensor beyond its limit."""

    NORMAL = "normal"
    """It is within its limits now."""
    SINGLE = "single"
    """It is alone with that: look at the device first."""
    CLUSTER = "cluster"
    """Others around or along the course say so too: it is the place and not the device."""
    TREND = "trend"
    """It got there step by step: it is a process, even if no other tells of it yet."""
    UNKNOWN = "unknown"
    """Too little is known, or the evidence is at odds."""


class Way(enum.StrEnum):
    """How a witness lies to the sensor in question."""

    NEIGHBOUR = "neighbour"
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


class Crossing(Struct, frozen=True):
    """A limit that a value is beyond, and on which side; without a figure an alarm of the hub says so."""

    limit: Limit
    above: bool

    @property
    def bound(self) -> float:
        """The figure of the limit."""
        bound = self.limit.above if self.above else self.limit.below
        return math.nan if bound is None else bound


class Witness(Struct, frozen=True, kw_only=True):
    """What one sensor says: the one in question itself, or one beside it; `moved` None while not known."""

    id: str
    name: str
    value: float = math.nan
    freshness: Freshness = Freshness.NEVER
    crossed: Crossing | None = None
    moved: Movement | None = None
    way: Way = Way.NEIGHBOUR
    steps: int = 0
    distance_m: float = math.nan

    @property
    def heard(self) -> bool:
        """Whether its value may be believed now."""
        return self.freshness is Freshness.LIVE and math.isfinite(self.value)


class Kind(enum.StrEnum):
    """What a piece of evidence is about; the fields that it fills stand behind it."""

    NOT_HEARD = "not_heard"
    WITHIN = "within"
    BEYOND = "beyond"
    """value; bound."""
    OTHERS_BEYOND = "others_beyond"
    """count of `of`, names."""
    OTHERS_WITHIN = "others_within"
    """count of `of`."""
    OTHERS_MOVE = "others_move"
    """count of `of` that move the same way, names."""
    LEFT_OUT = "left_out"
    """count that are stale, doubtful or silent, names."""
    NOBODY = "nobody"
    """Nobody near can be asked."""
    STEADY = "steady"
    """value: the change; bound: the pace in an hour; span_s."""
    JUMPED = "jumped"
    """value: the step; span_s: how long ago."""
    STILL = "still"
    """span_s."""
    QUIET = "quiet"
    """No movement in span_s."""
    NO_PAST = "no_past"
    YESTERDAY_BEYOND = "yesterday_beyond"
    """value: the median of the same hour yesterday."""
    YESTERDAY_WITHIN = "yesterday_within"
    """value: the median of the same hour yesterday."""


class Evidence(Struct, frozen=True, kw_only=True):
    """One thing that is known, and the verdict that it speaks for (None: for none)."""

    kind: Kind
    speaks_for: Verdict | None = None
    count: int = 0
    of: int = 0
    names: tuple[str, ...] = ()
    value: float = math.nan
    bound: float = math.nan
    span_s: float = 0.0


class Finding(Struct, frozen=True):
    """The verdict with all evidence, for and against it."""

    verdict: Verdict
    evidence: tuple[Evidence, ...]


def crossing(limits: Sequence[Limit], value: float) -> Crossing | None:
    """The worst of the limits that a value is beyond; None within all of them, and for a value that is none."""
    found: Crossing | None = None
    for limit in limits:
        above = limit.above is not None and value >= limit.above
        below = limit.below is not None and value <= limit.below
        if (above or below) and (found is None or limit.severity < found.limit.severity):
            found = Crossing(limit, above)
    return found


def finding(subject: Witness, others: Iterable[Witness], yesterday: float = math.nan) -> Finding:
    """Judge a sensor by those beside it, by how it got there, and by its median of the same hour yesterday (or NaN).

    Others that are stale, doubtful or silent are named and count for nothing, so that no cluster is made of them and
    nobody is called alone for their silence.
    """
    if not subject.heard:
        return Finding(Verdict.UNKNOWN, (Evidence(kind=Kind.NOT_HEARD),))
    crossed = subject.crossed
    asked = list(others)
    heard = [witness for witness in asked if witness.heard]
    if crossed is None:
        beyond = [witness for witness in heard if witness.crossed is not None]
        told = (*_others(asked, heard, beyond, []), *_course(subject, 0))
        return Finding(Verdict.NORMAL, (Evidence(kind=Kind.WITHIN, value=subject.value), *told))
    side = 1 if crossed.above else -1
    alike = [w for w in heard if w.crossed is not None and w.crossed.above == crossed.above]
    moving = [w for w in heard if w.moved is not None and w.moved.direction == side]
    evidence = (
        Evidence(kind=Kind.BEYOND, value=subject.value, bound=crossed.bound),
        *_others(asked, heard, alike, moving),
        *_course(subject, side),
        *_day(yesterday, crossed),
    )
    return Finding(_verdict(subject, side, len(heard), len(alike)), evidence)


def _verdict(subject: Witness, side: int, heard: int, alike: int) -> Verdict:
    if alike >= (CLUSTER_LEAST if heard > 2 else 1):
        return Verdict.CLUSTER
    if subject.moved is not None and subject.moved.direction == side:
        return Verdict.TREND
    if heard >= ALONE_LEAST and not alike:
        return Verdict.SINGLE
    return Verdict.UNKNOWN


def _others(
    asked: list[Witness], heard: list[Witness], alike: list[Witness], moving: list[Witness]
) -> Iterable[Evidence]:
    if alike:
        names = tuple(w.name for w in alike)
        yield Evidence(
            kind=Kind.OTHERS_BEYOND, speaks_for=Verdict.CLUSTER, count=len(alike), of=len(heard), names=names
        )
    if len(heard) > len(alike):
        calm = len(heard) - len(alike)
        yield Evidence(kind=Kind.OTHERS_WITHIN, speaks_for=Verdict.SINGLE, count=calm, of=len(heard))
    if moving:
        names = tuple(w.name for w in moving)
        yield Evidence(kind=Kind.OTHERS_MOVE, speaks_for=Verdict.TREND, count=len(moving), of=len(heard), names=names)
    silent = [w for w in asked if not w.heard]
    if silent:
        yield Evidence(kind=Kind.LEFT_OUT, count=len(silent), of=len(asked), names=tuple(w.name for w in silent))
    if not asked:
        yield Evidence(kind=Kind.NOBODY)


def _course(subject: Witness, side: int) -> Iterable[Evidence]:
    """How its own value came to be what it is; towards the other side speaks for nothing."""
    moved = subject.moved
    if moved is None:
        yield Evidence(kind=Kind.NO_PAST)
        return
    if moved.direction:
        speaks = Verdict.TREND if moved.direction == side else None
        yield Evidence(
            kind=Kind.STEADY, speaks_for=speaks, value=moved.change, bound=moved.pace_per_h, span_s=moved.span_s
        )
    elif moved.jump:
        speaks = Verdict.SINGLE if moved.jump * side > 0 else None
        yield Evidence(kind=Kind.JUMPED, speaks_for=speaks, value=moved.jump, span_s=moved.jump_ago_s)
    elif not moved.still:
        yield Evidence(kind=Kind.QUIET, span_s=moved.span_s)
    if moved.still:
        speaks = Verdict.SINGLE if side else None
        yield Evidence(kind=Kind.STILL, speaks_for=speaks, span_s=moved.still_s)


def _day(yesterday: float, crossed: Crossing) -> Iterable[Evidence]:
    if math.isfinite(yesterday) and math.isfinite(crossed.bound):
        beyond = yesterday >= crossed.bound if crossed.above else yesterday <= crossed.bound
        yield Evidence(kind=Kind.YESTERDAY_BEYOND if beyond else Kind.YESTERDAY_WITHIN, value=yesterday)
