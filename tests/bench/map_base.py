"""Base maps under the real widget: pictures a second through the scheme, and how soon a chosen map is on the screen."""

import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from controlroom.bridge.base_maps import BaseMaps
from controlroom.clock import SystemClock
from controlroom.mapping.basemaps.tile_cache import TileCache
from tests.bench.map_rig import CENTRE, DRAG, HARD, MAP, evaluate, frames_per_s, until
from tests.bench.report import Measure
from tests.mapping.basemaps.made import Place, around, lake, make_mbtiles
from widgets.map_view import MapView
from widgets.map_web import WebSurface

FETCH = """(() => {
  const places = PLACES, began = performance.now();
  let next = 0, bytes = 0;
  window.fetched = null;
  const worker = async () => {
    while (next < places.length) {
      const answer = await fetch('crmap://app/base/VERSION/' + places[next++].join('/'));
      bytes += (await answer.arrayBuffer()).byteLength;
    }
  };
  Promise.all(Array.from({ length: 8 }, worker)).then(() => {
    window.fetched = [places.length * 1000 / (performance.now() - began), bytes];
  });
})()"""


def measure_base(chart: MapView, quick: bool) -> list[Measure]:
    """Measures with MBTiles of aerial-like JPEG pictures and of vector tiles; the chart has none before and after."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "maps"
        folder.mkdir()
        places = around(CENTRE.lon, CENTRE.lat, (13, 14), reach=12 if quick else 24)
        make_mbtiles(folder / "streets.mbtiles", places, _streets, name="streets", format="pbf")
        make_mbtiles(folder / "aerial.mbtiles", places, _aerial, name="aerial")
        maps = BaseMaps(folder, TileCache(Path(name) / "cache.sqlite", 50_000_000), (), SystemClock())
        maps.changed.connect(lambda: chart.base.set_maps(maps.maps, maps.condition))
        chart.base.set_tiles(maps.ask)
        chart.base.choose("")
        maps.start()
        until(lambda: len(maps.maps) == 2)
        [aerial] = [one for one in maps.maps if one.id == "aerial.mbtiles"]
        found = [_throughput(chart, aerial.version, places), _ready(chart)]
        found += _frames(chart, 120 if quick else 360)
        chart.base.choose("")
        maps.close()
        maps.deleteLater()
    return found


def _aerial(place: Place) -> bytes:
    """Noise that packs as badly as a field from above, about 20 kB."""
    rough = np.random.default_rng(place[1] * 8191 + place[2]).integers(60, 160, (64, 64, 3)).astype(np.uint8)
    done, packed = cv2.imencode(".jpg", cv2.resize(rough, (256, 256), interpolation=cv2.INTER_CUBIC))
    assert done
    return packed.tobytes()


def _throughput(chart: MapView, version: int, places: list[Place]) -> Measure:
    assert isinstance(chart.surface, WebSurface)
    page = chart.surface.page
    script = FETCH.replace("PLACES", str([list(place) for place in places])).replace("VERSION", str(version))
    page.runJavaScript(script)
    until(lambda: evaluate(page, "window.fetched") is not None)
    rate, size = evaluate(page, "window.fetched")
    note = f"MBTiles, 8 at a time, {len(places)} pictures of {size / len(places) / 1000:.0f} kB, read beside the GUI"
    return Measure("base_tiles_per_s", float(rate), "1/s", note=note)


def _streets(place: Place) -> bytes:
    """A vector tile with a lake, a road and a name."""
    return lake(place)


def _frames(chart: MapView, frames: int) -> list[Measure]:
    """Frames a second with a base map below all points; the baseline is the same map without one."""
    assert isinstance(chart.surface, WebSurface)
    page = chart.surface.page
    found = []
    chart.base.choose("")
    bare = {work: frames_per_s(page, work, MAP, frames) for work in (DRAG, HARD)}
    for identity, kind in (("aerial.mbtiles", "raster"), ("streets.mbtiles", "vector")):
        for percent in (100, 60):
            chart.base.choose(identity)
            chart.base.set_opacity(percent)
            until(lambda: evaluate(page, "!!controlroom.room.base.layer") is True)
            for name, work in (("drag", DRAG), ("hard", HARD)):
                figure = frames_per_s(page, work, MAP, frames)
                note = f"baseline: without a base map; {kind} at {percent} %"
                found.append(Measure(f"base_{kind}_{percent}_fps_{name}", figure, "fps", bare[work], note))
    chart.base.set_opacity(100)
    return found


def _ready(chart: MapView) -> Measure:
    assert isinstance(chart.surface, WebSurface)
    page = chart.surface.page
    full = (
        "(() => { const layer = controlroom.room.base.layer; return !!layer && layer.drawn.size > 0 &&"
        " [...layer.drawn.values()].every((tile) => tile.opened); })()"
    )
    start = time.perf_counter()
    chart.base.choose("aerial.mbtiles")
    until(lambda: evaluate(page, full) is True)
    ready_ms = (time.perf_counter() - start) * 1000
    return Measure("base_ready_ms", ready_ms, "ms", note="chosen, and a picture in all of it")
