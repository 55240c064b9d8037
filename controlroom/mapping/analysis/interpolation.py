"""Values between measured places: by inverse distance, by ordinary kriging with its error, and over triangles."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import interpolate, optimize, spatial

from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step, alone
from controlroom.mapping.coordinates import Floats

_PART = 8000
"""Nodes between two looks at whether anybody still waits."""

_PART_CELLS = 1_000_000
"""Cells of kriging's equations that are solved in one part, for the same reason."""

_PAIRED = 1200
"""Places whose pairs the variogram is estimated from; more would only cost time."""

_LAGS = 14


@dataclass(frozen=True, slots=True)
class Variogram:
    """Half the mean squared difference by distance: spherical, `nugget` + `sill` (partial) reached at `range_m`."""

    nugget: float
    sill: float
    range_m: float

    def __call__(self, distance_m: Floats) -> Floats:
        """The value at distances; 0 at the place itself."""
        ratio = np.minimum(distance_m / self.range_m, 1.0)
        rising = self.nugget + self.sill * (1.5 * ratio - 0.5 * ratio**3)
        return np.where(distance_m > 0, rising, 0.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """Places of the plane with values, each place once: values told at the same place are averaged."""

    x: Floats
    y: Floats
    value: Floats
    left_out: int
    """How many had no place or no value."""

    @classmethod
    def of(cls, x_m: Floats, y_m: Floats, value: Floats, least: int = 1) -> "Measured":
        """What of the columns can be used. Raises AnalysisFault when fewer than `least` places are left."""
        placed = np.isfinite(x_m) & np.isfinite(y_m)
        good = placed & np.isfinite(value)
        if not placed.any():
            raise AnalysisFault(Reason.EMPTY)
        if not good.any():
            raise AnalysisFault(Reason.NO_VALUES)
        # Places closer than a centimetre are one: they would make kriging's equations singular.
        keys = np.column_stack([np.rint(x_m[good] * 100), np.rint(y_m[good] * 100)]).astype(np.int64)
        _unique, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        inverse = inverse.ravel()
        mean = np.bincount(inverse, value[good]) / np.bincount(inverse)
        if len(first) < least:
            raise AnalysisFault(Reason.TOO_FEW, str(least))
        return cls(x_m[good][first], y_m[good][first], mean, len(x_m) - int(good.sum()))


def idw(
    held: Measured, x_m: Floats, y_m: Floats, neighbours: int = 12, power: float = 2.0, step: Step = alone
) -> Floats:
    """Values at x, y by the `neighbours` nearest places, weighted by distance to the power −`power` (Shepard 1968)."""
    if neighbours < 1:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"neighbours = {neighbours}")
    if not 0 < power <= 10:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"power = {power:g}")
    tree, count = spatial.cKDTree(np.column_stack([held.x, held.y])), min(neighbours, len(held.x))
    out = np.empty(len(x_m))
    for part in _parts(len(x_m)):
        step(part.start / len(x_m))
        far, near = tree.query(np.column_stack([x_m[part], y_m[part]]), k=count, workers=-1)
        far, near = far.reshape(-1, count), near.reshape(-1, count)
        # Relative to the nearest, so that no power of a distance overflows.
        nearest = np.maximum(far[:, :1], 1e-3)
        weight = (nearest / np.maximum(far, 1e-3)) ** power
        out[part] = (weight * held.value[near]).sum(1) / weight.sum(1)
        exact = far[:, 0] < 1e-3
        out[part][exact] = held.value[near[exact, 0]]
    return out


