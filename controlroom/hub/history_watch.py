"""What keeps readings from the disk, told as alarms of the hub's own; alarms themselves go on meanwhile."""

from datetime import datetime

from controlroom.domain.alarm import AlarmState
from controlroom.domain.events import Event
from controlroom.domain.severity import Severity
from controlroom.hub.core import Core
from controlroom.i18n import _, _n
from controlroom.wire.messages import AlarmRecord, ClearRecord

SOURCE = "hub"
KEPT = "history/kept"
DAMAGED = "history/damaged"


class HistoryWatch:
    """Raises an alarm while readings cannot be kept and ends it when they are; one for each part found damaged."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._condition = "ok"
        self._damaged = 0

    def look(self, condition: str, dropped: int, damaged: int, now: datetime) -> list[Event]:
        """What has changed since the last look, folded; call about once a second."""
        events: list[Event] = []
        if condition != "ok" and condition != self._condition:
            events += self._raise(KEPT, _titles()[condition], _advice(dropped), now)
        elif condition == "ok" and self._stands(KEPT):
            # Also one that an earlier run left: this one keeps what it is given.
            events += self._core.record(SOURCE, ClearRecord(key=KEPT, occurred_at=now), "WGS-84", now)
        if damaged > self._damaged:
            more = damaged - self._damaged
            text = _n("{count} part was passed over", "{count} parts were passed over", more).format(count=more)
            advice = _("Damaged files are kept aside in the folder of the history; have the disk checked.")
            events += self._raise(DAMAGED, _("A part of the history of readings is damaged"), f"{text}. {advice}", now)
            # It has happened and is over: the alarm waits for an officer, and goes once it was seen.
            events += self._core.record(SOURCE, ClearRecord(key=DAMAGED, occurred_at=now), "WGS-84", now)
        self._condition, self._damaged = condition, damaged
        return events

    def _raise(self, key: str, title: str, text: str, now: datetime) -> list[Event]:
        record = AlarmRecord(key=key, severity=Severity.ORANGE, title=title, text=text, occurred_at=now)
        return self._core.record(SOURCE, record, "WGS-84", now)

    def _stands(self, key: str) -> bool:
        alarm = self._core.room.alarms.get(f"{SOURCE}/{key}")
        return alarm is not None and alarm.state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)


def _titles() -> dict[str, str]:
    return {
        "full": _("Readings are not kept: the disk of the history is full"),
        "locked": _("Readings are not kept: another program holds the history"),
        "denied": _("Readings are not kept: the folder of the history cannot be written"),
        "failing": _("Readings are not kept: the disk of the history fails"),
        "corrupt": _("Readings are not kept: the history is damaged"),
    }


def _advice(dropped: int) -> str:
    lost = _n("{count} reading was lost", "{count} readings were lost", dropped).format(count=dropped)
    advice = _("Free some space or mend the disk; the newest readings wait in memory, alarms and live values go on.")
    return f"{advice} {lost}." if dropped else advice
