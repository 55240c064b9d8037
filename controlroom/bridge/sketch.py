"""What an officer draws just now on any map of the seat, corner by corner; who wanted it gets the finished one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from controlroom.domain.graphic import Drawing, GraphicKind
from controlroom.domain.place import Point
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.coordinates import WORLD, in_world, to_fixed
from controlroom.mapping.graphic_marks import SketchMark
from controlroom.mapping.graphics import parts_of

SNAP_PX = 10.0
"""A corner within so many pixels of one that stands is put onto it."""

Action = Literal[
    "add", "move", "insert", "choose", "touch", "drop", "back", "again", "end", "cancel", "next", "previous"
]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drawing that is not finished: its corners, those taken back, and the corner that keys act on.

    `graphic` and `version` name what is changed; both are empty for a new one. `wanted_by` says who gets it.
    """

    wanted_by: str
    drawing: Drawing
    points: tuple[Point, ...] = ()
    chosen: int = -1
    graphic: str = ""
    version: int = 0
    past: tuple[tuple[Point, ...], ...] = ()
    future: tuple[tuple[Point, ...], ...] = ()

    @property
    def enough(self) -> bool:
        """Whether it has the corners that its kind needs."""
        return len(self.points) >= self.drawing.kind.fewest

    @property
    def more(self) -> bool:
        """Whether a click adds a corner."""
        return not self.graphic and len(self.points) < self.drawing.kind.most

    @property
    def finished(self) -> Drawing:
        """The drawing with its corners."""
        return msgspec.structs.replace(self.drawing, points=self.points)

    def with_points(self, points: tuple[Point, ...], chosen: int) -> "Draft":
        """Other corners; what was before can be had back."""
        return replace(self, points=points, chosen=chosen, past=(*self.past, self.points)[-200:], future=())


class Sketching(QObject):
    """One draft at a time for all maps of a seat. GUI thread."""

    changed = Signal()
    """The draft is another, or there is none any more."""
    finished = Signal(object)
    """A Draft that is done."""
    cancelled = Signal(object)
    """A Draft that is given up."""
    refused = Signal(str)
    """Why it cannot be finished yet, as the name of a kind of graphic."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft: Draft | None = None
        self.snaps = True

    def begin(self, wanted_by: str, drawing: Drawing) -> None:
        """Draw a new one like this; its points are forgotten."""
        self._drop()
        self.draft = Draft(wanted_by, drawing)
        self.changed.emit()

    def edit(self, wanted_by: str, drawing: Drawing, graphic: str, version: int = 0) -> None:
        """Change the corners of one that stands."""
        self._drop()
        self.draft = Draft(wanted_by, drawing, drawing.points, 0, graphic, version)
        self.changed.emit()

    def restyle(self, drawing: Drawing) -> None:
        """Another look or other words for what is drawn."""
        if self.draft is not None and self.draft.drawing != drawing:
            self.draft = replace(self.draft, drawing=drawing)
            self.changed.emit()

    def act(self, action: str, index: int, place: Point | None, near: Sequence[Point] = (), zoom: int = 18) -> None:
        """What the hand or a key does; `near` are places that a corner may be put onto."""
        draft = self.draft
        if draft is None:
            return
        if action == "cancel":
            self._drop()
            self.changed.emit()
        elif action == "end":
            self._end(draft)
        elif action in ("back", "again"):
            self._turn_back(draft) if action == "back" else self._turn_on(draft)
        elif action in ("next", "previous"):
            count = max(len(draft.points), 1)
            self._set(replace(draft, chosen=(draft.chosen + (1 if action == "next" else -1)) % count))
        elif action == "choose" and 0 <= index < len(draft.points):
            self._set(replace(draft, chosen=index))
        elif action == "drop":
            self._remove(draft, index if index >= 0 else draft.chosen)
        elif place is not None and in_world(place.lon, place.lat):
            self._put(draft, action, index, self._snapped(place, near, zoom))

    def mark(self, hint: str) -> SketchMark | None:
        """What maps show of it."""
        draft = self.draft
        if draft is None:
            return None
        try:
            parts = parts_of(draft.finished) if draft.enough else ()
        except AnalysisFault:
            parts = ()
        kind = draft.drawing.kind
        return SketchMark(
            points=tuple((p.lon, p.lat) for p in draft.points),
            parts=parts,
            colour=draft.drawing.style.colour,
            closed=kind is GraphicKind.AREA,
            more=draft.more,
            single=kind.most == 1,
            chosen=draft.chosen,
            hint=hint,
        )

    # ---------------------------------------------------------------- inside

    def _put(self, draft: Draft, action: str, index: int, place: Point) -> None:
        points = draft.points
        if action == "add" and draft.more:
            if points and points[-1] == place:
                return
            self._set(draft.with_points((*points, place), len(points)))
            if draft.drawing.kind.most == 1 and self.draft is not None:
                self._end(self.draft)
        elif action == "add" and draft.graphic and draft.drawing.kind.most == 1:
            self._set(draft.with_points((place,), 0))
        elif action == "move" and 0 <= index < len(points):
            self._set(draft.with_points((*points[:index], place, *points[index + 1 :]), index))
        elif action == "insert" and 0 <= index <= len(points) and len(points) < draft.drawing.kind.most:
            self._set(draft.with_points((*points[:index], place, *points[index:]), index))

    def _remove(self, draft: Draft, index: int) -> None:
        if 0 <= index < len(draft.points) and (not draft.graphic or len(draft.points) > draft.drawing.kind.fewest):
            points = (*draft.points[:index], *draft.points[index + 1 :])
            self._set(draft.with_points(points, min(index, len(points) - 1)))

    def _turn_back(self, draft: Draft) -> None:
        if draft.past:
            points = draft.past[-1]
            future = (draft.points, *draft.future)
            self._set(replace(draft, points=points, chosen=len(points) - 1, past=draft.past[:-1], future=future))

    def _turn_on(self, draft: Draft) -> None:
        if draft.future:
            points = draft.future[0]
            past = (*draft.past, draft.points)
            self._set(replace(draft, points=points, chosen=len(points) - 1, past=past, future=draft.future[1:]))

    def _end(self, draft: Draft) -> None:
        if not draft.enough or not _drawable(draft.finished):
            self.refused.emit(str(draft.drawing.kind))
            return
        self.draft = None
        self.changed.emit()
        self.finished.emit(draft)

    def _set(self, draft: Draft) -> None:
        self.draft = draft
        self.changed.emit()

    def _drop(self) -> None:
        held, self.draft = self.draft, None
        if held is not None:
            self.cancelled.emit(held)

    def _snapped(self, place: Point, near: Sequence[Point], zoom: int) -> Point:
        if not self.snaps:
            return place
        scale = 256.0 * 2.0**zoom / WORLD
        x, y = (float(v) * scale for v in to_fixed(place.lon, place.lat))
        best, found = SNAP_PX, place
        for other in near:
            ox, oy = (float(v) * scale for v in to_fixed(other.lon, other.lat))
            far = math.hypot(ox - x, oy - y)
            if far < best:
                best, found = far, other
        return found


def _drawable(drawing: Drawing) -> bool:
    try:
        parts_of(drawing)
    except AnalysisFault:
        return False
    return True
