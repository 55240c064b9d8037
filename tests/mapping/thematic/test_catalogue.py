"""Folders of files, their heads, and the sidecars beside them."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from controlroom.mapping.thematic.opening import Catalogue, files_in, open_layer
from controlroom.mapping.thematic.refusal import FileFault, Reason
from tests.mapping.thematic.handed_in import HERE, collection, opened, point, written


def test_a_folder_with_loops_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path / "deep" / "a.geojson", collection(point(*HERE)))
    (tmp_path / "deep" / "again").symlink_to(tmp_path)
    (tmp_path / "self.csv").symlink_to(tmp_path / "self.csv")
    (tmp_path / "fifo.csv").parent.joinpath("gone.shp").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.geojson")
    assert [path.name for path in files_in(tmp_path)] == ["a.geojson", "gone.shp", "pipe.geojson", "self.csv"]
    found = {Path(entry.path).name: entry.fault for entry in Catalogue().entries([str(tmp_path)])}
    assert found["a.geojson"] is None
    assert found["self.csv"] is Reason.UNREADABLE
    assert found["gone.shp"] is Reason.UNREADABLE
    assert found["pipe.geojson"] is Reason.NOT_A_FILE


def test_251_layers_are_listed_from_their_heads_and_once(tmp_path: Path) -> None:
    body = json.dumps(collection(*(point(*HERE, n=k) for k in range(200))))
    for k in range(251):
        (tmp_path / f"{k}.geojson").write_text(body)
    catalogue = Catalogue()
    began = time.perf_counter()
    assert len(catalogue.entries([str(tmp_path)])) == 251
    first = time.perf_counter() - began
    again = catalogue.entries([str(tmp_path)])
    assert first < 2.0
    (tmp_path / "7.geojson").write_text(json.dumps(collection(point(*HERE), name="改")))
    changed = catalogue.entries([str(tmp_path)])
    assert [b.title for a, b in zip(again, changed, strict=True) if a.stamp != b.stamp] == ["改"]


def test_a_file_that_is_written_meanwhile_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson", collection(point(*HERE)))
    turns: list[float] = []

    def write(share: float) -> None:
        turns.append(share)
        if share == 0.96 and turns.count(0.96) == 1:
            written(path, collection(point(*HERE), point(116.4, 39.7)))

    assert open_layer(path, "", write)[1].count == 2

    def write_on(_share: float) -> None:
        turns.append(0.0)
        written(path, collection(*[point(*HERE)] * (len(turns) % 9 + 1)))

    with pytest.raises(FileFault) as told:
        open_layer(path, "", write_on)
    assert told.value.reason is Reason.CHANGING


@pytest.mark.parametrize(
    "text",
    ['crs = "nowhere"', "colour = 1", "[style]\ncolour = 'red;}</style>'", "x = [", "title = '" + "x" * 300 + "'"],
)
def test_a_sidecar_that_makes_no_sense_is_told(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.geojson", collection(point(*HERE)))
    (tmp_path / "a.layer.toml").write_text(text, "utf-8")
    with pytest.raises(FileFault) as told:
        opened(path)
    assert told.value.reason in (Reason.BAD_SIDECAR, Reason.UNKNOWN_SYSTEM)


def test_classes_come_from_the_sidecar(tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson", collection(*(point(*HERE, 等级=k, 类=f"{k % 3}类") for k in range(30))))
    side = tmp_path / "a.layer.toml"
    side.write_text('[style]\nby = "类"\n', "utf-8")
    assert [one.label for one in opened(path)[1].classes] == ["0类", "1类", "2类", "—"]
    side.write_text('[style]\nby = "等级"\nbreaks = "quantile"\nclasses = 3\n', "utf-8")
    sheet, told = opened(path)
    assert len(told.classes) == 4
    assert np.bincount(sheet.look).tolist() == [10, 10, 10]
    side.write_text('[style]\nby = "等级"\n[[style.class]]\nat_least = 20\ncolour = "#123456"\nlabel = "多"\n', "utf-8")
    sheet, told = opened(path)
    assert [one.label for one in told.classes] == ["多", "—"]
    assert np.bincount(sheet.look).tolist() == [10, 20]
