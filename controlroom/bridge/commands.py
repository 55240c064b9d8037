"""What officers command, as coroutines on the Qt loop."""

import asyncio
import uuid
from datetime import datetime

import numpy as np

from controlroom.domain.times import to_ms
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
    HistoryColumns,
    HistoryWanted,
    Past,
    PastWanted,
    Question,
)

ASKED_AT_ONCE = 64
"""Sensors in one question for history."""


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

    async def history(self, indices: list[int], since: datetime) -> Readings:
        """The recent readings of sensors by telemetry index, sorted by sensor and time."""
        parts = []
        for start in range(0, len(indices), ASKED_AT_ONCE):
            asked = indices[start : start + ASKED_AT_ONCE]
            answer = await self._ask(HistoryWanted(sensors=asked, since_ms=to_ms(since)))
            if isinstance(answer, HistoryColumns):
                parts.append(answer)
        return Readings(
            np.concatenate([np.frombuffer(p.index, "<u4") for p in parts] or [np.empty(0, np.uint32)]),
            np.concatenate([np.frombuffer(p.value, "<f4") for p in parts] or [np.empty(0, np.float32)]),
            np.concatenate([np.frombuffer(p.time, "<i8") for p in parts] or [np.empty(0, np.int64)]),
            np.concatenate([np.frombuffer(p.quality, "u1") for p in parts] or [np.empty(0, np.uint8)]),
        )

    async def past(self, kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Past:
        """Earlier events of a kind, newest first."""
        answer = await self._ask(PastWanted(kind=kind, subject=subject, before=before, limit=limit))
        if not isinstance(answer, Past):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def digest(self) -> Digest:
        """The hash of the hub's state, to prove that this seat is equal to it."""
        answer = await self._ask(DigestWanted())
        if not isinstance(answer, Digest):
            raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
        return answer

    async def _ask(self, question: Question) -> Answer:
        return await asyncio.wrap_future(self._link.ask(question))
