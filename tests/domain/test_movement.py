import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.movement import movement

START_MS = 1_795_000_000_000


def times(count: int, every_s: float = 30.0) -> np.ndarray:
    return START_MS + (np.arange(count) * every_s * 1000).astype(np.int64)


def noisy(values: np.ndarray, noise: float, seed: int = 3) -> np.ndarray:
    return (values + np.random.default_rng(seed).normal(0.0, noise, len(values))).astype(np.float32)


def test_water_that_rises_for_an_hour_is_a_steady_movement_with_its_pace() -> None:
    told = movement(times(121), noisy(np.linspace(5.0, 35.0, 121), 0.5), 2.0)
    assert told is not None and told.direction == 1 and told.jump == 0.0
    assert told.pace_per_h == pytest.approx(30.0, rel=0.1)
    falling = movement(times(121), noisy(np.linspace(35.0, 5.0, 121), 0.5), 2.0)
    assert falling is not None and falling.direction == -1


def test_a_value_that_leaps_from_one_reading_to_the_next_has_jumped_and_does_not_move() -> None:
    values = np.concatenate([np.full(100, 5.0), np.full(21, 42.0)])
    told = movement(times(121), noisy(values, 0.3), 2.0)
    assert told is not None and told.direction == 0
    assert told.jump == pytest.approx(37.0, abs=2.0) and told.jump_ago_s == pytest.approx(600.0)


def test_noise_is_no_movement() -> None:
    for seed in range(20):
        told = movement(times(121), noisy(np.full(121, 20.0), 1.0, seed), 2.0)
        assert told is not None and (told.direction, told.jump) == (0, 0.0)


def test_a_value_that_no_longer_changes_at_all_is_still() -> None:
    values = noisy(np.full(121, 20.0), 1.0)
    values[40:] = values[40]
    told = movement(times(121), values, 2.0)
    assert told is not None and told.still and told.still_s == pytest.approx(80 * 30.0)
    alive = movement(times(121), noisy(np.full(121, 20.0), 1.0), 2.0)
    assert alive is not None and not alive.still


@pytest.mark.parametrize(("count", "every_s"), [(0, 30.0), (1, 30.0), (8, 60.0), (60, 1.0)])
def test_of_few_readings_or_a_short_time_nothing_is_said(count: int, every_s: float) -> None:
    assert movement(times(count, every_s), np.linspace(0, 9, count).astype(np.float32), 0.1) is None


def test_missing_values_are_passed_over() -> None:
    values = noisy(np.linspace(5.0, 35.0, 121), 0.2)
    values[::3] = np.nan
    told = movement(times(121), values, 2.0)
    assert told is not None and told.direction == 1 and told.readings == 80


@settings(max_examples=60)
@given(st.lists(st.floats(-1e9, 1e9, width=32) | st.just(float("nan")), max_size=60), st.floats(0.0, 1e3))
def test_whatever_comes_is_a_movement_of_one_kind_or_none(values: list[float], finest: float) -> None:
    told = movement(times(len(values)), np.array(values, np.float32), finest)
    if told is not None:
        assert not (told.direction and told.jump)
        assert 0.0 <= told.still_s <= told.span_s and np.isfinite([told.change, told.pace_per_h, told.middle]).all()
        assert told.direction * told.change >= 0.0
