"""The types of everything that crosses a socket; PROTOCOL.md and the JSON schema are made from these."""

import enum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.drill import Transport
from controlroom.domain.incident import TaskStatus
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher
from controlroom.domain.times import Instant
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup, RemoveCameraGroup
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wire.graphics import GraphicCommand
from controlroom.wire.past import PastAnswer, PastQuestion, Withdrawn
from controlroom.wire.pictures import TellPicture
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
from controlroom.wire.terms import Number, Short, Text
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


class SetDuty(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set_duty"):
    """Says who is on duty in a role from now on, until a time at most 7 days ahead or the end of the shift."""

    role: Name
    officers: Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=20)]
    until: Instant | None = None


class OpenIncident(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="open_incident"):
    """Opens an incident, from alarms or from nothing."""

    title: Annotated[str, Meta(min_length=1, max_length=400)]
    grade: Severity
    alarms: Annotated[list[AlarmId], Meta(max_length=1000)] = []
    place: Short = ""
    point: Point | None = None
    text: Text = ""


class AddNote(Struct, frozen=True, kw_only=True, tag="note"):
    """Appends a line to an incident's timeline."""

    incident: Name
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class AssignTask(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="assign_task"):
    """Asks a department to do something for an incident."""

    incident: Name
    department: Name
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    due_at: Instant | None = None


class AnswerTask(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="answer_task"):
    """Tells what became of a task."""

    task: Name
    status: TaskStatus
    text: Text = ""


class CloseIncident(Struct, frozen=True, kw_only=True, tag="close_incident"):
    """Closes an incident; the reason may not be empty."""

    incident: Name
    reason: Text


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
    | SetDuty
    | OpenIncident
    | AddNote
    | AssignTask
    | AnswerTask
    | CloseIncident
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
