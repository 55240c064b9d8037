"""Who feeds the hub, how fast, with what clock, and what of it was turned away."""

import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controlroom.domain.events import Event, SourceChanged
from controlroom.domain.source import Source
from controlroom.hub.core import Core
from controlroom.hub.dead_letters import DeadLetters
from controlroom.hub.unknown_devices import UnknownDevices
from controlroom.wire.messages import Refusal, RefusedRecord
from controlroom.wire.source_health import RefusedMessages, SourceNow, SourcesNow

_log = logging.getLogger(__name__)

SKEWED_S = 5.0
"""A source whose clock is further off than this is flagged."""

SILENT_S = 15.0
"""A source that was heard and then says nothing for this long is shown as silent."""

JUMP_S = 60.0
"""Two looks, a second apart, never differ by more than this unless the clock was set (a drill runs at 32 to 1)."""

SOURCES = 2000
"""How many sources are told apart."""

RATE_LOOKS = 10
"""A rate is the mean of so many looks, a second apart."""

TOLD_EVERY = 1000
"""Of so many refusals of one source one is logged: a flood of rubbish must not become a flood of lines."""


@dataclass(slots=True)
class _Known:
    """What is remembered of a source between two looks."""

    seen_at: datetime
    refused: int = 0
    refusal: str = ""
    skew_s: float = 0.0
    records: int = 0
    looked_records: int = 0
    rates: deque[int] = field(default_factory=lambda: deque(maxlen=RATE_LOOKS))


class SourceWatch:
    """Keeps an eye on every source. One thread owns an instance; `refused` counts over all of them."""

    def __init__(self, core: Core, letters: DeadLetters | None = None) -> None:
        self._core = core
        self.letters = letters or DeadLetters()
        self.unknown = UnknownDevices(core)
        self.refused = 0
        self._looked_at: datetime | None = None
        # Sources of an earlier run are known, so that one which never comes back is told as silent.
        self._known = {
            held.id: _Known(held.seen_at, held.refused, held.refusal, held.skew_s)
            for held in list(core.room.sources.values())[-SOURCES:]
        }

    def seen(self, source: str, now: datetime, sent_at: datetime | None, records: int) -> None:
        """A source handed in so many records, by its own clock at `sent_at`."""
        known = self._remember(source, now)[1]
        known.records += records
        if sent_at is not None:
            known.skew_s = (sent_at - now).total_seconds()

    def refuse(self, source: str, code: Refusal, why: str, body: bytes, now: datetime) -> None:
        """One message or record of a source was turned away."""
        self.refused += 1
        source, known = self._remember(source, now)
        known.refused += 1
        known.refusal = why[:200]
        self.letters.put(source, code, why, body, now)
        if known.refused % TOLD_EVERY == 1:
            _log.info("refused from %r, %d by now: %s", source, known.refused, why)

    def refused_there(self, source: str, told: RefusedRecord, now: datetime) -> None:
        """What a source process turned away before it came here: counted and kept with the others."""
        self.refused += told.count
        source, known = self._remember(source, now)
        known.refused += told.count
        known.refusal = told.reason[:200]
        self.letters.put(source, Refusal(told.code), told.reason, told.body, now, told.size)

    def look(self, now: datetime) -> list[Event]:
        """The sources whose health changed since the last look, as events; call about once a second."""
        self._follow_clock(now)
        events: list[Event] = []
        for identity, known in self._known.items():
            known.rates.append(known.records - known.looked_records)
            known.looked_records = known.records
            held = self._core.room.sources.get(identity)
            skew, silent = _skew(known), _silent(known, now)
            if held is not None and (held.refused, held.silent, held.skew_s != 0.0) == (
                known.refused,
                silent,
                skew != 0.0,
            ):
                continue
            told = Source(
                id=identity,
                seen_at=known.seen_at,
                silent=silent,
                refused=known.refused,
                refusal=known.refusal,
                skew_s=skew,
            )
            events.append(SourceChanged(told))
        return self._core.fold(events)

    def now(self, now: datetime) -> SourcesNow:
        """Every source as it is now."""
        return SourcesNow(
            at=now,
            sources=tuple(
                SourceNow(
                    id=identity,
                    seen_at=known.seen_at,
                    silent=_silent(known, now),
                    records=known.records,
                    rate_per_s=round(sum(known.rates) / max(1, len(known.rates)), 1),
                    skew_s=_skew(known),
                    refused=known.refused,
                    refusal=known.refusal,
                    kept=self.letters.kept(identity),
                )
                for identity, known in self._known.items()
            ),
        )

    def refused_of(self, source: str) -> RefusedMessages:
        """What was turned away from a source last."""
        known = self._known.get(source)
        total = known.refused if known is not None else 0
        return RefusedMessages(source=source, total=total, messages=self.letters.of(source))

    def _follow_clock(self, now: datetime) -> None:
        """A clock that was set, or a hub that was away, makes no source silent: each gets its time anew."""
        step = None if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        if step is None or not timedelta(0) <= step <= timedelta(seconds=JUMP_S):
            for known in self._known.values():
                known.seen_at = now

    def _remember(self, source: str, now: datetime) -> tuple[str, _Known]:
        """What is known of a source; a flood of invented names is counted as one, named "?"."""
        known = self._known.get(source)
        if known is None:
            if len(self._known) >= SOURCES:
                source = "?"
            known = self._known.setdefault(source, _Known(now))
        known.seen_at = now
        return source, known


def _skew(known: _Known) -> float:
    return round(known.skew_s, 1) if abs(known.skew_s) > SKEWED_S else 0.0


def _silent(known: _Known, now: datetime) -> bool:
    return (now - known.seen_at).total_seconds() > SILENT_S
