"""One open chart, connected: asks for the past it shows, goes on live, and follows the room's time or leaves it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.past_parts import Parts, PastParts, Stretch
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from controlroom.seat.status import LinkStatus
from controlroom.wire.messages import LIVE
from controlroom.wiring.seat import ZONE, Seat
from widgets.chart_sheet import ChartSheet
from widgets.chart_window import ChartWindow, Choices

Chosen = Mapping[str, str]


class ChartPlan(Protocol):
    """One kind of chart of some sensors: what may be chosen, what of the past it needs, and what it makes of it."""

    @property
    def title(self) -> str:
        """What the window is called before there is a chart."""

    @property
    def refresh_s(self) -> float:
        """How often it is drawn anew while it is live."""

    @property
    def stale_after_s(self) -> float:
        """The age of the newest reading from which the chart is no longer live."""

    def choices(self) -> Sequence[tuple[str, str, Choices, str]]:
        """Name, words, what may be chosen, and the key of what is chosen at first."""

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """What of the past is needed to show it as of a time, or in words why it cannot be shown."""

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The chart of what came."""


class ChartRun(QObject):
    """Feeds one chart window. Its follower is a child of the window."""

    def __init__(self, seat: Seat, plan: ChartPlan, parent: QWidget | None = None) -> None:
        self.window = ChartWindow(plan.title, seat.scheduler, ZONE, parent)
        super().__init__(self.window)
        self._seat, self._plan = seat, plan
        self._parts = PastParts(seat.commands.history)
        self._names: list[str] = []
        self._task: asyncio.Task[object] | None = None
        self._busy = self._again = False
        self._looked_at: datetime | None = None
        self._indices: tuple[int, ...] = ()
        for name, words, choices, first in plan.choices():
            self._names.append(name)
            self.window.offer(name, words, choices, first)
        self.follower = TimeFollower(seat.room_time, self.window)
        self.follower.changed.connect(self._time_changed)
        self.window.notice.follow_asked.connect(self.follower.follow)
        self.window.choice_changed.connect(self._chosen_anew)
        self.window.cancel_wanted.connect(self._cancel)
        self.window.target_chosen.connect(seat.requests.plot_wanted)
        self.window.closed.connect(self._stop)
        pump = seat.pump
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        pump.room_reset.connect(self._reset)
        self._link(pump.status)
        self._draw_notice()
        self.look()

    @property
    def at(self) -> datetime:
        """The time that the chart is of."""
        return self.follower.at or self._seat.clock.now()

    def look(self) -> None:
        """Ask for what the choices need, and show it; what is asked already is let go first."""
        self._looked_at = self._seat.clock.now()
        if self._busy:
            self._again = True
            return
        wanted = self._plan.stretch(self._chosen, self.at)
        if isinstance(wanted, str):
            self._indices = ()
            self.window.show_sheet(None, None, wanted)
            return
        if self.window.canvas.sheet is None:
            self.window.show_sheet(None, None, _("Fetching history …"))
        self._indices = wanted.indices
        self._busy = True
        task = self._seat.tasks.spawn(self._take(wanted, self.at), "chart")
        self._task = task if self._busy else None

    @property
    def _chosen(self) -> Chosen:
        return {name: self.window.choice(name) for name in self._names}

    async def _take(self, wanted: Stretch, at: datetime) -> None:
        fault = ""
        chosen = self._chosen
        try:
            parts = await self._parts.fetch(wanted, to_ms(self._seat.clock.now()), self._progressed)
            sheet = self._plan.sheet(chosen, parts, at)
            newest = self._newest(wanted, parts)
            self.window.show_sheet(sheet, newest, stale=self._stale(newest))
        except ControlRoomError as error:
            reason = error.sentence if isinstance(error, EnvironmentFault) else str(error)
            fault = _("No history: {reason}").format(reason=reason)
            if self.window.canvas.sheet is None:
                self.window.show_sheet(None, None, fault)
        finally:
            self._busy, self._task = False, None
        self.window.show_progress(0, 0)
        self.window.show_fault(fault)
        if self._again:
            self._again = False
            self.look()

    def _newest(self, wanted: Stretch, parts: Parts) -> datetime | None:
        """The newest reading that the chart is of: of bins it is known from what came live."""
        latest, newest_ms = self._seat.pump.latest, parts.newest_ms
        if not self.follower.past:
            held = [int(latest.time_ms[index]) for index in wanted.indices if index < latest.size]
            newest_ms = max([newest_ms, *held])
        return from_ms(newest_ms) if newest_ms else None

    def _stale(self, newest: datetime | None) -> bool:
        if self._seat.stale:
            return True
        if self.follower.past or newest is None:
            return False
        return (self._seat.clock.now() - newest).total_seconds() > self._plan.stale_after_s

    def _progressed(self, done: int, count: int) -> None:
        """A part that is fetched again and again while the chart goes on is no progress to tell."""
        if count - done > 1 or not self.window.progress.isHidden():
            self.window.show_progress(done, count)

    def _cancel(self) -> None:
        self._stop()
        self.window.show_progress(0, 0)
        self.window.show_fault(_("Fetching was cancelled; choose a period to try again."))

    def _stop(self) -> None:
        task, self._task = self._task, None
        self._again = False
        if task is not None:
            task.cancel()

    def _chosen_anew(self, _name: str, _key: str) -> None:
        self._stop()
        self.window.show_progress(0, 0)
        self._busy = False
        self.look()

    def _time_changed(self) -> None:
        self._draw_notice()
        self.look()

    def _tick(self, now: datetime) -> None:
        self.window.tick(now)
        self._draw_notice()
        due = self._looked_at is None or abs((now - self._looked_at).total_seconds()) >= self._plan.refresh_s
        if due and self.window.isVisible() and not self.window.fault.text:
            self.look()

    def _link(self, status: LinkStatus) -> None:
        self.window.show_lost(status.since if self._seat.stale else None)
        self.window.origin = "" if status.realm in ("", LIVE) else status.realm
        if not self._seat.stale:
            self.look()

    def _reset(self) -> None:
        self._parts.forget()
        self.look()

    def _draw_notice(self) -> None:
        time, notice = self._seat.room_time, self.window.notice
        if time.live:
            notice.show_live()
        elif self.follower.past:
            notice.show_past(time.at, self._seat.clock.now())
        else:
            notice.show_left(time.at)
