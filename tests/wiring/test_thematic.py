"""Thematic layers as an officer meets them: dropped, listed, shown, clicked, replaced, broken, back after a crash."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from controlroom.mapping.coordinates import Datum, from_wgs84
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.wiring.thematic import PREFIX, ThematicLayers
from tests.mapping.thematic.handed_in import HERE, collection, feature, point, shapes, square, written
from tests.wiring.conftest import Desk
from widgets.map_view import MapView
from widgets.map_web import WebSurface
from widgets.system_dialog import SystemDialog

GROUND = QColor("#1d232a")
GREEN = "#00c040"
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\u202e' + "长" * 10_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "layers").mkdir()
    return tmp_path / "layers"


@pytest.fixture
def layers(desk: Desk, folder: Path) -> Iterator[ThematicLayers]:
    made = ThematicLayers(desk.seat, folder, desk.owner)
    yield made
    made.close()


def opened_map(qtbot: QtBot, painted: bool) -> MapView:
    view = MapView(painted=painted)
    view.set_theme(True)
    view.resize(640, 480)
    view.fly_to(*HERE, 14)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show()
    return view


@pytest.fixture
def chart(qtbot: QtBot, layers: ThematicLayers) -> Iterator[MapView]:
    view = opened_map(qtbot, painted=True)
    layers.attach(view)
    yield view
    view.close()


def middle(view: MapView, dx: int = 0) -> QColor:
    shown = view.surface.view if isinstance(view.surface, WebSurface) else view.surface
    image = shown.grab().toImage()
    return image.pixelColor(image.width() // 2 + dx, image.height() // 2)


def listed(qtbot: QtBot, layers: ThematicLayers, view: MapView, count: int = 1) -> list[str]:
    def there() -> bool:
        layers.look()
        return len(view.tree.members(LayerGroup.THEMATIC)) == count

    qtbot.waitUntil(there, timeout=15_000)
    return [layer.id for layer in view.tree.members(LayerGroup.THEMATIC)]


def read(qtbot: QtBot, view: MapView, key: str) -> None:
    view.tree.show(key, True)
    qtbot.waitUntil(lambda: key in view.scene.sheets.held, timeout=15_000)


def town(folder: Path, name: str = "小区.geojson", colour: str = GREEN, **properties: Any) -> Path:
    around = square(HERE[0] - 0.01, HERE[1] - 0.01, 0.02)
    around["properties"] = properties or {"户数": 1200, "名称": "一区"}
    side = folder / (Path(name).stem + ".layer.toml")
    side.write_text(f'source = "区民政局"\n[style]\ncolour = "{colour}"\nfill = 1.0\n', "utf-8")
    return written(folder / name, collection(around))


def test_files_of_the_folder_are_listed_hidden_and_read_when_shown(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    town(folder)
    shapes(folder / "规划.shp")
    first, second = listed(qtbot, layers, chart, 2)
    assert (first, second) == (PREFIX + "小区.geojson", PREFIX + "规划.shp")
    assert not chart.tree.wish(first).shown
    assert chart.tree.news(second).count == 4
    assert layers._held[first].opened is None
    read(qtbot, chart, first)
    qtbot.waitUntil(lambda: middle(chart) == QColor(GREEN))
    assert chart.tree.news(first).count == 1
    assert "WGS-84" in chart.tree.news(first).note
    assert chart.tree.layer(first).source == "区民政局"  # type: ignore[union-attr]
    assert layers._held[second].opened is None
    chart.tree.show(first, False)
    assert middle(chart) == GROUND


def test_a_click_on_a_feature_shows_its_attributes_as_text(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    town(folder, 名称=HOSTILE)
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    qtbot.mouseClick(chart.surface, Qt.MouseButton.LeftButton, pos=chart.surface.rect().center())
    card = layers._maps[0].card
    qtbot.waitUntil(card.isVisible, timeout=5000)
    assert card.table.item(0, 0).text() == "名称"  # type: ignore[union-attr]
    told = card.table.item(0, 1).text()  # type: ignore[union-attr]
    assert told.startswith("<img src=x")
    assert "\u202e" not in told
    assert len(told) < 1000
    card.grab()
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()
    chart.fly_to(116.9, 39.2, 14)
    qtbot.mouseClick(chart.surface, Qt.MouseButton.LeftButton, pos=chart.surface.rect().center())
    qtbot.waitUntil(lambda: layers._maps[0]._awaited == len(layers._maps[0]._things))
    assert not card.isVisible()


def test_a_broken_file_is_named_with_its_line_and_stands_in_the_tree(
    qtbot: QtBot, desk: Desk, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    (folder / "坏.geojson").write_text('{"type": "FeatureCollection",\n"features": [\n{"type": "Feat', "utf-8")
    (folder / "无.csv").write_text("名称,电话\nA,1\n", "utf-8")
    said: list[str] = []
    desk.seat.requests.told.connect(said.append)
    keys = listed(qtbot, layers, chart, 2)
    table = next(key for key in keys if key.endswith(".csv"))
    assert chart.tree.news(table).is_fault
    assert "无.csv" in chart.tree.news(table).note
    broken = next(key for key in keys if key.endswith(".geojson"))
    chart.tree.show(broken, True)
    qtbot.waitUntil(lambda: bool(said), timeout=10_000)
    assert said[0].startswith("坏.geojson、第 3 行: ")
    assert chart.tree.news(broken).is_fault


def test_refused_features_are_counted_and_listed(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    good = [point(HERE[0] + k * 1e-4, HERE[1]) for k in range(20)]
    written(folder / "a.geojson", collection(*good, point(999, 1), feature(None)))
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    note = chart.tree.news(key).note
    assert "22" in note
    assert "2" in note
    assert "第 22 行、第 21 个要素" in note


def test_a_file_that_is_replaced_is_read_anew_and_one_that_is_deleted_goes(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    path = town(folder)
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    qtbot.waitUntil(lambda: middle(chart) == QColor(GREEN))
    town(folder, colour="#8040c0")
    layers.look()
    qtbot.waitUntil(lambda: middle(chart) == QColor("#8040c0"), timeout=10_000)
    path.unlink()
    listed(qtbot, layers, chart, 0)
    qtbot.waitUntil(lambda: middle(chart) == GROUND)


def drop(view: MapView, *paths: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, buttons, keys = view.rect().center(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(view, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(view, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, buttons, keys))
    return True


def test_a_file_that_is_dropped_onto_the_map_is_shown_and_remembered(
    qtbot: QtBot, desk: Desk, tmp_path: Path, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    said: list[str] = []
    desk.seat.requests.told.connect(said.append)
    path = town(tmp_path)
    assert drop(chart, path, tmp_path / "notes.docx")
    assert "notes.docx" in said[0]
    [key] = listed(qtbot, layers, chart)
    qtbot.waitUntil(lambda: middle(chart) == QColor(GREEN), timeout=10_000)
    again = ThematicLayers(desk.seat, folder, desk.owner)
    view = opened_map(qtbot, painted=True)
    again.attach(view)
    assert listed(qtbot, again, view) == [key]
    again.close()
    menu = QMenu(chart)
    chart.layer_menu_filled.emit(menu, key)
    menu.actions()[-1].trigger()
    assert chart.tree.members(LayerGroup.THEMATIC) == ()
    assert json.loads((folder / ".dropped.json").read_text("utf-8")) == []


def test_coordinates_that_nobody_declared_are_asked_for_and_kept_beside_the_file(
    qtbot: QtBot, tmp_path: Path, layers: ThematicLayers, chart: MapView
) -> None:
    lon, lat = (float(part) for part in from_wgs84(*HERE, Datum.GCJ02))
    path = tmp_path / "网点.csv"
    path.write_text(f"名称,经度,纬度\nA,{lon},{lat}\n", "utf-8")
    drop(chart, path)
    qtbot.waitUntil(lambda: isinstance(layers._maps[0].dialog, SystemDialog), timeout=10_000)
    dialog = layers._maps[0].dialog
    assert isinstance(dialog, SystemDialog)
    assert dialog.list.currentItem().text() == "WGS-84"  # type: ignore[union-attr]
    dialog.list.setCurrentRow(1)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert "gcj02" in (tmp_path / "网点.layer.toml").read_text("utf-8")
    [key] = [layer.id for layer in chart.tree.members(LayerGroup.THEMATIC)]
    qtbot.waitUntil(lambda: "GCJ-02" in chart.tree.news(key).note, timeout=10_000)
    qtbot.waitUntil(lambda: middle(chart) != GROUND, timeout=5000)


def test_a_reader_that_is_killed_comes_back_with_its_layers(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    town(folder)
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    qtbot.waitUntil(lambda: middle(chart) == QColor(GREEN))
    pid = layers.run.pid
    with qtbot.waitSignal(layers.run.fell, timeout=10_000):
        os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: layers._held[key].opened is not None and layers.run.pid not in (0, pid), timeout=10_000)
    chart.fly_to(HERE[0] + 0.002, HERE[1], 15)
    qtbot.waitUntil(lambda: middle(chart) == QColor(GREEN), timeout=10_000)


def test_reading_that_is_no_longer_wanted_is_cancelled(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    body = ",\n".join(json.dumps(point(HERE[0] + k * 1e-7, HERE[1], n=k)) for k in range(60_000))
    (folder / "a.geojson").write_text('{"type": "FeatureCollection", "features": [' + body + "]}")
    [key] = listed(qtbot, layers, chart)
    with qtbot.waitSignal(layers.run.progressed, timeout=10_000):
        chart.tree.show(key, True)
    chart.tree.show(key, False)
    qtbot.waitUntil(lambda: not layers._held[key].reading)
    assert chart.tree.news(key).progress is None
    read(qtbot, chart, key)
    assert chart.tree.news(key).count == 60_000


# ------------------------------------------------------------ on the real page


def evaluate(qtbot: QtBot, view: MapView, script: str) -> Any:
    assert isinstance(view.surface, WebSurface)
    with qtbot.waitCallback(timeout=10_000) as answered:
        view.surface.page.runJavaScript(f"JSON.stringify(({script}) ?? null)", answered)
    return json.loads(answered.args[0])


def is_near(a: QColor, b: QColor) -> bool:
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) < 24


def test_hostile_layers_are_drawn_on_the_page_and_come_back_after_a_crash(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, allow_log: Callable[[str, str], None]
) -> None:
    view = opened_map(qtbot, painted=False)
    layers.attach(view)
    town(folder, **{HOSTILE[:200]: HOSTILE})
    side = folder / "小区.layer.toml"
    side.write_text(side.read_text("utf-8") + f"by = {json.dumps(HOSTILE[:190])}\n", "utf-8")
    written(
        folder / "线.geojson",
        collection(feature({"type": "LineString", "coordinates": [[116.3, 39.6], [116.4, 39.7]]})),
    )
    keys = listed(qtbot, layers, view, 2)
    for key in keys:
        read(qtbot, view, key)
    area = PREFIX + "小区.geojson"
    qtbot.waitUntil(lambda: is_near(middle(view, 40), QColor(GREEN)), timeout=10_000)
    view.tree.fade(area, 0.5)
    view.tree.move(keys[1], -1)
    qtbot.waitUntil(lambda: not is_near(middle(view, 40), QColor(GREEN)), timeout=10_000)
    faded, centre = middle(view, 40), view.scene.centre
    view.toolbar.legend.setChecked(True)
    arranged = "[...controlroom.room.stack.held].map(([id, l]) => [id, l.on, l.opacity, l.rank])"
    before = evaluate(qtbot, view, arranged)
    surface = view.surface
    assert isinstance(surface, WebSurface)
    with qtbot.waitSignal(view.renderer_lost, timeout=10_000), qtbot.waitSignal(view.ready, timeout=3_000):
        os.kill(surface.renderer_pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: is_near(middle(view, 40), faded), timeout=3_000)
    assert evaluate(qtbot, view, arranged) == before
    assert view.scene.centre.zoom == centre.zoom
    assert evaluate(qtbot, view, "[window.hit || 0, document.querySelectorAll('img[src=x]').length]") == [0, 0]
    assert surface.guard.blocked == 0
    assert surface.handler.missed == 0
    view.close()


def test_tiles_that_a_flight_leaves_keep_no_pixels(qtbot: QtBot, folder: Path, layers: ThematicLayers) -> None:
    view = opened_map(qtbot, painted=False)
    layers.attach(view)
    town(folder)
    [area] = listed(qtbot, layers, view)
    read(qtbot, view, area)
    qtbot.waitUntil(lambda: is_near(middle(view, 40), QColor(GREEN)), timeout=10_000)
    canvases = "[...document.querySelectorAll('canvas.leaflet-tile')]"
    evaluate(qtbot, view, f"void (window.was = {canvases})")
    view.fly_to(HERE[0], HERE[1], 15)
    qtbot.waitUntil(lambda: evaluate(qtbot, view, "controlroom.room.map.getZoom()") == 15)
    off = "window.was.filter((one) => one.width && !one.isConnected).length"
    qtbot.waitUntil(lambda: evaluate(qtbot, view, off) == 0)
    qtbot.waitUntil(lambda: is_near(middle(view, 40), QColor(GREEN)), timeout=10_000)
    view.close()


def test_a_request_for_a_tile_that_is_none_fails_at_once(qtbot: QtBot, layers: ThematicLayers, folder: Path) -> None:
    view = opened_map(qtbot, painted=False)
    layers.attach(view)
    surface = view.surface
    assert isinstance(surface, WebSurface)
    ask = (
        "fetch('crmap://app/sheet/{}').then((a) => a.status, () => -1).then((s) => controlroom.room.channel.ponged(s))"
    )
    told: list[int] = []
    surface.channel.pong_received.connect(told.append)
    for words in ("1/1/14/x/2", "1/2", "99999999999/1/1/1/1", "1/1/99/1/1", "../../etc/passwd"):
        evaluate(qtbot, view, f"({ask.format(words)}, 0)")
        qtbot.waitUntil(lambda: 404 in told)
        told.clear()
    evaluate(qtbot, view, f"({ask.format('77/1/14/1/1')}, 0)")
    qtbot.waitUntil(lambda: 200 in told)
    view.close()


@pytest.mark.parametrize("painted", [True, False])
def test_areas_that_overlap_cut_no_holes_into_each_other(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, painted: bool
) -> None:
    view = opened_map(qtbot, painted)
    layers.attach(view)
    town(folder)
    written(folder / "小区.geojson", collection(*[square(HERE[0] - 0.01, HERE[1] - 0.01, 0.02)] * 2))
    [key] = listed(qtbot, layers, view)
    read(qtbot, view, key)
    qtbot.waitUntil(lambda: is_near(middle(view, 30), QColor(GREEN)), timeout=10_000)
    view.close()


def test_the_middle_of_a_painted_tile_is_where_its_feature_is(
    qtbot: QtBot, folder: Path, layers: ThematicLayers, chart: MapView
) -> None:
    written(folder / "a.geojson", collection(point(*HERE)))
    [key] = listed(qtbot, layers, chart)
    read(qtbot, chart, key)
    qtbot.waitUntil(lambda: middle(chart) != GROUND, timeout=10_000)
    assert middle(chart, 20) == GROUND
    assert chart.surface.rect().contains(QPoint(320, 200))


def test_a_data_folder_that_is_not_there_yet_is_no_broken_layer(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    district = tmp_path / "district"
    district.mkdir()
    (district / "lines.geojson").write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    layers = ThematicLayers(desk.seat, tmp_path / "nowhere", desk.owner, district=(district,))
    view = opened_map(qtbot, painted=True)
    layers.attach(view)
    layers._look_again()
    (only,) = listed(qtbot, layers, view)
    assert "lines" in only
    view.close()
    layers.close()


def test_thirty_files_at_once_are_counted_while_they_are_read_and_the_broken_one_is_named_with_its_line(
    qtbot: QtBot, desk: Desk, tmp_path: Path, layers: ThematicLayers, chart: MapView
) -> None:
    said: list[str] = []
    hints: list[str] = []
    desk.seat.requests.told.connect(said.append)
    chart.toolbar.set_hint = hints.append  # type: ignore[method-assign]
    paths = [written(tmp_path / f"层{k}.geojson", collection(point(*HERE, 名称=f"{k}"))) for k in range(29)]
    broken = tmp_path / "坏.geojson"
    broken.write_text('{"type": "FeatureCollection",\n"features": [\n{"type": "Feat', "utf-8")
    drop(chart, *paths, broken)
    qtbot.waitUntil(lambda: any("29" in words for words in said), timeout=20_000)
    [told] = [words for words in said if "29" in words]
    assert "坏.geojson、第 3 行" in told and "坏.geojson" not in "".join(set(said) - {told}), "once, and with its line"
    assert any("/ 30" in words for words in hints) and hints[-1] == ""
    assert len(chart.scene.sheets.held) == 29


def test_what_was_dropped_is_stopped_from_the_menu_of_a_layer_and_shown_later(
    qtbot: QtBot, desk: Desk, tmp_path: Path, layers: ThematicLayers, chart: MapView
) -> None:
    said: list[str] = []
    desk.seat.requests.told.connect(said.append)
    rows = [point(116.0 + k / 40_000, 39.6, 名称=f"{k}") for k in range(20_000)]
    paths = [written(tmp_path / f"大{k}.geojson", collection(*rows)) for k in range(3)]
    drop(chart, *paths)
    batch = layers._batches[layers._maps[0]]
    qtbot.waitUntil(lambda: batch.waiting > 0, timeout=15_000)
    menu = QMenu(chart)
    chart.layer_menu_filled.emit(menu, PREFIX)
    menu.actions()[-1].trigger()
    assert batch.waiting == 0
    assert "已停止" in said[-1]
    key = next(layer.id for layer in chart.tree.members(LayerGroup.THEMATIC) if not chart.tree.wish(layer.id).shown)
    read(qtbot, chart, key)


def test_a_map_that_outlives_its_layers_goes_without_them(qtbot: QtBot, desk: Desk, folder: Path) -> None:
    owner = QObject()
    made = ThematicLayers(desk.seat, folder, owner)
    view = MapView(painted=True)
    made.attach(view)
    made.close()
    shiboken6.delete(owner)
    with qtbot.captureExceptions() as raised:
        shiboken6.delete(view)
    assert raised == []


def test_a_map_that_goes_is_forgotten_by_its_layers(layers: ThematicLayers) -> None:
    view = MapView(painted=True)
    layers.attach(view)
    (sheets,) = layers._maps
    shiboken6.delete(view)
    assert (layers._maps, sheets in layers._batches) == ([], False)
