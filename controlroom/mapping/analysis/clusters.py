"""Points that lie together: by density (DBSCAN), and counted in cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, spatial

from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step, alone
from controlroom.mapping.coordinates import Floats

NOISE = -1
MOST_PAIRS = 60_000_000
"""Pairs of neighbours that are looked at: one gigabyte."""

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a grid that hold points: south-west corner in metres and how many."""

    x: Floats
    y: Floats
    count: NDArray[np.int64]
    side_m: float


def dbscan(x_m: Floats, y_m: Floats, reach_m: float, least: int, step: Step = alone) -> Labels:
    """The cluster of each point from 0 on, NOISE for none (Ester et al. 1996).

    A point with `least` points within `reach_m`, itself included, is a core; cores within reach are one cluster; others
    belong to the cluster of the nearest core within reach. Points without a place are NOISE. Raises AnalysisFault.
    """
    if not 0 < reach_m <= 50_000:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"reach_m = {reach_m:g}")
    if least < 1:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"least = {least}")
    labels = np.full(len(x_m), NOISE, np.int64)
    good = np.flatnonzero(np.isfinite(x_m) & np.isfinite(y_m))
    if not len(good):
        raise AnalysisFault(Reason.EMPTY)
    # Devices at one pole stand for one place with a weight: a thousand of them would be a million pairs.
    places, inverse, weight = _weighed(x_m[good], y_m[good])
    tree = spatial.cKDTree(places, compact_nodes=False, balanced_tree=False)
    step(0.1)
    if _most_pairs(places, reach_m) > MOST_PAIRS and int(tree.count_neighbors(tree, reach_m)) > MOST_PAIRS:
        raise AnalysisFault(Reason.TOO_DENSE, f"{reach_m:g}")
    step(0.3)
    pairs = tree.query_pairs(reach_m, output_type="ndarray")
    step(0.6)
    a, b = pairs[:, 0], pairs[:, 1]
    about = weight + np.bincount(a, weight[b], len(places)) + np.bincount(b, weight[a], len(places))
    core = about >= least
    found = np.full(len(places), NOISE, np.int64)
    both = core[a] & core[b]
    graph = sparse.coo_matrix((np.ones(int(both.sum()), np.int8), (a[both], b[both])), (len(places),) * 2)
    number = sparse.csgraph.connected_components(graph, directed=False)[1]
    step(0.8)
    if core.any():
        _names, dense = np.unique(number[core], return_inverse=True)
        found[core] = dense.ravel()
        edge = np.flatnonzero(~core)
        if len(edge):
            kernel = spatial.cKDTree(places[core])
            far, near = kernel.query(places[edge], distance_upper_bound=np.nextafter(reach_m, np.inf))
            reached = np.isfinite(far)
            found[edge[reached]] = found[core][near[reached]]
    labels[good] = found[inverse]
    step(1.0)
    return labels


def _weighed(x_m: Floats, y_m: Floats) -> tuple[Floats, NDArray[np.intp], NDArray[np.int64]]:
    """Each place once, which of them each point is at, and how many points are there."""
    if np.diff(np.sort(x_m)).all():
        # No two points even share a coordinate: sorting numbers alone is a tenth of the work below.
        return np.column_stack([x_m, y_m]), np.arange(len(x_m)), np.ones(len(x_m), np.int64)
    order = np.lexsort((y_m, x_m))
    x, y = x_m[order], y_m[order]
    first = np.append(True, (np.diff(x) != 0) | (np.diff(y) != 0))
    inverse = np.empty(len(order), np.intp)
    inverse[order] = np.cumsum(first) - 1
    weight = np.diff(np.append(np.flatnonzero(first), len(order)))
    return np.column_stack([x[first], y[first]]), inverse, weight


def _most_pairs(places: Floats, reach_m: float) -> int:
    """No fewer than the pairs within reach: those in cells of that side that touch, as if all had equally many."""
    cell = np.floor((places - places.min(0)) / reach_m).astype(np.int64)
    wide, high = cell.max(0) + 3
    if wide * high > 4_000_000:
        cell, wide, high = cell // 8, (wide + 21) // 8 + 1, (high + 21) // 8 + 1
    if wide * high > 4_000_000:
        return MOST_PAIRS + 1
    count = np.bincount(cell[:, 0] * high + cell[:, 1])
    return int(9 * (count.astype(np.float64) ** 2).sum())


def counted(x_m: Floats, y_m: Floats, side_m: float) -> Cells:
    """How many points each cell of a grid holds, empty cells left out. Raises AnalysisFault."""
    if not 0 < side_m <= 100_000:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"side_m = {side_m:g}")
    good = np.isfinite(x_m) & np.isfinite(y_m)
    if not good.any():
        raise AnalysisFault(Reason.EMPTY)
    keys = np.column_stack([np.floor(x_m[good] / side_m), np.floor(y_m[good] / side_m)]).astype(np.int64)
    cells, count = np.unique(keys, axis=0, return_counts=True)
    corner = cells.astype(np.float64) * side_m
    return Cells(corner[:, 0], corner[:, 1], count, side_m)
