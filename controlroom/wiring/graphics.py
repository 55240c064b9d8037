"""Graphics for command on one map, connected: what stands, and what is drawn by this hand just now."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.graphic_wording import kind_word, measured_text
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.graphic import GraphicKind
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.i18n import _
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.coordinates import in_world
from controlroom.mapping.graphic_marks import GraphicMark
from controlroom.mapping.graphics import measured
from controlroom.wiring.seat import Seat
from widgets.map_view import MapView

_AGES_EVERY_S = 10


class GraphicWiring(QObject):
    """Feeds the graphics of one map and hears the hand that draws there."""

    def __init__(self, seat: Seat, view: MapView, follower: TimeFollower) -> None:
        super().__init__(view)
        self._seat, self._view, self._follower = seat, view, follower
        self._told: tuple[GraphicMark, ...] = ()
        table = seat.graphics
        for changed in (
            table.changed,
            table.sketching.changed,
            seat.pump.graphics_changed,
            seat.pump.room_reset,
            seat.past.changed,
            follower.changed,
        ):
            changed.connect(self._show)
        table.sketching.changed.connect(self._sketch)
        seat.selection.changed.connect(self._selected)
        seat.pump.ticked.connect(self._tick)
        view.sketched.connect(self._hand)
        seat.pump.ticked.connect(self._published)
        self._show()
        self._sketch()

    @property
    def _room(self) -> Room:
        return (self._seat.past.room or Room()) if self._follower.past else self._seat.pump.room

    @property
    def _incident(self) -> str:
        """The incident that is chosen: its graphics are shown although they are archived."""
        selection = self._seat.selection
        return selection.id if selection.kind == "incident" else ""

    def _show(self) -> None:
        now = self._seat.room_time.at if self._follower.past else self._seat.clock.now()
        marks = self._seat.graphics.marks(self._room, now, self._incident)
        if marks != self._told:
            self._told = marks
            self._view.scene.set_graphics(marks)

    def _tick(self, now: datetime) -> None:
        if int(now.timestamp()) % _AGES_EVERY_S == 0 and self._view.isVisible():
            self._show()

    def _published(self, _now: datetime) -> None:
        """The age of answers that seats show to all: the time of their data, else that of their making."""
        tree = self._view.tree
        for identity, held in self._room.published.items():
            if tree.layer(identity) is not None:
                count = len(held.body.features) + len(held.body.points)
                told = _("made by {author}, shown by {officer} at {seat}")
                note = told.format(author=held.body.author, officer=held.by, seat=held.seat)
                tree.tell(identity, count=count, data_at=held.body.data_at or held.body.made_at, note=note)

    def _selected(self, _kind: str, _identity: str) -> None:
        self._show()

    def _sketch(self) -> None:
        draft = self._seat.graphics.sketching.draft
        past = self._follower.past
        self._view.scene.set_sketch(None if draft is None or past else self._seat.graphics.sketching.mark(self._hint()))

    def _hand(self, action: str, index: int, lon: float, lat: float) -> None:
        place = Point(lon, lat) if in_world(lon, lat) else None
        near = self._seat.graphics.places(self._room, self._incident)
        self._seat.graphics.sketching.act(action, index, place, near, self._view.scene.centre.zoom)

    def _hint(self) -> str:
        """What the hand can do now, and how long or large the draft is."""
        draft = self._seat.graphics.sketching.draft
        if draft is None:
            return ""
        said = [draft.drawing.text or kind_word(draft.drawing.kind)]
        if draft.enough and draft.drawing.kind.most > 1:
            try:
                said.append(measured_text(measured(draft.finished)))
            except AnalysisFault:
                said.append(_("crosses itself or encloses nothing"))
        if draft.graphic:
            said.append(_("drag corners · Enter keeps it · Esc gives it up"))
        elif draft.drawing.kind.most == 1:
            said.append(_("click where it is, or Space at the cross-hair · Esc gives it up"))
        else:
            fewest = draft.drawing.kind.fewest
            wanted = _("click corners, Space at the cross-hair · double click or Enter ends · Backspace takes one back")
            said.append(wanted if len(draft.points) < fewest else _("Enter or double click ends · Backspace · Esc"))
        return " · ".join(part for part in said if part)


def point_of(room: Room, identity: str) -> Point | None:
    """Where a graphic or a fence is: its point, or the middle of its corners."""
    fence, graphic = room.fences.get(identity), room.graphics.get(identity)
    if fence is not None:
        return _middle(fence.ring)
    if graphic is None:
        return None
    points = graphic.drawing.points
    if graphic.drawing.kind in (GraphicKind.SYMBOL, GraphicKind.TEXT, GraphicKind.ZONE):
        return points[0]
    return _middle(points)


def _middle(points: tuple[Point, ...]) -> Point:
    lon, lat = [p.lon for p in points], [p.lat for p in points]
    return Point((min(lon) + max(lon)) / 2, (min(lat) + max(lat)) / 2)
