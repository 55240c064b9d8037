from datetime import datetime, timedelta

import msgspec
import numpy as np
import pytest

from controlroom.domain.alarm import Alarm
from controlroom.domain.limit_book import ZONE
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest, Quality
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.hub.core import Core
from controlroom.hub.limits_watch import TOLD_A_TURN, LimitsWatch, district_watch
from controlroom.wire.frames import Readings
from controlroom.wire.messages import SensorsRecord
from tests.rooms import NOON


class District:
    """Sensors of a hub without sockets, with a clock of the test's own."""

    def __init__(self, sensors: list[Sensor]) -> None:
        self.now = NOON
        self.core = Core("live", Room())
        self.latest = Latest()
        self.watch: LimitsWatch = district_watch(self.core, self.latest, self.now)
        for event in self.core.record("backend", SensorsRecord(sensors=sensors), "WGS-84", self.now):
            self.watch.declare(event.sensors, self.now)

    def restart(self) -> None:
        self.latest = Latest()
        self.watch = district_watch(self.core, self.latest, self.now)

    def tell(self, values: dict[str, float], wait_s: float = 1.0, quality: int = 0) -> list[Alarm]:
        """These sensors tell these values; returns the alarms that stand."""
        index = np.array([self.core.room.sensor_index[key] for key in values], np.uint32)
        readings = Readings(
            index,
            np.array(list(values.values()), np.float32),
            np.full(len(index), to_ms(self.now), np.int64),
            np.full(len(index), quality, np.uint8),
        )
        self.told = self.watch.marked(readings)
        r = self.told
        self.watch.take(self.latest.apply(r.index, r.value, r.time, r.quality, to_ms(self.now)))
        self.watch.judge(self.now)
        self.wait(wait_s)
        return self.standing()

    def wait(self, seconds: float) -> list[Alarm]:
        for _second in range(int(seconds)):
            self.now += timedelta(seconds=1)
            self.watch.cycle(self.now)
            if self.watch.touched:
                self.watch.judge(self.now)
        return self.standing()

    def standing(self) -> list[Alarm]:
        return [alarm for alarm in self.core.room.alarms.values() if alarm.active]


def gauge(number: int, **more) -> Sensor:
    return Sensor(
        id=f"flood-{number:04}",
        name=f"下凹桥{number}",
        kind="flood_depth",
        unit="cm",
        town=more.pop("town", "黄村镇"),
        point=Point(116.3, 39.7),
        stale_after_s=60.0,
        **more,
    )


def test_a_sensor_that_declares_no_limits_is_judged_by_the_standard_of_its_kind() -> None:
    district = District([gauge(1)])
    (alarm,) = district.tell({"flood-0001": 28.0})
    assert (alarm.severity, alarm.key) == (Severity.YELLOW, "limit/flood-0001")


def test_a_limit_with_a_delay_waits_for_it_and_a_short_splash_is_none() -> None:
    district = District([gauge(1, delay_s=10.0)])
    assert district.tell({"flood-0001": 28.0}, 8) == []
    assert district.tell({"flood-0001": 3.0}, 20) == []
    assert district.tell({"flood-0001": 28.0}, 8) == []
    (alarm,) = district.wait(4)
    assert alarm.severity is Severity.YELLOW


def test_an_impossible_value_is_marked_travels_on_and_floods_nothing() -> None:
    district = District([gauge(1)])
    assert district.tell({"flood-0001": 999.0}) == []
    assert district.told.quality.tolist() == [Quality.OUT_OF_RANGE]
    assert district.latest.quality.tolist() == [Quality.OUT_OF_RANGE]
    for _minute in range(8):
        district.tell({"flood-0001": 999.0}, 10)
    (alarm,) = district.standing()
    assert alarm.key == "range/flood-0001"
    assert "超出量程" in alarm.title and "999" in alarm.title and "300" in alarm.title


