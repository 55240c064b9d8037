"""A night of one officer: every order about alarms is given by key, a flood comes, and all seats agree at its end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox

from controlroom.domain.alarm import AlarmState, AsideKind
from controlroom.wire.messages import Command, CommandBody, DigestWanted, Done, Hello
from controlroom.wire.seats import AnswerHandover, Present
from tests import rooms
from tests.journeys.conftest import Opener
from tests.journeys.pilot import Pilot, until
from widgets.alarm_flood import AlarmFlood

pytestmark = pytest.mark.usefixtures("lasting_threads")

HELD = Qt.KeyboardModifier.ControlModifier
SHIFTED = Qt.KeyboardModifier.ShiftModifier


class OtherSeat:
    """A second seat on the wire alone, that lives on while the officer works at the first."""

    def __init__(self, seat: rooms.Seat) -> None:
        self.seat = seat
        self.number = 0

    def ask(self, question: Any) -> Any:
        asked = self.seat.link.ask(question)
        until(asked.done, "the hub answers")
        return asked.result()

    def order(self, body: CommandBody) -> None:
        self.number += 1
        command = Command(id=f"two-{self.number}", seat="two", officer="李", body=body)
        assert isinstance(self.ask(command), Done)


@pytest.fixture(scope="module")
def room(opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> Pilot:
    return opener(tmp_path_factory.mktemp("night"), layout="single", simulate=False)


@pytest.fixture(scope="module")
def other(room: Pilot) -> Iterator[OtherSeat]:
    until(room.live, "the link is live")
    with rooms.seat_on(room.port) as seat:
        yield OtherSeat(seat)


@pytest.fixture(scope="module")
def source(room: Pilot, other: OtherSeat) -> Iterator[rooms.Source]:
    with rooms.source_of(other.ask(Hello()).ingest_port, "night") as made:
        yield made


def tell(source: rooms.Source, key: str, severity: int = 2, **more: Any) -> str:
    at = datetime.now(UTC).isoformat()
    told = {"type": "alarm", "key": key, "severity": severity, "title": f"告警 {key}", "occurred_at": at, **more}
    assert source.hand_in(told)["accepted"] == 1
    return f"night/{key}"


def clear(source: rooms.Source, key: str) -> None:
    told = {"type": "clear", "key": key, "occurred_at": datetime.now(UTC).isoformat()}
    assert source.hand_in(told)["accepted"] == 1


def test_one_is_shelved_with_a_reason(room: Pilot, source: rooms.Source) -> None:
    pump = tell(source, "pump", kind="pump_fault", place="采育镇 泵站")
    room.choose_alarm(pump)
    room.press(room.table, Qt.Key.Key_S)
    dialog = room.table.orders.dialog
    assert dialog is not None and not dialog.allowed
    room.type(dialog.reason, "检修")
    dialog.findChild(QDialogButtonBox).buttons()[0].click()
    until(lambda: room.room.alarms[pump].aside is not None, "it is on the shelf")
    aside = room.room.alarms[pump].aside
    assert aside is not None and (aside.kind, aside.reason) == (AsideKind.SHELVED, "检修")
    until(lambda: room.table.model.row(pump) < 0, "it is not among the current ones")
    assert aside.until is not None and aside.until > datetime.now(UTC)


def test_the_like_are_silenced_by_matcher_and_still_listed(room: Pilot, source: rooms.Source) -> None:
    door = tell(source, "door", 4, kind="door_open", place="礼贤镇 机房")
    room.choose_alarm(door)
    room.press(room.table, Qt.Key.Key_N)
    desk = room.app.windows.suppressions
    until(lambda: desk.silencing is not None and desk.silencing.isVisible(), "the dialog is open")
    dialog = desk.silencing
    assert dialog is not None and dialog.matcher().kind == "door_open" and not dialog.allowed
    room.type(dialog.reason, "装修")
    dialog.accept()
    until(lambda: len(room.room.silences) == 1, "it is silenced")
    silence = next(iter(room.room.silences.values()))
    later = tell(source, "door2", 4, kind="door_open", place="礼贤镇 机房")
    until(lambda: later in room.room.alarms)
    assert all(silence.matcher.matches(room.room.alarms[each]) for each in (door, later))
    assert room.table.model.row(later) >= 0


def test_one_is_taken_and_another_seat_sees_whose_it_is(room: Pilot, other: OtherSeat, source: rooms.Source) -> None:
    gas = tell(source, "gas", 1, kind="combustible_gas", place="黄村镇 兴华大街")
    room.choose_alarm(gas)
    room.press(room.table, Qt.Key.Key_O)

    def owner() -> Any:
        other.seat.drain()
        held = other.seat.mirror.room.alarms.get(gas)
        return None if held is None else held.owner

    until(lambda: owner() is not None, "the second seat sees the owner")
    assert owner().seat == room.app.seat.name


def test_a_latched_one_is_acknowledged_over_and_reset(room: Pilot, source: rooms.Source) -> None:
    gas = "night/gas"
    room.choose_alarm(gas)
    room.press(room.table, Qt.Key.Key_A)
    until(lambda: room.room.alarms[gas].state is AlarmState.ACKNOWLEDGED, "acknowledged")
    clear(source, "gas")
    until(lambda: room.room.alarms[gas].state is AlarmState.LATCHED, "over, and latched")
    room.choose_alarm(gas)
    room.press(room.table, Qt.Key.Key_R)
    until(lambda: gas not in room.room.alarms, "reset, it is normal")


def test_an_area_is_handed_over_and_its_new_alarms_are_the_other_seats(
    room: Pilot, other: OtherSeat, source: rooms.Source
) -> None:
    other.ask(Present(seat="two", officer="李"))
    governor = room.app.seat.governor
    assert governor is not None
    until(lambda: governor.others, "the second seat is there")
    well = tell(source, "well", 3, kind="cover", place="瀛海镇 一街")
    room.choose_alarm(well)
    room.press(room.table, Qt.Key.Key_H)
    until(lambda: room.room.handovers, "the area is offered")
    (offer,) = room.room.handovers.values()
    assert (offer.area, offer.taker) == ("瀛海镇", "two")
    other.order(AnswerHandover(handover=offer.id, accept=True))
    later = tell(source, "well2", 3, kind="cover", place="瀛海镇 二街")
    until(lambda: later in room.room.alarms and governor.is_handed(room.room.alarms[later]), "it is the other seat's")
    assert not governor.is_handed(room.room.alarms[well]), "what was there before stays"


def test_a_flood_is_grouped_and_a_whole_group_is_acknowledged(
    room: Pilot, other: OtherSeat, source: rooms.Source
) -> None:
    for number in range(30):
        town = ("黄村镇", "旧宫镇", "西红门镇")[number % 3]
        tell(source, f"rain{number}", 1 + number % 3, kind="flood_depth", place=f"{town} {number} 号桥")
    until(lambda: room.all(AlarmFlood), "the flood takes the list's place")
    flood = room.one(AlarmFlood)
    until(lambda: room.app.seat.governor is not None and room.app.seat.governor.flood is not None, "the flood is known")
    until(lambda: flood.isVisible() and flood.model.rowCount() > 0, "groups are shown")
    headings = [str(flood.model.data(flood.model.index(row, 0))) for row in range(flood.model.rowCount())]
    assert all(part.strip() for heading in headings for part in heading.split(" · "))
    room.press(flood.rows, Qt.Key.Key_J)
    group = flood.keys()
    assert group
    room.press(flood.rows, Qt.Key.Key_A)
    until(lambda: not any(room.room.alarms[each].waiting for each in group), "the group is acknowledged")


def test_what_is_held_back_is_listed_and_the_report_tells_the_night(room: Pilot) -> None:
    room.click(room.table.held_back)
    desk = room.app.windows.suppressions
    until(lambda: desk.dialog is not None and desk.dialog.isVisible(), "the list is open")
    assert desk.dialog is not None
    desk.dialog.close()
    reports = room.app.windows.reports
    assert reports is not None
    reports.show(room.table)
    assert reports.dialog is not None
    reports.dialog.start()
    until(lambda: reports.dialog is not None and reports.dialog.answer is not None, "the report is made")
    assert reports.dialog.answer is not None
    report, floods = reports.dialog.answer
    assert report.views and floods and floods[0].count >= 11
    reports.dialog.close()


def test_at_the_end_every_seat_agrees(room: Pilot, other: OtherSeat) -> None:
    def equal() -> bool:
        other.seat.drain()
        told = other.ask(DigestWanted())
        digests = {room.room.digest(), other.seat.mirror.room.digest(), told.digest}
        return len(digests) == 1

    until(equal, "hub and seats have one digest")
