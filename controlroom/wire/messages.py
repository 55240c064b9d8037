"""The types of everything that crosses a socket; PROTOCOL.md and the JSON schema are made from these."""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.drill import Transport
from controlroom.domain.times import Instant
from controlroom.wire.alarms import AlarmCommand
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup, RemoveCameraGroup
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wire.graphics import GraphicCommand
from controlroom.wire.incidents import IncidentCommand
from controlroom.wire.past import PastAnswer, PastQuestion, Withdrawn
from controlroom.wire.pictures import ClaimPictures, PicturesClaimed, TellPicture
from controlroom.wire.ptz import PtzAnswer, PtzCommand, PtzQuestion
from controlroom.wire.records import AlarmRecord as AlarmRecord
from controlroom.wire.records import AssetsRecord as AssetsRecord
from controlroom.wire.records import CamerasRecord as CamerasRecord
from controlroom.wire.records import ClearRecord as ClearRecord
from controlroom.wire.records import ColumnsRecord as ColumnsRecord
from controlroom.wire.records import HealthRecord as HealthRecord
from controlroom.wire.records import MovesRecord as MovesRecord
from controlroom.wire.records import PlaybackRecord as PlaybackRecord
from controlroom.wire.records import Position as Position
from controlroom.wire.records import PositionsRecord as PositionsRecord
from controlroom.wire.records import ReadingsRecord as ReadingsRecord
from controlroom.wire.records import Record as Record
from controlroom.wire.records import RefusedRecord as RefusedRecord
from controlroom.wire.records import SensorsRecord as SensorsRecord
from controlroom.wire.records import StandingRecord as StandingRecord
from controlroom.wire.records import VehiclesRecord as VehiclesRecord
from controlroom.wire.seats import (
    AnswerHandover,
    EndHandover,
    HandOver,
    Present,
    Runs,
    RunsWanted,
    SeatLoad,
    SpanWanted,
)
from controlroom.wire.snapshots import ChangeSavedValues, RemoveSavedValues, SaveValues
from controlroom.wire.source_health import (
    RefusedMessages,
    RefusedWanted,
    SourcesNow,
    SourcesWanted,
    UnknownSensors,
    UnknownWanted,
)
from controlroom.wire.terms import MAX_BATCH as MAX_BATCH
from controlroom.wire.terms import AlarmId as AlarmId
from controlroom.wire.terms import Crs as Crs
from controlroom.wire.terms import Name as Name
from controlroom.wire.terms import Number, Short
from controlroom.wire.walls import WallCommand

VERSION = 1
"""The major version of the wire. A hub refuses a newer one in words."""

LIVE = "live"
DRILL_PREFIX = "drill/"

Realm = Annotated[str, Meta(pattern=r"^(live|drill/[a-z0-9-]{1,10})$")]


class Refusal(enum.StrEnum):
    """Why something was turned away; the list is closed."""

    MALFORMED = "malformed"
    NEWER_VERSION = "newer_version"
    WRONG_REALM = "wrong_realm"
    OUT_OF_ORDER = "out_of_order"
    CHANGED_MEANWHILE = "changed_meanwhile"
    UNKNOWN_OBJECT = "unknown_object"
    ALREADY_DONE = "already_done"
    REASON_REQUIRED = "reason_required"
    NOT_ALLOWED = "not_allowed"
    TOO_LARGE = "too_large"
    STORE_UNAVAILABLE = "store_unavailable"
    HISTORY_GONE = "history_gone"


# ---------------------------------------------------------------- what sources hand in


class Handover(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source hands to the hub's ingest socket in one frame, JSON or msgpack.

    `session` and `seq` make it exactly-once: within a session `seq` counts up by one, the hub drops what it has
    and names the number it expects after a gap. Without `seq` (0) the records are taken at least once.
    `records` are decoded one by one, so that a bad one does not take the others with it.
    """

    source: Name
    records: Annotated[list[msgspec.Raw], Meta(max_length=10_000)]
    v: int = VERSION
    realm: Realm = LIVE
    session: Short = ""
    seq: Annotated[int, Meta(ge=0)] = 0
    crs: Crs = "WGS-84"
    sent_at: Instant | None = None


class Refused(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why one record (or, with index -1, a whole message) was turned away."""

    code: Refusal
    text: str
    index: int = -1


class Acknowledgement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hub's answer to a handover, sent after the commit, in the encoding the handover had.

    `expected` is the sequence number that the hub wants next when the handover came out of order;
    `indices` are the telemetry indices of declared sensors or vehicles, in the order of the records.
    """

    seq: int
    accepted: int
    duplicate: bool = False
    expected: int = 0
    refused: tuple[Refused, ...] = ()
    indices: tuple[int, ...] = ()


# ---------------------------------------------------------------- what seats ask


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """Asks who the hub is and where its other sockets are."""


class SnapshotWanted(Struct, frozen=True, kw_only=True, tag="snapshot"):
    """Asks for the whole state; answered in parts."""


class ReplayWanted(Struct, frozen=True, kw_only=True, tag="replay"):
    """Asks for events `first` … `last`, both included; answered in parts of at most 5,000."""

    first: Number
    last: Number


class PastWanted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="past"):
    """Asks the journal for earlier events of a kind (`alarm`, `incident` …), newest first."""

    kind: Short
    subject: Short = ""
    before: Number = 0
    limit: Annotated[int, Meta(ge=1, le=5000)] = 500


class DigestWanted(Struct, frozen=True, kw_only=True, tag="digest"):
    """Asks for the hash of the hub's state and the sequence it holds for."""


# ---------------------------------------------------------------- what officers command


class SetDuty(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set_duty"):
    """Says who is on duty in a role from now on, until a time at most 7 days ahead or the end of the shift."""

    role: Name
    officers: Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=20)]
    until: Instant | None = None


