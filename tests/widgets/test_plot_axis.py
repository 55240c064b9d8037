import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from widgets.plot_axis import DISTRICT, round_times, round_values, spacing_s, time_label, value_label


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=DISTRICT).timestamp()


def test_labels_stand_at_round_times_of_the_district_whatever_the_clock_of_the_machine() -> None:
    times = round_times(at("2026-11-21T06:10:00"), at("2026-11-21T20:00:00"), 6 * 3600)
    assert [time_label(each, 6 * 3600) for each in times] == ["12:00", "18:00"]


def test_midnight_shows_its_date_and_close_labels_show_seconds() -> None:
    assert time_label(at("2026-11-22T00:00:00"), 3600) == "11-22"
    assert time_label(at("2026-11-22T08:30:15"), 15) == "08:30:15"
    assert time_label(datetime(2026, 11, 21, 16, 5, tzinfo=UTC).timestamp(), 300) == "00:05"


def test_a_narrow_plot_has_fewer_labels() -> None:
    assert spacing_s(300, 1200) == 30
    assert spacing_s(300, 250) == 120
    assert spacing_s(1e9, 100) == 365 * 86_400


@given(st.floats(0, 2e9), st.floats(1.0, 1e6), st.floats(50, 3000))
def test_labels_lie_inside_and_never_touch(start_s: float, span_s: float, width_px: float) -> None:
    spacing = spacing_s(span_s, width_px)
    times = round_times(start_s, start_s + span_s, spacing)
    assert all(start_s - 1e-3 <= each <= start_s + span_s + 1e-3 for each in times)
    assert all(b - a == spacing for a, b in itertools.pairwise(times))
    assert spacing / span_s * width_px >= 90 * (1 - 1e-9)


def test_values_of_an_axis_are_round_and_have_the_decimals_they_need() -> None:
    values = round_values(0.0, 0.5, 200.0)
    assert [value_label(value, values[1] - values[0]) for value in values] == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]
    assert [value_label(value, 0.00005) for value in (0.12, 0.12005)] == ["0.12000", "0.12005"]
    assert [value_label(value, 20.0) for value in round_values(-20.0, 60.0, 160.0)] == ["-20", "0", "20", "40", "60"]
    assert round_values(1.0, 1.0, 100.0) == []
