"""Who sent a message that cannot be taken: what can still be read of it, whatever shape it has."""

import re
from typing import Any

import msgspec

from controlroom.wire import codec
from controlroom.wire.messages import VERSION

_HEAD_BYTES = 2000
_SOURCE_JSON = re.compile(rb'"source"\s*:\s*"([^"\\]{1,200})"')
_SOURCE_MSGPACK = b"\xa6source"


class _Loose(msgspec.Struct):
    source: Any = None
    session: Any = None
    seq: Any = None
    v: Any = None


_loose = msgspec.msgpack.Decoder(_Loose).decode
_loose_json = msgspec.json.Decoder(_Loose).decode


class Envelope(msgspec.Struct, frozen=True):
    """Who sent a message and which of his it is; `source` is "?", `number` 0 and `version` ours where unreadable."""

    source: str = "?"
    session: str = ""
    number: int = 0
    version: int = VERSION


def read(frame: bytes, json: bool) -> Envelope:
    """What can be read of a message. Of one that was cut off it is the source at the most. Never raises."""
    try:
        loose = _loose_json(frame) if json else _loose(frame)
    except codec.MALFORMED:
        return Envelope(_searched(frame[:_HEAD_BYTES], json) or "?")
    return Envelope(
        loose.source[:200] if isinstance(loose.source, str) and loose.source else "?",
        loose.session if isinstance(loose.session, str) else "",
        loose.seq if type(loose.seq) is int and 0 <= loose.seq < 2**63 else 0,
        loose.v if type(loose.v) is int else VERSION,
    )


def _searched(head: bytes, json: bool) -> str:
    """The source's name in a piece of a message, or nothing."""
    if json:
        found = _SOURCE_JSON.search(head)
        return found[1].decode("utf-8", "replace") if found else ""
    _before, key, rest = head.partition(_SOURCE_MSGPACK)
    if not key or not rest:
        return ""
    if 0xA1 <= rest[0] <= 0xBF:
        begin, length = 1, rest[0] & 0x1F
    elif rest[0] == 0xD9 and len(rest) > 1:
        begin, length = 2, min(rest[1], 200)
    else:
        return ""
    return rest[begin : begin + length].decode("utf-8", "replace")
