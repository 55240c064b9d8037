"""Tile sets that are dropped: looked at, copied whole or not at all."""

import shutil
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from controlroom.errors import EnvironmentFault
from controlroom.mapping.basemaps import intake
from controlroom.mapping.basemaps.intake import IntakeStopped, may_be_base_map, take_in
from controlroom.mapping.basemaps.tiles import TileFault
from tests.mapping.basemaps.made import CLUBROOM, around, green, make_folder, make_mbtiles

PLACES = around(*CLUBROOM, (11, 12))


def take(source: Path, folder: Path, stop: threading.Event | None = None) -> tuple[Path, list[float]]:
    shares: list[float] = []
    return take_in(source, folder, shares.append, stop or threading.Event()), shares


def test_a_file_comes_with_its_declaration_and_never_over_another(tmp_path: Path) -> None:
    source = make_mbtiles(tmp_path / "a.gcj02.mbtiles", PLACES, green, name="甲")
    (tmp_path / "a.gcj02.toml").write_text('date = "2024"')
    folder = tmp_path / "data" / "basemaps"
    target, shares = take(source, folder)
    assert target.name == "a.gcj02.mbtiles"
    assert shares[-1] == 1.0
    again, _shares = take(source, folder)
    assert again.name == "a-2.gcj02.mbtiles"
    assert sorted(one.name for one in folder.iterdir()) == [
        "a-2.gcj02.mbtiles",
        "a-2.gcj02.toml",
        "a.gcj02.mbtiles",
        "a.gcj02.toml",
    ]
    assert take(target, folder)[0] == target, "what lies there already stays where it is"


def test_a_folder_comes_with_all_its_tiles(tmp_path: Path) -> None:
    source = make_folder(tmp_path / "tiles", PLACES, green, name="乙")
    target, _shares = take(source, tmp_path / "basemaps")
    assert len(list(target.rglob("*.png"))) == len(PLACES)


def test_what_is_broken_does_not_come_in(tmp_path: Path) -> None:
    (tmp_path / "x.mbtiles").write_bytes(b"nothing")
    with pytest.raises(TileFault, match="SQLite"):
        take(tmp_path / "x.mbtiles", tmp_path / "basemaps")
    assert not (tmp_path / "basemaps").exists()


def test_copying_that_is_stopped_or_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_mbtiles(tmp_path / "a.mbtiles", PLACES, green, name="甲")
    stop = threading.Event()
    stop.set()
    with pytest.raises(IntakeStopped):
        take(source, tmp_path / "basemaps", stop)
    assert list((tmp_path / "basemaps").iterdir()) == []
    usage = namedtuple("usage", "free")  # as shutil has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10_000))
    with pytest.raises(EnvironmentFault, match="放不下"):
        take(source, tmp_path / "basemaps")
    monkeypatch.undo()
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="无法拷贝"):
        take(source, tmp_path / "taken" / "basemaps")


def test_only_base_maps_are_taken_for_base_maps(tmp_path: Path) -> None:
    make_folder(tmp_path / "tiles", PLACES, green)
    (tmp_path / "plain").mkdir()
    (tmp_path / "service.toml").write_text('[wmts]\naddress = "http://a.example"')
    (tmp_path / "other.toml").write_text("a = 1")
    assert [
        name
        for name in ("tiles", "plain", "service.toml", "other.toml", "x.pmtiles", "x.geojson")
        if may_be_base_map(tmp_path / name)
    ] == ["tiles", "service.toml", "x.pmtiles"]
    assert intake.SUFFIXES == (".mbtiles", ".pmtiles")
