"""A report counted by hand: a period of two hours with what happened in it written out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

import resources
from controlroom.domain.alarm import Alarm, AlarmState, acknowledged, cleared, raised
from controlroom.domain.alarm_bands import LoadLevel, decode_bands
from controlroom.domain.alarm_report import AlarmReport, ReportTally, Staffing, ViewReport, gaps_between
from controlroom.domain.seating import AreaHandover, HandoverState, SeatPresence, SeatView
from controlroom.domain.severity import Severity

BANDS = decode_bands(resources.path("data", "alarm_bands.toml").read_bytes())
T0 = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
END = T0 + timedelta(hours=2)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


class Story:
    """What happened, told to a tally as the journal tells it."""

    def __init__(self, *staffing: Staffing) -> None:
        self.tally = ReportTally(T0, END, BANDS, staffing or (staff("A"),))
        self.alarms: dict[str, Alarm] = {}

    def ring(self, key: str, minutes: float, severity: Severity = Severity.YELLOW, **more: Any) -> None:
        now = at(minutes)
        new = Alarm(
            id=key,
            source="s",
            key=key,
            severity=severity,
            title=f"告警 {key}",
            state=AlarmState.UNACKNOWLEDGED,
            occurred_at=now,
            received_at=now,
            changed_at=now,
            **({"place": "黄村镇"} | more),
        )
        self._tell(raised(self.alarms.get(key), new), now)

    def clear(self, key: str, minutes: float) -> None:
        self._tell(cleared(self.alarms[key], at(minutes)), at(minutes))

    def acknowledge(self, key: str, minutes: float) -> None:
        self._tell(acknowledged(self.alarms[key], "王", at(minutes)), at(minutes))

    def _tell(self, alarm: Alarm, now: datetime) -> None:
        self.alarms[alarm.id] = alarm
        self.tally.add(alarm, now)

    def views(self) -> dict[str, ViewReport]:
        return {view.view: view for view in self.tally.views()}


def staff(*names: str, minutes: float = -100, handovers: tuple[AreaHandover, ...] = (), **views: SeatView) -> Staffing:
    seats = {
        name: SeatPresence(name=name, officer=name, since=at(minutes), view=views.get(name, SeatView()))
        for name in names
    }
    return Staffing(at=at(minutes), seats=seats, handovers=handovers)


def test_a_flood_of_hand_counted_alarms() -> None:
    story = Story()
    for number in range(12):
        story.ring(f"f{number}", 20 + number / 6, Severity.RED if number < 3 else Severity.ORANGE)
    story.ring("calm", 100, Severity.BLUE)
    view = story.views()[""]
    # 12 alarms at 20:00, 20:10 … 21:50; the 11th at 21:40 begins the flood. At 30:00 the first leaves: 11 are left,
    # then one every 10 s; at 31:20 (the ninth has left) there are 3, at 31:10 there were 4: fewer than 5.
    assert view.count == 13 and view.peak == 12
    assert view.mean == pytest.approx(13 * 600 / 7200)
    (flood,) = view.floods
    assert (flood.count, flood.peak) == (12, 12)
    assert flood.started_at == at(20 + 10 / 6)
    assert flood.ended_at == at(30) + timedelta(seconds=70)
    assert view.flood_s == (flood.ended_at - flood.started_at).total_seconds() == 570
    assert view.flood_share == pytest.approx(570 / 7200)
    assert view.windows == (0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1, 0)
    assert view.bands == {
        LoadLevel.ACCEPTABLE: 11 / 12,
        LoadLevel.MANAGEABLE: 0.0,
        LoadLevel.OVER_DEMANDING: 0.0,
        LoadLevel.UNACCEPTABLE: 1 / 12,
    }
    assert view.mix == {Severity.RED: 3, Severity.ORANGE: 9, Severity.YELLOW: 0, Severity.BLUE: 1}
    assert story.views()["A"].count == 13


def test_standing_stale_and_chattering() -> None:
    story = Story()
    old = at(-60 * 25)
    long_ago = Alarm(
        id="old",
        source="s",
        key="old",
        severity=Severity.BLUE,
        title="旧",
        state=AlarmState.ACKNOWLEDGED,
        occurred_at=old,
        received_at=old,
        changed_at=old,
    )
    fresh = msgspec.structs.replace(long_ago, id="fresh", key="fresh", received_at=at(-30))
    story.tally.stood([long_ago, fresh], at(-10))
    story.alarms |= {"old": long_ago, "fresh": fresh}
    story.clear("fresh", 5)
    for beat in range(3):  # three times within 40 s
        story.ring("chatter", 10 + beat / 3)
        story.clear("chatter", 10 + beat / 3 + 0.1)
    for beat in range(3):  # three times, but over two minutes
        story.ring("slow", 40 + beat)
        story.clear("slow", 40 + beat + 0.5)
    story.ring("stands", 110)
    view = story.views()[""]
    assert view.count == 7
    assert [named.id for named in view.stale] == ["old"] and view.stale[0].since == old
    assert [named.id for named in view.chattering] == ["chatter"]
    assert view.standing == 2  # old, stands
    assert view.standing_most == 2  # old and fresh at the beginning
    assert [(alarm.id, alarm.count) for alarm in view.top] == [("chatter", 3), ("slow", 3), ("stands", 1)]
    assert view.top[0].share == pytest.approx(3 / 7)


def test_repeats_and_acknowledgements_are_no_new_alarms() -> None:
    story = Story()
    story.ring("a", 1)
    story.ring("a", 2)
    story.acknowledge("a", 3)
    story.ring("a", 4)
    story.ring("a", 5, Severity.RED)  # worse: an alarm again
    view = story.views()[""]
    assert view.count == 2 and view.mix[Severity.RED] == 1


def test_each_seat_has_what_was_its_own_then() -> None:
    accepted = AreaHandover(
        id="h",
        area="黄村镇",
        giver="A",
        taker="B",
        offered_by="王",
        offered_at=at(30),
        answer_by=at(31),
        state=HandoverState.ACCEPTED,
        accepted_at=at(30),
    )
    red = SeatView(severities=(Severity.RED,))
    story = Story(
        staff("A", "B", B=red),
        staff("A", "B", minutes=30, handovers=(accepted,), B=red),
        staff("A", minutes=60),
    )
    story.ring("before", 10)
    story.ring("red", 20, Severity.RED)
    story.ring("handed", 40)
    story.ring("elsewhere", 45, place="兴丰街道")
    story.ring("back", 70)
    views = story.views()
    assert list(views) == ["", "A", "B"]
    assert (views[""].count, views["A"].count, views["B"].count) == (5, 4, 2)
    assert [alarm.id for alarm in views["B"].top] == ["handed", "red"]


def test_what_came_just_before_the_period_fills_its_window_and_nothing_else() -> None:
    story = Story()
    for number in range(11):
        story.ring(f"b{number}", -2)
    story.ring("in", 1)
    view = story.views()[""]
    assert view.count == 1 and view.peak == 12 and view.windows[0] == 1
    (flood,) = view.floods
    assert flood.started_at == at(-2)
    assert view.flood_s == 8 * 60  # from the beginning of the period on


def test_a_quiet_period_is_a_report_too() -> None:
    view = Story().views()[""]
    assert (view.count, view.mean, view.floods, view.top) == (0, 0.0, (), ())
    assert view.bands[LoadLevel.ACCEPTABLE] == 1.0


def test_gaps_are_the_times_without_a_run() -> None:
    runs = [(at(-60), at(10)), (at(20), at(50)), (at(40), at(70)), (at(200), at(300))]
    assert gaps_between(runs, T0, END) == ((at(10), at(20)), (at(70), END))
    assert gaps_between([(at(-9), at(999))], T0, END) == ()
    assert gaps_between([], T0, END) == ((T0, END),)
    report = AlarmReport(since=T0, until=END, window_s=600, views=(), gaps=((at(0), at(30)),), begins=at(60))
    assert report.known_share == pytest.approx(0.25)
