"""What becomes of what sources tell: delays, counting, enabling, flapping, merging, as a function of events and time.

What is held back is an event too (`AlarmHeld`), folded into the room and committed with everything else. A restart
therefore finds every running delay as it was and ends it at its time. Only the times of recent raisings, by which
flapping is found, are forgotten: a condition that flaps goes on doing so until it was quiet, any other is counted anew.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import msgspec

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import Alarm, Flapping
from controlroom.domain.alarm_families import Families
from controlroom.domain.alarm_hold import Hold, HoldKind
from controlroom.domain.alarm_rules import NO_RULES, AlarmRules, Context, Told
from controlroom.domain.alarm_surroundings import BEIJING, ReadValue, Surroundings, nothing_read
from controlroom.domain.alarm_treatment import RuleTable, Treatment
from controlroom.domain.events import AlarmChanged, AlarmHeld, Event, HoldEnded
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity

_TIDY = timedelta(minutes=1)
_RAISES_MOST = 100_000
"""Conditions whose recent raisings are remembered; the longest remembered makes room."""

_DUE_MOST = 2000
"""Alarms that come of themselves in one look at the most, so that a turn of the hub stays short."""


class Conditioning:
    """Turns what is told into events of a room, which it only reads. Not thread-safe: one thread owns an instance.

    Whoever folds an event into the room hands it to `follow` too.
    """

    def __init__(
        self, room: Room, rules: AlarmRules = NO_RULES, value: ReadValue = nothing_read, zone: tzinfo = BEIJING
    ) -> None:
        self._room = room
        self._table = RuleTable(rules)
        self._around = Surroundings(rules, value, zone)
        self._families = Families(room, self._table)
        self._raises: dict[str, list[datetime]] = {}
        self._again: list[tuple[datetime, str]] = []
        self._remembered: set[str] = set()
        self._contextual: set[str] = set()
        self._judged_between: set[str] = set()
        self._merged: dict[str, dict[str, None]] = {}
        self._into: dict[str, str] = {}
        self._release_at: dict[str, datetime] = {}
        self._seen: tuple[bool | None, ...] = ()
        self._tidied_at: datetime | None = None
        for alarm in room.alarms.values():
            self._follow_alarm(alarm)
        for hold in room.holds.values():
            self._follow_hold(hold)
        for alarm in room.alarms.values():
            if alarm.parent:
                self._look_again(alarm.changed_at, alarm.id)

    # ---------------------------------------------------------------- what was told

    def told(self, new: Alarm, now: datetime) -> list[Event]:
        """The condition of an alarm was told; `new` is the alarm as it would be without any rule."""
        treatment = self._table.of(new)
        known = new.id in self._raises or new.id in self._room.holds
        if treatment.direct and not known and not treatment.compared(new):
            return [AlarmChanged(machine.raised(self._room.alarms.get(new.id), new))]
        new = self._dressed(new, treatment, now)
        hold, held = self._room.holds.get(new.id), self._room.alarms.get(new.id)
        if hold is not None and hold.why is HoldKind.MERGED:
            return self._told_again_by_another(new, hold, now)
        if held is not None and held.active:
            ended: list[Event] = [] if hold is None else [HoldEnded(new.id)]
            back = hold is not None and hold.why is HoldKind.CLEARING
            return [*ended, *self._raised(new, treatment, now, turned=back)]
        same = self._families.told_before(new, treatment, now)
        if same is not None:
            part = Hold(id=new.id, why=HoldKind.MERGED, at=now, alarm=new, into=same.id)
            return [AlarmHeld(part), AlarmChanged(machine.joined(same, new.source, new.severity, now))]
        return self._begun(new, treatment, hold, now)

    def cleared(self, identity: str, now: datetime) -> list[Event]:
        """The source says that the condition is over."""
        hold = self._room.holds.get(identity)
        if hold is not None and hold.why is HoldKind.MERGED:
            return self._part_cleared(hold, now)
        held = self._room.alarms.get(identity)
        if held is not None and held.active:
            if hold is not None:
                return []  # it is over already, as far as its own source is asked
            if identity in self._merged:
                return [AlarmHeld(Hold(id=identity, why=HoldKind.CARRIED, at=now))]
            return self._over(held, now)
        if hold is not None and hold.why in (HoldKind.DELAYED, HoldKind.DISABLED):
            return [HoldEnded(identity)]
        return []

    def _dressed(self, new: Alarm, treatment: Treatment, now: datetime) -> Alarm:
        """The alarm with what rules say of it at once: whether it latches, and its severity here and now."""
        severity = self._severity(new.id, new.severity, treatment, now)
        told = None if severity is new.severity else new.severity
        return msgspec.structs.replace(new, latching=treatment.latching, severity=severity, told_severity=told)

    def _severity(self, identity: str, told: Severity, treatment: Treatment, now: datetime) -> Severity:
        """The severity here and now: what the context makes of what was told, or the worst of what was merged."""
        severity = self._around.graded(treatment.context, told, now)
        for part in self._merged.get(identity, ()):
            alarm = self._room.holds[part].alarm
            severity = severity if alarm is None else min(severity, alarm.severity)
        return severity

    def _begun(self, new: Alarm, treatment: Treatment, hold: Hold | None, now: datetime) -> list[Event]:
        """The condition began to hold, or does so still: what its rules let through."""
        ended: list[Event] = [] if hold is None else [HoldEnded(new.id)]
        if not self._around.enabled(treatment.enabled_when, now):
            return self._held_back(Hold(id=new.id, why=HoldKind.DISABLED, at=now, alarm=new), hold)
        if hold is not None and hold.why is HoldKind.DELAYED and hold.alarm is not None:
            first = hold.alarm
            new = msgspec.structs.replace(new, occurred_at=first.occurred_at, received_at=first.received_at)
            return self._held_back(msgspec.structs.replace(hold, alarm=new), hold)
        repeated = treatment.repeated
        if repeated is not None:
            since = now - timedelta(seconds=repeated.within_s)
            told = (*(at for at in (hold.told if hold is not None else ()) if at > since), now)
            if len(told) < repeated.times:
                until = now + timedelta(seconds=repeated.within_s)
                return [AlarmHeld(Hold(id=new.id, why=HoldKind.COUNTED, at=told[0], until=until, alarm=new, told=told))]
        if treatment.on_delay_s:
            until = now + timedelta(seconds=treatment.on_delay_s)
            return [AlarmHeld(Hold(id=new.id, why=HoldKind.DELAYED, at=now, until=until, alarm=new))]
        return [*ended, *self._raised(new, treatment, now, turned=True)]

    def _held_back(self, wanted: Hold, hold: Hold | None) -> list[Event]:
        """Hold it back, unless that is done already and nothing but the time is new."""
        if hold is not None and hold.why is wanted.why and hold.alarm is not None and wanted.alarm is not None:
            before, after = hold.alarm, wanted.alarm
            if (before.severity, before.title, before.text) == (after.severity, after.title, after.text):
                return []
            wanted = msgspec.structs.replace(wanted, at=hold.at)
        return [AlarmHeld(wanted)]

    def _raised(self, new: Alarm, treatment: Treatment, now: datetime, turned: bool) -> list[Event]:
        held = self._room.alarms.get(new.id)
        alarm = machine.raised(held, new)
        if turned:
            alarm = self._turned_up(alarm, treatment, now)
        if not treatment.remembered and not alarm.parent:
            return [AlarmChanged(alarm)]
        begins = held is None or not held.active
        return [AlarmChanged(one) for one in self._families.placed(alarm, treatment, now, begins)]

    def _over(self, held: Alarm, now: datetime) -> list[Event]:
        """The condition of a standing alarm is over: it ends now, or after its off-delay or its flapping."""
        treatment = self._table.of(held)
        held = self._turned_down(held, treatment, now)
        wait_s = treatment.off_delay_s
        if held.flapping is not None and treatment.chatter is not None:
            wait_s = max(wait_s, treatment.chatter.quiet_s)
        if not wait_s:
            return [AlarmChanged(machine.cleared(held, now))]
        until = now + timedelta(seconds=wait_s)
        waiting = AlarmHeld(Hold(id=held.id, why=HoldKind.CLEARING, at=now, until=until))
        return [waiting] if held.flapping is None else [waiting, AlarmChanged(held)]

    # ---------------------------------------------------------------- the same told twice

    def _told_again_by_another(self, new: Alarm, hold: Hold, now: datetime) -> list[Event]:
        whole = self._room.alarms.get(hold.into)
        if whole is None or not whole.active:
            return self._begun(new, self._table.of(new), hold, now)
        part = AlarmHeld(msgspec.structs.replace(hold, alarm=new))
        return [part, AlarmChanged(machine.joined(whole, new.source, new.severity, now))]

    def _part_cleared(self, hold: Hold, now: datetime) -> list[Event]:
        """One of several sources says that it is over; the last one ends the alarm."""
        ended: list[Event] = [HoldEnded(hold.id)]
        own, whole = self._room.holds.get(hold.into), self._room.alarms.get(hold.into)
        last = not (self._merged.get(hold.into, {}).keys() - {hold.id})
        if not last or own is None or own.why is not HoldKind.CARRIED:
            return ended
        ended.append(HoldEnded(hold.into))
        return ended if whole is None or not whole.active else [*ended, *self._over(whole, now)]

    # ---------------------------------------------------------------- flapping

    def _turned_up(self, alarm: Alarm, treatment: Treatment, now: datetime) -> Alarm:
        chatter, raises = treatment.chatter, self._raises.get(alarm.id)
        if chatter is None or raises is None:
            return _turned(alarm, now)
        since = now - timedelta(seconds=chatter.within_s)
        raises[:] = [at for at in raises if at > since] + [now]
        if alarm.flapping is None and len(raises) >= chatter.raises:
            flapping = Flapping(since=raises[0], transitions=2 * len(raises) - 1, at=now)
            return msgspec.structs.replace(alarm, flapping=flapping)
        return _turned(alarm, now)

    def _turned_down(self, alarm: Alarm, treatment: Treatment, now: datetime) -> Alarm:
        if treatment.chatter is not None and alarm.id not in self._raises:
            if len(self._raises) >= _RAISES_MOST:
                del self._raises[next(iter(self._raises))]
            self._raises[alarm.id] = [alarm.received_at]
        return _turned(alarm, now)

    # ---------------------------------------------------------------- what comes by itself

    def due(self, now: datetime) -> list[Event]:
        """What the time changed of one alarm; call and fold until nothing comes any more."""
        while self._again and self._again[0][0] <= now:
            identity = heapq.heappop(self._again)[1]
            events = self._settled(identity, now)
            if events:
                self._look_again(now, identity)
                return events
        return []

    def look(self, now: datetime, fold: Callable[[list[Event]], list[Event]]) -> list[Event]:
        """Everything that the time and the surroundings changed, folded; what is over a bound comes with the next."""
        self._tidy(now)
        # What was judged since the last look may have met surroundings that were gone again by now.
        changed, self._judged_between = self._judged_between, set()
        seen = self._around.seen(now)
        if seen != self._seen:
            self._seen, changed = seen, self._contextual
        for identity in sorted(changed):
            self._look_again(now, identity)
        events: list[Event] = []
        while len(events) < _DUE_MOST and (some := self.due(now)):
            events += fold(some)
        return events

    def _look_again(self, at: datetime, identity: str) -> None:
        heapq.heappush(self._again, (at, identity))

    def _settled(self, identity: str, now: datetime) -> list[Event]:
        hold, held = self._room.holds.get(identity), self._room.alarms.get(identity)
        if hold is not None:
            events = self._hold_settled(hold, held, now)
            if events:
                return events
        return [] if held is None else self._alarm_settled(held, hold, now)

    def _hold_settled(self, hold: Hold, held: Alarm | None, now: datetime) -> list[Event]:
        over = hold.until is not None and hold.until <= now
        ended: list[Event] = [HoldEnded(hold.id)]
        if hold.why is HoldKind.COUNTED:
            return ended if over else []
        if hold.why is HoldKind.CLEARING:
            if not over:
                return []
            if held is None or not held.active:
                return ended
            return [*ended, AlarmChanged(machine.cleared(_calmed(held), now))]
        if hold.alarm is None:
            return []
        treatment = self._table.of(hold.alarm)
        enabled = self._around.enabled(treatment.enabled_when, now)
        new = msgspec.structs.replace(hold.alarm, changed_at=now)
        if hold.why is HoldKind.DISABLED:
            return self._begun(self._dressed(_as_told(new), treatment, now), treatment, hold, now) if enabled else []
        if hold.why is HoldKind.DELAYED:
            if not enabled:
                return [AlarmHeld(Hold(id=hold.id, why=HoldKind.DISABLED, at=now, alarm=hold.alarm))]
            if over:
                dressed = self._dressed(_as_told(new), treatment, now)
                return [*ended, *self._raised(dressed, treatment, now, turned=True)]
        if hold.why is HoldKind.MERGED:
            whole = self._room.alarms.get(hold.into)
            if whole is None or not whole.active:
                return self._begun(new, treatment, hold, now)
        return []

    def _alarm_settled(self, held: Alarm, hold: Hold | None, now: datetime) -> list[Event]:
        treatment = self._table.of(held)
        if held.active and hold is None and not self._around.enabled(treatment.enabled_when, now):
            disabled = Hold(id=held.id, why=HoldKind.DISABLED, at=now, alarm=_fresh(held))
            return [AlarmHeld(disabled), AlarmChanged(machine.cleared(_calmed(held), now))]
        if held.flapping is not None:
            quiet_s = 0.0 if treatment.chatter is None else treatment.chatter.quiet_s
            if held.flapping.at + timedelta(seconds=quiet_s) <= now:
                return [AlarmChanged(_calmed(held, now))]
        if held.active and treatment.context:
            severity = self._severity(held.id, held.told_severity or held.severity, treatment, now)
            if severity is not held.severity:
                return [AlarmChanged(machine.regraded(held, severity, now))]
        return self._family_settled(held, treatment, now) if held.parent else []

    def _family_settled(self, held: Alarm, treatment: Treatment, now: datetime) -> list[Event]:
        parent = self._families.parent_of(held, treatment)
        if parent is None:
            if now < self._released_at(held, treatment, now):
                return []
            self._release_at.pop(held.id, None)
            return [AlarmChanged(machine.come_forward(held, now))]
        if parent.id != held.parent:
            return [AlarmChanged(machine.muted(held, parent.id, now))]
        return []

    def _released_at(self, child: Alarm, treatment: Treatment, now: datetime) -> datetime:
        """When a child comes forward whose parent no longer mutes it.

        After a restart only the room tells when the parent ended; where it is gone from there, the wait begins anew.
        """
        known = self._release_at.get(child.id)
        if known is not None:
            return known
        parent = self._room.alarms.get(child.parent)
        if parent is not None and parent.active and parent.aside is None:
            return now  # it stands: the child is told apart from it for another reason
        ended_at = now if parent is None else parent.changed_at
        release_at = ended_at + timedelta(seconds=self._families.release_s(treatment))
        if release_at > now:
            self._release_at[child.id] = release_at
            self._look_again(release_at, child.id)
        return release_at

    def _tidy(self, now: datetime) -> None:
        """Forget the raisings of conditions that have long been quiet."""
        if self._tidied_at is None or now - self._tidied_at >= _TIDY or now < self._tidied_at:
            self._tidied_at = now
            longest_s = max((rule.chatter.within_s for rule in self._table.rules.rule if rule.chatter), default=0.0)
            since = now - timedelta(seconds=longest_s)
            for identity in [i for i, raises in self._raises.items() if raises[-1] <= since]:
                held = self._room.alarms.get(identity)
                if held is None or not held.active or held.flapping is None:
                    del self._raises[identity]

    # ---------------------------------------------------------------- what sensors ask

    def contexts_of(self, told: Told) -> tuple[Context, ...]:
        """The contexts in which something else holds for what would be told so."""
        return self._table.of(told).context

    def context(self, contexts: tuple[Context, ...], now: datetime) -> Context | None:
        """The first of them that certainly holds now."""
        return self._around.context(contexts, now)

    # ---------------------------------------------------------------- following the room

    def follow(self, event: Event) -> None:
        """An event was folded into the room, whoever made it."""
        if type(event) is AlarmChanged:
            self._follow_alarm(event.alarm)
        elif type(event) is AlarmHeld:
            self._follow_hold(event.hold)
        elif type(event) is HoldEnded:
            self._unfollow_hold(event.alarm)

    def _follow_alarm(self, alarm: Alarm) -> None:
        treatment = self._table.of(alarm)
        if alarm.flapping is not None:
            quiet_s = 0.0 if treatment.chatter is None else treatment.chatter.quiet_s
            self._look_again(alarm.flapping.at + timedelta(seconds=quiet_s), alarm.id)
        matters = treatment.remembered or alarm.parent or alarm.cause or treatment.compared(alarm)
        if not matters and alarm.id not in self._remembered:
            return
        if matters and alarm.kept:
            self._remembered.add(alarm.id)
        else:
            self._remembered.discard(alarm.id)
        self._around.follow(alarm, treatment)
        self._families.follow(alarm, treatment)
        if (treatment.enabled_when or treatment.context) and alarm.active:
            self._contextual.add(alarm.id)
            self._judged_between.add(alarm.id)
        elif alarm.id not in self._room.holds:
            self._contextual.discard(alarm.id)
        for identity in self._families.muted_by(alarm.id):
            child = self._room.alarms.get(identity)
            if child is None:
                continue
            if not alarm.active or alarm.aside is not None:
                release_s = self._families.release_s(self._table.of(child))
                self._release_at[identity] = alarm.changed_at + timedelta(seconds=release_s)
                self._look_again(self._release_at[identity], identity)
            elif child.severity < alarm.severity:
                self._look_again(alarm.changed_at, identity)

    def _follow_hold(self, hold: Hold) -> None:
        self._unfollow_hold(hold.id)
        if hold.into:
            self._merged.setdefault(hold.into, {})[hold.id] = None
            self._into[hold.id] = hold.into
        if hold.until is not None:
            self._look_again(hold.until, hold.id)
        if hold.alarm is not None and self._table.of(hold.alarm).enabled_when:
            self._contextual.add(hold.id)
            self._judged_between.add(hold.id)

    def _unfollow_hold(self, identity: str) -> None:
        into = self._into.pop(identity, None)
        if into is not None:
            self._merged[into].pop(identity)
            if not self._merged[into]:
                del self._merged[into]
        held = self._room.alarms.get(identity)
        if held is None or not held.active:
            self._contextual.discard(identity)


def _turned(alarm: Alarm, now: datetime) -> Alarm:
    """The alarm after its condition changed sides, counted while it flaps."""
    flapping = alarm.flapping
    if flapping is None:
        return alarm
    more = Flapping(since=flapping.since, transitions=flapping.transitions + 1, at=now)
    return msgspec.structs.replace(alarm, flapping=more)


def _calmed(alarm: Alarm, at: datetime | None = None) -> Alarm:
    """The alarm that no longer flaps."""
    if alarm.flapping is None:
        return alarm
    return msgspec.structs.replace(alarm, flapping=None, changed_at=at or alarm.changed_at)


def _as_told(alarm: Alarm) -> Alarm:
    """The alarm with the severity that its source gave it."""
    if alarm.told_severity is None:
        return alarm
    return msgspec.structs.replace(alarm, severity=alarm.told_severity, told_severity=None)


def _fresh(held: Alarm) -> Alarm:
    """What would raise this alarm again, with nothing of what happened to it."""
    return Alarm(
        id=held.id,
        source=held.source,
        key=held.key,
        severity=held.told_severity or held.severity,
        title=held.title,
        state=machine.AlarmState.UNACKNOWLEDGED,
        occurred_at=held.occurred_at,
        received_at=held.received_at,
        changed_at=held.changed_at,
        kind=held.kind,
        text=held.text,
        place=held.place,
        point=held.point,
        sensor=held.sensor,
        camera=held.camera,
        department=held.department,
    )
