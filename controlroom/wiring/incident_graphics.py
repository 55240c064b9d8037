"""What is drawn for the incident that is shown, connected; at the room's time as it was then."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.graphic_wording import drawing_title, note_text
from controlroom.domain.incident import IncidentStatus
from controlroom.domain.room import Room
from controlroom.wiring.seat import Seat
from widgets.graphic_strip import GraphicStrip


class IncidentGraphics(QObject):
    """Feeds one strip. `room` is that of the board: of now, or of the room's time."""

    def __init__(self, seat: Seat, room: Callable[[], Room], parent: QObject) -> None:
        super().__init__(parent)
        self.strip = GraphicStrip()
        self._seat, self._room = seat, room
        self._incident = ""
        seat.pump.graphics_changed.connect(self._tell)
        seat.pump.ticked.connect(self._tick)
        self.strip.shown.connect(self._show_there)
        self.strip.board_wanted.connect(lambda: seat.requests.plotting_wanted.emit(self._incident))

    def show(self, incident: str | None) -> None:
        """Show what is drawn for an incident."""
        self._incident = incident or ""
        self._tell()

    def _tick(self, now: datetime) -> None:
        if self.strip.isVisible() and int(now.timestamp()) % 10 == 0:
            self._tell()

    def _tell(self) -> None:
        room = self._room()
        now = self._seat.clock.now() if self._seat.room_time.live else self._seat.room_time.at
        held = [g for g in room.graphics.values() if self._incident and g.drawing.incident == self._incident]
        held.sort(key=lambda graphic: graphic.touched_at, reverse=True)
        symbols = self._seat.graphics.symbols
        lines = [(g.id, f"{drawing_title(g.drawing, symbols)} ({note_text(g, now)})") for g in held]
        incident = room.incidents.get(self._incident)
        is_open = incident is not None and incident.status is IncidentStatus.OPEN
        self.strip.set_lines(lines, is_open and room is self._seat.pump.room)

    def _show_there(self, graphic: str) -> None:
        self._seat.selection.select("incident", self._incident)
        self._seat.reveal("map")
        self._seat.requests.map_wanted.emit("graphic", graphic)
