"""Devices that send readings although nobody declared them: counted and listed, so that somebody can."""

from dataclasses import dataclass
from datetime import datetime

from controlroom.hub.core import Core
from controlroom.wire.source_health import UnknownSensor, UnknownSensors

MOST = 10_000
"""So many are told apart; the one that was heard of longest ago makes room."""

LISTED = 1000


@dataclass(slots=True)
class _Unknown:
    source: str
    count: int
    first_at: datetime
    last_at: datetime


class UnknownDevices:
    """Who they are since the hub began. One thread owns an instance."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._held: dict[str, _Unknown] = {}

    def note(self, source: str, ids: tuple[str, ...], now: datetime) -> None:
        """A record of a source named these sensors, which nobody declared."""
        for identity in ids:
            held = self._held.pop(identity, None) or _Unknown(source, 0, now, now)
            held.source, held.count, held.last_at = source, held.count + 1, now
            self._held[identity] = held
        while len(self._held) > MOST:
            del self._held[next(iter(self._held))]

    def listed(self) -> UnknownSensors:
        """Those that are still not declared, the newest first."""
        declared = self._core.room.sensors
        for identity in [identity for identity in self._held if identity in declared]:
            del self._held[identity]
        newest = list(reversed(self._held.items()))[:LISTED]
        return UnknownSensors(
            total=len(self._held),
            sensors=tuple(
                UnknownSensor(id=i, source=u.source, count=u.count, first_at=u.first_at, last_at=u.last_at)
                for i, u in newest
            ),
        )
