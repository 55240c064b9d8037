"""Shares what decoding may cost among the cameras that are shown: pure functions of measures and wishes.

Each camera has a ladder of what it may get, from the best that suits its tile down to key pictures of its cheapest
stream. Where all at their best cost more than the budget, cameras step down one rung after the other: the least
important rank first, in it first all to the sub-stream, then all without spare pictures, then all to key pictures. So
whatever the budget is, a plan is the beginning of one and the same list of steps, and a larger budget never takes
anything from anybody.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from controlroom.video.load import Depth, Load
from controlroom.video.share import Rank

GUESS_MAIN = 0.02
GUESS_SUB = 0.01
"""Of a core, for a stream that was not measured yet (house figures; a measurement comes within a second)."""

RISE_WITHIN = 0.9
"""Something better is given only if this part of the budget is enough for it."""
DWELL_S = 3.0
"""... and not before a camera had the lesser for so long."""
RISES = 2
"""... and to so many cameras at a time."""

_LATE_S = 0.25
_LATE_PART = 0.15
_EASE, _PRESS, _LEAST = 0.03, 0.9, 0.3


class Rung(Struct, frozen=True, order=True):
    """One step of a ladder."""

    is_sub: bool
    depth: Depth


class Claim(Struct, frozen=True):
    """What a camera on the screen asks for. `is_large`: its tile wants the main stream.

    A load is None while it is unknown; `main` and `sub` are looked at only where the camera has that stream.
    """

    camera: str
    rank: Rank = Rank.ORDINARY
    is_large: bool = False
    has_main: bool = True
    has_sub: bool = False
    main: Load | None = None
    sub: Load | None = None
    area_px: int = 0


class Grant(Struct, frozen=True):
    """What a camera gets since when (monotonic seconds)."""

    rung: Rung
    since_s: float
    is_best: bool


class Strain(Struct, frozen=True):
    """How much of the declared budget can really be had: the machine does other work too.

    `part` falls while streams fall behind and rises slowly when they do not.
    """

    part: float = 1.0
    late_rounds: int = 0


def ladder(claim: Claim) -> list[Rung]:
    """What the camera may get, the best first; never empty."""
    begins_sub = claim.has_sub and not (claim.is_large and claim.has_main)
    rungs = [Rung(begins_sub, Depth.FULL)]
    if claim.has_sub and not begins_sub:
        rungs.append(Rung(True, Depth.FULL))
    cheapest = claim.has_sub
    load = claim.sub if cheapest else claim.main
    if load is not None and load.share(Depth.SPARED) < 0.95 * load.share(Depth.FULL):
        rungs.append(Rung(cheapest, Depth.SPARED))
    rungs.append(Rung(cheapest, Depth.KEYS))
    return rungs


def cost(claim: Claim, rung: Rung) -> float:
    """Cores that this rung takes, measured or guessed."""
    load = claim.sub if rung.is_sub else claim.main
    if load is not None:
        return load.share(rung.depth)
    other = claim.main if rung.is_sub else claim.sub
    guess = GUESS_SUB if rung.is_sub else GUESS_MAIN
    if other is not None:
        guess = other.share(Depth.FULL) * (0.25 if rung.is_sub else 4.0)
    return guess * (1.0, 0.8, 0.1)[rung.depth]


def allotted(claims: Sequence[Claim], cores: float) -> dict[str, Rung]:
    """Who gets what so that it costs at most `cores`; the least of everything where that is not possible."""
    ladders = {claim.camera: ladder(claim) for claim in claims}
    plan = {claim.camera: ladders[claim.camera][0] for claim in claims}
    total = sum(cost(claim, plan[claim.camera]) for claim in claims)
    for claim, rung in _steps(claims, ladders):
        if total <= cores:
            break
        total += cost(claim, rung) - cost(claim, plan[claim.camera])
        plan[claim.camera] = rung
    return plan


def governed(claims: Sequence[Claim], cores: float, held: Mapping[str, Grant], now_s: float) -> dict[str, Grant]:
    """The grants from now on: what is too much is taken at once, what is left is given slowly and not to and fro."""
    strict, easy = allotted(claims, cores), allotted(claims, RISE_WITHIN * cores)
    grants: dict[str, Grant] = {}
    rises = RISES
    for claim in sorted(claims, key=lambda claim: -claim.rank):
        rungs, before = ladder(claim), held.get(claim.camera)
        chosen = strict[claim.camera]
        if before is not None and before.rung in rungs:
            at, best, calm = (rungs.index(rung) for rung in (before.rung, chosen, easy[claim.camera]))
            if best < at:  # something better could be had
                is_due = now_s - before.since_s >= DWELL_S and rises > 0
                chosen = rungs[min(at, calm)] if is_due or claim.rank is not Rank.ORDINARY else before.rung
                rises -= chosen != before.rung
        since_s = before.since_s if before is not None and before.rung == chosen else now_s
        grants[claim.camera] = Grant(chosen, since_s, chosen == rungs[0])
    return grants


def strained(held: Strain, late_s: Sequence[float], used: float, cores: float) -> Strain:
    """The strain after one more round: `late_s` of all streams decoded in full, `used` of the declared `cores`.

    One stream that is late is its network's matter; the machine's are many at once.
    """
    late = sum(behind_s > _LATE_S for behind_s in late_s)
    if not late or late < min(2, len(late_s)) or late < _LATE_PART * len(late_s):
        return Strain(min(1.0, held.part + _EASE), 0)
    if held.late_rounds == 0:
        return replace(held, late_rounds=1)  # a hiccup
    reached = min(held.part, used / cores if cores > 0 else held.part)
    return Strain(max(_LEAST, _PRESS * reached), 0)


def _steps(claims: Sequence[Claim], ladders: Mapping[str, list[Rung]]) -> list[tuple[Claim, Rung]]:
    """Every step down there is, in the order in which they are taken."""
    order = {claim.camera: k for k, claim in enumerate(claims)}
    steps = [(claim, rung) for claim in claims for rung in ladders[claim.camera][1:]]
    return sorted(steps, key=lambda step: (step[0].rank, step[1].depth, step[0].area_px, -order[step[0].camera]))
