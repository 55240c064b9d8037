"""One gesture for three questions: who and what is inside, who is near, what can see it; ages, pin, copy, publish."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType

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
from controlroom.mapping.analysis.areas import read_area
from controlroom.shell.actions import Actions
from controlroom.wire.incidents import AddNote
from controlroom.wiring import round_reckoning
from controlroom.wiring.all_round import AllRound
from controlroom.wiring.round_reckoning import Round
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
    made.close()


def told(answer: RoundAnswer | None) -> list[dict[str, RoundLine]]:
    assert answer is not None
    return [{line.label: line for line in part.lines} for part in answer.parts]


def ready(qtbot: QtBot, desk: Desk) -> None:
    """The cameras are read, and the worker has nothing left to do."""
    directory = desk.seat.directory
    qtbot.waitUntil(lambda: bool(directory.catalogue.ids) and not directory.busy)


def idle(qtbot: QtBot, asking: AllRound) -> None:
    qtbot.waitUntil(lambda: not asking.run.busy)


def test_one_gesture_says_who_is_inside_who_is_near_and_what_sees_it(
    qtbot: QtBot, desk: Desk, asking: AllRound
) -> None:
    desk.seat.selection.select("incident", "i-1")
    card = asking.ask_chosen()
    assert card is not None
    ready(qtbot, desk)
    idle(qtbot, asking)
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
    assert (card.answer, card.copy.isEnabled()) == (None, False)
    idle(qtbot, asking)
    assert told(card.answer)[0]["Teams"].text.startswith("1 ")
    card.radius.setCurrentIndex(card.radius.findData(3000))
    idle(qtbot, asking)
    assert told(card.answer)[0]["Teams"].text.startswith("2 ")
    assert card.answer is not None
    assert card.answer.area == "within 3000 m"
    asking.ask(Round("moon", (Point(-30.0, 10.0),)))
    idle(qtbot, asking)
    assert not any(told(card.answer))


def test_a_pinned_card_stays_and_another_is_opened(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    first = asking.ask(Round("one", (HERE,)))
    assert asking.ask(Round("two", (HERE,))) is first
    first.pin.click()
    second = asking.ask(Round("three", (HERE,)))
    assert second is not first
    idle(qtbot, asking)
    assert first.answer is not None
    assert (first.answer.title, len(asking._cards)) == ("two", 2)


def test_the_answer_is_copied_and_written_into_the_chosen_incident(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    card = asking.ask(Round("here", (HERE,)))
    idle(qtbot, asking)
    assert not card.publish.isEnabled()
    card.copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("here · within 500 m")
    assert "- Cameras: 1" in text
    desk.seat.selection.select("alarm", "a")
    asking.ask_chosen()
    idle(qtbot, asking)
    card.publish.click()
    note = desk.sent.bodies[-1]
    assert isinstance(note, AddNote)
    assert note.incident == "i-1"
    assert "Who is near" in note.text


def test_the_menu_of_a_place_and_of_a_fence_asks_it(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    ring = (Point(116.399, 39.799), Point(116.4008, 39.799), Point(116.4008, 39.801), Point(116.399, 39.801))
    desk.happen(FenceChanged(Fence(id="f", name="路口围栏", ring=ring, by="王", at=NOON)))
    for kind, identity, title in (("", "", "39.80000, 116.40000"), ("fences", "f", "路口围栏")):
        menu = QMenu()
        desk.seat.requests.map_menu_filled.emit(menu, HERE.lon, HERE.lat, kind, identity)
        entry = next(a for a in menu.actions() if a.text() == "Who and what is inside, near and looking")
        entry.trigger()
        (card,) = asking._cards
        idle(qtbot, asking)
        assert card.answer is not None
        assert card.answer.title == title
    assert not card.radius.isVisible()
    assert "km²" in card.answer.area
    assert told(card.answer)[0]["Teams"].text.startswith("0 ")


def test_an_open_card_is_made_anew_as_time_goes_by(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    card = asking.ask(Round("here", (HERE,)))
    ready(qtbot, desk)
    idle(qtbot, asking)
    desk.clock.advance(120)
    desk.pump.ticked.emit(desk.clock.now())
    idle(qtbot, asking)
    assert "3 min 00 s ago" in told(card.answer)[1]["抢险1队"].text
    moved = msgspec.structs.replace(team(1, 116.5, 0.0), seen_at=desk.clock.now())
    desk.happen(AssetsDeclared((moved,)))
    desk.clock.advance(6)
    desk.pump.ticked.emit(desk.clock.now())
    idle(qtbot, asking)
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


def test_nothing_of_an_answer_is_reckoned_on_the_thread_of_the_windows(
    qtbot: QtBot, desk: Desk, asking: AllRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roads, the data layers, what lies inside and who sees it: each is counted by the thread it ran on."""
    ran: dict[str, set[str]] = {}
    mine = threading.current_thread().name

    def counted(module: ModuleType, name: str) -> None:
        real = getattr(module, name)

        def call(*given: object, **more: object) -> object:
            ran.setdefault(name, set()).add(threading.current_thread().name)
            return real(*given, **more)

        monkeypatch.setattr(module, name, call)

    for name in ("read_layers", "Plane", "Network", "circle", "figures_of", "witnesses", "inside", "state_line"):
        counted(round_reckoning, name)
    asking.ask(Round("here", (HERE,)))
    idle(qtbot, asking)
    ready(qtbot, desk)
    idle(qtbot, asking)
    assert set(ran) >= {"read_layers", "Plane", "Network", "circle", "figures_of", "witnesses", "inside"}
    assert not {name for name, threads in ran.items() if mine in threads}


