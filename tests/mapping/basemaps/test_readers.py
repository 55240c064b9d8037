"""Tile sets in files: read as their formats say, refused with a sentence where they are broken."""

import gzip
import sqlite3
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.tile import TileType

from controlroom.mapping.basemaps.archive import PmTiles
from controlroom.mapping.basemaps.declared import Declared, declaration
from controlroom.mapping.basemaps.folder import TileFolder
from controlroom.mapping.basemaps.mbtiles import MbTiles
from controlroom.mapping.basemaps.opening import open_tiles
from controlroom.mapping.basemaps.tiles import Kind, Reader, TileFault, is_vector_tile, picture_side, unpacked
from controlroom.mapping.coordinates import Datum, from_wgs84
from tests.mapping.basemaps.made import (
    CLUBROOM,
    GREEN,
    around,
    green,
    lake,
    make_folder,
    make_mbtiles,
    make_pmtiles,
    picture,
    tile_of,
)

TOLD = {"name": "区影像", "attribution": "© 区规自分局", "bounds": "116,39.4,116.8,39.9", "date": "2025-03"}
PLACES = around(*CLUBROOM, (11, 12))
HERE = tile_of(*CLUBROOM, 12)


def colour_of(body: bytes | None) -> tuple[int, ...]:
    """Red, green, blue in the middle of a picture."""
    assert body is not None
    found = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    return tuple(int(part) for part in found[found.shape[0] // 2, found.shape[1] // 2][::-1])


@pytest.mark.parametrize("make", [make_mbtiles, make_pmtiles, make_folder])
def test_each_form_tells_what_it_is_and_gives_its_tiles(make, tmp_path: Path) -> None:
    path = make(
        tmp_path / f"city{ {make_mbtiles: '.mbtiles', make_pmtiles: '.pmtiles'}.get(make, '') }", PLACES, green, **TOLD
    )
    described, reader = open_tiles(path, Declared())
    assert (described.name, described.attribution, described.dated) == ("区影像", "© 区规自分局", "2025-03")
    assert (described.kind, described.min_zoom, described.max_zoom) == (Kind.RASTER, 11, 12)
    if make is not make_pmtiles:
        assert described.bounds == (116.0, 39.4, 116.8, 39.9)
    assert colour_of(reader.tile(*HERE)) == GREEN
    assert reader.tile(12, 0, 0) is None
    reader.close()


@pytest.mark.parametrize("packed", [True, False])
def test_vector_tiles_come_unpacked(packed: bool, tmp_path: Path) -> None:
    body = lake() if packed else gzip.decompress(lake())
    for reader in (
        MbTiles(
            make_mbtiles(tmp_path / "v.mbtiles", [HERE], lambda _p: body, format="pbf", minzoom="12", maxzoom="12")
        ),
        PmTiles(make_pmtiles(tmp_path / "v.pmtiles", [HERE], lambda _p: body, TileType.MVT)),
    ):
        assert reader.described.kind is Kind.VECTOR
        assert reader.tile(*HERE) == gzip.decompress(lake())
        reader.close()


def test_rows_of_a_folder_can_begin_in_the_south(tmp_path: Path) -> None:
    z, x, y = HERE
    make_folder(tmp_path / "tms", [(z, x, 2**z - 1 - y)], green)
    (tmp_path / "tms.toml").write_text('rows = "south"\nname = "南起"\n')
    described, reader = open_tiles(tmp_path / "tms", declaration(tmp_path / "tms"))
    assert described.name == "南起"
    assert colour_of(reader.tile(*HERE)) == GREEN


def test_a_write_protected_file_is_read_where_it_lies(tmp_path: Path) -> None:
    path = make_mbtiles(tmp_path / "a b#1?.mbtiles", PLACES, green, **TOLD)
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        reader = MbTiles(path)
        assert reader.tile(*HERE) is not None
        reader.close()
        assert [one.name for one in tmp_path.iterdir()] == [path.name]
    finally:
        tmp_path.chmod(0o700)


def refusal(path: Path) -> str:
    with pytest.raises(TileFault) as caught:
        open_tiles(path, declaration(path))
    assert path.name in caught.value.sentence
    return caught.value.sentence


def test_what_is_no_tile_set_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "letter.mbtiles"
    wrong.write_bytes(b"dear sirs")
    assert "SQLite" in refusal(wrong)
    sqlite3.connect(tmp_path / "other.mbtiles").executescript("CREATE TABLE x (y); INSERT INTO x VALUES (1);")
    assert "metadata" in refusal(tmp_path / "other.mbtiles")
    make_mbtiles(tmp_path / "empty.mbtiles", [], green, **TOLD)
    refusal(tmp_path / "empty.mbtiles")
    make_mbtiles(tmp_path / "text.mbtiles", PLACES, lambda _p: b"<html>", **TOLD)
    refusal(tmp_path / "text.mbtiles")
    make_mbtiles(tmp_path / "deep.mbtiles", PLACES, green, minzoom="9", maxzoom="-3")
    refusal(tmp_path / "deep.mbtiles")
    (tmp_path / "old.pmtiles").write_bytes(b"PM\x01\x00" + bytes(200))
    refusal(tmp_path / "old.pmtiles")
    (tmp_path / "folder" / "3").mkdir(parents=True)
    refusal(tmp_path / "folder")
    (tmp_path / "map.zip").write_bytes(b"PK")
    assert "MBTiles" in refusal(tmp_path / "map.zip")
    (tmp_path / "fine.toml").write_text("datum = 'mars'")
    make_mbtiles(tmp_path / "fine.mbtiles", PLACES, green, **TOLD)
    with pytest.raises(TileFault, match=r"fine\.toml"):
        declaration(tmp_path / "fine.mbtiles")


def test_a_file_whose_question_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controlroom.mapping.basemaps.mbtiles._LONGEST_S", 0.05)
    path = tmp_path / "endless.mbtiles"
    store = sqlite3.connect(path)
    store.executescript(
        "CREATE TABLE metadata (name, value);"
        "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT i AS zoom_level, i AS tile_column, i AS tile_row, x'00' AS tile_data FROM n WHERE i < 0;"
    )
    store.close()
    start = time.monotonic()
    refusal(path)
    assert time.monotonic() - start < 2


def test_a_bomb_is_no_tile() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(ValueError, match="large"):
        unpacked(bomb)
    huge = bytearray(picture(GREEN))
    huge[16:24] = (100_000).to_bytes(4, "big") * 2
    assert picture_side(bytes(huge)) == 100_000
    assert picture_side(picture(GREEN, ".jpg", 512)) == 512


SETS: dict[str, bytes] = {}


def whole(tmp_path_factory: pytest.TempPathFactory, name: str) -> bytes:
    """The bytes of a whole set, made once."""
    if name not in SETS:
        folder = tmp_path_factory.mktemp("whole")
        body = (lambda _p: lake()) if "vector" in name else green
        if name.endswith(".mbtiles"):
            made = make_mbtiles(folder / name, PLACES, body, format="pbf" if "vector" in name else "png", **TOLD)
        else:
            made = make_pmtiles(folder / name, PLACES, body, TileType.MVT if "vector" in name else TileType.PNG, **TOLD)
        SETS[name] = made.read_bytes()
    return SETS[name]


@pytest.mark.parametrize("name", ["raster.mbtiles", "vector.mbtiles", "raster.pmtiles", "vector.pmtiles"])
def test_any_damage_ends_in_a_sentence_or_a_missing_tile(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    good = whole(tmp_path_factory, name)
    path = tmp_path_factory.mktemp("damaged") / name

    @settings(max_examples=60)
    @given(
        cut=st.integers(0, len(good)),
        spots=st.lists(st.tuples(st.integers(0, min(len(good) - 1, 6000)), st.integers(0, 255)), max_size=12),
    )
    def damage(cut: int, spots: list[tuple[int, int]]) -> None:
        raw = bytearray(good)
        for at, value in spots:
            raw[at] = value
        path.write_bytes(raw[: cut if cut % 3 else len(raw)])
        try:
            described, reader = open_tiles(path, Declared())
        except TileFault as fault:
            assert fault.sentence
            return
        assert 0 <= described.min_zoom <= described.max_zoom
        for place in (HERE, PLACES[0], (30, 5, 5), (0, 0, 0)):
            try:
                body = reader.tile(*place)
            except TileFault:
                continue
            assert body is None or (is_vector_tile(body) if described.kind is Kind.VECTOR else body)
        reader.close()

    damage()


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_at_as_a_tile(body: bytes) -> None:
    is_vector_tile(body)
    picture_side(b"\xff\xd8\xff" + body)


# ------------------------------------------------------------ other grids and datums


class Painted:
    """A world whose colour tells longitude (red) and latitude (green) within the district, in any grid and datum."""

    west, east, south, north = 116.0, 117.0, 39.0, 40.0

    @classmethod
    def colours(cls, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        red = np.clip((lon - cls.west) / (cls.east - cls.west), 0, 1) * 255
        up = np.clip((lat - cls.south) / (cls.north - cls.south), 0, 1) * 255
        return np.dstack([np.zeros_like(red), up, red]).round().astype(np.uint8)

    @classmethod
    def degree_tile(cls, z: int, x: int, y: int, whole_at: int) -> bytes:
        pixel = 180 / 256 / 2 ** (z - whole_at)
        lon = -180 + (x * 256 + np.arange(256) + 0.5) * pixel
        lat = 90 - (y * 256 + np.arange(256) + 0.5) * pixel
        return cv2.imencode(".png", cls.colours(*np.meshgrid(lon, lat)))[1].tobytes()

    @classmethod
    def mercator_tile(cls, z: int, x: int, y: int, datum: Datum) -> bytes:
        """Drawn as a publisher of GCJ-02 does: each pixel shows what truly lies where the shift leads back from."""
        column, row = np.meshgrid(x * 256 + np.arange(256) + 0.5, y * 256 + np.arange(256) + 0.5)
        lon = (column / (256 * 2**z) - 0.5) * 360
        lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / (256 * 2**z)))))
        east, north = from_wgs84(lon, lat, datum)
        return cv2.imencode(".png", cls.colours(2 * lon - east, 2 * lat - north))[1].tobytes()

    @classmethod
    def told(cls, body: bytes | None) -> tuple[float, float]:
        """The longitude and latitude that the middle of a tile shows."""
        red, up, _blue = colour_of(body)
        return cls.west + red / 255, cls.south + up / 255


