"""What one line of a recording holds."""

import enum

import msgspec
from msgspec import Struct

from controlroom.domain.events import SensorsDeclared
from controlroom.wire.messages import Command, Crs, Record


class Channel(enum.IntEnum):
    """What kind of thing passed."""

    RECORD = 1
    """A record of a source that the hub journals: alarms, declarations, health."""
    TELEMETRY = 2
    """Readings or positions."""
    COMMAND = 3
    """What an officer commanded; kept for the report, never played."""
    INDICES = 4
    """Sensors with the telemetry indices that the hub gave them."""


class Entry(Struct, frozen=True, array_like=True):
    """One thing that passed the hub at `t_ms` (the hub's time, ms since 1970 UTC); `body` is msgpack."""

    t_ms: int
    channel: Channel
    source: str
    crs: Crs
    body: bytes


_encode = msgspec.msgpack.Encoder().encode
_record = msgspec.msgpack.Decoder(Record)
_command = msgspec.msgpack.Decoder(Command)
_indices = msgspec.msgpack.Decoder(SensorsDeclared)
_entries = msgspec.msgpack.Decoder(list[Entry])


def entry(t_ms: int, channel: Channel, body: object, source: str = "", crs: Crs = "WGS-84") -> Entry:
    """An entry with its body encoded."""
    return Entry(t_ms, channel, source, crs, _encode(body))


def record_of(line: Entry) -> Record:
    """The record of a RECORD or TELEMETRY entry. Raises msgspec.DecodeError or ValidationError."""
    record: Record = _record.decode(line.body)
    return record


def command_of(line: Entry) -> Command:
    """The command of a COMMAND entry. Raises msgspec.DecodeError or ValidationError."""
    return _command.decode(line.body)


def indices_of(line: Entry) -> SensorsDeclared:
    """The declaration of an INDICES entry. Raises msgspec.DecodeError or ValidationError."""
    return _indices.decode(line.body)


def encode_entries(entries: list[Entry]) -> bytes:
    """A chunk."""
    return _encode(entries)


def decode_entries(body: bytes) -> list[Entry]:
    """The entries of a chunk. Raises msgspec.DecodeError or ValidationError."""
    return _entries.decode(body)
