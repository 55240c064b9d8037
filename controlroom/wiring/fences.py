"""Fences at a desk, connected: borders drawn on any map, what the hub tells of them, and who crossed them last."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.sketch import Draft
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_names import FENCES, fence_of
from controlroom.domain.events import AlarmChanged
from controlroom.domain.graphic import Drawing, GraphicColour, GraphicKind, GraphicStyle
from controlroom.domain.place import Point
from controlroom.errors import CommandRefused
from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.wire import codec
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wire.messages import Refusal
from controlroom.wiring.seat import ZONE, Seat
from widgets.errand import Errand
from widgets.fence_board import FenceBoard, FenceRow, FenceWish

FENCE = "fence"
"""Whose drafts are borders of fences."""
PAST_MOST = 500
_NOWHERE = (Point(0.0, 0.0),)


class FenceDesk(QObject):
    """Opens the board of fences and does what is wanted there. One per seat."""

    def __init__(self, seat: Seat, actions: Actions, active: Callable[[], QWidget | None], parent: QObject) -> None:
        super().__init__(parent)
        self._seat, self._active = seat, active
        self._errand = Errand(seat.tasks.spawn, self)
        self._wanted: FenceWish | None = None
        self._again = ""
        """The fence whose new border was refused and is a draft once more."""
        self._crossed: dict[str, Alarm] = {}
        """Crossings by the alarm's id and time, as far as they are known."""
        self.board: FenceBoard | None = None
        sketching = seat.graphics.sketching
        sketching.finished.connect(self._finished)
        sketching.changed.connect(self._sketch)
        seat.pump.fences_changed.connect(self._rows)
        seat.pump.room_reset.connect(self._rows)
        seat.room_time.changed.connect(self._tell_time)
        seat.room_time.moved.connect(self._tell_time)
        seat.pump.alarms_changed.connect(self._alarms)
        seat.requests.fence_wanted.connect(self._show_one)
        actions.add(
            "fences",
            _("Fences"),
            lambda: self.show(self._active()),
            shortcuts=("Ctrl+Shift+G",),
            help=_("Draw, name and change fences, switch them on and off, and see who crossed them"),
        )

    def show(self, parent: QWidget | None) -> FenceBoard:
        """Open the board, or bring it to the front."""
        if self.board is None:
            kinds = sorted({vehicle.kind for vehicle in self._seat.pump.room.vehicles.values()})
            board = self.board = FenceBoard(kinds, parent, self._seat.names.kind, ZONE)
            board.destroyed.connect(self._forget)
            board.drawing_wanted.connect(self._draw)
            board.corners_wanted.connect(self._corners)
            board.set_wanted.connect(self._set)
            board.removed.connect(self._remove)
            board.shown.connect(self._fly)
            board.chosen.connect(self._tell_crossings)
            self._crossings(self._seat.pump.room.alarms.values())
            self._rows()
            self._tell_time()
            self._errand.run(self._load(), "crossings of fences")
        self.board.show()
        self.board.raise_()
        self.board.activateWindow()
        return self.board

    def _show_one(self, identity: str) -> None:
        """Another part of the room asks for a fence."""
        self.show(self._active()).select(identity)

    # ---------------------------------------------------------------- what is shown

    def _rows(self) -> None:
        if self.board is None:
            return
        room = self._seat.pump.room
        rows = []
        for fence in sorted(room.fences.values(), key=lambda fence: fence.name):
            mine = [alarm for alarm in self._crossed.values() if _fence_of(alarm) == fence.id]
            standing = [
                a for a in room.alarms.values() if _fence_of(a) == fence.id and a.state is not AlarmState.NORMAL
            ]
            newest = max(mine, key=lambda alarm: alarm.occurred_at, default=None)
            rows.append(FenceRow(fence, len(standing), "" if newest is None else _clock(newest)))
        self.board.set_rows(rows)

    def _alarms(self, alarms: list[Alarm]) -> None:
        if self.board is not None and any(alarm.source == FENCES for alarm in alarms):
            self._crossings(alarms)
            self._rows()
            self._tell_crossings(self.board.chosen_id)

    def _crossings(self, alarms: Iterable[Alarm]) -> None:
        for alarm in alarms:
            if alarm.source == FENCES:
                self._crossed[f"{alarm.id} {alarm.occurred_at.isoformat()}"] = alarm

    async def _load(self) -> None:
        """The newest alarms of the journal: crossings that are over are among them."""
        answer = await self._seat.commands.past("alarm", limit=PAST_MOST)
        events = (codec.event(raw) for raw in answer.events)
        self._crossings([event.alarm for event in events if isinstance(event, AlarmChanged)])
        self._rows()

    def _tell_crossings(self, fence: str) -> None:
        if self.board is not None:
            mine = [alarm for alarm in self._crossed.values() if _fence_of(alarm) == fence]
            mine.sort(key=lambda alarm: alarm.occurred_at, reverse=True)
            self.board.set_crossings([(_clock(alarm), alarm.title) for alarm in mine[:50]])

    def _tell_time(self, _at: object = None) -> None:
        """The board changes fences that stand: it shows those of now, and says so while the room looks elsewhere."""
        if self.board is None:
            return
        if self._seat.room_time.live:
            self.board.time.show_live()
        else:
            self.board.time.show_unable(self._seat.room_time.at)

    def _sketch(self) -> None:
        draft = self._seat.graphics.sketching.draft
        if self.board is not None:
            self.board.set_sketch(draft is not None and draft.wanted_by == FENCE)

    def _forget(self) -> None:
        self.board = None
        draft = self._seat.graphics.sketching.draft
        if draft is not None and draft.wanted_by == FENCE:
            self._seat.graphics.sketching.act("cancel", -1, None)

    def _fly(self, identity: str) -> None:
        fence = self._seat.pump.room.fences.get(identity)
        if fence is not None:
            self._seat.reveal("map")
            self._seat.requests.map_wanted.emit(FENCE, identity)

    # ---------------------------------------------------------------- what is drawn

    def _draw(self, wanted: FenceWish) -> None:
        self._wanted = wanted
        self._seat.reveal("map")
        self._seat.graphics.sketching.begin(FENCE, _border(wanted.name, _NOWHERE))

    def _corners(self, identity: str) -> None:
        held = self._seat.pump.room.fences.get(identity)
        if held is not None and self.board is not None:
            self._wanted = self.board.standing(identity)
            self._fly(identity)
            self._seat.graphics.sketching.edit(FENCE, _border(held.name, held.ring), identity)

    def _finished(self, draft: Draft) -> None:
        if draft.graphic and self.board is not None and self._again == draft.graphic:
            # He was told that another changed it and ends his border all the same.
            self._wanted = self.board.standing(draft.graphic) or self._wanted
        self._again = ""
        if draft.wanted_by == FENCE and self._wanted is not None:
            self._send(self._wanted, draft.points, drawn=True)

    def _set(self, wanted: FenceWish) -> None:
        held = self._seat.pump.room.fences.get(wanted.fence)
        if held is not None:
            self._send(wanted, held.ring)

    def _send(self, wanted: FenceWish, ring: tuple[Point, ...], drawn: bool = False) -> None:
        held = self._seat.pump.room.fences.get(wanted.fence)
        incident = "" if held is None else held.incident
        body = SetFence(ring=ring, incident=incident, **asdict(wanted))
        sent = self._seat.commands.send(body)
        self._errand.run(self._keeping(sent, wanted.fence, ring) if drawn else sent, "set a fence")

    async def _keeping(self, sent: Coroutine[Any, Any, Any], fence: str, ring: tuple[Point, ...]) -> None:
        """What was drawn while another changed the fence is a draft once more: Enter puts it in the other's place."""
        try:
            await sent
        except CommandRefused as refused:
            held = self._seat.pump.room.fences.get(fence)
            free = self._seat.graphics.sketching.draft is None and self.board is not None
            if refused.code == Refusal.CHANGED_MEANWHILE and held is not None and free:
                self._again = fence
                self._seat.graphics.sketching.edit(FENCE, _border(held.name, ring), fence)
            raise

    def _remove(self, fence: str) -> None:
        held = self._seat.pump.room.fences.get(fence)
        version = 1 if held is None else held.version
        self._errand.run(self._seat.commands.send(RemoveFence(fence=fence, version=version)), "remove a fence")

    def hush(self) -> None:
        """What was refused is over."""
        if self.board is not None:
            self.board.notice.hush()

    def say(self, words: str) -> None:
        """Say what was refused: on the board, or where all hear it."""
        if self.board is not None:
            self.board.notice.say(words)
        else:
            self._seat.requests.told.emit(words)


def _border(name: str, ring: tuple[Point, ...]) -> Drawing:
    style = GraphicStyle(colour=GraphicColour.YELLOW, dashed=True)
    return Drawing(kind=GraphicKind.AREA, points=ring, text=name, style=style)


def _fence_of(alarm: Alarm) -> str:
    return fence_of(alarm.key) if alarm.source == FENCES else ""


def _clock(alarm: Alarm) -> str:
    return f"{alarm.occurred_at.astimezone(ZONE):%m-%d %H:%M:%S}"