def test_a_rise_says_the_rule_and_the_evidence() -> None:
    district = District([gauge(1)])
    for _second in range(20):
        district.tell({"flood-0001": 2.0}, 10)
    alarms = {alarm.key: alarm for alarm in district.tell({"flood-0001": 14.0})}
    assert set(alarms) == {"rate/flood-0001"}
    alarm = alarms["rate/flood-0001"]
    assert "变化过快" in alarm.title
    assert "2 cm → 14 cm" in alarm.text and "规则" in alarm.text
    assert alarm.sensor == "flood-0001"


def test_a_forecast_says_that_it_is_one_and_is_blue() -> None:
    district = District([gauge(1)])
    for second in range(60):
        district.tell({"flood-0001": 2.0 + second * 0.2}, 10)
    forecasts = [alarm for alarm in district.standing() if alarm.key.startswith("forecast/")]
    assert [alarm.severity for alarm in forecasts] == [Severity.BLUE]
    assert forecasts[0].title.startswith("预测：") and "±" in forecasts[0].title and "15 cm" in forecasts[0].title


def test_a_dead_gateway_is_one_alarm_and_one_dead_gauge_is_one_of_its_own() -> None:
    sensors = [gauge(n, town="黄村镇" if n < 60 else "礼贤镇") for n in range(80)]
    district = District(sensors)
    living = {sensor.id: 1.0 for sensor in sensors}
    district.tell(living)
    dead = {sensor.id for sensor in sensors if sensor.town == "黄村镇"} | {"flood-0070"}
    seen = set()
    for _round in range(16):
        standing = district.tell({key: 1.0 for key in living if key not in dead}, 10)
        seen |= {alarm.key for alarm in standing}
    assert seen == {"stale-area/黄村镇", "stale/flood-0070"}
    area = next(alarm for alarm in standing if alarm.key == "stale-area/黄村镇")
    assert "60 / 60" in area.title and "网关" in area.text
    for _round in range(40):
        standing = district.tell(living, 10)
    assert standing == []


def test_gauges_of_a_gateway_that_die_one_after_the_other_are_still_one_alarm() -> None:
    sensors = [gauge(n) for n in range(40)]
    district = District(sensors)
    for n in range(40):
        district.tell({f"flood-{n:04}": 1.0}, 1)
    seen = {alarm.key for _ in range(20) for alarm in district.wait(10)}
    assert seen == {"stale-area/黄村镇"}


def test_when_most_towns_fall_silent_it_is_one_alarm_of_the_district() -> None:
    sensors = [gauge(n, town=f"镇{n % 4}") for n in range(40)]
    district = District(sensors)
    district.tell({sensor.id: 1.0 for sensor in sensors})
    keys = {alarm.key for alarm in district.wait(120)}
    assert keys == {"stale-area/*"}


def test_what_is_silent_stays_so_over_a_restart_until_it_is_heard() -> None:
    district = District([gauge(n) for n in range(3)])
    living = {f"flood-{n:04}": 1.0 for n in range(3)}
    district.tell(living)
    for _round in range(12):
        district.tell({"flood-0000": 1.0, "flood-0001": 1.0}, 10)
    assert [alarm.key for alarm in district.standing()] == ["stale/flood-0002"]
    district.restart()
    assert [alarm.key for alarm in district.wait(30)] == ["stale/flood-0002"]
    for _round in range(40):
        district.tell(living, 10)
    assert district.standing() == []


def pump(number: int, town: str, model: str) -> Sensor:
    return Sensor(
        id=f"pump-{number:05}",
        name=f"{town}户{number}",
        kind="heat_pump_outlet",
        unit="℃",
        town=town,
        model=model,
        deadband=1.0,
        stale_after_s=900.0,
    )


