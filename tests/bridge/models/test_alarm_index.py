from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from controlroom.bridge.models.alarm_index import AlarmColumn, AlarmFilter, AlarmIndex
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, Owner
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, PLACES, alarms

POOL = alarms(40)
FAR = NOW + timedelta(days=100_000)
ASIDES = st.none() | st.builds(
    lambda kind, age_s, left_s, reason: Aside(
        kind=kind,
        by="李敏",
        at=NOW - timedelta(seconds=age_s),
        reason=reason,
        severity=Severity.RED,
        until=NOW + timedelta(seconds=left_s) if kind is AsideKind.SHELVED else None,
    ),
    st.sampled_from(AsideKind),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.text(max_size=3),
)
OWNERS = st.none() | st.builds(
    lambda by: Owner(by=by, seat="一席", at=NOW, until=NOW + timedelta(minutes=30)), st.sampled_from(["李敏", "王建国"])
)
ALARMS = st.builds(
    lambda alarm, severity, state, age_s, count, place, aside, owner: msgspec.structs.replace(
        alarm,
        severity=severity,
        state=state,
        occurred_at=NOW - timedelta(seconds=age_s),
        count=count,
        place=place,
        aside=aside,
        owner=owner,
    ),
    st.sampled_from(POOL),
    st.sampled_from(Severity),
    st.sampled_from(list(AlarmState)[:3]),
    st.integers(0, 100_000),
    st.integers(1, 5),
    st.sampled_from(PLACES) | st.text(max_size=3),
    ASIDES,
    OWNERS,
)
FILTERS = st.builds(
    AlarmFilter,
    st.booleans(),
    st.frozensets(st.sampled_from(Severity)),
    st.sampled_from(["", "PM2.5", "pm2.5 村", "镇", "泵站 hydrology", "nowhere"]),
    st.frozensets(st.none() | st.sampled_from(AsideKind)),
)
STEPS = st.one_of(
    st.tuples(st.just("put"), st.lists(ALARMS, max_size=6), st.lists(st.sampled_from(POOL), max_size=3)),
    st.tuples(st.just("filter"), FILTERS),
    st.tuples(st.just("sort"), st.sampled_from(AlarmColumn), st.booleans()),
    st.tuples(st.just("replace"), st.lists(ALARMS, max_size=10)),
)


def usual(alarm: Alarm) -> tuple[object, ...]:
    return alarm.severity, not alarm.waiting, -alarm.occurred_at.timestamp()


def column_key(alarm: Alarm, column: AlarmColumn) -> object:
    return {
        AlarmColumn.SEVERITY: int(alarm.severity),
        AlarmColumn.STATE: list(AlarmState).index(alarm.state),
        AlarmColumn.OCCURRED: alarm.occurred_at,
        AlarmColumn.AGE: NOW - alarm.occurred_at,
        AlarmColumn.TITLE: alarm.title,
        AlarmColumn.PLACE: alarm.place,
        AlarmColumn.SOURCE: f"{alarm.source} {alarm.kind}",
        AlarmColumn.COUNT: alarm.count,
        AlarmColumn.ACKNOWLEDGED_BY: alarm.acknowledged_by,
        AlarmColumn.OWNER: f"{alarm.owner.by} {alarm.owner.seat}" if alarm.owner else "",
        AlarmColumn.ASIDE_REASON: alarm.aside.reason if alarm.aside else "",
        AlarmColumn.ASIDE_SINCE: alarm.aside.at if alarm.aside else FAR,
        AlarmColumn.ASIDE_UNTIL: alarm.aside.until if alarm.aside and alarm.aside.until else FAR,
    }[column]


def passes(alarm: Alarm, wanted: AlarmFilter) -> bool:
    told = f"{alarm.title}\n{alarm.place}\n{alarm.source}\n{alarm.kind}\n{alarm.text}\n{alarm.id}".casefold()
    return (
        (alarm.waiting or not wanted.waiting_only)
        and (not wanted.aside or (alarm.aside.kind if alarm.aside else None) in wanted.aside)
        and (not wanted.severities or alarm.severity in wanted.severities)
        and all(part in told for part in wanted.text.casefold().split())
    )


def listed(index: AlarmIndex) -> list[Alarm]:
    found = [index.alarms[slot] for slot in index.order.tolist()]
    return [alarm for alarm in found if alarm is not None]


def check(index: AlarmIndex, held: dict[str, Alarm]) -> None:
    shown = listed(index)
    wanted = [alarm for alarm in held.values() if passes(alarm, index.filter)]
    assert sorted(alarm.id for alarm in shown) == sorted(alarm.id for alarm in wanted)
    wanted.sort(key=usual)
    wanted.sort(key=lambda alarm: column_key(alarm, index.column), reverse=index.descending)
    keys = [(column_key(alarm, index.column), usual(alarm)) for alarm in shown]
    assert keys == [(column_key(alarm, index.column), usual(alarm)) for alarm in wanted]
    for row, alarm in enumerate(shown):
        assert index.row(alarm.id) == row
        assert alarm == held[alarm.id]
    waiting = [alarm.severity for alarm in held.values() if alarm.waiting]
    assert index.counts() == {severity: waiting.count(severity) for severity in Severity}
    aside = [alarm.aside.kind for alarm in held.values() if alarm.aside]
    assert index.aside_counts() == {kind: aside.count(kind) for kind in AsideKind}


@given(st.lists(STEPS, max_size=25))
def test_the_index_lists_what_a_plain_sort_and_filter_would_after_any_history(steps: list[tuple[object, ...]]) -> None:
    index = AlarmIndex()
    held: dict[str, Alarm] = {}
    for step in steps:
        match step:
            case ("put", list(fresh), list(dropped)):
                index.put([(alarm.id, alarm) for alarm in fresh], [alarm.id for alarm in dropped])
                held.update((alarm.id, alarm) for alarm in fresh)
                for alarm in dropped:
                    held.pop(alarm.id, None)
            case ("replace", list(fresh)):
                index.replace((alarm.id, alarm) for alarm in fresh)
                held = {alarm.id: alarm for alarm in fresh}
            case ("filter", AlarmFilter() as wanted):
                index.set_filter(wanted)
            case ("sort", AlarmColumn() as column, bool(descending)):
                index.sort(column, descending)
        check(index, held)


def test_texts_between_all_others_never_run_out_of_room() -> None:
    index = AlarmIndex()
    index.sort(AlarmColumn.TITLE)
    low, high = "a", "b"
    model = POOL[0]
    held = {}
    for number in range(200):
        low = low + "a"
        alarm = msgspec.structs.replace(model, id=f"x/{number}", title=low if number % 2 else high + low)
        held[alarm.id] = alarm
        index.put([(alarm.id, alarm)])
    check(index, held)


def test_the_usual_order_is_severity_then_waiting_then_newest() -> None:
    index = AlarmIndex()
    index.replace((alarm.id, alarm) for alarm in POOL)
    assert listed(index) == sorted(POOL, key=usual)


def test_an_alarm_that_changes_gets_another_version_and_its_neighbours_keep_theirs() -> None:
    index = AlarmIndex()
    index.replace((alarm.id, alarm) for alarm in POOL)
    before = list(index.versions)
    index.put([(POOL[5].id, msgspec.structs.replace(POOL[5], count=99))])
    changed = [slot for slot, version in enumerate(index.versions) if version != before[slot]]
    assert changed == [index.slots[POOL[5].id]]
