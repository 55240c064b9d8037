"""Teams, hazard sources and spaces on the map: layers by state that age, cards, search, exposure, who is near."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from controlroom.domain.asset import Asset, AssetKind, AssetState
from controlroom.domain.events import AssetsDeclared, AssetsMoved, IncidentChanged
from controlroom.domain.incident import Incident
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.i18n import set_language
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.asset_layers import classes_of
from controlroom.mapping.exposure import Exposed
from controlroom.mapping.layers import LayerPoint, LayerSpec
from controlroom.shell.actions import Actions
from controlroom.shell.palette import Index
from controlroom.wiring.answers import ASSETS, FILED, MapAnswers
from controlroom.wiring.assets import AssetLayers
from controlroom.wiring.exposure import ExposureWiring
from controlroom.wiring.incidents import IncidentsWiring
from controlroom.wiring.map import MapWiring
from controlroom.wiring.search import RoomSearch
from tests.rooms import NOON
from tests.wiring.conftest import Desk

HERE = Point(116.34, 39.73)


def team(identity: str = "t1", **more: object) -> Asset:
    told = {
        "name": f"抢险{identity}",
        "kind": AssetKind.TEAM,
        "state": AssetState.READY,
        "point": HERE,
        "seen_at": NOON,
    } | more
    return Asset(id=identity, sort="rescue", strength=12, state_at=NOON, source="s", **told)


def hazard(**more: object) -> Asset:
    told = {"state": AssetState.RUNNING, "point": HERE} | more
    return Asset(id="h1", name="示意危险源", kind=AssetKind.HAZARD, rank=1, state_at=NOON, **told)


@pytest.fixture
def wiring(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MapWiring]:
    set_language("en")
    monkeypatch.setattr("widgets.map_view.web_surface", lambda *_parts: "-")
    layers = AssetLayers(desk.seat, desk.owner)
    made = MapWiring(desk.seat)
    qtbot.addWidget(made.view)
    made.view.resize(900, 600)
    made.view.show()
    desk.happen(AssetsDeclared((team(), team("t2", point=None), hazard())))
    desk.second()
    yield made
    layers.deleteLater()


def state_of(wiring: MapWiring, layer: str, identity: str) -> AssetState | None:
    points = wiring.view.scene.plugins[layer].points
    at = points.position_of(identity)
    assert at is not None
    kind = AssetKind.TEAM if layer == "teams" else AssetKind.HAZARD
    return classes_of(kind)[points.state[at]].state


def test_each_kind_is_a_layer_of_the_tree_with_its_states_as_a_legend(wiring: MapWiring) -> None:
    assert len(wiring.view.scene.plugins["teams"].points) == 1  # one has no place
    assert "spaces" not in wiring.view.scene.plugins
    layer = wiring.view.tree.layer("hazards")
    assert layer is not None
    shapes = [line.shape for line in layer.legend]
    assert len(set(zip(shapes, [line.label for line in layer.legend], strict=True))) == len(
        classes_of(AssetKind.HAZARD)
    )
    assert all(shape.endswith("hexagon") for shape in shapes)
    assert state_of(wiring, "hazards", "h1") is AssetState.RUNNING


def test_a_team_moves_changes_and_grows_old_on_the_map(desk: Desk, wiring: MapWiring) -> None:
    desk.happen(AssetsMoved(("t1",), (Point(116.4, 39.7),), (desk.clock.now(),)))
    desk.second()
    place = wiring.view.scene.point_layer("teams")
    assert place is not None
    assert state_of(wiring, "teams", "t1") is AssetState.READY
    desk.happen(AssetsDeclared((team(state=AssetState.WORKING, seen_at=desk.clock.now()),)))
    desk.second()
    assert state_of(wiring, "teams", "t1") is AssetState.WORKING
    desk.clock.advance(700.0)
    desk.second()
    assert state_of(wiring, "teams", "t1") is None


def test_what_is_removed_takes_its_layer_with_it(desk: Desk, wiring: MapWiring) -> None:
    desk.happen(AssetsDeclared((hazard(removed=True),)))
    desk.second()
    assert "hazards" not in wiring.view.scene.plugins
    assert wiring.view.tree.layer("hazards") is None


def test_a_click_shows_a_card_that_is_told_anew_while_it_is_open(desk: Desk, wiring: MapWiring) -> None:
    wiring.view.object_selected.emit("teams", "t1")
    card = wiring.finder.card
    assert card.isVisible()
    assert card.title.text() == "抢险t1"
    assert "12 people" in card.subtitle.text()
    assert (desk.seat.selection.kind, desk.seat.selection.id) == ("asset", "t1")
    held = list(card._texts)
    desk.happen(AssetsDeclared((team(state=AssetState.WORKING),)))
    desk.second()
    assert card._texts == held  # nothing that is read jumps
    assert "at work" in held[0].text()
    assert "at work" in card.subtitle.text()
    desk.seat.selection.select("camera", "c1")
    assert not card.isVisible()


def test_the_command_bar_and_the_map_find_assets_and_go_there(desk: Desk, wiring: MapWiring) -> None:
    index = Index()
    owner = QObject()
    RoomSearch(desk.seat, index, owner)
    desk.pump.assets_changed.emit()
    found = next(item for item in index.search("抢险t1") if item.kind == "asset")
    assert "rescue" in found.detail
    wiring.view.scene.centre = type(wiring.view.scene.centre)(116.0, 39.0, 10)
    desk.seat.selection.select("asset", found.id)
    desk.seat.requests.map_wanted.emit("asset", found.id)
    assert wiring.view.scene.centre.lon == pytest.approx(HERE.lon)


def test_exposure_counts_teams_where_they_are_now_and_hazard_sources_of_the_room(desk: Desk, wiring: MapWiring) -> None:
    exposure = ExposureWiring(desk.seat, desk.owner)
    incident = Incident(id="i", title="积水", grade=Severity.RED, opened_at=NOON, opened_by="王", point=HERE)
    desk.happen(IncidentChanged(incident))
    exposure.show("i")
    numbers = exposure.strip.numbers
    assert numbers[Exposed.TEAMS].text() == "≥ 1"  # the other has no place
    assert numbers[Exposed.HAZARDS].text() == "1"
    desk.happen(AssetsMoved(("t1",), (Point(116.6, 39.5),), (NOON + timedelta(seconds=30),)))
    exposure.show("i")
    assert numbers[Exposed.TEAMS].text() == "≥ 0"


def test_who_is_near_asks_for_teams_where_there_are_any(desk: Desk, wiring: MapWiring) -> None:
    answers = MapAnswers(desk.seat, Actions(), lambda: wiring.view, desk.owner)
    keys = [choice.key for choice in answers.things()]
    assert f"{ASSETS}team" in keys
    assert f"{FILED}hospitals" in keys
    teams = answers._things(f"{ASSETS}team")()
    assert teams.ids == ["t1", "t2"]
    assert "ready" in teams.names[0]
    hospitals = answers._things(f"{FILED}hospitals")()
    assert hospitals.schematic
    assert len(hospitals.ids) == len(hospitals.lon) > 0
    answers.close()


def test_the_nearest_team_is_asked_for_and_proposed_as_a_task_of_the_incident(desk: Desk, wiring: MapWiring) -> None:
    answers = MapAnswers(desk.seat, Actions(), lambda: wiring.view, desk.owner)
    asked, told = [], []
    desk.seat.requests.question_wanted.disconnect(answers._near)
    desk.seat.requests.question_wanted.connect(lambda lon, lat: asked.append((lon, lat)))
    desk.seat.requests.told.connect(told.append)
    answers.dispatch.ask()
    assert len(told) == 1
    incidents = IncidentsWiring(desk.seat)
    wiring.destroyed.connect(incidents.panel.deleteLater)
    incident = Incident(id="i", title="积水", grade=Severity.RED, opened_at=NOON, opened_by="王", point=HERE)
    desk.happen(IncidentChanged(incident), AssetsDeclared((team(department="区新设局"),)))
    desk.seat.selection.select("incident", "i")
    answers.dispatch.ask()
    assert asked == [(HERE.lon, HERE.lat)]
    spec = LayerSpec(id="answer-1", title="nearest")
    points = (LayerPoint("t1", "1. 抢险t1 0.00 km", HERE.lon, HERE.lat), LayerPoint("h1", "no team", 116.3, 39.7))
    ((words, act),) = answers.dispatch.offers(Answer(spec, points, (), (), (), NOON, "王", None))
    assert words.startswith("1. 抢险t1")
    act()
    assert desk.revealed == ["incidents"]
    assert incidents.view.tasks.department.currentText() == "区新设局"
    assert "抢险t1" in incidents.view.tasks.text.text()
    assert not desk.sent.bodies  # the officer still assigns it
    answers.close()
    incidents.panel.close()
