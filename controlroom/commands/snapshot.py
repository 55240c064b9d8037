"""`controlroom snapshot`: pictures of the running demo without a person: its windows, and on wish every screen."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap

from controlroom import app, display
from controlroom.bridge.faults import Fault
from controlroom.commands import named, scenes
from controlroom.commands.setup import Setup
from controlroom.domain.alarm import Alarm
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.settings import folders
from widgets.map_surface import MapPicture
from widgets.map_view import MapView
from widgets.video_wall import VideoWall

SETTLE_S = 20.0
"""How long the demo may take until everything moves; then the pictures are taken as things stand."""

LOOK_MS = 500
PART_PX = 960
AFTER_MS = 4000
"""From choosing an alarm until the detail is filled; the map is waited for until it has drawn the alarm's place."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of picture taking."""
    parser.add_argument("--out", type=Path, default=Path("snapshots"), metavar=_("FOLDER"), help=_("where to write"))
    parser.add_argument("--theme", choices=("dark", "light"), default="", help=_("theme of the pictures"))
    parser.add_argument("--layout", default="three", metavar=_("NAME"), help=_("layout to show"))
    parser.add_argument("--scenario", default="rainstorm", help=_("what the simulated district plays"))
    parser.add_argument(
        "--every", action="store_true", help=_("also every tab, dialog, chart and menu, the past, and the lost hub")
    )


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Run the demo in a folder of its own on a virtual display and write the pictures."""
    if arguments.theme:
        ui = msgspec.structs.replace(setup.settings.ui, theme=arguments.theme)
        setup = replace(setup, settings=msgspec.structs.replace(setup.settings, ui=ui))
    options = app.SeatOptions(
        setup=setup,
        hub_arguments=("--port", "0"),
        simulate=True,
        simulator_arguments=("--scenario", arguments.scenario, "--speed", "6"),
        layout=named.layout(arguments.layout, setup),
        silent=True,
    )
    return pictures_without_display(options, arguments.out.absolute(), every=arguments.every)


def pictures_without_display(options: app.SeatOptions, out: Path, *, every: bool = False) -> int:
    """Run a seat on a virtual display in a throw-away home, write its pictures, and say where they are."""
    with tempfile.TemporaryDirectory(prefix="controlroom-") as home, display.virtual_display(display.WALL):
        setup = replace(options.setup, folders=folders(Path(home)))
        options = replace(options, setup=setup, layout=options.layout or "three", silent=True)
        album = scenes.Album(partial(_kept, out))
        status = app.run(options, lambda seat: Photographer(seat, out, album, every=every).begin())
    sys.stdout.write(_("Pictures are in {folder}").format(folder=out) + "\n")
    if album.missed:
        told = _("Scenes without a picture: {names}").format(names=_(", ").join(album.missed))
        sys.stderr.write(told + "\n")
    for fault in album.faults:
        sys.stderr.write(_("The room met a fault: {fault}").format(fault=fault) + "\n")
    return status or int(bool(album.missed or album.faults))


def _kept(out: Path, picture: QPixmap, name: str) -> bool:
    return picture.save(str(out / f"{name}.png"))


def side_by_side(pictures: Sequence[QPixmap]) -> QPixmap:
    """The windows as they stand beside each other, each 960 pixels wide."""
    parts = [p.scaledToWidth(PART_PX, Qt.TransformationMode.SmoothTransformation) for p in pictures]
    whole = QPixmap(PART_PX * len(parts), max(part.height() for part in parts))
    whole.fill(Qt.GlobalColor.black)
    painter = QPainter(whole)
    for number, part in enumerate(parts):
        painter.drawPixmap(number * PART_PX, 0, part)
    painter.end()
    return whole


class Photographer(QObject):
    """Waits until the demo moves, acts a little as an officer would, and takes the pictures."""

    def __init__(self, seat: app.SeatApp, out: Path, album: scenes.Album, *, every: bool = False) -> None:
        super().__init__(seat)
        self._app = seat
        self._out = out
        self._album = album
        self._scenes = scenes.every(seat, album) if every else iter(())
        self._begun = seat.clock.monotonic()
        self._undrawn = 0
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._ready)
        seat.net.faulted.connect(self._faulted)

    def begin(self) -> None:
        """Start looking."""
        try:
            self._out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(
                _("Pictures cannot be written to {folder}: {error}").format(folder=self._out, error=error)
            ) from error
        self._look.start()

    def _ready(self) -> None:
        seat = self._app.seat
        room = seat.pump.room
        walls = [wall for window in self._app.windows.desk.windows.values() for wall in window.findChildren(VideoWall)]
        live = sum(view.is_moving for wall in walls for view in wall.views())
        wanted = min(9, sum(bool(camera.url) for camera in room.cameras.values())) or 9
        lively = len(room.alarms) >= 4 and live >= wanted and seat.pump.positions.time_ms.any()
        if lively or seat.clock.monotonic() - self._begun > SETTLE_S:
            self._look.stop()
            self._act()

    def _act(self) -> None:
        """Acknowledge one alarm, open an incident from the worst, choose it."""
        seat = self._app.seat
        alarms: list[Alarm] = sorted(seat.pump.room.alarms.values(), key=lambda a: (a.severity, a.point is None))
        if alarms:
            seat.acknowledge([alarms[-1].id])
            seat.open_incident([alarms[0].id])
            seat.selection.select("alarm", alarms[0].id)
        QTimer.singleShot(AFTER_MS, self, self._wait_for_maps)

    def _wait_for_maps(self) -> None:
        """A page draws beside the window: the pictures are taken when every map shows what it was asked for."""
        windows = self._app.windows.desk.windows.values()
        maps = [view for window in windows for view in window.findChildren(MapView) if view.isVisible()]
        self._undrawn = len(maps) + 1
        for view in maps:
            view.surface.take_picture(self._drawn)
        self._drawn()

    def _drawn(self, _picture: MapPicture | None = None) -> None:
        self._undrawn -= 1
        if not self._undrawn:
            self._take()

    def _faulted(self, fault: Fault) -> None:
        if fault.title not in self._album.faults:
            self._album.faults.append(fault.title)

    def _take(self) -> None:
        pictures = []
        for number, (name, window) in enumerate(self._app.windows.desk.windows.items(), 1):
            pictures.append(window.grab())
            self._album.save(pictures[-1], f"{number}-{name}")
        self._album.save(side_by_side(pictures), "room")
        self._go_on()

    def _go_on(self) -> None:
        """The next scene, or the end."""
        wait_ms = next(self._scenes, None)
        if wait_ms is None:
            self._app.closed.set()
        else:
            QTimer.singleShot(wait_ms, self, self._go_on)
