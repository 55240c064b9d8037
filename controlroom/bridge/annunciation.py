"""When alarms are heard: a pure state machine, asked with the time and answering with what to sound.

Two promises: silence is never an acknowledgement, and every alarm that begins to wait, and goes on waiting, is either
announced itself or counted in the summary of an announcement.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.severity import Severity

_BEST = max(Severity)


class AnnunciationSettings(Struct, frozen=True, kw_only=True):
    """`gap_s`: announcements are at least this far apart, so that a burst becomes one with a summary.

    `repeat_s`: how often a waiting alarm is sounded again, by severity; a severity without one sounds once.
    `remind_s`: how often what waits is summed up again while anything does.
    """

    gap_s: float = 4.0
    repeat_s: tuple[tuple[Severity, float], ...] = ((Severity.RED, 12.0), (Severity.ORANGE, 30.0))
    remind_s: float = 900.0


class Standing(Struct, frozen=True, kw_only=True):
    """A sum of all that waits: how many of each severity, worst first, and the one that waits longest.

    `reminder` is False for what stood already when the seat began.
    """

    counts: tuple[tuple[Severity, int], ...]
    oldest: Alarm
    reminder: bool

    @property
    def total(self) -> int:
        """How many wait."""
        return sum(count for _severity, count in self.counts)


class Announcement(Struct, frozen=True, kw_only=True):
    """What is to be heard: the tone of a severity, and for a new alarm its words.

    `alarm` is None for a sum of what stands and for the repetition of a tone; `others` counts further alarms that
    began to wait with it, and `counted` are their ids.
    """

    severity: Severity
    alarm: Alarm | None = None
    standing: Standing | None = None
    counted: tuple[str, ...] = ()

    @property
    def others(self) -> int:
        """How many further alarms this announcement stands for."""
        return len(self.counted)


def _everything(_alarm: Alarm) -> bool:
    return True


class Annunciation:
    """Holds what waits and is heard here, and what was not announced yet. Times are monotonic seconds.

    One thread owns it.
    """

    def __init__(self, settings: AnnunciationSettings | None = None) -> None:
        self._heard: Callable[[Alarm], bool] = _everything
        self._calls: Callable[[Alarm], bool] | None = None
        self._begun = False
        self._sum_up = False
        self._reminded_s: float | None = None
        self._settings = settings or AnnunciationSettings()
        self._repeat_s = dict(self._settings.repeat_s)
        self._waiting: dict[str, Alarm] = {}
        self._pending: dict[str, Alarm] = {}
        self._sounded_s: float | None = None
        self._silent_until_s: float | None = None
        self._silenced_at = _BEST + 1

    # ---------------------------------------------------------------- what happens

    def reset(self, alarms: Iterable[Alarm], now_s: float) -> None:
        """The whole list came anew (start, reconnection): what began to wait meanwhile is announced."""
        told = {alarm.id: alarm for alarm in alarms}
        for key in [key for key in self._waiting if key not in told]:
            self._forget(key)
        self._take(told.values(), now_s)
        if not self._begun:
            self._begun = True
            self._sum_up = bool(self._pending)

    def hear(
        self,
        heard: Callable[[Alarm], bool],
        alarms: Iterable[Alarm],
        now_s: float,
        calls: Callable[[Alarm], bool] | None = None,
    ) -> None:
        """Hear other alarms from now on; those of `alarms`, the whole list, that are heard anew are announced.

        An alarm for which `calls` is true was brought to this seat: it is announced again with each step.
        """
        self._heard = heard
        self._calls = calls
        if self._begun:
            self.reset(alarms, now_s)

    def change(self, alarms: Iterable[Alarm], now_s: float) -> None:
        """Take in new states of alarms."""
        self._begun = True
        self._take(alarms, now_s)

    def _take(self, alarms: Iterable[Alarm], now_s: float) -> None:
        for alarm in alarms:
            if not alarm.waiting or not self._heard(alarm):
                self._forget(alarm.id)
                continue
            held = self._waiting.get(alarm.id)
            if not self._waiting:
                self._reminded_s = now_s
            self._waiting[alarm.id] = alarm
            returned = held is not None and held.state is AlarmState.RETURNED and alarm.active
            brought = held is not None and alarm.escalation not in (None, held.escalation)
            called = brought and self._calls is not None and self._calls(alarm)
            if held is None or alarm.severity < held.severity or returned or called or alarm.id in self._pending:
                self._pending[alarm.id] = alarm
                if self.silent(now_s) and alarm.severity < self._silenced_at:
                    self._silent_until_s = None

    def silence(self, minutes: float, now_s: float) -> None:
        """Be silent for some minutes, or until an alarm comes that is worse than all that wait now."""
        self._silent_until_s = now_s + minutes * 60
        self._silenced_at = min((alarm.severity for alarm in self._waiting.values()), default=_BEST + 1)

    def end_silence(self) -> None:
        """Be heard again."""
        self._silent_until_s = None

    def due(self, now_s: float) -> Announcement | None:
        """What is to be sounded now, or None. It counts as sounded: ask once."""
        if self.silent(now_s):
            return None
        if self._sounded_s is not None and now_s - self._sounded_s < self._settings.gap_s:
            return None
        if self._pending and self._sum_up:
            self._sum_up = False
            return self._summed_up(now_s, reminder=False)
        if self._pending:
            first = min(self._pending.values(), key=lambda alarm: (alarm.severity, -alarm.occurred_at.timestamp()))
            counted = tuple(key for key in self._pending if key != first.id)
            self._pending.clear()
            self._sounded_s = now_s
            return Announcement(severity=first.severity, alarm=first, counted=counted)
        if self._waiting and self._reminded_s is not None and now_s - self._reminded_s >= self._settings.remind_s:
            return self._summed_up(now_s, reminder=True)
        worst = self.worst()
        interval_s = None if worst is None else self._repeat_s.get(worst)
        if worst is None or interval_s is None:
            return None
        if self._sounded_s is None or now_s - self._sounded_s >= interval_s:
            self._sounded_s = now_s
            return Announcement(severity=worst)
        return None

    def _summed_up(self, now_s: float, reminder: bool) -> Announcement:
        self._sounded_s = self._reminded_s = now_s
        waiting = self._waiting.values()
        counts = tuple((s, n) for s in Severity if (n := sum(1 for alarm in waiting if alarm.severity is s)))
        oldest = min(waiting, key=lambda alarm: (alarm.received_at, alarm.id))
        counted = tuple(self._pending)
        self._pending.clear()
        standing = Standing(counts=counts, oldest=oldest, reminder=reminder)
        return Announcement(severity=counts[0][0], standing=standing, counted=counted)

    # ---------------------------------------------------------------- what is

    def silent(self, now_s: float) -> bool:
        """Whether nothing is sounded because an officer asked for it."""
        if self._silent_until_s is not None and now_s >= self._silent_until_s:
            self._silent_until_s = None
        return self._silent_until_s is not None

    def silent_for_s(self, now_s: float) -> float:
        """Seconds until the silence ends by itself; 0 when there is none."""
        return self._silent_until_s - now_s if self.silent(now_s) and self._silent_until_s is not None else 0.0

    def worst(self) -> Severity | None:
        """The worst severity that waits."""
        return min((alarm.severity for alarm in self._waiting.values()), default=None)

    @property
    def waiting(self) -> frozenset[str]:
        """The ids of the alarms that wait for an officer of this seat, silence or not."""
        return frozenset(self._waiting)

    @property
    def pending(self) -> frozenset[str]:
        """The ids of those that wait and were neither announced nor counted yet."""
        return frozenset(self._pending)

    def _forget(self, key: str) -> None:
        self._waiting.pop(key, None)
        self._pending.pop(key, None)
