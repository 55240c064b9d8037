"""`bench map`: 169,000 points and 900 vehicles in the real widget, against folium's own way in the same run.

Everything is painted in software at 1600x900, so that machines with and without a graphics card can be compared.
"""

import contextlib
import gc
import json
import os
import signal
import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from controlroom import display
from controlroom.domain.severity import Severity
from controlroom.mapping.layers import AlarmMark
from tests.bench.map_answers import measure_answers
from tests.bench.map_base import measure_base
from tests.bench.map_first import measure_first
from tests.bench.map_gazetteer import measure_gazetteer
from tests.bench.map_gl import map_libre
from tests.bench.map_live import measure_flight, measure_movers, measure_updates, measure_windows, shown, web
from tests.bench.map_rig import (
    CENTRE,
    DRAG,
    HARD,
    JSON_PAGE,
    MAP,
    SIZE,
    JsonChannel,
    PeerPage,
    district_points,
    evaluate,
    family_mb,
    frames_per_s,
    marker_cluster,
    median_ms,
    own_mb,
    until,
)
from tests.bench.map_safety import measure_exposure, measure_safety
from tests.bench.map_soak import measure_growth
from tests.bench.report import Measure
from widgets.map_engine import prepare_web_engine
from widgets.map_view import MapView

POINTS, SENSORS = 169_000, 130_000
_Columns = tuple[list[str], np.ndarray, np.ndarray, np.ndarray]
NO_PEER = "leaflet.markercluster is not installed: make peers"


def measure(quick: bool) -> list[Measure]:
    """All measures of the map; about a minute, half of it when quick."""
    with _display():
        prepare_web_engine()
        application = QApplication.instance() or QApplication(["bench"])
        measures = _measure(quick)
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return measures


@contextlib.contextmanager
def _display() -> Iterator[None]:
    """A display of our own, or the offscreen platform where there is no virtual one."""
    if os.environ.get("QT_QPA_PLATFORM") or not display.can_be_virtual():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        yield
        return
    with display.virtual_display([(3840, 2160)]):
        yield


def _measure(quick: bool) -> list[Measure]:
    rounds, frames = (7, 120) if quick else (25, 360)
    libre = map_libre(frames)
    peer = _with_map_libre(_cluster_peer(frames), libre)
    chart, ready_s = _chart(POINTS)
    ratio = ready_s / peer["ready_s"] if peer["ready_s"] else None
    note = peer["note"] or "baseline: folium FastMarkerCluster, page built and usable"
    found = [
        Measure("ready_s_169k", ready_s, "s", peer["ready_s"], note),
        Measure("ready_vs_markercluster", ratio, "ratio", note=note),
        Measure("peer_map_libre_ready_s", libre.get("ready_s"), "s", note=str(libre["note"] or "MapLibre alone")),
        Measure("peer_map_libre_rss_mb", libre.get("rss_mb"), "MB", note=str(libre["note"] or "MapLibre alone")),
    ]
    found.append(_rss(chart, peer))
    for name, work in (("fps_drag_169k", DRAG), ("fps_hard_169k", HARD)):
        found.append(Measure(name, _fps(chart, work, frames), "fps", peer[name], f"60 is the cap; {peer['live']}"))
    found += measure_updates(chart, POINTS, rounds, peer, str(peer["live"]))
    found.append(_gui_block(chart, rounds))
    found += measure_movers(chart, 4 if quick else 10)
    found.append(_choice(chart, rounds))
    found += _officer(chart, rounds)
    found += _losses(chart, rounds=3 if quick else 10)
    found.append(_extra_window())
    found.append(_four_windows(chart, 4 if quick else 10))
    found += measure_base(chart, quick)
    found.append(measure_growth(chart, POINTS, 60 if quick else 500))
    chart.resize(3840, 2160)
    _settle(1.0)
    note = "3840x2160, on the page that went through all of the above: vehicles, trails, layers"
    found.append(Measure("fps_drag_4k_used", _fps(chart, DRAG, frames), "fps", note=note))
    _drop(chart)
    chart, _ready_s = _chart(POINTS)
    chart.resize(3840, 2160)
    _settle(1.0)
    found.append(Measure("fps_drag_4k", _fps(chart, DRAG, frames), "fps", note="3840x2160"))
    _drop(chart)
    chart, _ready_s = _chart(1_000_000)
    found.append(Measure("fps_hard_1m", _fps(chart, HARD, frames), "fps", note="1,000,000 points"))
    _drop(chart)
    chart, _ready_s = _chart(10)
    found += measure_safety(chart)
    _drop(chart)
    found += measure_first(quick)
    found += measure_exposure(rounds)
    found += measure_answers(quick)
    found += measure_gazetteer(quick)
    return found


