"""Which alarms a seat hears: those of its own severities, departments and areas that nobody silenced."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Silence, silencing


class SeatFilter(Struct, frozen=True, kw_only=True):
    """What a seat is there for; an empty part means all. `areas` are looked for in the place of an alarm.

    An alarm that names no department, or no place, is nobody's in particular and is heard at every seat.
    """

    severities: frozenset[Severity] = frozenset()
    departments: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether every alarm passes."""
        return not (self.severities or self.departments or self.areas)

    def passes(self, alarm: Alarm) -> bool:
        """Whether an alarm is for this seat."""
        return (
            (not self.severities or alarm.severity in self.severities)
            and (not self.departments or not alarm.department or alarm.department in self.departments)
            and (not self.areas or not alarm.place or any(area in alarm.place for area in self.areas))
        )


def _nobody(_alarm: Alarm) -> bool:
    return False


class Hearing:
    """Asks the seat's filter and the silences in force of every alarm.

    `calls` tells which alarms were brought to this seat by name: they are heard whatever the seat is there for.
    """

    def __init__(
        self,
        wanted: SeatFilter,
        silences: Iterable[Silence] = (),
        mine: Callable[[Alarm], bool] | None = None,
        calls: Callable[[Alarm], bool] = _nobody,
    ) -> None:
        """`mine` judges in place of the filter where areas can be handed to other seats."""
        self.calls = calls
        self._mine = mine or wanted.passes
        self._silences = tuple(silences)

    def hears(self, alarm: Alarm) -> bool:
        """Whether an alarm is to be heard at this seat."""
        if self._silences and silencing(self._silences, alarm) is not None:
            return False
        return self._mine(alarm) or self.calls(alarm)


def parse_filter(severities: str, departments: str, areas: str) -> SeatFilter:
    """The filter that a settings file holds as lists with commas; what is no severity is left out."""
    known = {str(int(severity)): severity for severity in Severity}
    return SeatFilter(
        severities=frozenset(known[word] for word in words(severities) if word in known),
        departments=frozenset(words(departments)),
        areas=words(areas),
    )


def words(text: str) -> tuple[str, ...]:
    """The parts of a list with commas of either script, without empty ones."""
    parts = text.replace("\uff0c", ",").replace("\u3001", ",").split(",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
