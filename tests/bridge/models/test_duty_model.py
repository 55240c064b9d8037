import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from pytestqt.modeltest import ModelTester

from controlroom.bridge.duty_watch import DutyWatch
from controlroom.bridge.models.duty_model import MOST_LINES, DutyKind, DutyLine, DutyModel
from controlroom.domain.alarm import (
    AlarmState,
    Aside,
    AsideKind,
    Note,
    Owner,
    acknowledged,
    brought_back,
    cleared,
    noted,
    raised,
    released,
    set_aside,
    taken,
)
from controlroom.domain.room import Room
from controlroom.domain.source import Source
from controlroom.seat.status import LinkState, LinkStatus
from tests.bridge.models.district import NOW, alarms
from tests.bridge.models.incidents import ENTRIES, FLOOD

BEIJING = ZoneInfo("Asia/Shanghai")
NEW = next(alarm for alarm in alarms(20) if alarm.state is AlarmState.UNACKNOWLEDGED and alarm.count == 1)
NAME = f"黄色 Ⅲ级 {NEW.title} · {NEW.place}"


def line(number: int, text: str = "") -> DutyLine:
    return DutyLine(NOW - timedelta(seconds=100_000 - number), DutyKind.ALARM, "hydrology", text or f"line {number}")


def status(state: LinkState) -> LinkStatus:
    return LinkStatus(state=state, since=NOW)


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = DutyModel(NOW)
    model.append([line(1), line(2)])
    qtmodeltester.check(model)


def test_the_newest_line_is_first_and_the_oldest_go_when_there_are_too_many() -> None:
    model = DutyModel(NOW)
    model.append([line(number) for number in range(MOST_LINES)])
    model.append([line(MOST_LINES), line(MOST_LINES + 1)])
    assert model.line(0).text == f"line {MOST_LINES + 1}"
    assert model.total == model.rowCount() == MOST_LINES
    assert model.forgotten == 2
    assert model.line(MOST_LINES - 1).text == "line 2"


def test_lines_are_filtered_by_kind_and_text_also_when_they_come_later() -> None:
    model = DutyModel(NOW)
    model.append([line(1, "积水"), line(2, "燃气")])
    model.set_filter(frozenset({DutyKind.ALARM}), "燃气")
    model.append([line(3, "燃气"), line(4, "噪声")])
    assert [model.line(row).text for row in range(model.rowCount())] == ["燃气", "燃气"]
    model.set_filter(frozenset({DutyKind.LINK}), "")
    assert model.rowCount() == 0


def test_an_export_carries_its_time_zone_ages_and_no_formula() -> None:
    model = DutyModel(NOW, BEIJING)
    model.append([DutyLine(NOW - timedelta(seconds=90), DutyKind.TASK, "=cmd|x", '+1, "quoted"\nnext')])
    rows = list(csv.reader(io.StringIO(model.exported())))
    assert rows[0] == ["导出时间 2026-07-21T14:32:10+08:00，共 1 条"]
    assert rows[2] == ["2026-07-21T14:30:40.000+08:00", "90", "任务", "'=cmd|x", '\'+1, "quoted"\nnext']


def test_an_alarm_is_told_when_raised_acknowledged_and_normal_again_and_a_repetition_is_not() -> None:
    watch = DutyWatch()
    later = NOW + timedelta(seconds=5)
    repeated = raised(NEW, msgspec.structs.replace(NEW, changed_at=later))
    noted = acknowledged(repeated, "李敏", later)
    over = cleared(noted, later)
    told = [watch.alarms([alarm]) for alarm in (NEW, repeated, noted, over)]
    assert [[entry.text for entry in lines] for lines in told] == [
        [f"{NAME}：触发"],
        [],
        [f"{NAME}：已确认"],
        [f"{NAME}：恢复正常"],
    ]
    assert told[2][0].who == "李敏"
    assert told[2][0].kind is DutyKind.ACKNOWLEDGEMENT


def test_an_alarm_that_returned_unacknowledged_and_is_raised_again_is_told_again() -> None:
    watch = DutyWatch()
    watch.alarms([NEW])
    back = cleared(NEW, NOW)
    assert [entry.text for entry in watch.alarms([back])] == [f"{NAME}：条件消失，尚未确认"]
    again = raised(back, msgspec.structs.replace(NEW, changed_at=NOW))
    assert [entry.text for entry in watch.alarms([again])] == [f"{NAME}：触发"]


