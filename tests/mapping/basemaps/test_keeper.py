"""The folder of base maps as it lives: files come, change, break and go while the room runs."""

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controlroom.mapping.basemaps import catalogue, keeper
from controlroom.mapping.basemaps.keeper import Keeper
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import BaseMap
from tests.mapping.basemaps.made import CLUBROOM, GREEN, around, green, make_folder, make_mbtiles, picture, tile_of
from tests.mapping.basemaps.served import Served
from tests.mapping.basemaps.test_readers import colour_of
from tests.rooms import wait_until

HERE = tile_of(*CLUBROOM, 12)
PLACES = around(*CLUBROOM, (11, 12))


class Kept:
    """A running keeper and what it told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "basemaps"
        self.folder.mkdir()
        self.maps: tuple[BaseMap, ...] = ()
        self.keeper = Keeper(
            self.folder,
            TileCache(folder / "cache.sqlite", 10_000_000),
            (),
            lambda: datetime.now(UTC),
            self.hear,
            lambda _name, _condition: None,
        )
        self.keeper.start()

    def hear(self, maps: tuple[BaseMap, ...]) -> None:
        self.maps = maps

    def names(self) -> list[tuple[str, bool]]:
        return [(one.id, bool(one.fault)) for one in self.maps]

    def tile(self, version: int, *place: int) -> bytes | None:
        done, answers = threading.Event(), []
        self.keeper.ask(version, *place, lambda body: (answers.append(body), done.set()))
        assert done.wait(10)
        return answers[0]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(catalogue, "_SETTLED_S", 0.2)
    found = Kept(tmp_path)
    yield found
    found.keeper.close()


def test_sets_appear_change_and_go_without_a_restart(kept: Kept, tmp_path: Path) -> None:
    make_mbtiles(tmp_path / "a.mbtiles", PLACES, green, name="甲")
    shutil.copy(tmp_path / "a.mbtiles", kept.folder)
    make_folder(kept.folder / "b", PLACES, green)
    wait_until(lambda: kept.names() == [("b", False), ("a.mbtiles", False)])
    version = kept.maps[1].version
    body = kept.tile(version, *HERE)
    assert body is not None
    assert body[0] == 0
    assert colour_of(body[1:]) == GREEN
    make_mbtiles(tmp_path / "new.mbtiles", PLACES, lambda _p: picture((200, 0, 0)), name="甲")
    (tmp_path / "new.mbtiles").replace(kept.folder / "a.mbtiles")
    wait_until(lambda: kept.maps[1].version != version)
    assert kept.tile(version, *HERE) == body, "what was read stays until it is forgotten"
    fresh = kept.tile(kept.maps[1].version, *HERE)
    assert fresh is not None
    assert colour_of(fresh[1:]) == (200, 0, 0)
    (kept.folder / "a.mbtiles").unlink()
    wait_until(lambda: kept.names() == [("b", False)])


def test_a_broken_file_is_named_and_others_go_on(kept: Kept) -> None:
    (kept.folder / "broken.pmtiles").write_bytes(b"PMTiles\x03" + bytes(300))
    (kept.folder / "lost.toml").write_text("name = 'x'")
    (kept.folder / "notes.txt").write_text("fine")
    make_folder(kept.folder / "b", PLACES, green)
    wait_until(lambda: kept.names() == [("b", False), ("broken.pmtiles", True), ("lost.toml", True)])
    wait_until(lambda: "PMTiles" in kept.maps[1].fault)
    assert "WMTS" in kept.maps[2].fault


def test_a_file_that_is_still_copied_is_not_called_broken(kept: Kept, tmp_path: Path) -> None:
    whole = make_mbtiles(tmp_path / "big.mbtiles", PLACES, green, name="大").read_bytes()
    target = kept.folder / "big.mbtiles"
    target.write_bytes(whole[:5000])
    later = datetime.now(UTC).timestamp() + 60
    os.utime(target, (later, later))
    wait_until(lambda: bool(kept.maps) and "写入" in kept.maps[0].fault)
    target.write_bytes(whole)
    wait_until(lambda: kept.names() == [("big.mbtiles", False)])


def test_a_missing_tile_is_covered_by_one_above_it(kept: Kept) -> None:
    make_folder(kept.folder / "sparse", [*around(*CLUBROOM, (9,)), tile_of(116.9, 39.9, 12)], green)
    wait_until(lambda: bool(kept.maps))
    body = kept.tile(kept.maps[0].version, *HERE)
    assert body is not None
    assert body[0] == 3
    deep = kept.tile(kept.maps[0].version, *tile_of(*CLUBROOM, 14))
    assert deep is not None
    assert deep[0] == 5
    assert kept.tile(kept.maps[0].version, 12, 0, 0) is None
    assert kept.tile(kept.maps[0].version, 99, 0, -1) is None
    assert kept.tile(4711, *HERE) is None


def test_a_service_is_declared_by_a_file_and_forgotten_with_it(kept: Kept) -> None:
    served = Served()
    file = kept.folder / "政务底图.toml"
    file.write_text(f'name = "政务"\n[wmts]\naddress = "{served.address}"\ntoken = "geheim"\n')
    wait_until(lambda: kept.names() == [("政务底图.toml", False)])
    assert kept.maps[0].name == "政务"
    assert kept.tile(kept.maps[0].version, *HERE) is not None
    assert "geheim" not in repr(kept.maps)
    file.unlink()
    wait_until(lambda: not kept.maps)
    served.die()


def test_a_service_that_is_dead_at_the_start_is_found_when_it_lives(kept: Kept) -> None:
    served = Served()
    served.die()
    (kept.folder / "x.toml").write_text(f'[wmts]\naddress = "{served.address}"\n')
    wait_until(lambda: bool(kept.maps) and "无法连接" in kept.maps[0].fault)
    served.start()
    wait_until(lambda: kept.names() == [("x.toml", False)])
    served.die()


def test_nothing_is_read_after_it_was_closed(tmp_path: Path) -> None:
    found = Kept(tmp_path)
    found.keeper.close()
    assert found.tile(1, *HERE) is None
