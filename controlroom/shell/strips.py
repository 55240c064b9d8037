"""The strips of all windows as one: each value goes to every window, also to one that opens later."""

from collections.abc import Callable, Mapping
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from controlroom.domain.drill import Drill
from controlroom.domain.severity import Severity
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.shell.window import RoomWindow
from widgets.link_light import link_words
from widgets.strip import ZONE, Sound, Strip


class Strips(QObject):
    """Takes what one strip takes and tells what any strip tells; GUI thread only.

    Windows without a strip (walls) show a standing sentence while the link is not live. A drill, or the realm of a
    drill's hub, draws the drill's frame round every window.
    """

    severity_chosen = Signal(object)
    silenced = Signal()
    command_bar_asked = Signal()
    transport_asked = Signal(object, float)
    officer_pressed = Signal()
    time_asked = Signal()
    counted = Signal(object)
    """Unacknowledged alarms by severity (a dict), as the strips show them now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._windows: list[RoomWindow] = []
        self._values: dict[str, Callable[[Strip], None]] = {}
        self._link: LinkStatus | None = None
        self._drill: Drill | None = None
        self._now: datetime | None = None
        self._recalled_at: datetime | None = None

    def attach(self, window: RoomWindow) -> None:
        """Bring a new window up to date and keep it so."""
        self._windows.append(window)
        strip = window.strip
        if strip is not None:
            for show in self._values.values():
                show(strip)
            strip.severity_chosen.connect(self.severity_chosen)
            strip.silenced.connect(self.silenced)
            strip.command_bar_asked.connect(self.command_bar_asked)
            strip.transport_asked.connect(self.transport_asked)
            strip.officer_pressed.connect(self.officer_pressed)
            strip.time_asked.connect(self.time_asked)
        self._draw_frames()

    def detach(self, window: RoomWindow) -> None:
        """Forget a window that is about to go."""
        if window in self._windows:
            self._windows.remove(window)

    def set_mode(self, level: Severity | None) -> None:
        """The response level in force, or None in normal times."""
        self._show("mode", lambda strip: strip.set_mode(level))

    def set_link(self, link: LinkStatus) -> None:
        """The state of the link to the hub."""
        self._link = link
        self._show("link", lambda strip: strip.set_link(link))
        self._draw_frames()

    def set_drill(self, drill: Drill | None) -> None:
        """The playback that the hub plays, if it does."""
        self._drill = drill
        self._show("drill", lambda strip: strip.set_drill(drill))
        self._draw_frames()

    def set_counts(self, counts: Mapping[Severity, int]) -> None:
        """Unacknowledged alarms by severity."""
        held = dict(counts)
        self._show("counts", lambda strip: strip.set_counts(held))
        self.counted.emit(held)

    def set_time(self, now: datetime, recalled_at: datetime | None = None) -> None:
        """Once a second: clock and ages; `recalled_at` is of what is shown while no hub was reached."""
        self._now, self._recalled_at = now, recalled_at
        self._show("time", lambda strip: strip.set_time(now))
        self._draw_frames()

    def set_officer(self, name: str, role: str) -> None:
        """Who is on duty at this seat, and as what."""
        self._show("officer", lambda strip: strip.set_officer(name, role))

    def set_sound(self, sound: Sound, silent_for_s: float = 0.0, filtered: bool = False, reason: str = "") -> None:
        """What the annunciator does, for how long it is silent still, and why nothing can be heard."""
        self._show("sound", lambda strip: strip.set_sound(sound, silent_for_s, filtered, reason))

    @property
    def in_drill(self) -> bool:
        """Whether what is seen is a drill."""
        return self._drill is not None or (self._link is not None and self._link.realm.startswith("drill"))

    def _show(self, name: str, show: Callable[[Strip], None]) -> None:
        self._values[name] = show
        for window in self._windows:
            if window.strip is not None:
                show(window.strip)

    def _draw_frames(self) -> None:
        live = self._link is not None and self._link.state is LinkState.LIVE
        lost = self._link is not None and self._link.state is LinkState.LOST
        for window in self._windows:
            if window.in_drill != self.in_drill:
                window.set_in_drill(self.in_drill)
            if window.strip is None:
                words = "" if live else link_words(self._link, self._now, ZONE, self._recalled_at)
                window.set_standing(words, grave=lost or self._recalled_at is not None)
