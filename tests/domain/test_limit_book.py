import itertools
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from controlroom.domain.kinds import decode_kinds
from controlroom.domain.limit_book import ZONE, district_limits
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity

KINDS = decode_kinds((files("resources") / "data" / "sensor_kinds.toml").read_bytes())
BOOK = district_limits(KINDS)
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def sensor(kind: str, **more) -> Sensor:
    return Sensor(id="s", name="点", kind=kind, **more)


def above(of: Sensor, at: datetime) -> list[float | None]:
    return [limit.above for limit in BOOK.limits_at(of, at)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_of_kinds_says_what_the_standards_say_today(kind: str) -> None:
    assert BOOK.limits_at(sensor(kind), NOON) == KINDS[kind].limits
    assert BOOK.limits_at(sensor(kind, limits=KINDS[kind].limits), NOON) == KINDS[kind].limits


def test_the_particles_of_the_past_are_judged_by_the_edition_of_their_day() -> None:
    midnight = datetime(2026, 3, 1, tzinfo=ZONE)
    assert above(sensor("pm25"), midnight - timedelta(seconds=1)) == [75, 115, 150, 250]
    assert above(sensor("pm25"), midnight) == [60, 115, 150, 250]
    assert above(sensor("pm10"), midnight - timedelta(seconds=1))[0] == 150
    assert above(sensor("pm10"), midnight)[0] == 120
    assert BOOK.basis_at(sensor("pm25"), midnight - timedelta(seconds=1)) == "HJ 633-2012"
    assert BOOK.basis_at(sensor("pm25"), midnight) == "HJ 633-2026"


@pytest.mark.parametrize(
    ("zone", "day", "night"),
    [("0", 50, 40), ("1", 55, 45), ("2", 60, 50), ("3", 65, 55), ("4a", 70, 55), ("4b", 70, 60)],
)
def test_noise_has_the_limit_of_its_zone_by_day_and_by_night(zone: str, day: float, night: float) -> None:
    point = sensor("noise", zone=zone)
    morning = datetime(2026, 11, 21, 6, 0, tzinfo=ZONE)
    assert above(point, morning)[0] == day
    assert above(point, morning - timedelta(seconds=1))[0] == night
    assert above(point, datetime(2026, 11, 21, 22, 0, tzinfo=ZONE))[0] == night
    assert BOOK.validity(morning) != BOOK.validity(morning - timedelta(seconds=1))


def test_water_is_judged_from_its_target_class_on() -> None:
    assert above(sensor("ammonia_nitrogen", zone="Ⅳ"), NOON) == [1.5, 2.0]
    assert above(sensor("ammonia_nitrogen"), NOON) == [1.0, 1.5, 2.0]
    assert [limit.below for limit in BOOK.limits_at(sensor("dissolved_oxygen", zone="Ⅱ"), NOON)] == [6.0, 5.0, 3.0]


def test_water_on_roads_and_rain_had_other_limits_before() -> None:
    assert above(sensor("flood_depth"), datetime(2015, 7, 1, tzinfo=UTC)) == [20, 27]
    assert above(sensor("rain"), datetime(2015, 7, 1, tzinfo=UTC)) == [20, 30, 40, 60]


def test_what_a_sensor_declares_itself_holds_at_any_time() -> None:
    own = (Limit(severity=Severity.RED, above=3.0),)
    for at in (NOON, datetime(2013, 5, 1, tzinfo=UTC)):
        assert BOOK.limits_at(sensor("pm25", limits=own), at) == own
    assert BOOK.basis_at(sensor("pm25", limits=own), NOON) == ""
    assert BOOK.limits_at(sensor("gamma", limits=own), NOON) == own
    assert BOOK.limits_at(sensor("gamma"), NOON) == ()


def test_the_validity_changes_only_when_a_limit_may() -> None:
    days = [datetime(2026, 1, 1, 12, tzinfo=ZONE) + timedelta(days=n) for n in range(300)]
    changes = [
        later.date() for earlier, later in itertools.pairwise(days) if BOOK.validity(earlier) != BOOK.validity(later)
    ]
    assert changes == [date(2026, 3, 1)]
