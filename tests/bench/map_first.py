"""What is seen for the first time: a map in a cold process, 251 thematic layers, a million corners, 5,000 pipes."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import folium
import numpy as np
from PySide6.QtWidgets import QApplication

from controlroom.mapping.layer_tree import Layer, LayerGroup
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec
from controlroom.mapping.page import OfflineMap
from controlroom.mapping.sheets import SheetLook, Taken
from controlroom.mapping.thematic.opening import open_layer
from controlroom.mapping.thematic.sheet import Sheet
from tests.bench.map_rig import CENTRE, DRAG, MAP, SIZE, PeerPage, district_points, evaluate, frames_per_s, until
from tests.bench.report import Measure
from widgets.map_engine import prepare_web_engine
from widgets.map_view import MapView
from widgets.map_web import WebSurface

LAYERS, AREAS, CORNERS = 251, 60, 40
JUNCTIONS, PIPES = 20_000, 5_000
_POINTS = 169_000


def measure_first(quick: bool) -> list[Measure]:
    """Needs an application; each map is opened and closed here."""
    return [_cold(1 if quick else 3), *_many_layers(40 if quick else LAYERS), _million(), *_network(120)]


def _opened() -> tuple[MapView, float]:
    """A map, and how long it took until it could be used, s."""
    start = time.perf_counter()
    chart = MapView()
    ready: list[bool] = []
    chart.ready.connect(lambda: ready.append(True))
    chart.resize(*SIZE)
    chart.fly_to(CENTRE.lon, CENTRE.lat, CENTRE.zoom)
    chart.show()
    until(lambda: bool(ready))
    return chart, time.perf_counter() - start


def _drop(chart: MapView) -> None:
    gone: list[bool] = []
    chart.destroyed.connect(lambda: gone.append(True))
    chart.close()
    chart.deleteLater()
    until(lambda: bool(gone))


# ------------------------------------------------------------ a cold process


def cold() -> tuple[float, float]:
    """In a process that has shown no map: seconds from the map's window until it is usable, and from before it was."""
    prepare_web_engine()
    application = QApplication.instance() or QApplication(["cold"])
    ids, lon, lat, state = district_points(_POINTS)
    start = time.perf_counter()
    chart = MapView()
    ready: list[bool] = []
    chart.ready.connect(lambda: ready.append(True))
    chart.resize(*SIZE)
    chart.set_sensors(ids, ids, lon, lat, state)
    shown = time.perf_counter()
    chart.show()
    until(lambda: bool(ready))
    now = time.perf_counter()
    _drop(chart)
    del application
    return now - shown, now - start


def _cold(rounds: int) -> Measure:
    script = "import json; from tests.bench.map_first import cold; print(json.dumps(cold()))"
    found = []
    for _round in range(rounds):
        told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
        found.append(json.loads(told.stdout.splitlines()[-1]))
    shown_s, whole_s = (statistics.median(column) for column in zip(*found, strict=True))
    note = f"a new process, from the window shown; with the making of view and engine {whole_s:.2f} s"
    return Measure("ready_cold_s", shown_s, "s", note=note)


# ------------------------------------------------------------ thematic layers


def _many_layers(count: int) -> list[Measure]:
    """The first map with all thematic layers known and none shown, against folium with all of them in its page."""
    documents = _documents(count)
    start = time.perf_counter()
    page = OfflineMap(CENTRE)
    for document in documents:
        page.add_child(folium.GeoJson(document))
    page.get_root().script.add_child(folium.Element("requestAnimationFrame(() => { window.usable = true; });"))
    peer = PeerPage(page.get_root().render())
    until(lambda: evaluate(peer.page, "window.usable") is True, 120.0)
    theirs_s = time.perf_counter() - start
    peer.close()
    start = time.perf_counter()
    chart = MapView()
    ready: list[bool] = []
    chart.ready.connect(lambda: ready.append(True))
    chart.resize(*SIZE)
    chart.fly_to(CENTRE.lon, CENTRE.lat, CENTRE.zoom)
    for number in range(count):
        _register(chart, f"t{number}", number, (("#3f88c5", "area", ""),), shown=False)
    chart.show()
    until(lambda: bool(ready))
    ours_s = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "one.geojson"
        path.write_text(json.dumps(documents[0]))
        shown_ms = _first_show(chart, path, "t0", 0)
    _drop(chart)
    note = f"{count} layers of {AREAS} areas; baseline: folium.GeoJson, all in the page"
    return [
        Measure("layers_251_ready_s", ours_s, "s", theirs_s, note),
        Measure("layers_251_vs_embedded", theirs_s / ours_s, "times", note=f"{note}; how much sooner ours is usable"),
        Measure("layer_shown_ms", shown_ms, "ms", note="a further layer, from its file to its tiles drawn"),
    ]


