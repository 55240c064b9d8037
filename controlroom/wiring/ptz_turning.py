"""Turn to it: the best steerable camera looks at what is chosen, with one key."""

from PySide6.QtCore import QObject

from controlroom.bridge.camera_sight import Sight
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point
from controlroom.domain.ptz import Ability
from controlroom.domain.ptz_aim import covering, reaches
from controlroom.domain.room import Room
from controlroom.errors import ControlRoomError
from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.wire.ptz import GoToPreset, TakePtz, TurnTo
from controlroom.wiring.seat import Seat
from controlroom.wiring.sight import sight_of


class PtzTurning(QObject):
    """Takes the camera, waits until its adapter knows it, and turns it; the picture goes to the wall."""

    def __init__(self, seat: Seat, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._pending: tuple[str, Sight] | None = None
        seat.pump.ptz_changed.connect(self._changed)
        actions.add(
            "turn_to_it",
            _("Turn the best steerable camera to what is chosen"),
            self.turn,
            group=_("Cameras"),
            shortcuts=("Ctrl+Alt+E",),
            help=_(
                "Takes the nearest that reaches it, aims it or goes to a preset that shows it, and puts it on the wall"
            ),
        )

    def turn(self) -> None:
        """Turn a camera to the chosen alarm, incident, sensor, vehicle or camera."""
        selection = self._seat.selection
        sight = sight_of(self._seat, selection.kind, selection.id)
        if sight is None:
            self._seat.requests.told.emit(_("Nothing with a known place is chosen."))
            return
        room = self._seat.pump.room
        ranked = turnable(room, sight.outline[0], self._seat.name)
        if not ranked:
            self._seat.requests.told.emit(_("No camera that can turn reaches {place}.").format(place=sight.title))
            return
        camera = ranked[0]
        lease = room.ptz.leases.get(camera.id)
        if lease is not None and lease.seat != self._seat.name:
            words = _("{officer} ({seat}) holds {camera}, the only one that reaches {place}.")
            told = words.format(officer=lease.officer, seat=lease.seat, camera=camera.name, place=sight.title)
            self._seat.requests.told.emit(told)
            return
        self._pending = camera.id, sight
        self._seat.requests.cameras_wanted.emit([camera.id])
        self._seat.tasks.spawn(self._take(camera.id, sight), "turn to it")

    async def _take(self, camera: str, sight: Sight) -> None:
        try:
            await self._seat.commands.send(TakePtz(camera=camera, reason=sight.title[:100]))
        except ControlRoomError:
            self._pending = None
            raise
        self._go_on()

    def _changed(self, cameras: list[str]) -> None:
        if self._pending is not None and self._pending[0] in cameras:
            self._go_on()

    def _go_on(self) -> None:
        """Turn once this seat holds the camera and it is known what it can."""
        if self._pending is None:
            return
        identity, sight = self._pending
        room = self._seat.pump.room
        lease, unit, camera = room.ptz.leases.get(identity), room.ptz.units.get(identity), room.cameras.get(identity)
        if lease is None or lease.seat != self._seat.name or unit is None or camera is None:
            return
        if not unit.abilities and not unit.trouble:
            return
        self._pending = None
        point = sight.outline[0]
        preset = covering(camera, unit.presets, point)
        if not unit.can(Ability.ABSOLUTE) and preset is None:
            words = _("{camera} knows no angles and no preset shows {place}: steer it by hand (Alt+Z).")
            self._seat.requests.told.emit(words.format(camera=camera.name, place=sight.title))
            return
        if unit.can(Ability.ABSOLUTE):
            self._seat.send(TurnTo(camera=identity, point=point))
            told = _("{camera} turns to {place}").format(camera=camera.name, place=sight.title)
        else:
            assert preset is not None
            self._seat.send(GoToPreset(camera=identity, preset=preset.token))
            words = _("{camera} goes to preset {preset}, which shows {place}")
            told = words.format(camera=camera.name, preset=preset.name or preset.token, place=sight.title)
        self._seat.requests.told.emit(told)


def turnable(room: Room, point: Point, seat: str) -> list[Camera]:
    """Cameras that can be turned to a place, the best first: free, working, with angles or a preset, near."""
    found = []
    for camera in room.cameras.values():
        distance = reaches(camera, point) if camera.ptz else None
        if distance is None:
            continue
        unit, lease = room.ptz.units.get(camera.id), room.ptz.leases.get(camera.id)
        cannot = unit is not None and bool(unit.abilities) and not unit.can(Ability.ABSOLUTE)
        blind = cannot and unit is not None and covering(camera, unit.presets, point) is None
        ailing = camera.health is CameraHealth.OFFLINE or (unit is not None and bool(unit.trouble))
        held = lease is not None and lease.seat != seat
        found.append(((held, ailing, blind, distance), camera.id, camera))
    return [camera for _rank, _id, camera in sorted(found, key=lambda each: each[:2])]
