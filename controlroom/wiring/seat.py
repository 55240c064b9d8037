"""What a seat holds and every panel is connected to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from PySide6.QtCore import QObject, Signal

from controlroom.bridge.base_maps import BaseMaps
from controlroom.bridge.camera_directory import CameraDirectory
from controlroom.bridge.commands import Commands
from controlroom.bridge.governor import Governor
from controlroom.bridge.graphic_table import GraphicTable
from controlroom.bridge.layer_features import LayerFeatures
from controlroom.bridge.models.incident_model import proposed
from controlroom.bridge.names import Names
from controlroom.bridge.officer import OfficerCommands
from controlroom.bridge.past_room import PastRoom
from controlroom.bridge.places import Places
from controlroom.bridge.pump import Pump
from controlroom.bridge.room_time import RoomTime
from controlroom.bridge.selection import Selection
from controlroom.bridge.tasks import Tasks
from controlroom.bridge.trail_keeper import TrailKeeper
from controlroom.clock import Clock
from controlroom.district_data import OURS, DistrictData
from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_policy import DEFAULT_POLICY, AlarmPolicy
from controlroom.domain.duty import DutyPlan
from controlroom.domain.graphic_symbols import decode_symbols
from controlroom.domain.guidance import Guidance
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits_in_force import RoomLimits
from controlroom.domain.wall import WallScreen
from controlroom.mapping.layers import LayerPoint, LayerSpec
from controlroom.seat.status import LinkState
from controlroom.video.fleet import Fleet
from controlroom.wire.messages import CommandBody
from resources import path
from widgets.palette import Item
from widgets.plot_cursor import PlotCursor
from widgets.plot_scheduler import PlotScheduler

ZONE = ZoneInfo("Asia/Shanghai")
"""The district's time, in which everything is shown."""

DEPARTMENTS = (
    "区应急局",
    "区城市管理委",
    "区水务局",
    "区生态环境局",
    "区公安分局",
    "区交通局",
    "区卫生健康委",
    "区城市管理指挥中心",
    "区园林绿化局",
    "区民政局",
    "区农业农村局",
    "市规自委大兴分局",
)
"""Whom tasks are given to; the names are data of the district (its action plan of 2021 names them)."""


class Requests(QObject):
    """What one panel asks of others, whichever windows they are in."""

    map_wanted = Signal(str, str)
    """kind, id: show it on the map."""
    cameras_wanted = Signal(list)
    """list[str]: show these cameras on the wall."""
    sight_wanted = Signal(object)
    """A Sight: list the cameras that can see it."""
    sight_on_wall_wanted = Signal(object)
    """A Sight: put the cameras that can see it best on the wall."""
    told = Signal(str)
    """A sentence for the officer."""
    plot_wanted = Signal(str)
    """The id of a sensor to draw."""
    alarm_then_wanted = Signal(object)
    """An Alarm as it was once, to be shown so; None where the chosen one is wanted again."""
    chart_wanted = Signal(str, list)
    """Which chart, and the ids of the sensors to show in it."""
    corroboration_wanted = Signal(str)
    """The id of a sensor to corroborate."""
    officer_changed = Signal()
    """Another officer, or the same in another role, sits here."""
    suppressions_wanted = Signal()
    """Show all that keeps alarms from calling."""
    silence_wanted = Signal(object)
    """An Alarm whose like are to be silenced, or None."""
    layer_changed = Signal(str)
    """A department's map layer has new points."""
    map_opened = Signal(object)
    """A MapView of this seat was built."""
    layer_removed = Signal(str)
    """A layer of the map is no longer wanted."""
    plotting_wanted = Signal(str)
    """The id of an incident whose plotting is to be worked on."""
    question_wanted = Signal(float, float)
    """lon, lat: what the map knows of this place is to be asked."""
    measure_wanted = Signal(float, float)
    """lon, lat: a length or an area is to be measured from here."""
    map_menu_filled = Signal(object, float, float, str, str)
    """QMenu, lon, lat, kind, id: the menu of a place on a map is about to open; who knows more of it adds to it."""
    fence_wanted = Signal(str)
    """The id of a fence that is to be shown on the board of fences."""
    feature_menu_filled = Signal(object, object)
    """QMenu, FeatureZone: the menu of a thematic feature is about to open; who knows more of it adds to it."""
    place_wanted = Signal(object)
    """A WantedPlace: the map is to go there and say what is there."""
    task_proposed = Signal(str, str, str)
    """The id of an incident, a department and a text: a task that the officer may assign."""
    place_chosen = Signal(float, float)
    """lon, lat (WGS-84 degrees): the officer clicked there on a map."""


