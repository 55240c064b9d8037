"""Features of thematic layers on a map: labelled, chosen by area and listed, told by a card, offered in the menu."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.bridge.layer_features import FeatureZone
from controlroom.bridge.models.chosen_model import chosen_csv
from controlroom.mapping.choosing import box
from controlroom.wiring.map_choice import MapChoiceWiring
from controlroom.wiring.thematic import ThematicLayers
from tests.mapping.thematic.handed_in import HERE, collection, point, square, written
from tests.wiring.conftest import Desk
from tests.wiring.test_thematic import HOSTILE, listed, middle, opened_map, read, town
from widgets.map_view import MapView
from widgets.map_web import WebSurface

AROUND = box((HERE[0] - 0.02, HERE[1] - 0.02), (HERE[0] + 0.02, HERE[1] + 0.02))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "layers").mkdir()
    return tmp_path / "layers"


@pytest.fixture
def layers(desk: Desk, folder: Path) -> Iterator[ThematicLayers]:
    made = ThematicLayers(desk.seat, folder, desk.owner)
    yield made
    made.close()


@pytest.fixture
def chart(qtbot: QtBot, desk: Desk, layers: ThematicLayers) -> Iterator[MapView]:
    view = opened_map(qtbot, painted=True)
    layers.attach(view)
    MapChoiceWiring(desk.seat, view)
    yield view
    view.close()


def shops(folder: Path, count: int = 3) -> Path:
    rows = [point(HERE[0] + 0.001 * k, HERE[1], 名称=f"=加油站 {k}", 油品="92") for k in range(count)]
    told = 'source = "区商务局"\ndate = 2024-01-01\nstale_after_days = 30\n'
    (folder / "加油站.layer.toml").write_text(told, "utf-8")
    return written(folder / "加油站.geojson", collection(*rows, point(118.0, 39.0, 名称="远处")))


def test_an_area_that_is_chosen_counts_and_lists_features_and_writes_them(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    town(folder, 名称="一区")
    shops(folder)
    second, first = listed(qtbot, layers, chart, 2)
    for key in (first, second):
        read(qtbot, chart, key)
    chart.set_cameras(["c"], ["C"], [HERE[0]], [HERE[1]], [1])
    chart.choosing.name_next("附近")
    chart.choosing.choose_area(AROUND)
    qtbot.waitUntil(lambda: {first, second} <= {group.kind for group in chart.choosing.choice.groups})
    assert chart.panel.count.text().startswith("附近") and "5" in chart.panel.count.text()
    groups = {group.kind: group for group in chart.panel.model.groups}
    assert [groups[second].name(row) for row in range(3)] == [f"=加油站 {k}" for k in range(3)]
    text = chosen_csv(chart.panel.model.groups, "2026")
    assert "加油站,1,'=加油站 0" in text and "一区" in text
    chart.panel.shown.emit(second, "2")
    card = layers._maps[0].card
    qtbot.waitUntil(card.isVisible)
    assert "=加油站 1" in card.title.text()
    assert chart.scene.place_of(chart.scene.selection) == pytest.approx((HERE[0] + 0.001, HERE[1]), abs=1e-6)  # type: ignore[arg-type]
    chart.tree.show(second, False)
    chart.choosing.choose_area(AROUND)
    qtbot.waitUntil(lambda: first in {group.kind for group in chart.choosing.choice.groups})
    assert second not in {group.kind for group in chart.choosing.choice.groups}, "what is hidden is not chosen"


def test_of_very_many_the_first_are_listed_and_all_are_counted(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controlroom.wiring.layer_choice.MOST_LISTED", 2)
    shops(folder)
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    chart.choosing.choose_area(AROUND)
    qtbot.waitUntil(lambda: bool(chart.panel.model.groups))
    assert len(chart.panel.model.groups[0].ids) == 2
    assert "3" in chart.panel.model.groups[0].title


def test_the_card_says_where_a_feature_is_from_of_what_time_and_that_it_is_old(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    shops(folder)
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    chart.place_clicked.emit(*HERE)
    chart.ground_clicked.emit()
    card = layers._maps[0].card
    qtbot.waitUntil(card.isVisible)
    facts = card.facts.text()
    assert "区商务局" in facts and "2024-01-01" in facts and facts.startswith("⚠")
    assert card.facts.property("stale") is True


def test_the_menu_of_a_place_knows_the_features_there_and_others_add_to_it(
    qtbot: QtBot, desk: Desk, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    area = square(HERE[0] - 0.01, HERE[1] - 0.01, 0.02)
    area["properties"] = {"名称": "&" + HOSTILE}
    written(folder / "小区.geojson", collection(area))
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    heard = Heard()
    desk.seat.requests.feature_menu_filled.connect(heard.take)
    menu = QMenu(chart)
    chart.menu_filled.emit(menu, *HERE, "", "")
    below = menu.actions()[-1].menu()
    assert isinstance(below, QMenu)
    qtbot.waitUntil(lambda: len(below.actions()) == 2)
    assert not below.actions()[0].isVisible()
    assert "\u202e" not in below.actions()[1].text() and len(below.actions()[1].text()) < 120
    [zone] = heard.zones
    assert zone.geometry["type"] == "Polygon" and zone.layer.id == key
    inside = below.actions()[1].menu()
    assert isinstance(inside, QMenu)
    acts = {action.text(): action for action in inside.actions()}
    with qtbot.waitSignal(chart.place_asked) as asked:
        acts["可视摄像机"].trigger()
    assert len(asked.args[1]) == 4
    chart.set_cameras(["in", "out"], ["I", "O"], [HERE[0], 117.0], [HERE[1]] * 2, [1, 1])
    acts["选择其中的对象"].trigger()
    assert [group.ids for group in chart.choosing.choice.groups if group.kind == "camera"] == [("in",)]
    acts["复制属性"].trigger()
    assert "名称: &<img" in QGuiApplication.clipboard().text()
    acts["查看图层中的属性"].trigger()
    assert layers._maps[0].card.isVisible()
    acts["显示全貌"].trigger()
    nowhere = QMenu(chart)
    chart.menu_filled.emit(nowhere, 118.5, 39.1, "", "")
    empty = nowhere.actions()[-1].menu()
    assert isinstance(empty, QMenu)
    qtbot.waitUntil(lambda: empty.actions()[0].text() == "此处没有专题图层的要素")


class Heard(QObject):
    """Who adds to the menus of features."""

    def __init__(self) -> None:
        super().__init__()
        self.zones: list[FeatureZone] = []

    def take(self, _menu: QMenu, zone: FeatureZone) -> None:
        self.zones.append(zone)


@pytest.mark.parametrize("painted", [True, False])
def test_words_are_written_as_the_sidecar_says_or_as_the_officer_chooses(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, painted: bool
) -> None:
    area = square(HERE[0] - 0.01, HERE[1] - 0.01, 0.02)
    area["properties"] = {"名称": "█████", "等级": "。"}
    written(folder / "小区.geojson", collection(area))
    look = 'label = "名称"\nlabel_zoom = 14\n[style]\ncolour = "#00c040"\nfill = 1.0\n'
    (folder / "小区.layer.toml").write_text(look, "utf-8")
    view = opened_map(qtbot, painted)
    layers.attach(view)
    [key] = listed(qtbot, layers, view)
    read(qtbot, view, key)
    is_written = lambda: middle(view).name() != "#00c040" and middle(view).lightness() > 180  # noqa: E731
    qtbot.waitUntil(is_written, timeout=15_000)
    view.tree.write(key, "等级")
    qtbot.waitUntil(lambda: middle(view).name() == "#00c040", timeout=10_000)
    view.tree.write(key, "名称")
    qtbot.waitUntil(is_written, timeout=10_000)
    view.fly_to(*HERE, 13)
    qtbot.waitUntil(lambda: middle(view).name() == "#00c040", timeout=10_000)
    kept = view.state()
    view.tree.write(key, "")
    view.restore(kept)
    assert view.tree.label(key) == "名称"
    assert isinstance(view.surface, WebSurface) is not painted
    view.close()


def test_a_point_of_a_layer_of_areas_is_a_point(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    far = square(HERE[0] + 0.1, HERE[1], 0.01)
    written(folder / "混.geojson", collection(point(*HERE), far))
    (folder / "混.layer.toml").write_text('[style]\ncolour = "#00c040"\n', "utf-8")
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    qtbot.waitUntil(lambda: middle(chart).name() == "#00c040", timeout=10_000)
    assert middle(chart, 7).name() != "#00c040", "a dot, not the sign of an area"
