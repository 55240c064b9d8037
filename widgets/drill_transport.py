"""The controls of a drill's playback: play and pause, pace, where it stands, and the time that is being played."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from controlroom.domain.drill import Drill, Transport
from controlroom.i18n import _
from widgets.look import mark

SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_STEPS = 10_000


class DrillTransport(QFrame):
    """Shows a playback and lets the officer pace it; what was asked for is shown when the hub says that it is so."""

    transport_asked = Signal(object, float)
    """The officer wants this transport (PLAYING or PAUSED) at this speed."""

    def __init__(self, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drillTransport")
        self._zone = zone
        self._drill: Drill | None = None
        self.title = QLabel()
        self.state = QLabel()
        self.clock = QLabel()
        font = self.clock.font()
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setBold(True)
        self.clock.setFont(font)
        self.button = QPushButton()
        self.button.setMinimumWidth(96)
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setAccessibleName(_("Speed of the playback"))
        self.position = QProgressBar()
        self.position.setRange(0, _STEPS)
        self.position.setTextVisible(False)
        self.begin = QLabel()
        self.end = QLabel()
        self.elapsed = QLabel()
        for label in (self.title, self.state, self.clock, self.begin, self.end, self.elapsed):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.begin, self.end, self.elapsed):
            label.setProperty("faint", True)
        self._lay_out()
        self.button.clicked.connect(self._toggle)
        self.speed.activated.connect(self._pace)
        self.show_drill(None)

    def show_drill(self, drill: Drill | None) -> None:
        """Show what the hub says of the playback; None when nothing is being played."""
        self._drill = drill
        playing = drill is not None and drill.transport is Transport.PLAYING
        self.button.setText(_("Pause") if playing else _("Play"))
        self.button.setEnabled(drill is not None and drill.transport is not Transport.ENDED)
        self.speed.setEnabled(drill is not None and drill.transport is not Transport.ENDED)
        self.position.setEnabled(drill is not None)
        mark(self.state, drill=drill is not None)
        if drill is None:
            self.title.setText(_("No recording is being played."))
            for label in (self.state, self.clock, self.begin, self.end, self.elapsed):
                label.setText("")
            self.position.setValue(0)
            return
        words = {
            Transport.PLAYING: _("Drill: playing"),
            Transport.PAUSED: _("Drill: paused"),
            Transport.ENDED: _("Drill: ended"),
        }
        self.state.setText(words[drill.transport])
        self.title.setText(drill.title or _("Recording without a title"))
        if not self.speed.view().isVisible():
            self.speed.setCurrentIndex(_nearest(drill.speed))
        self.begin.setText(self._time(drill.begins_at))
        self.end.setText(self._time(drill.ends_at))
        self.tick(drill.clock)

    def tick(self, now: datetime) -> None:
        """Show this time of the drill; call once a second with the drill's clock."""
        if self._drill is None:
            return
        drill = self._drill
        at = min(max(now, drill.begins_at), drill.ends_at)
        span_s = (drill.ends_at - drill.begins_at).total_seconds()
        passed_s = (at - drill.begins_at).total_seconds()
        self.clock.setText(self._time(at))
        self.position.setValue(round(_STEPS * passed_s / span_s) if span_s > 0 else _STEPS)
        self.elapsed.setText(_("{passed} of {span}").format(passed=_length(passed_s), span=_length(span_s)))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.state)
        head.addWidget(self.title, 1)
        controls = QHBoxLayout()
        controls.addWidget(self.button)
        controls.addWidget(self.speed)
        controls.addStretch(1)
        controls.addWidget(self.clock)
        span = QHBoxLayout()
        span.addWidget(self.begin)
        span.addStretch(1)
        span.addWidget(self.elapsed)
        span.addStretch(1)
        span.addWidget(self.end)
        self.position.setMaximumHeight(10)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 10, 8)
        rows.addLayout(head)
        rows.addLayout(controls)
        rows.addWidget(self.position)
        rows.addLayout(span)
        rows.addStretch(1)

    def _toggle(self) -> None:
        if self._drill is not None:
            playing = self._drill.transport is Transport.PLAYING
            self.button.setEnabled(False)
            self.transport_asked.emit(Transport.PAUSED if playing else Transport.PLAYING, self._drill.speed)

    def _pace(self, chosen: int) -> None:
        if self._drill is not None:
            self.transport_asked.emit(self._drill.transport, SPEEDS[chosen])

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"


def _nearest(speed: float) -> int:
    return min(range(len(SPEEDS)), key=lambda at: abs(SPEEDS[at] - speed))


def _length(seconds: float) -> str:
    """Hours, minutes and seconds, as on a tape."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
