"""Teams, hazard sources and spaces as layers of a map: which class each belongs to, and how classes look."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from controlroom.domain.asset import STALE_AFTER_S, STATES_OF, Asset, AssetKind, AssetState
from controlroom.mapping.layer_tree import LayerGroup

LAYER_OF = {AssetKind.TEAM: "teams", AssetKind.HAZARD: "hazards", AssetKind.SPACE: "spaces"}
"""The id of each kind's layer."""

GROUP_OF = {
    AssetKind.TEAM: LayerGroup.TEAMS,
    AssetKind.HAZARD: LayerGroup.PLACES,
    AssetKind.SPACE: LayerGroup.PLACES,
}
TEXT_ZOOM = 15
"""Further away the names of thousands would cover each other."""

_SHAPE = {AssetKind.TEAM: "pentagon", AssetKind.HAZARD: "hexagon", AssetKind.SPACE: "house"}
_LOOK = {
    AssetState.UNKNOWN: ("open ", "#8a949e"),
    AssetState.RESTING: ("open ", "#8fb3ae"),
    AssetState.READY: ("", "#2ba6a6"),
    AssetState.UNDERWAY: ("dotted ", "#8f7be8"),
    AssetState.WORKING: ("dotted ", "#d07ae0"),
    AssetState.STOPPED: ("open ", "#b08d57"),
    AssetState.RUNNING: ("", "#b08d57"),
    AssetState.ABNORMAL: ("dotted ", "#e23ac8"),
    AssetState.OPEN: ("", "#6c8fd6"),
    AssetState.FULL: ("dotted ", "#b06fd0"),
    AssetState.CLOSED: ("struck ", "#7d8794"),
}
"""Shape and colour of each state; none is the colour of a severity."""

_OLD = ("open ", "#66737f")
_CALLS = (AssetState.ABNORMAL, AssetState.FULL, AssetState.CLOSED)
"""States that a cluster tells of."""


class AssetClass(Struct, frozen=True):
    """One class of a layer: a state, or what is too old to have one; `shape` as in LegendLine."""

    state: AssetState | None
    shape: str
    colour: str


class AssetPoint(Struct, frozen=True):
    """One asset on the map: degrees WGS-84 and its class's place in `classes_of`."""

    id: str
    lon: float
    lat: float
    number: int


def classes_of(kind: AssetKind) -> tuple[AssetClass, ...]:
    """The classes of a kind: the old first, then its states, what calls for the most attention last."""
    shape = _SHAPE[kind]
    states = tuple(AssetClass(s, _LOOK[s][0] + shape, _LOOK[s][1]) for s in STATES_OF[kind])
    return (AssetClass(None, _OLD[0] + shape, _OLD[1]), *states)


def alerts_of(kind: AssetKind) -> int:
    """The first class that a cluster tells of; beyond all of them where there is none."""
    classes = classes_of(kind)
    return next((number for number, one in enumerate(classes) if one.state in _CALLS), 255)


def points_of(assets: Iterable[Asset], kind: AssetKind, now: datetime | None) -> list[AssetPoint]:
    """Those of a kind that have a place; without `now` (a moment that is asked about) none is old."""
    number = {one.state: place for place, one in enumerate(classes_of(kind))}
    return [
        AssetPoint(a.id, a.point.lon, a.point.lat, 0 if now is not None and a.stale(now) else number.get(a.state, 0))
        for a in assets
        if a.kind is kind and a.point is not None
    ]


def by_kind(assets: Iterable[Asset]) -> dict[AssetKind, list[Asset]]:
    """The assets of each kind, in their order; kinds that nobody declares have none."""
    found: dict[AssetKind, list[Asset]] = {kind: [] for kind in AssetKind}
    for asset in assets:
        found[asset.kind].append(asset)
    return found


def newest(assets: Iterable[Asset], kind: AssetKind) -> datetime | None:
    """Of what time the newest is that is known of a kind."""
    return max((at for a in assets if a.kind is kind and (at := a.told_at) is not None), default=None)


def old_after_s(kind: AssetKind) -> float:
    """From when on a layer of this kind counts as old."""
    return STALE_AFTER_S[kind]
