"""A screen of a wall with everything that can be on it, and with one broken tile."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.domain.events import AlarmChanged, PtzUnitChanged, WallChanged
from controlroom.domain.place import Point
from controlroom.domain.ptz import Pose, PtzUnit
from controlroom.domain.wall import Push, Spot, TileKind, Wall, WallScreen, WallTile, plain_screen
from controlroom.domain.wall_layout import alarm_screen, laid_out
from controlroom.wire.messages import ShowOnWall
from controlroom.wire.walls import ArrangeWall
from controlroom.wiring import wall_tiles
from controlroom.wiring.video import WallWiring
from tests.rooms import NOON
from tests.wiring.conftest import Desk, alarm, declared
from widgets.card import Card
from widgets.map_toolbar import MapToolbar
from widgets.plot_toolbar import PlotToolbar
from widgets.wall_special import ClockTile, ImageTile, ScreenNumber, TextTile


def camera(identity: str, **more: object) -> Camera:
    return Camera(**({"id": identity, "name": f"机位{identity}", "url": f"rtsp://h/{identity}"} | more))


def opened(desk: Desk, qtbot: QtBot, screen: WallScreen, **more: object) -> WallWiring:
    desk.happen(
        declared(*(camera(name) for name in "abcdef")), WallChanged(Wall(name="main", screens=(screen,), **more))
    )
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    wiring.wall.resize(960, 600)
    wiring.wall.show()
    qtbot.waitExposed(wiring.wall)
    return wiring


def row(*tiles: WallTile) -> WallScreen:
    placed = tuple(msgspec.structs.replace(tile, left=k) for k, tile in enumerate(tiles))
    return WallScreen(columns=len(tiles), rows=1, tiles=placed)


def test_tiles_lie_where_the_layout_says_and_the_large_one_is_large(desk: Desk, qtbot: QtBot) -> None:
    wiring = opened(desk, qtbot, laid_out(plain_screen("abcdef", 3), "1+5"))
    large, small = wiring.wall.tile_rect(0), wiring.wall.tile_rect(5)
    assert abs(large.width() - 2 * small.width()) <= 4 and abs(large.height() - 2 * small.height()) <= 4
    assert wiring.wall.tiles() == tuple("abcdef")


def test_a_push_is_seen_and_goes_again(desk: Desk, qtbot: QtBot) -> None:
    wiring = opened(desk, qtbot, plain_screen("abcd", 2))
    spot = Spot(screen=1, columns=2, rows=2, tile=WallTile(cameras=("f",)))
    held = desk.pump.room.walls["main"]
    push = Push(id="p", seat="s", by="王", at=NOON, until=NOON + timedelta(seconds=9), spots=(spot,))
    desk.happen(WallChanged(msgspec.structs.replace(held, pushes=(push,))))
    assert wiring.wall.tiles() == tuple("fbcd")
    desk.happen(WallChanged(held))
    assert wiring.wall.tiles() == tuple("abcd")


def test_a_tour_goes_on_by_itself_and_says_where_it_is(desk: Desk, qtbot: QtBot) -> None:
    tour = WallTile(kind=TileKind.CAROUSEL, cameras=("a", "b"), dwell_s=3)
    wiring = opened(desk, qtbot, row(tour, WallTile(cameras=("c",))))
    seen = []
    for _second in range(6):
        seen.append(wiring.wall.tiles()[0])
        desk.second()
    assert sorted(seen) == ["a", "a", "a", "b", "b", "b"]
    assert "/2" in wiring.wall.describe(0) and "机位" in wiring.wall.describe(0)
    assert wiring.wall.tiles()[1] == "c"


def test_hot_spot_and_alarm_layout_find_the_cameras_that_see_the_place(desk: Desk, qtbot: QtBot) -> None:
    here = Point(116.34, 39.73)
    desk.happen(declared(camera("near", point=here, heading_deg=0.0, view_deg=360.0, range_m=200.0)))
    wiring = opened(desk, qtbot, alarm_screen(1, "4"))
    assert wiring.wall.tiles() == ("", "", "", "")
    desk.happen(AlarmChanged(alarm("1", camera="a")), AlarmChanged(alarm("2", point=here)))
    desk.second()
    assert set(wiring.wall.tiles()[:2]) == {"a", "near"}
    desk.happen(WallChanged(Wall(name="main", screens=(row(WallTile(kind=TileKind.HOTSPOT)),))))
    assert wiring.wall.tiles()[0] in ("a", "near")


def test_alarm_tiles_go_by_where_heads_look_now_and_by_what_can_be_watched(desk: Desk, qtbot: QtBot) -> None:
    here, south = Point(116.34, 39.73), Point(116.34, 39.7295)
    beside = {"point": south, "view_deg": 60.0, "range_m": 300.0}
    desk.happen(
        declared(
            camera("dome", heading_deg=0.0, ptz="onvif:http://h", **beside),
            camera("dark", point=here, heading_deg=0.0, view_deg=360.0, range_m=200.0, url=""),
            camera("other", heading_deg=10.0, **beside),
        )
    )
    wiring = opened(desk, qtbot, alarm_screen(1, "4"))
    desk.happen(AlarmChanged(alarm("1", camera="dark", point=here)))
    desk.second()
    assert set(wiring.wall.tiles()) == {"dome", "other", ""}, "one without a stream shows nothing of it"
    desk.happen(PtzUnitChanged(PtzUnit(camera="dome", pose=Pose(pan_deg=180.0))))
    fresh = alarm("2", point=Point(here.lon, here.lat + 0.0001))
    desk.happen(AlarmChanged(fresh))
    assert wiring._cameras_of(fresh) == ("other",), "it was turned away"
    desk.happen(PtzUnitChanged(PtzUnit(camera="dome", pose=Pose())))
    assert set(wiring._cameras_of(fresh)) == {"dome", "other"}


def test_a_broken_tile_is_a_card_and_the_others_go_on(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, allow_log: Callable[[str, str], None], tmp_path: Path
) -> None:
    class Broken(TextTile):
        def __init__(self, _text: str) -> None:
            raise RuntimeError("kaputt")

    allow_log("controlroom.shell.panels", "cannot be built")
    monkeypatch.setattr(wall_tiles, "TextTile", Broken)
    desk.seat.wall_pictures = tmp_path
    picture = QPixmap(32, 16)
    picture.fill(QColor("magenta"))
    picture.save(str(tmp_path / "plan.png"))
    wiring = opened(
        desk,
        qtbot,
        row(
            WallTile(kind=TileKind.CLOCK),
            WallTile(kind=TileKind.TEXT, text="x"),
            WallTile(kind=TileKind.IMAGE, text="plan.png"),
            WallTile(kind=TileKind.IMAGE, text="../secret.png"),
            WallTile(kind=TileKind.WEB, text="https://news.example/"),
            WallTile(cameras=("a",)),
        ),
    )
    cards = [card for card in wiring.wall.findChildren(Card) if card.isVisible()]
    assert len(cards) == 3 and "kaputt" in "".join(card.sentence.text() for card in cards)
    assert any("news.example" in card.sentence.text() for card in cards)
    assert wiring.wall.findChild(ClockTile).accessibleName() == "12:00:00"
    assert wiring.wall.findChild(ImageTile).isVisible() and wiring.wall.tiles()[-1] == "a"
    desk.second()
    assert wiring.wall.findChild(ClockTile).accessibleName() == "12:00:01"


def test_special_tiles_stay_while_the_rest_changes_and_go_when_they_are_wanted_no_more(
    desk: Desk, qtbot: QtBot
) -> None:
    text = WallTile(kind=TileKind.TEXT, text="今晚有雨")
    wiring = opened(desk, qtbot, row(text, WallTile(cameras=("a",))))
    first = wiring.wall.findChild(TextTile)
    desk.happen(WallChanged(Wall(name="main", screens=(row(WallTile(cameras=("b",)), text),))))
    assert wiring.wall.findChild(TextTile) is first
    assert first.parentWidget().geometry() == wiring.wall.tile_rect(1)
    desk.happen(WallChanged(Wall(name="main", screens=(plain_screen("ab", 2),))))
    assert not first.isVisible()


def test_a_display_shows_its_number_while_it_is_asked_for_and_a_desk_does_not(desk: Desk, qtbot: QtBot) -> None:
    for is_display in (True, False):
        desk.seat.is_display = is_display
        until = desk.clock.now() + timedelta(seconds=2)
        wiring = opened(desk, qtbot, plain_screen("ab", 2), identify_until=until)
        desk.second()
        assert wiring.wall.findChild(ScreenNumber).isVisible() is is_display
        desk.second()
        desk.second()
        assert not wiring.wall.findChild(ScreenNumber).isVisible()


def test_what_is_dropped_on_the_panel_changes_only_that_place_of_what_is_shown_for_good(
    desk: Desk, qtbot: QtBot
) -> None:
    spot = Spot(screen=1, columns=2, rows=1, tile=WallTile(cameras=("f",)))
    push = Push(id="p", seat="s", by="王", at=NOON, spots=(spot,))
    wiring = opened(desk, qtbot, plain_screen("ab", 2), pushes=(push,))
    wiring.wall.rearranged.emit(("f", "c"))
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, ShowOnWall) and sent.tiles == ["a", "c"]
    desk.happen(WallChanged(Wall(name="main", screens=(row(WallTile(kind=TileKind.CLOCK), WallTile()),))))
    wiring.wall.rearranged.emit(("", "e"))
    sent = desk.sent.bodies[-1]
    assert isinstance(sent, ArrangeWall) and sent.screens[0].tiles[1].cameras == ("e",)
    assert sent.screens[0].tiles[0].kind is TileKind.CLOCK


def test_a_screen_that_the_wall_has_not_says_so(desk: Desk, qtbot: QtBot) -> None:
    desk.seat.wall_screen = 3
    wiring = opened(desk, qtbot, plain_screen("ab", 2))
    assert "3" in wiring.wall.findChild(TextTile).accessibleName()


def test_a_tile_that_fails_while_it_is_painted_becomes_a_card_that_builds_it_anew(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, allow_log: Callable[[str, str], None]
) -> None:
    class Broken(TextTile):
        is_broken = True

        def paintEvent(self, event: QPaintEvent) -> None:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor("magenta"))
            if Broken.is_broken:
                int("kaputt")

    allow_log("controlroom.shell.tile_fence", "failed")
    monkeypatch.setattr(wall_tiles, "TextTile", Broken)
    wiring = opened(desk, qtbot, row(WallTile(kind=TileKind.CLOCK), WallTile(kind=TileKind.TEXT, text="x")))
    qtbot.waitUntil(lambda: any(card.isVisible() for card in wiring.wall.findChildren(Card)))
    (card,) = wiring.wall.findChildren(Card)
    assert "kaputt" in card.sentence.text() and "paintEvent" in card.details.toPlainText()
    desk.second()
    assert wiring.wall.findChild(ClockTile).accessibleName() == "12:00:01", "the other tile goes on"
    Broken.is_broken = False
    card.restart.click()
    qtbot.waitUntil(lambda: wiring.wall.grab().toImage().pixelColor(wiring.wall.tile_rect(1).center()) == "magenta")


def test_a_text_says_who_put_it_there_and_when(desk: Desk, qtbot: QtBot) -> None:
    text = WallTile(kind=TileKind.TEXT, text="今晚有雨")
    wiring = opened(desk, qtbot, row(text), by="李", at=NOON - timedelta(hours=3))
    assert wiring.wall.findChild(TextTile).accessibleDescription() == "李，11-21 09:00"
    push = Push(id="p", seat="s", by="王", at=NOON, spots=(Spot(screen=1, columns=1, rows=1, tile=text),))
    held = desk.pump.room.walls["main"]
    other = msgspec.structs.replace(text, text="停电")
    spot = Spot(screen=1, columns=1, rows=1, tile=other)
    desk.happen(WallChanged(msgspec.structs.replace(held, pushes=(msgspec.structs.replace(push, spots=(spot,)),))))
    assert [each.accessibleDescription() for each in wiring.wall.findChildren(TextTile)][-1] == "王，11-21 12:00"


def test_in_a_tile_map_and_plot_have_no_tools_for_which_there_is_no_room(desk: Desk, qtbot: QtBot) -> None:
    for is_display in (True, False):
        desk.seat.is_display = is_display
        wiring = opened(desk, qtbot, row(WallTile(kind=TileKind.PLOT), WallTile(kind=TileKind.MAP)))
        (plot_tools,) = wiring.wall.findChildren(PlotToolbar)
        (map_tools,) = wiring.wall.findChildren(MapToolbar)
        assert not plot_tools.isVisible() and not map_tools.home.isVisible()
        assert map_tools.age.isVisible()
        wiring.wall.hide()
