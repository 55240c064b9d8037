"""The room's time and how it is changed: back to live, to a moment, by steps, playing, or so long behind the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QDateTime, QSize, QTime, QTimeZone, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDateTimeEdit, QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from controlroom.bridge.room_time import SPEEDS, TimeMode
from controlroom.domain.severity import Severity
from controlroom.i18n import _, _n
from widgets.age import age_text, span_text
from widgets.look import mark
from widgets.severity import severity_word

STEPS = (timedelta(hours=1), timedelta(minutes=10), timedelta(minutes=1))
_OFFSETS = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1), timedelta(days=7))
_UTC = QTimeZone(QTimeZone.Initialization.UTC)


_NARROW_PX = 1280
_LEAST_PX = 640
_WORDS: dict[TimeMode, Callable[[], str]] = {
    TimeMode.LIVE: lambda: _("● Live: the room shows the present"),
    TimeMode.FIXED: lambda: _("◷ NOT LIVE: the room shows the past"),
    TimeMode.OFFSET: lambda: _("◷ NOT LIVE: the room runs behind the clock"),
}


class RoomTimeBar(QFrame):
    """Values come in by `show_time` and `show_new_alarms`, what the officer wants goes out as signals.

    Times are aware.
    """

    live_asked = Signal()
    moment_asked = Signal(object)
    """datetime: look at this moment."""
    step_asked = Signal(object)
    """timedelta: go so far, back if it is negative."""
    play_asked = Signal(float)
    """Seconds of the room's time in one of ours, 0 stands."""
    behind_asked = Signal(object)
    """timedelta: stay so long behind the clock."""
    hidden = Signal()
    """The officer puts the bar away."""

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("roomTime")
        self._zone = zone
        self._speed = SPEEDS[0]
        self._mode = TimeMode.LIVE
        self._fine: list[QToolButton] = []
        self.state = QLabel()
        self.picker = QDateTimeEdit()
        self.age = QLabel()
        self.play = self._button("▶", _("Play on from here, or stand"), self._toggle_play)
        self.speed = self._button("", _("How fast it plays"), None)
        self.behind = self._button(_("Behind…"), _("Go with the clock, so long behind it"), None)
        self.news = QLabel()
        self.live = self._button(_("● Live"), _("Back to the present (Ctrl+Shift+L)"), self.live_asked.emit)
        self.away = self._button("×", _("Put the bar away"), self._put_away)
        for label in (self.state, self.news):
            label.setMargin(3)
        self.live.setObjectName("roomLive")
        self._set_up_picker()
        self._set_up_menus()
        self._fill()
        self.show_new_alarms(0, None)

    def show_time(self, mode: TimeMode, at: datetime, now: datetime, speed: float) -> None:
        """How the room's time goes and where it is; `speed` 0 stands."""
        self._mode = mode
        past = mode is not TimeMode.LIVE
        self._fit()
        mark(self.state, past=past, faint=not past)
        mark(self, past=past)
        self.age.setText(age_text((now - at).total_seconds()) if past else "")
        playing = mode is TimeMode.FIXED and speed > 0
        self.play.setText("❚❚" if playing else "▶")
        self.play.setEnabled(mode is TimeMode.FIXED)
        if playing:
            self._speed = speed
        self.speed.setText(f"×{self._speed:g}")
        self.speed.setEnabled(past)
        self.live.setEnabled(past)
        self.away.setEnabled(not past)
        if not self.picker.hasFocus():
            self._show_moment(at)

    def minimumSizeHint(self) -> QSize:
        """Never wider than a small monitor: the window must not outgrow it."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what a narrow window has no room for; keys and the command bar have it too."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        narrow = self.width() < _NARROW_PX
        past = self._mode is not TimeMode.LIVE
        short = _("◷ NOT LIVE") if past else _("● Live")
        self.state.setText(short if narrow else _WORDS[self._mode]())
        for widget in (*self._fine, self.behind, self.speed):
            widget.setVisible(not narrow)

    def show_new_alarms(self, count: int, worst: Severity | None) -> None:
        """What was raised in the present while the room looks elsewhere."""
        self.news.setVisible(count > 0)
        if worst is not None and count:
            told = _n("{count} new alarm now, worst: {severity}", "{count} new alarms now, worst: {severity}", count)
            self.news.setText(told.format(count=count, severity=severity_word(worst)))
            mark(self.news, severity=int(worst))

    @property
    def moment(self) -> datetime:
        """What the picker says."""
        told = self.picker.dateTime()
        day, time = told.date(), told.time()
        parts = (day.year(), day.month(), day.day(), time.hour(), time.minute(), time.second())
        return datetime(*parts, tzinfo=self._zone)

    def _show_moment(self, at: datetime) -> None:
        local = at.astimezone(self._zone)
        # The picker holds the district's time as if it were UTC: the machine's own zone must not bend it.
        day, time = QDate(local.year, local.month, local.day), QTime(local.hour, local.minute, local.second)
        self.picker.blockSignals(True)
        self.picker.setDateTime(QDateTime(day, time, _UTC))
        self.picker.blockSignals(False)

    def _set_up_picker(self) -> None:
        self.picker.setTimeZone(_UTC)
        self.picker.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        self.picker.setCalendarPopup(True)
        self.picker.setKeyboardTracking(False)
        self.picker.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.picker.setToolTip(_("Look at this moment"))
        self.picker.setAccessibleName(_("Look at this moment"))
        self.picker.setMinimumWidth(160)
        self.picker.editingFinished.connect(self._pick)
        self.picker.dateTimeChanged.connect(self._pick)

    def _set_up_menus(self) -> None:
        speeds, offsets = QMenu(self), QMenu(self)
        for speed in SPEEDS:
            speeds.addAction(f"×{speed:g}").setData(speed)
        for offset in _OFFSETS:
            offsets.addAction(_("{span} behind").format(span=span_text(offset.total_seconds()))).setData(offset)
        speeds.triggered.connect(lambda action: self.play_asked.emit(float(action.data())))
        offsets.triggered.connect(lambda action: self.behind_asked.emit(action.data()))
        for button, menu in ((self.speed, speeds), (self.behind, offsets)):
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _fill(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(6)
        row.addWidget(self.state)
        for step in STEPS:
            row.addWidget(self._step(-step))
        row.addWidget(self.picker)
        for step in reversed(STEPS):
            row.addWidget(self._step(step))
        for widget in (self.age, self.play, self.speed, self.behind):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.news, self.live, self.away):
            row.addWidget(widget)

    def _step(self, step: timedelta) -> QToolButton:
        minutes = abs(int(step.total_seconds())) // 60
        sign = "−" if step < timedelta(0) else "+"
        length = _("{count} h").format(count=minutes // 60) if minutes >= 60 else _("{count} min").format(count=minutes)
        button = self._button(f"{sign}{length}", _("Step by {length}").format(length=f"{sign}{length}"), step)
        if minutes == 1:
            self._fine.append(button)
        return button

    def _button(self, text: str, tip: str, does: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        if isinstance(does, timedelta):
            button.clicked.connect(lambda: self.step_asked.emit(does))
        elif callable(does):
            button.clicked.connect(lambda: does())
        return button

    def _pick(self, _told: object = None) -> None:
        self.moment_asked.emit(self.moment)

    def _toggle_play(self) -> None:
        self.play_asked.emit(self._speed if self.play.text() == "▶" else 0.0)

    def _put_away(self) -> None:
        self.hide()
        self.hidden.emit()
