"""The alarm rules in a hub: the district's file, limits in a context, and what a killed hub knows again."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from controlroom.domain.alarm_rules import NO_RULES, decode_rules, laid_over
from controlroom.domain.events import Event
from controlroom.domain.limit_book import district_limits
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.sensor_rules import KindRules, RuleBook
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.hub.alarm_context import FreshValues
from controlroom.hub.core import Core
from controlroom.hub.district_rules import FILE, load_rules
from controlroom.hub.limits_watch import LimitsWatch
from controlroom.wire.messages import AlarmRecord, ClearRecord, SensorsRecord
from tests.rooms import NOON, HubProcess, alarm, seat_on, source_of

LIMITS = (Limit(severity=Severity.YELLOW, above=27.0),)
FLOOD = Sensor(
    id="f1",
    name="立交桥",
    kind="flood_depth",
    unit="cm",
    deadband=2.0,
    limits=(Limit(severity=Severity.YELLOW, above=27.0),),
)
STRICT = """
[[rule]]
name = "warned"
match = { source = ["limits"], kind = ["flood_depth"] }
context = [{ when = [{ alarm = { kind = ["11B03"] } }], limits = [{ severity = 3, above = 10.0 }] }]
"""
DELAYED = '[[rule]]\nname = "d"\nmatch = { source = ["limits"] }\non_delay_s = 30.0\noff_delay_s = 30.0\n'


class Gauge:
    """A hub's core with one flood sensor, its limits and rules."""

    def __init__(self, rules: str, room: Room | None = None, now: timedelta = timedelta(0)) -> None:
        self.now = NOON + now
        self.latest = Latest()
        self.room = room or Room()
        self.core = Core(
            "live", self.room, rules=decode_rules(rules.encode()), value=FreshValues(self.room, self.latest)
        )
        self.limits = LimitsWatch(
            self.core,
            self.latest,
            {},
            RuleBook(edition="none", source="", defaults=KindRules(), kinds={}),
            district_limits({}),
            self.now,
        )
        if room is None:
            self.core.record("s", SensorsRecord(sensors=[FLOOD]), "WGS-84", self.now)
            self.limits.declare((FLOOD,), self.now)

    def read(self, value: float) -> list[Event]:
        at = to_ms(self.now)
        columns = (np.array([value], np.float32), np.array([at]), np.zeros(1, np.uint8))
        self.limits.take(self.latest.apply(np.zeros(1, np.uint32), *columns, at))
        return self.limits.judge(self.now)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.core.look(self.now)
        self.limits.cycle(self.now)

    def restarted(self, rules: str) -> "Gauge":
        room = Room()
        room.restore(self.room.sequence, self.room.snapshot())
        return Gauge(rules, room, self.now - NOON)

    @property
    def stands(self) -> bool:
        held = self.room.alarms.get("limits/limit/f1")
        return held is not None and held.active


def warn(gauge: Gauge, on: bool = True) -> None:
    told = AlarmRecord(key="rain", severity=Severity.YELLOW, title="暴雨黄色预警", occurred_at=NOON, kind="11B03")
    gauge.core.record("bureau", told if on else ClearRecord(key="rain", occurred_at=NOON), "WGS-84", gauge.now)


def test_limits_are_stricter_while_the_weather_bureau_warns() -> None:
    gauge = Gauge(STRICT)
    gauge.read(12.0)
    assert not gauge.stands
    warn(gauge)
    gauge.wait(1)
    assert gauge.stands
    assert "10 cm" in gauge.room.alarms["limits/limit/f1"].title
    gauge = gauge.restarted(STRICT)
    gauge.read(9.0)  # within the deadband of the stricter limit
    assert gauge.stands
    warn(gauge, on=False)
    gauge.wait(1)
    assert not gauge.stands


def test_the_deadband_is_kept_by_the_hub() -> None:
    gauge = Gauge("")
    gauge.read(27.0)
    for value in (25.5, 26.0, 25.1):
        assert gauge.read(value) == []
    assert gauge.stands
    gauge.read(25.0)
    assert not gauge.stands


def test_a_limit_that_was_left_while_the_hub_was_away_is_not_raised_by_its_old_delay() -> None:
    gauge = Gauge(DELAYED)
    gauge.read(30.0)
    gauge.wait(10)
    gauge = gauge.restarted(DELAYED)
    gauge.read(3.0)
    gauge.wait(60)
    assert (gauge.stands, gauge.room.holds) == (False, {})


def test_a_limit_that_is_crossed_again_after_a_restart_keeps_its_alarm() -> None:
    gauge = Gauge(DELAYED)
    gauge.read(30.0)
    gauge.wait(30)
    gauge.read(3.0)
    gauge.wait(10)
    gauge = gauge.restarted(DELAYED)
    gauge.read(30.0)
    gauge.wait(60)
    assert gauge.stands


