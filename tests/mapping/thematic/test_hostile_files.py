"""Nonsense in every format: a layer or a reason, never a crash."""

import json
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.thematic import geojson, table
from controlroom.mapping.thematic.opening import head_of
from controlroom.mapping.thematic.reading import Read
from controlroom.mapping.thematic.refusal import FileFault, Reason
from tests.mapping.thematic.handed_in import HERE, opened, package, packed, quiet, shapes

junk = st.binary(max_size=200)
texts = st.text(max_size=60)
numbers = st.floats() | st.integers(-200, 200) | st.none() | texts
places = st.recursive(numbers, lambda inner: st.lists(inner, max_size=4), max_leaves=10)
kinds = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Nonsense", 7])
geometries = st.fixed_dictionaries({"type": kinds, "coordinates": places})


@given(
    st.lists(st.fixed_dictionaries({"type": st.just("Feature"), "geometry": geometries | st.none()}), max_size=6), junk
)
@settings(max_examples=80)
def test_no_geojson_breaks_the_reader(features: list[Any], tail: bytes) -> None:
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    for data in (body, body[: len(body) // 2] + tail, tail):
        check(lambda data=data: geojson.read(data, quiet))


@given(st.lists(st.lists(texts | st.floats().map(str), max_size=4), max_size=6), junk)
@settings(max_examples=80)
def test_no_table_breaks_the_reader(rows: list[list[str]], tail: bytes) -> None:
    text = "lon,lat,name\n" + "\n".join(",".join(row) for row in rows)
    for data in (text.encode("utf-8", "replace"), text.encode("gb18030", "replace") + tail, tail):
        check(lambda data=data: table.read(data, quiet))


@given(st.data())
@settings(max_examples=25)
def test_no_shapefile_or_geopackage_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    if not folder.exists():
        folder.mkdir()
        shapes(folder / "good.shp")
        package(folder / "good.gpkg", [packed(shapely.Point(*HERE))] * 20)
    name = data.draw(st.sampled_from([".shp", ".dbf", ".shx", ".gpkg"]))
    bad = folder / f"bad{name}"
    for suffix in (".shp", ".dbf", ".shx"):
        (folder / f"bad{suffix}").write_bytes((folder / f"good{suffix}").read_bytes())
    body = bytearray((folder / f"good{name}").read_bytes())
    for _change in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    bad.write_bytes(bytes(body[: data.draw(st.integers(0, len(body)))] if data.draw(st.booleans()) else body))
    target = bad if name == ".gpkg" else folder / "bad.shp"
    for entry in head_of(target):
        if entry.fault is None:
            check(lambda entry=entry: opened(target, entry.table))


def check(work: Any) -> None:
    """Whatever comes of it: a layer, or a reason."""
    try:
        found = work()
    except FileFault as fault:
        assert isinstance(fault.reason, Reason)
        return
    if isinstance(found, Read):
        assert len(found.geometry) == len(found.number) == len(found.line)
        for at in range(len(found.geometry)):
            found.attributes(at)
    else:
        found[0].tile(11, 843, 388)
