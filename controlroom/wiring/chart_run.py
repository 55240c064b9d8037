"""One open chart of the past, connected: asks for the parts it needs and goes on live."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from PySide6.QtWidgets import QWidget

from controlroom.bridge.past_parts import Parts, PastParts, Stretch
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from controlroom.wiring.chart_frame import Offers, OpenChart
from controlroom.wiring.seat import Seat
from widgets.chart_sheet import ChartSheet

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

    def choices(self) -> Offers:
        """What may be chosen."""

    def stretch(self, chosen: Chosen, at: datetime) -> Stretch | str:
        """What of the past is needed to show it as of a time, or in words why it cannot be shown."""

    def sheet(self, chosen: Chosen, parts: Parts, at: datetime) -> ChartSheet:
        """The chart of what came."""


class ChartRun(OpenChart):
    """Feeds one chart window by a plan."""

    def __init__(self, seat: Seat, plan: ChartPlan, parent: QWidget | None = None) -> None:
        super().__init__(seat, plan.title, parent)
        self._plan = plan
        self._parts = PastParts(seat.commands.history)
        self._task: asyncio.Task[object] | None = None
        self._number = 0
        self._busy = self._again = False
        self._looked_at: datetime | None = None
        self.offer(plan.choices())
        self.begin()

    def look(self) -> None:
        """Ask for what the choices need, and show it; while it is being asked for, once more when it has come."""
        self._looked_at = self.seat.clock.now()
        if self._busy:
            self._again = True
            return
        wanted = self._plan.stretch(self.chosen, self.at)
        if isinstance(wanted, str):
            self.window.show_sheet(None, None, wanted)
            return
        if self.window.canvas.sheet is None:
            self.window.show_sheet(None, None, _("Fetching history…"))
        self._busy, self._number = True, self._number + 1
        task = self.seat.tasks.spawn(self._take(wanted, self.at, self._number), "chart")
        self._task = task if self._busy else None

    def tick(self, now: datetime) -> None:
        """Draw it anew when it is due; not after a fault, which would be told again and again."""
        due = self._looked_at is None or abs((now - self._looked_at).total_seconds()) >= self._plan.refresh_s
        if due and self.window.isVisible() and not self.window.fault.text:
            self.look()

    def stop(self) -> None:
        """Let go of what is being asked."""
        task, self._task = self._task, None
        self._busy = self._again = False
        self._number += 1
        if task is not None:
            task.cancel()
        self.window.show_progress(0, 0)

    def cancel(self) -> None:
        """The officer does not want to wait."""
        self.stop()
        self.window.show_fault(_("Fetching was cancelled; choose a period to try again."))

    def reset(self) -> None:
        """What is held may be of another room."""
        self._parts.forget()
        self.stop()
        self.look()

    async def _take(self, wanted: Stretch, at: datetime, number: int) -> None:
        fault, chosen = "", self.chosen
        try:
            parts = await self._parts.fetch(wanted, to_ms(self.seat.clock.now()), self._progressed)
            if number != self._number:
                return
            newest = self._newest(wanted, parts)
            self.window.show_sheet(self._plan.sheet(chosen, parts, at), newest, stale=self._stale(newest))
        except ControlRoomError as error:
            reason = error.sentence if isinstance(error, EnvironmentFault) else str(error)
            fault = _("No history: {reason}").format(reason=reason)
            if number == self._number and self.window.canvas.sheet is None:
                self.window.show_sheet(None, None, fault)
        if number != self._number:
            return
        self._busy, self._task = False, None
        self.window.show_progress(0, 0)
        self.window.show_fault(fault)
        if self._again:
            self._again = False
            self.look()

    def _newest(self, wanted: Stretch, parts: Parts) -> datetime | None:
        """The newest reading that the chart is of: of bins it is known from what came live."""
        latest, newest_ms = self.seat.pump.latest, parts.newest_ms
        if not self.follower.past:
            held = [int(latest.time_ms[index]) for index in wanted.indices if index < latest.size]
            newest_ms = max([newest_ms, *held])
        return from_ms(newest_ms) if newest_ms else None

    def _stale(self, newest: datetime | None) -> bool:
        if self.seat.stale:
            return True
        if self.follower.past or newest is None:
            return False
        return (self.seat.clock.now() - newest).total_seconds() > self._plan.stale_after_s

    def _progressed(self, done: int, count: int) -> None:
        """A part that is fetched again and again while the chart goes on is no progress to tell."""
        if count - done > 1 or not self.window.progress.isHidden():
            self.window.show_progress(done, count)
