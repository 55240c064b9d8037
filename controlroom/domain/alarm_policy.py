"""The figures that the alarm desk works by; a district may set its own."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct


class AlarmPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`own_for_s`: after so long an officer's "I have it" ends; `notes_most`: so many notes an alarm takes.

    `tags_most`: so many tags; `silences_most`: so many silences lie on the room at once; `remind_s`: waiting alarms are
    summed up aloud this often; `untaken_s`: after so long a standing alarm that nobody has is marked as such.
    """

    own_for_s: Annotated[float, Meta(gt=0.0, le=1e6)] = 1800.0
    notes_most: Annotated[int, Meta(ge=1, le=1000)] = 100
    tags_most: Annotated[int, Meta(ge=1, le=100)] = 12
    silences_most: Annotated[int, Meta(ge=1, le=10_000)] = 200
    remind_s: Annotated[float, Meta(gt=0.0, le=1e6)] = 900.0
    untaken_s: Annotated[float, Meta(gt=0.0, le=1e6)] = 600.0


DEFAULT_POLICY = AlarmPolicy()


def decode_policy(text: bytes) -> AlarmPolicy:
    """The figures of an `alarm_policy.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=AlarmPolicy)
