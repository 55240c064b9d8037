"""The windows of a seat with everything in them: panels by kind, strip, sound, command bar, plugins, dialogs."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from controlroom import __version__, i18n
from controlroom.bridge.annunciation import AnnunciationSettings
from controlroom.bridge.annunciator import Annunciator
from controlroom.bridge.faults import CrashNet
from controlroom.bridge.hearing import parse_filter
from controlroom.bridge.past_answers import history_lines
from controlroom.commands.setup import Setup
from controlroom.domain.wall_memory import display_name
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from controlroom.settings import Sound, write
from controlroom.shell import theme
from controlroom.shell.actions import Actions
from controlroom.shell.commands import DeskCommands
from controlroom.shell.desk import Desk
from controlroom.shell.dialogs import AboutDialog, Preferences, SettingsDialog
from controlroom.shell.memento import Memento
from controlroom.shell.plugin_context import IncidentDraft
from controlroom.shell.plugins import KIND_PREFIX, PluginHost, product_folder
from controlroom.shell.screens import Monitors
from controlroom.wiring import plugins as plugin_doors
from controlroom.wiring.alarm_report import AlarmReports
from controlroom.wiring.alarms import AlarmDetailWiring, AlarmTableWiring
from controlroom.wiring.answers import MapAnswers
from controlroom.wiring.assets import AssetLayers
from controlroom.wiring.calls import RosterDesk
from controlroom.wiring.cameras import CamerasWiring
from controlroom.wiring.charts import ChartDesk
from controlroom.wiring.corroboration import CorroborationDesk
from controlroom.wiring.drill import DrillWiring
from controlroom.wiring.fences import FenceDesk
from controlroom.wiring.footage import FootageDesk
from controlroom.wiring.incidents import DutyKeeper, IncidentsWiring
from controlroom.wiring.inventory import InventoryWiring
from controlroom.wiring.map_windows import MapDesk
from controlroom.wiring.playback import PlaybackDesk, PlaybackWiring
from controlroom.wiring.plots import PlotWiring
from controlroom.wiring.plotting import PlottingDesk
from controlroom.wiring.ptz import PtzDesk
from controlroom.wiring.room_time import RoomTimeWiring
from controlroom.wiring.search import RoomSearch
from controlroom.wiring.seat import Seat
from controlroom.wiring.sensors import SensorsWiring
from controlroom.wiring.sight import SightDesk
from controlroom.wiring.sound import SoundWiring, SoundWishes
from controlroom.wiring.sources import SourcesWiring
from controlroom.wiring.strip import StripWiring
from controlroom.wiring.suppressions import SuppressionDesk, SuppressionWiring
from controlroom.wiring.thematic import ThematicLayers
from controlroom.wiring.video import WallWiring
from controlroom.wiring.wall_control import WallControlWiring
from layouts import Preference, Presets
from resources import path
from widgets.incident_dialogs import IncidentOpening

_WAYS = (
    ("alarms", "F2"),
    ("map", "F3"),
    ("video_wall", "F4"),
    ("incidents", "F7"),
    ("plots", "F8"),
    ("wall_control", "Ctrl+Shift+W"),
)
"""Panels that a key leads to."""


class RoomWindows(QObject):
    """Builds and holds what the officer sees. GUI thread."""

    closed = Signal()

    def __init__(
        self,
        seat: Seat,
        setup: Setup,
        net: CrashNet,
        *,
        silent: bool = False,
        monitor: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._seat = seat
        self._setup = setup
        state: Path = setup.folders.state
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        self.presets = Presets(setup.folders.data / "layouts", state / "layouts", _only(monitor))
        self.memento = Memento(state / _memento_file(seat, monitor), seat.clock.now())
        self.actions = Actions(self)
        self.monitors = Monitors(application, parent=self)
        self.plugins = PluginHost(
            [folder for folder in (product_folder(), setup.folders.data / "plugins") if folder is not None],
            seat.pump,
            seat.clock,
            plugin_doors.doors(seat, self._propose),
            i18n.language(),
            self,
        )
        self.plugins.install_hook()
        self.duty = DutyKeeper(seat, self)
        self.desk = Desk(self.presets, self._panel, self.memento, self.monitors, self.actions, self)
        self.maps, self.thematic = self._make_maps(seat)
        self.desk.closed.connect(self.closed)
        seat.reveal = self.desk.reveal
        self.bar = DeskCommands(self.desk, self.actions, self)
        self.search = RoomSearch(seat, self.bar.index, self)
        sound = setup.settings.sound
        hearing = AnnunciationSettings(remind_s=seat.policy.remind_s)
        self.annunciator = None if silent else Annunciator(seat.clock, hearing, parent=self)
        self.strip = StripWiring(seat, self.desk.strips, self)
        self.sound = SoundWiring(seat, self.desk.strips, self.annunciator, _wishes(sound), self._write, self)
        self.reports = None if seat.governor is None else AlarmReports(seat, seat.governor, self)
        ui = setup.settings.ui
        self.desk.strips.set_officer(seat.commands.officer, ui.role)
        self.desk.strips.officer_pressed.connect(self.show_settings)
        self.suppressions = SuppressionDesk(seat, self)
        self.roster = RosterDesk(seat, self)
        self.time = RoomTimeWiring(seat, self.desk, self.actions, self)
        self.inventory = InventoryWiring(seat, self)
        self.charts = ChartDesk(seat, self.desk.active, self)
        self.charts.register(self.actions)
        self.sight = SightDesk(seat, self.actions, self)
        seat.requests.told.connect(self.tell)
        self.corroboration = CorroborationDesk(seat, self.desk.active, self)
        self.playback = PlaybackDesk(seat, self.actions, self.desk.active, self)
        self.answers = MapAnswers(seat, self.actions, self.desk.active, self)
        folder = Path(setup.settings.video.recordings_dir or setup.folders.data / "video")
        self.footage = FootageDesk(seat, self.actions, self.desk.active, folder, self)
        self._register()

    def _make_maps(self, seat: Seat) -> tuple[MapDesk, ThematicLayers]:
        folder = self._setup.folders.data / "layers"
        self.assets = AssetLayers(seat, self)
        return MapDesk(seat, self.desk, self.actions, self), ThematicLayers(
            seat, folder, self, (path("district", "layers"),)
        )

    def open(self, layout: str) -> None:
        """Open a layout; an empty name is the one that was used last."""
        self.desk.open(layout)
        QTimer.singleShot(0, self, self.plugins.start_layers)
        if not self._seat.is_display:
            self._seat.places.open()
        if self.annunciator is not None:
            self.annunciator.check()

    def tell(self, sentence: str) -> None:
        """Say something to the officer."""
        self.desk.tell(sentence)

    def close(self) -> None:
        """Remember where everything was and close."""
        if self.annunciator is not None:
            self.annunciator.close()
        if self.reports is not None:
            self.reports.close()
        self.answers.close()
        self._seat.places.close()
        self.thematic.close()
        self.bar.help.close()
        self.desk.close()
        self.plugins.close()
        self._seat.directory.close()

    def show_settings(self) -> None:
        """The officer's settings."""
        ui = self._setup.settings.ui
        dialog = SettingsDialog(
            Preferences(i18n.language(), ui.theme, self._seat.commands.officer, ui.role), self.desk.active()
        )
        dialog.theme_tried.connect(lambda name: theme.apply(self._application, name))
        dialog.accepted_preferences.connect(self._keep)
        if self.annunciator is not None:
            dialog.sound_tested.connect(self.annunciator.test)
        dialog.show()

    def show_about(self) -> None:
        """What this program is, and the hub it follows."""
        status = self._seat.pump.status
        room = self._seat.pump.room
        lines = [
            _("Hub: {realm}, event {sequence}").format(realm=status.realm or "—", sequence=status.sequence),
            _("{sensors} sensors, {cameras} cameras, {vehicles} vehicles").format(
                sensors=len(room.sensors), cameras=len(room.cameras), vehicles=len(room.vehicles)
            ),
            _("Data: {folder}").format(folder=self._setup.folders.data),
        ]
        self._seat.tasks.spawn(self._tell_about(lines), "about")

    async def _tell_about(self, lines: list[str]) -> None:
        """What the hub keeps of the past belongs to it; a hub that does not answer is left out."""
        try:
            lines += history_lines(await self._seat.commands.history_state())
        except ControlRoomError as error:
            lines.append(str(error))
        AboutDialog(__version__, lines, self.desk.active()).show()

    def _register(self) -> None:
        self.plotting = PlottingDesk(self._seat, self.actions, self.desk.active, self)
        self.fences = FenceDesk(self._seat, self.actions, self.desk.active, self)
        self.actions.add("settings", _("Settings"), self.show_settings, shortcuts=("Ctrl+,",))
        self.ptz = PtzDesk(self._seat, self.actions, self.desk.active, self)
        if self.reports is not None:
            reports = self.reports
            self.actions.add(
                "alarm_report",
                _("Alarm report: rate, floods, top ten"),
                lambda: reports.show(self.desk.active()),
                shortcuts=("Ctrl+Shift+R",),
                help=_("The load of alarms in any period, by seat, as a table, a plot and CSV"),
            )
        self.actions.add("about", _("About this program"), self.show_about)
        for kind, key in _WAYS:
            self.actions.add(
                f"go_{kind}",
                _("Go to: {panel}").format(panel=_panel_name(kind)),
                partial(self.desk.reveal, kind),
                shortcuts=(key,),
            )
        self.actions.add(
            "roster",
            _("Who is on duty"),
            lambda: self.roster.show(self.desk.active()),
            help=_("Roles, officers and shifts; put somebody else on duty"),
            shortcuts=("Ctrl+Shift+D",),
        )
        self.actions.add(
            "suppressions",
            _("What is held back: shelved, suppressed, silenced, muted"),
            lambda: self.suppressions.show_list(self.desk.active()),
            shortcuts=("Ctrl+H",),
        )
        self.actions.add(
            "go_sources", _("Go to: {panel}").format(panel=_("Sources")), partial(self.desk.reveal, "sources")
        )
        self.actions.add(
            "corroborate",
            _("Corroborate the chosen sensor"),
            self.corroboration.show_chosen,
            shortcuts=("Ctrl+Shift+C",),
            help=_("Neighbours, upstream and downstream, the last hour, stills, weather, and a verdict"),
        )
        self.actions.add(
            "inventory",
            _("Device inventory"),
            lambda: self.inventory.open(self.desk.active()),
            shortcuts=("Ctrl+I",),
            help=_("Online rate, silent, unknown and duplicate devices by kind, department and town"),
        )
        if self.annunciator is not None:
            self.actions.add("silence", _("Silence the sound for 5 minutes"), self.sound.toggle, shortcuts=("Ctrl+M",))
            self.actions.add(
                "sound",
                _("Sound: test, silence, what is heard"),
                lambda: self.sound.show_dialog(self.desk.active()),
                shortcuts=("Ctrl+Shift+M",),
            )

    def _keep(self, preferences: Preferences) -> None:
        self._write(
            {
                "ui.language": preferences.language,
                "ui.theme": preferences.theme,
                "ui.officer": preferences.officer,
                "ui.role": preferences.role,
            }
        )
        self._seat.commands.officer = preferences.officer or self._seat.commands.officer
        self._seat.role = preferences.role
        self._seat.requests.officer_changed.emit()
        self.desk.strips.set_officer(self._seat.commands.officer, preferences.role)
        if preferences.language != i18n.language():
            self.tell(_("The language changes when the program is started again."))

    def _write(self, changes: Mapping[str, str | int | bool]) -> None:
        """Keep settings of this seat; what cannot be written is told."""
        try:
            write(self._setup.folders.seat_file, changes)
        except EnvironmentFault as fault:
            self.tell(fault.sentence)

    def _propose(self, draft: IncidentDraft) -> None:
        """A plugin wants an incident: the officer sees and may change it first."""
        dialog = IncidentOpening(plugin_doors.proposal(draft), self.desk.active())
        dialog.described.connect(
            lambda new: self._seat.tasks.spawn(self._seat.officer.open_incident(new), "open incident")
        )
        dialog.open()

    def _panel(self, kind: str, options: dict[str, Any]) -> QWidget:
        if kind.startswith(KIND_PREFIX):
            return self.plugins.frame(kind)
        build = self._kinds().get(kind)
        if build is None:
            raise EnvironmentFault(_("This program knows no panel “{kind}”; correct the layout.").format(kind=kind))
        return build(options)

    def _kinds(self) -> dict[str, Callable[[dict[str, Any]], QWidget]]:
        seat = self._seat
        return {
            "alarms": lambda _options: AlarmTableWiring(seat).table,
            "alarm_detail": lambda _options: AlarmDetailWiring(seat).detail,
            "incidents": lambda _options: IncidentsWiring(seat).panel,
            "log": lambda _options: self.duty.log(),
            "map": lambda _options: self.maps.build(),
            "video_wall": lambda options: (
                WallWiring(seat, str(options.get("wall", "")), int(options.get("screen", 0))).wall
            ),
            "playback": lambda _options: PlaybackWiring(seat).panel,
            "wall_control": lambda options: WallControlWiring(seat, str(options.get("wall", ""))).control,
            "cameras": lambda _options: CamerasWiring(seat).browser,
            "sensors": lambda _options: SensorsWiring(seat).browser,
            "plots": lambda options: PlotWiring(seat, [str(s) for s in options.get("sensors", [])]).plot,
            "suppressions": lambda _options: SuppressionWiring(seat).list,
            "drill": lambda _options: DrillWiring(seat).panel,
            "sources": lambda _options: SourcesWiring(seat).panel,
        }


def _only(monitor: str) -> Preference | None:
    return Preference(serial=monitor, name=monitor, only=True) if monitor else None


def _wishes(sound: Sound) -> SoundWishes:
    return SoundWishes(speaks=sound.speaks, wanted=parse_filter(sound.severities, sound.departments, sound.areas))


def _memento_file(seat: Seat, monitor: str) -> str:
    """Two displays of one machine stand on two monitors and remember it apart."""
    return f"windows-{display_name(seat.wall, seat.wall_screen, monitor)}.json" if seat.is_display else "windows.json"


def _panel_name(kind: str) -> str:
    names = {
        "alarms": _("Alarms"),
        "map": _("District map"),
        "video_wall": _("Video wall"),
        "incidents": _("Incidents"),
        "plots": _("Trends"),
        "wall_control": _("Wall control"),
    }
    return names[kind]
