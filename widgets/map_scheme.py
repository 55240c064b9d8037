"""The scheme `crmap://app`: all that a map page can load comes from here."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFile, QIODevice, QObject
from PySide6.QtWebEngineCore import QWebEngineUrlRequestJob, QWebEngineUrlScheme, QWebEngineUrlSchemeHandler

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.district import District
from controlroom.mapping.page import SCRIPTS
from resources import path
from widgets.map_feed import Feed, reply

log = logging.getLogger(__name__)

SCHEME = b"crmap"
_TYPES = {".js": b"text/javascript", ".css": b"text/css", ".geojson": b"application/geo+json"}


def register_scheme() -> None:
    """Makes the scheme known; only before QApplication exists. Further calls do nothing."""
    if scheme_is_registered():
        return
    scheme = QWebEngineUrlScheme(SCHEME)
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    flag = QWebEngineUrlScheme.Flag
    scheme.setFlags(flag.SecureScheme | flag.CorsEnabled | flag.FetchApiAllowed)
    QWebEngineUrlScheme.registerScheme(scheme)


def scheme_is_registered() -> bool:
    """Whether register_scheme came in time."""
    return QWebEngineUrlScheme.schemeByName(SCHEME).name() == SCHEME


def page_files() -> dict[str, bytes]:
    """Scripts and styles of the page by path. Raises EnvironmentFault when Leaflet is not installed."""
    leaflet = path("map", "node_modules", "leaflet", "dist")
    files: dict[str, Path] = {f"/room/{name}.js": path("map", f"{name}.js") for name in SCRIPTS}
    files["/room/room.css"] = path("map", "room.css")
    files["/lib/leaflet.js"] = leaflet / "leaflet.js"
    files["/lib/leaflet.css"] = leaflet / "leaflet.css"
    try:
        found = {name: file.read_bytes() for name, file in files.items()}
    except OSError as error:
        log.info("map page incomplete: %s", error)
        raise EnvironmentFault(
            _("The map's scripts are not installed, so a simple map is shown. Run the set-up again.")
        ) from error
    channel = QFile(":/qtwebchannel/qwebchannel.js")
    channel.open(QIODevice.OpenModeFlag.ReadOnly)
    found["/lib/qwebchannel.js"] = bytes(channel.readAll().data())
    return found


class SchemeHandler(QWebEngineUrlSchemeHandler):
    """Serves the composed document, its files, the district, shapes of layers, and the feed. Runs on the GUI thread.

    `missed` counts requests for anything else: they fail at once, since an open one would keep the page loading.
    """

    def __init__(
        self,
        document: Callable[[], bytes],
        shapes: Callable[[int], str | None],
        district: District,
        feed: Feed,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.missed = 0
        self._document = document
        self._shapes = shapes
        self._district = district
        self._feed = feed
        self._files = page_files()

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        """Qt's entry: one request."""
        name = job.requestUrl().path()
        if bytes(job.requestMethod().data()) != b"GET" or job.requestUrl().host() != "app":
            job.fail(QWebEngineUrlRequestJob.Error.RequestDenied)
        elif name == "/feed":
            self._feed.poll(job)
        elif name in ("", "/"):
            reply(job, b"text/html", self._document())
        elif name in self._files:
            reply(job, _TYPES[Path(name).suffix], self._files[name])
        else:
            self._geography(job, name)

    def _geography(self, job: QWebEngineUrlRequestJob, name: str) -> None:
        folder, _slash, file = name.strip("/").partition("/")
        stem = file.removesuffix(".geojson")
        found: bytes | None = None
        if folder == "district" and stem in District.FILES:
            found = self._district.document(stem)
        elif folder == "shapes" and stem.isdecimal():
            text = self._shapes(int(stem))
            found = None if text is None else text.encode()
        if found is None:
            self.missed += 1
            log.info("the map page asked for %s, which is not there", name)
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
        else:
            reply(job, _TYPES[".geojson"], found)
