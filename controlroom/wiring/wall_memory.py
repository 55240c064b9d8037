"""A display writes down what it shows, and shows that again until it has reached its hub."""

import contextlib
import logging
from datetime import datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject

from controlroom.domain.wall_memory import WallMemory, decoded, encoded, remembered
from controlroom.seat.status import LinkState
from controlroom.wiring.seat import Seat
from controlroom.wiring.video import WallWiring

EVERY_S = 5
"""So often a change is written at the most; the time of what is shown is renewed once a minute."""
_RENEWED_S = 60
_MOST_BYTES = 4_000_000
_log = logging.getLogger(__name__)


class WallRecall(QObject):
    """Keeps one display's memory in `file`. A file that cannot be read is put aside and told to the log."""

    def __init__(self, seat: Seat, wall: WallWiring, file: Path) -> None:
        super().__init__(wall)
        self._seat = seat
        self._wall = wall
        self._file = file
        self._written = b""
        self._written_at: datetime | None = None
        seat.pump.ticked.connect(self._tick)

    def recall(self) -> None:
        """Show what was shown last, if the hub has not told anything yet."""
        if self._seat.pump.status.state is LinkState.LIVE or self._seat.pump.room.sequence:
            return
        try:
            if not self._file.is_file() or self._file.stat().st_size > _MOST_BYTES:
                return
            memory = decoded(self._file.read_bytes())
            self._seat.pump.recall(memory.events, memory.at)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            _log.warning("the display's memory is put aside: %s", error)
            with contextlib.suppress(OSError):
                self._file.replace(self._file.with_suffix(".damaged"))

    def _tick(self, now: datetime) -> None:
        pump = self._seat.pump
        if pump.status.state is not LinkState.LIVE or pump.recalled_at is not None or pump.room.drill is not None:
            return
        since = EVERY_S if self._written_at is None else (now - self._written_at).total_seconds()
        if since < EVERY_S:
            return
        wall = self._wall
        events = tuple(remembered(pump.room, wall.name, wall.view(), wall.wall.tiles(), wall.shown_alarms()))
        text = msgspec.json.encode(events)
        if text == self._written and since < _RENEWED_S:
            return
        self._written, self._written_at = text, now
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(encoded(WallMemory(at=now, events=events)))
            part.replace(self._file)
        except OSError as error:
            _log.warning("what the display shows cannot be kept: %s", error)