def fit_variogram(held: Measured, seed: int = 0) -> Variogram:
    """The spherical variogram that fits best, by least squares over lags weighted by their pairs (Cressie 1985).

    Raises AnalysisFault when all values are alike.
    """
    chosen = np.random.default_rng(seed).permutation(len(held.x))[:_PAIRED]
    xy, value = np.column_stack([held.x[chosen], held.y[chosen]]), held.value[chosen]
    variance = float(value.var())
    if not variance > 0:
        raise AnalysisFault(Reason.ALL_ALIKE)
    far = spatial.distance.pdist(xy)
    half = spatial.distance.pdist(value[:, None], "sqeuclidean") / 2
    reach = float(far.max()) / 2 if len(far) > 20 else float(far.max())
    lag = np.minimum((far / reach * _LAGS).astype(np.int64), _LAGS)
    pairs = np.bincount(lag, minlength=_LAGS + 1)[:_LAGS]
    used = pairs > 0
    mean_far = (np.bincount(lag, far, _LAGS + 1)[:_LAGS])[used] / pairs[used]
    mean_half = (np.bincount(lag, half, _LAGS + 1)[:_LAGS])[used] / pairs[used]
    root = np.sqrt(pairs[used])

    def missed(parameters: Floats) -> Floats:
        nugget, sill, span = parameters
        return np.asarray((Variogram(nugget, sill, span)(mean_far) - mean_half) * root)

    found = optimize.least_squares(
        missed,
        (variance * 0.1, variance * 0.9, reach / 2),
        bounds=((0.0, 1e-9 * variance, reach / 1000), (4 * variance, 8 * variance, 4 * reach)),
        x_scale=(variance, variance, reach),
    )
    nugget, sill, span = (float(v) for v in found.x)
    return Variogram(nugget if nugget > 1e-9 * variance else 0.0, sill, span)


def kriging(
    held: Measured, variogram: Variogram, x_m: Floats, y_m: Floats, neighbours: int = 16, step: Step = alone
) -> tuple[Floats, Floats]:
    """Values at x, y and the standard deviation of their error (ordinary kriging, Matheron 1963).

    Each node is told by its `neighbours` nearest places. At a measured place the value is the measured one and the
    error 0. Raises AnalysisFault.
    """
    if not 2 <= neighbours <= 64:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"neighbours = {neighbours}")
    xy = np.column_stack([held.x, held.y])
    tree, count = spatial.cKDTree(xy), min(neighbours, len(xy))
    if count < 2:
        raise AnalysisFault(Reason.TOO_FEW, "2")
    value, error = np.empty(len(x_m)), np.empty(len(x_m))
    for part in _parts(len(x_m), max(_PART_CELLS // (count + 1) ** 2, 64)):
        step(part.start / len(x_m))
        here = np.column_stack([x_m[part], y_m[part]])
        far, near = tree.query(here, k=count, workers=-1)
        places = xy[near]
        between = np.linalg.norm(places[:, :, None, :] - places[:, None, :, :], axis=-1)
        system = np.ones((len(here), count + 1, count + 1))
        system[:, :count, :count] = variogram(between)
        system[:, count, count] = 0.0
        right = np.ones((len(here), count + 1, 1))
        right[:, :count, 0] = variogram(np.where(far < 1e-3, 0.0, far))
        weight = np.linalg.solve(system, right)
        value[part] = (weight[:, :count, 0] * held.value[near]).sum(1)
        error[part] = np.sqrt(np.maximum((weight[:, :, 0] * right[:, :, 0]).sum(1), 0.0))
    return value, error


def triangles(held: Measured, x_m: Floats, y_m: Floats) -> Floats:
    """Values on the flat triangles between neighbouring places (Delaunay); NaN outside. Raises AnalysisFault."""
    if len(held.x) < 3:
        raise AnalysisFault(Reason.TOO_FEW, "3")
    middle = np.array([held.x.mean(), held.y.mean()])
    try:
        surface = interpolate.LinearNDInterpolator(np.column_stack([held.x, held.y]) - middle, held.value)
    except spatial.QhullError as error:
        raise AnalysisFault(Reason.TOO_FEW, "3") from error
    out = np.full(len(x_m), np.nan)
    # Outside of the triangles every node would be looked for in each of them.
    hull = shapely.MultiPoint(np.column_stack([held.x, held.y])).convex_hull
    shapely.prepare(hull)
    within = shapely.intersects_xy(hull, x_m, y_m)
    out[within] = surface(np.column_stack([x_m[within], y_m[within]]) - middle)
    return out


def slope_deg(values: Floats, side_m: float) -> Floats:
    """The steepness of a surface f64[rows, columns] whose values are metres, degrees (central differences)."""
    north, east = np.gradient(values, side_m)
    steep: Floats = np.degrees(np.arctan(np.hypot(north, east))).astype(np.float64)
    return steep


def _parts(count: int, size: int = _PART) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
