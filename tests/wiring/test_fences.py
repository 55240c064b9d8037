"""The board of fences: drawn on the map, changed, switched off, removed with what follows from it, and who crossed."""

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from controlroom.domain.alarm import AlarmState
from controlroom.domain.events import FenceChanged, VehiclesDeclared
from controlroom.domain.fence import Fence, FenceTrigger
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.vehicle import Vehicle
from controlroom.domain.wall_rules import Hours
from controlroom.errors import CommandRefused
from controlroom.i18n import set_language
from controlroom.shell.actions import Actions
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wiring.fences import FenceDesk
from tests.rooms import NOON
from tests.wiring.conftest import Desk, alarm, raised
from widgets.fence_board import FenceBoard
from widgets.hours_field import hours_words

RING = (Point(116.40, 39.60), Point(116.41, 39.60), Point(116.41, 39.61))
FENCE = Fence(id="fence-1", name="危化品库", ring=RING, by="王", seat="one", at=NOON, kinds=("tanker",))


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


@pytest.fixture
def fences(desk: Desk, qtbot: QtBot) -> Iterator[FenceDesk]:
    units = (Vehicle(id="v-1", name="泵车1", kind="pump"), Vehicle(id="v-2", name="罐车2", kind="tanker"))
    desk.happen(VehiclesDeclared((0, 1), units))
    made = FenceDesk(desk.seat, Actions(), lambda: None, desk.owner)
    made.show(None)
    yield made
    if made.board is not None:
        made.board.close()


def board(fences: FenceDesk) -> FenceBoard:
    assert fences.board is not None
    return fences.board


def chosen(desk: Desk, fences: FenceDesk) -> FenceBoard:
    desk.happen(FenceChanged(FENCE))
    board(fences).list.setCurrentItem(board(fences).list.topLevelItem(0))
    return board(fences)


def test_a_new_fence_is_drawn_on_the_map_with_what_the_fields_say(desk: Desk, fences: FenceDesk) -> None:
    shown = board(fences)
    shown.name.setText("河堤")
    shown.trigger.setCurrentIndex(shown.trigger.findData("exit"))
    shown.severity.setCurrentIndex(shown.severity.findData(int(Severity.RED)))
    shown.dwell.setValue(60.0)
    shown.new.click()
    sketching = desk.seat.graphics.sketching
    for point in RING:
        sketching.act("add", -1, point)
    sketching.act("end", -1, None)
    assert desk.sent.bodies[-1] == SetFence(
        name="河堤", ring=RING, trigger=FenceTrigger.EXIT, severity=Severity.RED, dwell_s=60.0
    )


def test_a_fence_is_changed_switched_off_and_its_corners_are_moved(desk: Desk, fences: FenceDesk) -> None:
    shown = chosen(desk, fences)
    assert shown.name.text() == "危化品库"
    shown.name.setText("一号库")
    shown.keep.click()
    body = desk.sent.bodies[-1]
    assert isinstance(body, SetFence)
    assert (body.fence, body.name, body.ring, body.kinds) == ("fence-1", "一号库", RING, ("tanker",))
    shown.switch.click()
    body = desk.sent.bodies[-1]
    assert isinstance(body, SetFence)
    assert (body.enabled, body.name) == (False, "危化品库")
    desk.happen(FenceChanged(msgspec.structs.replace(FENCE, enabled=False)))
    assert shown.list.topLevelItem(0).text(1) == "off"
    assert shown.switch.text() == "Switch on"
    shown.corners.click()
    desk.seat.graphics.sketching.act("move", 2, Point(116.42, 39.62))
    desk.seat.graphics.sketching.act("end", -1, None)
    body = desk.sent.bodies[-1]
    assert isinstance(body, SetFence)
    assert (body.fence, body.ring[2]) == ("fence-1", Point(116.42, 39.62))


def test_removing_says_first_what_follows_from_it(desk: Desk, fences: FenceDesk) -> None:
    shown = chosen(desk, fences)
    crossing = alarm("fences/fence-1/enter/v-2", source="fences", key="fence-1/enter/v-2", title="罐车2 驶入 危化品库")
    desk.happen(*raised(crossing))
    shown.remove.click()
    assert "alarms end (1)" in shown.notice.text
    assert not any(isinstance(body, RemoveFence) for body in desk.sent.bodies)
    shown.remove.click()
    assert desk.sent.bodies[-1] == RemoveFence(fence="fence-1")


