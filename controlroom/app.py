"""The composition root of a seat: named stages up, the reverse down.

1. environment   flags of the web engine and the display, before Qt is there
2. application   QApplication, language, theme, crash net
3. hub           a child process, unless the seat follows a hub elsewhere
4. link          wire thread, frame clock, commands
5. video         decoders
6. room          plugins, windows, panels, strip, sound, command bar
7. sources       child processes: the simulated district, if the demo is wanted, and what moves cameras
8. loop          until the last window is closed

Closing goes from 7 to 3; `SeatApp.close` is that list read backwards.
"""

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QObject, Qt, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from controlroom import __version__, children, i18n
from controlroom.bridge.collection import Collector
from controlroom.bridge.commands import Commands
from controlroom.bridge.faults import CrashNet
from controlroom.bridge.governor import Governor
from controlroom.bridge.names import decode_names
from controlroom.bridge.officer import OfficerCommands
from controlroom.bridge.pump import Pump
from controlroom.bridge.refusals import sentence
from controlroom.bridge.selection import Selection
from controlroom.bridge.tasks import Tasks
from controlroom.children import Child, Family
from controlroom.clock import PlaybackClock, SystemClock
from controlroom.commands.setup import Setup
from controlroom.district_data import DistrictData
from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.alarm_policy import decode_policy
from controlroom.domain.duty import decode_duty_plan
from controlroom.domain.seating import EVERYTHING
from controlroom.errors import CommandRefused, ControlRoomError, EnvironmentFault
from controlroom.hub_address import HubAddress, from_ready_line
from controlroom.i18n import _
from controlroom.room_windows import RoomWindows
from controlroom.seat.link import Link
from controlroom.settings import PREFIX
from controlroom.shell import theme
from controlroom.shell.crash import CrashWindow
from controlroom.video.archive import Archive
from controlroom.video.fleet import Fleet
from controlroom.video.ring import allotment
from controlroom.wiring.basemaps import base_maps
from controlroom.wiring.guidance import read_guidance
from controlroom.wiring.seat import Requests, Seat
from resources import path
from widgets.map_engine import prepare_web_engine, web_hosts
from widgets.plot_scheduler import PlotScheduler

_log = logging.getLogger(__name__)

WATCH_MS = 500
"""How often fallen children are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOptions:
    """How a seat is opened. Without `hub` it runs its own; `layout` is a preset's name, empty for the last used."""

    setup: Setup
    hub: str = ""
    hub_arguments: tuple[str, ...] = ()
    simulator_arguments: tuple[str, ...] = ()
    simulate: bool = False
    steer: bool = False
    """Whether this seat runs the adapter that moves steerable cameras."""
    layout: str = ""
    wall: str = "main"
    wall_screen: int = 0
    """Which screen of the wall a display shows; 0 for a desk."""
    silent: bool = False
    seat_keys: Path | None = None
    hub_key: Path | None = None
    exit_with_stdin: bool = False
    orphaned: Callable[[], None] = lambda: None
    """Called from a thread of its own when the process that started this one died, before this one ends."""
    monitor: str = ""
    """Serial number or connector of the only monitor that a display shows itself on; empty for any."""
    tell: tuple[str, ...] = ()
    extra_children: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


