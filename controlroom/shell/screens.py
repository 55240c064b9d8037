"""The monitors of this machine: who they are, which window belongs on which, and when that changes."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from layouts import Preference

SETTLE_MS = 400
"""A monitor that is plugged in or out tells several changes; the room moves its windows after the last one."""


class ScreenKey(Struct, frozen=True):
    """Who a monitor is: its EDID words when it has a serial number, else also its connector and place."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    place: str = ""

    @classmethod
    def of(cls, screen: QScreen) -> "ScreenKey":
        """The key of a screen that Qt lists at this moment; a QScreen itself dies with its cable."""
        maker, model, serial = (word.strip() for word in (screen.manufacturer(), screen.model(), screen.serialNumber()))
        if serial:
            return cls(maker, model, serial)
        area = screen.geometry()
        return cls(maker, model, "", f"{screen.name()}@{area.x()},{area.y()},{area.width()}x{area.height()}")

    def text(self) -> str:
        """One line that names the monitor in what is remembered."""
        return "|".join((self.manufacturer, self.model, self.serial, self.place))


class Monitor(Struct, frozen=True):
    """A monitor as it is now; rectangles are x, y, width, height in device-independent pixels of the desktop."""

    key: ScreenKey
    name: str
    geometry: tuple[int, int, int, int]
    available: tuple[int, int, int, int]
    primary: bool

    @classmethod
    def of(cls, screen: QScreen) -> "Monitor":
        """The monitor behind a screen."""
        return cls(
            ScreenKey.of(screen),
            screen.name(),
            _sides(screen.geometry()),
            _sides(screen.availableGeometry()),
            screen is QGuiApplication.primaryScreen(),
        )


def _sides(area: QRect) -> tuple[int, int, int, int]:
    return area.x(), area.y(), area.width(), area.height()


class Wish(Struct, frozen=True):
    """What a window wants: its id, the layout's preference, and where the officer last put it (a key's text)."""

    window: str
    preference: Preference
    chosen: str = ""


class Place(Struct, frozen=True):
    """Where a window goes: the monitor's key, how many windows are under it there, whether it is a guest."""

    screen: ScreenKey
    depth: int
    displaced: bool


def assign(wishes: Sequence[Wish], monitors: Sequence[Monitor]) -> dict[str, Place]:
    """A place on an existing monitor for every window; `monitors` must not be empty.

    The officer's choice goes first, then the layout's serial number, connector name and order from the left.
    A window whose monitor is absent takes the one of its order if that is free, else it comes home: to the
    monitor of the layout's first window. So unplugging one monitor never moves the windows of another.
    """
    if not monitors:
        raise ValueError("a window needs a monitor")
    ordered = sorted(monitors, key=lambda m: (m.geometry[0], m.geometry[1], m.key.text()))
    found = {wish.window: _wanted(wish, ordered) for wish in wishes}
    for wish in wishes:
        by_order = _nth(wish.preference, ordered)
        taken = {monitor.key for monitor in found.values() if monitor is not None}
        if found[wish.window] is None and by_order is not None and by_order.key not in taken:
            found[wish.window] = by_order
    home = found[wishes[0].window] if wishes else None
    home = home or next((m for m in ordered if m.primary), ordered[0])
    residents: dict[ScreenKey, int] = {}
    places: dict[str, Place] = {}
    for wish in sorted(wishes, key=lambda w: found[w.window] is None):
        target = found[wish.window] or home
        depth = residents.get(target.key, 0)
        residents[target.key] = depth + 1
        anywhere = not wish.chosen and wish.preference == Preference()
        astray = found[wish.window] is None or bool(wish.chosen and wish.chosen != target.key.text())
        displaced = astray and not anywhere
        places[wish.window] = Place(target.key, depth, displaced)
    return places


def _wanted(wish: Wish, ordered: Sequence[Monitor]) -> Monitor | None:
    """The monitor that was chosen or named; the one of its order only for a window that never had another."""
    preference = wish.preference
    if wish.chosen:
        return next((m for m in ordered if m.key.text() == wish.chosen), None)
    if preference.serial or preference.name:
        by_serial = (m for m in ordered if preference.serial and m.key.serial == preference.serial)
        by_name = (m for m in ordered if preference.name and m.name == preference.name)
        return next(by_serial, None) or next(by_name, None)
    return _nth(preference, ordered)


def _nth(preference: Preference, ordered: Sequence[Monitor]) -> Monitor | None:
    return ordered[preference.order - 1] if 0 < preference.order <= len(ordered) else None


class Monitors(QObject):
    """Tells when the monitors have changed and come to rest."""

    disturbed = Signal()
    """At once, when anything about a monitor changes: positions seen from now on are not the officer's."""
    changed = Signal()
    """Once, `settle_ms` after the last disturbance."""

    def __init__(self, app: QGuiApplication, settle_ms: int = SETTLE_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=settle_ms)
        self._timer.timeout.connect(self.changed)
        app.screenAdded.connect(self._appeared)
        app.screenRemoved.connect(self._disturb)
        app.primaryScreenChanged.connect(self._disturb)
        for screen in app.screens():
            self._watch(screen)

    def current(self) -> list[Monitor]:
        """The monitors of this moment, never empty while there is a display; mirrored ones count once."""
        return unmirrored([Monitor.of(screen) for screen in QGuiApplication.screens()])

    def settled(self) -> bool:
        """Whether no change is waiting to be told."""
        return not self._timer.isActive()

    def _appeared(self, screen: QScreen) -> None:
        self._watch(screen)
        self._disturb()

    def _watch(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._disturb)
        screen.availableGeometryChanged.connect(self._disturb)

    def _disturb(self, *_told: object) -> None:
        self._timer.start()
        self.disturbed.emit()


def unmirrored(monitors: Sequence[Monitor]) -> list[Monitor]:
    """Without those that show a part of what another shows: two windows there would lie over each other."""
    kept: list[Monitor] = []
    for monitor in sorted(monitors, key=lambda m: (-m.geometry[2] * m.geometry[3], not m.primary)):
        if not any(QRect(*other.geometry).contains(QRect(*monitor.geometry)) for other in kept):
            kept.append(monitor)
    return [monitor for monitor in monitors if monitor in kept]


def screen_of(key: ScreenKey) -> QScreen | None:
    """The screen with a key, if it is plugged in now; use it at once and do not keep it."""
    for screen in QGuiApplication.screens():
        if ScreenKey.of(screen) == key:
            return screen
    return None


def monitor_set(monitors: Sequence[Monitor]) -> str:
    """The name of a set of monitors, whatever order Qt lists them in."""
    return " + ".join(sorted(monitor.key.text() for monitor in monitors))


def within(rect: QRect, area: QRect) -> QRect:
    """`rect` moved and, if it must be, shrunk so that all of it lies in `area`."""
    size = rect.size().boundedTo(area.size())
    left = max(area.left(), min(rect.left(), area.right() - size.width() + 1))
    top = max(area.top(), min(rect.top(), area.bottom() - size.height() + 1))
    return QRect(left, top, size.width(), size.height())
