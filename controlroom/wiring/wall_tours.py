"""Guard tours, connected: where each is now, the list at a desk, and the menu and keys of a tile that shows one."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QWidget

from controlroom.domain.room import Room
from controlroom.domain.tour import Tour, TourAt, TourStep, route, watchable, where
from controlroom.domain.wall import TileKind, WallTile
from controlroom.domain.wall_programme import Played, Touring
from controlroom.i18n import _, _n
from controlroom.wire.tours import DriveTour, RemoveTour, SetTour
from controlroom.wiring.seat import Seat
from widgets.tour_dialog import TourDialog
from widgets.tour_list import TourLine, TourList


def touring(room: Room, now: datetime) -> Touring:
    """Where the tours of a room are at a time."""

    def found(identity: str) -> tuple[Tour, TourAt] | None:
        tour = room.tours.get(identity)
        return None if tour is None else (tour, _where(room, tour, now))

    return found


def tour_note(play: Played) -> str:
    """What stands before the camera's name on a tile with a tour."""
    if play.tour is None:
        return _("This tour is no more")
    parts = [_("{name} {stop}/{stops}").format(name=play.tour.name, stop=play.stop, stops=play.stops)]
    if play.tour.paused_at is not None:
        parts.append(_("paused by {officer}").format(officer=play.tour.paused_by))
    if play.skipped:
        count = len(play.skipped)
        told = _n("{count} offline", "{count} offline", count)
        parts.append(told.format(count=count))
    return _(" · ").join(parts)


def tile_of(tour: str) -> WallTile:
    """A tile that shows a tour."""
    return WallTile(kind=TileKind.CAROUSEL, tour=tour)


class TourDesk(QObject):
    """Feeds the list of a wall control; `put` puts a tile's content where the officer has chosen."""

    def __init__(self, seat: Seat, tours: TourList, put: Callable[[WallTile], None]) -> None:
        super().__init__(tours)
        self._seat = seat
        self._tours = tours
        self._put = put
        tours.put_wanted.connect(self._show)
        tours.stepped.connect(self._step)
        tours.edit_wanted.connect(self._edit)
        tours.removed.connect(self._remove)

    def refresh(self) -> None:
        """Show the tours as they are now."""
        room, now = self._seat.pump.room, self._seat.clock.now()
        tours = sorted(room.tours.values(), key=lambda tour: (tour.name, tour.id))
        self._tours.show_tours(
            [TourLine(tour.id, _words(room, tour, now), tour.paused_at is not None) for tour in tours]
        )

    def _show(self, tour: str) -> None:
        self._put(tile_of(tour))

    def _step(self, tour: str, step: str) -> None:
        self._seat.send(DriveTour(tour=tour, step=TourStep(step)))

    def _remove(self, tour: str) -> None:
        self._seat.send(RemoveTour(tour=tour))

    def _edit(self, identity: str) -> None:
        room = self._seat.pump.room
        groups = {group.id: group.name for group in room.camera_groups.values() if not group.owner and group.cameras}
        dialog = TourDialog(room.tours.get(identity), self._name, groups, self._chosen, self._tours)
        dialog.decided.connect(self._decided)
        dialog.show()

    def _decided(self, tour: Tour) -> None:
        self._seat.send(SetTour(tour=tour))

    def _name(self, camera: str) -> str:
        held = self._seat.pump.room.cameras.get(camera)
        return held.name if held is not None else camera

    def _chosen(self) -> str:
        selection = self._seat.selection
        return selection.id if selection.kind == "camera" and selection.id in self._seat.pump.room.cameras else ""


class TileTours(QObject):
    """What an officer does with tours at a tile of a wall panel. `tour_at` gives the tour of a tile."""

    def __init__(
        self, seat: Seat, tour_at: Callable[[int], str], put: Callable[[int, WallTile], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._seat = seat
        self._tour_at = tour_at
        self._put = put

    def add_to(self, menu: QMenu, index: int) -> None:
        """Tours for the tile, and what can be done with the one it shows."""
        here = self._seat.pump.room.tours.get(self._tour_at(index))
        if here is not None:
            is_paused = here.paused_at is not None
            step = TourStep.GO_ON if is_paused else TourStep.PAUSE
            words = _("Let the tour go on") if is_paused else _("Pause the tour")
            menu.addAction(words, partial(self._drive, here.id, step)).setShortcut(Qt.Key.Key_Space)
            menu.addAction(_("Next stop"), partial(self._drive, here.id, TourStep.NEXT)).setShortcut(
                Qt.Key.Key_PageDown
            )
            back = menu.addAction(_("Previous stop"), partial(self._drive, here.id, TourStep.PREVIOUS))
            back.setShortcut(Qt.Key.Key_PageUp)
        tours = sorted(self._seat.pump.room.tours.values(), key=lambda tour: tour.name)
        more = menu.addMenu(_("Show a tour here"))
        more.setEnabled(bool(tours))
        for tour in tours:
            more.addAction(tour.name, partial(self._put, index, tile_of(tour.id)))

    def drive(self, index: int, step: TourStep) -> None:
        """A key on a tile: pause becomes going on where the tour stands already."""
        here = self._seat.pump.room.tours.get(self._tour_at(index))
        if here is not None:
            if step is TourStep.PAUSE and here.paused_at is not None:
                step = TourStep.GO_ON
            self._drive(here.id, step)

    def _drive(self, tour: str, step: TourStep) -> None:
        self._seat.send(DriveTour(tour=tour, step=step))


def _where(room: Room, tour: Tour, now: datetime) -> TourAt:
    return where(tour, route(tour, room.camera_groups), lambda camera: watchable(room.cameras.get(camera)), now)


def _words(room: Room, tour: Tour, now: datetime) -> str:
    """A tour in one line: where it is, who let it stand, who is passed over, whose it is."""
    at = _where(room, tour, now)
    camera = room.cameras.get(at.camera)
    parts = [tour.name]
    if at.stops:
        told = _("stop {stop}/{stops}: {camera}")
        parts.append(told.format(stop=at.stop, stops=at.stops, camera=camera.name if camera is not None else at.camera))
    else:
        parts.append(_("no camera"))
    if tour.paused_at is not None:
        parts.append(_("paused by {officer}").format(officer=tour.paused_by))
    else:
        parts.append(_("{seconds} s more").format(seconds=max(0, round(at.left_s))))
    if at.skipped:
        names = [room.cameras[each].name if each in room.cameras else each for each in at.skipped]
        parts.append(_("offline, passed over: {names}").format(names=", ".join(names)))
    parts.append(_("made by {officer}").format(officer=tour.author))
    return _(" · ").join(parts)
