"""Each analysis of the map over 130,000 points, against what one would write with scipy or numpy alone, in one run."""

import time
from collections.abc import Callable

import numpy as np
import shapely
from scipy import sparse, spatial, stats

from controlroom.mapping.analysis import areas, blind, clusters, density, interpolation
from controlroom.mapping.analysis.breaks import Breaks, edges
from controlroom.mapping.analysis.grids import Grid
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
        _timed(
            "answer_buffer_ms", lambda: areas.buffer(areas.points_of(x, y), 100.0, True), None, f"{note}, dissolved"
        ),
        _timed("answer_inside_ms", *_inside(x, y), f"{note} in 22 cells; baseline: GEOS point by point, vectorised"),
        _timed("answer_overlay_ms", *_overlay(rng), "441 areas with 500 circles; baseline: every pair"),
        _timed("answer_density_ms", *_density(x, y), f"{note}; baseline: scipy gaussian_kde at a 40th of the nodes"),
        _timed("answer_idw_ms", *_idw(x, y, value), f"{note} to 200x200; baseline: all points for 1/100 of the nodes"),
        _timed("answer_kriging_ms", *_kriging(x, y, value), f"{note} to 200x200; baseline: node by node, 1/20 of them"),
        _timed("answer_surface_ms", *_surface(x, y, value), f"{note}; triangles to 200x200"),
        _timed("answer_dbscan_ms", *_dbscan(x, y), f"{note}; baseline: neighbours asked point by point"),
        _timed("answer_cells_ms", lambda: clusters.counted(x, y, 1000.0), None, f"{note} in cells of 1 km"),
        _timed("answer_natural_breaks_ms", lambda: edges(value, Breaks.NATURAL, 5), None, f"{note}, 5 classes"),
        _timed("blind_spots_ms", *_blind(9_000 if quick else 39_000), "cones of 39,000 cameras, 1,024 km², 25 m cells"),
        _timed(
            "answer_nearest_ms", *_nearest(rng), "5 of 1,000 things by road over 20,000 stretches; baseline: all pairs"
        ),
    ]


def _timed(name: str, work: Callable[[], object], naive: Callable[[], object] | None, note: str) -> Measure:
    return Measure(name, _ms(work), "ms", None if naive is None else _ms(naive), note)


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


_Pair = tuple[Callable[[], object], Callable[[], object] | None]


def _inside(x: np.ndarray, y: np.ndarray) -> _Pair:
    cells = [shapely.box(i % 5 * 8000, i // 5 * 8000, i % 5 * 8000 + 8000, i // 5 * 8000 + 8000) for i in range(22)]
    rough = [shapely.buffer(cell, 500.0, quad_segs=64) for cell in cells]
    held = [areas.Area(shape) for shape in rough]
    points = shapely.points(x, y)
    return lambda: areas.counts(held, x, y), lambda: [int(shapely.intersects(s, points).sum()) for s in rough]


def _overlay(rng: np.random.Generator) -> _Pair:
    side = EXTENT_M / 21
    first = [
        areas.Area(shapely.box(i * side, j * side, (i + 1) * side, (j + 1) * side))
        for i in range(21)
        for j in range(21)
    ]
    places = shapely.points(rng.uniform(0, EXTENT_M, (500, 2)))
    second = [areas.Area(shape) for shape in shapely.buffer(places, 900.0)]

    def naive() -> list[object]:
        return [shapely.intersection(a.shape, b.shape) for a in first for b in second]

    return lambda: areas.overlay(first, second, "intersection"), naive


def _density(x: np.ndarray, y: np.ndarray) -> _Pair:
    def naive() -> object:
        nodes = Grid.over((0, 0, EXTENT_M, EXTENT_M), EXTENT_M / 30)
        return stats.gaussian_kde(np.vstack([x[::10], y[::10]]), 0.05)(np.vstack(nodes.nodes()))

    return lambda: density.kernel_density(x, y, 800.0, 160.0), naive


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


def _surface(x: np.ndarray, y: np.ndarray, value: np.ndarray) -> _Pair:
    held, (nx, ny) = interpolation.Measured.of(x, y, value), _nodes()
    return lambda: interpolation.triangles(held, nx, ny), None


def _dbscan(x: np.ndarray, y: np.ndarray) -> _Pair:
    def naive() -> int:
        tree = spatial.cKDTree(np.column_stack([x, y]))
        near = tree.query_ball_point(tree.data, 50.0)
        core = np.array([len(one) >= 5 for one in near])
        label, current = np.full(len(x), -1), -1
        for start in np.flatnonzero(core):
            if label[start] >= 0:
                continue
            current += 1
            todo = [start]
            while todo:
                at = todo.pop()
                if label[at] < 0:
                    label[at] = current
                    if core[at]:
                        todo.extend(near[at])
        return current

    return lambda: clusters.dbscan(x, y, 50.0, 5), naive


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
