"""Crossroads as names: where roads of different names share a point of the network."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from controlroom.mapping.coordinates import Floats
from controlroom.mapping.gazetteer_names import Name

SAME_M = 150.0
"""House figure: meetings of the same two roads that lie nearer together than this are one crossroads."""
_GRAIN = 1e6
_NAMELESS = frozenset({"", "no name", "noname", "unnamed", "无名路"})


def is_named(title: str) -> bool:
    """Whether a road has a name to be spoken of."""
    return title.strip().casefold() not in _NAMELESS


def crossings(roads: Sequence[tuple[str, Floats]], source: str) -> list[Name]:
    """The crossroads of named roads, lines of WGS-84 degrees (f64[n, 2]).

    Only shared points count: where one road passes over another there is no turning from one into the other.
    """
    at: dict[tuple[int, int], set[str]] = defaultdict(set)
    for title, line in roads:
        if is_named(title):
            for x, y in np.rint(np.asarray(line)[:, :2] * _GRAIN).astype(np.int64).tolist():
                at[x, y].add(title)
    meetings: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for (x, y), titles in sorted(at.items()):
        ordered = sorted(titles)
        for place, one in enumerate(ordered):
            for other in ordered[place + 1 :]:
                meetings[one, other].append((x / _GRAIN, y / _GRAIN))
    return [
        _crossing(pair, lon, lat, source) for pair, points in sorted(meetings.items()) for lon, lat in _apart(points)
    ]


def _crossing(pair: tuple[str, str], lon: float, lat: float, source: str) -> Name:
    one, other = pair
    return Name(
        title=f"{one}与{other}路口",
        kind="crossing",
        lon=lon,
        lat=lat,
        english=_english(one, other),
        aliases=(f"{other}与{one}路口", f"{one}{other}", f"{other}{one}"),
        source=source,
    )


def _english(one: str, other: str) -> str:
    return f"{one} & {other}" if one.isascii() and other.isascii() else ""


def _apart(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Meetings of the same two roads, those of one crossroads taken together at their middle."""
    groups: list[list[tuple[float, float]]] = []
    for lon, lat in points:
        for group in groups:
            east = (lon - group[0][0]) * 111_320.0 * float(np.cos(np.radians(lat)))
            if np.hypot(east, (lat - group[0][1]) * 110_950.0) < SAME_M:
                group.append((lon, lat))
                break
        else:
            groups.append([(lon, lat)])
    return [(float(m[0]), float(m[1])) for m in (np.mean(group, axis=0) for group in groups)]
