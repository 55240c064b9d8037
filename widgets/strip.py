"""The strip on top of every window: what the room is in, whether it is live, and what waits for somebody."""

import enum
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from controlroom.domain.drill import Drill
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from controlroom.seat.status import LinkState, LinkStatus
from widgets.alarm_counts import AlarmCounts
from widgets.drill_badge import DrillBadge
from widgets.link_light import LinkLight
from widgets.look import mark

ZONE = ZoneInfo("Asia/Shanghai")
_NARROW_PX = 1440
_LEAST_PX = 640


class Sound(enum.StrEnum):
    """What the annunciator does."""

    QUIET = "quiet"
    SOUNDING = "sounding"
    SILENCED = "silenced"
    UNAVAILABLE = "unavailable"


class Strip(QFrame):
    """Values come in by setters; what the officer presses goes out as signals. Times are aware."""

    severity_chosen = Signal(object)
    silenced = Signal()
    command_bar_asked = Signal()
    transport_asked = Signal(object, float)
    officer_pressed = Signal()
    time_asked = Signal()
    """The officer wants to look at another time."""

    def __init__(self, zone: ZoneInfo = ZONE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._zone = zone
        self.mode = QLabel()
        self.drill = DrillBadge(zone)
        self.link = LinkLight(zone)
        self.counts = AlarmCounts()
        self.sound = QToolButton()
        self.officer = QToolButton()
        self.command_bar = QToolButton()
        self.clock = QToolButton()
        self.clock.setAutoRaise(True)
        self.clock.clicked.connect(self.time_asked)
        self.clock.setObjectName("stripNumber")
        self._officer_words = ""
        self._row = self._fill()
        self.counts.severity_chosen.connect(self.severity_chosen)
        self.drill.transport_asked.connect(self.transport_asked)
        self.sound.clicked.connect(self.silenced)
        self.officer.clicked.connect(self.officer_pressed)
        self.command_bar.clicked.connect(self.command_bar_asked)
        self.set_mode(None)
        self.set_sound(Sound.QUIET)
        self.set_officer("", "")
        self._fit()

    def _fill(self) -> QHBoxLayout:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        for widget in (self.mode, self.drill, self.link, self.counts):
            row.addWidget(widget)
        row.addStretch(1)
        for button in (self.sound, self.command_bar, self.officer):
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addWidget(self.clock)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return row

    def set_mode(self, level: Severity | None) -> None:
        """The response level in force, Ⅰ the highest, or None in normal times."""
        if level is None:
            self.mode.setText(_("Normal times"))
            self.mode.setToolTip(_("No emergency response is in force."))
        else:
            self.mode.setText(_("Emergency {numeral}").format(numeral=level.numeral))
            self.mode.setToolTip(_("Response level {numeral} is in force.").format(numeral=level.numeral))
        self.mode.setMargin(3)
        mark(self.mode, severity=int(level) if level is not None else 0, faint=level is None)

    def set_link(self, link: LinkStatus) -> None:
        """The state of the link to the hub."""
        self.link.set_link(link)
        self.drill.set_realm(link.state is LinkState.LIVE, link.realm.startswith("drill"))

    def set_drill(self, drill: Drill | None) -> None:
        """The playback that this hub plays, if it does."""
        self.drill.set_drill(drill)

    def set_counts(self, counts: Mapping[Severity, int]) -> None:
        """Unacknowledged alarms by severity."""
        self.counts.set_counts(counts)

    def set_time(self, now: datetime) -> None:
        """Once a second: the clock, and the ages of whatever is late."""
        local = now.astimezone(self._zone)
        days = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
        day = "" if self.width() < _NARROW_PX else f"{local:%m-%d} {days[local.weekday()]} "
        self.clock.setText(f"{day}{local:%H:%M:%S}")
        self.clock.setToolTip(f"{local:%Y-%m-%d %H:%M:%S} {self._zone.key}")
        self.link.set_time(now)

    def set_officer(self, name: str, role: str) -> None:
        """Who is on duty at this seat, and as what."""
        self._officer_words = " · ".join(word for word in (name, role) if word) or _("Nobody on duty")
        self.officer.setToolTip(_("On duty: {officer}").format(officer=self._officer_words))
        mark(self.officer, faint=not name)
        self._fit()

    def set_sound(self, sound: Sound, silent_for_s: float = 0.0, filtered: bool = False, reason: str = "") -> None:
        """What the annunciator does; a room without a sound device says so, a silence how long it lasts.

        `filtered` tells that this seat hears only some of the alarms.
        """
        left = f"{int(silent_for_s) // 60}:{int(silent_for_s) % 60:02d}"
        unheard = _("Alarms are only seen, not heard.")
        words = {
            Sound.QUIET: ("♪", _("Sound is on; press for tests, silence and what is heard here")),
            Sound.SOUNDING: (_("♪ Silence"), _("Silence the sound for 5 minutes; this acknowledges nothing")),
            Sound.SILENCED: (
                _("♪ Silenced {left}").format(left=left),
                _("Silent for {left} more or until a worse alarm comes; alarms still wait. Press to hear").format(
                    left=left
                ),
            ),
            Sound.UNAVAILABLE: (_("No sound"), f"{reason} {unheard}".lstrip()),
        }
        text, tip = words[sound]
        if filtered and sound is not Sound.UNAVAILABLE:
            text, tip = f"{text} ◐", _("{told}. This seat hears only some of the alarms.").format(told=tip)
        self.sound.setText(text)
        self.sound.setToolTip(tip)
        self.sound.setAccessibleName(tip)
        mark(self.sound, warning=sound in (Sound.UNAVAILABLE, Sound.SILENCED), faint=sound is Sound.QUIET)

    def minimumSizeHint(self) -> QSize:
        """Never wider than a small monitor: the window must not outgrow it because of a long sentence."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten what can be shortened on a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        narrow = self.width() < _NARROW_PX
        self._row.setSpacing(6 if narrow else 12)
        self.command_bar.setText("⌕" if narrow else _("⌕ Search  Ctrl+K"))
        self.command_bar.setToolTip(_("Command bar: find anything, do anything (Ctrl+K)"))
        space = 90 if narrow else 220
        metrics = self.officer.fontMetrics()
        self.officer.setText(metrics.elidedText(self._officer_words, Qt.TextElideMode.ElideRight, space))
