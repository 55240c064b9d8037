"""Who drew, changed and removed what on the maps, also what is gone; what is gone can be drawn again."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.graphic_wording import author_text, drawing_title
from controlroom.bridge.wording import moment_text
from controlroom.domain.events import GraphicChanged
from controlroom.domain.graphic import Drawing, Graphic
from controlroom.domain.times import from_ms
from controlroom.i18n import _
from controlroom.wire import codec
from controlroom.wiring.seat import ZONE, Seat
from widgets.graphic_past import GraphicPast, PastLine

_MOST = 500


class PlottingPast(QObject):
    """Opens the list of what the journal knows; `again` draws something anew."""

    def __init__(self, seat: Seat, again: Callable[[Drawing], None], parent: QObject) -> None:
        super().__init__(parent)
        self._seat, self._again = seat, again
        self.dialog: GraphicPast | None = None

    async def show(self, parent: QWidget | None) -> None:
        """Ask the journal and show what it says. Raises CommandRefused and EnvironmentFault."""
        answer = await self._seat.commands.past("graphic", limit=_MOST)
        lines = []
        for raw, at_ms in zip(answer.events, answer.times, strict=True):
            event = codec.event(raw)
            if isinstance(event, GraphicChanged):
                lines.append(self._line(event.graphic, from_ms(at_ms)))
        self.dialog = GraphicPast(lines, parent)
        self.dialog.again_wanted.connect(self._again)
        self.dialog.destroyed.connect(self._forget)
        self.dialog.show()

    def _line(self, graphic: Graphic, at: datetime) -> PastLine:
        archived = graphic.archived_at is not None
        words = (
            _("removed")
            if graphic.removed and not archived
            else _("archived")
            if archived
            else _("drawn")
            if graphic.version == 1
            else _("changed")
        )
        title = drawing_title(graphic.drawing, self._seat.graphics.symbols)
        return PastLine(moment_text(at, ZONE), words, title, author_text(graphic), graphic.drawing, graphic.removed)

    def _forget(self) -> None:
        self.dialog = None