def middle(z: int, x: int, y: int) -> tuple[float, float]:
    lat = float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + 0.5) / 2**z)))))
    return ((x + 0.5) / 2**z - 0.5) * 360, lat


@pytest.mark.parametrize(("grid", "whole_at"), [("4326", 0), ("4490", 1)])
def test_tiles_over_degrees_are_drawn_anew_where_they_belong(grid: str, whole_at: int, tmp_path: Path) -> None:
    level = 10 + whole_at
    pixel = 180 / 2 ** (level - whole_at)
    across = [int((lon + 180) / pixel) for lon in (116.2, 116.8)]
    down = [int((90 - lat) / pixel) for lat in (39.9, 39.3)]
    places = [(level, x, y) for x in range(across[0], across[1] + 1) for y in range(down[0], down[1] + 1)]
    path = make_folder(tmp_path / "plate", places, lambda p: Painted.degree_tile(*p, whole_at))
    (tmp_path / "plate.toml").write_text(f'grid = "{grid}"\nwhole_at = {whole_at}\n')
    described, reader = open_tiles(path, declaration(path))
    assert described.datum == ("CGCS2000" if grid == "4490" else "WGS-84")
    assert described.max_zoom == 11
    place = tile_of(*CLUBROOM, 11)
    assert Painted.told(reader.tile(*place)) == pytest.approx(middle(*place), abs=0.004)
    assert reader.tile(11, 0, 0) is None


