"""The video wall, connected; what a wall shows is the hub's, so that every seat sees the same."""

from datetime import datetime
from itertools import islice

import msgspec
from PySide6.QtCore import QObject

from controlroom.bridge.camera_sight import turned_now
from controlroom.bridge.room_time import TimeFollower
from controlroom.bridge.stills import playable
from controlroom.domain.alarm import Alarm
from controlroom.domain.camera import CameraHealth
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.tour import TourStep
from controlroom.domain.wall import (
    Spot,
    TileKind,
    Wall,
    WallScreen,
    WallTile,
    in_force,
    in_order,
    plain_screen,
    shown,
    touching,
    unit_box,
    with_spot,
)
from controlroom.domain.wall_alarms import AlarmPlaces
from controlroom.domain.wall_programme import DYNAMIC, Played, played, standing
from controlroom.i18n import _
from controlroom.mapping.sight import CameraColumns, seeing_point
from controlroom.seat.status import LinkState
from controlroom.wire.messages import ShowOnWall
from controlroom.wire.pictures import TellPicture
from controlroom.wire.walls import ArrangeWall
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.wall_tiles import WallTiles
from controlroom.wiring.wall_tours import TileTours, tour_note, touring
from widgets.video_wall import VideoWall
from widgets.wall_special import ScreenNumber

CAMERAS_OF_ALARM = 6
_MOST_SIGHTS = 2000
_PLAIN_COLUMNS = 8


