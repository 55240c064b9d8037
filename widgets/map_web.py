"""The map in QtWebEngine: a page that can be killed at any time and comes back as it was."""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QVBoxLayout, QWidget

from controlroom.i18n import _
from controlroom.mapping.district import District
from controlroom.mapping.page import ORIGIN, compose
from controlroom.mapping.scene import Scene
from widgets.map_channel import RoomChannel
from widgets.map_feed import Feed
from widgets.map_guard import GuardedPage, RequestGuard, refuse_download
from widgets.map_photographer import Photographer
from widgets.map_scheme import SchemeHandler, register_scheme, scheme_is_registered
from widgets.map_sheet_door import SheetDoor
from widgets.map_surface import Ask, MapPicture, MapSurface
from widgets.map_watchdog import Canary, Watchdog

__all__ = ["WebSurface", "register_scheme", "scheme_is_registered"]

log = logging.getLogger(__name__)

MOST_LOSSES = 3
"""So many lost renderers within LOSSES_WITHIN_S end in the painted map."""
LOSSES_WITHIN_S = 60.0
_CANARY = QColor(18, 171, 156)


class WebSurface(MapSurface):
    """A web view of a scene. Raises EnvironmentFault when the page's files are not installed.

    Page, profile and view are children in this order, because Qt deletes children in the order they came and a
    profile must outlive its page.
    """

    def __init__(self, scene: Scene, district: District, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene = scene
        self._legend = False
        self._losses: list[float] = []
        self._applied = False
        self._pages = QObject(self)
        self._profile = QWebEngineProfile(self)
        self._profile.downloadRequested.connect(refuse_download)
        self.guard = RequestGuard(self)
        self._profile.setUrlRequestInterceptor(self.guard)
        self._feed = Feed(scene.take_batch, self)
        self.handler = SchemeHandler(self._document, self._shapes, district, self._feed, self)
        self.handler.sheets = SheetDoor(scene.sheets, self)
        self._profile.installUrlSchemeHandler(b"crmap", self.handler)
        self.channel = RoomChannel(scene, self)
        self.page = GuardedPage(self._profile, self.guard, self._pages)
        self.view = QWebEngineView(self)
        self._build()
        self._watchdog = Watchdog(lambda number: scene.order("ping", number), self)
        self._watchdog.hung.connect(self._kill)
        self.channel.pong_received.connect(self._watchdog.answer)
        self._canary = Canary(self._sees_canary, self)
        self._canary.seen.connect(self._prove)
        self._canary.missed.connect(self._blank)
        self._photographer = Photographer(scene, self, self.view)
        self.channel.drawn.connect(self._photographer.drawn)
        self._load()

    @property
    def renderer_pid(self) -> int:
        """The process that draws, 0 when there is none."""
        return self.page.renderProcessPid()

    def scene_changed(self) -> None:
        """Feeds the page, if it waits."""
        self._feed.wake()

    def set_tiles(self, ask: Ask | None) -> None:
        """Whom the page's tiles of the base map are asked from."""
        self.handler.tiles = ask

    def show_legend(self, shown: bool) -> None:
        """Shows or hides the legend in the page."""
        self._legend = shown
        self._scene.order("legend", shown)

    def draw_area(self, wanted: bool) -> None:
        """The page takes clicks and keys for corners until it tells an area."""
        self._scene.order("draw", wanted)
        if wanted:
            self.view.setFocus()

    def take_picture(self, then: Callable[[MapPicture | None], None]) -> None:
        """Waits until the page has drawn the view that is asked for now, at this size."""
        self._photographer.take(then)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that could not be looked at while hidden is proved now."""
        super().showEvent(event)
        if self._applied and not self._canary.proved:
            self._look()

    def _build(self) -> None:
        web_channel = QWebChannel(self)
        web_channel.registerObject("room", self.channel)
        # Files that are dropped are for the map around it; the page would only look at them.
        self.view.setAcceptDrops(False)
        # The page tells what menu is wanted; the browser's own has nothing for an officer.
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.page.setWebChannel(web_channel)
        self.channel.picked.connect(self.picked)
        self.channel.pointed.connect(self.pointed)
        self.channel.several_picked.connect(self.several_picked)
        self.channel.added.connect(self.added)
        self.channel.area_chosen.connect(self.area_chosen)
        self.channel.touched.connect(self.touched)
        self.channel.escaped.connect(self.escaped)
        self.channel.home_asked.connect(self.home_asked)
        self.channel.place_clicked.connect(self.place_clicked)
        self.channel.sketched_by_hand.connect(self.sketched)
        self.channel.centre_changed.connect(self.centre_changed)
        self.channel.policy_violated.connect(lambda uri: self.guard.refuse(QUrl(uri)))
        self.channel.batch_applied.connect(self._batch_applied)
        self.page.renderProcessTerminated.connect(self._terminated)
        self.page.setBackgroundColor(QColor("#14181d" if self._scene.dark else "#e9ecef"))
        self.view.setPage(self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setFocusProxy(self.view)

    def _load(self) -> None:
        self._applied = False
        self._feed.drop()
        self._scene.invalidate()
        self._scene.order("legend", self._legend)
        # With the first picture, not after it: a map that waits to be asked is usable later.
        self._scene.order("canary", not self._canary.proved)
        self._photographer.begin_anew()
        self._watchdog.start()
        self.page.load(QUrl(f"{ORIGIN}/"))

    def _document(self) -> bytes:
        return compose(self._scene.centre, {"legend": self._legend}).html

    def _shapes(self, number: int) -> str | None:
        found = (p.spec.geojson for p in self._scene.plugins.values() if p.points.number == number)
        return next(found, None) or None

    def _batch_applied(self, _sequence: int) -> None:
        self._watchdog.answer(None)
        if self._applied:
            return
        self._applied = True
        if self._canary.proved or not self.isVisible():
            self.ready.emit()
        else:
            self._canary.start()

    def _look(self) -> None:
        self._scene.order("canary", True)
        self._canary.start()

    def _sees_canary(self) -> bool:
        """Whether the patch is in the pixels of the view; a blank page would not show it."""
        picture = self.view.grab(QRect(QPoint(0, 0), QSize(8, 8))).toImage()
        colour = picture.pixelColor(picture.width() // 2, picture.height() // 2)
        near = zip(colour.getRgb()[:3], _CANARY.getRgb()[:3], strict=True)  # type: ignore[index]  # a tuple
        return all(abs(a - b) < 12 for a, b in near)

    def _prove(self) -> None:
        self._scene.order("canary", False)
        self.ready.emit()

    def _blank(self) -> None:
        log.info("the web map is blank")
        self._watchdog.stop()
        self.failed.emit(_("The web map stays blank on this machine, so a simple map is shown."))

    def _terminated(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        log.info("the map's renderer ended: %s, code %d", status.name, code)
        self._watchdog.stop()
        self._canary.stop()
        self.lost.emit()
        now = time.monotonic()
        self._losses = [at for at in self._losses if now - at < LOSSES_WITHIN_S] + [now]
        if len(self._losses) > MOST_LOSSES:
            self.failed.emit(
                _("The web map keeps crashing, so a simple map is shown. Restart the program to try again.")
            )
        else:
            # Loading inside the signal would meet a page that is still being taken down.
            QTimer.singleShot(0, self, self._load)

    def _kill(self) -> None:
        """Ends a renderer that does not answer; `_terminated` then brings it back."""
        pid = self.renderer_pid
        log.info("the map's renderer %d hangs and is ended", pid)
        if pid > 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
                return
        self._terminated(QWebEnginePage.RenderProcessTerminationStatus.AbnormalTerminationStatus, 0)
