"""Playback: up to sixteen cameras at one moment of the past, on one time axis."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from math import ceil, sqrt
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from controlroom.domain.camera import Camera
from controlroom.i18n import _, _n
from controlroom.video.picture import Feeds
from widgets.look import mark as mark_widget
from widgets.playback_timeline import PlaybackTimeline, TimelineAlarm, TimelineMark
from widgets.video_wall import VideoWall

MOST_CAMERAS = 16
MOST_MARKS = 200
FRAME = timedelta(milliseconds=40)
"""One step: a picture at 25 a second."""
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_JUMP = timedelta(seconds=10)


class PlaybackPanel(QWidget):
    """Cameras beside each other, all at the same moment. It asks for times; whoever keeps the time answers.

    Space plays or stands, comma and full stop step a picture, Ctrl+up and Ctrl+down change the speed, Ctrl+left and
    Ctrl+right go ten seconds, N and Shift+N to the next and last alarm, M marks, B and Shift+B go to marks.
    """

    moment_asked = Signal(object)
    """datetime: look there."""
    step_asked = Signal(object)
    """timedelta: go so far."""
    play_asked = Signal(float)
    """Seconds of the past in one of ours, 0 stands."""
    wall_asked = Signal()
    """Take the cameras of the wall."""
    file_asked = Signal()
    """Open a recording from a file."""

    def __init__(self, feeds: Feeds, zone: tzinfo, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._speed = 0.0
        self._marks: list[TimelineMark] = []
        self.at = now
        self.wall = VideoWall(feeds, live=False)
        self.timeline = PlaybackTimeline(zone, now)
        self.timeline.moment_asked.connect(self.moment_asked)
        self.moment = QLabel()
        self.moment.setTextFormat(Qt.TextFormat.PlainText)
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.play = self._button("▶", _("Play or stand (Space)"), self._toggle)
        self.speeds = QComboBox()
        for speed in SPEEDS:
            self.speeds.addItem(f"{speed:g}×", speed)
        self.speeds.setCurrentIndex(SPEEDS.index(1.0))
        self.speeds.setToolTip(_("Speed (Ctrl+up, Ctrl+down)"))
        self.speeds.setAccessibleName(_("Speed"))
        self.speeds.currentIndexChanged.connect(self._speed_chosen)
        self._lay_out()
        self.wall.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.wall)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(6, 4, 6, 2)
        row.addWidget(self.moment)
        row.addSpacing(8)
        for sign, words, call in (
            ("◆◀", _("Last alarm (Shift+N)"), self.to_last_alarm),
            ("◀|", _("One picture back (comma)"), self.step_back),
        ):
            row.addWidget(self._button(sign, words, call))
        row.addWidget(self.play)
        for sign, words, call in (
            ("|▶", _("One picture on (full stop)"), self.step_on),
            ("▶◆", _("Next alarm (N)"), self.to_next_alarm),
        ):
            row.addWidget(self._button(sign, words, call))
        row.addWidget(self.speeds)
        row.addWidget(self._button(_("Mark"), _("Mark this moment (M); B goes from mark to mark"), self.add_mark))
        row.addSpacing(8)
        row.addWidget(self.told, 1)
        row.addWidget(self._button(_("From the wall"), _("Play back the cameras of the wall"), self.wall_asked.emit))
        row.addWidget(self._button(_("Open a file…"), _("Play a recording from a file"), self.file_asked.emit))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.wall, 1)
        column.addLayout(row)
        column.addWidget(self.timeline)

    def _button(self, text: str, words: str, call: Any) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(call)
        return button

    # ---- what is shown

    def show_cameras(self, cameras: Mapping[str, Camera] | Iterable[Camera], ids: Sequence[str]) -> None:
        """All cameras that are known, and those to play back: the first sixteen."""
        chosen = [identity for identity in dict.fromkeys(ids) if identity]
        self.wall.set_cameras(cameras)
        columns = max(1, ceil(sqrt(min(len(chosen), MOST_CAMERAS))))
        self.wall.show_tiles(chosen[:MOST_CAMERAS], columns)
        left_out = len(chosen) - MOST_CAMERAS
        if not chosen:
            self.tell(_("No camera is chosen: take those of the wall, or open a file."))
        elif left_out > 0:
            self.tell(
                _n("{count} camera more than the sixteen", "{count} cameras more than the sixteen", left_out).format(
                    count=left_out
                )
            )
        else:
            self.tell("")

    def show_time(self, at: datetime, speed: float, now: datetime) -> None:
        """Show this moment and go on from it at a speed."""
        self.at, self._speed = at, speed
        local = at.astimezone(self._zone)
        self.moment.setText(
            _("◷ Not live: {time}").format(time=f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 100000}")
        )
        mark_widget(self.moment, past=True)
        self.play.setText("⏸" if speed else "▶")
        self.wall.show_time(local, speed)
        self.timeline.show_at(at, now)

    def set_alarms(self, alarms: Sequence[TimelineAlarm]) -> None:
        """The alarms of the stretch that the axis shows."""
        self.timeline.set_alarms(alarms)

    def tell(self, sentence: str) -> None:
        """Say something in one line."""
        self.told.setText(sentence)
        self.told.setToolTip(sentence)

    @property
    def marks(self) -> tuple[TimelineMark, ...]:
        """The marked moments."""
        return tuple(self._marks)

    def state(self) -> dict[str, Any]:
        """What should be found again after a restart."""
        return {
            "cameras": list(self.wall.tiles()),
            "marks": [[mark.at.isoformat(), mark.text] for mark in self._marks],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the marks that `state()` gave; what does not fit is left out."""
        marks = state.get("marks")
        for held in marks[:MOST_MARKS] if isinstance(marks, list) else ():
            try:
                at, text = datetime.fromisoformat(held[0]), str(held[1])[:200]
            except (TypeError, ValueError, IndexError, KeyError):
                continue
            if at.tzinfo is not None:
                self._marks.append(TimelineMark(at, text))
        self.timeline.set_marks(self._marks)

    # ---- what the officer does

    def add_mark(self) -> None:
        """Mark this moment; the oldest marks beyond a bound go."""
        local = self.at.astimezone(self._zone)
        text = _("Mark {number}, {time}").format(number=len(self._marks) + 1, time=f"{local:%m-%d %H:%M:%S}")
        self._marks = [*self._marks, TimelineMark(self.at, text)][-MOST_MARKS:]
        self.timeline.set_marks(self._marks)
        self.tell(text)

    def to_next_alarm(self) -> None:
        """Look at the next alarm."""
        self._to_alarm(True)

    def to_last_alarm(self) -> None:
        """Look at the last alarm before."""
        self._to_alarm(False)

    def step_on(self) -> None:
        """One picture on; what plays stands then."""
        self._step(FRAME)

    def step_back(self) -> None:
        """One picture back; what plays stands then."""
        self._step(-FRAME)

    def _step(self, by: timedelta) -> None:
        if self._speed:
            self.play_asked.emit(0.0)
        self.step_asked.emit(by)

    def _to_alarm(self, forward: bool) -> None:
        alarm = self.timeline.alarm_beside(self.at, forward)
        if alarm is None:
            self.tell(_("No alarm in this stretch of time; the wheel on the axis shows more."))
            return
        self.tell(alarm.title)
        self.moment_asked.emit(alarm.at)

    def _to_mark(self, forward: bool) -> None:
        found = self.timeline.mark_beside(self.at, forward)
        if found is None:
            self.tell(_("No mark there; M makes one."))
            return
        self.tell(found.text)
        self.moment_asked.emit(found.at)

    def _toggle(self) -> None:
        self.play_asked.emit(0.0 if self._speed else float(self.speeds.currentData()))

    def _speed_chosen(self) -> None:
        if self._speed:
            self.play_asked.emit(float(self.speeds.currentData()))

    def eventFilter(self, _watched: object, event: Any) -> bool:
        """The keys of the panel go before those of the grid."""
        if isinstance(event, QKeyEvent) and event.type() is QKeyEvent.Type.KeyPress:
            return self._press(event)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the panel."""
        if not self._press(event):
            super().keyPressEvent(event)

    def _press(self, event: QKeyEvent) -> bool:
        key, held = Qt.Key(event.key()), event.modifiers()
        shift, ctrl = bool(held & Qt.KeyboardModifier.ShiftModifier), bool(held & Qt.KeyboardModifier.ControlModifier)
        if key is Qt.Key.Key_Space:
            self._toggle()
        elif key is Qt.Key.Key_Comma:
            self.step_back()
        elif key is Qt.Key.Key_Period:
            self.step_on()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and ctrl:
            self.step_asked.emit(_JUMP if key is Qt.Key.Key_Right else -_JUMP)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and ctrl:
            step = 1 if key is Qt.Key.Key_Up else -1
            self.speeds.setCurrentIndex(min(len(SPEEDS) - 1, max(0, self.speeds.currentIndex() + step)))
        elif key is Qt.Key.Key_N and not ctrl:
            self._to_alarm(not shift)
        elif key is Qt.Key.Key_B and not ctrl:
            self._to_mark(not shift)
        elif key is Qt.Key.Key_M and not ctrl:
            self.add_mark()
        else:
            return False
        return True
