"""Areas of thematic layers as zones of questions: by name in the dialog, and where a map is clicked."""

from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.bridge.layer_features import FeatureLayer, FeatureZone
from controlroom.i18n import set_language
from controlroom.mapping.thematic.features import Feature
from controlroom.shell.actions import Actions
from controlroom.wiring.answers import MapAnswers
from tests.rooms import NOON
from tests.wiring.conftest import Desk
from widgets.feature_picker import FeaturePicker

LAYER = FeatureLayer("layer/a", "Parks", ("name",), "file", NOON, None, True)
SQUARE = {"type": "Polygon", "coordinates": [[[116.3, 39.7], [116.4, 39.7], [116.4, 39.8], [116.3, 39.7]]]}


class Layers:
    """Two areas and a line, as a reader of files tells of them."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def layers(self) -> Sequence[FeatureLayer]:
        return (LAYER,)

    async def found(self, layer: str, **wanted: Any) -> tuple[Sequence[Feature], int]:
        self.asked.append(wanted)
        every = [Feature(1, "North park", "area", 116.38, 39.72), Feature(2, "Brook", "line", 116.3, 39.7)]
        every.append(Feature(3, "South park", "area", 116.38, 39.72))
        found = [one for one in every if wanted.get("text", "").lower() in one.name.lower()]
        return found, len(found)

    async def zone(self, layer: str, number: int) -> FeatureZone:
        return FeatureZone(LAYER, number, f"Park {number}", "area", 116.38, 39.72, SQUARE, ())


@pytest.fixture
def answers(desk: Desk, qtbot: QtBot):
    set_language("en")
    desk.seat.features = Layers()  # type: ignore[assignment]  # it has what is asked of it
    made = MapAnswers(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    yield made
    for card in list(made.all_round._cards):
        card.close()
    if made.dialog is not None:
        made.dialog.close()
    made.close()


def test_an_area_is_chosen_by_layer_and_name_and_limits_the_question(desk: Desk, answers: MapAnswers) -> None:
    dialog = answers.show(None)
    dialog.ask("density")
    assert dialog.feature.isVisible()
    dialog.feature.click()
    (picker,) = dialog.findChildren(FeaturePicker)
    assert [picker.list.item(row).text() for row in range(picker.list.count())] == ["North park", "South park"]
    picker.text.setText("south")
    assert picker.list.count() == 1
    picker.take.click()
    assert dialog.zone.currentText() == "Parks: Park 3"
    load = answers._zone(str(dialog.zone.currentData()), ())
    assert load is not None
    assert load().geometries == [("Park 3", SQUARE)]
    picker.text.setText("nothing like it")


def test_the_menu_of_a_place_asks_about_the_area_that_lies_there(qtbot: QtBot, desk: Desk, answers: MapAnswers) -> None:
    menu = QMenu()
    desk.seat.requests.map_menu_filled.emit(menu, 116.38, 39.72, "", "")
    here = next(a for a in menu.actions() if a.text() == "The layer's area here").menu()
    entries = {action.text(): action for action in here.actions()}
    entries["Who and what is inside, near and looking"].trigger()
    (card,) = answers.all_round._cards
    qtbot.waitUntil(lambda: not answers.all_round.run.busy)
    assert card.answer is not None
    assert card.answer.title == "Park 1"
    assert "km²" in card.answer.area
    entries["Overlay with it…"].trigger()
    assert answers.dialog is not None
    assert (answers.dialog.method.currentData(), answers.dialog.zone.currentText()) == ("overlay", "Parks: Park 1")
    entries["Nearest to it…"].trigger()
    assert answers.dialog.corners.text() == "116.380000, 39.720000"


def test_without_a_layer_of_areas_nothing_is_offered_and_the_dialog_says_what_to_do(
    desk: Desk, answers: MapAnswers
) -> None:
    desk.seat.features = None
    said: list[str] = []
    desk.seat.requests.told.connect(said.append)
    menu = QMenu()
    desk.seat.requests.map_menu_filled.emit(menu, 116.38, 39.72, "", "")
    assert "The layer's area here" not in [action.text() for action in menu.actions()]
    assert answers.features.open(None) is None
    assert said == ["No layer with areas is read. Show one on a map first."]
