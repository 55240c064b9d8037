"""What an officer can command, as typed calls for widgets; GUI thread, on the qasync loop."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from controlroom.bridge.models.alarm_model import PastAlarm
from controlroom.bridge.models.incident_model import NewIncident
from controlroom.domain.alarm import AsideKind
from controlroom.domain.events import AlarmChanged
from controlroom.domain.incident import TaskStatus
from controlroom.domain.silence import Matcher
from controlroom.domain.times import from_ms
from controlroom.wire import codec
from controlroom.wire.alarms import (
    Acknowledge,
    EndSilence,
    NoteAlarm,
    ReleaseAlarms,
    ResetAlarms,
    ReturnToService,
    Shelve,
    SilenceMatching,
    Suppress,
    TagAlarms,
    TakeAlarms,
    Unacknowledge,
    Unshelve,
)
from controlroom.wire.incidents import AddNote, AnswerTask, AssignTask, CloseIncident, OpenIncident
from controlroom.wire.messages import CommandBody, Done, Past, SetDuty

_MOST_ALARMS = 10_000


class Sender(Protocol):
    """Carries commands to the hub: `controlroom.bridge.commands.Commands`."""

    async def send(self, body: CommandBody) -> Done:
        """Send a command. Raises CommandRefused or LinkLost."""

    async def past(self, kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Past:
        """Ask the journal. Raises CommandRefused or LinkLost."""


class OfficerCommands:
    """Turns what widgets want into commands. Every call raises CommandRefused or LinkLost when it was not done."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def acknowledge(self, alarms: Sequence[str]) -> None:
        """Take note of alarms, however many."""
        await self._each(alarms, lambda some: Acknowledge(alarms=some))

    async def unacknowledge(self, alarms: Sequence[str]) -> None:
        """Take the acknowledgement of alarms back."""
        await self._each(alarms, lambda some: Unacknowledge(alarms=some))

    async def reset(self, alarms: Sequence[str]) -> None:
        """Reset latched alarms."""
        await self._each(alarms, lambda some: ResetAlarms(alarms=some))

    async def set_aside(self, alarms: Sequence[str], kind: AsideKind, reason: str, until: datetime | None) -> None:
        """Shelve alarms until a time, suppress them by design or take them out of service."""
        if kind is AsideKind.SHELVED:
            if until is None:
                raise ValueError("a shelved alarm has an end")
            end = until
            await self._each(alarms, lambda some: Shelve(alarms=some, until=end, reason=reason))
        else:
            how: Literal["suppressed", "out_of_service"] = (
                "suppressed" if kind is AsideKind.SUPPRESSED else "out_of_service"
            )
            await self._each(alarms, lambda some: Suppress(alarms=some, how=how, reason=reason))

    async def bring_back(self, shelved: Sequence[str], suppressed: Sequence[str]) -> None:
        """Bring alarms back that were shelved, and others that were suppressed or out of service."""
        await self._each(shelved, lambda some: Unshelve(alarms=some))
        await self._each(suppressed, lambda some: ReturnToService(alarms=some))

    async def take(self, alarms: Sequence[str]) -> None:
        """Say "I have it"."""
        await self._each(alarms, lambda some: TakeAlarms(alarms=some))

    async def release(self, alarms: Sequence[str]) -> None:
        """Give alarms back."""
        await self._each(alarms, lambda some: ReleaseAlarms(alarms=some))

    async def note_alarm(self, alarm: str, text: str) -> None:
        """Append a note to an alarm."""
        await self._sender.send(NoteAlarm(alarm=alarm, text=text))

    async def tag(self, alarms: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> None:
        """Put tags on alarms and take others off."""
        await self._each(alarms, lambda some: TagAlarms(alarms=some, add=list(add), remove=list(remove)))

    async def silence(self, matcher: Matcher, until: datetime, reason: str) -> None:
        """Silence what matches until a time."""
        await self._sender.send(SilenceMatching(matcher=matcher, until=until, reason=reason))

    async def end_silence(self, silence: str) -> None:
        """End a silence before its time."""
        await self._sender.send(EndSilence(silence=silence))

    async def set_duty(self, role: str, officers: Sequence[str], until: datetime | None) -> None:
        """Say who is on duty in a role from now on."""
        await self._sender.send(SetDuty(role=role, officers=list(officers), until=until))

    async def _each(self, alarms: Sequence[str], body: Callable[[list[str]], CommandBody]) -> None:
        for start in range(0, len(alarms), _MOST_ALARMS):
            await self._sender.send(body(list(alarms[start : start + _MOST_ALARMS])))

    async def open_incident(self, new: NewIncident) -> str:
        """Open an incident; returns its id."""
        body = OpenIncident(
            title=new.title,
            grade=new.grade,
            alarms=list(new.alarms),
            place=new.place,
            point=new.point,
            text=new.text,
        )
        return (await self._sender.send(body)).created

    async def add_note(self, incident: str, text: str) -> None:
        """Append a line to a timeline."""
        await self._sender.send(AddNote(incident=incident, text=text))

    async def assign_task(self, incident: str, department: str, text: str, due_at: datetime | None) -> None:
        """Ask a department to do something."""
        body = AssignTask(incident=incident, department=department, text=text, due_at=due_at)
        await self._sender.send(body)

    async def answer_task(self, task: str, status: TaskStatus, text: str) -> None:
        """Tell what became of a task."""
        await self._sender.send(AnswerTask(task=task, status=status, text=text))

    async def close_incident(self, incident: str, reason: str) -> None:
        """Close an incident."""
        await self._sender.send(CloseIncident(incident=incident, reason=reason))

    async def past_alarms(self, before: int, limit: int) -> list[PastAlarm]:
        """Earlier transitions of alarms, newest first; what is not an alarm is left out."""
        page = await self._sender.past("alarm", before=before, limit=limit)
        told = zip(page.sequences, page.times, page.events, strict=True)
        events = ((sequence, ms, codec.event(raw)) for sequence, ms, raw in told)
        return [
            PastAlarm(sequence, from_ms(ms), event.alarm)
            for sequence, ms, event in events
            if isinstance(event, AlarmChanged)
        ]
