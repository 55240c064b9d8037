"""What sources tell of teams, hazard sources and spaces, judged: what is new, what is too little to keep, what lies."""

from datetime import datetime, timedelta

import msgspec

from controlroom.domain.asset import STATES_OF, Asset, AssetKind, Move
from controlroom.domain.events import AssetsDeclared, AssetsMoved
from controlroom.domain.place import Point, distance_m
from controlroom.domain.times import from_ms
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Refusal

STEP_M = 20.0
"""House figure: a team that went less far than this and was heard of within STILL_S is not written down again."""

STILL_S = 30.0

DECLARED = 2000
"""Assets in one event at the most."""


def declared(
    source: str, assets: list[Asset], held: dict[str, Asset], now: datetime, *, keeps_source: bool = False
) -> list[AssetsDeclared]:
    """The events of a declaration whose points are WGS-84. Raises Refuse for a state that the kind does not know.

    A declaration that is older than what is known of a place, as one that is repeated after a reconnection, does not
    bring the team back to where it was; a time in the future is a wrong clock's and taken as now.
    """
    changed = []
    for told in assets:
        if told.state not in STATES_OF[told.kind]:
            raise Refuse(Refusal.MALFORMED, f"{told.id}: a {told.kind} is never {told.state}")
        asset = msgspec.structs.replace(
            told,
            source=told.source if keeps_source and told.source else source,
            seen_at=_not_ahead(told.seen_at, now),
            state_at=_not_ahead(told.state_at, now),
        )
        known = held.get(asset.id)
        if known is not None and _brings_back(known, asset):
            asset = msgspec.structs.replace(asset, point=known.point, seen_at=known.seen_at)
        if known != asset and not (known is None and asset.removed):
            changed.append(asset)
    return [AssetsDeclared(tuple(changed[start : start + DECLARED])) for start in range(0, len(changed), DECLARED)]


def moved(
    moves: list[tuple[Move, Point]], held: dict[str, Asset], now: datetime
) -> tuple[list[AssetsMoved], tuple[str, ...]]:
    """The events of new places, of each asset the newest, and the ids that nobody declared."""
    newest: dict[str, tuple[Point, datetime]] = {}
    unknown: dict[str, None] = {}
    for move, point in moves:
        known = held.get(move.asset)
        if known is None:
            unknown[move.asset] = None
            continue
        try:
            at = min(from_ms(move.time), now)
        except (OverflowError, ValueError, OSError) as error:
            raise Refuse(Refusal.MALFORMED, f"{move.asset}: {move.time} is no time") from error
        before, since = newest.get(move.asset, (known.point, known.seen_at))
        if since is not None and at <= since:
            continue
        soon = since is not None and at - since < timedelta(seconds=STILL_S)
        if soon and before is not None and distance_m(before, point) < STEP_M:
            continue
        newest[move.asset] = (point, at)
    events = []
    rows = list(newest.items())
    for start in range(0, len(rows), DECLARED):
        part = rows[start : start + DECLARED]
        events.append(
            AssetsMoved(
                tuple(name for name, _row in part), tuple(p for _n, (p, _t) in part), tuple(t for _n, (_p, t) in part)
            )
        )
    return events, tuple(unknown)


def _brings_back(known: Asset, told: Asset) -> bool:
    """Whether a declaration has an older place than the one that is known of a team."""
    if known.kind is not AssetKind.TEAM or known.seen_at is None:
        return False
    return told.seen_at is None or told.seen_at < known.seen_at


def _not_ahead(at: datetime | None, now: datetime) -> datetime | None:
    return None if at is None else min(at, now)
