"""Limits that a context has put in force, over those of the book."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.limit_book import district_limits
from controlroom.domain.limits_in_force import LimitsInForce, RoomLimits
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
STRICT = (Limit(severity=Severity.YELLOW, above=10.0),)
BOOK = district_limits({})


def gauge(identity: str, kind: str = "flood_depth") -> Sensor:
    return Sensor(id=identity, name=identity, kind=kind, unit="cm")


def force(*sensors: str, identity: str = "c") -> LimitsInForce:
    return LimitsInForce(id=identity, limits=STRICT, sensors=sensors, since=NOON)


def test_what_is_in_force_counts_from_its_beginning_and_for_its_sensors() -> None:
    limits = RoomLimits(BOOK, lambda: {"c": force("a")})
    assert limits.limits_at(gauge("a"), NOON) == STRICT
    assert limits.judged(gauge("a"), NOON).limits == STRICT
    assert limits.basis_at(gauge("a"), NOON) == ""
    before = NOON - timedelta(seconds=1)
    assert limits.limits_at(gauge("a"), before) == BOOK.limits_at(gauge("a"), before) != STRICT
    assert limits.limits_at(gauge("b"), NOON) == BOOK.limits_at(gauge("b"), NOON)


def test_a_change_is_noticed_and_its_sensors_are_judged_anew_when_it_ends() -> None:
    held: dict[str, LimitsInForce] = {}
    limits = RoomLimits(BOOK, lambda: held)
    plain = gauge("x", "a kind that no standard knows")
    quiet = limits.validity(NOON)
    assert not limits.dated(plain)
    held["c"] = force("x")
    assert limits.validity(NOON) != quiet
    assert limits.dated(plain)
    more = limits.validity(NOON)
    held["c"] = force("x", "y")
    assert limits.validity(NOON) != more
    held.clear()
    assert limits.validity(NOON) == quiet
    assert limits.dated(plain), "it must get its own limits back"
    assert limits.limits_at(plain, NOON) == ()


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["flood_depth", "noise", "pm25", "?"]))))
def test_many_are_judged_as_each_would_be(told: list[tuple[str, str]]) -> None:
    limits = RoomLimits(BOOK, lambda: {"c": force("a", "b")})
    sensors = [gauge(identity, kind) for identity, kind in told]
    assert limits.judged_all(sensors, NOON) == [limits.judged(sensor, NOON) for sensor in sensors]
