"""Commands that take what other seats hold on a wall: sent at once where nobody does, else asked about first."""

from collections.abc import Callable, Iterable

import msgspec
from PySide6.QtCore import QObject

from controlroom.bridge.refusals import sentence
from controlroom.domain.wall import Push, Wall, WallScreen, claims, held_by_others, in_force, unit_box
from controlroom.errors import CommandRefused
from controlroom.i18n import _
from controlroom.wire.walls import ArrangeWall, ClearWall, LoadMatrix, PushToWall
from controlroom.wiring.seat import Seat
from widgets.wall_control import WallControl

_WHOLE = (0.0, 0.0, 1.0, 1.0)
_Place = tuple[int, tuple[float, float, float, float]]

Asking = ArrangeWall | PushToWall | ClearWall | LoadMatrix
"""Commands that take what others hold only with the officer's consent."""


class WallConsent(QObject):
    """Asks in the control whether what another seat has put there may be taken; `wall` gives the driven wall."""

    def __init__(self, seat: Seat, control: WallControl, wall: Callable[[], Wall], parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._control = control
        self._wall = wall
        self._waiting: Asking | None = None
        control.consented.connect(self._consented)

    def send(self, body: Asking) -> None:
        """Send a command; one that another seat's lease stands against is asked about first."""
        holders = self._holders(body)
        if holders:
            self._ask(body, holders[-1])
        else:
            self._seat.tasks.spawn(self._sent(body), type(body).__name__)

    async def _sent(self, body: Asking) -> None:
        """A lease that came meanwhile is asked about as well."""
        try:
            await self._seat.commands.send(body)
        except CommandRefused as refused:
            holders = self._holders(body)
            if body.over or not holders:
                self._seat.requests.told.emit(sentence(refused.code, refused.text))
            else:
                self._ask(body, holders[-1])

    def _ask(self, body: Asking, holder: Push) -> None:
        self._waiting = body
        told = _("{officer} ({seat}) has put something there, {left}.").format(
            officer=holder.by, seat=holder.seat, left=self._control.miniature.left(holder)
        )
        self._control.ask(told)

    def _consented(self, is_taken: bool) -> None:
        body, self._waiting = self._waiting, None
        if is_taken and body is not None:
            self._seat.tasks.spawn(self._sent(msgspec.structs.replace(body, over=True)), type(body).__name__)

    def _holders(self, body: Asking) -> list[Push]:
        wall = in_force(self._wall(), self._seat.clock.now())
        return held_by_others(wall, self._seat.name, self._places(wall, body))

    def _places(self, wall: Wall, body: Asking) -> list[_Place]:
        """What a command would take."""
        match body:
            case PushToWall():
                at = self._seat.clock.now()
                made = Push(id="", seat="", by="", at=at, screens=tuple(body.screens), spots=tuple(body.spots))
                return claims(made)
            case ClearWall():
                return [(number, _WHOLE) for number in body.screens]
            case LoadMatrix():
                matrix = self._seat.pump.room.matrices.get(body.matrix)
                return [(screen.number, _WHOLE) for screen in matrix.screens] if matrix is not None else []
            case ArrangeWall():
                return _changed(wall.base, body.screens)


def _changed(base: Iterable[WallScreen], screens: Iterable[WallScreen]) -> list[_Place]:
    before = {screen.number: screen for screen in base}
    places: list[_Place] = []
    for screen in screens:
        held = before.get(screen.number)
        if held is None:
            continue
        if (held.columns, held.rows) != (screen.columns, screen.rows):
            places.append((screen.number, _WHOLE))
        else:
            kept = set(held.tiles)
            places += [(screen.number, unit_box(t, screen.columns, screen.rows)) for t in screen.tiles if t not in kept]
    return places
