"""The dialog of questions to the map, and the strip of who is around an incident."""

import asyncio
import dataclasses
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import set_language
from controlroom.mapping.analysis.offers import OFFERS, answer
from controlroom.mapping.exposure import Exposed, Figure
from tests.widgets.officer_desk import run_at_once
from tests.wiring.test_answers import asked, offer
from widgets.answer_dialog import AnswerDialog, Choice, Wanted
from widgets.exposure_strip import ExposureStrip


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


class Room:
    """A seat that answers with the density of a known cloud."""

    def __init__(self) -> None:
        self.made = []
        self.asked: list[Wanted] = []
        self.fault: EnvironmentFault | None = None
        self.refusal: CommandRefused | None = None
        self.fences = []
        self.written: dict[Path, str] = {}

    def things(self):
        return (Choice("sensors", "All sensors"), Choice("sensors/noise", "Noise", True))

    def zones(self):
        return (Choice("outline", "The district"), Choice("cells", "Towns"))

    async def ask(self, wanted, progressed):
        self.asked.append(wanted)
        progressed(0.5)
        if self.fault is not None:
            raise self.fault
        made = answer(offer("density"), asked("density"), f"answer-{len(self.made) + 1}", lambda _share: None)
        self.made.append(made)
        return made

    async def fence(self, name, corners):
        if self.refusal is not None:
            raise self.refusal
        self.fences.append((name, corners))

    def answers(self):
        return tuple(self.made)

    def remove(self, identity):
        self.made = [made for made in self.made if made.spec.id != identity]

    def write(self, path, text):
        self.written[path] = text


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def dialog(qtbot: QtBot, room: Room) -> AnswerDialog:
    made = AnswerDialog(room, run_at_once, lambda _parent, name, kind: f"{name}.{kind}")
    qtbot.addWidget(made)
    made.show()
    return made


def choose(dialog: AnswerDialog, method: str) -> None:
    dialog.method.setCurrentIndex(dialog.method.findData(method))


def test_an_answer_is_listed_with_how_it_was_made_exported_and_removed(
    qtbot: QtBot, room: Room, dialog: AnswerDialog
) -> None:
    choose(dialog, "density")
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert room.asked[0].numbers == {"radius_m": 800.0}
    assert dialog.list.currentItem().text() == "Density 1"
    assert "Method: Density" in dialog.told.text()
    assert "Made 2026-11-21 12:00:00 by 王" in dialog.told.text()
    dialog.as_geojson.click()
    dialog.as_csv.click()
    assert sorted(path.suffix for path in room.written) == [".csv", ".geojson"]
    dialog.remove.click()
    assert (dialog.list.count(), dialog.as_csv.isEnabled()) == (0, False)


def test_what_cannot_be_answered_is_one_sentence_and_the_next_may_be_asked(room: Room, dialog: AnswerDialog) -> None:
    room.fault = EnvironmentFault("Nothing here.")
    dialog.go.click()
    assert (dialog.notice.text, dialog.go.isEnabled(), dialog.progress.isVisible()) == ("Nothing here.", True, False)


@pytest.mark.parametrize("method", [o.id for o in OFFERS])
def test_only_what_a_method_needs_is_asked_for(dialog: AnswerDialog, method: str) -> None:
    choose(dialog, method)
    needs = offer(method).needs
    assert dialog.zone.isVisible() == ("zone" in needs)
    assert dialog.other.isVisible() == ("other" in needs)
    assert list(dialog.numbers) == [n.id for n in offer(method).numbers]
    assert dialog.breaks.isVisible() == offer(method).classed


def test_corners_come_from_clicks_on_the_map_and_make_a_fence(room: Room, dialog: AnswerDialog) -> None:
    choose(dialog, "measure")
    assert not dialog.go.isEnabled()
    dialog.add_corner(116.4, 39.7)
    assert dialog.corners.text() == ""
    dialog.from_map.setChecked(True)
    for lon in (116.4, 116.5, 116.45):
        dialog.add_corner(lon, 39.7)
    assert dialog.go.isEnabled()
    dialog.fence.click()
    assert room.fences == [("Fence of 3 corners", ((116.4, 39.7), (116.5, 39.7), (116.45, 39.7)))]


