"""The arcs that equal discs show on the rim of all of them, found among the nearest neighbours of each disc.

A disc whose circle lies in the discs of its nearest neighbours shows nothing, whatever else is near: so few neighbours
decide about most, and only of the others more are asked.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import spatial

from controlroom.mapping.analysis.fault import Step, alone
from controlroom.mapping.coordinates import Floats

_TURN = 2 * np.pi
_FEW = 14
_MORE = 40
_MOST_ASKED = 6_000_000
"""Neighbours that are looked at in one turn at the most."""

Indices = NDArray[np.int64]


class Undecided(ArithmeticError):
    """Arcs that could not be linked: the places are too regular, or too dense, for the precision and patience here."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs that run to the left from disc `disc`'s meeting with the disc before; each is followed by one of another.

    `start` f64[n] radians in [0, 2π), `span` f64[n] radians; the meeting is at `x`, `y` f64[n] metres.
    """

    disc: Indices
    x: Floats
    y: Floats
    start: Floats
    span: Floats
    following: Indices

    def __len__(self) -> int:
        return len(self.disc)


@dataclass(frozen=True, slots=True)
class Shown:
    """Arcs before they are linked: on `disc`, out of the disc `before`, into the disc `after`; radians."""

    disc: Indices
    before: Indices
    after: Indices
    start: Floats
    end: Floats


def shown_arcs(xy: Floats, radius_m: float, step: Step = alone) -> tuple[Arcs, Indices]:
    """The arcs of the rim of places f64[n, 2] that are all different, and the discs that touch no other.

    Raises Undecided where arcs find no successor, or where too many discs lie in one another without being covered.
    """
    if len(xy) < 2:
        nothing = np.empty(0)
        none = np.empty(0, np.int64)
        return Arcs(none, nothing, nothing, nothing, nothing, none), np.arange(len(xy))
    tree = spatial.cKDTree(xy, compact_nodes=False, balanced_tree=False)
    every = np.arange(len(xy))
    lonely = np.empty(0, np.int64)
    held: list[Shown] = []
    left = every
    for turn, count in enumerate((_FEW, _MORE)):
        shown, open_, alone_ = _look(tree, every, xy, left, radius_m, count)
        lonely = alone_ if turn == 0 else lonely
        held.append(shown)
        left = open_
        step(0.2 * (turn + 1))
        if not len(left):
            break
    if len(left):
        # Where arcs of the whole rim meet, both discs are among those that are left: only these need be asked.
        among = np.union1d(left, np.concatenate([part.disc for part in held]))
        held.append(_last(tree, among, xy, left, radius_m))
    step(0.6)
    return linked(held, xy, radius_m), lonely


def _look(
    tree: spatial.cKDTree, names: Indices, xy: Floats, asked: Indices, radius_m: float, count: int
) -> tuple[Shown, Indices, Indices]:
    """What the asked discs show beside their `count` nearest, whose is undecided so, and which touch none.

    The tree's places are those of `names`, the asked among them.
    """
    count = min(count + 1, len(names))
    if len(asked) * count > _MOST_ASKED:
        raise Undecided("too many neighbours")
    far, near = tree.query(xy[asked], k=count, distance_upper_bound=2 * radius_m, workers=-1)
    far, near = far.reshape(len(asked), count)[:, 1:], near.reshape(len(asked), count)[:, 1:]
    there = np.isfinite(far)
    near = names[np.where(there, near, 0)]
    way = xy[near] - xy[asked][:, None, :]
    half = np.arccos(np.clip(np.where(there, far, 0.0) / (2 * radius_m), 0.0, 1.0))
    begin = np.where(there, (np.arctan2(way[..., 1], way[..., 0]) - half) % _TURN, np.inf)
    order = np.argsort(begin, axis=1)
    begin = np.take_along_axis(begin, order, 1)
    near = np.take_along_axis(near, order, 1)
    end = np.where(np.isfinite(begin), begin + 2 * np.take_along_axis(half, order, 1), -np.inf)
    top = end.max(axis=1, initial=-np.inf)
    covered = np.maximum.accumulate(np.column_stack([top - _TURN, end[:, :-1]]), axis=1)
    gap = (begin > covered) & np.isfinite(begin)
    shows = gap.any(axis=1)
    whole = ~there[:, -1] | (count == len(names))
    row, column = np.nonzero(gap & whole[:, None])
    # Out of which disc an arc comes: that whose end reaches farthest of those before, or of all, a turn ago.
    reached = np.maximum.accumulate(end, axis=1)
    farthest = np.maximum.accumulate(np.where(end == reached, np.arange(end.shape[1]), 0), axis=1)
    ahead = np.maximum(column - 1, 0)
    wrapped = (column == 0) | (reached[row, ahead] < top[row] - _TURN)
    out = np.where(wrapped, farthest[row, -1], farthest[row, ahead])
    starts = covered[row, column] % _TURN
    shown = Shown(asked[row], near[row, out], near[row, column], starts, begin[row, column])
    return shown, asked[shows & ~whole], asked[~there.any(axis=1)]


def _last(tree: spatial.cKDTree, among: Indices, xy: Floats, asked: Indices, radius_m: float) -> Shown:
    """What the asked discs show of the whole rim, from their meetings with discs that may be on it."""
    kernel = spatial.cKDTree(xy[among])
    parts, left, count = list[Shown](), asked, 2 * _MORE
    while len(left):
        shown, left, _none = _look(kernel, among, xy, left, radius_m, count)
        parts.append(shown)
        count *= 4
    found = _joined(parts)
    place = xy[found.disc] + radius_m * np.column_stack([np.cos(found.start), np.sin(found.start)])
    # Discs that are not among these may cover an arc: then they cover all of it.
    free = tree.query(place, workers=-1)[0] > radius_m * (1 - 1e-9)
    return Shown(*(getattr(found, name)[free] for name in ("disc", "before", "after", "start", "end")))


def _joined(parts: list[Shown]) -> Shown:
    return Shown(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("disc", "before", "after", "start", "end"))
    )


def linked(parts: list[Shown], xy: Floats, radius_m: float) -> Arcs:
    """Arcs with what follows each: on the disc that ends it, the arc that comes out of its own."""
    found = _joined(parts)
    key = found.disc * len(xy) + found.before
    order = np.argsort(key)
    wanted = found.after * len(xy) + found.disc
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    following = order[at] if len(key) else order
    if len(np.unique(following)) != len(following) or not np.array_equal(key[following], wanted):
        raise Undecided("arcs without an end")
    x = xy[found.disc, 0] + radius_m * np.cos(found.start)
    y = xy[found.disc, 1] + radius_m * np.sin(found.start)
    return Arcs(found.disc, x, y, found.start, (found.end - found.start) % _TURN, following)
