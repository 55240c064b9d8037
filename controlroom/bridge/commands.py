"""What officers command, as coroutines on the Qt loop."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from controlroom.bridge.past_answers import RoomThen, flat, joined, past_of, readings_of, room_then
from controlroom.domain.past_readings import PastReadings
from controlroom.domain.seating import SeatView
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import LinkLost
from controlroom.i18n import _
from controlroom.seat.link import Link
from controlroom.wire.frames import Readings
from controlroom.wire.messages import (
    Answer,
    Command,
    CommandBody,
    Digest,
    DigestWanted,
    Done,
    Past,
    PastWanted,
    Question,
)
from controlroom.wire.past import (
    HistoryColumns,
    HistoryState,
    HistoryStateWanted,
    HistoryWanted,
    ReadingsAtWanted,
    RoomAt,
    RoomAtWanted,
)
from controlroom.wire.pictures import ClaimPictures, PicturesClaimed
from controlroom.wire.ptz import PtzQuestion
from controlroom.wire.seats import Present, Runs, RunsWanted, SeatLoad, SpanWanted
from controlroom.wire.source_health import (
    RefusedMessages,
    RefusedWanted,
    SourcesNow,
    SourcesWanted,
    UnknownSensors,
    UnknownWanted,
)

ASKED_AT_ONCE = 64
"""Sensors in one question for history."""

INDICES_AT_ONCE = 4096
"""Sensors in one question for the values at a time."""


class Commands:
    """Sends what this seat's officer wants. Every method raises CommandRefused or LinkLost."""

    def __init__(self, link: Link, seat: str, officer: str) -> None:
        self._link = link
        self._seat = seat
        self.officer = officer

    async def send(self, body: CommandBody) -> Done:
        """Have the hub do something, once."""
        command = Command(id=uuid.uuid4().hex, seat=self._seat, officer=self.officer, body=body)
        answer = await self._ask(command)
        if not isinstance(answer, Done):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def unknown_sensors(self) -> UnknownSensors:
        """The sensors that readings came of although nobody declared them."""
        answer = await self._ask(UnknownWanted())
        if not isinstance(answer, UnknownSensors):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def steer(self, question: PtzQuestion) -> None:
        """Move a camera that this seat holds; nothing of it is written down."""
        await self._ask(question)

    async def history(
        self, indices: Sequence[int], since: datetime, until: datetime | None = None, bins: int = 0
    ) -> PastReadings:
        """The past of sensors by telemetry index, `since` <= time < `until` (None: everything that has come).

        Every reading where there are at most `bins` a sensor (`bins` 0: at most 500,000 in all), else about `bins` bins
        of least, greatest, mean, count and worst quality; `PastReadings.series` tells which, a series for each of
        `indices` in their order. Bins begin at whole multiples of their width. The answer holds everything that the hub
        published before it gave it, so that what came since follows it without a seam. A task that is cancelled
        stops the work in the hub.
        """
        asked = list(indices)
        parts = []
        for start in range(0, len(asked), ASKED_AT_ONCE):
            some = asked[start : start + ASKED_AT_ONCE]
            until_ms = 0 if until is None else max(to_ms(until), 1)
            answer = await self._ask(
                HistoryWanted(sensors=some, since_ms=max(to_ms(since), 0), until_ms=until_ms, bins=bins)
            )
            parts.append(past_of(answer, some))
        return joined(parts, to_ms(since), None if until is None else to_ms(until))

    async def recent_readings(self, indices: Sequence[int], since: datetime) -> Readings:
        """The readings of sensors since a time, sorted by sensor and time; of bins the least and the greatest."""
        return flat(await self.history(indices, since))

    async def readings_at(self, at: datetime, size: int, reach_ms: int = 86_400_000) -> AsyncIterator[Readings]:
        """The last reading at a time of each of the telemetry indices below `size`, a part of them at a time.

        A sensor whose last reading was older than `reach_ms` then is left out.
        """
        for first in range(0, size, INDICES_AT_ONCE):
            count = min(INDICES_AT_ONCE, size - first)
            answer = await self._ask(
                ReadingsAtWanted(at_ms=max(to_ms(at), 0), first=first, count=count, reach_ms=reach_ms)
            )
            if not isinstance(answer, HistoryColumns):
                raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
            yield readings_of(answer)

    async def room_at(self, at: datetime) -> RoomThen:
        """How alarms, incidents and tasks stood at a time."""
        answer = await self._ask(RoomAtWanted(at_ms=max(to_ms(at), 0)))
        if not isinstance(answer, RoomAt):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return room_then(answer)

    async def history_state(self) -> HistoryState:
        """What the history of readings holds and how it is bounded."""
        answer = await self._ask(HistoryStateWanted())
        if not isinstance(answer, HistoryState):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def past(self, kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Past:
        """Earlier events of a kind, newest first."""
        answer = await self._ask(PastWanted(kind=kind, subject=subject, before=before, limit=limit))
        if not isinstance(answer, Past):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def present(self, view: SeatView) -> SeatLoad:
        """Tell the hub that this seat lives and what it is there for; what it has to bear."""
        answer = await self._ask(Present(seat=self._seat, officer=self.officer, view=view))
        if not isinstance(answer, SeatLoad):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def span(self, kind: str, since: datetime, until: datetime, after: int = 0, limit: int = 1000) -> Past:
        """Events of a kind that were committed from a time on and before another, in their order, behind `after`."""
        wanted = SpanWanted(kind=kind, since_ms=to_ms(since), until_ms=to_ms(until), after=after, limit=limit)
        answer = await self._ask(wanted)
        if not isinstance(answer, Past):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def runs(self) -> list[tuple[datetime, datetime]]:
        """When the hub was started and last seen running, the oldest run first."""
        answer = await self._ask(RunsWanted())
        if not isinstance(answer, Runs):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return [(from_ms(begun), from_ms(seen)) for begun, seen in answer.runs]

    async def claim_pictures(self, cameras: Sequence[str]) -> PicturesClaimed:
        """Ask which of these cameras no other seat's patrol looks at."""
        answer = await self._ask(ClaimPictures(seat=self._seat, cameras=tuple(cameras)))
        if not isinstance(answer, PicturesClaimed):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def digest(self) -> Digest:
        """The hash of the hub's state, to prove that this seat is equal to it."""
        answer = await self._ask(DigestWanted())
        if not isinstance(answer, Digest):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def sources(self) -> SourcesNow:
        """How every source of the hub stands now."""
        answer = await self._ask(SourcesWanted())
        if not isinstance(answer, SourcesNow):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def refused(self, source: str) -> RefusedMessages:
        """The last messages of a source that were turned away, newest first."""
        answer = await self._ask(RefusedWanted(source=source))
        if not isinstance(answer, RefusedMessages):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def _ask(self, question: Question) -> Answer:
        return await asyncio.wrap_future(self._link.ask(question))
