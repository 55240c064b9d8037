"""Places on a map: found by name or coordinates, marked, told in words, and as old as their files."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.bridge.places import FOLDER, MOST_RECENT, Places, RecentPlace
from controlroom.domain.events import FenceChanged
from controlroom.domain.fence import Fence
from controlroom.domain.place import Point
from controlroom.shell.palette import Index
from controlroom.wiring.alarms import AlarmDetailWiring
from controlroom.wiring.places import FOUND, PlaceFinder, WantedPlace, basis
from controlroom.wiring.search import RoomSearch
from tests.mapping.test_gazetteer import TABLE
from tests.rooms import NOON
from tests.wiring.conftest import Desk, alarm, raised
from widgets.map_view import MapView
from widgets.place_search import Hit


class Works:
    """Runs what is spawned when the test says so."""

    def __init__(self) -> None:
        self.waiting: list = []

    def spawn(self, coroutine, _name: str) -> None:
        self.waiting.append(coroutine)

    def run(self) -> None:
        while self.waiting:
            asyncio.run(self.waiting.pop(0))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A data folder in which the gazetteer is made already."""
    home = tmp_path_factory.mktemp("seat")
    (home / FOLDER).mkdir()
    (home / FOLDER / "district.csv").write_text(TABLE, encoding="utf-8")
    return home


@pytest.fixture
def desk(desk: Desk, made: Path) -> Iterator[Desk]:
    works = Works()
    desk.seat.places = Places(made, desk.clock, works.spawn, desk.owner)
    desk.seat.places.open()
    works.run()
    yield desk
    desk.seat.places.close()
    gc.collect()  # here, not on a thread of the next test


@pytest.fixture
def finder(desk: Desk, qtbot: QtBot) -> PlaceFinder:
    view = MapView(painted=True)
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    view.fly_to(116.34, 39.73, 13)
    return PlaceFinder(desk.seat, view)


@pytest.fixture(params=["zh_CN", "en"])
def language(request) -> Iterator[str]:
    before = i18n.language()
    i18n.set_language(request.param)
    yield request.param
    i18n.set_language(before)


def test_typing_finds_a_name_and_enter_flies_there_and_says_what_is_there(desk, finder, qtbot):
    finder.search.open()
    qtbot.keyClicks(finder.search.line, "xhyy")
    first = finder.search.hits[0]
    assert first.title == "兴华医院" and first.side in ("1.4公里", "1.4 km")
    qtbot.keyClick(finder.search.line, Qt.Key.Key_Return)
    assert finder.search.isHidden() and finder.card.isVisible()
    centre = finder._view.scene.centre
    assert (centre.lon, centre.lat) == (116.35, 39.74)
    spec, points = desk.seat.layers[FOUND]
    assert [p.id for p in points] == ["兴华医院"] and spec.title
    assert finder.card.card.title == "兴华医院"
    finder.card.copy.click()
    assert QGuiApplication.clipboard().text() == finder.card.card.sentence
    qtbot.keyClick(finder.card, Qt.Key.Key_Escape)
    assert finder.card.isHidden() and FOUND not in desk.seat.layers
    finder.search.line.clear()
    finder.search.open()
    assert [hit.title for hit in finder.search.hits] == ["兴华医院"], "what was gone to is offered again"


def test_coordinates_are_read_in_every_way_and_each_says_how(finder):
    finder.search.open()
    finder.search.line.setText("北纬39度43分48秒 东经116度20分24秒")
    plain, gcj, _bd = finder.search.hits
    assert plain.kind == "position" and (round(plain.lon, 6), round(plain.lat, 6)) == (116.34, 39.73)
    assert "GCJ-02" in gcj.detail


def test_nothing_found_says_what_was_searched_and_how_old_it_is(desk, finder, language):
    finder.search.open()
    finder.search.line.setText("乌鲁木齐")
    assert not finder.search.hits and finder.search.nothing.isVisible()
    assert NOON.strftime("%Y-%m-%d") in finder.search.foot.text()
    assert f"{desk.seat.places.meta.count:,}" in finder.search.foot.text()
    finder.search.dismiss()


def test_the_card_tells_town_road_nearby_names_fences_and_all_coordinates(desk, finder, language):
    ring = (Point(116.3, 39.7), Point(116.4, 39.7), Point(116.4, 39.8), Point(116.3, 39.8))
    desk.happen(FenceChanged(Fence(id="f", name="雨天禁行", ring=ring, by="王值班", at=NOON)))
    finder.show_here(116.3503, 39.7430)
    texts = "\n".join(f"{line.label} {line.text}" for line in finder.card.card.lines)
    sentence = finder.card.card.sentence
    assert all(told in texts for told in ("雨天禁行", "EPSG:4548", "50S MJ"))
    assert ("示意边界" if language == "zh_CN" else "schematic border") in sentence
    assert ("兴华医院北方向330米" if language == "zh_CN" else "330 m north of 兴华医院") in sentence
    assert ("北纬39度44分34.8秒" if language == "zh_CN" else "39 degrees 44 minutes 34.8 seconds north") in sentence
    shifted = [line for line in finder.card.card.lines if "GCJ-02" in line.label]
    assert shifted and not shifted[0].copies, "shifted numbers are no place"
    assert "\n" not in sentence