@pytest.mark.parametrize("age_s, enabled", [(0, False), (200, True)])
def test_a_stale_value_does_not_keep_an_alarm_away(age_s: float, enabled: bool) -> None:
    gauge = Gauge('[[rule]]\nname = "e"\nmatch = { key = ["pump"] }\nenabled_when = [{ sensor = "f1", above = 5.0 }]\n')
    gauge.read(1.0)
    gauge.wait(age_s)
    told = AlarmRecord(key="pump", severity=Severity.YELLOW, title="泵", occurred_at=NOON)
    gauge.core.record("s", told, "WGS-84", gauge.now)
    assert ("s/pump" in gauge.room.alarms) is enabled


def test_our_rules_are_laid_under_those_of_the_district(tmp_path: Path) -> None:
    ours = load_rules(tmp_path)
    assert ours.rule and ours.correlation
    name = ours.rule[0].name
    (tmp_path / FILE).write_text(
        f'edition = "大兴"\n[[rule]]\nname = "own"\n[[rule]]\nname = "{name}"\nlatching = true\n', "utf-8"
    )
    theirs = load_rules(tmp_path)
    assert [rule.name for rule in theirs.rule[:2]] == ["own", name]
    assert len(theirs.rule) == len(ours.rule) + 1
    assert (theirs.edition, theirs.correlation) == ("大兴", ours.correlation)
    assert laid_over(ours, NO_RULES) == ours


@pytest.mark.parametrize(
    "text",
    [
        "[[rule]]\nname = 1\n",
        '[[rule]]\nname = "a"\nsurprise = 1\n',
        '[[rule]]\nname = "a"\non_delay_s = -1\n',
        '[[rule]]\nname = "a"\ncause = "{room}"\n',
        '[[rule]]\nname = "a"\ncause = "{place.x}"\n',
        '[[rule]]\nname = "a"\nenabled_when = [{ sensor = "x" }]\n',
        '[[rule]]\nname = "a"\nenabled_when = [{ months = [1], between = ["08:00", "09:00"] }]\n',
        '[[rule]]\nname = "a"\nenabled_when = [{ between = ["25:00", "09:00"] }]\n',
        '[[correlation]]\nname = "a"\nparent = {}\nchildren = {}\n',
        "[[rule\n",
        b"\xff\xfe",
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, text: str | bytes) -> None:
    (tmp_path / FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(EnvironmentFault) as told:
        load_rules(tmp_path)
    assert FILE in told.value.sentence


def test_an_alarm_that_a_killed_hub_held_back_is_raised_by_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rules = '[[rule]]\nname = "d"\nmatch = { source = ["backend"] }\non_delay_s = 2.0\n'
    (tmp_path / "data" / FILE).write_text(rules, "utf-8")
    hub = HubProcess(tmp_path)
    try:
        with source_of(hub.ports.ingest) as source:
            assert source.hand_in(alarm("held"), session="x", seq=1)["accepted"] == 1
        hub.kill()
        hub.restart()
        with seat_on(hub.ports.requests) as seat:
            seat.until(lambda: "backend/held" in seat.mirror.room.alarms)
            assert seat.mirror.room.alarms["backend/held"].waiting
            assert seat.mirror.room.holds == {}
    finally:
        hub.close()


def test_seats_are_told_which_limits_a_warning_puts_in_force_and_when_it_ends() -> None:
    gauge = Gauge(STRICT)
    gauge.wait(1)
    assert gauge.room.limits_in_force == {}
    warn(gauge)
    gauge.wait(1)
    (held,) = gauge.room.limits_in_force.values()
    assert (held.sensors, held.since) == (("f1",), gauge.now)
    assert [limit.above for limit in held.limits] == [10.0]
    sequence = gauge.room.sequence
    gauge.wait(1)
    assert gauge.room.sequence == sequence, "what is known is not told again"
    gauge = gauge.restarted(STRICT)
    gauge.wait(1)
    assert list(gauge.room.limits_in_force.values()) == [held], "a restart changes nothing"
    warn(gauge, on=False)
    gauge.wait(1)
    assert gauge.room.limits_in_force == {}
    assert gauge.restarted("").room.limits_in_force == {}


def test_limits_in_force_end_with_the_rule_that_a_district_takes_away() -> None:
    gauge = Gauge(STRICT)
    warn(gauge)
    gauge.wait(1)
    gauge = gauge.restarted("")
    gauge.wait(1)
    assert gauge.room.limits_in_force == {}
