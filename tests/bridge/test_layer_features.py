"""Features of thematic layers as questions ask for them: through the real reader, without blocking the window."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from controlroom.bridge.layer_features import FeatureLayer, LayerFeatures
from controlroom.bridge.thematic_run import ThematicRun
from controlroom.errors import EnvironmentFault
from tests.mapping.thematic.handed_in import HERE, collection, point, square, written

KEY = "file:库.geojson"
LAYER = FeatureLayer(KEY, "库", ("名称",), "区应急局", None, None, True)
T = TypeVar("T")


@pytest.fixture
def run(qtbot: QtBot) -> Iterator[ThematicRun]:
    made = ThematicRun()
    yield made
    made.close()


def waited(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine of the window's loop comes to."""

    async def turning() -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            QCoreApplication.processEvents()
            await asyncio.sleep(0)
        return task.result()

    return asyncio.run(turning())


def test_a_feature_comes_with_its_geometry_and_is_found_by_name_and_area(
    qtbot: QtBot, run: ThematicRun, tmp_path: Path
) -> None:
    area = square(*HERE, 0.01)
    area["properties"] = {"名称": "一号库区"}
    path = written(tmp_path / "库.geojson", collection(area, point(117.0, 39.2, 名称="远处")))
    with qtbot.waitSignal(run.opened, timeout=15_000):
        run.open(KEY, str(path), "")
    features = LayerFeatures(run, lambda: [LAYER])
    zone = waited(features.zone(KEY, 1))
    assert (zone.title, zone.layer.source, zone.kind) == ("一号库区", "区应急局", "area")
    assert zone.geometry["type"] == "Polygon"
    found, count = waited(features.found(KEY, text="远"))
    assert ([one.number for one in found], count) == ([2], 1)
    around = [(116, 39), (116.5, 39), (116.5, 40), (116, 40)]
    found, count = waited(features.found(KEY, ring=around, most=0))
    assert (list(found), count) == ([], 1)
    with pytest.raises(EnvironmentFault):
        waited(features.zone(KEY, 99))


def test_a_layer_that_is_not_read_or_whose_reader_falls_is_told_in_a_sentence(
    qtbot: QtBot, run: ThematicRun, tmp_path: Path
) -> None:
    features = LayerFeatures(run, lambda: [LAYER])
    with pytest.raises(EnvironmentFault, match=r"没有读入|not read"):
        waited(features.found(KEY))
    path = written(tmp_path / "库.geojson", collection(point(*HERE, 名称="一")))
    with qtbot.waitSignal(run.opened, timeout=15_000):
        run.open(KEY, str(path), "")
    with qtbot.waitSignal(run.fell, timeout=15_000):
        run._process.kill()
    with pytest.raises(EnvironmentFault):
        waited(features.zone(KEY, 1))
