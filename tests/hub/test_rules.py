from importlib.resources import files

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.kinds import decode_kinds
from controlroom.domain.limits import LimitTable, Transition
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import from_ms
from controlroom.hub.rules import record_of
from controlroom.wire.messages import AlarmRecord, ClearRecord

KINDS = decode_kinds((files("resources") / "data" / "sensor_kinds.toml").read_bytes())
GAUGE = Sensor(
    id="flood-07",
    name="京开路下凹桥",
    kind="flood_depth",
    unit="cm",
    point=Point(116.33, 39.72),
    town="黄村镇",
    department="水务局",
    limits=KINDS["flood_depth"].limits,
    deadband=2.0,
)


def said(sensor: Sensor, *values: float) -> list[AlarmRecord | ClearRecord]:
    table, latest = LimitTable.from_sensors([sensor], [0]), Latest(1)
    records = []
    for second, value in enumerate(values, 1):
        latest.apply(np.array([0]), np.array([value], np.float32), np.array([1000 * second]), np.array([0], np.uint8))
        records += [record_of(sensor, each, KINDS) for each in table.evaluate(latest, 1000 * second)]
    return records


def test_an_alarm_says_kind_value_colour_and_limit_in_its_title() -> None:
    (record,) = said(GAUGE, 27.0)
    assert isinstance(record, AlarmRecord)
    assert record.title == "易涝点积水 27 cm 达到黄色限值 27 cm"
    assert record.severity is Severity.YELLOW
    assert (record.sensor, record.place, record.department) == ("flood-07", "黄村镇 京开路下凹桥", "水务局")
    assert record.point == GAUGE.point
    assert record.occurred_at == from_ms(1000)
    assert "北京市下凹桥警戒红线" in record.text


def test_rising_easing_and_ending_are_the_same_alarm() -> None:
    blue, red, eased, over = said(GAUGE, 16.0, 61.0, 45.0, 3.0)
    assert len({record.key for record in (blue, red, eased, over)}) == 1
    assert [r.severity for r in (blue, red, eased)] == [Severity.BLUE, Severity.RED, Severity.ORANGE]
    assert eased.title == "易涝点积水 45 cm 缓解至橙色限值 40 cm"
    assert over == ClearRecord(key="limit/flood-07", occurred_at=from_ms(4000))


def test_a_pressure_that_falls_is_said_to_fall_with_the_decimals_of_its_kind() -> None:
    hydrant = Sensor(
        id="h", name="消火栓", kind="hydrant_pressure", unit="MPa", limits=KINDS["hydrant_pressure"].limits
    )
    (record,) = said(hydrant, 0.1399)
    assert record.title == "消火栓水压 0.14 MPa 降至黄色限值 0.14 MPa"


def test_a_sensor_of_an_unknown_kind_speaks_by_its_own_name() -> None:
    odd = Sensor(id="x", name="辐射点", kind="gamma", limits=(Limit(severity=Severity.RED, above=0.5),))
    (record,) = said(odd, 0.75)
    assert record.title == "辐射点 0.8 达到红色限值 0.5"


@given(
    st.text(max_size=1000),
    st.text(max_size=50),
    st.floats(-1e12, 1e12),
    st.floats(-1e12, 1e12),
    st.sampled_from(Severity),
    st.none() | st.sampled_from(Severity),
    st.booleans(),
)
def test_no_name_or_number_makes_a_record_that_the_wire_refuses(
    name: str, unit: str, value: float, limit: float, severity: Severity, previous: Severity | None, above: bool
) -> None:
    transition = Transition(0, severity, previous, limit, above, value, 1000)
    record = record_of(Sensor(id="s", name=name, kind="k", unit=unit), transition)
    assert isinstance(record, AlarmRecord)
    assert 1 <= len(record.title) <= 400
    assert len(record.place) <= 400
    assert len(record.text) <= 4000