class SeatApp(QObject):
    """One running seat. Made by `run`; `closed` is set when the officer has closed the last window."""

    def __init__(self, options: SeatOptions, application: QApplication, clock: PlaybackClock) -> None:
        super().__init__()
        self.options = options
        self.application = application
        self.clock = clock
        self.closed = asyncio.Event()
        self.places = options.setup.folders
        self.net = CrashNet(self.places.logs, clock, self)
        self.net.install()
        self._crash_window = CrashWindow(self.net.log_path)
        if not options.wall_screen:  # nobody sits in front of a display; its faults stand in the log
            self.net.faulted.connect(self._crash_window.add)
        self.family = Family(self._fallen)
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self.family.watch)
        self._stages = AsyncExitStack()
        self._stages.callback(self._crash_window.close)

    def open(self) -> None:
        """Stages 3 to 7. Raises EnvironmentFault when the hub cannot be had at all."""
        options, settings, ended = self.options, self.options.setup.settings, self._stages.callback
        collector = Collector(self)
        collector.start()
        ended(collector.stop)
        ended(self.family.close)
        address = HubAddress.parse(options.hub) if options.hub else self._own_hub()
        self.address = address
        self.link = Link(address.requests, self.clock, *address.keys(options.seat_keys, options.hub_key))
        self.link.start()
        ended(self.link.close)
        self.pump = Pump(self.link, self.clock, self)
        self.pump.drill_changed.connect(self.clock.follow)
        self.pump.room_reset.connect(self._follow_drill)
        name = settings.ui.seat or socket.gethostname()
        self.commands = Commands(self.link, name, settings.ui.officer or _("Officer on duty"))
        self.tasks = Tasks(self._told, lambda error: self.net.catch(error, "task"))
        cores = (os.cpu_count() or 1) * settings.video.budget_percent / 100
        self.fleet = Fleet(
            self.clock,
            budget=cores,
            platform=settings.video.platform,
            archive=Archive(
                str(settings.video.recordings_dir or self.places.data / "video"), settings.video.recordings
            ),
            allotment=allotment(settings.video.replay_mb, settings.video.replay_minutes),
        )
        self.fleet.start()
        ended(self.fleet.close)
        self.seat, told_of_files = self._make_seat(name)
        if self.seat.base_maps is not None:
            self.seat.base_maps.start()
            ended(self.seat.base_maps.close)
        self.windows = RoomWindows(
            self.seat, options.setup, self.net, silent=options.silent, monitor=options.monitor, parent=self
        )
        ended(self.windows.close)
        self._stages.push_async_callback(self.tasks.close)
        self.windows.closed.connect(self.closed.set)
        self.windows.open(options.layout)
        self.net.told.connect(self.windows.tell)
        if self.net.previous and not options.wall_screen:
            self._crash_window.add_previous(self.net.previous)
        for told in (*options.setup.notices, *told_of_files, *options.tell):
            self.windows.tell(told)
        self.pump.start()
        ended(self.pump.stop)
        self._start_sources(address)
        for name, arguments in options.extra_children:
            self._child(name, *(word.format(hub=address.requests) for word in arguments))
        self._watch.start()
        ended(self._watch.stop)

    def _make_seat(self, name: str) -> tuple[Seat, tuple[str, ...]]:
        """The seat with the district's tables, and what the officer should be told of those that cannot be read."""
        settings = self.options.setup.settings
        faults: list[str] = []
        district = DistrictData(self.options.setup.folders.data, faults.append)
        kinds, bands = district.kinds(), district.decoded("alarm_bands.toml", decode_bands)
        guidance, unread = read_guidance(self.places.data / "guidance")
        faults += unread
        plan = district.decoded("duty.toml", decode_duty_plan)
        # A wall display is nobody's seat: alarms must not be taken for seen because a wall is there.
        governor = (
            None
            if self.options.wall_screen
            else Governor(
                name,
                EVERYTHING,
                bands,
                self.pump,
                self.commands,
                self.tasks.spawn,
                self,
            )
        )
        seat = Seat(
            name=name,
            clock=self.clock,
            pump=self.pump,
            commands=self.commands,
            officer=OfficerCommands(self.commands),
            tasks=self.tasks,
            selection=Selection(self),
            requests=Requests(self),
            fleet=self.fleet,
            scheduler=PlotScheduler(self),
            kinds=kinds,
            names=decode_names(path("data", "names.toml").read_bytes(), kinds, plan.role),
            duty_plan=plan,
            role=settings.ui.role,
            wall=self.options.wall,
            wall_columns=settings.wall.columns,
            wall_screen=max(1, self.options.wall_screen),
            is_display=self.options.wall_screen > 0,
            wall_hosts=web_hosts(settings.wall.web_hosts),
            wall_pictures=self.places.data / "wall",
            base_maps=base_maps(self.places, settings.map, self.clock, self),
            governor=governor,
            plain_table=settings.alarms.plain_table,
            patrol=0 if self.options.wall_screen else settings.video.patrol,
            data_folder=self.places.data,
            exposure_folders=(self.options.setup.folders.data / "exposure",),
            guidance=guidance,
            policy=district.decoded("alarm_policy.toml", decode_policy),
            district=district,
        )
        return seat, tuple(faults)

    async def close(self) -> None:
        """The stages backwards, as far as they were reached; every thread is joined, every child has ended after it."""
        await self._stages.aclose()

    def _own_hub(self) -> HubAddress:
        """Start the hub as a child: on the standard ports if they are free, else on any."""
        try:
            hub = self._child("hub", "hub", *self.options.hub_arguments)
            return from_ready_line(hub.first_line(), hub)
        except EnvironmentFault as fault:
            self.family.close()
            if self.options.hub_arguments and "--port" in self.options.hub_arguments:
                raise
            _log.info("the standard ports are taken, any are asked for: %s", fault.sentence)
            hub = self._child("hub", "hub", *self.options.hub_arguments, "--port", "0")
            return from_ready_line(hub.first_line(), hub)

    def _start_sources(self, address: HubAddress) -> None:
        """Stage 7. The simulated cameras are steered with a password of this run, which no file holds."""
        options = self.options
        secret = {f"{PREFIX}PTZ__USER": "operator", f"{PREFIX}PTZ__PASSWORD": secrets.token_urlsafe(16)}
        own = secret if options.simulate and not options.setup.settings.ptz.password else {}
        if options.simulate:
            arguments = ("simulate", "--hub", address.requests, *options.simulator_arguments)
            self._child("simulator", *arguments, environment=own)
        if options.steer:
            self._child("ptz", "ptz", "--hub", address.requests, environment=own)

    def _child(self, name: str, *arguments: str, environment: dict[str, str] | None = None) -> Child:
        home = ("--home", str(self._home())) if self._home() else ()
        return self.family.add(
            Child(
                name,
                [*arguments, *home, "--language", i18n.language()],
                self.places.logs / f"{name}.err.log",
                environment or {},
            )
        )

    def _home(self) -> Path | None:
        """The folder that children must use too, when it was chosen for this run."""
        data = self.places.data
        return data.parent if self.places.seat_file.parent == data.parent else None

    def _fallen(self, child: Child) -> None:
        _log.error("%s has ended and is started again", child.name)
        names = {"hub": _("the hub"), "simulator": _("the simulated district"), "ptz": _("the steering of cameras")}
        told = _("{name} has ended and is being started again.").format(name=names.get(child.name, child.name))
        QTimer.singleShot(0, self, lambda: self.windows.tell(told))

    def _follow_drill(self) -> None:
        """A snapshot came: in a drill the seat's clock is that of the playback."""
        if self.pump.room.drill is not None:
            self.clock.follow(self.pump.room.drill)

    def _told(self, error: ControlRoomError) -> None:
        if isinstance(error, CommandRefused):
            self.windows.tell(sentence(error.code, error.text))
        elif isinstance(error, EnvironmentFault):
            self.windows.tell(error.sentence)
        else:
            self.windows.tell(str(error))