@dataclass(kw_only=True)
class Seat:
    """The parts of a running seat; panels take what they need from here when they are built."""

    name: str
    clock: Clock
    pump: Pump
    commands: Commands
    officer: OfficerCommands
    tasks: Tasks
    selection: Selection
    requests: Requests
    fleet: Fleet
    scheduler: PlotScheduler
    kinds: Mapping[str, SensorKind]
    names: Names
    wall: str
    wall_columns: int
    wall_screen: int = 1
    """Which screen of the wall this seat shows."""
    is_display: bool = False
    """Whether this is a wall display, not a desk."""
    wall_hosts: frozenset[str] = frozenset()
    """Whose web pages a wall may show."""
    base_maps: BaseMaps | None = None
    """What can lie under the maps; without it they draw the district alone."""
    wall_pictures: Path | None = None
    """Where the picture files of walls lie on this machine."""
    wall_view: Callable[[], WallScreen | None] = lambda: None
    """What the video wall on this desk shows."""
    policy: AlarmPolicy = DEFAULT_POLICY
    governor: Governor | None = None
    """What this seat has to bear and which alarms are its own; without one everything is."""
    patrol: int = 0
    """How many cameras that nobody looks at this seat opens at a time, to diagnose their pictures."""
    plain_table: bool = False
    exposure_folders: tuple[Path, ...] = ()
    """Where data layers of who and what is inside an area lie beside the program's own."""
    guidance: tuple[Guidance, ...] = ()
    district: DistrictData = OURS
    """The tables by which sensors are judged."""
    duty_plan: DutyPlan = DutyPlan(edition="", role=(), shift=())  # noqa: RUF009  # frozen
    role: str = ""
    """What the officer's role is called in the settings."""
    reveal: Callable[[str], bool] = lambda _kind: False
    find: Callable[[str], list[Item]] = lambda _text: []
    """What of the room has a name like this text."""
    data_folder: Path | None = None
    """Where this seat keeps what it makes; nothing is kept without one."""
    cursor: PlotCursor = field(default_factory=PlotCursor)
    layers: dict[str, tuple[LayerSpec, list[LayerPoint]]] = field(default_factory=dict)
    layers_made: dict[str, datetime] = field(default_factory=dict)
    """When layers came to be, where that is known: before, they were on no map."""
    layer_notes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """What must be said of a layer since it was made, and whether that is a fault."""

    trails: TrailKeeper = field(init=False)
    """Where vehicles have been lately."""
    places: Places = field(init=False)
    """Names of places, and what is around a point."""
    room_time: RoomTime = field(init=False)
    directory: CameraDirectory = field(init=False)
    graphics: GraphicTable = field(init=False)
    """What is drawn for command, and what this officer draws just now."""
    features: LayerFeatures | None = field(init=False, default=None)
    """Single features of the thematic layers, once there are such layers."""
    past: PastRoom = field(init=False)
    """The room at the room's time while that is not the present."""

    def __post_init__(self) -> None:
        self.trails = TrailKeeper(self.pump, self.pump)
        self.places = Places(self.data_folder, self.clock, lambda work, name: self.tasks.spawn(work, name), self.pump)
        self.places.told.connect(self.requests.told)
        self.room_time = RoomTime(self.clock, self.pump)
        self.directory = CameraDirectory(self.pump, self.pump)
        symbols = decode_symbols(path("data", "graphic_symbols.toml").read_bytes())
        self.graphics = GraphicTable(symbols, self.pump)
        self.past = PastRoom(
            self.room_time,
            self.commands,
            lambda work, name: self.tasks.spawn(work, name),
            lambda: max(self.pump.room.sensor_index.values(), default=-1) + 1,
            self.pump,
        )

    @cached_property
    def limit_book(self) -> RoomLimits:
        """Which limits hold for a sensor at a time, by standard and by what the hub has put in force."""
        return RoomLimits(self.district.limit_book(self.kinds), lambda: self.pump.room.limits_in_force)

    @property
    def wall_tiles(self) -> int:
        """How many tiles the seat's wall has."""
        wall = self.pump.room.walls.get(self.wall)
        return len(wall.tiles) if wall is not None and wall.tiles else self.wall_columns**2

    @property
    def stale(self) -> bool:
        """Whether what is on the screens may be older than the hub's state."""
        return self.pump.status.state is not LinkState.LIVE

    def send(self, body: CommandBody) -> None:
        """Send a command; what is refused is told to the officer."""
        self.tasks.spawn(self.commands.send(body), type(body).__name__)

    def acknowledge(self, alarms: list[str]) -> None:
        """Take note of alarms."""
        self.tasks.spawn(self.officer.acknowledge(alarms), "acknowledge")

    def open_incident(self, alarms: list[str]) -> None:
        """Open an incident from alarms as the worst of them proposes, and show it."""
        held: list[Alarm] = [self.pump.room.alarms[i] for i in alarms if i in self.pump.room.alarms]
        if held:
            self.tasks.spawn(self._open(held), "open incident")

    async def _open(self, alarms: list[Alarm]) -> None:
        new = proposed(alarms)
        if not new.place and new.point is not None:
            new = msgspec.structs.replace(new, place=self.places.line(new.point.lon, new.point.lat))
        incident = await self.officer.open_incident(new)
        self.reveal("incidents")
        self.selection.select("incident", incident)
