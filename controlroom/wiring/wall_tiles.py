"""What lies over the tiles of a wall that are no cameras: built once, kept while wanted, a card where it fails."""

import importlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.domain.wall import TileKind, WallScreen, WallTile
from controlroom.domain.wall_programme import DYNAMIC
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, language
from controlroom.mapping.viewpoint import ViewRule
from controlroom.shell.tile_fence import TileBox
from controlroom.wiring.map import MapWiring
from controlroom.wiring.plots import PlotWiring
from controlroom.wiring.seat import ZONE, Seat
from layouts import Panel
from widgets.plot_toolbar import PlotToolbar
from widgets.wall_special import ClockTile, ImageTile, TextTile

_Key = tuple[TileKind, str, tuple[str, ...], int]


class WallTiles(QObject):
    """Gives the widgets of one screen's special tiles. A tile that fails becomes a card; the others go on."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._held: dict[_Key, TileBox] = {}
        seat.pump.ticked.connect(self._tick)

    def guests(self, screen: WallScreen, origin: Callable[[int], str] = lambda _place: "") -> dict[int, QWidget]:
        """The widgets by the place of their tile; what is wanted no longer goes.

        `origin` says who put what is at a place there, and when.
        """
        seen: Counter[_Key] = Counter()
        wanted: dict[int, _Key] = {}
        for place, tile in enumerate(screen.tiles):
            if tile.kind is TileKind.CAMERA or tile.kind in DYNAMIC:
                continue
            plain = (tile.kind, tile.text, tile.sensors, 0)
            wanted[place] = (tile.kind, tile.text, tile.sensors, seen[plain])
            seen[plain] += 1
        for key in self._held.keys() - set(wanted.values()):
            box = self._held.pop(key)
            box.body.close()
            box.hide()
            box.deleteLater()
        for place, key in wanted.items():
            if key not in self._held:
                self._held[key] = self._box(screen.tiles[place])
        for place, key in wanted.items():
            body = self._held[key].body
            if isinstance(body, TextTile):
                body.set_origin(origin(place))
        self._tick(self._seat.clock.now())
        return {place: self._held[key] for place, key in wanted.items()}

    def _box(self, tile: WallTile) -> TileBox:
        def build(_kind: str, _options: dict[str, Any]) -> QWidget:
            return self._built(tile)

        box = TileBox(Panel(kind=tile.kind.value), build, language())
        box.setAutoFillBackground(True)  # what the wall draws of an empty tile lies below
        return box

    def _built(self, tile: WallTile) -> QWidget:
        match tile.kind:
            case TileKind.CLOCK:
                return ClockTile(ZONE)
            case TileKind.TEXT:
                return TextTile(tile.text)
            case TileKind.IMAGE:
                return self._image(tile.text)
            case TileKind.PLOT:
                return _without_tools(PlotWiring(self._seat, list(tile.sensors)).plot, PlotToolbar)
            case TileKind.MAP:
                return self._map()
            case TileKind.WEB:
                return self._web(tile.text)
            case _:
                raise ValueError(tile.kind)

    def _map(self) -> QWidget:
        """Nobody stands at a wall's map: it fits the standing alarms until a hand locks it."""
        view = MapWiring(self._seat).view
        view.hold.fit(ViewRule.ALARMS)
        view.toolbar.make_bare()
        return view

    def _image(self, name: str) -> QWidget:
        folder = self._seat.wall_pictures
        if folder is None or not name or name.startswith(".") or "/" in name or "\\" in name:
            raise EnvironmentFault(_("“{name}” is no name of a picture file.").format(name=name))
        return ImageTile(folder / name)

    def _web(self, address: str) -> QWidget:
        try:
            module = importlib.import_module("widgets.wall_web")
        except ImportError as error:
            raise EnvironmentFault(_("This machine has no web engine, so no web page is shown.")) from error
        made = module.WebTile(address, self._seat.wall_hosts, self._time)
        assert isinstance(made, QWidget)
        return made

    def _time(self) -> str:
        return self._seat.clock.now().astimezone(ZONE).strftime("%H:%M:%S")

    def _tick(self, now: datetime) -> None:
        for box in self._held.values():
            if isinstance(box.body, ClockTile):
                box.body.set_time(now)


def _without_tools(panel: QWidget, kind: type[QWidget]) -> QWidget:
    """A display has nobody to press them and a tile no room for them; a desk has panels with tools."""
    for tools in panel.findChildren(kind):
        tools.hide()
    return panel