def _chart(points: int, columns: _Columns | None = None) -> tuple[MapView, float]:
    """A map that shows all its points, and how long that took in seconds."""
    ids, lon, lat, state = columns or district_points(points)
    start = time.perf_counter()
    chart = MapView()
    ready: list[bool] = []
    chart.ready.connect(lambda: ready.append(True))
    chart.resize(*SIZE)
    chart.fly_to(CENTRE.lon, CENTRE.lat, CENTRE.zoom)
    chart.set_sensors(ids, ids, lon, lat, state)
    chart.show()
    until(lambda: bool(ready))
    return chart, time.perf_counter() - start


def _drop(chart: MapView) -> None:
    gone: list[bool] = []
    chart.destroyed.connect(lambda: gone.append(True))
    chart.close()
    chart.deleteLater()
    until(lambda: bool(gone))


def _fps(chart: MapView, work: str, frames: int) -> float:
    return frames_per_s(web(chart).page, work, MAP, frames)


def _cluster_peer(frames: int) -> dict[str, float | str | None]:
    """The same points the way folium offers."""
    _ids, lon, lat, _state = district_points(POINTS)
    start = time.perf_counter()
    peer = marker_cluster(lon, lat)
    if peer is None:
        return dict.fromkeys(("ready_s", "rss_mb", "fps_drag_169k", "fps_hard_169k", "update_1k", "update_all")) | {
            "note": NO_PEER
        }
    until(lambda: evaluate(peer.page, "window.usable") is True)
    ready_s = time.perf_counter() - start
    chart = "Object.values(window).find((value) => value instanceof L.Map)"
    layer = "Object.values(window).find((value) => value instanceof L.MarkerClusterGroup)"
    found: dict[str, float | str | None] = {"ready_s": ready_s, "note": ""}
    found["rss_mb"] = own_mb(peer.page.renderProcessPid())
    found["fps_drag_169k"] = frames_per_s(peer.page, DRAG, chart, frames)
    found["fps_hard_169k"] = frames_per_s(peer.page, HARD, chart, frames)
    for name, count in (("update_1k", 1000), ("update_all", POINTS)):
        script = f"""(() => {{ window.done = 0; const began = performance.now(), layer = {layer};
            const marks = layer.getLayers().slice(0, {count});
            for (const mark of marks) mark.setStyle({{color: 'red'}});
            layer.refreshClusters(marks);
            requestAnimationFrame(() => setTimeout(() => {{ window.done = performance.now() - began; }})); }})()"""
        peer.page.runJavaScript(script)
        until(lambda: bool(evaluate(peer.page, "window.done")))
        found[name] = float(evaluate(peer.page, "window.done"))
    peer.close()
    return found


def _with_map_libre(cluster: dict[str, float | str | None], libre: dict[str, float | str]) -> dict[str, Any]:
    """The figures that are compared with: of the two, what moves is told beside MapLibre's."""
    if libre["note"]:
        return {**cluster, "live": f"{libre['note']}; baseline: FastMarkerCluster"}
    names = ("fps_drag_169k", "fps_hard_169k", "update_1k", "update_all")
    told = ", ".join("–" if cluster[name] is None else f"{cluster[name]:.0f}" for name in names)
    return {
        **cluster,
        **{name: libre[name] for name in names},
        "live": f"baseline: MapLibre in software; FastMarkerCluster drag, hard, 1k and all: {told}",
    }


def _rss(chart: MapView, peer: dict[str, Any]) -> Measure:
    return Measure(
        "renderer_rss_mb_169k", own_mb(web(chart).renderer_pid), "MB", peer["rss_mb"], str(peer["note"]) or "USS"
    )


def _gui_block(chart: MapView, rounds: int) -> Measure:
    """What a push of 130,000 states costs the GUI thread, encoding included, against JSON through QWebChannel."""
    generator = np.random.default_rng(4)
    feed = web(chart)._feed
    index = np.arange(SENSORS)
    ours: list[float] = []
    for _round in range(rounds):
        states = generator.integers(1, 7, SENSORS).astype(np.uint8)
        until(lambda: feed._job is not None)
        start = time.perf_counter()
        chart.update_sensor_states(index, states)
        feed._soon.stop()
        feed._answer()
        ours.append((time.perf_counter() - start) * 1000)
    channel = JsonChannel()
    peer = PeerPage(JSON_PAGE, channel=channel)
    until(lambda: channel.connected)
    theirs: list[float] = []
    for number in range(rounds):
        states = generator.integers(1, 7, SENSORS)
        start = time.perf_counter()
        channel.pushed.emit(json.dumps({"index": index.tolist(), "value": states.tolist()}))
        theirs.append((time.perf_counter() - start) * 1000)
        until(lambda number=number: channel.acknowledged > number)
    peer.close()
    note = "encoding included; baseline: JSON through QWebChannel"
    return Measure("gui_block_ms_130k", statistics.median(ours), "ms", statistics.median(theirs), note)