class WallWiring(QObject):
    """One screen of a wall. Until somebody has put cameras on it, it shows the first that can be played."""

    def __init__(self, seat: Seat, name: str = "", screen: int = 0) -> None:
        self.wall = VideoWall(seat.fleet, is_display=seat.is_display)
        super().__init__(self.wall)
        self._seat = seat
        self._name = name or seat.wall
        self._number = screen or seat.wall_screen
        self._screen = WallScreen()
        self._is_leased = False
        self._places = AlarmPlaces()
        self._ordered: list[Alarm] | None = None
        self._sights: dict[tuple[str, object, str], tuple[str, ...]] = {}
        self._columns: CameraColumns | None = None
        self._looking: CameraColumns | None = None
        self._alarmed: dict[str, str] = {}
        self._preferred: set[str] = set()
        self._told: dict[str, PictureLook] = {}
        self.follower = TimeFollower(seat.room_time, self.wall)
        self.follower.changed.connect(self._follow)
        self._tiles = WallTiles(seat, self)
        self._overlay = ScreenNumber(self.wall)
        self._tours = TileTours(seat, self._tour_at, self._put_tile, self.wall)
        self.wall.menu_opened.connect(self._tours.add_to)
        self.wall.tour_stepped.connect(self._tour_stepped)
        pump = seat.pump
        pump.room_reset.connect(self._begin)
        pump.cameras_changed.connect(self._reset)
        pump.ptz_changed.connect(self._turned)
        pump.walls_changed.connect(self._walls)
        pump.wall_plans_changed.connect(self._show)
        pump.alarms_changed.connect(self._alarms)
        pump.ticked.connect(self._tick)
        if not seat.is_display and self._name == seat.wall:
            seat.requests.cameras_wanted.connect(self._put)
            seat.wall_view = self.view
        self.wall.camera_selected.connect(self._chosen)
        self.wall.rearranged.connect(self._rearranged)
        self._begin()
        self._follow()

    def _follow(self) -> None:
        """Show the room's time: its moment, or the present."""
        at = self.follower.at
        self.wall.show_time(None if at is None else at.astimezone(ZONE), self._seat.room_time.speed)

    def view(self) -> WallScreen:
        """What this panel shows, as it could be pushed to another screen; one tile where that is enlarged."""
        if self.wall.is_enlarged:
            return WallScreen(tiles=(WallTile(cameras=(self.wall.current_camera,)),))
        return self._screen

    @property
    def name(self) -> str:
        """The wall of which this is a screen."""
        return self._name

    def shown_alarms(self) -> list[Alarm]:
        """The standing alarms whose cameras tiles show here, the worst first; none where no tile waits for alarms."""
        return list(self._ordered or ())

    def _chosen(self, identity: str) -> None:
        self._seat.selection.select("camera", identity)

    def _reset(self, _changed: object = None) -> None:
        self._columns = self._looking = None
        self._sights.clear()
        self.wall.set_cameras(self._seat.pump.room.cameras)
        self._show()

    def _turned(self, _cameras: list[str]) -> None:
        """Heads look elsewhere: who sees an alarm's place is asked anew."""
        self._looking = None
        self._sights.clear()

    def _begin(self) -> None:
        """Everything may be different."""
        self._places = AlarmPlaces()
        self._alarmed.clear()
        self._alarms(list(self._seat.pump.room.alarms.values()))
        self._reset()
        self._prefer(())

    def _alarms(self, changed: list[Alarm]) -> None:
        """Cameras of standing alarms keep their full rate longest."""
        self._ordered = None
        for alarm in changed:
            if alarm.camera and alarm.active and alarm.aside is None:
                self._alarmed[alarm.id] = alarm.camera
            else:
                self._alarmed.pop(alarm.id, None)
        self._prefer(())

    def _prefer(self, plays: tuple[Played, ...]) -> None:
        """Tell the wall which cameras belong to alarms, also those that a tile shows for one."""
        preferred = {*self._alarmed.values(), *(play.camera for play in plays if play.alarm is not None)}
        if preferred != self._preferred:
            self._preferred = preferred
            self.wall.set_alarmed(preferred)

    def _tick(self, now: datetime) -> None:
        ptz = self._seat.pump.room.ptz
        self.wall.set_steered(camera for camera in self.wall.tiles() if camera and ptz.is_steered(camera, now))
        self._tell_faults(now)
        if self._is_leased or any(tile.kind in DYNAMIC for tile in self._screen.tiles):
            self._show()
        self._identify(now)

    def _identify(self, now: datetime) -> None:
        """The number of the screen, on the wall itself, while a desk wants to know."""
        held = self._seat.pump.room.walls.get(self._name)
        until = held.identify_until if held is not None else None
        wanted = self._seat.is_display and until is not None and now < until
        if wanted and not self._overlay.isVisible():
            self._overlay.show_number(self._name, self._number)
        elif not wanted:
            self._overlay.hide()

    def _tell_faults(self, now: datetime) -> None:
        """Tell the hub what is wrong with the pictures here, once for each change, or that they are well."""
        room = self._seat.pump.room
        if self._seat.pump.status.state is not LinkState.LIVE or self._seat.pump.room.drill is not None:
            return
        if self.follower.past:
            return
        for identity, faults in self.wall.faults().items():
            camera, look, told = room.cameras.get(identity), room.looks.get(identity), self._told.get(identity)
            if camera is None or (camera.faults == faults and look is not None and look.is_fresh(now)):
                self._told.pop(identity, None)
            elif told is None or told.faults != faults or not told.is_fresh(now):
                self._told[identity] = PictureLook(camera=identity, at=now, faults=faults)
                self._seat.send(TellPicture(camera=identity, faults=list(faults), seen_at=now))

    def _walls(self, names: list[str]) -> None:
        if self._name in names:
            self._show()
            self._identify(self._seat.clock.now())

    def _held(self) -> Wall:
        """The wall; one that nobody has arranged shows the first cameras that can be played."""
        held = in_force(self._seat.pump.room.walls.get(self._name) or Wall(name=self._name), self._seat.clock.now())
        self._is_leased = any(push.until is not None for push in held.pushes)
        if held.screens or held.tiles:
            return held
        columns = self._seat.wall_columns
        return msgspec.structs.replace(held, screens=(plain_screen(self._first(columns * columns), columns),))

    def _show(self) -> None:
        screens = {screen.number: screen for screen in shown(self._held())}
        missing = _("The wall {wall} has no screen {number}").format(wall=self._name, number=self._number)
        text = WallTile(kind=TileKind.TEXT, text=missing)
        screen = screens.get(self._number, WallScreen(number=self._number, tiles=(text,)))
        if self._ordered is None and any(tile.kind in DYNAMIC for tile in screen.tiles):
            self._ordered = standing(self._seat.pump.room.alarms.values())
        plays = self._played(screen)
        cameras = tuple(play.camera for play in plays)
        if screen != self._screen or cameras != self.wall.tiles():
            cells = () if _is_plain(screen) else tuple(tile.box for tile in screen.tiles)
            self.wall.show_tiles(cameras, screen.columns, cells, screen.rows)
        if screen != self._screen:
            self._screen = screen
            self.wall.show_guests(self._tiles.guests(screen, self._origin))
            self._overlay.raise_()
        self.wall.set_notes([_note(play) for play in plays])
        self._prefer(plays)

    def _played(self, screen: WallScreen) -> tuple[Played, ...]:
        now = self._seat.clock.now()
        tours = touring(self._seat.pump.room, now)
        return played(screen, self._ordered or (), self._cameras_of, now.timestamp(), tours, self._places)

    def _tour_at(self, index: int) -> str:
        return self._screen.tiles[index].tour if 0 <= index < len(self._screen.tiles) else ""

    def _tour_stepped(self, index: int, step: str) -> None:
        self._tours.drive(index, TourStep(step))

    def _put_tile(self, index: int, content: WallTile) -> None:
        """Put something else for good where a tile of this screen is."""
        base = next((screen for screen in self._held().base if screen.number == self._number), None)
        if base is not None and index < len(self._screen.tiles):
            held = self._screen.tiles[index]
            tile = msgspec.structs.replace(content, left=held.left, top=held.top, width=held.width, height=held.height)
            spot = Spot(screen=base.number, columns=self._screen.columns, rows=self._screen.rows, tile=tile)
            self._seat.send(ArrangeWall(wall=self._name, screens=[with_spot(base, spot)]))

    def _origin(self, place: int) -> str:
        """Who put what a tile shows there, and when; of what is shown for good, who changed the wall last."""
        held, tile = self._held(), self._screen.tiles[place]
        over = touching(
            in_order(held.pushes), [(self._number, unit_box(tile, self._screen.columns, self._screen.rows))]
        )
        by, at = (over[-1].by, over[-1].at) if over else (held.by, held.at)
        if at is None:
            return ""
        return _("{officer}, {time}").format(officer=by, time=at.astimezone(ZONE).strftime("%m-%d %H:%M"))

    def _cameras_of(self, alarm: Alarm) -> tuple[str, ...]:
        """The alarm's own camera, then those that see its place as they look now, the best first.

        All have a stream; only where none has is it the alarm's own without one.
        """
        key = (alarm.id, alarm.point, alarm.camera)
        if key not in self._sights:
            if len(self._sights) >= _MOST_SIGHTS:
                self._sights.clear()
            cameras = self._seat.pump.room.cameras
            if self._columns is None:
                self._columns = CameraColumns.of(cameras.values())
            if self._looking is None:
                self._looking = turned_now(self._columns, cameras, self._seat.pump.room.ptz.units)
            seen = [] if alarm.point is None else seeing_point(self._looking, alarm.point)
            ready = [each.id for each in seen if not playable(cameras[each.id])][:CAMERAS_OF_ALARM]
            has_own = alarm.camera in cameras and not playable(cameras[alarm.camera])
            own = [alarm.camera] if has_own or not ready else []
            named = (*own, *ready)
            self._sights[key] = tuple(dict.fromkeys(camera for camera in named if camera in cameras))
        return self._sights[key]

    def _first(self, count: int) -> tuple[str, ...]:
        cameras = self._seat.pump.room.cameras.values()
        can_play = (camera.id for camera in cameras if camera.url and camera.health is not CameraHealth.OFFLINE)
        playable = tuple(islice(can_play, count))
        return playable + ("",) * (count - len(playable))

    def _put(self, cameras: list[str]) -> None:
        """Put cameras on the wall in front of what it shows; those that are there already stay."""
        places = [k for k, tile in enumerate(self._screen.tiles) if tile.kind is TileKind.CAMERA]
        tiles = list(self.wall.tiles())
        held = [tiles[k] for k in places]
        new = [c for c in dict.fromkeys(cameras) if c not in held]
        if new and places:
            for place, camera in zip(places, new + held, strict=False):
                tiles[place] = camera
            self._rearranged(tuple(tiles))

    def _rearranged(self, tiles: tuple[str, ...]) -> None:
        """Change what the wall shows for good, at the places where the officer wants another camera."""
        base = next((screen for screen in self._held().base if screen.number == self._number), None)
        if base is None:
            return
        before = self._played(self._screen)
        for tile, camera, old in zip(self._screen.tiles, tiles, before, strict=True):
            if camera != old.camera:
                place = msgspec.structs.replace(
                    WallTile(left=tile.left, top=tile.top, width=tile.width, height=tile.height),
                    cameras=(camera,) if camera else (),
                )
                spot = Spot(screen=base.number, columns=self._screen.columns, rows=self._screen.rows, tile=place)
                base = with_spot(base, spot)
        cameras = [tile.cameras[0] if tile.cameras else "" for tile in base.tiles]
        if _is_plain(base) and base.number == 1 and all(tile.kind is TileKind.CAMERA for tile in base.tiles):
            self._seat.send(ShowOnWall(wall=self._name, columns=base.columns, tiles=cameras))
        else:
            self._seat.send(ArrangeWall(wall=self._name, screens=[base]))


def _is_plain(screen: WallScreen) -> bool:
    """Whether its tiles are equal and lie row by row, as a grid without cells shows them."""
    columns = screen.columns
    return columns <= _PLAIN_COLUMNS and all(
        tile.box == (k % columns, k // columns, k % columns + 1, k // columns + 1)
        for k, tile in enumerate(screen.tiles)
    )


def _note(play: Played) -> str:
    """Why a tile shows this camera, before its name."""
    match play.kind:
        case TileKind.HOTSPOT:
            return _("Hot spot") if play.alarm is not None else _("Hot spot: no alarm stands")
        case TileKind.ALARMS if play.alarm is not None and play.is_over:
            return _("Over: {title}").format(title=play.alarm.title)
        case TileKind.ALARMS:
            return play.alarm.title if play.alarm is not None else _("No alarm with a camera")
        case TileKind.CAROUSEL if play.tour is not None or play.is_toured:
            return tour_note(play)
        case TileKind.CAROUSEL:
            return _("Tour {stop}/{stops}").format(stop=play.stop, stops=play.stops) if play.stops else _("Empty tour")
        case _:
            return ""
