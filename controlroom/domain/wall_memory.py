"""What a display keeps of the room, so that it shows its wall again before a hub is reached."""

from collections.abc import Iterable
from urllib.parse import quote

import msgspec
from msgspec import Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.events import AlarmChanged, CamerasDeclared, Event, SensorsDeclared, TourChanged, WallChanged
from controlroom.domain.room import Room
from controlroom.domain.times import Instant
from controlroom.domain.tour import route
from controlroom.domain.wall import WallScreen

ALARMS_MOST = 100


class WallMemory(Struct, frozen=True, kw_only=True):
    """What was so at a time; `events` rebuild that part of the room."""

    edition: int = 1
    at: Instant
    events: tuple[Event, ...]


def display_name(wall: str, screen: int, monitor: str = "") -> str:
    """A display in letters that any file may be called by."""
    parts = (wall, str(screen), monitor) if monitor else (wall, str(screen))
    return "-".join(quote(part, safe="").replace("%", "_").replace(".", "_2E")[:60] for part in parts)


def remembered(
    room: Room, wall: str, screen: WallScreen, cameras: Iterable[str], alarms: Iterable[Alarm]
) -> list[Event]:
    """The events that show this screen again: its wall, what it names, what it shows now and why."""
    held = room.walls.get(wall)
    screens = [screen, *(held.base if held is not None else ())]
    screens += [pushed for push in (held.pushes if held is not None else ()) for pushed in push.screens]
    tiles = [tile for one in screens for tile in one.tiles]
    tiles += [spot.tile for push in (held.pushes if held is not None else ()) for spot in push.spots]
    tours = [room.tours[name] for name in dict.fromkeys(tile.tour for tile in tiles) if name in room.tours]
    toured = [camera for tour in tours for camera, _dwell in route(tour, room.camera_groups).stops]
    named = {*cameras, *toured, *(camera for tile in tiles for camera in tile.cameras)}
    # In the room's order: a wall that nobody has arranged shows the first that can be played.
    kept = tuple(camera for identity, camera in room.cameras.items() if identity in named)
    sensors = tuple(
        room.sensors[identity]
        for identity in dict.fromkeys(sensor for tile in tiles for sensor in tile.sensors)
        if identity in room.sensors
    )
    events: list[Event] = [] if held is None else [WallChanged(held)]
    events += [TourChanged(tour) for tour in tours]
    if kept:
        events.append(CamerasDeclared(kept))
    if sensors:
        events.append(SensorsDeclared(tuple(room.sensor_index[sensor.id] for sensor in sensors), sensors))
    return events + [AlarmChanged(alarm) for alarm in list(alarms)[:ALARMS_MOST]]


def encoded(memory: WallMemory) -> bytes:
    """The file of a memory."""
    return msgspec.json.encode(memory)


def decoded(text: bytes) -> WallMemory:
    """A memory from its file. Raises msgspec.DecodeError or ValueError."""
    return msgspec.json.decode(text, type=WallMemory)
