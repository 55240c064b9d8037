"""The facts that a hub tells its seats: each carries the new state of one thing, whole."""

from msgspec import Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_hold import Hold
from controlroom.domain.annotation import Annotation
from controlroom.domain.asset import Asset
from controlroom.domain.camera import Camera
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.drill import Drill
from controlroom.domain.duty import Duty
from controlroom.domain.fence import Fence
from controlroom.domain.flood import Flood
from controlroom.domain.graphic import Graphic
from controlroom.domain.incident import Entry, Incident, Task
from controlroom.domain.limits_in_force import LimitsInForce
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.place import Point
from controlroom.domain.ptz import PresetPicture, PtzAct, PtzLease, PtzUnit
from controlroom.domain.ptz_rules import PtzRule
from controlroom.domain.published_answer import PublishedAnswer
from controlroom.domain.seating import AreaHandover, SeatPresence
from controlroom.domain.sensor import Sensor
from controlroom.domain.silence import Silence
from controlroom.domain.source import Source
from controlroom.domain.times import Instant
from controlroom.domain.tour import Tour
from controlroom.domain.value_snapshot import ValueSnapshot
from controlroom.domain.vehicle import Vehicle
from controlroom.domain.wall import Matrix, Wall
from controlroom.domain.wall_rules import WallRule

MAX_INDEX = 4_000_000
"""How many sensors or vehicles are numbered at the most."""


def _paired(indices: tuple[int, ...], things: tuple[object, ...]) -> None:
    if len(indices) != len(things) or any(not 0 <= index < MAX_INDEX for index in indices):
        raise ValueError(f"{len(indices)} indices for {len(things)} things, each below {MAX_INDEX}")


class AlarmChanged(Struct, frozen=True, gc=False, tag="alarm"):
    """An alarm was raised, repeated, acknowledged, cleared, set aside or brought back."""

    alarm: Alarm


class AlarmHeld(Struct, frozen=True, tag="alarm_held"):
    """What a source told is held back by a rule, or is so for another reason now."""

    hold: Hold


class HoldEnded(Struct, frozen=True, tag="hold_ended"):
    """A condition is no longer held back: it was raised or cleared, or is over."""

    alarm: str


class IncidentChanged(Struct, frozen=True, tag="incident"):
    """An incident was opened, changed or closed."""

    incident: Incident


class EntryAdded(Struct, frozen=True, tag="entry"):
    """A line was appended to an incident's timeline."""

    entry: Entry


class TaskChanged(Struct, frozen=True, tag="task"):
    """A task was assigned or its department answered."""

    task: Task


class SensorsDeclared(Struct, frozen=True, tag="sensors"):
    """Sensors joined or changed; `indices[i]` is the telemetry index of `sensors[i]`, stable for ever."""

    indices: tuple[int, ...]
    sensors: tuple[Sensor, ...]

    def __post_init__(self) -> None:
        """Raise ValueError when there is not one index for each."""
        _paired(self.indices, self.sensors)


class CamerasDeclared(Struct, frozen=True, tag="cameras"):
    """Cameras joined or changed, health included."""

    cameras: tuple[Camera, ...]


class PicturesLooked(Struct, frozen=True, tag="pictures_looked"):
    """Seats looked at pictures of cameras, whatever they found."""

    looks: tuple[PictureLook, ...]


class VehiclesDeclared(Struct, frozen=True, tag="vehicles"):
    """Vehicles joined or changed; `indices[i]` is the telemetry index of `vehicles[i]`."""

    indices: tuple[int, ...]
    vehicles: tuple[Vehicle, ...]

    def __post_init__(self) -> None:
        """Raise ValueError when there is not one index for each."""
        _paired(self.indices, self.vehicles)


class AssetsDeclared(Struct, frozen=True, tag="assets"):
    """Teams, hazard sources or spaces joined, changed or were removed."""

    assets: tuple[Asset, ...]


class AssetsMoved(Struct, frozen=True, tag="assets_moved"):
    """Teams are elsewhere: `ids[i]` was at `points[i]` at `seen_at[i]`."""

    ids: tuple[str, ...]
    points: tuple[Point, ...]
    seen_at: tuple[Instant, ...]

    def __post_init__(self) -> None:
        """Raise ValueError when there is not one place and time for each."""
        if not len(self.ids) == len(self.points) == len(self.seen_at):
            raise ValueError(f"{len(self.points)} places and {len(self.seen_at)} times of {len(self.ids)} assets")


