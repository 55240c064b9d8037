"""One gesture for three questions: who and what is inside, who is near, what can see it; ages, pin, copy, publish."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.bridge.round_answer import RoundAnswer, RoundLine
from controlroom.domain.asset import Asset, AssetKind
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.events import AssetsDeclared, FenceChanged, IncidentChanged
from controlroom.domain.fence import Fence
from controlroom.domain.incident import Incident
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.i18n import set_language
from controlroom.shell.actions import Actions
from controlroom.wire.incidents import AddNote
from controlroom.wiring.all_round import AllRound, Round
from tests.rooms import NOON
from tests.wiring.conftest import Desk, alarm, declared, raised
from widgets.round_card import RoundCard

HERE = Point(116.40, 39.80)
INCIDENT = Incident(
    id="i-1", title="积水", grade=Severity.RED, opened_at=NOON, opened_by="王", point=HERE, alarms=("a",)
)


def team(number: int, lon: float, ago_s: float) -> Asset:
    return Asset(
        id=f"t-{number}",
        name=f"抢险{number}队",
        kind=AssetKind.TEAM,
        sort="rescue",
        point=Point(lon, HERE.lat),
        seen_at=NOON - timedelta(seconds=ago_s),
    )


@pytest.fixture
def asking(desk: Desk, qtbot: QtBot) -> Iterator[AllRound]:
    set_language("en")
    camera = Camera(id="c", name="路口", point=Point(116.4005, 39.8), view_deg=360.0, health=CameraHealth.ONLINE)
    far = Camera(id="d", name="远处", point=Point(116.6, 39.6), view_deg=90.0)
    desk.happen(declared(camera, far), AssetsDeclared((team(1, 116.401, 60.0), team(2, 116.43, 30.0))))
    desk.happen(*raised(alarm("a", Severity.RED, point=HERE)), IncidentChanged(INCIDENT))
    made = AllRound(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    yield made
    for card in list(made._cards):
        card.close()


def told(answer: RoundAnswer | None) -> list[dict[str, RoundLine]]:
    assert answer is not None
    return [{line.label: line for line in part.lines} for part in answer.parts]


def ready(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: bool(desk.seat.directory.catalogue.ids) and not desk.seat.directory.busy)


def test_one_gesture_says_who_is_inside_who_is_near_and_what_sees_it(
    qtbot: QtBot, desk: Desk, asking: AllRound
) -> None:
    desk.seat.selection.select("incident", "i-1")
    card = asking.ask_chosen()
    assert card is not None
    ready(qtbot, desk)
    inside, near, looking = told(card.answer)
    assert inside["Cameras"].text.startswith("1")
    assert inside["Teams"].text.startswith("1")
    assert inside["Alarms"].text.startswith("1, the worst Red")
    assert list(near) == ["抢险1队", "抢险2队"]
    assert "km by " in near["抢险1队"].text
    assert "1 min 00 s ago" in near["抢险1队"].text
    assert list(looking) == ["路口"]
    assert "43 m of 150 m" in looking["路口"].text
    assert card.answer is not None
    assert "2026-11-21 12:00" in card.answer.made


def test_the_radius_is_chosen_on_the_card_and_what_is_unknown_is_no_nought(
    qtbot: QtBot, desk: Desk, asking: AllRound
) -> None:
    card = asking.ask(Round("here", (HERE,)))
    assert told(card.answer)[0]["Teams"].text.startswith("1 ")
    card.radius.setCurrentIndex(card.radius.findData(3000))
    assert told(card.answer)[0]["Teams"].text.startswith("2 ")
    assert card.answer is not None
    assert card.answer.area == "within 3000 m"
    nowhere = asking.answer(Round("moon", (Point(-30.0, 10.0),)), NOON)
    assert not any(part.lines for part in nowhere.parts)


def test_a_pinned_card_stays_and_another_is_opened(desk: Desk, asking: AllRound) -> None:
    first = asking.ask(Round("one", (HERE,)))
    assert asking.ask(Round("two", (HERE,))) is first
    first.pin.click()
    second = asking.ask(Round("three", (HERE,)))
    assert second is not first
    assert first.answer is not None
    assert (first.answer.title, len(asking._cards)) == ("two", 2)


def test_the_answer_is_copied_and_written_into_the_chosen_incident(desk: Desk, asking: AllRound) -> None:
    card = asking.ask(Round("here", (HERE,)))
    assert not card.publish.isEnabled()
    card.copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("here · within 500 m")
    assert "- Cameras: 1" in text
    desk.seat.selection.select("alarm", "a")
    asking.ask_chosen()
    card.publish.click()
    note = desk.sent.bodies[-1]
    assert isinstance(note, AddNote)
    assert note.incident == "i-1"
    assert "Who is near" in note.text


def test_the_menu_of_a_place_and_of_a_fence_asks_it(desk: Desk, asking: AllRound) -> None:
    ring = (Point(116.399, 39.799), Point(116.4008, 39.799), Point(116.4008, 39.801), Point(116.399, 39.801))
    desk.happen(FenceChanged(Fence(id="f", name="路口围栏", ring=ring, by="王", at=NOON)))
    for kind, identity, title in (("", "", "39.80000, 116.40000"), ("fences", "f", "路口围栏")):
        menu = QMenu()
        desk.seat.requests.map_menu_filled.emit(menu, HERE.lon, HERE.lat, kind, identity)
        entry = next(a for a in menu.actions() if a.text() == "Who and what is inside, near and looking")
        entry.trigger()
        (card,) = asking._cards
        assert card.answer is not None
        assert card.answer.title == title
    assert not card.radius.isVisible()
    assert "km²" in card.answer.area
    assert told(card.answer)[0]["Teams"].text.startswith("0 ")


def test_an_open_card_is_made_anew_as_time_goes_by(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    card = asking.ask(Round("here", (HERE,)))
    ready(qtbot, desk)
    desk.clock.advance(120)
    desk.pump.ticked.emit(desk.clock.now())
    assert "3 min 00 s ago" in told(card.answer)[1]["抢险1队"].text
    moved = msgspec.structs.replace(team(1, 116.5, 0.0), seen_at=desk.clock.now())
    desk.happen(AssetsDeclared((moved,)))
    desk.clock.advance(6)
    desk.pump.ticked.emit(desk.clock.now())
    assert not told(card.answer)[1]["抢险1队"].text.startswith("0.37 km")


def test_a_closed_card_is_forgotten_and_the_room_goes_on(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    desk.seat.selection.select("alarm", "a")
    card = asking.ask_chosen()
    assert card is not None
    with qtbot.waitSignal(card.destroyed):
        card.close()
    assert not asking._cards
    desk.pump.ticked.emit(desk.clock.now())
    assert asking.ask_chosen() is not None


def test_nothing_that_has_a_place_is_chosen_is_said(desk: Desk, asking: AllRound) -> None:
    said: list[str] = []
    desk.seat.requests.told.connect(said.append)
    assert asking.ask_chosen() is None
    assert said == ["Nothing with a known place is chosen."]
    assert not any(isinstance(card, RoundCard) for card in asking._cards)
