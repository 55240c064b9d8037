"""The layer of what no camera sees: asked, told, replaced when asked again, and old when cameras change."""

import asyncio

import pytest
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import set_language
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.analysis.offers import BLIND, OFFERS
from controlroom.shell.actions import Actions
from controlroom.wiring.answers import MapAnswers
from tests.wiring.conftest import Desk, declared
from widgets.answer_dialog import Wanted

OFFER = next(offer for offer in OFFERS if offer.id == BLIND)
CORNERS = ((116.33, 39.72), (116.36, 39.72), (116.36, 39.75), (116.33, 39.75))


def asked(answers: MapAnswers, zone: str = "corners", **numbers: float) -> Answer:
    told = {number.id: number.usual for number in OFFER.numbers} | numbers

    async def ask() -> Answer:
        return await answers.ask(Wanted(OFFER, "", zone, "", told, {}, CORNERS), lambda _share: None)

    return asyncio.run(ask())


def camera(health: CameraHealth = CameraHealth.ONLINE) -> Camera:
    return Camera(
        id="c", name="c", point=Point(116.345, 39.735), heading_deg=90.0, view_deg=90.0, range_m=200.0, health=health
    )


@pytest.fixture
def answers(desk: Desk, qtbot: QtBot):
    set_language("en")
    made = MapAnswers(desk.seat, Actions(), lambda: None, desk.owner)
    desk.seat.directory.open()
    yield made
    made.close()


def test_without_cameras_it_says_so(answers: MapAnswers) -> None:
    with pytest.raises(EnvironmentFault):
        asked(answers)


def test_it_tells_shares_towns_and_what_was_counted_and_grows_old_with_the_cameras(
    desk: Desk, answers: MapAnswers, qtbot: QtBot
) -> None:
    desk.happen(declared(camera()))
    qtbot.waitUntil(lambda: len(desk.seat.directory.catalogue.columns.ids) == 1)
    first = asked(answers)
    said = "\n".join(first.said)
    assert "Seen: 0." in said
    assert "1 camera counted" in said
    assert "flat and bare" in said
    assert ("Made from", "View cones of 1 cameras") in first.how
    assert first.spec.id in desk.seat.layers
    again = asked(answers)
    assert first.spec.id not in desk.seat.layers
    assert again.spec.id in desk.seat.layers
    desk.clock.advance(5.0)
    desk.happen(declared(camera(CameraHealth.OFFLINE)))
    qtbot.waitUntil(lambda: desk.seat.layer_notes.get(again.spec.id, ("", False))[1])
    assert "1 camera has changed" in desk.seat.layer_notes[again.spec.id][0]
    lost = asked(answers)
    assert "Seen: 0.0 %" in "\n".join(lost.said)
    assert again.spec.id not in desk.seat.layer_notes
    answers.remove(lost.spec.id)
    assert lost.spec.id not in desk.seat.layers