def test_a_fence_that_the_hub_refuses_says_why(room: Room, dialog: AnswerDialog) -> None:
    room.refusal = CommandRefused("malformed", "the border of the fence crosses itself, draw it anew")
    dialog.corners.setText("1,1;2,2;3,3")
    dialog.fence.click()
    assert "crosses itself" in dialog.notice.text


def test_corners_that_are_none_are_named(room: Room, dialog: AnswerDialog) -> None:
    choose(dialog, "measure")
    dialog.corners.setText("116.4, 39.7; <script>")
    dialog.go.click()
    assert "<script>" in dialog.notice.text
    assert room.asked == []


def test_the_strip_says_unknown_and_at_least_and_what_is_schematic(qtbot: QtBot) -> None:
    strip = ExposureStrip()
    qtbot.addWidget(strip)
    strip.show_figures(
        [
            Figure(Exposed.PEOPLE, 1234, "示意", "2026-11-21", True),
            Figure(Exposed.CAMERAS, 3, "this room", "2026-11-21 12:00", partly=True),
            Figure(Exposed.SCHOOLS, 0, "教委", "2025-09-01"),
        ]
    )
    told = {kind: label.text() for kind, label in strip.numbers.items()}
    assert told[Exposed.PEOPLE] == "1,234"
    assert told[Exposed.CAMERAS] == "≥ 3"
    assert told[Exposed.SCHOOLS] == "0"
    assert told[Exposed.HOSPITALS] == "unknown"
    assert "Schematic demo data, invented: People" in strip.note.text()
    assert "教委, 2025-09-01" in strip.note.text()
    strip.show_figures([])
    assert {label.text() for label in strip.numbers.values()} == {"unknown"}


def test_a_long_answer_can_be_read_to_its_end(qtbot: QtBot, room: Room, dialog: AnswerDialog) -> None:
    told = answer(offer("density"), asked("density"), "answer-1", lambda _share: None)
    room.made.append(dataclasses.replace(told, said=tuple(f"line {n}" for n in range(80))))
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.told.height() >= dialog.told.heightForWidth(dialog.told.width()) > dialog.height())


def test_yes_or_no_is_a_tick_and_a_number_tells_its_range(room: Room, dialog: AnswerDialog) -> None:
    choose(dialog, "buffer")
    tick, distance = dialog.numbers["dissolve"], dialog.numbers["distance_m"]
    assert isinstance(tick, QCheckBox)
    assert tick.isChecked()
    assert "1 to 50000 m" in distance.toolTip()
    tick.click()
    dialog.go.click()
    assert room.asked[0].numbers == {"distance_m": 500.0, "dissolve": 0.0}
    made = answer(offer("buffer"), asked("buffer", numbers={"dissolve": 0.0}), "answer-1", lambda _share: None)
    assert ("Dissolve", "no") in made.how


class Begun:
    """A task whose work stands at its first step, as in a call that cannot be broken off."""

    def __init__(self, work: Coroutine[Any, Any, None], _name: str) -> None:
        self.work, self.cancelled = work, 0
        work.send(None)

    def cancel(self) -> None:
        self.cancelled += 1


class Slow(Room):
    """A seat whose answer does not come by itself."""

    async def ask(self, wanted: Wanted, progressed: object) -> None:
        await Never()


class Never:
    def __await__(self) -> Iterator[None]:
        yield


def test_while_a_step_is_finished_the_dialog_says_that_it_is_cancelling_and_asks_nothing(qtbot: QtBot) -> None:
    begun: list[Begun] = []

    def spawn(work: Coroutine[Any, Any, None], name: str) -> Begun:
        begun.append(Begun(work, name))
        return begun[-1]

    dialog = AnswerDialog(Slow(), spawn)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.ask("density", at_once=True)
    assert (dialog.stop.text(), dialog.stop.isEnabled(), dialog.go.isEnabled()) == ("Cancel", True, False)
    dialog.stop.click()
    dialog.stop.click()
    dialog.cancel()
    assert begun[0].cancelled == 1
    assert (dialog.stop.text(), dialog.stop.isEnabled(), dialog.go.isEnabled()) == ("Cancelling…", False, False)
    assert dialog.progress.isVisible()
    with pytest.raises(asyncio.CancelledError):
        begun[0].work.throw(asyncio.CancelledError())
    assert (dialog.stop.text(), dialog.stop.isEnabled(), dialog.go.isEnabled()) == ("Cancel", False, True)
    assert not dialog.progress.isVisible()
