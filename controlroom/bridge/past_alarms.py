"""The alarms that sensors raised in a stretch of the past, out of the journal."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol

from controlroom.domain.alarm import Alarm
from controlroom.domain.events import AlarmChanged
from controlroom.domain.times import from_ms
from controlroom.wire import codec
from controlroom.wire.messages import Past

PAGE = 2000
PAGES_MOST = 10
"""More of the journal is not searched for marks on a plot; a flood of alarms is looked at in the alarm table."""


class AskPast(Protocol):
    """Asks the journal, such as `Commands.past`."""

    def __call__(self, kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Awaitable[Past]:
        """Earlier events of a kind, newest first."""


async def past_alarms(past: AskPast, sensors: Sequence[str], since: datetime, until: datetime) -> list[Alarm]:
    """The alarms of these sensors that began between, each once for each time it began, in its last known state.

    Raises what `past` raises.
    """
    wanted, found, before = set(sensors), dict[tuple[str, datetime], Alarm](), 0
    for _page in range(PAGES_MOST):
        answer = await past("alarm", before=before, limit=PAGE)
        for raw in answer.events:
            event = codec.event(raw)
            if isinstance(event, AlarmChanged) and event.alarm.sensor in wanted:
                alarm = event.alarm
                if since <= alarm.occurred_at <= until:
                    found.setdefault((alarm.id, alarm.occurred_at), alarm)
        if len(answer.events) < PAGE or not answer.times or from_ms(answer.times[-1]) < since:
            break
        before = answer.sequences[-1]
    return list(found.values())