def _choice(chart: MapView, rounds: int) -> Measure:
    """A drawn polygon over everything that the map shows, below the bridge."""
    turns = np.linspace(0.0, 6.2, 40)
    ring = [(116.4 + 0.5 * np.cos(turn), 39.65 + 0.5 * np.sin(turn)) for turn in turns.tolist()]
    took = median_ms(lambda: chart.scene.choose(chart.scene.inside(ring)), rounds)
    count = chart.scene.chosen.choice.count
    chart.scene.choose()
    return Measure("choose_polygon_ms", took, "ms", note=f"a polygon of 40 corners, {count:,} objects chosen")


def _officer(chart: MapView, rounds: int) -> list[Measure]:
    """What the officer waits for: the flight to an alarm, and the answer to a click."""
    flight = measure_flight(chart, rounds)
    target = web(chart).view.focusProxy()
    assert target is not None
    picked: list[str] = []
    chart.object_selected.connect(lambda kind, _id: picked.append(kind))
    middle = QPoint(target.width() // 2, target.height() // 2)

    def click() -> None:
        picked.clear()
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
        until(lambda: bool(picked))

    def aim() -> None:
        chart.set_alarms([AlarmMark("a", Severity.RED, CENTRE.lon, CENTRE.lat, "暴雨红色预警")])
        chart.fly_to(CENTRE.lon, CENTRE.lat)

    evaluate(web(chart).page, f"{MAP}.doubleClickZoom.disable() && 0")
    shown(chart, aim)
    click_ms = median_ms(click, rounds)
    chart.set_alarms([])
    return [flight, Measure("click_to_python_ms", click_ms, "ms")]


class _Heard(QObject):
    """Counts the losses and returns of a map."""

    def __init__(self, chart: MapView) -> None:
        super().__init__()
        self.lost = self.ready = 0
        chart.renderer_lost.connect(self._lost)
        chart.ready.connect(self._ready)

    def _lost(self) -> None:
        self.lost += 1

    def _ready(self) -> None:
        self.ready += 1


def _losses(chart: MapView, rounds: int) -> list[Measure]:
    heard = _Heard(chart)
    surface = web(chart)
    times = []
    for turn in range(1, rounds + 1):
        surface._losses.clear()
        start = time.perf_counter()
        os.kill(surface.renderer_pid, signal.SIGKILL)
        until(lambda turn=turn: heard.ready == turn)
        times.append(time.perf_counter() - start)
    surface._losses.clear()
    start = time.perf_counter()
    surface.page.runJavaScript("for (;;) {}")
    until(lambda: heard.lost == rounds + 1)
    hang_s = time.perf_counter() - start
    until(lambda: heard.ready == rounds + 1)
    return [
        Measure("renderer_kill_recover_s", statistics.median(times), "s", note=f"all data back, {rounds} of {rounds}"),
        Measure("renderer_hang_detect_s", hang_s, "s"),
    ]


def _extra_window() -> Measure:
    # Windows of one seat show the same columns. At the moment when it is ready a window has not taken all that it
    # will, nor given back what loading left over: a figure of that moment is anything from 5 to 100.
    columns = district_points(POINTS)
    found = []
    for _window in range(3):
        gc.collect()
        before = family_mb()
        second, _ready_s = _chart(POINTS, columns)
        _settle(2.5)
        found.append(family_mb() - before)
        _drop(second)
        _settle(0.5)
    told = ", ".join(f"{grown:.0f}" for grown in found)
    note = f"USS of all processes, a second map with the same 169,000 points, 2.5 s after it opened; of {told}"
    return Measure("extra_window_mb", statistics.median(found), "MB", note=note)


def _settle(seconds: float) -> None:
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() > end)


def _four_windows(chart: MapView, seconds: int) -> Measure:
    columns = district_points(POINTS)
    others = [_chart(POINTS, columns)[0] for _number in range(3)]
    found = measure_windows([chart, *others], POINTS, seconds)
    for other in others:
        _drop(other)
    return found
