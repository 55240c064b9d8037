"""Words beside features: none lies over another, both sides of a border write the same, and nothing in them acts."""

import json
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.thematic.labels import _GAP_PX, _HIGH_PX, Labels, _free, placed, width_px
from controlroom.mapping.thematic.sheet import TILE_PX, Sheet
from tests.mapping.thematic.handed_in import HERE, collection, feature, opened, point, square, written

LON, LAT = HERE
HOSTILE = '"]]<script>window.hit=1</script>\u202e\n' + "长" * 10_000


def sheet_of(folder: Path, *features: dict) -> Sheet:
    return opened(written(folder / "层.geojson", collection(*features)))[0]


def overlaps(labels: Labels) -> int:
    left, right = labels.left, labels.left + labels.width
    across = (left[:, None] < right[None, :]) & (left[None, :] < right[:, None])
    down = np.abs(labels.middle[:, None] - labels.middle[None, :]) < _HIGH_PX
    return int(np.count_nonzero(across & down)) - len(left)


def test_of_thousands_in_one_place_only_those_are_written_that_have_room(tmp_path: Path) -> None:
    spots = np.random.default_rng(3).normal(0.0, 0.004, (1500, 2))
    sheet = sheet_of(tmp_path, *(point(LON + x, LAT + y, 名称=f"消火栓 {k}") for k, (x, y) in enumerate(spots)))
    far, close = placed(sheet, "名称", 12), placed(sheet, "名称", 16)
    assert 3 < len(far.words) < len(close.words) < 1500
    assert overlaps(far) == overlaps(close) == 0


def test_the_largest_area_is_written_first_and_in_its_middle(tmp_path: Path) -> None:
    small, large = square(LON, LAT, 0.001), square(LON - 0.001, LAT - 0.001, 0.0021)
    small["properties"], large["properties"] = {"名称": "小的地块"}, {"名称": "大的地块"}
    sheet = sheet_of(tmp_path, small, large)
    assert placed(sheet, "名称", 10).words == ["大的地块"]
    labels = placed(sheet, "名称", 15)
    assert labels.words[0] == "大的地块"


def test_words_that_cross_a_border_are_written_alike_on_both_tiles(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, point(LON, LAT, 名称="一段横跨两块瓦片边界的很长的名称"))
    zoom = 14
    [left] = sheet.written("名称", zoom).left
    [middle] = sheet.written("名称", zoom).middle
    column, row = int(left // TILE_PX), int(middle // TILE_PX)
    shown = [sheet.written("名称", zoom).tile(x, row, TILE_PX) for x in (column - 1, column, column + 1)]
    told = [json.loads(one) for one in shown if one]
    right = left + sheet.written("名称", zoom).width[0]
    assert len(told) == int(right // TILE_PX) - column + 1
    assert {rows[0][2] for rows in told} == {"一段横跨两块瓦片边界的很长的名称"}
    assert sheet.tile(zoom, column, row, "名称").endswith(shown[1])
    assert not sheet.tile(zoom, column, row).endswith(shown[1])


def test_hostile_words_are_short_text_of_one_json_string(tmp_path: Path) -> None:
    line = feature({"type": "LineString", "coordinates": [[LON, LAT], [LON + 0.01, LAT]]}, 名称=HOSTILE)
    labels = placed(sheet_of(tmp_path, line), "名称", 15)
    [words] = labels.words
    assert words.startswith('"]]<script>') and len(words) == 24 and words.isprintable()
    assert placed(sheet_of(tmp_path, line), "没有", 15).words == []


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 600), st.text(max_size=12)), max_size=40))
def test_nothing_that_is_placed_lies_over_anything_else(rows: list[tuple[float, float, str]]) -> None:
    taken: dict = {}
    kept = [(x, y, width_px(text)) for x, y, text in rows if _free(taken, x, y, width_px(text))]
    for k, (x, y, wide) in enumerate(kept):
        for other_x, other_y, other in kept[:k]:
            apart = x >= other_x + other + _GAP_PX or other_x >= x + wide + _GAP_PX
            assert apart or abs(y - other_y) >= _HIGH_PX
