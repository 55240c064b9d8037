"""Plotting for command at a desk: the board, own steps, what is taken from files and given to neighbours."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.graphic_steps import GraphicSteps
from controlroom.bridge.graphic_wording import age_word, author_text, drawing_title, drawing_word, measured_text
from controlroom.bridge.sketch import Draft
from controlroom.domain.graphic import Drawing, Graphic
from controlroom.domain.incident import IncidentStatus
from controlroom.domain.place import Point
from controlroom.i18n import _, _n
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.coordinates import Datum
from controlroom.mapping.graphics import measured
from controlroom.mapping.position_reading import read_positions
from controlroom.shell.actions import Actions
from controlroom.wiring.exposure import ExposureWiring
from controlroom.wiring.plotting_files import GraphicFiles
from controlroom.wiring.plotting_past import PlottingPast
from controlroom.wiring.seat import Seat
from widgets.errand import Errand
from widgets.graphic_board import GraphicBoard, GraphicRow
from widgets.graphic_files import file_to_read, file_to_write

GRAPHIC = "graphic"
"""Whose drafts are new graphics and other corners of old ones."""

ToWrite = Callable[[QWidget | None, str, str], str]
ToRead = Callable[[QWidget | None], tuple[str, Datum]]


class PlottingDesk(QObject):
    """Opens the board and does what is wanted there. One per seat."""

    def __init__(
        self,
        seat: Seat,
        actions: Actions,
        active: Callable[[], QWidget | None],
        parent: QObject | None = None,
        to_write: ToWrite = file_to_write,
        to_read: ToRead = file_to_read,
    ) -> None:
        super().__init__(parent)
        self._seat, self._active = seat, active
        self._errand = Errand(seat.tasks.spawn, self)
        self._to_write, self._to_read = to_write, to_read
        self._busy = False
        self._shown_version = 0
        self.steps = GraphicSteps(seat.commands.send)
        self.board: GraphicBoard | None = None
        self.past = PlottingPast(seat, self._again, self)
        self.files = GraphicFiles(seat, self.steps, self._chosen_ids, self.say)
        self._exposure: ExposureWiring | None = None
        sketching = seat.graphics.sketching
        sketching.finished.connect(self._finished)
        sketching.changed.connect(self._sketch)
        sketching.refused.connect(self._unfinished)
        for changed in (seat.pump.graphics_changed, seat.pump.room_reset, seat.graphics.changed):
            changed.connect(self._rows)
        seat.pump.incidents_changed.connect(self._incidents)
        seat.pump.ticked.connect(self._tick)
        seat.selection.changed.connect(self._selected)
        seat.requests.plotting_wanted.connect(self._open_for)
        actions.add(
            "plotting",
            _("Plotting for command"),
            self._open,
            shortcuts=("Ctrl+Shift+B",),
            help=_("Symbols, lines, areas, arrows and danger zones on the maps of all seats; files and pictures"),
        )

    def show(self, parent: QWidget | None) -> GraphicBoard:
        """Open the board, or bring it to the front."""
        if self.board is None:
            self.board = GraphicBoard(self._seat.graphics.symbols, parent)
            self._connect(self.board)
            self._exposure = ExposureWiring(self._seat, self.board)
            self._exposure.strip.radius.hide()
            self._exposure.strip.hide()
            self.board.add_row(self._exposure.strip)
            self._incidents()
            self._rows()
            self._sketch()
        self.board.show()
        self.board.raise_()
        self.board.activateWindow()
        return self.board

    def _connect(self, board: GraphicBoard) -> None:
        table, sketching = self._seat.graphics, self._seat.graphics.sketching
        board.archived.setChecked(table.archived_too)
        board.snap.setChecked(sketching.snaps)
        board.destroyed.connect(self._forget)
        board.tool_chosen.connect(self._begin)
        board.look_changed.connect(sketching.restyle)
        board.hand.connect(self._hand)
        board.place_entered.connect(self._enter)
        board.snap_toggled.connect(self._snap)
        board.archived_toggled.connect(table.show_archived)
        board.chosen.connect(self._chosen)
        board.shown.connect(self._fly)
        board.reshape_wanted.connect(self._reshape)
        board.change_wanted.connect(self._change)
        board.remove_wanted.connect(self._remove)
        board.undo_wanted.connect(self._undo)
        board.redo_wanted.connect(self._redo)
        board.import_wanted.connect(self._import)
        board.export_wanted.connect(self._export)
        board.past_wanted.connect(self._past)

    # ---------------------------------------------------------------- what is shown

    def _open(self) -> None:
        self.show(self._active())

    def _open_for(self, incident: str) -> None:
        """The board of an incident: new graphics are of it."""
        self.show(self._active()).form.choose_incident(incident)

    def _forget(self) -> None:
        self.board = self._exposure = None
        draft = self._seat.graphics.sketching.draft
        if draft is not None and draft.wanted_by == GRAPHIC:
            self._hand("cancel")

    def _rows(self) -> None:
        board, room, now = self.board, self._seat.pump.room, self._seat.clock.now()
        if board is None:
            return
        table = self._seat.graphics
        held = table.shown(room, self._seat.selection.id if self._seat.selection.kind == "incident" else "")
        held.sort(key=lambda graphic: (graphic.archived_at is not None, -graphic.touched_at.timestamp(), graphic.id))
        rows = []
        for graphic in held:
            incident = room.incidents.get(graphic.drawing.incident)
            title, word = drawing_title(graphic.drawing, table.symbols), drawing_word(graphic.drawing, table.symbols)
            rows.append(
                GraphicRow(
                    mark=msgspec.structs.replace(table.mark(graphic, now), note=""),
                    title=title if title == word else f"{title} · {word}",
                    incident=incident.title if incident is not None else graphic.drawing.incident,
                    author=author_text(graphic),
                    age=age_word(graphic, now),
                )
            )
        board.set_rows(rows)
        board.set_steps(self.steps.can_undo, self.steps.can_redo)
        self._meanwhile()

    def _meanwhile(self) -> None:
        """Somebody changed or removed what is changed here just now."""
        draft = self._seat.graphics.sketching.draft
        if draft is None or not draft.graphic or draft.wanted_by != GRAPHIC:
            return
        held = self._seat.pump.room.graphics.get(draft.graphic)
        if held is None:
            self.say(_("Somebody has removed what you are changing."))
        elif held.version != draft.version:
            self.say(_("{who} has changed this meanwhile. Give yours up and look.").format(who=author_text(held)))

    def _incidents(self, _changed: object = None) -> None:
        if self.board is not None:
            held = self._seat.pump.room.incidents.values()
            self.board.set_incidents([(i.id, i.title) for i in held if i.status is IncidentStatus.OPEN])

    def _tick(self, now: datetime) -> None:
        if self.board is not None and self.board.isVisible() and int(now.timestamp()) % 10 == 0:
            self._rows()

    def _sketch(self) -> None:
        board, draft = self.board, self._seat.graphics.sketching.draft
        if board is None:
            return
        mine = draft is not None and draft.wanted_by == GRAPHIC
        if draft is None or not mine:
            board.set_sketch("", False, False)
            return
        count = _n("{count} corner", "{count} corners", len(draft.points)).format(count=len(draft.points))
        title = drawing_title(draft.drawing, self._seat.graphics.symbols)
        board.set_sketch(_("Drawing: {what} · {count}").format(what=title, count=count), True, draft.enough)

    def _selected(self, kind: str, identity: str) -> None:
        if self.board is not None and kind == GRAPHIC:
            self.board.select(identity)
        elif kind == "incident":
            self._rows()

    def _chosen(self, identity: str) -> None:
        held = self._seat.pump.room.graphics.get(identity)
        if held is None or self.board is None:
            return
        self._seat.selection.select(GRAPHIC, identity)
        draft = self._seat.graphics.sketching.draft
        if draft is None:
            self.board.show_drawing(held.drawing)
            self._shown_version = held.version
        if self._exposure is not None:
            self._exposure.strip.setVisible(self._exposure.show_drawing(held.drawing))
        try:
            self.board.set_figures(measured_text(measured(held.drawing)))
        except AnalysisFault:
            self.board.set_figures("")

    def _fly(self, identity: str) -> None:
        self._seat.reveal("map")
        self._seat.requests.map_wanted.emit(GRAPHIC, identity)

    # ---------------------------------------------------------------- what is drawn

    def _begin(self, drawing: Drawing) -> None:
        self._seat.reveal("map")
        self._seat.graphics.sketching.begin(GRAPHIC, drawing)

    def _hand(self, action: str) -> None:
        self._seat.graphics.sketching.act(action, -1, None)

    def _enter(self, text: str) -> None:
        found = read_positions(text)
        if not found or self.board is None:
            self.say(_("“{text}” is no place: write longitude and latitude.").format(text=text[:80]))
            return
        self.board.notice.hush()
        self.board.place.clear()
        self._seat.graphics.sketching.act("add", -1, Point(found[0].lon, found[0].lat))

    def _snap(self, snaps: bool) -> None:
        self._seat.graphics.sketching.snaps = snaps

    def _reshape(self, identity: str) -> None:
        held = self._seat.pump.room.graphics.get(identity)
        if held is not None:
            self._fly(identity)
            self._seat.graphics.sketching.edit(GRAPHIC, held.drawing, held.id, held.version)

    def _unfinished(self, _kind: str) -> None:
        draft = self._seat.graphics.sketching.draft
        if draft is None or draft.wanted_by != GRAPHIC:
            return
        fewest = draft.drawing.kind.fewest
        if not draft.enough:
            self.say(_n("It needs {count} corner.", "It needs {count} corners.", fewest).format(count=fewest))
        else:
            self.say(_("It crosses itself, has no length or encloses nothing, so it cannot be drawn."))

    def _finished(self, draft: Draft) -> None:
        if draft.wanted_by != GRAPHIC:
            return
        if not draft.graphic:
            self._run(self._draw(draft.finished), "draw a graphic")
            return
        held = self._seat.pump.room.graphics.get(draft.graphic)
        if held is None:
            self.say(_("Somebody has removed what you are changing."))
        elif held.drawing != draft.finished:
            seen = msgspec.structs.replace(held, version=draft.version)
            self._run(self.steps.change(seen, draft.finished), "reshape a graphic")

    async def _draw(self, drawing: Drawing) -> None:
        (name,) = await self.steps.draw([drawing])
        self._seat.selection.select(GRAPHIC, name)

    def _change(self, identity: str, look: Drawing) -> None:
        """The fields' look for a graphic that stands; its version is the one that was in the fields."""
        held = self._seat.pump.room.graphics.get(identity)
        if held is None:
            return
        wanted = msgspec.structs.replace(look, kind=held.drawing.kind, points=held.drawing.points)
        seen = msgspec.structs.replace(held, version=self._shown_version)
        if wanted != held.drawing:
            self._run(self._changed(seen, wanted), "change a graphic")

    async def _changed(self, seen: Graphic, wanted: Drawing) -> None:
        await self.steps.change(seen, wanted)
        self._shown_version = seen.version + 1

    def _remove(self, identities: list[str]) -> None:
        room = self._seat.pump.room
        held = [room.graphics[i] for i in identities if i in room.graphics]
        if held:
            self._run(self.steps.remove(held), "remove graphics")

    def _undo(self) -> None:
        if self._seat.graphics.sketching.draft is not None:
            self._hand("back")
        else:
            self._run(self.steps.undo(), "undo")

    def _redo(self) -> None:
        if self._seat.graphics.sketching.draft is not None:
            self._hand("again")
        else:
            self._run(self.steps.redo(), "redo")

    # ---------------------------------------------------------------- files and pictures

    def _import(self) -> None:
        name, datum = self._to_read(self.board)
        if name:
            incident = self.board.form.drawing().incident if self.board is not None else ""
            self._run(self.files.take(Path(name), incident, datum), "import graphics")

    def _chosen_ids(self) -> list[str]:
        return self.board.chosen_ids if self.board is not None else []

    def _export(self, kind: str) -> None:
        wanted = self._to_write(self.board, _("plotting"), kind)
        if wanted:
            self._run(self.files.give(Path(wanted), kind), "export graphics")

    # ---------------------------------------------------------------- what is gone

    def _past(self) -> None:
        self._run(self.past.show(self.board), "the past of plotting")

    def _again(self, drawing: Drawing) -> None:
        held = self._seat.pump.room.incidents.get(drawing.incident)
        gone = held is None or held.status is IncidentStatus.CLOSED
        wanted = msgspec.structs.replace(drawing, incident="") if gone else drawing
        self._run(self._draw(wanted), "draw again")

    # ---------------------------------------------------------------- inside

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

    def _run(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        if self._busy:
            work.close()
            self.say(_("The last step is still on its way to the hub; try again."))
            return
        self._busy = True
        self._errand.run(self._step(work), name)

    async def _step(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        finally:
            self._busy = False
            if self.board is not None:
                self.board.set_steps(self.steps.can_undo, self.steps.can_redo)
