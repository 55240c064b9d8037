"""Stand-ins for what the desk's widgets are given: a hub that obeys or refuses, and a loop that runs at once."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from controlroom.bridge.models.incident_model import NewIncident
from controlroom.domain.incident import TaskStatus


def run_at_once(coroutine: Coroutine[Any, Any, None], name: str) -> object:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


class Hub:
    """Remembers what it was told; `refusal` is raised instead while it is set."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.refusal: Exception | None = None

    def _take(self, *what: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.told.append(what)

    async def open_incident(self, new: NewIncident) -> str:
        self._take("open", new)
        return "20260721-009"

    async def add_note(self, incident: str, text: str) -> None:
        self._take("note", incident, text)

    async def assign_task(self, incident: str, department: str, text: str, due_at: datetime | None) -> None:
        self._take("assign", incident, department, text, due_at)

    async def answer_task(self, task: str, status: TaskStatus, text: str) -> None:
        self._take("answer", task, status, text)

    async def close_incident(self, incident: str, reason: str) -> None:
        self._take("close", incident, reason)
