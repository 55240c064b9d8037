"""The alarms that sensors raised in a stretch of the past, out of the journal."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol

from controlroom.domain.alarm import Alarm
from controlroom.domain.events import AlarmChanged
from controlroom.domain.times import from_ms
from controlroom.wire import codec
from controlroom.wire.messages import Past

PAGE = 500
PAGES_OF_ONE = 20
PAGES_OF_ALL = 2
"""More of the journal is not searched for marks on a plot; a flood of alarms is looked at in the alarm table."""


class AskPast(Protocol):
    """Asks the journal, such as `Commands.past`."""

    def __call__(self, kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Awaitable[Past]:
        """Earlier events of a kind, newest first."""


async def past_alarms(
    past: AskPast, sensors: Sequence[str], alarms: Sequence[str], since: datetime, until: datetime
) -> list[Alarm]:
    """The alarms of these sensors that began between, each once for each time it began, in its last known state.

    `alarms` are the ids under which the hub itself raises alarms of these sensors: they are found however long ago.
    Those that other sources raised are found among the newest of all. Raises what `past` raises.
    """
    found: dict[tuple[str, datetime], Alarm] = {}
    wanted = set(sensors)
    for subject, pages in [*((identity, PAGES_OF_ONE) for identity in alarms), ("", PAGES_OF_ALL)]:
        before = 0
        for _page in range(pages):
            answer = await past("alarm", subject=subject, before=before, limit=PAGE)
            for alarm in _alarms(answer):
                if alarm.sensor in wanted and since <= alarm.occurred_at <= until:
                    found.setdefault((alarm.id, alarm.occurred_at), alarm)
            if len(answer.events) < PAGE or from_ms(answer.times[-1]) < since:
                break
            before = answer.sequences[-1]
    return list(found.values())


def _alarms(answer: Past) -> list[Alarm]:
    events = (codec.event(raw) for raw in answer.events)
    return [event.alarm for event in events if isinstance(event, AlarmChanged)]