def test_what_can_be_done_at_a_place_is_offered_from_the_card_and_here_from_the_menu(finder, qtbot):
    finder.show_here(116.35, 39.74)
    menu = finder._view.menu(116.36, 39.75)
    titles = [action.text() for action in menu.actions()]
    here = next(action for action in menu.actions() if action.text() in ("What is here", "这里是什么地方"))
    assert len(titles) > 3
    here.trigger()
    assert (finder.card.card.lon, finder.card.card.lat) == (116.36, 39.75)
    menu.close()
    finder.card.act.click()
    opened = QApplication.activePopupWidget()
    assert [action.text() for action in opened.actions()] == titles
    opened.close()


def test_the_card_lies_over_the_map_itself_not_over_the_panel_beside_it(finder, qtbot):
    view = finder._view
    view.resize(1200, 700)
    view.show()
    finder.show_here(116.35, 39.74)
    finder.search.open()
    view.panel.setMinimumWidth(300)
    view.panel.show_rows([], "500 m")
    view.toolbar.tree.setChecked(True)
    qtbot.waitUntil(lambda: view.drawn_area().right() < 1000 and view.drawn_area().left() > 100)
    qtbot.waitUntil(lambda: view.drawn_area().contains(finder.card.geometry().topRight()))
    qtbot.waitUntil(lambda: view.drawn_area().contains(finder.search.geometry().topLeft()))


def test_the_command_bar_finds_places_beside_the_things_of_the_room(desk, qtbot):
    index = Index()
    RoomSearch(desk.seat, index, desk.owner)
    found = [item for item in index.search("兴华医院") if item.kind == "place"]
    assert found[0].title == "兴华医院"
    assert index.search("39.73,116.34")[0].kind == "place"
    with qtbot.waitSignal(desk.seat.requests.place_wanted) as asked:
        index.choose(found[0])
    place = asked.args[0]
    assert isinstance(place, WantedPlace) and (place.lon, place.lat, place.kind) == (116.35, 39.74, "hospital")
    assert desk.revealed == ["map"]
    assert all(item.kind != "place" for item in desk.seat.find("兴华医院"))


def test_a_file_dropped_into_the_folder_is_read_and_its_bad_line_is_told(desk, tmp_path, qtbot):
    works = Works()
    places = Places(tmp_path, desk.clock, works.spawn, desk.owner)
    told = []
    places.told.connect(told.append)
    assert places.search("兴华", (116.0, 39.0)) == [] and "%" not in basis(places)
    places.open()
    works.run()
    assert places.meta.newest_at is None and not told
    with qtbot.waitSignal(places._watcher.directoryChanged):
        (tmp_path / FOLDER / "mine.csv").write_text("name,lon,lat\n新名字,116.4,39.6\n坏,x,39\n", encoding="utf-8")
    assert places._settle.isActive()
    places.refresh()
    works.run()
    assert [f.name.title for f in places.search("新名字", (116.0, 39.0))] == ["新名字"]
    assert len(told) == 1 and "mine.csv" in told[0] and "3" in told[0]
    assert "gazetteer" in " ".join(thread.name for thread in threading.enumerate())
    places.close()
    assert places.search("新名字", (116.0, 39.0)) == []


def test_recent_places_are_kept_and_a_damaged_list_is_begun_anew(desk, tmp_path):
    works = Works()
    places = Places(tmp_path, desk.clock, works.spawn, desk.owner)
    places.open()
    for number in range(MOST_RECENT + 3):
        places.remember(RecentPlace(f"地点{number}", "place", 116.0, 39.0))
    again = Places(tmp_path, desk.clock, works.spawn, desk.owner)
    again.open()
    assert [p.title for p in again.recent] == [f"地点{n}" for n in range(MOST_RECENT + 2, 2, -1)]
    (tmp_path / "gazetteer.recent.json").write_text("{")
    again.open()
    assert again.recent == []
    for each in works.waiting:
        each.close()


def test_alarms_and_incidents_that_have_only_a_point_are_given_a_place_in_words(desk, qtbot):
    wiring = AlarmDetailWiring(desk.seat)
    qtbot.addWidget(wiring.detail)
    where = Point(116.41, 39.80)
    desk.happen(*raised(alarm("bare", point=where), alarm("told", point=where, place="黄村东大街")))
    line = desk.seat.places.line(where.lon, where.lat)
    assert line
    desk.seat.selection.select("alarm", "bare")
    facts = [label.text() for label in wiring.detail.findChildren(QLabel)]
    assert any(line in text and text != line for text in facts), "it says that the map told it"
    desk.seat.selection.select("alarm", "told")
    facts = [label.text() for label in wiring.detail.findChildren(QLabel) if not label.isHidden()]
    assert "黄村东大街" in facts and not any(line in text for text in facts)
    desk.seat.open_incident(["bare"])
    desk.seat.open_incident(["told"])
    assert [body.place for body in desk.sent.bodies] == [line, "黄村东大街"]


def test_a_thing_of_the_room_is_chosen_not_marked(desk, finder, qtbot):
    with qtbot.waitSignal(desk.seat.requests.map_wanted) as asked:
        finder._go(Hit("camera", "c-1", "卡口", ""))
    assert asked.args == ["camera", "c-1"] and (desk.seat.selection.kind, desk.seat.selection.id) == ("camera", "c-1")
    assert FOUND not in desk.seat.layers