class WallChanged(Struct, frozen=True, tag="wall"):
    """A wall shows something else."""

    wall: Wall


class MatrixChanged(Struct, frozen=True, tag="matrix"):
    """What a wall showed was saved under a name, or is saved no longer."""

    matrix: Matrix


class WallRuleChanged(Struct, frozen=True, tag="wall_rule"):
    """A rule by which a wall changes by itself was made, changed or removed."""

    rule: WallRule


class TourChanged(Struct, frozen=True, tag="tour"):
    """A guard tour was made, changed, paused, stepped or removed."""

    tour: Tour


class SourceChanged(Struct, frozen=True, tag="source"):
    """A source came, went silent or was refused."""

    source: Source


class DrillChanged(Struct, frozen=True, tag="drill"):
    """A playback started, stopped or changed its pace."""

    drill: Drill


class AnnotationChanged(Struct, frozen=True, tag="annotation"):
    """Somebody wrote on curves, changed it or took it away."""

    annotation: Annotation


class CameraGroupChanged(Struct, frozen=True, tag="camera_group"):
    """Somebody put cameras together, changed a group or took it away."""

    group: CameraGroup


class SilenceChanged(Struct, frozen=True, tag="silence"):
    """Alarms were silenced by a matcher, or a silence is over."""

    silence: Silence


class DutyChanged(Struct, frozen=True, tag="duty"):
    """Others are on duty in a role."""

    duty: Duty


class SeatChanged(Struct, frozen=True, tag="seat"):
    """A seat came, has another officer or view, or is gone."""

    seat: SeatPresence


class HandoverChanged(Struct, frozen=True, tag="handover"):
    """An area was offered to another seat, accepted there, or came back."""

    handover: AreaHandover


class FloodChanged(Struct, frozen=True, tag="flood"):
    """A flood of alarms began, goes on or is over."""

    flood: Flood


class ValueSnapshotChanged(Struct, frozen=True, tag="value_snapshot"):
    """Values of sensors were saved under a name, or the snapshot was changed or removed."""

    snapshot: ValueSnapshot


class FenceChanged(Struct, frozen=True, tag="fence"):
    """A fence was drawn, changed or removed."""

    fence: Fence


class LimitsInForceChanged(Struct, frozen=True, tag="limits_in_force"):
    """A context of the alarm rules put other limits in force, for other sensors, or has ended."""

    limits: LimitsInForce


class GraphicChanged(Struct, frozen=True, tag="graphic"):
    """Something was drawn for command, changed, archived with its incident, or removed."""

    graphic: Graphic


class PublishedAnswerChanged(Struct, frozen=True, tag="published_answer"):
    """A seat showed an answer of the map to all, or it was withdrawn."""

    answer: PublishedAnswer


class PtzUnitChanged(Struct, frozen=True, tag="ptz_unit"):
    """A camera's head looks elsewhere, can do something else, or cannot be reached."""

    unit: PtzUnit


class PtzLeaseChanged(Struct, frozen=True, tag="ptz_lease"):
    """A camera was taken to be moved, asked for, handed on or given back."""

    lease: PtzLease


class PtzActed(Struct, frozen=True, tag="ptz_act"):
    """Somebody, or a rule, moved a camera or changed its presets."""

    act: PtzAct


class PresetPictured(Struct, frozen=True, tag="preset_picture"):
    """What a preset looks at was kept, or forgotten."""

    picture: PresetPicture


class PtzRuleChanged(Struct, frozen=True, tag="ptz_rule"):
    """A rule by which cameras move by themselves was made, changed or removed."""

    rule: PtzRule


Event = (
    AlarmChanged
    | AlarmHeld
    | HoldEnded
    | IncidentChanged
    | EntryAdded
    | TaskChanged
    | SensorsDeclared
    | CamerasDeclared
    | VehiclesDeclared
    | WallChanged
    | SourceChanged
    | DrillChanged
    | AnnotationChanged
    | CameraGroupChanged
    | SilenceChanged
    | DutyChanged
    | SeatChanged
    | HandoverChanged
    | FloodChanged
    | FenceChanged
    | GraphicChanged
    | LimitsInForceChanged
    | PublishedAnswerChanged
    | ValueSnapshotChanged
    | MatrixChanged
    | WallRuleChanged
    | PtzUnitChanged
    | PtzLeaseChanged
    | PtzActed
    | PresetPictured
    | PtzRuleChanged
    | TourChanged
    | AssetsDeclared
    | AssetsMoved
    | PicturesLooked
)
