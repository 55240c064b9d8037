"""The past as a running hub keeps it: the archive on its disk, or the newest readings in memory, as in a drill."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from controlroom.clock import Clock
from controlroom.domain.events import Event
from controlroom.hub.archive import Archive, Keeping
from controlroom.hub.core import Core
from controlroom.hub.history_watch import HistoryWatch
from controlroom.hub.past import KeptAnswer, KeptQuestion
from controlroom.hub.readings_history import RecentReadings
from controlroom.hub.telling import Envelope
from controlroom.wire.frames import Readings
from controlroom.wire.messages import Denied, Refusal
from controlroom.wire.past import Withdrawn

_Asked = tuple[tuple[bytes, ...], int]
"""Who asked (the envelope), and the id of the question."""

_BUSY = Denied(code=Refusal.STORE_UNAVAILABLE, text="the history cannot answer now, ask again later")


class KeptPast:
    """Keeps readings and answers for them. The hub's I/O thread owns an instance.

    Exactly one of `archive` and `recent` is there; of `recent` the desk answers by itself, at once.
    """

    def __init__(self, keeping: Keeping | None, clock: Clock, woken: Callable[[], None], journal: Path, core: Core):
        """`woken` is called by the archive's thread when there are answers to send."""
        self.archive = None if keeping is None else Archive[_Asked](keeping, clock, woken, journal)
        self.recent = RecentReadings() if keeping is None else None
        self._watch = HistoryWatch(core)

    @property
    def condition(self) -> str:
        """ok, or what keeps the readings from the disk, in the words of the store."""
        return "ok" if self.archive is None else self.archive.condition

    @property
    def met_damage(self) -> bool:
        """Whether the journal was found damaged while a question was answered from it."""
        return self.archive is not None and self.archive.met_damage

    def start(self) -> None:
        """Start the archive's thread."""
        if self.archive is not None:
            self.archive.start()

    def close(self) -> None:
        """Write what was handed over and end the thread; may be called again."""
        if self.archive is not None:
            self.archive.close()

    def keep(self, readings: Readings) -> None:
        """Keep readings; they must not change any more."""
        if self.recent is not None:
            self.recent.append(readings)
        if self.archive is not None:
            self.archive.keep(readings)

    def ask(self, envelope: Envelope, identity: int, wanted: KeptQuestion | Withdrawn) -> Denied | None:
        """Ask the archive, or withdraw a question; what is told at once where it cannot answer now."""
        if self.archive is None:
            return None
        who = tuple(envelope)
        if isinstance(wanted, Withdrawn):
            self.archive.forsake((who, wanted.request))
            return None
        return None if self.archive.ask(wanted, (who, identity)) else _BUSY

    def take_answers(self) -> Iterator[tuple[Envelope, int, KeptAnswer | Denied]]:
        """What was answered since the last call: whom, which question, and the answer."""
        if self.archive is not None:
            for (envelope, identity), answer in self.archive.take_answers():
                yield list(envelope), identity, answer

    def look(self, now: datetime) -> list[Event]:
        """What keeps the readings from the disk, as alarms, folded; call about once a second."""
        kept = self.archive
        return [] if kept is None else self._watch.look(kept.condition, kept.dropped, kept.damaged, now)
