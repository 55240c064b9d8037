"""Tiles of layers: what a picture can show of them."""

import struct
from pathlib import Path
from typing import Any

import numpy as np

from controlroom.mapping.coordinates import WORLD, to_fixed
from tests.mapping.thematic.handed_in import HERE, collection, feature, opened, point, written


def decoded(body: bytes) -> dict[str, Any]:
    magic, parts, rings, points = struct.unpack_from("<4sIII", body)
    assert magic == b"CRT1"
    first = np.frombuffer(body, "<u4", parts + 1, 16)
    begins = np.frombuffer(body, "<u4", rings + 1, 16 + first.nbytes)
    at = 16 + first.nbytes + begins.nbytes
    assert len(body) == at + 4 * points + 2 * parts
    kind = np.frombuffer(body, np.uint8, parts, at + 4 * points)
    return {"parts": parts, "points": points, "kind": kind, "first": first, "begins": begins}


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    x, y = (float(part) for part in to_fixed(lon, lat))
    side = 512 * WORLD / (256.0 * 2.0**zoom)
    return zoom, int(x // side), int(y // side)


def test_a_layer_of_a_million_vertices_costs_a_tile_what_can_be_seen(tmp_path: Path) -> None:
    angle = np.linspace(0.0, 2 * np.pi, 20_001)
    rings = [
        np.column_stack(
            (HERE[0] + (k % 10) * 0.03 + 0.01 * np.cos(angle), 39.5 + k // 10 * 0.03 + 0.01 * np.sin(angle))
        )
        for k in range(50)
    ]
    path = tmp_path / "large.geojson"
    polygons = [{"type": "Polygon", "coordinates": [ring.round(7).tolist()]} for ring in rings]
    written(path, collection(*(feature(polygon) for polygon in polygons)))
    sheet, told = opened(path)
    assert told.vertices > 1_000_000 - 50
    for zoom in (9, 11, 13, 18):
        found = decoded(sheet.tile(*tile_of(HERE[0] + 0.01, 39.5, zoom)))
        assert 0 < found["points"] < 40_000, zoom


def test_things_below_a_pixel_are_thinned_to_what_can_be_told_apart(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    path = tmp_path / "houses.csv"
    lon, lat = generator.uniform(116.2, 116.5, 50_000), generator.uniform(39.5, 39.8, 50_000)
    path.write_text("lon,lat\n" + "\n".join(f"{x:.6f},{y:.6f}" for x, y in zip(lon, lat, strict=True)))
    sheet, told = opened(path)
    assert told.count == 50_000
    assert decoded(sheet.tile(*tile_of(*HERE, 8)))["parts"] < 10_000
    assert decoded(sheet.tile(*tile_of(*HERE, 18)))["parts"] < 100


def test_an_empty_tile_is_empty(tmp_path: Path) -> None:
    sheet, _told = opened(written(tmp_path / "a.geojson", collection(point(*HERE))))
    assert decoded(sheet.tile(11, 0, 0))["parts"] == 0
