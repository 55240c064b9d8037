"""All that lies within one distance of any of many places: the union of equal discs, drawn along its rim alone.

A disc shows on the rim only where its Voronoi cell reaches beyond it, and two discs meet on the rim only across an edge
of the Delaunay triangulation whose Voronoi edge holds the meeting point. So the rim is found edge by edge instead of by
uniting polygons: the arcs of all are linked to rings (Edelsbrunner 1995, The union of balls and its dual shape).
A chord of an arc stays in the Voronoi cell of its disc, which is convex: so no two chords cross, and rings are valid.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse, spatial
from shapely.geometry.base import BaseGeometry

from controlroom.mapping.analysis.fault import Step, alone
from controlroom.mapping.coordinates import Floats

_TURN = 2 * np.pi
_JOLT = 1e-5
"""Part of the radius by which places are moved at the most, so that no four lie on a circle and no three in a line."""

Indices = NDArray[np.int64]


class Undecided(ArithmeticError):
    """Arcs that could not be linked: the places are too regular for the precision of numbers."""


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Points of the rim where two discs meet: there the arc of `ends` ends and that of `begins` begins."""

    begins: Indices
    ends: Indices
    x: Floats
    y: Floats


def united_discs(
    x_m: Floats, y_m: Floats, radius_m: float, corners: int = 32, step: Step = alone
) -> list[BaseGeometry]:
    """Polygons of all that lies within `radius_m` of any place; a full circle has `corners` corners on its rim.

    Places are moved by a hundred-thousandth of the radius. Raises Undecided where the rim cannot be followed.
    """
    places = np.unique(np.column_stack([x_m, y_m]), axis=0)
    middle = places.mean(0)
    jolt = np.random.default_rng(0).uniform(-_JOLT, _JOLT, places.shape) * radius_m
    xy = places - middle + jolt
    if len(xy) < 4:
        raise Undecided("too few places for triangles")
    try:
        mesh = spatial.Delaunay(xy)
    except spatial.QhullError as error:
        raise Undecided("places in a line") from error
    if len(mesh.coplanar):
        raise Undecided("places that are one for the triangulation")
    step(0.5)
    meetings, joined = _meetings(mesh, xy, radius_m)
    step(0.6)
    groups, group = sparse.csgraph.connected_components(joined, directed=False)
    touched = np.zeros(len(xy), np.bool_)
    touched[joined.row] = touched[joined.col] = True
    corner, ring, of = _rings(meetings, xy, radius_m, corners)
    step(0.8)
    shapes = _polygons(corner + middle, ring, group[of], groups)
    angles = np.arange(corners) * _TURN / corners
    wheel = radius_m * np.column_stack([np.cos(angles), np.sin(angles)])
    lonely = xy[~touched] + middle
    shapes.extend(shapely.polygons(lonely[:, None, :] + wheel[None]).tolist() if len(lonely) else [])
    step(1.0)
    return shapes


def _meetings(mesh: spatial.Delaunay, xy: Floats, radius_m: float) -> tuple[_Meetings, sparse.coo_matrix]:
    """The meeting points of the rim, and which discs overlap along an edge of the triangulation."""
    corner = np.asarray(mesh.simplices, np.int64)
    across = np.asarray(mesh.neighbors, np.int64)
    apex, first, second = xy[corner], xy[np.roll(corner, -1, 1)], xy[np.roll(corner, -2, 1)]
    one, two = first - apex, second - apex
    area = one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]
    cotangent = (one * two).sum(-1) / np.maximum(area, 1e-300)
    # The same edge seen from the triangle on its other side; outside of the hull there is none.
    back = across[np.maximum(across, 0)] == np.arange(len(corner))[:, None, None]
    beyond = np.take_along_axis(cotangent[np.maximum(across, 0)], back.argmax(-1)[..., None], -1)[..., 0]
    other = np.where(across >= 0, beyond, np.inf)
    hull = across.ravel() < 0
    start = np.roll(corner, -1, 1).ravel()
    end = np.roll(corner, -2, 1).ravel()
    left, right = cotangent.ravel(), other.ravel()
    a = np.concatenate([start, end[hull]])
    b = np.concatenate([end, start[hull]])
    left, right = np.concatenate([left, right[hull]]), np.concatenate([right, left[hull]])
    way = xy[b] - xy[a]
    half = np.hypot(way[:, 0], way[:, 1]) / 2
    near = half < radius_m
    a, b, left, right, way, half = a[near], b[near], left[near], right[near], way[near], half[near]
    joined = sparse.coo_matrix((np.ones(len(a), np.int8), (a, b)), (len(xy),) * 2)
    height = np.sqrt(radius_m**2 - half**2)
    shown = (-half * right <= height) & (height <= half * left)
    a, b, way, half, height = a[shown], b[shown], way[shown], half[shown], height[shown]
    scale = height / (2 * half)
    x = (xy[a, 0] + xy[b, 0]) / 2 - way[:, 1] * scale
    y = (xy[a, 1] + xy[b, 1]) / 2 + way[:, 0] * scale
    return _Meetings(a, b, x, y), joined


