"""The line above a plot: how much time it shows, and what keeps it from showing all."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QWidget

from controlroom.i18n import _

SPANS_S = (60, 300, 900, 3600, 4 * 3600, 24 * 3600)


def span_name(span_s: int) -> str:
    """A span as its button says it."""
    if span_s < 3600:
        return _("{count} min").format(count=span_s // 60)
    return _("{count} h").format(count=span_s // 3600)


class PlotToolbar(QWidget):
    """Time spans as buttons (keys 1 to 6) and notes: history that is on its way, pictures that come seldom."""

    span_chosen = Signal(int)
    """The officer wants this many seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history, self._slow, self._dropped = QLabel(), QLabel(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 0)
        row.setSpacing(2)
        self._spans = QButtonGroup(self)
        for number, span_s in enumerate(SPANS_S, 1):
            button = QToolButton()
            button.setText(span_name(span_s))
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(_("Show {span} (key {key})").format(span=span_name(span_s), key=number))
            self._spans.addButton(button, span_s)
            row.addWidget(button)
        self._spans.idClicked.connect(self.span_chosen)
        row.addStretch(1)
        for note in (self._history, self._slow, self._dropped):
            note.setProperty("faint", True)
            note.hide()
            row.addWidget(note)
        self.set_span(SPANS_S[1])

    @property
    def span_s(self) -> int:
        """The chosen span in seconds."""
        return self._spans.checkedId()

    @property
    def notes(self) -> list[str]:
        """The notes that are shown now."""
        return [note.text() for note in (self._history, self._slow, self._dropped) if note.text()]

    def set_span(self, span_s: int) -> None:
        """Check the button of a span. Raises ValueError when there is none."""
        if span_s not in SPANS_S:
            raise ValueError(f"no button shows {span_s} s")
        self._spans.button(span_s).setChecked(True)

    def show_history(self, text: str) -> None:
        """What the history does; empty when it is there."""
        _note(self._history, text)

    def show_slow(self, slow: bool) -> None:
        """Whether the plots are redrawn less often than they should be."""
        _note(self._slow, _("Curves are redrawn less often: the computer is busy") if slow else "")

    def show_dropped(self, count: int, most: int) -> None:
        """How many sensors had no room."""
        text = _("{count} more sensors have no room, at most {most} curves").format(count=count, most=most)
        _note(self._dropped, text if count else "")


def _note(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