def test_setting_aside_and_coming_back_are_told_and_what_goes_on_underneath_is_not() -> None:
    watch = DutyWatch()
    watch.alarms([NEW])
    hour = timedelta(hours=1)
    aside = Aside(kind=AsideKind.SHELVED, by="李敏", at=NOW, reason="检修", severity=NEW.severity, until=NOW + hour)
    shelved = set_aside(NEW, aside)
    told = watch.alarms([shelved])
    assert [(entry.who, entry.text) for entry in told] == [("李敏", f"{NAME}：已搁置，检修，剩余 1 小时 00 分")]
    gone = cleared(shelved, NOW)
    assert watch.alarms([gone, raised(gone, NEW)]) == []
    back = brought_back(raised(gone, NEW), NOW + hour)
    assert [entry.text for entry in watch.alarms([back])] == [f"{NAME}：恢复告警（原搁置或抑制理由：检修）"]


def test_who_has_an_alarm_and_what_was_written_about_it_are_told_once() -> None:
    watch = DutyWatch()
    watch.alarms([NEW])
    owner = Owner(by="李敏", seat="一席", at=NOW, until=NOW + timedelta(minutes=30))
    held = noted(taken(NEW, owner), Note(at=NOW, by="李敏", seat="一席", text="已派人"))
    assert [(entry.who, entry.text) for entry in watch.alarms([held])] == [
        ("李敏", f"{NAME}：由 李敏 · 一席 处置"),
        ("李敏", f"{NAME}：备注：已派人"),
    ]
    longer = msgspec.structs.replace(owner, at=NOW + timedelta(minutes=5), until=NOW + timedelta(minutes=35))
    assert watch.alarms([taken(held, longer)]) == []
    gone = released(held, NOW)
    assert [entry.text for entry in watch.alarms([gone])] == [f"{NAME}：李敏 · 一席 不再处置"]


def test_a_reconnection_tells_only_what_is_new_and_what_went_away_unseen() -> None:
    watch = DutyWatch()
    room = Room()
    room.alarms = {NEW.id: NEW}
    room.incidents = {FLOOD.id: FLOOD}
    room.entries = {FLOOD.id: list(ENTRIES[:1])}
    assert len(watch.reset(room, NOW)) == 2
    assert watch.reset(room, NOW) == []
    room.alarms = {}
    room.entries = {FLOOD.id: list(ENTRIES)}
    told = watch.reset(room, NOW)
    assert [entry.text for entry in told] == [
        f"{NAME}：失联期间已恢复正常",
        f"{FLOOD.title} · 任务 · 水务局: 调派移动泵车 [已完成] 已抽排",
    ]


def test_the_link_is_told_when_lost_and_when_live_again_but_not_the_way_between() -> None:
    watch = DutyWatch()
    states = (
        LinkState.CONNECTING,
        LinkState.LIVE,
        LinkState.LATE,
        LinkState.LIVE,
        LinkState.LOST,
        LinkState.LOST,
        LinkState.RESYNCING,
        LinkState.LIVE,
    )
    told = [entry.text for state in states for entry in watch.link(status(state))]
    assert told == ["与中枢连接正常", "与中枢失联", "与中枢连接正常"]


def test_a_source_is_told_when_silent_back_and_refused_at_most_once_a_minute() -> None:
    watch = DutyWatch()
    source = Source(id="hydrology", seen_at=NOW)
    silent = msgspec.structs.replace(source, silent=True)
    refused = msgspec.structs.replace(source, refused=3, refusal="naive time")
    assert watch.sources([source], NOW) == []
    assert [entry.text for entry in watch.sources([silent], NOW)] == ["来源 hydrology 无数据"]
    assert [entry.text for entry in watch.sources([refused], NOW)] == [
        "来源 hydrology 恢复数据",
        "来源 hydrology 累计被拒收 3 条报文，最近原因：naive time",
    ]
    more = msgspec.structs.replace(refused, refused=9)
    assert watch.sources([more], NOW + timedelta(seconds=30)) == []
    most = msgspec.structs.replace(refused, refused=12)
    assert len(watch.sources([most], NOW + timedelta(seconds=61))) == 1
