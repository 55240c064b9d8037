"""A display of a wall: the windows of a seat without chrome, pointer, sound or notices of others, always awake."""

import argparse
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from controlroom import app
from controlroom.commands import named
from controlroom.commands.setup import Setup
from controlroom.commands.wall_keeper import beat_file, relieve, words
from controlroom.domain.wall_memory import display_name
from controlroom.hub_address import HubAddress
from controlroom.i18n import _
from controlroom.shell.wakefulness import Wakefulness
from controlroom.wiring.video import WallWiring
from controlroom.wiring.wall_memory import WallRecall

BEAT_MS = 1000


class Display(QObject):
    """What a seat's windows are given to be a display. `beat` is the file that its keeper looks at."""

    def __init__(self, opened: app.SeatApp, memory: Path, beat: Path | None) -> None:
        super().__init__(opened)
        QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self.wakefulness = Wakefulness(self)
        self.wakefulness.begin(_("A video wall is shown"))
        self._beat = beat
        if beat is not None:
            self._beating = QTimer(self, interval=BEAT_MS)
            self._beating.timeout.connect(self._touch)
            self._beating.start()
        for wall in _walls(opened):
            WallRecall(opened.seat, wall, memory).recall()

    def _touch(self) -> None:
        if self._beat is not None:
            self._beat.touch()


def _walls(opened: app.SeatApp) -> list[WallWiring]:
    return [wall for window in opened.windows.desk.windows.values() for wall in window.findChildren(WallWiring)]


def show(arguments: argparse.Namespace, setup: Setup) -> int:
    """Show one screen of a wall until this process is ended."""
    hub = setup.settings.hub
    name = display_name(arguments.name, arguments.screen, arguments.monitor)
    if not arguments.hub:
        address = f"tcp://{hub.host}:{hub.port}"
    elif arguments.kept:
        # After a reboot names may not be known yet: the display shows what it remembers until they are.
        address = HubAddress.parse(arguments.hub).requests
    else:
        address = named.hub(arguments.hub)
    home = str(Path(arguments.home).absolute()) if arguments.home else ""
    line = words(arguments, home)
    state = setup.folders.state
    return app.run(
        app.SeatOptions(
            setup=setup,
            hub=address,
            layout="wall",
            wall=arguments.name,
            wall_screen=arguments.screen,
            monitor=arguments.monitor,
            silent=True,
            seat_keys=arguments.key,
            hub_key=arguments.hub_key,
            exit_with_stdin=arguments.exit_with_stdin,
            orphaned=partial(relieve, line) if arguments.kept else lambda: None,
        ),
        partial(_opened, state / f"shown-{name}.json", beat_file(state, name) if arguments.kept else None),
    )


def _opened(memory: Path, beat: Path | None, opened: app.SeatApp) -> None:
    Display(opened, memory, beat)
