"""How many points there are per square kilometre, smoothed by a Gaussian kernel."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.grids import Grid
from controlroom.mapping.coordinates import Floats


def kernel_density(
    x_m: Floats, y_m: Floats, radius_m: float, side_m: float, weight: Floats | None = None
) -> tuple[Grid, Floats]:
    """The grid and f64[rows, columns] per km²; `radius_m` is the kernel's standard deviation, cut at four of it.

    Points are binned to nodes first, which moves each by half a cell at the most; `weight` counts some for more.
    Raises AnalysisFault.
    """
    good = np.isfinite(x_m) & np.isfinite(y_m)
    if weight is not None:
        good &= np.isfinite(weight) & (weight >= 0)
    if not good.any():
        raise AnalysisFault(Reason.EMPTY)
    if not 0 < radius_m <= 50_000:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"radius_m = {radius_m:g}")
    x, y = x_m[good], y_m[good]
    reach = 4 * radius_m
    grid = Grid.over((x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach), side_m)
    rows, columns = grid.shape
    column = np.rint((x - grid.x[0]) / side_m).astype(np.int64)
    row = np.rint((y - grid.y[0]) / side_m).astype(np.int64)
    counted: NDArray[np.float64] = np.bincount(
        row * columns + column, None if weight is None else weight[good], rows * columns
    ).astype(np.float64)
    smooth: Floats = ndimage.gaussian_filter(counted.reshape(rows, columns), radius_m / side_m, mode="constant")
    return grid, smooth / (side_m**2) * 1e6
