"""What officers say of alarms: taken note of, kept aside, owned, written on, silenced."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from controlroom.domain.silence import Matcher
from controlroom.domain.times import Instant
from controlroom.wire.terms import AlarmId, Name

Reason = Annotated[str, Meta(max_length=400)]
Alarms = Annotated[list[AlarmId], Meta(min_length=1, max_length=10_000)]


class Acknowledge(Struct, frozen=True, kw_only=True, tag="acknowledge"):
    """Takes note of alarms and of those that they mute. What was acknowledged already is left as it is."""

    alarms: Alarms


class Unacknowledge(Struct, frozen=True, kw_only=True, tag="unacknowledge"):
    """Takes the acknowledgement of alarms back: those that stand wait again."""

    alarms: Alarms


class ResetAlarms(Struct, frozen=True, kw_only=True, tag="reset_alarms"):
    """Resets latched alarms: their condition is over and they were acknowledged. Others are left as they are."""

    alarms: Alarms


class Shelve(Struct, frozen=True, kw_only=True, tag="shelve"):
    """Keeps alarms from calling until a time at most 30 days ahead; the reason may not be empty.

    One that is shelved already takes the new end and reason. An alarm told worse than it was comes back at once.
    """

    alarms: Alarms
    until: Instant
    reason: Reason


class Unshelve(Struct, frozen=True, kw_only=True, tag="unshelve"):
    """Brings shelved alarms back before their time."""

    alarms: Alarms


class Suppress(Struct, frozen=True, kw_only=True, tag="suppress"):
    """Suppresses alarms by design or takes them out of service, without an end; the reason may not be empty."""

    alarms: Alarms
    how: Literal["suppressed", "out_of_service"]
    reason: Reason


class ReturnToService(Struct, frozen=True, kw_only=True, tag="return_to_service"):
    """Brings suppressed alarms and those out of service back."""

    alarms: Alarms


class TakeAlarms(Struct, frozen=True, kw_only=True, tag="take_alarms"):
    """Says "I have it": the officer at this seat owns the alarms for a while, whoever owned them before."""

    alarms: Alarms


class ReleaseAlarms(Struct, frozen=True, kw_only=True, tag="release_alarms"):
    """Gives alarms back: nobody owns them."""

    alarms: Alarms


class NoteAlarm(Struct, frozen=True, kw_only=True, tag="note_alarm"):
    """Appends a note to an alarm."""

    alarm: AlarmId
    text: Annotated[str, Meta(min_length=1, max_length=1000)]


Tag = Annotated[str, Meta(min_length=1, max_length=40)]


class TagAlarms(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="tag_alarms"):
    """Puts tags on alarms and takes others off; what they have or lack already is left as it is."""

    alarms: Alarms
    add: Annotated[list[Tag], Meta(max_length=20)] = []
    remove: Annotated[list[Tag], Meta(max_length=20)] = []


class SilenceMatching(Struct, frozen=True, kw_only=True, tag="silence_matching"):
    """Silences what matches, now and later, until a time at most 30 days ahead; the reason may not be empty.

    The alarms go on being listed. A matcher that would match everything is refused.
    """

    matcher: Matcher
    until: Instant
    reason: Reason


class EndSilence(Struct, frozen=True, kw_only=True, tag="end_silence"):
    """Ends a silence before its time."""

    silence: Name


AlarmCommand = (
    Acknowledge
    | Unacknowledge
    | ResetAlarms
    | Shelve
    | Unshelve
    | Suppress
    | ReturnToService
    | TakeAlarms
    | ReleaseAlarms
    | NoteAlarm
    | TagAlarms
    | SilenceMatching
    | EndSilence
)
