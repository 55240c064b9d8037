"""The map of the past: fences and answers of then, nothing that did not exist, and it says of when it is."""

import json
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from controlroom.domain.events import FenceChanged, PublishedAnswerChanged
from controlroom.domain.fence import Fence
from controlroom.domain.place import Point
from controlroom.domain.published_answer import AnswerBody, AnswerClass, AnswerPoint, PublishedAnswer
from controlroom.domain.room import Room
from controlroom.i18n import set_language
from controlroom.mapping.layers import LayerSpec
from controlroom.shell.actions import Actions
from controlroom.shell.plugin_context import ShownLayer
from controlroom.wiring.answers import MapAnswers
from controlroom.wiring.map import MapWiring
from controlroom.wiring.plugins import doors
from tests.rooms import NOON
from tests.wiring.conftest import Desk

RING = (Point(116.3, 39.7), Point(116.4, 39.7), Point(116.4, 39.8))
FENCE = Fence(id="f-1", name="库区", ring=RING, by="王", at=NOON)
BODY = AnswerBody(
    title="Density 1",
    classes=(AnswerClass("many", "#112233"),),
    author="王",
    made_at=NOON,
    points=(AnswerPoint(point=RING[0], name="here"),),
)
SHOWN = PublishedAnswer(id="published-9", body=BODY, by="李", at=NOON, seat="two")


@pytest.fixture
def wiring(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MapWiring]:
    set_language("en")
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "-")
    answers = MapAnswers(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    made = MapWiring(desk.seat)
    qtbot.addWidget(made.view)
    yield made
    made.view.close()
    answers.close()


def look_at(desk: Desk, events: tuple, ago: timedelta = timedelta(hours=1)) -> None:
    """The room's time goes back, and the hub has answered how it stood."""
    desk.sent.past_room = Room()
    desk.sent.past_room.restore(5, iter(events))
    desk.seat.room_time.stand_at(desk.seat.clock.now() - ago)


def titles(wiring: MapWiring) -> dict[str, str]:
    return {spec.id: spec.title for spec in wiring.of_room._shown.values()}


def test_fences_and_answers_are_those_of_the_time_that_is_looked_at(desk: Desk, wiring: MapWiring) -> None:
    desk.happen(FenceChanged(FENCE), PublishedAnswerChanged(SHOWN))
    assert titles(wiring) == {"fences": "Fences", "published-9": "Density 1 · 李 12:00"}
    before = msgspec.structs.replace(FENCE, name="旧库")
    look_at(desk, (FenceChanged(before),))
    held = wiring.of_room._shown["fences"]
    assert held.title.startswith("Fences (as of ")
    assert json.loads(held.geojson)["features"][0]["properties"]["name"] == "旧库"
    assert "published-9" not in titles(wiring)
    look_at(desk, (), timedelta(hours=9))
    assert titles(wiring) == {}
    desk.happen(FenceChanged(msgspec.structs.replace(FENCE, name="新库", version=2)))
    assert titles(wiring) == {}
    desk.seat.room_time.go_live()
    assert json.loads(wiring.of_room._shown["fences"].geojson)["features"][0]["properties"]["name"] == "新库"
    assert titles(wiring)["published-9"] == "Density 1 · 李 12:00"


def test_what_this_seat_asked_later_is_not_on_the_map_of_before(desk: Desk, wiring: MapWiring) -> None:
    seat = desk.seat
    for name, ago in (("answer-1", timedelta(hours=3)), ("answer-2", timedelta(0))):
        seat.layers[name] = (LayerSpec(id=name, title=name), [])
        seat.layers_made[name] = seat.clock.now() - ago
        seat.requests.layer_changed.emit(name)
    seat.layers["plugin"] = (LayerSpec(id="plugin", title="plugin"), [])
    seat.requests.layer_changed.emit("plugin")
    look_at(desk, ())
    assert set(titles(wiring)) == {"answer-1", "plugin"}
    seat.requests.layer_changed.emit("answer-2")
    seat.requests.layer_changed.emit("plugin")
    assert set(titles(wiring)) == {"answer-1", "plugin"}
    seat.room_time.go_live()
    assert set(titles(wiring)) == {"answer-1", "answer-2", "plugin"}


def test_a_plugin_layer_tells_the_time_of_its_data_in_the_tree(desk: Desk, wiring: MapWiring) -> None:
    show = doors(desk.seat, lambda _draft: None).show_layer
    for minutes in (0, 1):
        at = NOON + timedelta(minutes=minutes)
        show(ShownLayer(id="air.index", title="Air", classes=(("good", "#00e400"),), data_at=at))
        assert wiring.view.tree.news("air.index").data_at == at
