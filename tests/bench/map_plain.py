"""What a plain web view and plain folium would let through: the baselines of the map's safety, in the same run."""

import json
import os
import select
import socket
import subprocess
import sys

import folium
from PySide6.QtCore import QUrl
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

from controlroom.mapping.page import OfflineMap
from tests.bench.map_rig import CENTRE, PeerPage, evaluate, until
from tests.ways_out import HOSTILE, WAYS, way_out

_PATIENCE_S = 1.5
_HOSTILE_PICTURE = HOSTILE.split("<script>", maxsplit=1)[0]
_DOCUMENT = "<!DOCTYPE html><html><head><link rel='icon' href='data:,'></head><body></body></html>"
"""It asks for nothing by itself, not even for an icon."""
_PLACE = (CENTRE.lat, CENTRE.lon)


def ways_of_a_plain_view() -> int:
    """How many of WAYS reach a listener from a view as it comes. The flags are those of a process: it takes its own."""
    script = "from tests.bench.map_plain import try_ways; print(try_ways())"
    flags = "--no-sandbox" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "QTWEBENGINE_CHROMIUM_FLAGS": flags},
    )
    return int(json.loads(told.stdout.splitlines()[-1]))


class _Opening(QWebEnginePage):
    """A page whose new windows open, as in any browser."""

    def createWindow(self, _kind: QWebEnginePage.WebWindowType) -> QWebEnginePage:
        return QWebEnginePage(self.profile(), self)


def try_ways() -> int:
    """Each way from a page of its own to a listener of its own."""
    application = QApplication.instance() or QApplication(["plain"])
    profile = QWebEngineProfile()
    reached = 0
    for number in range(len(WAYS)):
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(tcp.getsockname())
            reached += _reaches(_Opening(profile), number, tcp, udp)
    del application
    return reached


def _reaches(page: QWebEnginePage, number: int, tcp: socket.socket, udp: socket.socket) -> bool:
    """Whether a page of the listener's own origin comes to it this way; the page is gone then."""
    host = f"127.0.0.1:{tcp.getsockname()[1]}"
    view = QWebEngineView()
    view.setPage(page)
    view.show()
    loaded: list[bool] = []
    page.loadFinished.connect(loaded.append)
    page.setHtml(_DOCUMENT, QUrl(f"http://{host}/"))
    until(lambda: bool(loaded))
    page.runJavaScript(way_out(number, host))
    is_reached = True
    try:
        until(lambda: bool(select.select([tcp, udp], [], [], 0)[0]), _PATIENCE_S)
    except TimeoutError:
        is_reached = False
    view.close()
    gone: list[bool] = []
    page.destroyed.connect(lambda: gone.append(True))
    page.deleteLater()
    until(lambda: bool(gone))
    return is_reached


def hostile_in_plain_folium() -> int:
    """In how many of three places a hostile name runs in folium's own page: tooltip, popup, tooltip of a GeoJSON."""
    feature = {
        "type": "Feature",
        "properties": {"name": _HOSTILE_PICTURE},
        "geometry": {"type": "Point", "coordinates": [CENTRE.lon, CENTRE.lat]},
    }
    things = (
        folium.Marker(_PLACE, tooltip=folium.Tooltip(_HOSTILE_PICTURE, permanent=True)),
        folium.Marker(_PLACE, popup=folium.Popup(_HOSTILE_PICTURE, show=True)),
        folium.GeoJson(
            {"type": "FeatureCollection", "features": [feature]},
            tooltip=folium.GeoJsonTooltip(["name"], permanent=True),
        ),
    )
    return sum(_runs(thing) for thing in things)


def _runs(thing: folium.Element) -> bool:
    chart = OfflineMap(CENTRE)
    chart.add_child(thing)
    # The popup's template asks jQuery for nothing but this.
    stand_in = (
        "window.$ = (html) => [Object.assign(document.createElement('div'), { innerHTML: html }).firstElementChild];"
    )
    chart.get_root().header.add_child(folium.Element(f"<script>{stand_in}</script>"))
    page = PeerPage(chart.get_root().render())
    try:
        until(lambda: evaluate(page.page, "window.hit") == 1, 3.0)
    except TimeoutError:
        return False
    finally:
        page.close()
    return True
