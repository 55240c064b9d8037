"""What officers wrote on the curves of a plot, and the dialogs to write, change and remove it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from controlroom.domain.annotation import Annotation
from widgets.plot_note_dialog import NoteDialog
from widgets.plot_window import Stretch


class PlotNotes(QObject):
    """Holds the annotations of the shown sensors; what the officer wants of them is told, not done."""

    written = Signal(list, object, object, str)
    """Write on the curves of these sensors (ids): from, to, text."""
    changed = Signal(str, object, object, str)
    """Change an annotation (id): from, to, text."""
    removed = Signal(str)
    """Remove an annotation (id)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.shown: Sequence[Annotation] = ()

    def show(self, notes: Sequence[Annotation], sensors: Sequence[str]) -> None:
        """Hold these; those of other sensors are passed over."""
        own = set(sensors)
        self.shown = sorted((note for note in notes if own.intersection(note.sensors)), key=lambda n: n.begins_at)

    def write(self, sensors: list[str], stretch: Stretch, at: datetime | None, reference: datetime | None) -> None:
        """Ask for a text: between the two cursors, else from the cursor or the middle on."""
        if not sensors:
            return
        if at is not None and reference is not None:
            begins_at, ends_at = min(at, reference), max(at, reference)
        else:
            begins_at = at or datetime.fromtimestamp((stretch.start_s + stretch.end_s) / 2, UTC)
            ends_at = begins_at + timedelta(seconds=stretch.span_s / 20)
        dialog = NoteDialog(begins_at, ends_at, None, self._window)
        dialog.written.connect(partial(self.written.emit, sensors))
        dialog.open()

    def open(self, identity: str) -> None:
        """Show one to change or remove it; nothing happens where it is gone."""
        held = next((note for note in self.shown if note.id == identity), None)
        if held is None:
            return
        dialog = NoteDialog(held.begins_at, held.ends_at, held, self._window)
        dialog.written.connect(partial(self.changed.emit, identity))
        dialog.removal_wanted.connect(partial(self.removed.emit, identity))
        dialog.open()
