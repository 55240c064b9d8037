"""Tiles come back to the GUI's thread, all of them, whichever worker read them."""

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.base_maps import BaseMaps
from controlroom.clock import SystemClock
from controlroom.mapping.basemaps import keeper
from controlroom.mapping.basemaps.tile_cache import TileCache
from tests.mapping.basemaps.made import CLUBROOM, around, green, make_folder


def test_every_tile_is_answered_once_on_the_gui_thread(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.05)
    places = around(*CLUBROOM, (13,), reach=8)
    make_folder(tmp_path / "basemaps" / "a", places, green)
    maps = BaseMaps(tmp_path / "basemaps", TileCache(tmp_path / "c.sqlite", 1_000_000), (), SystemClock())
    with qtbot.waitSignal(maps.changed, timeout=10_000):
        maps.start()
    answered: list[tuple[bool, int]] = []
    here = threading.get_ident()
    for _round in range(2):
        for place in places:
            maps.ask(
                maps.maps[0].version,
                *place,
                lambda body: answered.append((body is not None, threading.get_ident())),
            )
    qtbot.waitUntil(lambda: len(answered) == 2 * len(places), timeout=10_000)
    assert set(answered) == {(True, here)}
    maps.close()
