"""Files of thematic layers as departments hand them in."""

import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import shapefile
import shapely

from controlroom.mapping.thematic.messages import Opened
from controlroom.mapping.thematic.opening import open_layer
from controlroom.mapping.thematic.sheet import Sheet

HERE = (116.35, 39.65)
CGCS_117 = "epsg:4548"


def quiet(_share: float) -> None:
    """Nobody wants to know how far it is."""


def opened(path: Path, table_name: str = "") -> tuple[Sheet, Opened]:
    return open_layer(path, table_name, quiet)


def middle(sheet: Sheet) -> tuple[float, float]:
    west, south, east, north = sheet.extent
    return (west + east) / 2, (south + north) / 2


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


def collection(*features: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def written(path: Path, document: Any) -> Path:
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in document["features"])
    head = {name: value for name, value in document.items() if name != "features"}
    path.write_text(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + lines + "\n]}\n", "utf-8")
    return path


def square(x: float, y: float, side: float) -> dict[str, Any]:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return feature({"type": "Polygon", "coordinates": [ring]})


def shapes(path: Path, encoding: str = "gbk", projection: str = "", declares: bool = True) -> Path:
    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("名称", "C", 40)
        writer.field("PEOPLE", "N", 10)
        for k in range(3):
            x = HERE[0] + k * 0.01
            outer = [[x, 39.6], [x, 39.61], [x + 0.005, 39.61], [x + 0.005, 39.6], [x, 39.6]]
            hole = [[x + 0.001, 39.602], [x + 0.002, 39.602], [x + 0.002, 39.604], [x + 0.001, 39.602]]
            writer.poly([outer, hole])
            writer.record(f"小区{k}", k * 100)
        writer.null()
        writer.record("无", 0)
    if projection:
        path.with_suffix(".prj").write_text(projection)
    if declares:
        path.with_suffix(".cpg").write_text("GBK" if encoding == "gbk" else encoding)
    return path


def package(path: Path, geometries: list[bytes | None], code: int = 4326) -> Path:
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE gpkg_contents(table_name, data_type, identifier, srs_id);"
            "CREATE TABLE gpkg_geometry_columns(table_name, column_name, geometry_type_name, srs_id);"
            "CREATE TABLE gpkg_spatial_ref_sys(srs_name, srs_id, organization, organization_coordsys_id, definition);"
            'CREATE TABLE "危险""源"(fid INTEGER PRIMARY KEY, geom BLOB, 名称 TEXT);'
        )
        base.execute("INSERT INTO gpkg_contents VALUES('危险\"源', 'features', '危险源', ?)", (code,))
        base.execute("INSERT INTO gpkg_geometry_columns VALUES('危险\"源', 'geom', 'POINT', ?)", (code,))
        base.execute("INSERT INTO gpkg_spatial_ref_sys VALUES('x', ?, 'EPSG', ?, '')", (code, code))
        base.executemany(
            'INSERT INTO "危险""源"(geom, 名称) VALUES(?, ?)', [(g, f"源{k}") for k, g in enumerate(geometries)]
        )
    base.close()
    return path


def packed(geometry: Any, envelope: bool = False) -> bytes:
    head = b"GP\0" + (b"\x03" if envelope else b"\x01") + struct.pack("<i", 4326)
    return head + (struct.pack("<4d", 0, 1, 0, 1) if envelope else b"") + bytes(shapely.to_wkb(geometry))