def test_heat_pumps_are_told_by_town_and_model_and_never_one_by_one() -> None:
    sensors = [pump(n, f"镇{n % 2}", "空气源" if n % 3 else "地源") for n in range(600)]
    district = District(sensors)
    values = {sensor.id: 45.0 for sensor in sensors}
    assert district.tell(values) == []
    cold = {sensor.id: 33.0 for sensor in sensors[:120] if sensor.town == "镇0" and sensor.model == "空气源"}
    (alarm,) = [a for a in district.tell(values | cold, 3) if a.key.startswith("group/limit")]
    assert alarm.key == "group/limit/heat_pump_outlet/镇0/空气源"
    assert alarm.severity is Severity.BLUE
    assert f"{len(cold)} / 200" in alarm.title
    assert "33.0 至 33.0 ℃" in alarm.text
    assert all(alarm.sensor == "" for alarm in district.standing())
    count = alarm.count
    (same,) = [a for a in district.tell(values | cold, 5) if a.key.startswith("group/limit")]
    assert same.count == count, "the same number is not told again"
    district.tell(values, 2)
    assert [a for a in district.standing() if a.key.startswith("group/limit")] == []


def test_a_group_stands_over_a_restart_and_ends_when_its_members_are_well() -> None:
    district = District([pump(n, "镇", "空气源") for n in range(10)])
    cold = {f"pump-{n:05}": 20.0 for n in range(10)}
    (alarm,) = [a for a in district.tell(cold, 3) if a.key.startswith("group/limit")]
    assert alarm.severity is Severity.YELLOW
    district.restart()
    district.tell(dict.fromkeys(cold, 45.0), 3)
    assert [a for a in district.standing() if a.key.startswith("group/limit")] == []


def test_when_everything_crosses_its_limit_at_once_the_worst_is_told_first_and_none_is_lost() -> None:
    sensors = [gauge(n) for n in range(3 * TOLD_A_TURN)]
    district = District(sensors)
    values = {sensor.id: 20.0 + 50.0 * (n % 3 == 2) for n, sensor in enumerate(sensors)}
    index = np.array([district.core.room.sensor_index[key] for key in values], np.uint32)
    column, count = np.array(list(values.values()), np.float32), len(values)
    at = np.full(count, to_ms(district.now), np.int64)
    changed = district.latest.apply(index, column, at, np.zeros(count, np.uint8), to_ms(district.now))
    district.watch.take(changed)
    district.watch.judge(district.now)
    assert {alarm.severity for alarm in district.standing()} == {Severity.RED}
    assert len(district.standing()) == TOLD_A_TURN
    assert district.watch.owing
    for _turn in range(2):
        district.watch.judge(district.now)
    assert len(district.standing()) == count and not district.watch.owing


@pytest.mark.parametrize("zone", ["2", ""])
def test_at_night_the_limit_of_the_night_holds(zone: str) -> None:
    point = Sensor(id="n", name="声环境站", kind="noise", unit="dB(A)", zone=zone, stale_after_s=9e4, deadband=1.0)
    district = District([point])
    district.now = datetime(2026, 11, 21, 21, 59, 50, tzinfo=ZONE)
    assert district.tell({"n": 55.0}) == []
    standing = district.wait(20)
    if zone:
        assert [(alarm.severity, alarm.key) for alarm in standing] == [(Severity.BLUE, "limit/n")]
        assert "50 dB(A)" in standing[0].title
    else:
        assert standing == []


def test_the_sources_that_declare_a_sensor_are_known_by_name() -> None:
    district = District([gauge(1)])
    district.core.record("other", SensorsRecord(sensors=[gauge(1)]), "WGS-84", district.now)
    assert district.core.room.sensors["flood-0001"].sources == ("backend", "other")
    again = district.core.record("backend", SensorsRecord(sensors=[gauge(1)]), "WGS-84", district.now)
    assert again == [], "the same two, told again, are no change"


def test_only_a_drill_takes_over_who_declared_a_sensor_before() -> None:
    recorded = msgspec.structs.replace(gauge(1), sources=("hydrology", "gateway"))
    for realm, known in (("live", ("recording",)), ("drill/storm", ("hydrology", "gateway"))):
        core = Core(realm, Room())
        core.record("recording", SensorsRecord(sensors=[recorded]), "WGS-84", NOON)
        assert core.room.sensors["flood-0001"].sources == known
