"""A file of areas from the hand that drops it on a map to the questions that are asked of its areas."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from shapely.geometry import Point as Spot
from shapely.geometry import shape
from shapely.ops import unary_union

from controlroom.bridge.tasks import Tasks
from controlroom.domain.events import SensorsDeclared
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.i18n import set_language
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.shell.actions import Actions
from controlroom.wiring.answers import MapAnswers
from controlroom.wiring.map_choice import MapChoiceWiring
from controlroom.wiring.map_menu import MapMenuWiring
from controlroom.wiring.thematic import ThematicLayers
from tests.journeys.pilot import officers_loop
from tests.mapping.thematic.handed_in import HERE, collection, feature, written
from tests.wiring.conftest import Desk
from tests.wiring.test_thematic import drop, opened_map
from widgets.answer_dialog import AnswerDialog
from widgets.feature_picker import FeaturePicker
from widgets.map_view import MapView

ZOOM = 14
NORTH, PAIR = "North park", "Park of two parts"
WITHIN = {NORTH: ("n1", "n2"), PAIR: ("p1", "p2", "p3")}
PLACES = {
    "n1": (-0.008, 0.001),
    "n2": (-0.006, -0.002),
    "p1": (0.003, 0.003),
    "p2": (0.015, 0.0),
    "p3": (0.016, 0.001),
    "in the hole": (0.006, 0.0),
    "between the parts": (0.012, 0.0),
    "in no park": (-0.001, 0.001),
    "far away": (0.2, 0.1),
}
"""East and north of HERE, in degrees."""


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [[HERE[0] + x, HERE[1] + y] for x, y in corners]


SHAPES: dict[str, dict[str, Any]] = {
    NORTH: {"type": "Polygon", "coordinates": [ring(-0.010, -0.004, -0.004, 0.004)]},
    PAIR: {
        "type": "MultiPolygon",
        "coordinates": [
            [ring(0.002, -0.004, 0.010, 0.004), ring(0.004, -0.001, 0.008, 0.001)],
            [ring(0.014, -0.002, 0.018, 0.002)],
        ],
    },
}


@pytest.fixture
def officers(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    with officers_loop(qapp) as loop:
        yield loop


@pytest.fixture
def room(desk: Desk, officers: qasync.QEventLoop) -> Iterator[Desk]:
    """Its coroutines run on the real loop, and its sensors stand in the parks, in the hole and beside them."""
    set_language("en")
    faults: list[BaseException] = []
    desk.seat.tasks = Tasks(lambda fault: desk.seat.requests.told.emit(fault.sentence), faults.append)
    placed = [
        Sensor(id=key, name=key, kind="noise", unit="dB", point=Point(HERE[0] + x, HERE[1] + y))
        for key, (x, y) in PLACES.items()
    ]
    sensors = (*placed, Sensor(id="nowhere", name="nowhere", kind="noise", unit="dB"))
    desk.happen(SensorsDeclared(tuple(range(len(sensors))), sensors))
    yield desk
    assert faults == []


@pytest.fixture
def answers(room: Desk) -> Iterator[MapAnswers]:
    made = MapAnswers(room.seat, Actions(room.owner), lambda: None, room.owner)
    yield made
    if made.dialog is not None:
        made.dialog.close()
    made.close()


@pytest.fixture
def chart(qtbot: QtBot, room: Desk, answers: MapAnswers, tmp_path: Path) -> Iterator[MapView]:
    """A map on which the file of the parks was dropped and is read."""
    layers = ThematicLayers(room.seat, tmp_path / "layers", room.owner)
    view = opened_map(qtbot, painted=True)
    layers.attach(view)
    MapMenuWiring(room.seat, view, MapChoiceWiring(room.seat, view))
    parks = [feature(geometry, name=name) for name, geometry in SHAPES.items()]
    assert "The layer's area here" not in [act.text() for act in pointed(view, HERE).actions()]
    assert drop(view, written(tmp_path / "Parks.geojson", collection(*parks)))
    qtbot.waitUntil(lambda: [layer.title for layer in layers.features.layers()] == ["Parks"], timeout=15_000)
    assert len(view.tree.members(LayerGroup.THEMATIC)) == 1
    yield view
    view.close()
    layers.close()


def pointed(view: MapView, place: tuple[float, float]) -> QMenu:
    """The menu that the right button opens at a place of the shown map; it is shut and stays to be read."""
    scale = 256 * 2**ZOOM / 360
    middle = view.surface.rect().center()
    right, up = (place[0] - HERE[0]) * scale, (place[1] - HERE[1]) * scale / math.cos(math.radians(HERE[1]))
    at = middle + QPoint(round(right), -round(up))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.surface.mapToGlobal(at))
    QApplication.sendEvent(view.surface, event)
    menu = view.findChildren(QMenu, "placeMenu")[-1]
    assert menu.isVisible()
    menu.hide()
    return menu


def offered(view: MapView, place: tuple[float, float]) -> dict[str, QAction]:
    """What the menu of a place offers about the area of a layer there."""
    here = next(act for act in pointed(view, place).actions() if act.text() == "The layer's area here").menu()
    assert isinstance(here, QMenu)
    return {act.text(): act for act in here.actions()}


def at(key: str) -> tuple[float, float]:
    x, y = PLACES[key]
    return HERE[0] + x, HERE[1] + y


def answered(qtbot: QtBot, answers: MapAnswers, dialog: AnswerDialog) -> Answer:
    """The answer to the question as it stands in the dialog."""
    count = len(answers.answers())
    assert dialog.go.isEnabled()
    dialog.go.click()
    qtbot.waitUntil(lambda: len(answers.answers()) > count or dialog.notice.isVisible(), timeout=10_000)
    assert len(answers.answers()) > count, "it was refused"
    qtbot.waitUntil(lambda: dialog.go.isEnabled())
    return answers.answers()[-1]


def held_by(answer: Answer) -> set[str]:
    """Which of the placed sensors lie in the areas of an answer."""
    ground = unary_union([shape(part["geometry"]) for part in answer.features])
    return {key for key in PLACES if ground.contains(Spot(at(key)))}


def pick(qtbot: QtBot, answers: MapAnswers, dialog: AnswerDialog, name: str) -> None:
    """Choose an area by its name, through the button of the dialog."""
    dialog.feature.click()
    picker = dialog.findChildren(FeaturePicker)[-1]
    assert picker.layer.currentText() == "Parks"
    qtbot.waitUntil(lambda: picker.list.count() == 2, timeout=5_000)
    assert [picker.list.item(row).text() for row in range(2)] == [NORTH, PAIR]
    picker.text.setText(name.upper())
    qtbot.waitUntil(lambda: picker.list.count() == 1, timeout=5_000)
    with qtbot.waitSignal(answers.features.taken, timeout=5_000):
        picker.take.click()
    assert dialog.zone.currentText() == f"Parks: {name}"


def test_overlay_with_the_area_under_the_pointer_counts_what_lies_in_it(
    qtbot: QtBot, room: Desk, answers: MapAnswers, chart: MapView
) -> None:
    for where, name in (("n1", NORTH), ("p1", PAIR), ("n2", NORTH), ("p2", PAIR)):
        with qtbot.waitSignal(answers.features.asked, timeout=5_000):
            offered(chart, at(where))["Overlay with it…"].trigger()
        dialog = answers.dialog
        assert dialog is not None
        assert (dialog.method.currentData(), dialog.zone.currentText()) == ("overlay", f"Parks: {name}")
        assert (dialog.other.currentText(), dialog.things.currentText()) == ("The district", "All sensors")
        answer = answered(qtbot, answers, dialog)
        assert held_by(answer) == set(WITHIN[name])
        line = f"All sensors inside: {len(WITHIN[name])}"
        assert line in answer.said
        assert line in dialog.told.text()
        [part] = answer.features
        assert name in part["properties"]["name"]
        spec, _points = room.seat.layers[answer.spec.id]
        assert (spec.group, spec.geojson) == (LayerGroup.ANSWERS, answer.spec.geojson)


def test_areas_picked_by_name_are_laid_over_each_other(
    qtbot: QtBot, room: Desk, answers: MapAnswers, chart: MapView
) -> None:
    dialog = answers.show(None)
    dialog.ask("overlay")
    assert dialog.feature.text() == "An area of a layer…"
    for name in (NORTH, PAIR):
        pick(qtbot, answers, dialog, name)
    dialog.other.setCurrentText(f"Parks: {NORTH}")
    dialog.operation.setCurrentIndex(dialog.operation.findData("union"))
    answer = answered(qtbot, answers, dialog)
    assert held_by(answer) == {*WITHIN[NORTH], *WITHIN[PAIR]}
    assert "All sensors inside: 5" in answer.said
    assert len(answer.features) == 3
    dialog.operation.setCurrentIndex(dialog.operation.findData("intersection"))
    dialog.go.click()
    qtbot.waitUntil(dialog.notice.isVisible, timeout=5_000)
    assert answers.answers() == (answer,)


def test_in_a_hole_and_beside_the_areas_it_is_said_that_none_lies_there(
    qtbot: QtBot, room: Desk, answers: MapAnswers, chart: MapView
) -> None:
    for where in ("in the hole", "between the parts", "in no park"):
        with qtbot.waitSignal(room.seat.requests.told, timeout=5_000) as said:
            offered(chart, at(where))["Overlay with it…"].trigger()
        assert said.args == ["No area of a layer that is read lies here."]
    assert answers.dialog is None
