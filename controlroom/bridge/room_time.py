"""One time for the room: live, standing at a moment, or so long behind; panels follow it or leave it and say so."""

import enum
from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from controlroom.clock import Clock

STEP_MS = 250
"""How often a time that plays moves on."""

SPEEDS = (1.0, 10.0, 60.0, 600.0)


class TimeMode(enum.StrEnum):
    """How the room's time goes."""

    LIVE = "live"
    FIXED = "fixed"
    """It stands at a moment, or plays on from there at a speed."""
    OFFSET = "offset"
    """It goes with the clock, so long behind it."""


class RoomTime(QObject):
    """The time that every panel of this seat shows. GUI thread; times are aware.

    A time that reaches the clock's becomes live by itself. In a drill the clock is that of the recording.
    """

    changed = Signal()
    """The mode, the speed, or the time by more than its going on has changed."""
    moved = Signal(object)
    """The time went on (datetime): of a playing or offset time, several times a second at most."""

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._mode = TimeMode.LIVE
        self._at = clock.now()
        self._behind = timedelta(0)
        self._speed = 0.0
        self._played_s = 0.0
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._go_on)

    @property
    def mode(self) -> TimeMode:
        """How the room's time goes."""
        return self._mode

    @property
    def live(self) -> bool:
        """Whether the room looks at the present."""
        return self._mode is TimeMode.LIVE

    @property
    def at(self) -> datetime:
        """The time that is looked at."""
        if self._mode is TimeMode.LIVE:
            return self._clock.now()
        return self._clock.now() - self._behind if self._mode is TimeMode.OFFSET else self._at

    @property
    def behind(self) -> timedelta:
        """How long ago that is."""
        return max(self._clock.now() - self.at, timedelta(0))

    @property
    def speed(self) -> float:
        """How many seconds of it pass in one of ours: 0 while it stands."""
        return self._speed if self._mode is TimeMode.FIXED else 1.0

    def go_live(self) -> None:
        """Look at the present."""
        self._speed = 0.0
        self._set(TimeMode.LIVE)

    def stand_at(self, at: datetime) -> None:
        """Look at a moment; one that has not come yet is the present. What plays goes on from there."""
        if at >= self._clock.now():
            self.go_live()
            return
        self._at = at
        self._played_s = self._clock.monotonic()
        self._set(TimeMode.FIXED)

    def stay_behind(self, behind: timedelta) -> None:
        """Go with the clock, so long behind it; no time behind it is live."""
        if behind <= timedelta(0):
            self.go_live()
            return
        self._speed, self._behind = 0.0, behind
        self._set(TimeMode.OFFSET)

    def step(self, by: timedelta) -> None:
        """Go back or forth; from the present back to a standing moment."""
        if self._mode is TimeMode.OFFSET:
            self.stay_behind(self._behind - by)
        else:
            self.stand_at(self.at + by)

    def play(self, speed: float) -> None:
        """Let the time go on at a speed; at 0 it stands. Live and offset times go on by themselves."""
        if self._mode is TimeMode.LIVE or (self._mode is TimeMode.OFFSET and speed == 1.0):
            return
        self._at, self._speed = self.at, max(speed, 0.0)
        self._played_s = self._clock.monotonic()
        self._set(TimeMode.FIXED)

    def _set(self, mode: TimeMode) -> None:
        self._mode = mode
        if self.live or not self.speed:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
        self.changed.emit()

    def _go_on(self) -> None:
        if self._mode is TimeMode.FIXED:
            now_s = self._clock.monotonic()
            self._at += timedelta(seconds=(now_s - self._played_s) * self._speed)
            self._played_s = now_s
            if self._at >= self._clock.now():
                self.go_live()
                return
        self.moved.emit(self.at)


class TimeFollower(QObject):
    """How one panel stands to the room's time: it follows, or it has left and stays live.

    Make it a child of the panel's widget: the desk finds it there and gives the panel its notice and its button.
    """

    changed = Signal()
    """What the panel is to show is another time: look at `past` and `at`."""

    def __init__(
        self, room_time: RoomTime, panel: QObject, show: Callable[[datetime | None], None] | None = None
    ) -> None:
        super().__init__(panel)
        self.room_time = room_time
        self._show = show
        self._following = True
        room_time.changed.connect(self._tell)
        room_time.moved.connect(self._tell)

    @property
    def following(self) -> bool:
        """Whether the panel goes with the room."""
        return self._following

    @property
    def past(self) -> bool:
        """Whether the panel shows another time than the present."""
        return self._following and not self.room_time.live

    @property
    def at(self) -> datetime | None:
        """The moment to show; None is the present."""
        return self.room_time.at if self.past else None

    def follow(self, following: bool) -> None:
        """Go with the room's time, or leave it."""
        if following != self._following:
            self._following = following
            self._tell()

    def _tell(self, _at: object = None) -> None:
        if self._show is not None:
            self._show(self.at)
        self.changed.emit()
