"""Everything that keeps alarms from calling is one list with its age."""

from datetime import timedelta

import msgspec

from controlroom.bridge.models.suppression_model import SuppressionColumn, SuppressionModel
from controlroom.bridge.models.suppressions import Hold, Suppressions
from controlroom.domain import alarm_hold
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, Flapping
from controlroom.domain.alarm_hold import HoldKind
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, Silence
from tests.bridge.models.district import NOW, alarms

MINUTE = timedelta(minutes=1)
PLAIN = [
    msgspec.structs.replace(
        alarm, id=f"s/{number}", title=f"告警{number}", place="黄村", state=AlarmState.UNACKNOWLEDGED
    )
    for number, alarm in enumerate(alarms(6))
]


def aside(alarm: Alarm, kind: AsideKind, minutes: int) -> Alarm:
    until = NOW + 5 * MINUTE if kind is AsideKind.SHELVED else None
    told = Aside(kind=kind, by="王", at=NOW - minutes * MINUTE, reason="检修", severity=Severity.RED, until=until)
    return msgspec.structs.replace(alarm, aside=told)


HELD = [
    aside(PLAIN[0], AsideKind.OUT_OF_SERVICE, 9),
    aside(PLAIN[1], AsideKind.SHELVED, 3),
    aside(PLAIN[2], AsideKind.SHELVED, 7),
    msgspec.structs.replace(PLAIN[3], parent="s/5", muted_at=NOW - 2 * MINUTE),
    msgspec.structs.replace(PLAIN[4], flapping=Flapping(since=NOW - MINUTE, transitions=8, at=NOW)),
]
SILENCE = Silence(
    id="silence-1",
    matcher=Matcher(place="黄村"),
    by="李",
    seat="一席",
    at=NOW - 4 * MINUTE,
    until=NOW + MINUTE,
    reason="演练",
)


def room() -> dict[str, Alarm]:
    return {alarm.id: alarm for alarm in (*HELD, PLAIN[5])}


def test_every_way_of_holding_back_is_listed_by_kind_and_the_oldest_first() -> None:
    held = Suppressions()
    held.reset(room().values(), [SILENCE])
    assert held.count == 6
    lines = held.lines(room())
    assert [(line.hold, line.id) for line in lines] == [
        (Hold.SHELVED, "s/2"),
        (Hold.SHELVED, "s/1"),
        (Hold.OUT_OF_SERVICE, "s/0"),
        (Hold.SILENCED, "silence-1"),
        (Hold.MUTED, "s/3"),
        (Hold.FLAPPING, "s/4"),
    ]
    assert [line.ends for line in lines] == [True, True, True, True, False, False]
    silence, muted, flapping = lines[3:]
    assert silence.what == "地点含“黄村”（现有 6 条）" and silence.who == "李 · 一席"
    assert muted.why == "被上级告警抑制：告警5" and flapping.why == "反复变化 8 次"


def test_what_is_brought_back_or_over_leaves_the_list() -> None:
    held = Suppressions()
    held.reset(room().values(), [SILENCE])
    held.change([PLAIN[0], msgspec.structs.replace(HELD[3], state=AlarmState.NORMAL)])
    held.set_silences([])
    assert [line.id for line in held.lines(room())] == ["s/2", "s/1", "s/4"]
    version = held.version
    held.change([PLAIN[5]])
    assert held.version == version


def test_the_list_tells_ages_and_ends_and_can_show_one_kind() -> None:
    held = Suppressions()
    held.reset(room().values(), [SILENCE])
    model = SuppressionModel(NOW)
    model.set_lines(held.lines(room()))
    assert model.index(0, SuppressionColumn.AGE).data() == "7 分 00 秒"
    assert "5 分 00 秒" in model.index(0, SuppressionColumn.UNTIL).data()
    assert model.index(2, SuppressionColumn.UNTIL).data() == "直到有人恢复"
    assert model.index(4, SuppressionColumn.UNTIL).data() == "自动恢复"
    model.tick(NOW + MINUTE)
    assert model.index(0, SuppressionColumn.AGE).data() == "8 分 00 秒"
    model.set_hold(Hold.MUTED)
    assert model.rowCount() == 1 and model.line(0).id == "s/3"
    assert model.counts()[Hold.SHELVED] == 2


def test_what_rules_have_not_raised_yet_is_listed_with_its_reason_and_end() -> None:
    held = Suppressions()
    waiting = msgspec.structs.replace(PLAIN[5], id="s/late")
    holds = [
        alarm_hold.Hold(id="s/late", why=HoldKind.DELAYED, at=NOW - MINUTE, until=NOW + MINUTE, alarm=waiting),
        alarm_hold.Hold(id="s/c", why=HoldKind.COUNTED, at=NOW, until=NOW, alarm=waiting, told=(NOW, NOW)),
        alarm_hold.Hold(id="s/d", why=HoldKind.DISABLED, at=NOW, alarm=waiting),
        alarm_hold.Hold(id="s/m", why=HoldKind.MERGED, at=NOW, alarm=waiting, into="s/1"),
        alarm_hold.Hold(id="s/1", why=HoldKind.CLEARING, at=NOW, until=NOW),
    ]
    held.reset([], [], holds)
    lines = held.lines({})
    assert {line.why for line in lines} == {"触发延时", "已上报 2 次，未达次数", "使能条件不满足"}
    assert (held.count, {line.hold for line in lines}, lines[0].until) == (3, {Hold.RULED}, NOW + MINUTE)
    held.set_holds([])
    assert held.count == 0
