"""How a hub finds again, after a restart, what its seats had to bear just before it."""

import logging

from controlroom.domain.alarm import Alarm
from controlroom.domain.events import AlarmChanged
from controlroom.domain.flood import begins
from controlroom.errors import StoreFault
from controlroom.hub.load_watch import LoadWatch
from controlroom.store.journal import Journal
from controlroom.wire import codec

_log = logging.getLogger(__name__)

RECALLED_MOST = 20_000
"""Changes of alarms that are read again at the most; a longer flood is known to go on anyway."""

_BYTES_MOST = 256_000_000


def recall(load: LoadWatch, journal: Journal, now_ms: int) -> None:
    """Fill the windows in which new alarms are counted with what the journal tells; one that cannot be read is left."""
    held: dict[str, Alarm] = {}
    changes: list[tuple[Alarm | None, Alarm]] = []
    try:
        after = journal.sequence_at(now_ms - load.window_s * 1000)
        for line in journal.span("alarm", after, now_ms + 1, RECALLED_MOST, _BYTES_MOST):
            event = codec.event(line.body)
            if isinstance(event, AlarmChanged):
                changes.append((held.get(event.alarm.id), event.alarm))
                held[event.alarm.id] = event.alarm
    except (StoreFault, *codec.MALFORMED) as error:
        _log.warning("the load before the restart is not known: %s", error)
        return
    load.remember((before, after) for before, after in changes if before is not None or begins(after))