def test_the_last_crossings_are_listed_those_that_are_over_too(desk: Desk, fences: FenceDesk) -> None:
    shown = chosen(desk, fences)
    assert shown.crossings.topLevelItemCount() == 0
    key = "fence-1/enter/v-2"
    crossing = alarm(f"fences/{key}", source="fences", key=key, title="罐车2 驶入 危化品库")
    desk.happen(*raised(crossing, alarm("x", source="grid")))
    assert shown.crossings.topLevelItem(0).text(1) == "罐车2 驶入 危化品库"
    assert shown.list.topLevelItem(0).text(6) == "1"
    desk.happen(*raised(msgspec.structs.replace(crossing, state=AlarmState.NORMAL)))
    assert shown.crossings.topLevelItemCount() == 1
    assert shown.list.topLevelItem(0).text(6) == "0"
    assert shown.list.topLevelItem(0).text(7) == "11-21 11:59:30"


def test_hours_are_set_with_the_fence_and_stand_in_the_list(desk: Desk, fences: FenceDesk) -> None:
    shown = chosen(desk, fences)
    assert shown.list.topLevelItem(0).text(2) == "always"
    hours = Hours(begins="22:00", ends="06:00", days=(1, 5))
    shown.hours.set_hours(hours)
    shown.keep.click()
    body = desk.sent.bodies[-1]
    assert isinstance(body, SetFence)
    assert body.hours == hours
    desk.happen(FenceChanged(msgspec.structs.replace(FENCE, hours=hours, version=2)))
    assert shown.list.topLevelItem(0).text(2) == "Mon, Fri 22:00–06:00 next day"
    assert hours_words(Hours(begins="08:00", ends="18:00", days=(1, 2, 3, 4, 5))) == "Mon to Fri 08:00–18:00"
    shown.hours.limited.setChecked(False)
    assert shown.hours.hours() is None


def test_what_another_seat_changes_is_followed_but_never_over_what_is_being_written(
    desk: Desk, fences: FenceDesk
) -> None:
    shown = chosen(desk, fences)
    theirs = msgspec.structs.replace(FENCE, name="二号库", version=2, changed_by="李", changed_seat="two")
    desk.happen(FenceChanged(theirs))
    assert (shown.name.text(), shown.notice.text) == ("二号库", "")
    shown.name.setText("我的库")
    desk.happen(FenceChanged(msgspec.structs.replace(theirs, name="三号库", version=3)))
    assert shown.name.text() == "我的库"
    assert "李 at two has changed “三号库”" in shown.notice.text
    shown.keep.click()
    body = desk.sent.bodies[-1]
    assert isinstance(body, SetFence)
    assert (body.name, body.version) == ("我的库", 3)


def test_a_border_that_came_too_late_is_a_draft_once_more(
    desk: Desk, fences: FenceDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = chosen(desk, fences)
    shown.corners.click()
    sketching = desk.seat.graphics.sketching
    sketching.act("move", 2, Point(116.42, 39.62))
    send = desk.sent.send

    async def refuse(body: SetFence) -> None:
        desk.sent.bodies.append(body)
        raise CommandRefused("changed_meanwhile", "李 (two), version 2")

    monkeypatch.setattr(desk.sent, "send", refuse)
    sketching.act("end", -1, None)
    assert "changed this meanwhile" in shown.notice.text
    assert sketching.draft is not None
    assert sketching.draft.points[2] == Point(116.42, 39.62)
    monkeypatch.setattr(desk.sent, "send", send)
    desk.happen(FenceChanged(msgspec.structs.replace(FENCE, name="二号库", version=2)))
    sketching.act("end", -1, None)
    body = desk.sent.bodies[-1]
    assert isinstance(body, SetFence)
    assert (body.version, body.name, body.ring[2]) == (2, "二号库", Point(116.42, 39.62))
