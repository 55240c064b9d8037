"""Reads a period out of the hub's journal, page by page, and tallies it beside the GUI."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from controlroom.bridge.past_answers import RoomThen
from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.alarm_report import AlarmReport, ReportTally, Staffing, gaps_between
from controlroom.domain.events import AlarmChanged, Event, FloodChanged, HandoverChanged, SeatChanged
from controlroom.domain.flood import Flood
from controlroom.domain.room import Room
from controlroom.domain.seating import AreaHandover, SeatPresence
from controlroom.domain.times import from_ms
from controlroom.wire import codec
from controlroom.wire.messages import Past

T = TypeVar("T")

PAGE = 1000
"""Events in one page: few enough that the hub's other work does not wait for it."""

STAFF_BEFORE = timedelta(days=31)
"""Seats that came, and areas that were handed over, longer before the period are known only if they still are."""

Told = Callable[[float], None]
"""Hears how far it is, from 0 to 1, on the GUI thread."""


class Archive(Protocol):
    """Answers questions about the journal: `controlroom.bridge.commands.Commands`."""

    async def span(self, kind: str, since: datetime, until: datetime, after: int = 0, limit: int = PAGE) -> Past:
        """Events of a kind in a time, in their order. Raises CommandRefused or LinkLost."""

    async def room_at(self, at: datetime) -> RoomThen:
        """How alarms stood at a time. Raises CommandRefused or LinkLost."""

    async def runs(self) -> list[tuple[datetime, datetime]]:
        """When the hub was running. Raises CommandRefused or LinkLost."""


class ReportRun:
    """Makes reports, one after the other. `close` ends its thread."""

    def __init__(self, archive: Archive, bands: AlarmBands, room: Callable[[], Room]) -> None:
        self._archive = archive
        self._bands = bands
        self._room = room
        self._beside = ThreadPoolExecutor(1, "alarm-report")

    def close(self) -> None:
        """End the thread; what runs is finished."""
        self._beside.shutdown(wait=True, cancel_futures=True)

    async def report(self, since: datetime, until: datetime, told: Told) -> tuple[AlarmReport, list[Flood]]:
        """The report of a period and the floods that the hub wrote down in it, the newest first.

        Cancelling the task ends it at the next page. Raises CommandRefused or LinkLost.
        """
        told(0.0)
        lead = since - timedelta(seconds=self._bands.flood.window_s)
        staffing = await self._staffing(lead, until)
        stood = await self._archive.room_at(lead - timedelta(milliseconds=1))
        tally = ReportTally(since, until, self._bands, staffing)
        await self._aside(tally.stood, list(stood.room.alarms.values()), lead)
        await self._fold(tally, lead, until, told)
        runs = await self._archive.runs()
        views = await self._aside(tally.views)
        begins = stood.begins if stood.begins > since else None
        known = since if begins is None else min(begins, until)
        report = AlarmReport(
            since=since,
            until=until,
            window_s=self._bands.flood.window_s,
            views=views,
            gaps=gaps_between(runs, known, until),
            begins=begins,
            left_out=stood.left_out,
            changes=tally.changes,
        )
        floods = await self._floods(since, until)
        told(1.0)
        return report, floods

    async def _aside(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._beside, work, *arguments)

    async def _fold(self, tally: ReportTally, since: datetime, until: datetime, told: Told) -> None:
        span_s = max((until - since).total_seconds(), 1.0)
        after = 0
        while True:
            page = await self._archive.span("alarm", since, until, after)
            if not page.sequences:
                return
            await self._aside(_add, tally, page)
            after = page.sequences[-1]
            told(min(0.99, (from_ms(page.times[-1]) - since).total_seconds() / span_s))

    async def _all(self, kind: str, since: datetime, until: datetime) -> list[tuple[datetime, Event]]:
        found: list[tuple[datetime, Event]] = []
        after = 0
        while True:
            page = await self._archive.span(kind, since, until, after)
            if not page.sequences:
                return found
            found += [(from_ms(ms), codec.event(raw)) for ms, raw in zip(page.times, page.events, strict=True)]
            after = page.sequences[-1]

    async def _staffing(self, since: datetime, until: datetime) -> list[Staffing]:
        """Who was there when, out of the events before and in the period, and of what still is."""
        begin = since - STAFF_BEFORE
        changes = await self._all("seat", begin, until) + await self._all("handover", begin, until)
        room = self._room()
        seats: dict[str, SeatPresence] = {s.name: s for s in room.seats.values() if s.since < begin}
        handovers: dict[str, AreaHandover] = {
            h.id: h for h in room.handovers.values() if h.accepted_at is not None and h.accepted_at < begin
        }
        told = [Staffing(at=begin, seats=dict(seats), handovers=tuple(handovers.values()))]
        for at, event in sorted(changes, key=lambda change: change[0]):
            if isinstance(event, SeatChanged):
                _put(seats, event.seat.name, event.seat, event.seat.gone_at is None)
            elif isinstance(event, HandoverChanged):
                _put(handovers, event.handover.id, event.handover, event.handover.live)
            told.append(Staffing(at=at, seats=dict(seats), handovers=tuple(handovers.values())))
        return told

    async def _floods(self, since: datetime, until: datetime) -> list[Flood]:
        newest: dict[str, Flood] = {}
        for _at, event in await self._all("flood", since, until):
            if isinstance(event, FloodChanged):
                newest[event.flood.id] = event.flood
        return sorted(newest.values(), key=lambda flood: (flood.started_at, flood.view), reverse=True)


def _put(held: dict[str, T], key: str, value: T, there: bool) -> None:
    if there:
        held[key] = value
    else:
        held.pop(key, None)


def _add(tally: ReportTally, page: Past) -> None:
    for ms, raw in zip(page.times, page.events, strict=True):
        event = codec.event(raw)
        if isinstance(event, AlarmChanged):
            tally.add(event.alarm, from_ms(ms))
