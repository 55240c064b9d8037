"""Graphics for command as the maps of a seat draw them, worked out once for all of them."""

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from controlroom.bridge.graphic_wording import drawing_title, note_text, symbol_sign
from controlroom.bridge.sketch import Sketching
from controlroom.domain.fence import Fence
from controlroom.domain.graphic import Graphic, GraphicKind
from controlroom.domain.graphic_symbols import UNKNOWN_SYMBOL, GraphicSymbol
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.graphic_marks import GraphicMark
from controlroom.mapping.graphics import Part, area_of, parts_of


class GraphicTable(QObject):
    """Symbols, what is drawn just now, and which graphics are shown. GUI thread."""

    changed = Signal()
    """What is to be shown is other than before."""

    def __init__(self, symbols: Mapping[str, GraphicSymbol], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.symbols = symbols
        self.sketching = Sketching(self)
        self.archived_too = False
        self._drawn: dict[tuple[str, int], tuple[tuple[Part, ...], Point]] = {}

    def show_archived(self, shown: bool) -> None:
        """Whether graphics of closed incidents are on the maps."""
        if shown != self.archived_too:
            self.archived_too = shown
            self.changed.emit()

    def shown(self, room: Room, incident: str = "") -> list[Graphic]:
        """The graphics to be drawn: all that stand, and those that are archived with the chosen incident."""
        return [
            graphic
            for graphic in room.graphics.values()
            if graphic.archived_at is None or self.archived_too or (incident and graphic.drawing.incident == incident)
        ]

    def marks(self, room: Room, now: datetime, incident: str = "") -> tuple[GraphicMark, ...]:
        """What a map draws of a room; the one whose corners are changed just now is left out."""
        draft = self.sketching.draft
        hidden = draft.graphic if draft is not None else ""
        if len(self._drawn) > 3 * len(room.graphics) + 100:
            self._drawn.clear()
        return tuple(self.mark(graphic, now) for graphic in self.shown(room, incident) if graphic.id != hidden)

    def mark(self, graphic: Graphic, now: datetime) -> GraphicMark:
        """One of them."""
        drawing = graphic.drawing
        key = (graphic.id, graphic.version)
        if key not in self._drawn:
            self._drawn[key] = _shape(graphic)
        parts, at = self._drawn[key]
        symbol = self.symbols.get(drawing.symbol, UNKNOWN_SYMBOL)
        plain = drawing.kind is GraphicKind.SYMBOL
        named = bool(drawing.text) or plain or drawing.kind is GraphicKind.ZONE
        return GraphicMark(
            id=graphic.id,
            kind=drawing.kind,
            lon=at.lon,
            lat=at.lat,
            parts=parts,
            label=drawing_title(drawing, self.symbols) if named else "",
            note=note_text(graphic, now),
            glyph=symbol_sign(symbol) if plain else "",
            shape=symbol.shape if plain else "",
            colour=drawing.style.colour,
            width=drawing.style.width,
            dashed=drawing.style.dashed,
            filled=drawing.style.filled,
            archived=graphic.archived_at is not None,
        )

    def places(self, room: Room, incident: str = "") -> list[Point]:
        """Corners that a new one may be put onto: those of graphics, fences and incidents, and of the draft itself."""
        draft = self.sketching.draft
        own = draft.points[:1] if draft is not None and not draft.graphic else ()
        fences: list[Fence] = list(room.fences.values())
        return [
            *own,
            *(
                p
                for g in self.shown(room, incident)
                if draft is None or g.id != draft.graphic
                for p in g.drawing.points
            ),
            *(p for fence in fences for p in fence.ring),
            *(i.point for i in room.incidents.values() if i.point is not None),
        ]


def _shape(graphic: Graphic) -> tuple[tuple[Part, ...], Point]:
    """The pieces of a graphic and where its words stand; one that cannot be drawn is its first point."""
    drawing = graphic.drawing
    try:
        parts = parts_of(drawing)
    except AnalysisFault:
        return (), drawing.points[0]
    if drawing.kind is GraphicKind.AREA:
        return parts, _middle(graphic)
    if drawing.kind in (GraphicKind.LINE, GraphicKind.ARROW, GraphicKind.BROAD_ARROW):
        return parts, drawing.points[len(drawing.points) // 2] if len(drawing.points) > 2 else _between(drawing.points)
    return parts, drawing.points[0]


def _between(points: tuple[Point, ...]) -> Point:
    return Point((points[0].lon + points[-1].lon) / 2, (points[0].lat + points[-1].lat) / 2)


def _middle(graphic: Graphic) -> Point:
    """A place that surely lies inside an area."""
    found = area_of(graphic.drawing)
    if found is None:
        return graphic.drawing.points[0]
    area, plane = found
    at = area.shape.representative_point()
    lon, lat = plane.to_degrees(at.x, at.y)
    return Point(float(lon), float(lat))
