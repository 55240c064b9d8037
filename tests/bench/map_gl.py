"""MapLibre alone with the same points, as its own examples draw them: a clustered GeoJSON source, WebGL in software.

It runs in a process of its own, because WebGL on a machine without a graphics card needs switches of the whole process
that the map itself must never have. `python -m tests.bench.map_gl FRAMES` prints one JSON object.
"""

import json
import os
import subprocess
import sys
import time

import numpy as np
from PySide6.QtWidgets import QApplication

from resources import path
from tests.bench.map_rig import (
    CENTRE,
    DRAG,
    HARD,
    PeerPage,
    district_points,
    evaluate,
    frames_per_s,
    own_mb,
    until,
)
from widgets.map_engine import prepare_web_engine

POINTS = 169_000
ABSENT = "maplibre-gl is not installed: make peers"
_FLAGS = "--use-gl=angle --use-angle=swiftshader-webgl --enable-unsafe-swiftshader --disable-gpu-compositing"
_SCRIPT = path("map", "node_modules", "maplibre-gl", "dist", "maplibre-gl.js")
_PAGE = """<!DOCTYPE html><style>body { margin: 0 } #map { position: absolute; inset: 0 }</style><div id="map"></div>
<script src="crmap://app/lib/maplibre-gl.js"></script><script>
window.usable = false;
const held = { type: 'FeatureCollection', features: [] };
fetch('crmap://app/points').then((answer) => answer.json()).then(([lon, lat, state]) => {
  held.features = lon.map((x, k) => (
    { type: 'Feature', geometry: { type: 'Point', coordinates: [x, lat[k]] }, properties: { state: state[k] } }));
  const style = { version: 8, sources: {}, layers: [
    { id: 'ground', type: 'background', paint: { 'background-color': '#14181d' } }] };
  window.chart = new maplibregl.Map({ container: 'map', style, center: [LON, LAT], zoom: ZOOM - 1, fadeDuration: 0,
    attributionControl: false });
  chart.on('load', () => {
    chart.addSource('points', { type: 'geojson', data: held, cluster: true, clusterRadius: 50 });
    chart.addLayer({ id: 'cells', type: 'circle', source: 'points', filter: ['has', 'point_count'],
      paint: { 'circle-radius': 14, 'circle-color': '#8fa3b3' } });
    chart.addLayer({ id: 'points', type: 'circle', source: 'points', filter: ['!', ['has', 'point_count']],
      paint: { 'circle-radius': 4, 'circle-color': ['match', ['get', 'state'], 6, '#d7263d', '#8fa3b3'] } });
    chart.once('idle', () => { window.usable = true; });
  });
});
window.change = (count) => {
  window.done = 0;
  const began = performance.now();
  for (let k = 0; k < count; k++) {
    const one = held.features[Math.floor(Math.random() * held.features.length)];
    one.properties.state = 1 + Math.floor(Math.random() * 6);
  }
  chart.getSource('points').setData(held);
  chart.once('idle', () => { window.done = performance.now() - began; });
};
</script>"""


def map_libre(frames: int) -> dict[str, float | str]:
    """Its figures, or a `note` that says why there are none."""
    if not _SCRIPT.exists():
        return {"note": ABSENT}
    environ = os.environ | {"QTWEBENGINE_CHROMIUM_FLAGS": _FLAGS}
    command = [sys.executable, "-m", "tests.bench.map_gl", str(frames)]
    try:
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=False, timeout=150)
        found: dict[str, float | str] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
        return {"note": f"maplibre-gl draws nothing here: {type(error).__name__}"}
    return found


def _measure(frames: int) -> dict[str, float | str]:
    _ids, lon, lat, state = district_points(POINTS)
    files = {
        "/lib/maplibre-gl.js": _SCRIPT.read_bytes(),
        "/points": json.dumps([np.round(lon, 6).tolist(), np.round(lat, 6).tolist(), state.tolist()]).encode(),
    }
    html = _PAGE.replace("LON", str(CENTRE.lon)).replace("LAT", str(CENTRE.lat)).replace("ZOOM", str(CENTRE.zoom))
    start = time.perf_counter()
    peer = PeerPage(html, files)
    until(lambda: evaluate(peer.page, "window.usable") is True)
    found: dict[str, float | str] = {"ready_s": time.perf_counter() - start, "note": ""}
    found["rss_mb"] = own_mb(peer.page.renderProcessPid())
    for name, work in (("fps_drag_169k", DRAG), ("fps_hard_169k", HARD)):
        dx, dy = (-5, -3) if work == DRAG else (9, 5)
        move = f"map.panBy([{dx} * way, {dy} * way], {{animate: false}});"
        found[name] = frames_per_s(peer.page, move, "window.chart", frames)
    for name, count in (("update_1k", 1000), ("update_all", POINTS)):
        peer.page.runJavaScript(f"window.change({count})")
        until(lambda: bool(evaluate(peer.page, "window.done")))
        found[name] = float(evaluate(peer.page, "window.done"))
    peer.close()
    return found


if __name__ == "__main__":
    prepare_web_engine()
    application = QApplication(["map_gl"])
    sys.stdout.write(json.dumps(_measure(int(sys.argv[1]))) + "\n")
    sys.stdout.flush()
    # What the engine tears down at the end of a process is no part of what was measured.
    os._exit(0)