def test_the_card_of_the_past_tells_of_then_and_what_is_not_kept_is_said(
    qtbot: QtBot, desk: Desk, asking: AllRound
) -> None:
    then = desk.sent.past_room
    for event in raised(alarm("p", Severity.ORANGE, point=HERE)):
        then.apply(1, event)
    card = asking.ask(Round("here", (HERE,)))
    ready(qtbot, desk)
    idle(qtbot, asking)
    assert card.time.isHidden()
    desk.seat.room_time.stand_at(NOON - timedelta(minutes=10))
    idle(qtbot, asking)
    inside, near, looking = told(card.answer)
    assert card.answer is not None
    assert card.answer.at == NOON - timedelta(minutes=10)
    assert card.answer.made.startswith("As it was at 2026-11-21 11:50")
    assert "Not live" in card.time.words.text()
    assert inside["Alarms"].text.startswith("1, the worst Orange")
    assert inside["Teams"].text == "where they were then is not kept"
    assert "as of now" in inside["Cameras"].text
    assert not near
    assert card.answer.parts[1].empty == "Where teams and vehicles were then is not kept."
    assert looking["路口"].text.startswith("as of now · ")
    assert "where cameras looked then is not kept" in card.answer.parts[2].title
    desk.seat.room_time.go_live()
    idle(qtbot, asking)
    assert told(card.answer)[0]["Alarms"].text.startswith("1, the worst Red")
    assert card.time.isHidden()


def test_every_figure_says_its_source_and_date_and_invented_ones_that_they_are(
    qtbot: QtBot, desk: Desk, asking: AllRound
) -> None:
    huangcun = Point(116.338, 39.728)
    desk.happen(declared(Camera(id="h", name="黄村", point=huangcun)))
    card = asking.ask(Round("here", (huangcun,)))
    ready(qtbot, desk)
    idle(qtbot, asking)
    inside = told(card.answer)[0]
    for kind in ("People", "Schools", "Hospitals", "Enterprises"):
        assert re.search(r" · \d{4}-\d\d-\d\d · schematic, invented$", inside[kind].text), inside[kind].text
    assert re.fullmatch(r"1 · this room · 2026-11-21 12:00", inside["Cameras"].text)


def test_an_area_of_several_parts_goes_whole_into_the_question(qtbot: QtBot, desk: Desk, asking: AllRound) -> None:
    """A team is in the small part only, a camera sees that part only, and a hole holds neither."""

    def square(west: float, south: float, side: float) -> list[list[float]]:
        corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        return [[west + side * x, south + side * y] for x, y in corners]

    hole = square(116.3985, 39.7985, 0.0008)
    parts = {
        "type": "MultiPolygon",
        "coordinates": [[square(116.398, 39.798, 0.002), hole], [square(116.429, 39.799, 0.002)]],
    }
    card = asking.ask(Round("both", (Point(116.40, 39.80),), area=lambda plane: read_area(parts, plane)))
    ready(qtbot, desk)
    idle(qtbot, asking)
    assert card.answer is not None
    assert card.answer.area.endswith("2 parts")
    inside, near, _looking = told(card.answer)
    assert inside["Teams"].text.startswith("1 ")
    assert next(iter(near)) == "抢险2队"
