"""The desk: opens the windows of a layout, keeps them on the monitors that exist, and remembers how they stood."""

import logging

import msgspec
from PySide6.QtCore import QObject, QRect, QTimer, Signal

from controlroom.errors import EnvironmentFault
from controlroom.i18n import language
from controlroom.shell.actions import Actions
from controlroom.shell.memento import Memento, WindowMemento
from controlroom.shell.panels import PanelFactory
from controlroom.shell.placement import Target, put, read, stands, target
from controlroom.shell.screens import Monitors, Place, Wish, assign, monitor_set
from controlroom.shell.strips import Strips
from controlroom.shell.titles import window_title
from controlroom.shell.window import RoomWindow
from layouts import Presets, Window

KEEP_MS = 800
"""A position is remembered when it has been the same for this long and no monitor has come or gone meanwhile."""

CHECK_MS = 500
_CHECKS = 6
"""Window managers answer late and out of order; windows are looked at again this often until they stand."""

_log = logging.getLogger(__name__)


class Desk(QObject):
    """All windows of this process. GUI thread only; nothing is shown before `open`.

    Windows go where `screens.assign` says; one whose monitor is unplugged comes home as a guest and goes back with
    its monitor. Faults of layouts and of the memento are told on a line in the windows and never raised.
    """

    opened = Signal(str)
    """The name of the layout whose windows are now there."""
    closed = Signal()
    """The last window was closed by the officer: the program should end."""
    window_opened = Signal(str)
    """The officer opened one more window beside those of the layout (its id)."""
    window_dropped = Signal(str)
    """A window that the officer had opened beside the layout's goes for good (its id); its panels still live."""
    placed = Signal()
    """The windows stand where they belong after a change of monitors or layouts."""

    def __init__(
        self,
        presets: Presets,
        factory: PanelFactory,
        memento: Memento,
        monitors: Monitors,
        actions: Actions,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.presets = presets
        self.layout = ""
        self.windows: dict[str, RoomWindow] = {}
        self.strips = Strips(self)
        self.extras: dict[str, Window] = {}
        """The windows that the officer opened beside those of the layout."""
        self._factory = factory
        self._memento = memento
        self._monitors = monitors
        self._actions = actions
        self._homes: dict[str, str] = {}
        self._held: dict[str, WindowMemento] = {}
        self._places: dict[str, Place] = {}
        self._targets: dict[str, Target] = {}
        self._absent: set[str] = set()
        """Windows that are hidden because the only monitor they are for is not there."""
        self._set = ""
        self._checks = 0
        self._closing = False
        self._keep_timer = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keep_timer.timeout.connect(self.keep)
        self._check_timer = QTimer(self, singleShot=True, interval=CHECK_MS)
        self._check_timer.timeout.connect(self._check)
        monitors.disturbed.connect(self._keep_timer.stop)
        monitors.changed.connect(self._arrange)

    def open(self, name: str = "") -> None:
        """Open a layout; without a name the one that was used last, else the one that suits the monitors."""
        known = name or self._memento.layout or self.suitable()
        name, preset, fault = self.presets.load_or_fallback(known)
        self._leave()
        self.layout = name
        kept = self._memento.recall_inside(name)
        taken = {spec.id for spec in preset.windows}
        self.extras = {spec.id: spec for spec in (kept.extras if kept else ()) if spec.id not in taken}
        for spec in (*preset.windows, *self.extras.values()):
            self._build(spec)
        self._restore_inside()
        self._arrange()
        for told in (fault, self._memento.fault):
            if told is not None:
                self.tell(told.sentence)
        self._memento.fault = None
        self.opened.emit(name)

    def add_window(self, spec: Window, state: WindowMemento | None = None) -> RoomWindow:
        """Open one more window, which comes back with the layout until it is closed.

        It has what `state` says inside. Raises ValueError when there is a window of this id.
        """
        if spec.id in self.windows:
            raise ValueError(f"there is a window {spec.id}")
        self.keep()
        window = self._build(spec)
        self.extras[spec.id] = spec
        if state is not None:
            window.inside(state)
        self._arrange()
        self.window_opened.emit(spec.id)
        self.remember_soon()
        return window

    def send_on(self, name: str) -> None:
        """Put a window on the next monitor to the right, from the last on the first. Raises KeyError."""
        window = self.windows[name]
        ordered = sorted(self._monitors.current(), key=lambda monitor: monitor.geometry[:2])
        middle = window.geometry().center()
        here = next((n for n, monitor in enumerate(ordered) if QRect(*monitor.geometry).contains(middle)), 0)
        key = ordered[(here + 1) % len(ordered)].key
        depth = sum(place.screen == key and other != name for other, place in self._places.items())
        self._homes[name] = key.text()
        self._places[name] = Place(key, depth, displaced=False)
        self._place(window, self._places[name])
        window.raise_()

    def rename_window(self, name: str, title: str) -> None:
        """Give a window that the officer opened another title. Raises KeyError for one of the layout."""
        spec = msgspec.structs.replace(self.extras[name], title=title)
        self.extras[name] = spec
        self.windows[name].rename(spec, window_title(spec))
        self.remember_soon()

    def capture(self, name: str) -> WindowMemento:
        """What a window would be remembered by now. Raises KeyError."""
        return self._capture(self.windows[name])

    def remember_soon(self) -> None:
        """Something worth remembering has changed inside a window."""
        if self.windows and not self._closing:
            self._disturbed()

    def suitable(self) -> str:
        """The packaged layout for as many monitors as there are."""
        return {1: "single", 2: "two"}.get(len(self._monitors.current()), "three")

    def reset_layout(self) -> None:
        """Open the layout again as its file describes it."""
        self._forget()
        self._memento.forget(self.layout)
        self.open(self.layout)

    def close(self) -> None:
        """Remember everything, then close all windows. Does not emit `closed`."""
        self._leave()
        self._monitors.disconnect(self)

    def window(self, number: int) -> RoomWindow | None:
        """The nth window of the layout, from 1."""
        windows = list(self.windows.values())
        return windows[number - 1] if 0 < number <= len(windows) else None

    def active(self) -> RoomWindow | None:
        """The window the officer works in, else the first that is shown."""
        for window in self.windows.values():
            if window.isActiveWindow():
                return window
        return next((window for window in self.windows.values() if window.isVisible()), None)

    def activate(self, number: int) -> None:
        """Bring the nth window to the front; one that was closed opens again."""
        window = self.window(number)
        if window is None:
            return
        if not window.isVisible():
            self._place(window, self._places[window.spec.id])
        window.raise_()
        window.activateWindow()

    def reveal(self, kind: str) -> bool:
        """Bring the first panel of a kind to the front and give it the keyboard; whether there is one."""
        for number, window in enumerate(self.windows.values(), 1):
            for box in window.tree.boxes:
                if box.panel.kind == kind:
                    self.activate(number)
                    window.tree.reveal(box)
                    return True
        return False

    def tell(self, sentence: str) -> None:
        """Show a sentence to the officer on every window that has a strip, or on all when none has."""
        _log.info("told: %s", sentence)
        for window in self._told():
            window.notice.tell(sentence)

    def take_back(self, sentence: str) -> None:
        """Remove a sentence that is no longer true."""
        for window in self._told():
            window.notice.take_back(sentence)

    def keep(self) -> None:
        """Write down where everything is, unless a change of monitors is under way; a failure is told."""
        if not self.windows or not self._monitors.settled():
            return
        if monitor_set(self._monitors.current()) != self._set:
            return
        for name, window in self.windows.items():
            self._held[name] = self._capture(window)
        self._memento.keep(self.layout, self._set, dict(self._held), tuple(self.extras.values()))
        try:
            self._memento.save()
        except EnvironmentFault as fault:
            self.tell(fault.sentence)

    def _told(self) -> list[RoomWindow]:
        with_strip = [window for window in self.windows.values() if window.strip is not None]
        return with_strip or list(self.windows.values())

    def _leave(self) -> None:
        self.keep()
        self._forget()

    def _forget(self) -> None:
        self._keep_timer.stop()
        self._closing = True
        for window in self.windows.values():
            self.strips.detach(window)
            window.close()
            window.tree.close()
            window.deleteLater()
        self._closing = False
        self._check_timer.stop()
        self.windows, self._homes, self._held, self._places, self._targets = {}, {}, {}, {}, {}
        self._absent.clear()
        self.extras = {}

    def _build(self, spec: Window) -> RoomWindow:
        window = RoomWindow(spec, window_title(spec), self._factory, language())
        window.closed.connect(self._window_closed)
        window.disturbed.connect(self._disturbed)
        self._actions.bind(window)
        self.windows[spec.id] = window
        self.strips.attach(window)
        return window

    def _drop(self, name: str) -> None:
        """Take a window that the officer opened away for good."""
        self.window_dropped.emit(name)
        window = self.windows.pop(name)
        for held in (self.extras, self._homes, self._held, self._places, self._targets):
            held.pop(name, None)
        self._absent.discard(name)
        self.strips.detach(window)
        window.tree.close()
        window.deleteLater()
        self.remember_soon()

    def _restore_inside(self) -> None:
        here = monitor_set(self._monitors.current())
        newest = self._memento.recall(self.layout, here) or self._memento.recall_inside(self.layout)
        if newest is not None:
            for name, window in self.windows.items():
                if name in newest.windows:
                    window.inside(newest.windows[name])

    def _arrange(self) -> None:
        """Give every window its place on the monitors of this moment."""
        current = self._monitors.current()
        if not current or not self.windows:
            return
        self._set = monitor_set(current)
        known = self._memento.recall(self.layout, self._set)
        remembered = known.windows if known is not None else {}
        wishes = []
        for name, window in self.windows.items():
            held = remembered.get(name)
            chosen = held.screen if held is not None and not held.guest else self._homes.get(name, "")
            chosen = "" if window.spec.monitor.only else chosen
            wishes.append(Wish(name, window.spec.monitor, chosen))
        places = assign(wishes, current)
        for name in sorted(places, key=lambda n: places[n].depth):
            window, place = self.windows[name], places[name]
            if not place.displaced:
                self._homes[name] = place.screen.text()
            shown = window.isVisible() or name not in self._places or name in self._absent
            self._places[name] = place
            self._absent.discard(name)
            if place.displaced and window.spec.monitor.only:
                self._absent.add(name)
                window.hide()
            elif shown:
                held = remembered.get(name)
                self._place(window, place, held if held and held.screen == place.screen.text() else None)
        self._raise_guests()

    def _check(self) -> None:
        """Put windows again that a window manager has put elsewhere, before their places count as the officer's."""
        if not self._monitors.settled():
            return
        astray = [
            name
            for name, wanted in self._targets.items()
            if self.windows[name].isVisible() and not stands(self.windows[name], wanted)
        ]
        for name in astray:
            put(self.windows[name], self._targets[name])
        self._checks -= 1
        if astray and self._checks:
            self._check_timer.start()
        else:
            self._targets.clear()
            self._keep_timer.start()
            self.placed.emit()

    def _place(self, window: RoomWindow, place: Place, held: WindowMemento | None = None) -> None:
        wanted = target(place, window.spec.fill, held or self._held.get(window.spec.id))
        if wanted is not None:
            self._targets[window.spec.id] = wanted
            window.set_guest(place.depth > 0)
            put(window, wanted)
            self._checks = _CHECKS
            self._check_timer.start()

    def _raise_guests(self) -> None:
        for name in sorted(self._places, key=lambda n: self._places[n].depth):
            if self._places[name].depth and self.windows[name].isVisible():
                self.windows[name].raise_()

    def _capture(self, window: RoomWindow) -> WindowMemento:
        name = window.spec.id
        outside = self._held.get(name, WindowMemento())
        wanted = self._targets.get(name)
        if window.isVisible() and (wanted is None or stands(window, wanted)):
            outside = read(window, guest=self._places[name].displaced)
            assigned = self._places[name].screen.text()
            if outside.screen != assigned:
                outside = msgspec.structs.replace(outside, guest=False)
                self._homes[name] = outside.screen
        return msgspec.structs.replace(
            outside,
            splits=window.tree.splits() if window.isVisible() else outside.splits,
            tabs=window.tree.tabs(),
            panels={box.name: state for box in window.tree.boxes if (state := box.state())},
        )

    def _disturbed(self) -> None:
        if self._monitors.settled() and not self._check_timer.isActive():
            self._keep_timer.start()

    def _window_closed(self, closing: str) -> None:
        others = (window for name, window in self.windows.items() if name != closing)
        if not self._closing and not any(window.isVisible() for window in others):
            self.keep()
            self.closed.emit()
        elif not self._closing and closing in self.extras:
            self._drop(closing)
