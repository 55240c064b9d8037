"""Alarms below the one that caused them."""

from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.bridge.models.alarm_index import AlarmColumn, AlarmIndex
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms

FEW = alarms(6)


def made(name: str, severity: Severity, age_s: float, parent: str = "") -> Alarm:
    return msgspec.structs.replace(
        FEW[0],
        id=name,
        severity=severity,
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=NOW - timedelta(seconds=age_s),
        parent=parent,
        aside=None,
        title=name,
        tags=(),
    )


ROOM = [
    made("power", Severity.YELLOW, 60),
    made("pump", Severity.BLUE, 50, "power"),
    made("link", Severity.RED, 40, "power"),
    made("fire", Severity.ORANGE, 30),
    made("lone", Severity.BLUE, 20, "gone"),
    made("deep", Severity.RED, 10, "pump"),
]


def listed(index: AlarmIndex) -> list[str]:
    return [index.keys[slot] for slot in index.order.tolist()]


def test_those_that_lie_under_another_one_stand_below_it_however_grave_they_are() -> None:
    index = AlarmIndex()
    index.replace((alarm.id, alarm) for alarm in ROOM)
    assert listed(index) == ["deep", "link", "fire", "power", "lone", "pump"]
    index.nest(True)
    assert listed(index) == ["fire", "power", "deep", "link", "pump", "lone"]
    index.put([], ["power"])
    assert listed(index) == ["link", "fire", "lone", "pump", "deep"]
    index.nest(False)
    assert listed(index) == ["deep", "link", "fire", "lone", "pump"]


def test_a_ring_of_causes_loses_no_alarm() -> None:
    index = AlarmIndex()
    index.nest(True)
    index.replace((a.id, a) for a in (made("a", Severity.RED, 1, "b"), made("b", Severity.RED, 2, "a")))
    assert sorted(listed(index)) == ["a", "b"]


def test_a_row_below_another_one_says_so_and_is_painted_anew() -> None:
    model = AlarmModel(NOW)
    model.reset(ROOM)
    before = model.version(model.row("pump"))
    assert model.text(ROOM[1], AlarmColumn.TITLE) == "pump"
    model.nest(True)
    assert model.nested and model.text(ROOM[1], AlarmColumn.TITLE) == "└ pump"
    assert model.text(ROOM[0], AlarmColumn.TITLE) == "power"
    assert model.version(model.row("pump")) != before


NAMES = st.sampled_from("abcdef")
CHANGES = st.lists(
    st.tuples(NAMES, st.sampled_from(Severity), st.integers(0, 99), st.sampled_from(["", *"abcdef"]), st.booleans()),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(CHANGES, CHANGES)
def test_changes_one_by_one_make_the_same_list_as_all_at_once(
    first: list[tuple[str, Severity, int, str, bool]], then: list[tuple[str, Severity, int, str, bool]]
) -> None:
    index, fresh = AlarmIndex(), AlarmIndex()
    held: dict[str, Alarm] = {}
    index.nest(True)
    fresh.nest(True)
    for name, severity, age_s, parent, gone in (*first, *then):
        if gone:
            held.pop(name, None)
            index.put([], [name])
        else:
            held[name] = made(name, severity, age_s, parent)
            index.put([(name, held[name])])
    fresh.replace(held.items())
    assert sorted(listed(index)) == sorted(held)
    ages = {key: (alarm.severity, alarm.occurred_at) for key, alarm in held.items()}
    assert [ages[key] for key in listed(index)] == [ages[key] for key in listed(fresh)]
