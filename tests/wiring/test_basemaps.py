"""Base maps of a seat: settings, the maps' choosers, and files that an officer adds."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from controlroom.clock import SystemClock
from controlroom.mapping.basemaps import keeper
from controlroom.settings import Map, Settings, folders, manual
from controlroom.wiring.basemaps import BaseMapWiring, base_maps, services
from tests.mapping.basemaps.made import CLUBROOM, around, green, make_mbtiles
from tests.wiring.conftest import Desk
from widgets.map_view import MapView

PLACES = around(*CLUBROOM, (12,))


@pytest.fixture
def wired(qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseMapWiring]:
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.05)
    held = base_maps(folders(tmp_path), Map(), SystemClock(), desk.owner)
    desk.seat.base_maps = held
    view = MapView(painted=True)
    qtbot.addWidget(view)
    held.start()
    yield BaseMapWiring(desk.seat, view)
    held.close()


def test_the_service_of_the_settings_is_a_declaration_like_any_other() -> None:
    assert services(Map()) == ()
    told = services(Map(wmts_address="http://a.example/w", wmts_token="t", wmts_layer="vec", wmts_date="2025"))[0]
    assert told.wmts is not None
    assert (told.date, told.wmts.layer, told.wmts.token, told.wmts.token_name) == ("2025", "vec", "t", "tk")
    assert "wmts_address" in manual()
    assert Settings().map == Map()


def test_an_added_file_is_copied_and_shown(qtbot: QtBot, wired: BaseMapWiring, tmp_path: Path) -> None:
    source = make_mbtiles(tmp_path / "new.mbtiles", PLACES, green, name="新")
    asyncio.run(wired._add([source], threading.Event()))
    base = wired._view.base
    qtbot.waitUntil(lambda: base.shown is not None and base.shown.name == "新", timeout=10_000)
    assert "新" in base.button.text()
    assert (tmp_path / "data" / "basemaps" / "new.mbtiles").is_file()


def test_without_base_maps_there_is_no_chooser(qtbot: QtBot, desk: Desk) -> None:
    view = MapView(painted=True)
    qtbot.addWidget(view)
    BaseMapWiring(desk.seat, view)
    assert view.base.button.isHidden()
