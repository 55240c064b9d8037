"""Encoders and decoders of the messages, made once; decoding is where everything is checked."""

from typing import Any

import msgspec

from controlroom.domain.events import Event
from controlroom.wire.messages import Acknowledgement, Command, Handover, Heartbeat, Record, Reply, Request

encode = msgspec.msgpack.Encoder().encode
"""Any message as msgpack."""

encode_json = msgspec.json.Encoder().encode
"""Any message as JSON."""

request = msgspec.msgpack.Decoder(Request).decode
reply = msgspec.msgpack.Decoder(Reply).decode
event = msgspec.msgpack.Decoder(Event).decode
heartbeat = msgspec.msgpack.Decoder(Heartbeat).decode
command = msgspec.msgpack.Decoder(Command).decode
record = msgspec.msgpack.Decoder(Record).decode
"""One record of a handover that came as msgpack. Raises one of MALFORMED."""
record_json = msgspec.json.Decoder(Record).decode
"""One record of a handover that came as JSON. Raises one of MALFORMED."""
raw_list = msgspec.msgpack.Decoder(tuple[msgspec.Raw, ...]).decode

_handover = msgspec.msgpack.Decoder(Handover).decode
_handover_json = msgspec.json.Decoder(Handover).decode
_acknowledgement = msgspec.msgpack.Decoder(Acknowledgement).decode
_acknowledgement_json = msgspec.json.Decoder(Acknowledgement).decode
_any = msgspec.msgpack.Decoder().decode
_any_json = msgspec.json.Decoder().decode

# RecursionError is what a bomb of nested arrays ends in; UnicodeDecodeError a broken string inside a valid frame.
MALFORMED = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError, ValueError)
"""What decoding of bytes from outside may raise."""


def is_json(frame: bytes) -> bool:
    """Whether a handover came as JSON: an object begins with a brace, which no msgpack map does."""
    return frame[:1] in (b"{", b" ", b"\n", b"\r", b"\t")


def handover(frame: bytes) -> Handover:
    """A handover, JSON or msgpack. Raises one of MALFORMED."""
    return _handover_json(frame) if is_json(frame) else _handover(frame)


def acknowledgement(frame: bytes) -> Acknowledgement:
    """An acknowledgement, JSON or msgpack. Raises one of MALFORMED."""
    return _acknowledgement_json(frame) if is_json(frame) else _acknowledgement(frame)


def loose(frame: bytes) -> Any:
    """Whatever the frame holds, unchecked, to find out who sent a malformed one. Raises one of MALFORMED."""
    return _any_json(frame) if is_json(frame) else _any(frame)
