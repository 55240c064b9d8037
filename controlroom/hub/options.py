"""How a hub is run, and what may listen to everything that passes through it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from controlroom.district_data import OURS, DistrictData
from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.alarm_rules import NO_RULES, AlarmRules
from controlroom.domain.events import Event
from controlroom.hub.archive import Keeping
from controlroom.wire.messages import LIVE, Command, Handover, Record
from controlroom.wire.sockets import DEFAULT_PORTS, Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOptions:
    """How a hub is run. `keys` is a folder as `wire.keys` describes it, needed to listen beyond this machine."""

    store: Path
    host: str = "127.0.0.1"
    ports: Ports = DEFAULT_PORTS
    realm: str = LIVE
    keys: Path | None = None
    insecure: bool = False
    watch: bool = False
    """Whether the district's plans put officers on duty and bring alarms to them that nobody takes."""
    rules: AlarmRules = NO_RULES
    """How alarms are conditioned and grouped; without them every alarm is what its source tells."""
    district: DistrictData = OURS
    """The tables by which sensors are judged and officers are called."""
    history: Keeping | None = None
    """Where readings are kept; without it the newest are held in memory, as in a drill."""
    bands: AlarmBands | None = None
    """Against what the load of alarms is measured; without them floods are not told."""


class Recorder(Protocol):
    """What keeps a recording of all that passes; it must not block."""

    def opened(self, at_ms: int, sequence: int, state: Sequence[Event]) -> None:
        """The hub starts with this state. May raise EnvironmentFault."""

    def event(self, at_ms: int, sequence: int, event: Event) -> None:
        """The hub folded this event."""

    def handover(self, at_ms: int, handover: Handover, records: list[Record]) -> None:
        """A source handed these records in and they were taken."""

    def command(self, at_ms: int, command: Command) -> None:
        """An officer's command was carried out."""

    def close(self) -> None:
        """The hub ends."""
