"""How much each seat has to bear: counts new alarms by view and tells of floods, also across a restart."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.events import Event, FloodChanged
from controlroom.domain.flood import FloodWatch, rings
from controlroom.domain.room import Room
from controlroom.domain.seating import Route, Routing

WHOLE_ROOM = ""
"""The view that holds every alarm."""


class LoadWatch:
    """One flood machine for the room and one for each seat that is there. One thread owns an instance."""

    def __init__(self, bands: AlarmBands, room: Room) -> None:
        self._figures = bands.flood
        self._told_every = timedelta(seconds=bands.seats.flood_told_every_s)
        self._room = room
        self._views = {
            view: FloodWatch(self._figures, view, room.floods.get(view)) for view in (WHOLE_ROOM, *room.seats)
        }
        self._ripe: list[Event] = []
        self._told_at: dict[str, datetime] = {}
        self.reroute()

    @property
    def window_s(self) -> int:
        """The window in which new alarms are counted."""
        return self._figures.window_s

    def remember(self, changes: Iterable[tuple[Alarm | None, Alarm]]) -> None:
        """The changes (before, after) of the last window, out of the journal: what was judged before a restart."""
        for before, after in changes:
            if rings(before, after):
                for view in self._of(after):
                    view.remember(after.changed_at)

    def reroute(self) -> None:
        """Seats or handovers have changed."""
        self._routing = Routing(self._room.seats, self._room.handovers.values())
        for name in self._room.seats:
            if name not in self._views:
                self._views[name] = FloodWatch(self._figures, name, self._room.floods.get(name))

    def changed(self, before: Alarm | None, after: Alarm) -> None:
        """An alarm changed."""
        if not rings(before, after):
            return
        for view in self._of(after):
            begun = view.ring(after.changed_at)
            if begun is not None:
                self._ripe.append(FloodChanged(begun))
                self._told_at[begun.view] = after.changed_at

    def look(self, now: datetime) -> list[Event]:
        """Floods that began, ended or are written down again since the last call; call about once a second."""
        told, self._ripe = self._ripe, []
        for name, view in list(self._views.items()):
            if name != WHOLE_ROOM and name not in self._room.seats:
                ended = view.end(now)
                del self._views[name]
            else:
                ended = view.look(now)
            if ended is not None:
                told.append(FloodChanged(ended))
            elif view.flood is not None and now - self._told_at.get(name, view.flood.started_at) >= self._told_every:
                self._told_at[name] = now
                if view.flood != self._room.floods.get(name):
                    told.append(FloodChanged(view.flood))
        return told

    def count(self, seat: str) -> int:
        """New alarms of a seat in the window, as of the last change or look."""
        view = self._views.get(seat)
        return 0 if view is None else view.count

    def _of(self, alarm: Alarm) -> list[FloodWatch]:
        """The views that an alarm is in."""
        if self._routing.plain:
            return list(self._views.values())
        route = self._routing.route
        return [view for name, view in self._views.items() if name == WHOLE_ROOM or route(alarm, name) is Route.MINE]
