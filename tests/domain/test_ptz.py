"""Where a camera must look: geometry that is exact off the centre, too."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.camera import Camera
from controlroom.domain.place import Point
from controlroom.domain.ptz import Pose, Preset, PtzUnit
from controlroom.domain.ptz_aim import boxed, centred, covering, facing, looking, reaches, seen_at, view_deg
from controlroom.domain.ptz_rules import PtzRule, decode_book
from controlroom.domain.wall_rules import Hours
from resources import path

UNIT = st.floats(-1.0, 1.0)
POSES = st.builds(Pose, st.floats(-170.0, 170.0), st.floats(-45.0, 45.0), st.floats(1.0, 30.0))
CAMERA = Camera(id="c", name="c", point=Point(116.40, 39.60), heading_deg=90.0, view_deg=60.0, range_m=300.0)


@given(POSES, UNIT, UNIT, st.floats(20.0, 100.0))
def test_what_was_clicked_stands_in_the_middle_afterwards(pose: Pose, x: float, y: float, wide: float) -> None:
    aimed = centred(pose, x, y, wide)
    # The direction that the new pose looks to is the one that the old pose saw where it was clicked.
    back = seen_at(pose, aimed.pan_deg, aimed.tilt_deg, wide)
    assert back == pytest.approx((x, y), abs=1e-6)
    assert seen_at(aimed, aimed.pan_deg, aimed.tilt_deg, wide) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_a_click_far_off_the_axis_is_not_the_linear_guess() -> None:
    aimed = centred(Pose(0.0, -30.0, 1.0), 1.0, 0.0, 60.0)
    assert aimed.pan_deg == pytest.approx(33.69, abs=0.01)  # the linear guess is 30
    assert aimed.tilt_deg == pytest.approx(-25.66, abs=0.01)  # and the tilt does not stay


@given(POSES, st.floats(20.0, 100.0))
def test_a_box_fills_the_picture_as_far_as_the_zoom_goes(pose: Pose, wide: float) -> None:
    aimed = boxed(pose, (-0.5, -0.25, 0.5, 0.25), wide, 40.0, 16 / 9)
    assert aimed.zoom == pytest.approx(min(40.0, pose.zoom * 2))
    assert (aimed.pan_deg, aimed.tilt_deg) == pytest.approx((pose.pan_deg, pose.tilt_deg), abs=1e-6)


def test_a_zoomed_picture_opens_by_the_tangent() -> None:
    assert view_deg(60.0, 1.0) == pytest.approx(60.0)
    assert view_deg(60.0, 10.0) == pytest.approx(2 * math.degrees(math.atan(math.tan(math.radians(30)) / 10)))


def test_the_view_cone_follows_pan_and_zoom() -> None:
    unit = PtzUnit(camera="c", pose=Pose(-100.0, 0.0, 4.0))
    seen = looking(CAMERA, unit)
    assert seen.heading_deg == pytest.approx(350.0)
    assert seen.view_deg == pytest.approx(16.43, abs=0.01)
    assert looking(CAMERA, None) is CAMERA and looking(CAMERA, PtzUnit(camera="c")) is CAMERA


@given(st.floats(0.0, 359.9), st.floats(5.0, 290.0), st.floats(0.0, 359.9))
def test_a_camera_faces_the_place_it_is_turned_to(bearing: float, distance: float, heading: float) -> None:
    there = Point(
        116.40 + distance * math.sin(math.radians(bearing)) / (111_195.0 * math.cos(math.radians(39.60))),
        39.60 + distance * math.cos(math.radians(bearing)) / 111_195.0,
    )
    camera = Camera(id="c", name="c", point=CAMERA.point, heading_deg=heading)
    pose = facing(camera, there, 20.0)
    assert pose is not None
    off = (looking(camera, PtzUnit(camera="c", pose=pose)).heading_deg - bearing + 180.0) % 360.0 - 180.0
    assert off == pytest.approx(0.0, abs=1e-6)
    assert pose.tilt_deg < 0.0 and 1.0 <= pose.zoom <= 20.0


def test_the_preset_with_the_place_nearest_its_middle_is_chosen() -> None:
    north = Point(116.40, 39.6018)
    presets = (
        Preset(token="1", pose=Pose(-80.0, -5.0, 1.0)),
        Preset(token="2", pose=Pose(-100.0, -60.0, 1.0)),
        Preset(token="3", pose=Pose(90.0, 0.0, 1.0)),
        Preset(token="4"),
    )
    found = covering(CAMERA, presets, north)
    assert found is not None and found.token in ("1", "2")
    assert covering(CAMERA, presets[2:], north) is None
    assert covering(Camera(id="x", name="x"), presets, north) is None


def test_a_place_beyond_the_range_is_not_reached() -> None:
    assert reaches(CAMERA, Point(116.40, 39.6018)) == pytest.approx(200.0, rel=0.01)
    assert reaches(CAMERA, Point(116.40, 39.61)) is None
    assert facing(Camera(id="x", name="x"), Point(116.4, 39.6), 1.0) is None


def test_the_shipped_rules_are_off_and_wrong_ones_are_refused() -> None:
    book = decode_book(path("data", "ptz_rules.toml").read_bytes())
    assert book.rule and not any(rule.enabled for rule in book.rule)
    assert set(book.figures.commanders) <= set(book.figures.roles)
    for wrong in (
        {},
        {"camera": "c", "hours": Hours(begins="08:00", ends="09:00")},
        {"hours": Hours(begins="08:00", ends="09:00")},
    ):
        with pytest.raises(ValueError):
            PtzRule(id="r", name="r", **wrong)
