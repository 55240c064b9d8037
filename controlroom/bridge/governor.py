"""The load governor of a seat: tells the hub that the seat lives, and knows what it has to bear and what is its own."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from controlroom.bridge.pump import Pump
from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.flood import Flood, Load
from controlroom.domain.seating import AreaHandover, Route, Routing, SeatPresence, SeatView
from controlroom.errors import ControlRoomError
from controlroom.seat.status import LinkState
from controlroom.wire.seats import (
    SeatLoad,
)

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

BEAT_S = 2.0
"""How often the hub hears of this seat."""

STALE_S = 8.0
"""A figure that is older is shown as not known."""


class Presenter(Protocol):
    """Carries signs of life to the hub: `controlroom.bridge.commands.Commands`."""

    async def present(self, view: SeatView) -> SeatLoad:
        """Tell that this seat lives. Raises CommandRefused or LinkLost."""


class Governor(QObject):
    """One per seat, on the GUI thread; it moves with the pump's seconds and has no timer of its own."""

    load_changed = Signal(object)
    """Load, or None while it is not known."""
    flood_changed = Signal(object)
    """The Flood that this seat is in now, or None; told when one begins and when it is over."""
    routing_changed = Signal()
    """What belongs to this seat is judged anew: seats came or went, areas were handed over."""

    def __init__(
        self,
        seat: str,
        view: SeatView,
        bands: AlarmBands,
        pump: Pump,
        presenter: Presenter,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.seat = seat
        self.view = view
        self.bands = bands
        self.load: Load | None = None
        self._pump = pump
        self._presenter = presenter
        self._spawn = spawn
        self._asking = False
        self._asked_at: datetime | None = None
        self._known_at: datetime | None = None
        self._now: datetime | None = None
        self._count = 0
        self._window_s = bands.flood.window_s
        self._flood_id = ""
        self.routing = Routing({}, ())
        pump.ticked.connect(self._tick)
        pump.seating_changed.connect(self._reroute)
        pump.floods_changed.connect(self._look)
        pump.room_reset.connect(self._reset)
        self._reset()

    # ---------------------------------------------------------------- what is

    @property
    def flood(self) -> Flood | None:
        """The flood that this seat is in."""
        return self._pump.room.floods.get(self.seat)

    @property
    def others(self) -> list[SeatPresence]:
        """The other seats that are there, by name."""
        return [seat for name, seat in sorted(self._pump.room.seats.items()) if name != self.seat]

    @property
    def handovers(self) -> list[AreaHandover]:
        """The handovers that this seat gives or takes, the oldest first."""
        held = self._pump.room.handovers.values()
        mine = [handover for handover in held if self.seat in (handover.giver, handover.taker)]
        return sorted(mine, key=lambda handover: (handover.offered_at, handover.id))

    def route(self, alarm: Alarm) -> Route:
        """What an alarm is to this seat."""
        return self.routing.route(alarm, self.seat)

    def mine(self, alarm: Alarm) -> bool:
        """Whether an alarm calls for this seat."""
        return self.routing.plain or self.routing.route(alarm, self.seat) is Route.MINE

    def is_handed(self, alarm: Alarm) -> bool:
        """Whether another seat has an alarm from this one."""
        return not self.routing.plain and self.routing.route(alarm, self.seat) is Route.HANDED_OVER

    # ---------------------------------------------------------------- what happens

    def set_view(self, view: SeatView) -> None:
        """This seat is there for other alarms; the hub hears of it with the next sign of life."""
        if view != self.view:
            self.view = view
            self._reroute()

    def _tick(self, now: datetime) -> None:
        self._now = now
        live = self._pump.status.state in (LinkState.LIVE, LinkState.LATE)
        due = self._asked_at is None or abs((now - self._asked_at).total_seconds()) >= BEAT_S
        if live and due and not self._asking:
            self._asking, self._asked_at = True, now
            self._spawn(self._beat(), "sign of life")
        self._look()

    async def _beat(self) -> None:
        try:
            load = await self._presenter.present(self.view)
        except ControlRoomError:
            return  # the link says so itself; the figure grows old and then is none
        finally:
            self._asking = False
        if load.window_s:
            self._count, self._window_s, self._known_at = load.count, load.window_s, self._now
        self._look()

    def _reset(self) -> None:
        self._reroute()
        self._look()

    def _reroute(self) -> None:
        # What this seat is there for holds here at once, whenever the hub hears of it.
        own = SeatPresence(name=self.seat, officer="", since=_EVER, view=self.view)
        seats = self._pump.room.seats | {self.seat: own}
        self.routing = Routing(seats, self._pump.room.handovers.values())
        self.routing_changed.emit()

    def _look(self) -> None:
        known = self._known_at is not None and self._now is not None
        if known and self._known_at is not None and self._now is not None:
            known = abs((self._now - self._known_at).total_seconds()) <= STALE_S
        load = Load(self._count, self._window_s, self.bands.of(self._count), self.flood) if known else None
        if load != self.load:
            self.load = load
            self.load_changed.emit(load)
        flood = self.flood
        identity = "" if flood is None else flood.id
        if identity != self._flood_id:
            self._flood_id = identity
            self.flood_changed.emit(flood)
