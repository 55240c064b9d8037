"""Walls: what lies over what, who is in whose way, and the layouts of screens."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.wall import (
    Push,
    Spot,
    TileKind,
    Wall,
    WallScreen,
    WallTile,
    conflicts,
    plain_screen,
    shown,
)
from controlroom.domain.wall_layout import LAYOUTS, alarm_screen, emptied, laid_out, merged, places, split
from tests.rooms import NOON


def cameras(screen: WallScreen) -> list[str]:
    return [tile.cameras[0] if tile.cameras else "" for tile in screen.tiles]


def spot(camera: str, left: int = 0, top: int = 0, side: int = 2) -> Spot:
    return Spot(screen=1, columns=side, rows=side, tile=WallTile(left=left, top=top, cameras=(camera,)))


def push(identity: str, seat: str, *spots: Spot, after_s: int = 0, **more: object) -> Push:
    return Push(id=identity, seat=seat, by=seat, at=NOON + timedelta(seconds=after_s), spots=spots, **more)


WALL = Wall(name="w", screens=(plain_screen("abcd", 2),))


def test_a_wall_of_the_past_is_one_screen_of_equal_tiles() -> None:
    (screen,) = shown(Wall(name="w", columns=2, tiles=("a", "", "c")))
    assert (screen.columns, screen.rows, cameras(screen)) == (2, 2, ["a", "", "c"])


def test_what_was_pushed_lies_over_the_wall_and_nothing_else_changes() -> None:
    wall = msgspec.structs.replace(WALL, pushes=(push("p", "s", spot("x", 1, 1)),))
    assert cameras(shown(wall)[0]) == ["a", "b", "c", "x"]
    assert cameras(wall.base[0]) == ["a", "b", "c", "d"]


def test_officers_lie_over_rules_and_the_newer_over_the_older() -> None:
    rule = Push(id="r", seat="", by="r", at=NOON + timedelta(seconds=9), rule="r", screens=(plain_screen("efgh", 2),))
    first, second = push("1", "s", spot("x")), push("2", "t", spot("y"), after_s=1)
    wall = msgspec.structs.replace(WALL, pushes=(second, rule, first))
    assert cameras(shown(wall)[0]) == ["y", "f", "g", "h"]


def test_a_tile_finds_its_place_when_the_grid_is_another_now() -> None:
    wall = Wall(name="w", screens=(plain_screen("abcdefghi", 3),), pushes=(push("p", "s", spot("x", 1, 1)),))
    assert cameras(shown(wall)[0]) == [*"abcdefgh", "x"]
    assert cameras(shown(msgspec.structs.replace(wall, screens=(WallScreen(),)))[0]) == []


def test_two_seats_on_one_place_are_a_conflict_and_rules_are_none() -> None:
    below, above = push("1", "s", spot("x")), push("2", "t", spot("y"), after_s=1)
    beside = push("3", "u", spot("z", 1, 0))
    (found,) = conflicts(msgspec.structs.replace(WALL, pushes=(above, below, beside)))
    assert (found.screen, found.above.seat, found.below.seat) == (1, "t", "s")
    rule = Push(id="r", seat="", by="r", at=NOON, rule="r", screens=(WallScreen(),))
    assert conflicts(msgspec.structs.replace(WALL, pushes=(rule, above, beside))) == []


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_fills_its_screen_and_has_as_many_tiles_as_it_says(name: str) -> None:
    side, tiles = places(name)
    assert sum(tile.width * tile.height for tile in tiles) == side * side
    assert len(tiles) == (int(name) if name.isdigit() else 1 + int(name[2:]))
    WallScreen(columns=side, rows=side, tiles=tiles)


def test_another_layout_keeps_what_is_shown_as_far_as_there_is_room() -> None:
    screen = laid_out(plain_screen(["a", "", "c", "d"], 2), "1+5")
    assert cameras(screen) == ["a", "c", "d", "", "", ""]
    assert (screen.tiles[0].width, screen.tiles[0].height) == (2, 2)
    assert cameras(laid_out(screen, "1")) == ["a"]
    with pytest.raises(ValueError, match="no layout"):
        laid_out(screen, "7")


def test_tiles_are_merged_and_split_again() -> None:
    screen = plain_screen("abcdefghi", 3)
    joined = merged(screen, 4, 8)
    assert len(joined.tiles) == 6 and "e" in cameras(joined)
    large = next(tile for tile in joined.tiles if tile.cameras == ("e",))
    assert large.box == (1, 1, 3, 3)
    again = split(joined, joined.tiles.index(large))
    assert len(again.tiles) == 9 and cameras(again).count("e") == 1
    with pytest.raises(ValueError, match="reaches beyond"):
        merged(joined, 2, 3)


def test_a_single_cell_is_split_by_a_finer_grid_until_it_is_too_fine() -> None:
    screen = split(WallScreen(tiles=(WallTile(cameras=("a",)),)), 0)
    assert (screen.columns, len(screen.tiles), cameras(screen)) == (2, 4, ["a", "", "", ""])
    with pytest.raises(ValueError, match="smaller"):
        for _again in range(9):
            screen = split(screen, 0)


def test_tiles_on_one_another_and_beyond_the_grid_are_refused_at_the_door() -> None:
    for tiles in ([{}, {}], [{"left": 1}], [{"height": 2}]):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"tiles": tiles}, WallScreen)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(LAYOUTS),
    st.lists(st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 99)), max_size=8),
)
def test_merging_and_splitting_always_leaves_a_whole_screen(name: str, steps: list[tuple[bool, int, int]]) -> None:
    screen = laid_out(plain_screen("a", 1), name)
    for is_merge, one, other in steps:
        count = len(screen.tiles)
        try:
            screen = merged(screen, one % count, other % count) if is_merge else split(screen, one % count)
        except ValueError:
            continue
        covered = sum(tile.width * tile.height for tile in screen.tiles)
        assert covered == screen.columns * screen.rows
        assert cameras(screen).count("a") <= 1
    assert all(tile.is_empty for tile in emptied(screen).tiles) and len(emptied(screen).tiles) == len(screen.tiles)


def test_the_alarm_layout_asks_for_the_worst_alarm_in_its_first_tile() -> None:
    screen = alarm_screen(3, "1+5")
    assert screen.number == 3 and {tile.kind for tile in screen.tiles} == {TileKind.ALARMS}
    assert [tile.slot for tile in screen.tiles] == [0, 1, 2, 3, 4, 5] and screen.tiles[0].width == 2