def run(options: SeatOptions, then: Callable[[SeatApp], None] | None = None) -> int:
    """Open a seat and run it until its last window is closed. `then` is called once it is open."""
    application = _application(options)

    async def main() -> int:
        app = SeatApp(options, application, PlaybackClock(SystemClock()))
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: app.net.catch(_error_of(context), "loop"))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_signal: loop.call_soon_threadsafe(app.closed.set))
        if options.exit_with_stdin:
            children.end_with_stdin(partial(_soon, loop, app.closed), options.orphaned)
        # Python runs its signal handlers only between its own steps; this timer gives it one.
        step = QTimer(interval=300)
        step.timeout.connect(lambda: None)
        step.start()
        try:
            app.open()
            if then is not None:
                then(app)
            await app.closed.wait()
        finally:
            step.stop()
            await app.close()
            app.net.close()
        return 0

    loop = qasync.QEventLoop(application)
    with loop:
        result: int = loop.run_until_complete(main())
    return result


def _application(options: SeatOptions) -> QApplication:
    """Stages 1 and 2."""
    prepare_web_engine(web_hosts(options.setup.settings.wall.web_hosts))
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication([sys.argv[0]])
    application.setApplicationName("controlroom")
    application.setApplicationVersion(__version__)
    application.setWindowIcon(QIcon())
    application.setQuitOnLastWindowClosed(False)
    translator = QTranslator(application)
    if i18n.language() == "zh_CN" and translator.load(
        "qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        application.installTranslator(translator)
    theme.apply(application, options.setup.settings.ui.theme)
    return application


def _soon(loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
    """Close the seat; called from the thread that watches the standard input."""
    loop.call_soon_threadsafe(closed.set)


def _error_of(context: dict[str, Any]) -> BaseException:
    error = context.get("exception")
    return error if isinstance(error, BaseException) else RuntimeError(str(context.get("message")))