def _rings(meetings: _Meetings, xy: Floats, radius_m: float, corners: int) -> tuple[Floats, Indices, Indices]:
    """Corners of all rings, the ring of each corner, and a disc of each ring."""
    count = len(meetings.x)
    if not count:
        return np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64)
    disc = np.concatenate([meetings.begins, meetings.ends])
    at = np.tile(np.arange(count), 2)
    angle = np.arctan2(meetings.y[at] - xy[disc, 1], meetings.x[at] - xy[disc, 0]) % _TURN
    is_begin = np.arange(2 * count) < count
    order = np.lexsort((angle, disc))
    size = np.bincount(disc, minlength=len(xy))
    last = np.cumsum(size)[disc[order]] - 1
    place = np.arange(2 * count)
    following = order[np.where(place == last, last - size[disc[order]] + 1, place + 1)]
    begins = is_begin[order]
    if not np.array_equal(begins, ~is_begin[following]):
        raise Undecided("arcs without an end")
    begin, end = order[begins], following[begins]
    # Arc k begins at meeting k: by its own number from here on.
    arc_end = np.empty(count, np.int64)
    arc_end[at[begin]] = end
    next_arc = at[arc_end]
    ring, turn = _followed(next_arc)
    start_angle, end_angle = angle[:count], angle[arc_end]
    span = (end_angle - start_angle) % _TURN
    pitch = _TURN / corners
    first = np.floor(start_angle / pitch).astype(np.int64) + 1
    steps = np.maximum(np.ceil((start_angle + span) / pitch).astype(np.int64) - first, 0)
    arcs = np.argsort(turn)
    length = (1 + steps)[arcs]
    owner = np.repeat(arcs, length)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    heading = (first[owner] + within - 1) * pitch
    centre = xy[meetings.begins[owner]]
    x = np.where(within == 0, meetings.x[owner], centre[:, 0] + radius_m * np.cos(heading))
    y = np.where(within == 0, meetings.y[owner], centre[:, 1] + radius_m * np.sin(heading))
    of = np.empty(int(ring.max()) + 1, np.int64)
    of[ring] = meetings.begins
    return np.column_stack([x, y]), ring[owner], of


def _followed(following: Indices) -> tuple[Indices, Indices]:
    """The ring of each arc, and its turn when the rings are walked one after the other."""
    ring = np.full(len(following), -1, np.int64)
    turn = np.empty(len(following), np.int64)
    ahead, held, count = following.tolist(), ring.tolist(), 0
    walked: list[int] = []
    for start in range(len(ahead)):
        if held[start] >= 0:
            continue
        arc = start
        while held[arc] < 0:
            held[arc] = count
            walked.append(arc)
            arc = ahead[arc]
        if arc != start:
            raise Undecided("a ring that does not close")
        count += 1
    turn[np.array(walked)] = np.arange(len(walked))
    return np.array(held, np.int64), turn


def _polygons(corner: Floats, ring: Indices, group: Indices, groups: int) -> list[BaseGeometry]:
    """One polygon for each group of discs that overlap: its outermost ring runs to the left, its holes to the right."""
    if not len(corner):
        return []
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    # A ring of two arcs without a corner between them is thinner than its drawing: it encloses nothing.
    size = np.diff(np.append(starts, len(ring)))
    x, y = (corner - corner.mean(0)).T
    nearby = np.arange(1, len(x) + 1)
    nearby[starts + size - 1] = starts
    area = np.add.reduceat(x * y[nearby] - y * x[nearby], starts)
    real = (size >= 3) & (area != 0)
    if not real.any():
        return []
    kept = np.flatnonzero(real)
    number = np.full(len(starts), -1, np.int64)
    number[kept] = np.arange(len(kept))
    mine = number[np.repeat(np.arange(len(starts)), size)]
    rings = shapely.linearrings(corner[mine >= 0], indices=mine[mine >= 0])
    shell = area[kept] > 0
    of = group[kept]
    if np.bincount(of[shell], minlength=groups).max() > 1:
        raise Undecided("discs that overlap with two outer rims")
    shells, holes = rings[shell], rings[~shell]
    rank = np.full(groups, -1, np.int64)
    rank[of[shell]] = np.arange(len(shells))
    inside = rank[of[~shell]]
    order = np.argsort(inside, kind="stable")
    if len(inside) and inside.min() < 0:
        raise Undecided("a hole without a rim around it")
    made = shapely.polygons(shells)
    for number, some in zip(
        np.unique(inside), np.split(holes[order], np.flatnonzero(np.diff(inside[order])) + 1), strict=False
    ):
        made[number] = shapely.polygons(shells[number], some)
    return list(made)
