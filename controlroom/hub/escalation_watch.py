"""When alarms that nobody takes are brought to the next one: the soonest first, silenced ones once they are heard.

When the waiting of an alarm began is remembered here only. After a restart it is counted from the alarm's last change,
so that a step may come late by one wait, but never too early and never not at all.
"""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from controlroom.domain.alarm import Alarm
from controlroom.domain.duty import Duty
from controlroom.domain.escalation import Chain, EscalationPlan, Stage, due_at, escalated, stage_of
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Silence, silencing
from controlroom.domain.times import Instant

AT_ONCE = 500
"""Alarms brought to somebody in one look at the most; the others follow with the next, so a flood stops nothing."""


class _Due(NamedTuple):
    """What an alarm waits for: it is looked at again when stage, severity, department or last step are others."""

    stage: Stage
    severity: Severity
    department: str
    told_at: Instant | None
    at: datetime
    wait: timedelta


class EscalationWatch:
    """Remembers when the next steps are due. One thread owns an instance."""

    def __init__(self, plan: EscalationPlan, held: Iterable[Alarm]) -> None:
        self._plan = plan
        self._chains: dict[tuple[Severity, str, Stage], Chain | None] = {}
        self._first_waits: dict[tuple[Severity, str, Stage], timedelta | None] = {}
        self._due: dict[str, _Due] = {}
        self._heap: list[tuple[datetime, str]] = []
        self._quiet: set[str] = set()
        for alarm in held:
            self.watch(alarm)

    def watch(self, alarm: Alarm) -> None:
        """An alarm changed."""
        stage = stage_of(alarm)
        identity = alarm.id
        if not stage:
            self._forget(identity)
            return
        told = alarm.escalation
        held = self._due.get(identity)
        told_at = None if told is None else told.at
        if held is not None and held[:4] == (stage, alarm.severity, alarm.department, told_at):
            return
        if told is None:
            wait = self._first_wait(alarm, stage)
        else:
            chain = self._chain(alarm, stage)
            at = None if chain is None else due_at(chain, told, alarm.changed_at)
            wait = None if at is None else at - told.at
        if wait is None:
            self._forget(identity)
        else:
            at = (told_at or alarm.changed_at) + wait
            self._remember(identity, _Due(stage, alarm.severity, alarm.department, told_at, at, wait))

    def heard(self, now: datetime) -> None:
        """A silence is over: what it held back waits from now on."""
        quiet, self._quiet = self._quiet, set()
        for identity in quiet:
            held = self._due.get(identity)
            if held is not None:
                self._remember(identity, held._replace(at=now + held.wait))

    def look(
        self, alarms: Mapping[str, Alarm], duties: Mapping[str, Duty], silences: Iterable[Silence], now: datetime
    ) -> list[Alarm]:
        """The alarms whose next step is due, in their new state."""
        silences = tuple(silences)
        changed: list[Alarm] = []
        while self._heap and self._heap[0][0] <= now and len(changed) < AT_ONCE:
            at, identity = heapq.heappop(self._heap)
            due, alarm = self._due.get(identity), alarms.get(identity)
            if due is None or due.at != at or identity in self._quiet:
                continue
            if alarm is None:
                self._forget(identity)
            elif silencing(silences, alarm) is not None:
                self._quiet.add(identity)
            else:
                chain = self._chain(alarm, due.stage)
                if chain is not None:
                    changed.append(escalated(chain, alarm, duties, now))
        return changed

    def _chain(self, alarm: Alarm, stage: Stage) -> Chain | None:
        key = (alarm.severity, alarm.department, stage)
        if key not in self._chains:
            self._chains[key] = self._plan.chain_of(*key)
        return self._chains[key]

    def _first_wait(self, alarm: Alarm, stage: Stage) -> timedelta | None:
        """How long the first step waits for what was brought to nobody yet; None where no chain means it."""
        key = (alarm.severity, alarm.department, stage)
        if key not in self._first_waits:
            chain = self._chain(alarm, stage)
            at = None if chain is None else due_at(chain, None, alarm.changed_at)
            self._first_waits[key] = None if at is None else at - alarm.changed_at
        return self._first_waits[key]

    def _remember(self, identity: str, due: _Due) -> None:
        self._quiet.discard(identity)
        self._due[identity] = due
        heapq.heappush(self._heap, (due.at, identity))

    def _forget(self, identity: str) -> None:
        self._due.pop(identity, None)
        self._quiet.discard(identity)
