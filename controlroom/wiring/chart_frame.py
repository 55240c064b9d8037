"""What every open chart has: a window that knows the link and the room's time, and can leave the latter."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.room_time import TimeFollower
from controlroom.seat.status import LinkStatus
from controlroom.wire.messages import LIVE
from controlroom.wiring.seat import ZONE, Seat
from widgets.chart_window import ChartWindow, Choices

Offers = Sequence[tuple[str, str, Choices, str]]
"""Name, words, what may be chosen, and the key of what is chosen at first."""


class OpenChart(QObject):
    """A chart's window on a seat. Who is of this kind looks anew (`look`) when a choice, the time or the link changes.

    Its follower is a child of the window, and so is this.
    """

    def __init__(self, seat: Seat, title: str, parent: QWidget | None = None) -> None:
        self.window = ChartWindow(title, seat.scheduler, ZONE, parent)
        super().__init__(self.window)
        self.seat = seat
        self._names: list[str] = []
        self._stale_link: bool | None = None
        self.follower = TimeFollower(seat.room_time, self.window)
        self.follower.changed.connect(self._time_changed)
        self.window.notice.follow_asked.connect(self.follower.follow)
        self.window.choice_changed.connect(self._chosen_anew)
        self.window.target_chosen.connect(seat.requests.plot_wanted)
        self.window.cancel_wanted.connect(self.cancel)
        self.window.closed.connect(self.stop)
        seat.pump.ticked.connect(self._ticked)
        seat.pump.link_changed.connect(self._link)
        seat.pump.room_reset.connect(self.reset)
        self._draw_notice()

    @property
    def at(self) -> datetime:
        """The time that the chart is of."""
        return self.follower.at or self.seat.clock.now()

    @property
    def chosen(self) -> dict[str, str]:
        """What is chosen, by name."""
        return {name: self.window.choice(name) for name in self._names}

    def offer(self, offers: Offers) -> None:
        """Let these be chosen."""
        for name, words, choices, first in offers:
            if name not in self._names:
                self._names.append(name)
            self.window.offer(name, words, choices, first)

    def begin(self) -> None:
        """Show the first chart; to be called once all is there."""
        self._link(self.seat.pump.status)

    def look(self) -> None:
        """Show what the choices, the time and the room say now."""

    def tick(self, now: datetime) -> None:
        """Once a second."""

    def stop(self) -> None:
        """Let go of what is being asked."""

    def cancel(self) -> None:
        """The officer does not want to wait."""
        self.stop()

    def reset(self) -> None:
        """The seat took another snapshot, perhaps of another room."""
        self.look()

    def _chosen_anew(self, _name: str, _key: str) -> None:
        self.stop()
        self.look()

    def _time_changed(self) -> None:
        self._draw_notice()
        self.look()

    def _ticked(self, now: datetime) -> None:
        self.window.tick(now)
        self._draw_notice()
        self.tick(now)

    def _link(self, status: LinkStatus) -> None:
        """The status is told with every event; only losing the link and having it again call for another look."""
        stale = self.seat.stale
        self.window.show_lost(status.since if stale else None)
        self.window.origin = "" if status.realm in ("", LIVE) else status.realm
        if stale != self._stale_link:
            self._stale_link = stale
            self.look()

    def _draw_notice(self) -> None:
        time, notice = self.seat.room_time, self.window.notice
        if time.live:
            notice.show_live()
        elif self.follower.past:
            notice.show_past(time.at, self.seat.clock.now())
        else:
            notice.show_left(time.at)
