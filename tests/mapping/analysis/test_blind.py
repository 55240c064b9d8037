"""What no camera sees: against the question asked point by point, and against cones whose area is known."""

import math

import numpy as np
import pytest
import shapely

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point
from controlroom.mapping.analysis import blind
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.sight import FAULTY, CameraColumns, changed_between, seeing_point

PLANE = Plane(116.35)
MIDDLE = tuple(float(part) for part in PLANE.to_plane(116.35, 39.7))
ZONE = shapely.box(MIDDLE[0] - 500, MIDDLE[1] - 500, MIDDLE[0] + 500, MIDDLE[1] + 500)


def camera(identity: str, east: float = 0.0, north: float = 0.0, **more: object) -> Camera:
    lon, lat = PLANE.to_degrees(MIDDLE[0] + east, MIDDLE[1] + north)
    told = {"heading_deg": 90.0, "view_deg": 60.0, "range_m": 200.0, "health": CameraHealth.ONLINE} | more
    return Camera(id=identity, name=identity, point=Point(float(lon), float(lat)), **told)


def test_a_cone_covers_the_ground_that_its_figures_say() -> None:
    found = blind.coverage(CameraColumns.of([camera("a")]), PLANE, ZONE, 5.0)
    sector_km2 = math.pi * 0.2**2 * 60 / 360
    assert found.km2(found.working) == pytest.approx(sector_km2, rel=0.02)
    assert found.share(found.zone) == pytest.approx(sector_km2, rel=0.02)  # the zone is one square kilometre
    assert found.km2(found.blind) == pytest.approx(1 - sector_km2, rel=0.02)


def test_every_cell_is_what_asking_for_its_middle_says() -> None:
    rng = np.random.default_rng(5)
    cameras = [
        camera(
            str(n),
            *rng.uniform(-550, 550, 2).tolist(),
            heading_deg=float(rng.integers(0, 360)),
            view_deg=float(rng.choice([30.0, 90.0, 200.0, 360.0])),
            range_m=float(rng.choice([40.0, 120.0, 350.0])),
            health=CameraHealth.OFFLINE if n % 5 == 0 else CameraHealth.ONLINE,
        )
        for n in range(60)
    ]
    columns = CameraColumns.of([*cameras, Camera(id="nowhere", name="")])
    found = blind.coverage(columns, PLANE, ZONE, 20.0)
    wrong = 0
    for row in range(0, found.zone.shape[0] - 1, 2):
        for column in range(0, found.zone.shape[1] - 1, 2):
            lon, lat = PLANE.to_degrees(found.west + (column + 0.5) * 20, found.south + (row + 0.5) * 20)
            seen = seeing_point(columns, Point(float(lon), float(lat)))
            wrong += bool(seen) != bool(found.any[row, column])
            wrong += any(columns.ailing[one.index] < FAULTY for one in seen) != bool(found.working[row, column])
    assert wrong <= 4  # middles on the very edge of a cone: the two reckon in planes of their own


def test_cameras_without_a_direction_are_circles_or_left_out_as_asked() -> None:
    plain = camera("a", heading_deg=0.0, view_deg=60.0, range_m=150.0)  # what a source that tells nothing declares
    columns = CameraColumns.of([plain])
    circle = blind.coverage(columns, PLANE, ZONE, 5.0)
    assert circle.km2(circle.working) == pytest.approx(math.pi * 0.15**2, rel=0.02)
    none = blind.coverage(columns, PLANE, ZONE, 5.0, circles=False)
    assert (none.cameras, none.km2(none.working)) == (0, 0.0)


def test_what_only_a_broken_camera_sees_is_lost_and_seen_when_asked_so() -> None:
    columns = CameraColumns.of([camera("a", health=CameraHealth.OFFLINE)])
    found = blind.coverage(columns, PLANE, ZONE, 10.0)
    assert found.share(found.zone) == 0.0
    assert found.km2(found.lost) > 0.0
    assert blind.coverage(columns, PLANE, ZONE, 10.0, only_working=False).share(found.zone) > 0.0


def test_drawn_areas_cover_what_is_blind() -> None:
    columns = CameraColumns.of([camera("a", view_deg=360.0)])
    found = blind.coverage(columns, PLANE, ZONE, 5.0)
    shapes = blind.outlines(found, found.blind)
    assert shapely.union_all(shapes).is_valid
    assert sum(shape.area for shape in shapes) / 1e6 == pytest.approx(found.km2(found.blind), rel=0.05)


def test_the_worst_places_are_those_with_the_most_blind_ground_around() -> None:
    found = blind.coverage(CameraColumns.of([camera("a", view_deg=360.0)]), PLANE, ZONE, 10.0)
    x = np.array([MIDDLE[0], MIDDLE[0] + 490, MIDDLE[0] + 250, MIDDLE[0] + 5000, np.nan])
    told = blind.around(found, x, np.full(5, MIDDLE[1]), 100.0, 10)
    assert [one.index for one in told] == [1, 2, 0]
    assert told[0].share == 1.0
    assert told[0].to_seen_m == pytest.approx(290.0, abs=20.0)
    assert told[2].share == 0.0


def test_nobody_waits_any_more_and_a_raster_too_large_are_told() -> None:
    def stop(_share: float) -> None:
        raise AnalysisFault(Reason.CANCELLED)

    columns = CameraColumns.of([camera("a")])
    with pytest.raises(AnalysisFault) as cancelled:
        blind.coverage(columns, PLANE, ZONE, 10.0, step=stop)
    assert cancelled.value.reason is Reason.CANCELLED
    with pytest.raises(AnalysisFault) as large:
        blind.coverage(columns, PLANE, ZONE, 0.1)
    assert large.value.reason is Reason.TOO_FAR_APART


def test_cameras_that_see_otherwise_are_counted() -> None:
    then = CameraColumns.of([camera("a"), camera("b"), camera("c")])
    now = CameraColumns.of([camera("a", heading_deg=10.0), camera("b", health=CameraHealth.OFFLINE), camera("d")])
    assert changed_between(then, CameraColumns.of([camera("b"), camera("a"), camera("c")])) == 0
    assert changed_between(then, now) == 4  # a turned, b failed, c gone, d new
