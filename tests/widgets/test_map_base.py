"""Base maps as an officer meets them: real files, a real web engine, real pixels."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pmtiles.tile import TileType
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QSlider
from pytestqt.qtbot import QtBot

from controlroom.bridge.base_maps import BaseMaps
from controlroom.clock import SystemClock
from controlroom.i18n import set_language
from controlroom.mapping.basemaps import catalogue, keeper
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import BaseMap
from controlroom.mapping.basemaps.wmts import Condition
from tests.mapping.basemaps.made import CLUBROOM, around, lake, make_mbtiles, make_pmtiles, picture
from tests.mapping.basemaps.served import Served
from tests.widgets.map_pages import evaluate, middle, near, web
from widgets.map_base import condition_words
from widgets.map_drop import MapDrop
from widgets.map_view import MapView

GROUND = QColor("#1d232a")
PLACES = around(*CLUBROOM, (11, 12, 13, 14), reach=3)
PURPLE = (150, 40, 150)


class Shelf:
    """A folder of base maps, what reads it, and a map that shows it."""

    def __init__(self, folder: Path, view: MapView) -> None:
        self.folder = folder / "basemaps"
        self.folder.mkdir()
        self.view = view
        self.maps = BaseMaps(self.folder, TileCache(folder / "c.sqlite", 10_000_000), (), SystemClock(), view)
        self.maps.changed.connect(self._changed)
        self.maps.condition_changed.connect(view.base.set_condition)
        view.base.set_tiles(self.maps.ask)
        view.base.set_now(SystemClock().now())

    def _changed(self) -> None:
        self.view.base.set_maps(self.maps.maps, self.maps.condition)

    def shows(self, *colour: int) -> bool:
        return near(middle(self.view), QColor(*colour))


@pytest.fixture
def shelf(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """A dark map of 640x480 at the clubroom, zoom 14, with an empty folder of base maps."""
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(catalogue, "_SETTLED_S", 0.2)
    view = MapView()
    view.set_theme(True)
    view.resize(640, 480)
    view.fly_to(*CLUBROOM, 14)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show()
    found = Shelf(tmp_path, view)
    found.maps.start()
    yield found
    found.maps.close()
    view.close()


def test_a_raster_base_map_appears_dimmed_in_the_dark_and_over_zooms(qtbot: QtBot, shelf: Shelf) -> None:
    qtbot.waitUntil(lambda: near(middle(shelf.view), GROUND))
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture(PURPLE), name="影像", date="2025-03")
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)
    assert "影像" in shelf.view.base.button.text()
    sources = "document.querySelector('.sources').textContent"
    qtbot.waitUntil(lambda: "2025-03" in evaluate(qtbot, shelf.view, sources))
    shelf.view.fly_to(*CLUBROOM, 18)
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, "controlroom.room.map.getZoom()") == 18)
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)
    shelf.view.set_theme(False)
    qtbot.waitUntil(lambda: shelf.shows(132, 66, 132), timeout=10_000)
    shelf.view.base.choose("")
    qtbot.waitUntil(lambda: near(middle(shelf.view), QColor("#f8f9fa")), timeout=10_000)
    assert web(shelf.view).guard.blocked == 0


def test_pictures_that_a_flight_leaves_keep_no_pixels(qtbot: QtBot, shelf: Shelf) -> None:
    """A canvas is a megabyte, and of one that is only forgotten the engine frees it much later."""
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture(PURPLE), name="影像")
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)
    remember = "void (window.was = [...document.querySelectorAll('.leaflet-base-pane canvas')])"
    off = "window.was.filter((one) => one.width && !one.isConnected).length"
    evaluate(qtbot, shelf.view, remember)
    shelf.view.fly_to(*CLUBROOM, 12)
    there = "[...controlroom.room.base.layer.drawn.values()].some((tile) => tile.coords.z === 12)"
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, there) is True)
    assert evaluate(qtbot, shelf.view, "window.was.length") > 0
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, off) == 0)
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)


def test_where_there_is_no_picture_there_is_no_canvas_with_pixels(qtbot: QtBot, shelf: Shelf) -> None:
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture(PURPLE), name="影像")
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)
    shelf.view.fly_to(CLUBROOM[0] + 1, CLUBROOM[1], 14)
    held = "[...document.querySelectorAll('.leaflet-base-pane canvas')].filter((one) => one.width).length"
    missing = "controlroom.room.base.layer.drawn.size && controlroom.room.map.getCenter().lng"
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, missing) > CLUBROOM[0] + 0.9)
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, held) == 0)


def test_a_vector_base_map_is_drawn_quietly_in_both_themes(qtbot: QtBot, shelf: Shelf) -> None:
    place = [one for one in PLACES if one[0] == 13]
    make_pmtiles(shelf.folder / "v.pmtiles", place, lake, TileType.MVT, name="矢量")
    qtbot.waitUntil(lambda: middle(shelf.view) == QColor(0x18, 0x2A, 0x36), timeout=15_000)
    assert evaluate(qtbot, shelf.view, "controlroom.room.base.layer.missing") == 0
    shelf.view.set_theme(False)
    qtbot.waitUntil(lambda: shelf.shows(0xD0, 0xDC, 0xE5), timeout=15_000)
    assert web(shelf.view).guard.blocked == 0


def test_a_vector_base_map_fades_into_the_ground(qtbot: QtBot, shelf: Shelf) -> None:
    place = [one for one in PLACES if one[0] == 13]
    make_pmtiles(shelf.folder / "v.pmtiles", place, lake, TileType.MVT, name="矢量")
    qtbot.waitUntil(lambda: middle(shelf.view) == QColor(0x18, 0x2A, 0x36), timeout=15_000)
    shelf.view.base.set_opacity(40)
    qtbot.waitUntil(lambda: shelf.shows(22, 31, 39), timeout=15_000)
    shelf.view.base.set_opacity(100)
    qtbot.waitUntil(lambda: middle(shelf.view) == QColor(0x18, 0x2A, 0x36), timeout=15_000)
    # Nothing on the page is see-through: that would be blended anew in every frame.
    contexts = "[...document.querySelectorAll('.leaflet-base-pane canvas')].map((one) => one.getContext('2d'))"
    told = f"{contexts}.every((one) => !one.getContextAttributes().alpha)"
    assert evaluate(qtbot, shelf.view, told) is True
    assert evaluate(qtbot, shelf.view, "getComputedStyle(controlroom.room.base.layer.getContainer()).opacity") == "1"


def test_a_broken_vector_tile_is_empty_and_said_nowhere(qtbot: QtBot, shelf: Shelf) -> None:
    # It has the form of a tile; what is within is rubbish.
    make_mbtiles(shelf.folder / "v.mbtiles", PLACES, lambda _p: b"\x1a\x05\xff\xff\xff\xff\x7f", format="pbf")
    qtbot.waitUntil(lambda: shelf.view.base.shown is not None)
    missing = "controlroom.room.base.layer && controlroom.room.base.layer.missing > 0"
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, missing) is True, timeout=15_000)


def test_the_opacity_is_that_of_the_slider(qtbot: QtBot, shelf: Shelf) -> None:
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture((255, 255, 255)), name="白")
    qtbot.waitUntil(lambda: shelf.shows(128, 128, 128), timeout=10_000)
    shelf.view.base.menu.aboutToShow.emit()
    slider = shelf.view.base.menu.findChild(QSlider)
    assert isinstance(slider, QSlider)
    slider.setValue(30)
    qtbot.waitUntil(lambda: shelf.shows(56, 57, 60), timeout=10_000)
    assert shelf.view.state()["base"] == {"choice": None, "opacity": 30}


def test_the_chooser_is_reached_by_keys_and_names_what_is_broken(qtbot: QtBot, shelf: Shelf) -> None:
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture(PURPLE), name="甲 & 乙")
    (shelf.folder / "b.mbtiles").write_bytes(b"nothing")
    qtbot.waitUntil(lambda: len(shelf.maps.maps) == 2 and "SQLite" in shelf.maps.maps[1].fault, timeout=10_000)
    base = shelf.view.base
    assert base.button.focusPolicy() & Qt.FocusPolicy.TabFocus
    base.menu.aboutToShow.emit()
    told = [action.text() for action in base.menu.actions()]
    assert "甲 && 乙" in told
    assert any("b.mbtiles" in text and "SQLite" in text for text in told)
    base.menu.actions()[0].trigger()
    assert base.shown is None
    assert base.state()["choice"] == ""


def test_a_choice_is_found_again_also_when_its_file_comes_later(qtbot: QtBot, shelf: Shelf) -> None:
    base = shelf.view.base
    shelf.view.restore({"base": {"choice": "z.mbtiles", "opacity": 70}})
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture(PURPLE), name="甲")
    qtbot.waitUntil(lambda: len(shelf.maps.maps) == 1)
    assert base.shown is None
    note = "document.querySelector('.basenote').textContent"
    qtbot.waitUntil(lambda: "z.mbtiles" in evaluate(qtbot, shelf.view, note))
    make_mbtiles(shelf.folder / "z.mbtiles", PLACES, lambda _p: picture(PURPLE), name="乙")
    qtbot.waitUntil(lambda: base.shown is not None and base.shown.name == "乙")
    shelf.view.restore({"base": {"choice": 5, "opacity": "x"}})
    assert base.state() == {"choice": None, "opacity": 70}


def test_a_service_that_dies_is_shown_from_the_cache_and_the_map_says_so(qtbot: QtBot, shelf: Shelf) -> None:
    served = Served()
    served.tile = lambda _asked: picture(PURPLE)
    (shelf.folder / "政务.toml").write_text(f'[wmts]\naddress = "{served.address}"\ntoken = "geheim"\n')
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)
    served.die()
    shelf.view.fly_to(116.9, 39.9, 14)
    note = "document.querySelector('.basenote').textContent"
    qtbot.waitUntil(lambda: "底图" in evaluate(qtbot, shelf.view, note), timeout=10_000)
    shelf.view.fly_to(*CLUBROOM, 14)
    qtbot.waitUntil(lambda: shelf.shows(61, 33, 61), timeout=10_000)
    qtbot.waitUntil(lambda: "缓存" in evaluate(qtbot, shelf.view, note), timeout=10_000)
    page = evaluate(qtbot, shelf.view, "document.documentElement.outerHTML")
    tips = shelf.view.base.button.toolTip() + json.dumps(shelf.view.state())
    assert "geheim" not in page + tips
    served.start()
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, note) == "", timeout=15_000)
    served.die()


def test_tiles_that_nobody_waits_for_are_given_up(qtbot: QtBot, shelf: Shelf) -> None:
    answers: list[Any] = []
    shelf.view.base.set_tiles(lambda *asked: answers.append(asked))
    shelf.view.base.set_maps([BaseMap(id="x", name="x", version=7)], lambda _identity: Condition())
    qtbot.waitUntil(lambda: len(answers) >= 4)
    handler = web(shelf.view).handler
    shelf.view.base.choose("")
    qtbot.waitUntil(lambda: not handler._waiting)
    for *_place, then in answers:
        then(picture(PURPLE))


def test_the_page_gives_tiles_to_no_address_but_those_of_tiles(qtbot: QtBot, shelf: Shelf) -> None:
    asked = "fetch('crmap://app/base/1/etc/passwd/2').then((a) => a.arrayBuffer())"
    evaluate(qtbot, shelf.view, f"{asked}.then((body) => (window.size = body.byteLength)) && 0")
    qtbot.waitUntil(lambda: evaluate(qtbot, shelf.view, "window.size ?? 9") == 2)


def test_files_that_are_dropped_go_to_who_knows_them(qtbot: QtBot, tmp_path: Path) -> None:
    view = MapView(painted=True)
    qtbot.addWidget(view)
    drop = MapDrop.of(view)
    assert MapDrop.of(view) is drop
    taken: list[list[str]] = []
    unknown: list[list[Path]] = []
    drop.accept(lambda path: path.suffix == ".mbtiles", lambda paths: taken.append([one.name for one in paths]))
    drop.unknown_dropped.connect(unknown.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.mbtiles", "b.doc")])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.surface, QDragEnterEvent(QPoint(5, 50), *how))
    event = QDropEvent(QPointF(5, 50), *how)
    QApplication.sendEvent(view.surface, event)
    assert event.isAccepted()
    assert taken == [["a.mbtiles"]]
    assert unknown == [[tmp_path / "b.doc"]]


def test_the_simple_map_has_pictures_under_it_too(qtbot: QtBot, tmp_path: Path) -> None:
    view = MapView(painted=True)
    view.set_theme(True)
    view.resize(640, 480)
    view.fly_to(*CLUBROOM, 16)
    qtbot.addWidget(view)
    view.show()
    shelf = Shelf(tmp_path, view)
    make_mbtiles(shelf.folder / "a.mbtiles", PLACES, lambda _p: picture((255, 255, 255)), name="白")
    make_mbtiles(shelf.folder / "b.mbtiles", PLACES, lake, name="矢量", format="pbf")
    shelf.maps.start()
    view.base.choose("a.mbtiles")

    def middle_is(level: int) -> bool:
        image = view.surface.grab().toImage()
        return abs(image.pixelColor(image.width() // 2 + 40, image.height() // 2).red() - level) < 12

    qtbot.waitUntil(lambda: middle_is(137), timeout=10_000)
    view.base.choose("b.mbtiles")
    qtbot.waitUntil(lambda: middle_is(GROUND.red()), timeout=10_000)
    assert "矢量" in view.base.button.toolTip()
    assert "简易地图" in view.scene.base_words[1]
    shelf.maps.close()


def test_the_age_of_what_stands_in_is_told_in_both_languages() -> None:
    now = SystemClock().now()
    held = BaseMap(id="x", name="x")
    assert condition_words(held, Condition(), now) == ""
    for hours, chinese, english in (
        (0, "不足 1 小时", "less than 1 h"),
        (30, "30 小时", "30 h"),
        (80, "3 天", "3 days"),
    ):
        told = Condition(False, "r", now - timedelta(hours=hours, minutes=5))
        assert chinese in condition_words(held, told, now)
        set_language("en")
        assert english in condition_words(held, told, now)
        set_language("zh_CN")
    assert "r" in condition_words(held, Condition(False, "r"), now)


def test_closing_while_tiles_are_read_leaves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "basemaps"
    folder.mkdir()
    maps = BaseMaps(folder, TileCache(tmp_path / "c.sqlite", 10_000_000), (), SystemClock())
    maps.start()
    maps.ask(1, 1, 1, 1, lambda _body: None)
    maps.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("base-map")]