def test_tiles_in_gcj_02_stand_where_things_truly_are(tmp_path: Path) -> None:
    places = around(*CLUBROOM, (13,), reach=3)
    make_mbtiles(tmp_path / "web.gcj02.mbtiles", places, lambda p: Painted.mercator_tile(*p, Datum.GCJ02), **TOLD)
    described, shifted = open_tiles(tmp_path / "web.gcj02.mbtiles", declaration(tmp_path / "web.gcj02.mbtiles"))
    assert described.datum == "GCJ-02"
    plain: Reader = MbTiles(tmp_path / "web.gcj02.mbtiles")
    place = tile_of(*CLUBROOM, 13)
    true = middle(*place)
    # One step of the colour is 0.004 degrees, the shift 0.006: what is not shifted back is seen to be wrong.
    assert abs(Painted.told(shifted.tile(*place))[0] - true[0]) <= 0.0025
    assert abs(Painted.told(plain.tile(*place))[0] - true[0]) >= 0.003
    shifted.close()
    plain.close()


def test_vector_tiles_of_another_datum_and_bd_09_are_refused(tmp_path: Path) -> None:
    for name in ("v.gcj02.mbtiles", "v.4490.mbtiles"):
        make_mbtiles(tmp_path / name, [HERE], lake, format="pbf", minzoom="12", maxzoom="12")
        assert "CGCS2000" in refusal(tmp_path / name)
    make_mbtiles(tmp_path / "b.bd09.mbtiles", [HERE], green, **TOLD)
    assert "BD-09" in refusal(tmp_path / "b.bd09.mbtiles")
    (tmp_path / "b.bd09.mbtiles").rename(tmp_path / "b.mbtiles")
    open_tiles(tmp_path / "b.mbtiles", Declared())[1].close()


def test_the_order_of_a_folder_is_that_of_its_name_in_a_declaration_too(tmp_path: Path) -> None:
    reader = TileFolder(make_folder(tmp_path / "x", PLACES, green, name="A", scheme="tms"))
    z, x, y = HERE
    assert reader.tile(z, x, 2**z - 1 - y) is not None