def _documents(count: int) -> list[dict]:  # type: ignore[type-arg]  # GeoJSON as it comes
    generator = np.random.default_rng(11)
    turns = np.linspace(0.0, 2 * np.pi, CORNERS)
    found = []
    for _layer in range(count):
        features = []
        for lon, lat in generator.uniform((116.25, 39.5), (116.6, 39.8), (AREAS, 2)):
            ring = np.column_stack([lon + 0.004 * np.cos(turns), lat + 0.003 * np.sin(turns)])
            ring[-1] = ring[0]
            geometry = {"type": "Polygon", "coordinates": [ring.tolist()]}
            features.append({"type": "Feature", "properties": {}, "geometry": geometry})
        found.append({"type": "FeatureCollection", "features": features})
    return found


def _register(
    chart: MapView, identity: str, number: int, classes: tuple[tuple[str, str, str], ...], shown: bool
) -> None:
    chart.scene.sheets.put(SheetLook(identity, number, 1, classes, 1.6, 0.35, title=identity))
    chart.tree.register(Layer(id=identity, title=identity, group=LayerGroup.THEMATIC, shown=shown))


def _first_show(chart: MapView, path: Path, identity: str, number: int) -> float:
    """Milliseconds from the wish to see a file's layer until it is drawn; it is read and cut in this process."""
    start = time.perf_counter()
    sheet, _opened = open_layer(path, "", lambda _share: None)
    _feed(chart, {number: sheet})
    chart.tree.show(identity, True)
    until(lambda: evaluate(_page(chart), _DRAWN.replace("NAME", identity)) is True)
    return (time.perf_counter() - start) * 1000


_DRAWN = (
    "(() => { const held = controlroom.room.sheets.held.get('NAME');"
    " const tiles = held ? [...held.layer._drawn.values()] : [];"
    " return tiles.length > 0 && tiles.every((one) => !one.done); })()"
)


def _feed(chart: MapView, sheets: dict[int, Sheet]) -> None:
    def source(number: int, zoom: int, x: int, y: int, taken: Taken) -> None:
        taken(sheets[number].tile(zoom, x, y) if number in sheets else None)

    chart.scene.sheets.source = source


def _page(chart: MapView):  # type: ignore[no-untyped-def]  # Qt's own
    assert isinstance(chart.surface, WebSurface)
    return chart.surface.page


def _million() -> Measure:
    """One line of a million corners all over the district."""
    generator = np.random.default_rng(12)
    line = np.array([116.3, 39.55]) + np.abs(np.cumsum(generator.normal(0, 2e-4, (1_000_000, 2)), 0)) % (0.3, 0.25)
    geometry = {"type": "LineString", "coordinates": line.round(6).tolist()}
    features = [{"type": "Feature", "properties": {}, "geometry": geometry}]
    chart, _ready_s = _opened()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "million.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        _register(chart, "million", 0, (("#3f88c5", "line", ""),), shown=False)
        shown_ms = _first_show(chart, path, "million", 0)
    frames = frames_per_s(_page(chart), DRAG, MAP, 120)
    _drop(chart)
    note = f"a line of 1,000,000 corners, from its file to its tiles drawn; dragged then at {frames:.0f} fps"
    return Measure("layer_million_ms", shown_ms, "ms", note=note)


def _network(frames: int) -> list[Measure]:
    """Junctions as a department's points and pipe lines of a file, all at once."""
    generator = np.random.default_rng(13)
    lon, lat = generator.uniform((116.3, 39.55), (116.55, 39.75), (JUNCTIONS, 2)).T
    start = time.perf_counter()
    chart = MapView()
    ready: list[bool] = []
    chart.ready.connect(lambda: ready.append(True))
    chart.resize(*SIZE)
    chart.fly_to(CENTRE.lon, CENTRE.lat, CENTRE.zoom)
    chart.add_layer(LayerSpec(id="j", title="j", classes=(ColourClass("", "#3f88c5"),)))
    chart.update_layer("j", [LayerPoint(f"j{k}", "", lon[k], lat[k], 1.0) for k in range(JUNCTIONS)])
    ends = np.stack([lon[:PIPES], lat[:PIPES], lon[:PIPES] + 0.004, lat[:PIPES] + 0.002], 1).reshape(-1, 2, 2)
    lines = [{"type": "LineString", "coordinates": one.tolist()} for one in ends]
    features = [{"type": "Feature", "properties": {}, "geometry": one} for one in lines]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "pipes.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        _register(chart, "pipes", 0, (("#2a9d8f", "line", ""),), shown=False)
        chart.show()
        until(lambda: bool(ready))
        _first_show(chart, path, "pipes", 0)
    ready_s = time.perf_counter() - start
    fps = frames_per_s(_page(chart), DRAG, MAP, frames)
    _drop(chart)
    note = f"{JUNCTIONS:,} junctions and {PIPES:,} pipe lines at once"
    return [Measure("network_ready_s", ready_s, "s", note=note), Measure("network_fps_drag", fps, "fps", note=note)]
