"""The video wall, connected; what a wall shows is the hub's, so that every seat sees the same."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.alarm import Alarm
from controlroom.domain.camera import CameraHealth, PictureFault
from controlroom.seat.status import LinkState
from controlroom.wire.messages import ShowOnWall
from controlroom.wire.pictures import TellPicture
from controlroom.wiring.seat import ZONE, Seat
from widgets.video_wall import VideoWall


class WallWiring(QObject):
    """One wall of a name. Until somebody has put cameras on it, it shows the first that can be played."""

    def __init__(self, seat: Seat, name: str = "") -> None:
        self.wall = VideoWall(seat.fleet)
        super().__init__(self.wall)
        self._seat = seat
        self._name = name or seat.wall
        self._alarmed: dict[str, str] = {}
        self._told: dict[str, tuple[PictureFault, ...]] = {}
        self.follower = TimeFollower(seat.room_time, self.wall)
        self.follower.changed.connect(self._follow)
        pump = seat.pump
        pump.room_reset.connect(self._begin)
        pump.cameras_changed.connect(self._reset)
        pump.walls_changed.connect(self._walls)
        pump.alarms_changed.connect(self._alarms)
        pump.ticked.connect(self._tell_faults)
        seat.requests.cameras_wanted.connect(self._put)
        self.wall.camera_selected.connect(lambda identity: seat.selection.select("camera", identity))
        self.wall.rearranged.connect(self._rearranged)
        self._begin()
        self._follow()

    def _follow(self) -> None:
        """Show the room's time: its moment, or the present."""
        at = self.follower.at
        self.wall.show_time(None if at is None else at.astimezone(ZONE), self._seat.room_time.speed)

    def _reset(self, _changed: object = None) -> None:
        self.wall.set_cameras(self._seat.pump.room.cameras.values())
        self._show()

    def _begin(self) -> None:
        """Everything may be different."""
        self._alarmed.clear()
        self.wall.set_alarmed(())
        self._alarms(list(self._seat.pump.room.alarms.values()))
        self._reset()

    def _alarms(self, changed: list[Alarm]) -> None:
        """Cameras of standing alarms keep their full rate longest."""
        before = set(self._alarmed.values())
        for alarm in changed:
            if alarm.camera and alarm.active and alarm.aside is None:
                self._alarmed[alarm.id] = alarm.camera
            else:
                self._alarmed.pop(alarm.id, None)
        if before != set(self._alarmed.values()):
            self.wall.set_alarmed(self._alarmed.values())

    def _tell_faults(self, now: datetime) -> None:
        """Hand what is wrong with the pictures here to the hub, once for each change."""
        cameras = self._seat.pump.room.cameras
        if self._seat.pump.status.state is not LinkState.LIVE or self._seat.pump.room.drill is not None:
            return
        if self.follower.past:
            return
        for identity, faults in self.wall.faults().items():
            camera = cameras.get(identity)
            if camera is None or camera.faults == faults:
                self._told.pop(identity, None)
            elif self._told.get(identity) != faults:
                self._told[identity] = faults
                self._seat.send(TellPicture(camera=identity, faults=list(faults), seen_at=now))

    def _walls(self, names: list[str]) -> None:
        if self._name in names:
            self._show()

    def _show(self) -> None:
        held = self._seat.pump.room.walls.get(self._name)
        columns = held.columns if held is not None else self._seat.wall_columns
        tiles = held.tiles if held is not None else self._first(columns * columns)
        if (tiles, columns) != (self.wall.tiles(), self.wall.columns):
            self.wall.show_tiles(tiles, columns)

    def _first(self, count: int) -> tuple[str, ...]:
        playable = [
            camera.id
            for camera in self._seat.pump.room.cameras.values()
            if camera.url and camera.health is not CameraHealth.OFFLINE
        ][:count]
        return tuple(playable + [""] * (count - len(playable)))

    def _put(self, cameras: list[str]) -> None:
        """Put cameras on the wall in front of what it shows; those that are there already stay."""
        tiles = self.wall.tiles()
        new = [c for c in dict.fromkeys(cameras) if c not in tiles]
        kept = [tile for tile in tiles if tile in cameras or tile not in new]
        shown = tuple((new + kept)[: len(tiles)])
        if new and tiles:
            self._rearranged(shown)

    def _rearranged(self, tiles: tuple[str, ...]) -> None:
        self._seat.send(ShowOnWall(wall=self._name, columns=self.wall.columns, tiles=list(tiles)))
