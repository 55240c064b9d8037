"""The room's time on every window: the bar, the notice above each panel, the keys, and what happens meanwhile."""

from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QObject

from controlroom.bridge.room_time import SPEEDS, TimeFollower
from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.shell.desk import Desk
from controlroom.shell.panels import PanelBox
from controlroom.shell.window import RoomWindow
from controlroom.wiring.seat import ZONE, Seat
from widgets.room_time_bar import RoomTimeBar
from widgets.time_notice import TimeNotice

ALWAYS_LIVE = frozenset({"drill", "log", "cameras", "playback"})
"""Panels whose content has no time of its own: they need no notice."""


class RoomTimeWiring(QObject):
    """Connects one seat's time to the windows of its desk."""

    def __init__(self, seat: Seat, desk: Desk, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._desk = desk
        self._asked = False
        self._new: dict[str, Severity] = {}
        self._known: set[str] = set()
        self._bars: list[RoomTimeBar] = []
        self._notices: list[tuple[TimeNotice, PanelBox]] = []
        time = seat.room_time
        time.changed.connect(self._changed)
        time.moved.connect(self._draw)
        seat.past.changed.connect(self._draw)
        seat.pump.ticked.connect(self._draw)
        seat.pump.alarms_changed.connect(self._alarms)
        desk.opened.connect(self._opened)
        desk.window_opened.connect(self._window_opened)
        desk.window_dropped.connect(self._window_dropped)
        desk.strips.time_asked.connect(self.show_bar)
        self._register(actions)

    def show_bar(self) -> None:
        """Bring the bar, or put it away while the room is live."""
        self._asked = not self._asked or not self._seat.room_time.live
        self._draw()
        window = self._desk.active()
        if self._asked and window is not None and window.time_bar is not None:
            window.time_bar.picker.setFocus()

    def _register(self, actions: Actions) -> None:
        group, time = _("Room time"), self._seat.room_time
        actions.add("room_time", _("Room time"), self.show_bar, group=group, shortcuts=("Ctrl+T",))
        actions.add("room_live", _("Back to live"), time.go_live, group=group, shortcuts=("Ctrl+Shift+L",))
        for id, words, minutes, key in (
            ("room_back_10", _("10 minutes back"), -10, "Alt+Left"),
            ("room_on_10", _("10 minutes on"), 10, "Alt+Right"),
            ("room_back_60", _("One hour back"), -60, "Alt+Shift+Left"),
            ("room_on_60", _("One hour on"), 60, "Alt+Shift+Right"),
        ):
            step = timedelta(minutes=minutes)
            actions.add(id, words, partial(time.step, step), group=group, shortcuts=(key,))
        actions.add("room_play", _("Play the past, or stand"), self._toggle_play, group=group, shortcuts=("Alt+P",))

    def _toggle_play(self) -> None:
        time = self._seat.room_time
        time.play(0.0 if time.speed else SPEEDS[0])

    def _opened(self, _layout: str) -> None:
        self._bars, self._notices = [], []
        for window in self._desk.windows.values():
            self._attach(window)
        self._draw()

    def _attach(self, window: RoomWindow) -> None:
        if (bar := window.time_bar) is not None:
            self._bind(bar)
        for box in window.tree.boxes:
            if box.panel.kind not in ALWAYS_LIVE:
                notice = TimeNotice(ZONE)
                box.put_above(notice)
                notice.follow_asked.connect(lambda following, box=box: _follow(box, following))
                self._notices.append((notice, box))

    def _window_opened(self, name: str) -> None:
        self._attach(self._desk.windows[name])
        self._draw()

    def _window_dropped(self, name: str) -> None:
        window = self._desk.windows[name]
        self._bars = [bar for bar in self._bars if bar is not window.time_bar]
        self._notices = [(notice, box) for notice, box in self._notices if box not in window.tree.boxes]

    def _bind(self, bar: RoomTimeBar) -> None:
        time = self._seat.room_time
        bar.live_asked.connect(time.go_live)
        bar.moment_asked.connect(time.stand_at)
        bar.step_asked.connect(time.step)
        bar.play_asked.connect(time.play)
        bar.behind_asked.connect(time.stay_behind)
        bar.hidden.connect(self._put_away)
        self._bars.append(bar)

    def _put_away(self) -> None:
        self._asked = False
        self._draw()

    def _changed(self) -> None:
        if self._seat.room_time.live:
            self._new, self._known = {}, set()
        elif not self._known:
            self._known = {alarm.id for alarm in self._seat.pump.room.alarms.values() if alarm.waiting}
        self._draw()

    def _alarms(self, alarms: list[Alarm]) -> None:
        """What is raised while the room looks at the past is counted in sight; it sounds as ever."""
        if self._seat.room_time.live:
            return
        for alarm in alarms:
            if alarm.waiting and alarm.id not in self._known:
                self._new[alarm.id] = alarm.severity
            elif not alarm.waiting:
                self._new.pop(alarm.id, None)
                self._known.discard(alarm.id)
        self._draw()

    def _draw(self, _told: object = None) -> None:
        time, now = self._seat.room_time, self._seat.clock.now()
        for bar in self._bars:
            bar.setVisible(self._asked or not time.live)
            if not bar.isHidden():
                bar.show_time(time.mode, time.at, now, time.speed if not time.live else 0.0)
                bar.show_new_alarms(len(self._new), min(self._new.values(), default=None))
        for notice, box in self._notices:
            self._draw_notice(notice, box, now)

    def _draw_notice(self, notice: TimeNotice, box: PanelBox, now: datetime) -> None:
        time = self._seat.room_time
        follower = follower_of(box)
        box.mark_past(follower is not None and follower.past)
        if time.live:
            notice.show_live()
        elif follower is None:
            notice.show_unable(time.at)
        elif not follower.past:
            notice.show_left(time.at)
        elif self._seat.past.fault:
            notice.show_fault(self._seat.past.fault)
        else:
            notice.show_past(time.at, now)


def follower_of(box: PanelBox) -> TimeFollower | None:
    """How the panel in a box stands to the room's time; None where it knows the present only."""
    return box.body.findChild(TimeFollower)


def _follow(box: PanelBox, following: bool) -> None:
    follower = follower_of(box)
    if follower is not None:
        follower.follow(following)
