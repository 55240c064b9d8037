import pytest

from controlroom.video.lag import Lag


def test_a_steady_stream_is_not_behind() -> None:
    lag = Lag()
    assert all(lag.behind_s(k * 0.04, 1000.0 + k * 0.04) < 0.01 for k in range(1000))


def test_a_stream_read_too_slowly_falls_behind() -> None:
    lag = Lag()
    behind = [lag.behind_s(k * 0.04, 1000.0 + k * 0.08) for k in range(50)]
    assert behind[-1] > 1.5


def test_a_camera_with_a_slow_clock_is_not_behind() -> None:
    lag = Lag()
    assert all(lag.behind_s(k * 0.04 * 0.9995, 1000.0 + k * 0.04) < 0.05 for k in range(50_000))


def test_a_stream_whose_clock_is_known_to_be_slow_is_not_late_from_then_on() -> None:
    lag = Lag()
    for k in range(20):
        late_s = lag.behind_s(k * 0.01, 1000.0 + k * 0.04)
    assert late_s > 0.5
    lag.forgive()
    assert lag.behind_s(0.20, 1000.8) == pytest.approx(0.03, abs=1e-3)


def test_a_jump_of_the_streams_time_begins_anew() -> None:
    lag = Lag()
    lag.behind_s(5000.0, 1000.0)
    assert lag.behind_s(0.0, 1000.04) == 0.0
