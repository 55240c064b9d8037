import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.camera import Camera, CameraHealth, PictureFault
from controlroom.domain.place import Point, distance_m
from controlroom.mapping.sight import CameraColumns, nearest_camera, seeing_area, seeing_point

HERE = Point(116.4, 39.7)
M_NORTH = 1 / 111_195.0
M_EAST = M_NORTH / math.cos(math.radians(39.7))


def at(east_m: float, north_m: float) -> Point:
    return Point(HERE.lon + east_m * M_EAST, HERE.lat + north_m * M_NORTH)


def camera(name: str, point: Point | None = HERE, heading: float = 90.0, **more) -> Camera:
    said = {"view_deg": 60.0, "range_m": 100.0, "health": CameraHealth.ONLINE, **more}
    return Camera(id=name, name=name, point=point, heading_deg=heading, **said)


def seen(cameras: list[Camera], point: Point) -> list[str]:
    return [found.id for found in seeing_point(CameraColumns.of(cameras), point)]


@pytest.mark.parametrize(
    ("place", "sees"),
    [
        (at(50, 0), True),
        (at(99, 0), True),
        (at(101, 0), False),
        (at(50, 28), True),
        (at(50, 30), False),
        (at(-50, 0), False),
        (at(0, 1), True),
    ],
)
def test_a_camera_sees_what_is_in_its_cone_within_its_range_and_at_its_foot(place: Point, sees: bool) -> None:
    assert bool(seen([camera("east")], place)) is sees


def test_a_cone_across_north_is_one_cone() -> None:
    north = camera("north", heading=350.0)
    assert seen([north], at(5, 50)) and seen([north], at(-30, 50))
    assert not seen([north], at(30, 50))


def test_a_camera_of_which_no_direction_is_known_may_see_all_round_and_says_so() -> None:
    blind = Camera(id="b", name="b", point=HERE, health=CameraHealth.ONLINE)
    (found,) = seeing_point(CameraColumns.of([blind]), at(0, -100))
    assert not found.aimed and math.isnan(found.off_axis_deg)
    assert not seen([blind], at(0, -151))


def test_the_best_comes_first_working_before_faulty_before_offline_aimed_before_guessed_near_before_far() -> None:
    target = at(60, 0)
    cameras = [
        camera("offline", at(50, 0), health=CameraHealth.OFFLINE),
        camera("faulty", at(50, 0), faults=(PictureFault.BLURRED,)),
        camera("silent", at(50, 0), health=CameraHealth.UNKNOWN),
        Camera(id="guessed", name="", point=at(50, 0), health=CameraHealth.ONLINE),
        camera("far", at(0, 0)),
        camera("aside", at(40, 0), heading=105.0),
        camera("near", at(40, 0)),
    ]
    assert seen(cameras, target) == ["near", "aside", "far", "guessed", "silent", "faulty", "offline"]
    best = seeing_point(CameraColumns.of(cameras), target, most=2)
    assert [found.id for found in best] == ["near", "aside"]
    assert best[0].distance_m == pytest.approx(20.0, abs=0.1) and not best[0].offline


def test_cameras_without_a_place_and_no_cameras_at_all_see_nothing() -> None:
    assert seen([camera("nowhere", None)], HERE) == []
    assert seen([], HERE) == []
    assert nearest_camera(CameraColumns.of([]), HERE) is None
    assert nearest_camera(CameraColumns.of([camera("nowhere", None)]), HERE) is None
    assert seeing_area(CameraColumns.of([]), [HERE, at(1, 0), at(0, 1)]) == []


def test_the_nearest_camera_is_known_wherever_it_looks() -> None:
    columns = CameraColumns.of([camera("far", at(900, 0)), camera("near", at(0, 400)), camera("nowhere", None)])
    index, metres = nearest_camera(columns, HERE)
    assert columns.ids[index] == "near" and metres == pytest.approx(400.0, abs=0.5)
    far = nearest_camera(columns, HERE, columns.lon == columns.lon[0])
    assert far is not None and columns.ids[far[0]] == "far"
    assert nearest_camera(columns, HERE, columns.lon > 400) is None


SQUARE = [at(50, -20), at(90, -20), at(90, 20), at(50, 20)]


@pytest.mark.parametrize(
    ("standing", "heading", "view", "sees"),
    [
        (at(0, 0), 90.0, 60.0, True),
        (at(0, 0), 270.0, 60.0, False),
        (at(70, 0), 10.0, 5.0, True),
        (at(0, 0), 90.0, 2.0, True),
        (at(0, 0), 45.0, 44.0, False),
        (at(0, 0), 45.0, 50.0, True),
        (at(-60, 0), 90.0, 60.0, False),
        (at(0, 0), 270.0, 300.0, False),
        (at(0, 0), 270.0, 320.0, True),
        (at(0, 0), 0.0, 360.0, True),
    ],
    ids=[
        "before it",
        "turned away",
        "within it",
        "through two edges",
        "just beside",
        "just",
        "too far",
        "blind before it",
        "wide",
        "all",
    ],
)
def test_a_camera_sees_an_area_when_its_cone_touches_it(standing: Point, heading: float, view: float, sees) -> None:
    columns = CameraColumns.of([camera("c", standing, heading, view_deg=view)])
    assert bool(seeing_area(columns, SQUARE)) is sees


def test_the_distance_of_an_area_is_to_its_nearest_place_and_nothing_within_it() -> None:
    columns = CameraColumns.of([camera("out"), camera("in", at(70, 0))])
    found = {each.id: each.distance_m for each in seeing_area(columns, SQUARE)}
    assert found["in"] == 0.0 and found["out"] == pytest.approx(50.0, abs=0.2)


def test_an_area_of_two_corners_is_none() -> None:
    with pytest.raises(ValueError, match="three corners"):
        seeing_area(CameraColumns.of([]), SQUARE[:2])


angles = st.floats(0.0, 360.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(-150, 150), st.floats(-150, 150), angles, st.floats(1.0, 360.0), st.floats(5.0, 150.0))
def test_whoever_sees_a_point_of_an_area_sees_the_area(east, north, heading, view, reach) -> None:
    columns = CameraColumns.of([camera("c", at(east, north), heading, view_deg=view, range_m=reach)])
    grid = [at(x, y) for x in np.linspace(51, 89, 9) for y in np.linspace(-19, 19, 9)]
    by_points = any(seeing_point(columns, point) for point in grid)
    by_area = seeing_area(columns, SQUARE)
    assert not by_points or by_area
    if by_area:
        nearest = min(distance_m(at(east, north), point) for point in grid)
        assert by_area[0].distance_m <= nearest + 0.5


def test_thirty_nine_thousand_cameras_are_looked_through_within_a_frame() -> None:
    random = np.random.default_rng(5)
    cameras = [
        camera(str(n), Point(116.2 + e * 0.4, 39.5 + k * 0.3), float(h))
        for n, (e, k, h) in enumerate(random.random((39_000, 3)) * [1.0, 1.0, 360.0])
    ]
    columns = CameraColumns.of(cameras)
    outline = [at(0, 0), at(2000, 0), at(2500, 1500), at(800, 2200)]
    for look in (lambda: seeing_point(columns, HERE), lambda: seeing_area(columns, outline)):
        look()
        taken = []
        for _turn in range(5):
            began = time.perf_counter()
            look()
            taken.append(time.perf_counter() - began)
        assert min(taken) <= 0.05
