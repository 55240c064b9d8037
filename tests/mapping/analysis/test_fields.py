"""Density, interpolation, kriging and triangles: planes, single points and hand-solved systems."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.analysis.density import kernel_density
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.grids import Grid, bands
from controlroom.mapping.analysis.interpolation import (
    Measured,
    Variogram,
    fit_variogram,
    idw,
    kriging,
    slope_deg,
    triangles,
)


def measured(*rows):
    x, y, value = np.array(rows, np.float64).T
    return Measured.of(x, y, value)


# ------------------------------------------------------------------ density


def test_one_point_is_a_gaussian_hill_of_volume_one():
    grid, density = kernel_density(np.array([0.0]), np.array([0.0]), 500.0, 50.0)
    assert density.sum() * grid.side_m**2 / 1e6 == pytest.approx(1.0, abs=2e-3)
    assert density.max() == pytest.approx(1e6 / (2 * np.pi * 500.0**2), rel=1e-3)


def test_density_is_that_of_the_exact_kernel_sum():
    x, y = np.random.default_rng(3).uniform(0, 5000, (2, 300))
    grid, density = kernel_density(x, y, 600.0, 30.0)
    nx, ny = grid.x[::40], grid.y[::40]
    far = (nx[None, :, None] - x) ** 2 + (ny[:, None, None] - y) ** 2
    exact = np.exp(-far / (2 * 600.0**2)).sum(-1) / (2 * np.pi * 600.0**2) * 1e6
    assert np.abs(density[::40, ::40] - exact).max() < 0.01 * exact.max()


def test_points_without_a_place_or_weight_do_not_count():
    x = np.array([0.0, np.nan, 100.0])
    grid, density = kernel_density(x, np.zeros(3), 300.0, 50.0, np.array([2.0, 1.0, np.nan]))
    assert density.sum() * grid.side_m**2 / 1e6 == pytest.approx(2.0, rel=2e-3)
    with pytest.raises(AnalysisFault):
        kernel_density(np.array([np.nan]), np.array([0.0]), 300.0, 50.0)


def test_a_grid_that_no_machine_holds_is_refused():
    with pytest.raises(AnalysisFault) as fault:
        kernel_density(np.array([0.0, 1e6]), np.array([0.0, 1e6]), 10.0, 5.0)
    assert fault.value.reason is Reason.TOO_FAR_APART


# ------------------------------------------------------------------ inverse distance


def test_half_way_between_two_places_is_their_mean_and_nearer_counts_more():
    held = measured((0, 0, 10), (300, 0, 40))
    got = idw(held, np.array([150.0, 100.0, 0.0]), np.zeros(3), 2, 2.0)
    # At 100 m: weights 1/100² and 1/200² = 4 : 1.
    assert got == pytest.approx([25.0, (4 * 10 + 40) / 5, 10.0])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000), st.floats(-1e6, 1e6)), min_size=1, max_size=20),
    st.floats(0.5, 8.0),
)
def test_inverse_distance_never_leaves_the_range_of_the_values(rows, power):
    held = measured(*rows)
    x, y = np.random.default_rng(0).uniform(-100, 5100, (2, 50))
    got = idw(held, x, y, 8, power)
    slack = 1e-6 * (1 + np.abs(held.value).max())
    assert ((got >= held.value.min() - slack) & (got <= held.value.max() + slack)).all()


def test_two_values_at_one_place_are_averaged_and_nothing_is_left_out_unsaid():
    held = Measured.of(np.array([0.0, 0.0, 5.0, np.nan]), np.zeros(4), np.array([1.0, 3.0, np.nan, 9.0]))
    assert (held.x.tolist(), held.value.tolist(), held.left_out) == ([0.0], [2.0], 2)


def test_places_without_values_and_values_without_places_are_told_apart():
    with pytest.raises(AnalysisFault) as fault:
        Measured.of(np.array([1.0]), np.array([1.0]), np.array([np.nan]))
    assert fault.value.reason is Reason.NO_VALUES
    with pytest.raises(AnalysisFault) as fault:
        Measured.of(np.array([np.nan]), np.array([1.0]), np.array([1.0]))
    assert fault.value.reason is Reason.EMPTY


# ------------------------------------------------------------------ kriging


def test_kriging_of_two_places_is_the_system_solved_by_hand():
    held = measured((0, 0, 10), (100, 0, 20))
    model = Variogram(0.0, 1.0, 1e9)
    # In the middle both weights are ½; the multiplier is γ(50) − ½ γ(100), the variance γ(50) + that.
    half, whole = float(model(np.array(50.0))), float(model(np.array(100.0)))
    value, error = kriging(held, model, np.array([50.0]), np.array([0.0]))
    assert value == pytest.approx([15.0])
    assert error == pytest.approx([np.sqrt(2 * half - whole / 2)])


def test_kriging_meets_its_data_with_no_error_and_knows_less_further_away():
    x, y = np.random.default_rng(5).uniform(0, 1000, (2, 40))
    held = Measured.of(x, y, x / 100 + np.sin(y / 100))
    model = fit_variogram(held)
    value, error = kriging(held, model, held.x, held.y)
    assert value == pytest.approx(held.value, abs=1e-6)
    assert error == pytest.approx(np.zeros(40), abs=1e-3)
    _value, away = kriging(held, model, np.array([500.0, 5000.0]), np.array([500.0, 5000.0]))
    assert away[0] < away[1]


def test_pure_nugget_gives_the_mean_and_its_textbook_error():
    held = measured((0, 0, 1), (100, 0, 3), (0, 100, 5), (100, 100, 7))
    value, error = kriging(held, Variogram(4.0, 0.0, 1.0), np.array([50.0]), np.array([50.0]))
    assert value == pytest.approx([4.0])
    # σ² (1 + 1/n)
    assert error == pytest.approx([np.sqrt(4.0 * (1 + 1 / 4))])


def test_the_variogram_of_a_known_field_is_found_again():
    rng = np.random.default_rng(11)
    x, y = rng.uniform(0, 10_000, (2, 500))
    far = np.hypot(x[:, None] - x, y[:, None] - y)
    true = Variogram(0.2, 2.0, 3000.0)
    covariance = 2.2 - true(far)
    field = np.linalg.cholesky(covariance + 1e-9 * np.eye(500)) @ rng.normal(size=500)
    found = fit_variogram(Measured.of(x, y, field))
    assert found.nugget + found.sill == pytest.approx(2.2, rel=0.4)
    assert found.range_m == pytest.approx(3000.0, rel=0.4)


def test_values_that_are_all_alike_have_no_variogram():
    with pytest.raises(AnalysisFault) as fault:
        fit_variogram(measured((0, 0, 5), (10, 0, 5), (0, 10, 5)))
    assert fault.value.reason is Reason.ALL_ALIKE


def test_a_single_place_cannot_be_kriged():
    with pytest.raises(AnalysisFault) as fault:
        kriging(measured((0, 0, 1)), Variogram(0, 1, 10), np.zeros(1), np.zeros(1))
    assert fault.value.reason is Reason.TOO_FEW


# ------------------------------------------------------------------ surface


def test_triangles_of_a_plane_are_the_plane_and_unknown_outside():
    held = measured((0, 0, 0), (100, 0, 100), (0, 100, 200), (100, 100, 300))
    got = triangles(held, np.array([50.0, 25.0, 500.0]), np.array([50.0, 10.0, 0.0]))
    assert got[:2] == pytest.approx([150.0, 45.0])
    assert np.isnan(got[2])


def test_places_in_one_line_span_no_triangle():
    with pytest.raises(AnalysisFault) as fault:
        triangles(measured((0, 0, 1), (1, 1, 2), (2, 2, 3), (3, 3, 4)), np.zeros(1), np.zeros(1))
    assert fault.value.reason is Reason.TOO_FEW


def test_a_rise_of_one_in_one_is_forty_five_degrees():
    x = np.arange(10) * 25.0
    assert slope_deg(np.tile(x, (6, 1)), 25.0) == pytest.approx(np.full((6, 10), 45.0))


# ------------------------------------------------------------------ bands


def test_bands_of_a_slope_are_strips_of_equal_area_and_none_is_lost():
    grid = Grid.over((0.0, 0.0, 990.0, 490.0), 10.0)
    values = np.tile(grid.x, (len(grid.y), 1))
    strips = bands(grid, values, [0.0, 250.0, 500.0, 1000.0])
    height = grid.y[-1]
    assert [s.area for s in strips] == pytest.approx([250 * height, 250 * height, 500 * height], rel=1e-3)


def test_bands_keep_out_of_what_is_unknown_and_are_cut_to_the_area():
    grid = Grid.over((0.0, 0.0, 100.0, 100.0), 10.0)
    values = np.ones(grid.shape)
    values[:, :5] = np.nan
    (band,) = bands(grid, values, [0.0, 2.0], shapely.box(0, 0, 60, 50))
    assert band.bounds == pytest.approx((50.0, 0.0, 60.0, 50.0))


def test_a_grid_over_nothing_is_refused():
    for bounds, side in (((np.nan, 0, 1, 1), 1.0), ((0, 0, 1, 1), 0.0), ((0, 0, 1, 1), np.nan)):
        with pytest.raises(AnalysisFault):
            Grid.over(bounds, side)
