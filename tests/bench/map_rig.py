"""What the map's benchmark needs around the map: waiting, memory, pages of the peers."""

import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import folium
import numpy as np
import psutil
from folium.plugins import FastMarkerCluster
from PySide6.QtCore import QEventLoop, QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineUrlRequestJob,
    QWebEngineUrlSchemeHandler,
)
from PySide6.QtWebEngineWidgets import QWebEngineView

from controlroom.mapping.layers import MapCentre
from controlroom.mapping.page import ORIGIN, OfflineMap
from resources import path
from widgets.map_feed import reply
from widgets.map_scheme import page_files

SIZE = (1600, 900)
MAP = "controlroom.room.map"
CENTRE = MapCentre(116.42, 39.64, 13)


def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Runs the event loop until the condition holds; TimeoutError when it does not in time."""
    loop = QEventLoop()
    end = time.perf_counter() + timeout_s
    timer = QTimer(interval=1)

    def look() -> None:
        # The answer of this very moment counts: the loop may do more before it ends.
        if condition():
            loop.exit(0)
        elif time.perf_counter() > end:
            loop.exit(1)
        else:
            return
        timer.stop()

    timer.timeout.connect(look)
    timer.start()
    if loop.exec():
        raise TimeoutError(condition)


def evaluate(page: QWebEnginePage, script: str) -> Any:
    """The value of a script in the page."""
    answers: list[Any] = []
    page.runJavaScript(f"JSON.stringify(({script}) ?? null)", answers.append)
    until(lambda: bool(answers))
    return json.loads(answers[0]) if answers[0] else None


def own_mb(pid: int) -> float:
    """Memory that a process shares with no other (USS), MB."""
    return psutil.Process(pid).memory_full_info().uss / 1e6


def family_mb() -> float:
    """USS of this process and all its children, MB."""
    children = psutil.Process().children(recursive=True)
    return sum(own_mb(pid) for pid in [os.getpid(), *(child.pid for child in children)] if psutil.pid_exists(pid))


def cpu_s(pids: list[int]) -> float:
    """Processor time that these processes have used, s."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def district_points(count: int) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Ids, lon, lat and states of points that gather in towns, as cameras and sensors do."""
    generator = np.random.default_rng(7)
    towns = generator.uniform((116.25, 39.5), (116.6, 39.8), (24, 2))
    which = generator.integers(0, 24, count)
    lon, lat = (towns[which] + generator.normal(0, 0.035, (count, 2))).T
    return (
        [f"s{i}" for i in range(count)],
        lon,
        lat,
        generator.choice(7, count, p=[0.02, 0.9, 0.03, 0.02, 0.01, 0.01, 0.01]),
    )


def median_ms(work: Callable[[], None], rounds: int) -> float:
    """The median time of a piece of work, ms."""
    times = []
    for _round in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


FPS = """
window.fps = null;
(() => {
  const map = MAP, frames = FRAMES, began = performance.now();
  let n = 0;
  const step = () => {
    if (n === frames) { window.fps = 1000 * frames / (performance.now() - began); return; }
    n++;
    const way = Math.floor(n / 60) % 2 ? -1 : 1;
    WORK
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})()
"""
DRAG = """
    if (n % 30 === 1) map.fire('movestart');
    map._rawPanBy(L.point(-5 * way, -3 * way)); map.fire('move'); if (n % 30 === 0) map.fire('moveend');"""
HARD = "map.panBy([9 * way, 5 * way], {animate: false});"


def frames_per_s(page: QWebEnginePage, work: str, chart: str, frames: int) -> float:
    """Frames that the page presents while it is moved in every one of them."""
    page.runJavaScript(FPS.replace("MAP", chart).replace("FRAMES", str(frames)).replace("WORK", work))
    until(lambda: evaluate(page, "window.fps") is not None)
    return float(evaluate(page, "window.fps"))


class _Files(QWebEngineUrlSchemeHandler):
    def __init__(self, files: Mapping[str, bytes], parent: QObject) -> None:
        super().__init__(parent)
        self._files = files

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        body = self._files.get(job.requestUrl().path())
        if body is None:
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
        else:
            reply(job, b"text/javascript" if job.requestUrl().path().endswith(".js") else b"text/html", body)


class PeerPage:
    """A page of a peer in a view of its own."""

    def __init__(self, html: str, files: Mapping[str, bytes] | None = None, channel: QObject | None = None) -> None:
        self.profile = QWebEngineProfile()
        handler = _Files({**page_files(), **(files or {}), "/": html.encode()}, self.profile)
        self.profile.installUrlSchemeHandler(b"crmap", handler)
        self.page = QWebEnginePage(self.profile)
        if channel is not None:
            web_channel = QWebChannel(self.page)
            web_channel.registerObject("peer", channel)
            self.page.setWebChannel(web_channel)
        self.view = QWebEngineView()
        self.view.setPage(self.page)
        self.view.resize(*SIZE)
        self.view.show()
        self.page.load(QUrl(f"{ORIGIN}/"))

    def close(self) -> None:
        """The page goes before its profile."""
        self.view.close()
        self.view.deleteLater()
        self.page.deleteLater()
        gone: list[bool] = []
        self.page.destroyed.connect(lambda: gone.append(True))
        until(lambda: bool(gone))
        self.profile.deleteLater()


def marker_cluster(lon: np.ndarray, lat: np.ndarray) -> PeerPage | None:
    """folium's FastMarkerCluster with these points, served like our own page; None where its script is absent."""
    script = path("map", "node_modules", "leaflet.markercluster", "dist", "leaflet.markercluster.js")
    if not script.exists():
        return None

    class Cluster(FastMarkerCluster):
        default_js = [("cluster", f"{ORIGIN}/lib/cluster.js")]  # noqa: RUF012  # folium's names
        default_css: list[tuple[str, str]] = []  # noqa: RUF012

    chart = OfflineMap(CENTRE)
    mark = "function (row) { return L.circleMarker(L.latLng(row[0], row[1]), {radius: 4}); }"
    chart.add_child(Cluster(np.column_stack([lat, lon]).tolist(), callback=mark))
    ready = folium.Element("requestAnimationFrame(() => { window.usable = true; });")
    chart.get_root().script.add_child(ready)
    return PeerPage(chart.get_root().render(), {"/lib/cluster.js": script.read_bytes()})


class JsonChannel(QObject):
    """What most programs do: a JSON text through QWebChannel."""

    pushed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged = 0
        self.connected = False

    @Slot()
    def acknowledge(self) -> None:
        """The page has it."""
        self.acknowledged += 1

    @Slot()
    def connect_page(self) -> None:
        """The page listens."""
        self.connected = True


JSON_PAGE = """<!DOCTYPE html><script src="crmap://app/lib/qwebchannel.js"></script><script>
new QWebChannel(qt.webChannelTransport, (channel) => {
  const peer = channel.objects.peer, state = new Uint8Array(200000);
  peer.pushed.connect((text) => {
    const { index, value } = JSON.parse(text);
    for (let i = 0; i < index.length; i++) state[index[i]] = value[i];
    peer.acknowledge();
  });
  peer.connect_page();
});
</script>"""
