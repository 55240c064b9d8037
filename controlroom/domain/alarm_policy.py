"""The figures that the alarm desk works by; a district may set its own."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct


class AlarmPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`own_for_s`: after so long an officer's "I have it" ends; `notes_most`: so many notes an alarm takes."""

    own_for_s: Annotated[float, Meta(gt=0.0, le=1e6)] = 1800.0
    notes_most: Annotated[int, Meta(ge=1, le=1000)] = 100


DEFAULT_POLICY = AlarmPolicy()


def decode_policy(text: bytes) -> AlarmPolicy:
    """The figures of an `alarm_policy.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=AlarmPolicy)
