"""Each analysis of the map over 130,000 points, against the usual library where it is installed, in one run.

Where both give figures they are compared: the same clusters, no value more than a hundredth of the range apart.
"""

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from scipy import sparse, spatial

from controlroom.mapping.analysis import areas, blind, clusters, density, interpolation
from controlroom.mapping.analysis.breaks import Breaks, edges
from controlroom.mapping.analysis.grids import Grid, bands
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.analysis.roads import Network
from controlroom.mapping.sight import CameraColumns
from tests.bench.report import Measure

POINTS = 130_000
EXTENT_M = 40_000.0


def measure_answers(quick: bool) -> list[Measure]:
    """All measures of the map's answers; about half a minute, a third of it when quick."""
    rng = np.random.default_rng(7)
    count = POINTS // 4 if quick else POINTS
    towns = rng.uniform(0, EXTENT_M, (60, 2))
    xy = towns[rng.integers(0, 60, count)] + rng.normal(0, 1500, (count, 2))
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    value = 50 + 10 * np.sin(x / 8000) + rng.normal(0, 1, count)
    note = f"{count:,} points"
    return [
        _timed("answer_buffer_ms", *_buffer(x, y, 100.0), f"{note}, 100 m, dissolved; baseline: GEOS for a tenth"),
        _timed("answer_buffer_far_ms", *_buffer(x, y, 500.0), f"{note}, 500 m, dissolved; baseline: GEOS for a tenth"),
        _timed("answer_inside_ms", *_inside(x, y), f"{note} in 22 cells; baseline: geopandas.sjoin"),
        _timed("answer_overlay_ms", *_overlay(rng), "441 areas with 500 circles; baseline: geopandas.overlay"),
        _timed("answer_density_ms", *_density(x, y), f"{note}; baseline: scikit-learn KernelDensity at some nodes"),
        _timed("answer_idw_ms", *_idw(x, y, value), f"{note} to 200x200; baseline: all points for 1/100 of the nodes"),
        _timed("answer_kriging_ms", *_kriging(x, y, value), f"{note} to 200x200; baseline: node by node, 1/20 of them"),
        _timed("answer_kriging_stations_ms", *_stations(x, y, value), "2,000 stations, 1,000 nodes; baseline: pykrige"),
        _timed("answer_surface_ms", *_surface(x, y, value), f"{note}; triangles to 200x200, bands of five classes"),
        _timed("answer_dbscan_ms", *_dbscan(x, y), f"{note}; baseline: scikit-learn, the same clusters"),
        _timed("answer_cells_ms", lambda: clusters.counted(x, y, 1000.0), None, f"{note} in cells of 1 km"),
        _timed("answer_natural_breaks_ms", lambda: edges(value, Breaks.NATURAL, 5), None, f"{note}, 5 classes"),
        _timed("blind_spots_ms", *_blind(9_000 if quick else 39_000), "cones of 39,000 cameras, 1,024 km², 25 m cells"),
        _timed(
            "answer_nearest_ms", *_nearest(rng), "5 of 1,000 things by road over 20,000 stretches; baseline: all pairs"
        ),
    ]


def _timed(name: str, work: Callable[[], object], naive: Callable[[], object] | None, note: str) -> Measure:
    """The faster of two turns; a baseline that no library is there for is left out."""
    value = min(_ms(work), _ms(work))
    return Measure(name, value, "ms", None if naive is None else _ms(naive), note)


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


_Pair = tuple[Callable[[], object], Callable[[], object] | None]


