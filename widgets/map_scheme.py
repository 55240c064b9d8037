"""The scheme `crmap://app`: all that a map page can load comes from here."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFile, QIODevice, QObject
from PySide6.QtWebEngineCore import QWebEngineUrlRequestJob, QWebEngineUrlScheme, QWebEngineUrlSchemeHandler
from shiboken6 import isValid

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.basemaps.keeper import Ticket
from controlroom.mapping.district import District
from controlroom.mapping.page import SCRIPTS
from resources import path
from widgets.map_feed import Feed, reply
from widgets.map_sheet_door import SheetDoor
from widgets.map_surface import Ask

log = logging.getLogger(__name__)

SCHEME = b"crmap"
_TILE = b"application/octet-stream"
_NO_TILE = b"\x78\x00"
"""An answer of no bytes would never end: these are a vector tile without layers, and too few for a picture."""
_VECTOR_SCRIPT = "/lib/protomaps-leaflet.js"
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
    # Only vector base maps need it; an installation from before them draws everything else.
    vectors = path("map", "node_modules", "protomaps-leaflet", "dist", "protomaps-leaflet.js")
    found[_VECTOR_SCRIPT] = vectors.read_bytes() if vectors.is_file() else b""
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
        self.sheets: SheetDoor | None = None
        """Who answers for tiles of thematic layers."""
        self._document = document
        self._shapes = shapes
        self._district = district
        self._feed = feed
        self._files = page_files()
        self.tiles: Ask | None = None
        self._waiting: dict[int, QWebEngineUrlRequestJob] = {}
        self._turn = 0

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        """Qt's entry: one request."""
        name = job.requestUrl().path()
        if bytes(job.requestMethod().data()) != b"GET" or job.requestUrl().host() != "app":
            job.fail(QWebEngineUrlRequestJob.Error.RequestDenied)
        elif name == "/feed":
            self._feed.poll(job)
        elif name in ("", "/"):
            reply(job, b"text/html", self._document())
        elif name.startswith("/base/"):
            self._base_tile(job, name)
        elif name in self._files:
            reply(job, _TYPES[Path(name).suffix], self._files[name])
        else:
            self._geography(job, name)

    def _base_tile(self, job: QWebEngineUrlRequestJob, name: str) -> None:
        """`/base/VERSION/Z/X/Y`, read beside this thread; a tile that is not there is _NO_TILE."""
        numbers = [int(part) for part in name.split("/")[2:] if part.isdecimal() and len(part) < 12]
        if len(numbers) != 4 or self.tiles is None:
            reply(job, _TILE, _NO_TILE)
            return
        self._turn += 1
        self._waiting[self._turn] = job
        version, z, x, y = numbers
        ticket = self.tiles(version, z, x, y, partial(self._answer_tile, self._turn))
        if self._turn in self._waiting:
            job.destroyed.connect(partial(self._forget_tile, self._turn, ticket))

    def _answer_tile(self, turn: int, body: bytes | None) -> None:
        job = self._waiting.pop(turn, None)
        if job is not None and isValid(job):
            reply(job, _TILE, body or _NO_TILE)

    def _forget_tile(self, turn: int, ticket: object, *_gone: object) -> None:
        """The page looks elsewhere: what nobody waits for is not read."""
        if self._waiting.pop(turn, None) is not None and isinstance(ticket, Ticket):
            ticket.cancel()

    def _geography(self, job: QWebEngineUrlRequestJob, name: str) -> None:
        folder, _slash, file = name.strip("/").partition("/")
        stem = file.removesuffix(".geojson")
        found: bytes | None = None
        if folder == "sheet" and self.sheets is not None and self.sheets.serve(job, file):
            return
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