class ShowOnWall(Struct, frozen=True, kw_only=True, tag="show_on_wall"):
    """Puts cameras on a named wall, row by row; an empty id leaves a tile empty."""

    wall: Name
    columns: Annotated[int, Meta(ge=1, le=8)]
    tiles: Annotated[list[Short], Meta(max_length=64)]


class Playback(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="playback_control"):
    """Plays, pauses or paces a drill's playback (drill hubs only)."""

    transport: Transport
    speed: Annotated[float, Meta(ge=0.1, le=32.0)] = 1.0


CommandBody = (
    AlarmCommand
    | SetDuty
    | IncidentCommand
    | ShowOnWall
    | HandOver
    | AnswerHandover
    | EndHandover
    | Playback
    | Annotate
    | ChangeAnnotation
    | RemoveAnnotation
    | MakeCameraGroup
    | ChangeCameraGroup
    | RemoveCameraGroup
    | SetFence
    | RemoveFence
    | TellPicture
    | SaveValues
    | ChangeSavedValues
    | RemoveSavedValues
    | WallCommand
    | GraphicCommand
    | PtzCommand
)


class Command(Struct, frozen=True, kw_only=True, tag="command"):
    """Something an officer wants done once: repeating `id` returns the first answer."""

    id: Name
    seat: Name
    officer: Name
    body: CommandBody


Question = (
    Hello
    | SnapshotWanted
    | ReplayWanted
    | PastQuestion
    | Withdrawn
    | PastWanted
    | SpanWanted
    | RunsWanted
    | Present
    | DigestWanted
    | SourcesWanted
    | RefusedWanted
    | UnknownWanted
    | PtzQuestion
    | ClaimPictures
    | Command
)


class Request(Struct, frozen=True, kw_only=True):
    """One frame to the hub's request socket."""

    id: int
    body: Question
    v: int = VERSION
    realm: Realm = LIVE


class Welcome(Struct, frozen=True, kw_only=True, tag="welcome"):
    """Who the hub is: ports on the host that was asked, and whether it runs without encryption off loopback."""

    realm: str
    epoch: str
    sequence: int
    events_port: int
    telemetry_port: int
    ingest_port: int
    version: str
    insecure: bool = False


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="part"):
    """A part of a snapshot or replay. `sequence` is the state's (snapshot) or the last event's in here (replay).

    `number` counts the parts of a snapshot from 0, so that one that was lost on the way is missed.
    """

    sequence: int
    events: tuple[msgspec.Raw, ...]
    last: bool
    number: int = 0


class Past(Struct, frozen=True, kw_only=True, tag="past"):
    """Earlier events, newest first, with their sequence numbers and times of commit (ms since 1970 UTC)."""

    sequences: tuple[int, ...]
    times: tuple[int, ...]
    events: tuple[msgspec.Raw, ...]


class Digest(Struct, frozen=True, kw_only=True, tag="digest"):
    """The hash of the hub's state at a sequence."""

    sequence: int
    digest: str


class Done(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="done"):
    """A command was carried out; `created` is the id of the incident, entry or task it made."""

    sequence: int
    created: str = ""


class Denied(Struct, frozen=True, kw_only=True, tag="denied"):
    """A request was refused."""

    code: Refusal
    text: str


Answer = (
    Welcome
    | Part
    | PastAnswer
    | Past
    | SeatLoad
    | Runs
    | PicturesClaimed
    | Digest
    | SourcesNow
    | RefusedMessages
    | UnknownSensors
    | PtzAnswer
    | Done
    | Denied
)


class Reply(Struct, frozen=True, kw_only=True):
    """One frame back from the hub's request socket."""

    id: int
    body: Answer
    realm: str = LIVE


class Heartbeat(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hub lives: `store` is ok, locked, full, failing, denied or corrupt, `refused` how much was turned away."""

    store: str = "ok"
    refused: int = 0
    insecure: bool = False
