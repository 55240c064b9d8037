"""The host of the departments' plugins: finds, loads and feeds them, and keeps what they do wrong to themselves."""

import enum
import logging
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from controlroom.api import Plugin
from controlroom.clock import Clock
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.i18n import _
from controlroom.shell.plugin_context import HostedContext, IncidentDraft, RoomDoors, ShownLayer
from controlroom.shell.plugin_fence import fence
from controlroom.shell.plugin_frame import PluginFrame
from controlroom.shell.plugin_loading import forget, load_factory, package_of
from controlroom.shell.plugin_manifest import FoundPlugin, PanelDeclaration, discover, product_folder, words
from controlroom.shell.plugin_pace import Pace, Verdict
from controlroom.wire.frames import Readings

__all__ = ["IncidentDraft", "PanelOffer", "PluginHost", "RoomDoors", "RoomFeed", "ShownLayer", "product_folder"]

log = logging.getLogger(__name__)

KIND_PREFIX = "plugin:"

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


class RoomFeed(Protocol):
    """What the host listens to: the mirror and its batch signals (`controlroom.bridge.pump.Pump`)."""

    @property
    def room(self) -> Room:
        """The state of the room."""

    @property
    def latest(self) -> Latest:
        """The newest readings."""

    @property
    def room_reset(self) -> SignalInstance:
        """Everything is to be read anew."""

    @property
    def alarms_changed(self) -> SignalInstance:
        """Carries a list of alarms."""

    @property
    def sensors_changed(self) -> SignalInstance:
        """Sensors were declared."""

    @property
    def cameras_changed(self) -> SignalInstance:
        """Cameras were declared or changed."""

    @property
    def readings_arrived(self) -> SignalInstance:
        """Carries a `wire.frames.Readings`."""

    @property
    def ticked(self) -> SignalInstance:
        """Carries the room's time, once a second."""


class PanelOffer(Struct, frozen=True, kw_only=True):
    """A panel that layouts may name by `kind`: `plugin:<id>` is the first panel, `plugin:<id>.<panel>` any."""

    kind: str
    title: str
    department: str


class Stage(enum.Enum):
    """What a plugin was doing when it failed."""

    LOAD = "load"
    BUILD = "build"
    SHOW = "show"
    UPDATE = "update"
    PACE = "pace"


@dataclass(slots=True, eq=False)
class _Hosted:
    """One plugin and what became of it."""

    found: FoundPlugin
    title: str
    instance: Plugin | None = None
    context: HostedContext | None = None
    pace: Pace = field(default_factory=Pace)
    frames: list[PluginFrame] = field(default_factory=list)
    sentence: str = ""
    details: str = ""

    @property
    def failed(self) -> bool:
        """Whether its panels are cards."""
        return bool(self.sentence)


