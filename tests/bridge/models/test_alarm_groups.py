"""Groups by place and cause, whose rows keep their places."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from controlroom.bridge.models.alarm_groups import FIRST, OLDEST, STANDING, WAITING, WHAT, WORST, AlarmGroupModel
from controlroom.domain.alarm import Alarm, AlarmState, acknowledged
from controlroom.domain.severity import Severity

T0 = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def alarm(key: str, place: str = "黄村镇兴华大街", after_s: int = 0, **more: Any) -> Alarm:
    at = T0 + timedelta(seconds=after_s)
    plain = {
        "severity": Severity.ORANGE,
        "title": f"积水 {key}",
        "state": AlarmState.UNACKNOWLEDGED,
        "kind": "water_level",
        "occurred_at": at,
        "received_at": at,
        "changed_at": at,
    }
    return Alarm(id=f"s/{key}", source="s", key=key, place=place, **(plain | more))


def built(*alarms: Alarm) -> AlarmGroupModel:
    model = AlarmGroupModel(T0 + timedelta(minutes=5))
    model.build(alarms)
    return model


def text(model: AlarmGroupModel, row: int, column: int) -> str:
    return str(model.data(model.index(row, column)))


def test_a_group_tells_worst_counts_oldest_and_the_first_out() -> None:
    model = built(
        alarm("b", after_s=20, severity=Severity.RED),
        alarm("a", after_s=10),
        acknowledged(alarm("c", after_s=30), "王", T0),
        alarm("d", place="兴丰街道"),
    )
    assert model.rowCount() == 2
    assert text(model, 0, WHAT).startswith("黄村镇 · ")
    assert "Ⅰ" in text(model, 0, WORST)
    assert (text(model, 0, WAITING), text(model, 0, STANDING)) == ("2", "3")
    assert text(model, 0, FIRST).startswith("⚑") and text(model, 0, FIRST).endswith("积水 a")
    assert text(model, 0, OLDEST) == text(built(alarm("a", after_s=10)), 0, OLDEST)


def test_the_heading_has_no_empty_part_and_no_id() -> None:
    model = built(
        alarm("a", place="黄村地区兴华大街", cause="黄村地区 ·  · 消火栓水压"),
        alarm("b", place="", cause="停电 "),
        alarm("c", place="兴丰街道", cause="s/c", title="断电"),
        alarm("d", place="旧宫镇", cause="s/c", parent="s/c"),
        alarm("e", place="观音寺街道", cause=" · "),
    )
    headings = {text(model, row, WHAT) for row in range(model.rowCount())}
    assert headings == {"黄村地区 · 消火栓水压", "停电", "兴丰街道 · 断电", "旧宫镇 · 断电", "观音寺街道"}


def test_what_a_rule_marked_as_first_out_leads_its_group_and_its_cause_makes_it() -> None:
    model = built(
        alarm("early", cause="停电"),
        alarm("marked", after_s=60, cause="停电", first_out=True, kind="power"),
        alarm("other"),
    )
    assert model.rowCount() == 2
    group = next(group for group in model.groups if group.key[1] == "停电")
    assert group.first.key == "marked" and len(group.members) == 2


def test_members_are_rows_only_while_their_group_is_open(qtmodeltester: ModelTester) -> None:
    model = built(*(alarm(f"k{number}", after_s=number) for number in range(5)))
    group = model.index(0, 0)
    assert model.hasChildren(group) and model.rowCount(group) == 0
    model.open(group)
    assert model.rowCount(group) == 5
    assert str(model.data(model.index(0, WHAT, group))).startswith("⚑")
    qtmodeltester.check(model)
    model.change([alarm("later", after_s=99)])
    assert model.alarm(model.index(5, 0, group)) == alarm("later", after_s=99)
    model.close(group)
    assert model.rowCount(group) == 0 and len(model.alarms(group)) == 6


def test_a_group_whose_alarms_are_over_stays_in_its_place_until_it_is_sorted() -> None:
    first, second = alarm("a"), alarm("b", place="兴丰街道", after_s=9)
    model = built(first, second)
    model.change([msgspec.structs.replace(first, state=AlarmState.NORMAL)])
    assert [group.key[0] for group in model.groups] == ["黄村镇", "兴丰街道"]
    assert text(model, 0, WAITING) == "0" and model.groups[0].worst is None
    model.build([second])
    assert [group.key[0] for group in model.groups] == ["兴丰街道"]


def test_the_next_that_waits_is_the_worst_and_goes_round() -> None:
    model = built(
        alarm("a", severity=Severity.RED),
        alarm("b", place="兴丰街道", severity=Severity.RED, after_s=1),
        alarm("c", place="亦庄镇", after_s=2),
    )
    assert model.next_waiting(-1) == 0 and model.next_waiting(0) == 1 and model.next_waiting(1) == 0
    model.change(
        [acknowledged(a, "王", T0) for a in (*model.groups[0].members.values(), *model.groups[1].members.values())]
    )
    assert model.next_waiting(0) == 2


def test_a_row_is_read_as_one_sentence() -> None:
    model = built(alarm("a"))
    said = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "黄村镇" in said and "积水 a" in said


changes = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["黄村镇", "兴丰街道", "亦庄镇"]),
        st.sampled_from(list(AlarmState)),
        st.sampled_from(list(Severity)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=6))
def test_counts_are_those_of_the_members_and_no_row_ever_moves(batches: list[list[Any]]) -> None:
    model = built()
    held: dict[str, Alarm] = {}
    rows: list[tuple[QPersistentModelIndex, str]] = []
    for batch in batches:
        told = []
        for number, place, state, severity in batch:
            before = held.get(f"s/{number}")
            where = place if before is None else before.place
            told.append(alarm(str(number), where, number, state=state, severity=severity))
            if before is not None or told[-1].kept:
                held[told[-1].id] = told[-1]
        model.change(told)
        for index, area in rows:
            assert index.isValid() and model.groups[index.row()].key[0] == area
        for row in range(len(rows), model.rowCount()):
            rows.append((QPersistentModelIndex(model.index(row, 0)), model.groups[row].key[0]))
            model.open(model.index(row, 0))
        for number, group in enumerate(model.groups):
            assert sum(group.waiting.values()) == sum(a.waiting for a in group.members.values())
            assert sum(group.standing.values()) == sum(a.active for a in group.members.values())
            assert model.rowCount(model.index(number, 0)) == len(group.members)
    assert {key for group in model.groups for key in group.members} == set(held)
