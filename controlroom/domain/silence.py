"""Silences: alarms that match go on being listed, but make no sound and call nobody, until a time."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant

Wanted = Annotated[str, Meta(max_length=400)]


class Matcher(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which alarms are meant: every part that is given must fit, an empty one fits all.

    Source, kind and department are compared whole; `place` and `text` (in title and text) are looked for as a part,
    whatever the case; `severities` are any of these.
    """

    source: Wanted = ""
    kind: Wanted = ""
    place: Wanted = ""
    department: Wanted = ""
    text: Wanted = ""
    severities: Annotated[tuple[Severity, ...], Meta(max_length=4)] = ()

    @property
    def everything(self) -> bool:
        """Whether it would match every alarm there is."""
        texts = (self.source, self.kind, self.place, self.department, self.text)
        return not any(part.strip() for part in texts) and (not self.severities or len(set(self.severities)) == 4)

    def matches(self, alarm: Alarm) -> bool:
        """Whether an alarm is meant."""
        return (
            (not self.source or alarm.source == self.source)
            and (not self.kind or alarm.kind == self.kind)
            and (not self.department or alarm.department == self.department)
            and (not self.severities or alarm.severity in self.severities)
            and (not self.place or self.place.casefold() in alarm.place.casefold())
            and (not self.text or self.text.casefold() in f"{alarm.title}\n{alarm.text}".casefold())
        )


class Silence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who silenced which alarms, since when, until when and why; with `ended_at` it is over.

    `ended_by` is empty when its time was over.
    """

    id: str
    matcher: Matcher
    by: str
    seat: str
    at: Instant
    until: Instant
    reason: str
    ended_at: Instant | None = None
    ended_by: str = ""


def silencing(silences: Iterable[Silence], alarm: Alarm) -> Silence | None:
    """The silence that lies on an alarm, the one that lasts longest; None when it is heard."""
    fitting = [silence for silence in silences if silence.matcher.matches(alarm)]
    return max(fitting, key=lambda silence: silence.until) if fitting else None
