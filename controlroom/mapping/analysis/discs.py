"""All that lies within one distance of any of many places: the union of equal discs, drawn along its rim alone.

Instead of uniting polygons, the arcs that discs show on the rim are linked to rings. They are found among the nearest
neighbours of each disc. Where so many are near that it would take long, they are found edge by edge of the Delaunay
triangulation: two discs meet on the rim only across an edge whose Voronoi edge holds the meeting point (Edelsbrunner
1995, The union of balls and its dual shape).
A chord of an arc stays in the Voronoi cell of its disc, which is convex: so no two chords cross, and rings are valid.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import spatial
from shapely.geometry.base import BaseGeometry

from controlroom.mapping.analysis.fault import Step, alone
from controlroom.mapping.analysis.rims import Arcs, Indices, Shown, Undecided, linked, shown_arcs
from controlroom.mapping.coordinates import Floats

_TURN = 2 * np.pi
_JOLT = 1e-5
"""Part of the radius by which places are moved at the most, so that no four lie on a circle and no three in a line."""


def united_discs(
    x_m: Floats, y_m: Floats, radius_m: float, corners: int = 32, step: Step = alone
) -> list[BaseGeometry]:
    """Polygons of all that lies within `radius_m` of any place; a full circle has `corners` corners on its rim.

    Places are moved by a hundred-thousandth of the radius. Raises Undecided where the rim cannot be followed.
    """
    order = np.lexsort((y_m, x_m))
    sorted_ = np.column_stack([x_m, y_m])[order]
    places = sorted_[np.append(True, (np.diff(sorted_, axis=0) != 0).any(1))]
    middle = places.mean(0)
    jolt = np.random.default_rng(0).uniform(-_JOLT, _JOLT, places.shape) * radius_m
    xy = places - middle + jolt
    try:
        arcs, lonely = shown_arcs(xy, radius_m, step)
    except Undecided:
        arcs, lonely = _triangulated(xy, radius_m)
    step(0.7)
    corner, ring = _rings(arcs, xy, radius_m, corners)
    step(0.8)
    shapes = _polygons(corner + middle, ring)
    angles = np.arange(corners) * _TURN / corners
    wheel = radius_m * np.column_stack([np.cos(angles), np.sin(angles)])
    apart = xy[lonely] + middle
    shapes.extend(shapely.polygons(apart[:, None, :] + wheel[None]).tolist() if len(apart) else [])
    step(1.0)
    return shapes


def _triangulated(xy: Floats, radius_m: float) -> tuple[Arcs, Indices]:
    """The arcs of the rim, and the discs that touch no other, by the triangulation of the places."""
    if len(xy) < 4:
        raise Undecided("too few places for triangles")
    try:
        mesh = spatial.Delaunay(xy)
    except spatial.QhullError as error:
        raise Undecided("places in a line") from error
    if len(mesh.coplanar):
        raise Undecided("places that are one for the triangulation")
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
    touched = np.zeros(len(xy), np.bool_)
    touched[a[near]] = touched[b[near]] = True
    height = np.sqrt(np.maximum(radius_m**2 - half**2, 0.0))
    shown = near & (-half * right <= height) & (height <= half * left)
    a, b, way, half, height = a[shown], b[shown], way[shown], half[shown], height[shown]
    scale = height / (2 * half)
    x = (xy[a, 0] + xy[b, 0]) / 2 - way[:, 1] * scale
    y = (xy[a, 1] + xy[b, 1]) / 2 + way[:, 0] * scale
    return _between_meetings(a, b, x, y, xy, radius_m), np.flatnonzero(~touched)


def _between_meetings(begins: Indices, ends: Indices, x: Floats, y: Floats, xy: Floats, radius_m: float) -> Arcs:
    """Arcs between points of the rim where that of one disc ends and that of another begins."""
    count = len(x)
    disc = np.concatenate([begins, ends])
    other = np.concatenate([ends, begins])
    at = np.tile(np.arange(count), 2)
    angle = np.arctan2(y[at] - xy[disc, 1], x[at] - xy[disc, 0]) % _TURN
    order = np.lexsort((angle, disc))
    size = np.bincount(disc, minlength=len(xy))
    last = np.cumsum(size)[disc[order]] - 1
    place = np.arange(2 * count)
    following = order[np.where(place == last, last - size[disc[order]] + 1, place + 1)]
    is_begin = order < count
    if not np.array_equal(is_begin, following >= count):
        raise Undecided("arcs without an end")
    begin, end = order[is_begin], following[is_begin]
    return linked([Shown(disc[begin], other[begin], other[end], angle[begin], angle[end])], xy, radius_m)


def _rings(arcs: Arcs, xy: Floats, radius_m: float, corners: int) -> tuple[Floats, Indices]:
    """Corners of all rings, and the ring of each corner."""
    if not len(arcs):
        return np.empty((0, 2)), np.empty(0, np.int64)
    ring, turn = _followed(arcs.following)
    pitch = _TURN / corners
    first = np.floor(arcs.start / pitch).astype(np.int64) + 1
    steps = np.maximum(np.ceil((arcs.start + arcs.span) / pitch).astype(np.int64) - first, 0)
    walk = np.argsort(turn)
    length = (1 + steps)[walk]
    owner = np.repeat(walk, length)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    heading = (first[owner] + within - 1) * pitch
    centre = xy[arcs.disc[owner]]
    x = np.where(within == 0, arcs.x[owner], centre[:, 0] + radius_m * np.cos(heading))
    y = np.where(within == 0, arcs.y[owner], centre[:, 1] + radius_m * np.sin(heading))
    return np.column_stack([x, y]), ring[owner]


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


def _polygons(corner: Floats, ring: Indices) -> list[BaseGeometry]:
    """One polygon for each ring that runs to the left; those that run to the right are holes in the one around them."""
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
    out = area[kept] > 0
    made = shapely.polygons(rings[out])
    holes = rings[~out]
    around = _around(made, corner[starts[kept[~out]]])
    order = np.argsort(around, kind="stable")
    which = around[order]
    for some in np.split(order, np.flatnonzero(np.diff(which)) + 1) if len(order) else ():
        shell = int(around[some[0]])
        made[shell] = shapely.polygons(shapely.get_exterior_ring(made[shell]), holes[some])
    return list(made)


def _around(shells: NDArray[np.object_], places: Floats) -> Indices:
    """The smallest of the areas that each place lies in. Raises Undecided for a place in none."""
    found = np.full(len(places), -1, np.int64)
    least = np.full(len(places), np.inf)
    sizes = shapely.area(shells)
    place, shell = shapely.STRtree(shells).query(shapely.points(places)) if len(places) else (found, found)
    order = np.argsort(shell, kind="stable")
    place, shell = place[order], shell[order]
    for some in np.split(np.arange(len(shell)), np.flatnonzero(np.diff(shell)) + 1) if len(shell) else ():
        area = shells[shell[some[0]]]
        shapely.prepare(area)
        inside = place[some][shapely.contains_xy(area, places[place[some]])]
        better = inside[sizes[shell[some[0]]] < least[inside]]
        found[better], least[better] = shell[some[0]], sizes[shell[some[0]]]
    if (found < 0).any():
        raise Undecided("a hole without a rim around it")
    return found
