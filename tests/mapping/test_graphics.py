"""Graphics as shapes: what is drawn from points, how large it is, and what cannot be drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.graphic import DangerZone, Drawing, GraphicKind
from controlroom.domain.place import Point
from controlroom.mapping.analysis.areas import inside
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.graphics import area_of, measured, parts_of

HERE = Point(116.4, 39.6)
EAST = Point(116.41168, 39.6)
"""1,003 m east of HERE."""
NORTH = Point(116.4, 39.609)


def drawing(kind: GraphicKind, *points: Point, **more) -> Drawing:
    return Drawing(kind=kind, points=points or (HERE, EAST), **more)


def holds(made: Drawing, east_m: float, north_m: float) -> bool:
    found = area_of(made)
    assert found is not None
    area, plane = found
    x, y = plane.to_plane(HERE.lon, HERE.lat)
    return bool(inside(area.shape, np.array([x + east_m]), np.array([y + north_m]))[0])


def test_a_line_is_measured_on_the_ellipsoid() -> None:
    assert measured(drawing(GraphicKind.LINE)).length_m == pytest.approx(1003.0, abs=1.5)
    assert area_of(drawing(GraphicKind.LINE)) is None


def test_an_area_is_measured_with_its_way_round() -> None:
    found = measured(drawing(GraphicKind.AREA, HERE, EAST, Point(EAST.lon, NORTH.lat), NORTH))
    assert found.area_m2 == pytest.approx(1003.0 * 999.4, rel=0.01)
    assert found.length_m == pytest.approx(2 * (1003.0 + 999.4), rel=0.01)


def test_both_arrows_end_at_their_tip_and_the_broad_one_has_a_body() -> None:
    line, head = parts_of(drawing(GraphicKind.ARROW))
    assert (line.area, head.area, head.role) == (False, True, "head")
    assert head.ring[1] == pytest.approx((EAST.lon, EAST.lat), abs=1e-6)
    broad = drawing(GraphicKind.BROAD_ARROW)
    assert holds(broad, 500.0, 0.0)
    assert holds(broad, 990.0, 0.0)
    assert not holds(broad, 1010.0, 0.0)
    assert not holds(broad, 500.0, 100.0)


def test_a_zone_without_wind_is_three_circles() -> None:
    zone = DangerZone(hot_m=100.0, warm_m=300.0, cold_m=800.0)
    made = drawing(GraphicKind.ZONE, HERE, zone=zone)
    assert [part.role for part in parts_of(made)] == ["cold", "warm", "hot"]
    for bearing in range(0, 360, 45):
        x, y = np.sin(np.radians(bearing)), np.cos(np.radians(bearing))
        assert holds(made, 790.0 * x, 790.0 * y)
        assert not holds(made, 810.0 * x, 810.0 * y)


def test_wind_from_the_north_carries_a_zone_to_the_south() -> None:
    zone = DangerZone(hot_m=100.0, cold_m=800.0, wind_from_deg=0.0, spread_deg=60.0)
    made = drawing(GraphicKind.ZONE, HERE, zone=zone)
    assert holds(made, 0.0, -750.0)
    assert holds(made, 0.0, 90.0)
    assert not holds(made, 0.0, 150.0)
    assert not holds(made, 600.0, -300.0)


@pytest.mark.parametrize(
    "bad",
    [
        drawing(GraphicKind.AREA, HERE, EAST, NORTH, Point(EAST.lon, NORTH.lat)),
        drawing(GraphicKind.AREA, HERE, HERE, HERE),
        drawing(GraphicKind.ARROW, HERE, HERE),
        drawing(GraphicKind.BROAD_ARROW, HERE, HERE),
        drawing(GraphicKind.LINE, Point(0.0, 90.0), HERE),
        drawing(GraphicKind.LINE, Point(-100.0, 0.0), Point(100.0, 0.0)),
        drawing(GraphicKind.ZONE, HERE),
        drawing(GraphicKind.ZONE, HERE, zone=DangerZone(hot_m=300.0, warm_m=200.0)),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(bad: Drawing) -> None:
    with pytest.raises(AnalysisFault):
        parts_of(bad)


PLACES = st.builds(Point, st.floats(116.0, 117.0), st.floats(39.0, 40.0))


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(list(GraphicKind)), points=st.lists(PLACES, min_size=1, max_size=6))
def test_whatever_is_drawn_ends_in_places_of_the_world_or_is_refused(kind: GraphicKind, points: list[Point]) -> None:
    zone = DangerZone(hot_m=50.0, cold_m=2000.0, wind_from_deg=271.0)
    try:
        parts = parts_of(Drawing(kind=kind, points=tuple(points), zone=zone))
    except AnalysisFault:
        return
    assert len(points) >= kind.fewest
    for part in parts:
        assert len(part.ring) >= (3 if part.area else 1)
        assert np.isfinite(part.ring).all()
