"""Base maps, connected: the seat's own set of them, the choosers of every map, and files that are added."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from controlroom.bridge.base_maps import BaseMaps
from controlroom.clock import Clock
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.basemaps.declared import Declared, Wmts
from controlroom.mapping.basemaps.intake import IntakeStopped, may_be_base_map, take_in
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.settings import Folders
from controlroom.settings import Map as MapSettings
from controlroom.wiring.seat import Seat
from widgets.map_drop import MapDrop
from widgets.map_view import MapView

FOLDER = "basemaps"


def base_maps(places: Folders, settings: MapSettings, clock: Clock, parent: QObject) -> BaseMaps:
    """The base maps of a seat: its folder, and the service that the settings name."""
    cache = TileCache(places.state / "base-map-tiles.sqlite", settings.wmts_cache_mb * 1_000_000)
    return BaseMaps(places.data / FOLDER, cache, services(settings), clock, parent)


def services(settings: MapSettings) -> Sequence[Declared]:
    """The service of the settings as it would stand in a file."""
    if not settings.wmts_address:
        return ()
    wmts = Wmts(
        address=settings.wmts_address,
        layer=settings.wmts_layer,
        matrix_set=settings.wmts_matrix_set,
        style=settings.wmts_style,
        token=settings.wmts_token,
        token_name=settings.wmts_token_name,
    )
    return (
        Declared(
            name=settings.wmts_name,
            attribution=settings.wmts_attribution,
            date=settings.wmts_date,
            datum=settings.wmts_datum,
            wmts=wmts,
        ),
    )


class BaseMapWiring(QObject):
    """The chooser of one map view."""

    def __init__(self, seat: Seat, view: MapView) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        self._stop: threading.Event | None = None
        held = seat.base_maps
        self.drop: MapDrop | None = None
        if held is None:
            view.base.button.hide()
            return
        self._held = held
        view.base.set_tiles(held.ask)
        held.changed.connect(self._maps)
        held.condition_changed.connect(view.base.set_condition)
        seat.pump.ticked.connect(self._tick)
        view.base.folder_wanted.connect(self._open_folder)
        view.base.files_wanted.connect(self._ask_files)
        view.base.stop_wanted.connect(self._stop_copying)
        self.drop = MapDrop.of(view)
        self.drop.accept(may_be_base_map, self.add)
        self._maps()

    def add(self, paths: Sequence[Path]) -> None:
        """Takes these into the folder, one after the other, and shows the last of them."""
        self._stop = threading.Event()
        self._seat.tasks.spawn(self._add(tuple(paths), self._stop), "base maps")

    async def _add(self, paths: Sequence[Path], stop: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        try:
            for path in paths:
                words = _("Copying {name}").format(name=path.name)
                self._view.base.set_copying(words)
                told = partial(self._progress, loop, words)
                target = await asyncio.to_thread(take_in, path, self._held.folder, told, stop)
                self._view.base.choose(target.name)
        except IntakeStopped:
            self._seat.requests.told.emit(_("Copying was stopped; nothing of it is left."))
        finally:
            stop.set()
            self._view.base.set_copying("")

    def _progress(self, loop: asyncio.AbstractEventLoop, words: str, share: float) -> None:
        """On the copying thread."""
        loop.call_soon_threadsafe(self._view.base.set_copying, f"{words} {share:.0%}")

    def _stop_copying(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _maps(self) -> None:
        self._view.base.set_maps(self._held.maps, self._held.condition)

    def _tick(self, now: datetime) -> None:
        self._view.base.set_now(now)

    def _open_folder(self) -> None:
        try:
            self._held.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(
                _("The folder {folder} cannot be made: {reason}.").format(
                    folder=self._held.folder, reason=error.strerror or error
                )
            ) from error
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._held.folder)))
        self._seat.requests.told.emit(_("Base maps are put into {folder}").format(folder=self._held.folder))

    def _ask_files(self) -> None:
        dialog = QFileDialog(self._view, _("Add base maps…"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(_("Base maps ({pattern})").format(pattern="*.mbtiles *.pmtiles *.toml"))
        dialog.filesSelected.connect(self._files_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _files_chosen(self, names: list[str]) -> None:
        self.add([Path(name) for name in names])