def _peer(name: str) -> Any:
    """A library that is compared with; None where it is not installed (make peers)."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _buffer(x: np.ndarray, y: np.ndarray, distance_m: float) -> _Pair:
    some = shapely.points(x[::10], y[::10])
    points = areas.points_of(x, y)
    return (
        lambda: areas.buffer(points, distance_m, True),
        lambda: shapely.union_all(shapely.buffer(some, distance_m, quad_segs=8)),
    )


def _inside(x: np.ndarray, y: np.ndarray) -> _Pair:
    cells = [shapely.box(i % 5 * 8000, i // 5 * 8000, i % 5 * 8000 + 8000, i // 5 * 8000 + 8000) for i in range(22)]
    rough = [shapely.buffer(cell, 500.0, quad_segs=64) for cell in cells]
    held = [areas.Area(shape) for shape in rough]
    geopandas = _peer("geopandas")
    if geopandas is None:
        return lambda: areas.counts(held, x, y), None
    points = geopandas.GeoDataFrame(geometry=shapely.points(x, y))
    frame = geopandas.GeoDataFrame({"cell": range(22)}, geometry=rough)

    def usual() -> object:
        return np.bincount(geopandas.sjoin(points, frame, predicate="intersects")["cell"], minlength=22)

    assert np.array_equal(usual(), areas.counts(held, x, y))
    return lambda: areas.counts(held, x, y), usual


def _overlay(rng: np.random.Generator) -> _Pair:
    side = EXTENT_M / 21
    first = [
        areas.Area(shapely.box(i * side, j * side, (i + 1) * side, (j + 1) * side))
        for i in range(21)
        for j in range(21)
    ]
    places = shapely.points(rng.uniform(0, EXTENT_M, (500, 2)))
    second = [areas.Area(shape) for shape in shapely.buffer(places, 900.0)]

    geopandas = _peer("geopandas")
    if geopandas is None:
        return lambda: areas.overlay(first, second, "intersection"), None
    frames = [geopandas.GeoDataFrame({"n": range(len(s))}, geometry=[a.shape for a in s]) for s in (first, second)]
    theirs = float(geopandas.overlay(*frames, how="intersection").area.sum())
    ours = sum(area.shape.area for area in areas.overlay(first, second, "intersection"))
    assert abs(ours - theirs) <= 1e-6 * theirs
    return lambda: areas.overlay(first, second, "intersection"), lambda: geopandas.overlay(*frames, how="intersection")


def _density(x: np.ndarray, y: np.ndarray) -> _Pair:
    work = lambda: density.kernel_density(x, y, 800.0, 160.0)  # noqa: E731 - measured and compared
    neighbors = _peer("sklearn.neighbors")
    if neighbors is None:
        return work, None
    grid, found = work()
    chosen = np.arange(0, found.size, max(found.size // 400, 1))
    nodes = np.column_stack(grid.nodes())[chosen]
    told: list[np.ndarray] = []

    def usual() -> object:
        kernel = neighbors.KernelDensity(bandwidth=800.0).fit(np.column_stack([x, y]))
        told.append(np.exp(kernel.score_samples(nodes)) * len(x) * 1e6)
        return None

    usual()
    assert np.abs(told[0] - found.ravel()[chosen]).max() <= 0.01 * found.max()
    return work, usual


def _nodes() -> tuple[np.ndarray, np.ndarray]:
    return Grid.over((0, 0, EXTENT_M, EXTENT_M), EXTENT_M / 199).nodes()


def _idw(x: np.ndarray, y: np.ndarray, value: np.ndarray) -> _Pair:
    held, (nx, ny) = interpolation.Measured.of(x, y, value), _nodes()

    def naive() -> object:
        return [
            np.average(value, weights=1 / ((x - a) ** 2 + (y - b) ** 2 + 1e-9))
            for a, b in zip(nx[::100], ny[::100], strict=True)
        ]

    return lambda: interpolation.idw(held, nx, ny), naive


def _kriging(x: np.ndarray, y: np.ndarray, value: np.ndarray) -> _Pair:
    held, (nx, ny) = interpolation.Measured.of(x, y, value), _nodes()
    model = interpolation.fit_variogram(held)

    def naive() -> object:
        tree = spatial.cKDTree(np.column_stack([held.x, held.y]))
        for a, b in zip(nx[::20], ny[::20], strict=True):
            far, near = tree.query((a, b), 16)
            places = tree.data[near]
            system = np.ones((17, 17))
            system[:16, :16] = model(spatial.distance.cdist(places, places))
            system[16, 16] = 0
            np.linalg.solve(system, np.append(model(far), 1.0))
        return None

    return lambda: interpolation.kriging(held, model, nx, ny), naive


def _stations(x: np.ndarray, y: np.ndarray, value: np.ndarray) -> _Pair:
    """So many as one has of a kind: pykrige looks at all pairs of places, which 130,000 have too many of."""
    some = np.random.default_rng(3).permutation(len(x))[:2000]
    held = interpolation.Measured.of(x[some], y[some], value[some])
    nodes = _nodes()
    nx, ny = nodes[0][::40], nodes[1][::40]
    model = interpolation.fit_variogram(held)
    work = lambda: interpolation.kriging(held, model, nx, ny)  # noqa: E731 - measured and compared
    pykrige = _peer("pykrige.ok")
    if pykrige is None:
        return work, None
    made = pykrige.OrdinaryKriging(
        held.x,
        held.y,
        held.value,
        variogram_model="spherical",
        variogram_parameters={"psill": model.sill, "range": model.range_m, "nugget": model.nugget},
    )

    def usual() -> Any:
        return made.execute("points", nx, ny, backend="loop", n_closest_points=16)

    theirs, ours = np.asarray(usual()[0]), work()[0]
    assert np.abs(theirs - ours).max() <= 0.01 * float(np.ptp(held.value))
    return work, usual


def _surface(x: np.ndarray, y: np.ndarray, value: np.ndarray) -> _Pair:
    held = interpolation.Measured.of(x, y, value)
    grid = Grid.over((0, 0, EXTENT_M, EXTENT_M), EXTENT_M / 199)

    def work() -> object:
        found = interpolation.triangles(held, *grid.nodes())
        return bands(grid, found.reshape(grid.shape), edges(found, Breaks.QUANTILE, 5).tolist())

    return work, None


def _dbscan(x: np.ndarray, y: np.ndarray) -> _Pair:
    work = lambda: clusters.dbscan(x, y, 50.0, 5)  # noqa: E731 - measured and compared
    cluster = _peer("sklearn.cluster")
    if cluster is None:
        return work, None
    theirs = cluster.DBSCAN(eps=50.0, min_samples=5).fit(np.column_stack([x, y]))
    core, ours = theirs.core_sample_indices_, work()
    # Points at the edge of two clusters may belong to either; cores may not.
    pairs = np.unique(np.column_stack([ours[core], theirs.labels_[core]]), axis=0)
    assert len(pairs) == ours.max() + 1 == theirs.labels_.max() + 1
    assert np.array_equal(ours < 0, theirs.labels_ < 0)
    return work, lambda: cluster.DBSCAN(eps=50.0, min_samples=5).fit(np.column_stack([x, y]))


def _nearest(rng: np.random.Generator) -> _Pair:
    step = EXTENT_M / 100
    lines = [np.array([[i * step, 0.0], [i * step, EXTENT_M]]) for i in range(101)]
    lines += [np.array([[0.0, i * step], [EXTENT_M, i * step]]) for i in range(101)]
    cut = [np.column_stack([np.linspace(a[0], b[0], 101), np.linspace(a[1], b[1], 101)]) for a, b in lines]
    network, things = Network(cut, 1e9), rng.uniform(0, EXTENT_M, (1000, 2))
    graph = network.graph

    def naive() -> object:
        return sparse.csgraph.dijkstra(graph, directed=False, indices=np.arange(0, 200))

    return lambda: network.nearest(20_000.0, 20_000.0, things), naive


def _blind(count: int) -> tuple[Callable[[], object], None]:
    """Cones of so many cameras over a district of 1,000 km², cells of 25 m."""
    rng = np.random.default_rng(11)
    plane = Plane(116.4)
    middle = np.array([float(part) for part in plane.to_plane(116.4, 39.65)])
    half = 16_000.0
    zone = shapely.box(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    lon, lat = plane.to_degrees(*(rng.uniform(at - half, at + half, count) for at in middle))
    cameras = CameraColumns(
        tuple(str(n) for n in range(count)),
        lon,
        lat,
        rng.uniform(0, 360, count),
        rng.choice([45.0, 60.0, 90.0], count),
        rng.choice([80.0, 120.0, 200.0], count),
        rng.random(count) < 0.9,
        rng.choice(4, count, p=[0.9, 0.04, 0.02, 0.04]).astype(np.uint8),
        np.zeros(count, np.bool_),
    )

    def work() -> object:
        found = blind.coverage(cameras, plane, zone, 25.0)
        return blind.outlines(found, found.blind)

    return work, None