class PluginHost(QObject):
    """Hosts every plugin of some folders. GUI thread only; owns the plugins' contexts and frames' contents."""

    failed = Signal(str, str)
    """A plugin was stopped: its id and the sentence that its card tells."""

    restarted = Signal(str)
    """A plugin was loaded again after it had failed."""

    slowed = Signal(str, bool)
    """A plugin is slow and hears of the room once a second, or (False) keeps up again."""

    def __init__(
        self,
        folders: Iterable[Path],
        feed: RoomFeed,
        clock: Clock,
        doors: RoomDoors,
        language: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._clock = clock
        self._doors = doors
        self._language = language
        self._plugins = {found.id: self._hosted(found) for found in discover(folders)}
        self._previous_hook: ExceptHook | None = None
        feed.readings_arrived.connect(self._deliver_readings)
        feed.alarms_changed.connect(self._deliver_alarms)
        feed.ticked.connect(self._deliver_tick)
        feed.sensors_changed.connect(self._deliver_declared)
        feed.cameras_changed.connect(self._deliver_declared)
        feed.room_reset.connect(self._deliver_declared)

    # ------------------------------------------------------------ what the shell asks

    def offers(self) -> list[PanelOffer]:
        """Every panel of every plugin, broken ones too, so that their card can be seen."""
        offered = []
        for hosted in self._plugins.values():
            manifest = hosted.found.manifest
            if manifest is None:
                offered.append(PanelOffer(kind=KIND_PREFIX + hosted.found.id, title=hosted.title, department=""))
                continue
            department = words(manifest.department, self._language)
            for panel in manifest.panels:
                kind = f"{KIND_PREFIX}{manifest.id}.{panel.id}"
                offered.append(PanelOffer(kind=kind, title=words(panel.title, self._language), department=department))
        return offered

    def frame(self, kind: str, parent: QWidget | None = None) -> PluginFrame:
        """A new frame for a panel of this kind; the plugin is loaded when the frame is first shown.

        A kind that no plugin offers gives a frame with a card that says so: layouts outlive plugins.
        """
        plugin, _separator, panel = kind.removeprefix(KIND_PREFIX).partition(".")
        hosted = self._plugins.get(plugin)
        declared = self._panel(hosted, panel) if hosted is not None else None
        frame = PluginFrame(kind, words(declared.title, self._language) if declared else plugin, parent)
        if hosted is None or (hosted.found.manifest is not None and declared is None):
            sentence = _("No plugin offers the panel {kind}; it was removed, or the layout is of another release.")
            frame.put_card(kind, sentence.format(kind=kind), "", None)
            return frame
        hosted.frames.append(frame)
        frame.wanted.connect(lambda: self._fill(hosted, frame))
        frame.destroyed.connect(lambda: hosted.frames.remove(frame) if frame in hosted.frames else None)
        return frame

    def start_layers(self) -> None:
        """Load the plugins that keep map layers, one per turn of the event loop. Call when the windows are up."""
        for hosted in self._plugins.values():
            if hosted.found.manifest is not None and hosted.found.manifest.layers:
                QTimer.singleShot(0, self, lambda hosted=hosted: self._load(hosted))

    def restart(self, plugin: str) -> None:
        """Read a plugin's files anew and build its panels again. Raises KeyError for an unknown one."""
        hosted = self._plugins[plugin]
        self._stop(hosted)
        forget(hosted.found.folder)
        again = next((found for found in discover([hosted.found.folder.parent]) if found.id == plugin), None)
        hosted.found = again or hosted.found
        hosted.sentence, hosted.details, hosted.pace = hosted.found.fault, "", Pace()
        for frame in list(hosted.frames):
            frame.tell_slow(False, 0.0)
            frame.put(None)
        if self._load(hosted):
            self.restarted.emit(plugin)
        for frame in list(hosted.frames):
            if frame.isVisible():
                self._fill(hosted, frame)

    def install_hook(self) -> None:
        """Put the host before the program's crash hook: what a plugin's own slot or painting raises is its own fault.

        Call after the crash hook was installed; `close` puts that one back.
        """
        self._previous_hook = sys.excepthook
        sys.excepthook = self._hook

    def blame(self, error: BaseException) -> bool:
        """Stop the plugin whose code an exception came through; False when it was none of theirs."""
        files = {Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)}
        for hosted in self._plugins.values():
            if any(file.is_relative_to(hosted.found.folder) for file in files):
                self._fail_soon(hosted, error)
                return True
        return False

    def close(self) -> None:
        """Stop every plugin and hear no more of the room."""
        if self._previous_hook is not None and sys.excepthook == self._hook:
            sys.excepthook = self._previous_hook
        for hosted in self._plugins.values():
            self._stop(hosted)
        self._feed.readings_arrived.disconnect(self._deliver_readings)
        self._feed.alarms_changed.disconnect(self._deliver_alarms)
        self._feed.ticked.disconnect(self._deliver_tick)
        for signal in (self._feed.sensors_changed, self._feed.cameras_changed, self._feed.room_reset):
            signal.disconnect(self._deliver_declared)

    # ------------------------------------------------------------ life of one plugin

    def _hosted(self, found: FoundPlugin) -> _Hosted:
        title = words(found.manifest.name, self._language) if found.manifest is not None else found.id
        return _Hosted(found, title, sentence=found.fault)

    def _panel(self, hosted: _Hosted, panel: str) -> PanelDeclaration | None:
        panels = hosted.found.manifest.panels if hosted.found.manifest is not None else ()
        if not panel:
            return panels[0] if panels else None
        return next((declared for declared in panels if declared.id == panel), None)

    def _load(self, hosted: _Hosted) -> bool:
        """Import the plugin and make its instance, unless that was done; False when it is not running."""
        manifest = hosted.found.manifest
        if hosted.failed or manifest is None:
            return False
        if hosted.instance is not None:
            return True
        stage = Stage.LOAD
        hosted.context = HostedContext(
            manifest,
            self._language,
            self._feed,
            self._clock,
            self._doors,
            lambda told, *values: self._call(hosted, told, *values),
        )
        try:
            factory = load_factory(hosted.found.folder, manifest.entry)
            self._fence(hosted, None)
            stage = Stage.BUILD
            hosted.instance = factory(hosted.context)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the border of a plugin's import and build
            self._fail(hosted, stage, error)
            return False
        return True

    def _fill(self, hosted: _Hosted, frame: PluginFrame) -> None:
        """Build the panel of a frame, or put the card there."""
        if not self._load(hosted) or hosted.instance is None:
            self._put_card(hosted, frame)
            return
        _plugin, _separator, panel = frame.kind.removeprefix(KIND_PREFIX).partition(".")
        declared = self._panel(hosted, panel)
        try:
            built = hosted.instance.build(declared.id if declared is not None else panel)
            if not isinstance(built, QWidget):
                raise TypeError(f"build() returned {type(built).__name__} and not a widget")
            self._fence(hosted, built)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the border of a plugin's build
            self._fail(hosted, Stage.BUILD, error)
            return
        frame.put(built)

    def _fail(self, hosted: _Hosted, stage: Stage, error: BaseException | None) -> None:
        if hosted.failed:
            return
        hosted.sentence = self._sentence(hosted, stage, error)
        hosted.details = "".join(traceback.format_exception(error)) if error is not None else ""
        log.info("plugin %s stopped at %s: %s", hosted.found.id, stage.value, hosted.sentence)
        self._stop(hosted)
        for frame in list(hosted.frames):
            self._put_card(hosted, frame)
        self.failed.emit(hosted.found.id, hosted.sentence)

    def _fail_soon(self, hosted: _Hosted, error: BaseException) -> None:
        """Fail at the next turn of the event loop: the widget may be in the middle of painting."""
        QTimer.singleShot(0, self, lambda: self._fail(hosted, Stage.SHOW, error))

    def _fence(self, hosted: _Hosted, root: QWidget | None) -> None:
        fence(package_of(hosted.found.folder), root, lambda error: self._fail_soon(hosted, error))

    def _stop(self, hosted: _Hosted) -> None:
        if hosted.context is not None:
            hosted.context.close()
        hosted.context = None
        hosted.instance = None

    def _put_card(self, hosted: _Hosted, frame: PluginFrame) -> None:
        plugin = hosted.found.id
        title = _("{plugin} has stopped").format(plugin=hosted.title)
        frame.put_card(title, hosted.sentence, hosted.details, lambda: self.restart(plugin))

    def _sentence(self, hosted: _Hosted, stage: Stage, error: BaseException | None) -> str:
        if stage is Stage.PACE:
            text = _("It took {took} ms for one update again and again and was stopped so that the room can go on.")
            return text.format(took=round(hosted.pace.last_ms))
        reason = f"{type(error).__name__}: {error}" if error is not None else ""
        texts = {
            Stage.LOAD: _("It could not be loaded ({reason}). Its developer must mend it; then restart it here."),
            Stage.BUILD: _("It could not be built ({reason}). Its developer must mend it; then restart it here."),
            Stage.SHOW: _(
                "It failed while it was shown ({reason}). Restart it; if it fails again, tell its developer."
            ),
            Stage.UPDATE: _(
                "It failed while it was updated ({reason}). Restart it; if it fails again, tell its developer."
            ),
        }
        return texts[stage].format(reason=reason)

    # ------------------------------------------------------------ what the room tells

    def _running(self) -> list[tuple[_Hosted, HostedContext]]:
        return [(h, h.context) for h in self._plugins.values() if h.context is not None and h.instance is not None]

    def _call(self, hosted: _Hosted, told: Callable[..., None], *values: object) -> None:
        """Call what a plugin gave us: time it, and make a card of what it raises. A stopped plugin hears nothing."""
        if hosted.failed:
            return
        began = self._clock.monotonic()
        try:
            told(*values)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the border of a plugin's update
            self._fail(hosted, Stage.UPDATE, error)
            return
        ended = self._clock.monotonic()
        verdict = hosted.pace.spent(ended - began, ended)
        if verdict is Verdict.STOPPED:
            self._fail(hosted, Stage.PACE, None)
        elif verdict is not Verdict.KEEP:
            slow = verdict is Verdict.SLOWED
            for frame in hosted.frames:
                frame.tell_slow(slow, hosted.pace.last_ms)
            self.slowed.emit(hosted.found.id, slow)

    def _deliver_readings(self, readings: Readings) -> None:
        for hosted, context in self._running():
            due = hosted.pace.due(self._clock.monotonic())
            for listener in list(context.readings_listeners):
                listener.take(readings)
                if due and listener.pending:
                    told, listener.pending = list(listener.pending.values()), {}
                    self._call(hosted, listener.told, told)

    def _deliver_tick(self, now: object) -> None:
        for hosted, context in self._running():
            if hosted.pace.due(self._clock.monotonic()):
                for listener in list(context.tick_listeners):
                    self._call(hosted, listener.told, now)

    def _deliver_alarms(self, alarms: object) -> None:
        for hosted, context in self._running():
            for listener in list(context.alarm_listeners):
                self._call(hosted, listener.told, alarms)

    def _deliver_declared(self, *_changed: object) -> None:
        for hosted, context in self._running():
            context.resolve()
            for listener in list(context.declared_listeners):
                self._call(hosted, listener.told)

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not self.blame(error.with_traceback(trace)) and self._previous_hook is not None:
            self._previous_hook(kind, error, trace)
