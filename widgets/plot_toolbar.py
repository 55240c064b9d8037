"""The line above a plot: how much time it shows and which, and what keeps it from showing all."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from controlroom.i18n import _
from widgets.elided_label import ElidedLabel

SPANS_S = (60, 300, 900, 3600, 6 * 3600, 24 * 3600, 7 * 86_400)


def span_name(span_s: int) -> str:
    """A span as its button says it."""
    if span_s < 3600:
        return _("{count} min").format(count=span_s // 60)
    if span_s < 2 * 86_400:
        return _("{count} h").format(count=span_s // 3600)
    return _("{count} d").format(count=span_s // 86_400)


class PlotToolbar(QWidget):
    """Time spans as buttons (keys 1 to 7), live or held, undo and redo, menus, and notes."""

    span_chosen = Signal(int)
    """The officer wants this many seconds."""
    live_chosen = Signal(bool)
    """The officer wants to follow the time, or to stand still."""
    undo_wanted = Signal()
    redo_wanted = Signal()
    cancel_wanted = Signal()
    """What is being fetched is not wanted any more."""

    def __init__(self, times: QMenu, more: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._span_s = SPANS_S[1]
        self._history, self._slow, self._dropped = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self._held, self._delta = ElidedLabel(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 0)
        row.setSpacing(2)
        self._spans = QButtonGroup(self)
        self._spans.setExclusive(False)
        for number, span_s in enumerate(SPANS_S, 1):
            button = _button(span_name(span_s), _("Show {span} (key {key})").format(span=span_name(span_s), key=number))
            button.setCheckable(True)
            self._spans.addButton(button, span_s)
            row.addWidget(button)
        self._spans.idClicked.connect(self._choose_span)
        self._live = _button(_("Live"), _("Follow the time (Home); again: stand still"))
        self._live.setCheckable(True)
        self._live.clicked.connect(self.live_chosen)
        self._undo = _button("↶", _("The view before (Ctrl+Z)"))
        self._undo.clicked.connect(self.undo_wanted)
        self._redo = _button("↷", _("The view that was undone (Ctrl+Y)"))
        self._redo.clicked.connect(self.redo_wanted)
        self._cancel = _button("×", _("Stop fetching history"))
        self._cancel.clicked.connect(self.cancel_wanted)
        self._cancel.hide()
        for button, menu, words in ((_menu_button("◷"), times, _("Other times")), (_menu_button("⋯"), more, _("More"))):
            button.setMenu(menu)
            button.setToolTip(words)
            button.setAccessibleName(words)
            row.addWidget(button)
        for button in (self._undo, self._redo, self._live):
            row.addWidget(button)
        self._held.setProperty("warning", True)
        self._held.hide()
        row.addWidget(self._held)
        row.addStretch(1)
        for note in (self._delta, self._history):
            note.setProperty("faint", True)
            row.addWidget(note)
            note.hide()
        row.addWidget(self._cancel)
        for note in (self._slow, self._dropped):
            note.setProperty("warning", True)
            row.addWidget(note)
            note.hide()
        self.show_look(self._span_s, True, "", False, False)

    @property
    def span_s(self) -> int:
        """The span in seconds that was chosen last by a button or key."""
        return self._span_s

    @property
    def notes(self) -> list[str]:
        """The notes that are shown now."""
        notes = (self._held, self._delta, self._history, self._slow, self._dropped)
        return [note.text() for note in notes if note.text()]

    def show_look(self, span_s: float, live: bool, held: str, can_undo: bool, can_redo: bool) -> None:
        """What the plot shows: check its buttons; `held` says which time it stands at."""
        for button in self._spans.buttons():
            button.setChecked(abs(self._spans.id(button) - span_s) < 0.01 * span_s)
        if round(span_s) in SPANS_S:
            self._span_s = round(span_s)
        self._live.setChecked(live)
        _note(self._held, "" if live else held)
        self._undo.setEnabled(can_undo)
        self._redo.setEnabled(can_redo)

    def show_history(self, text: str, busy: bool = False) -> None:
        """What the history does; empty when it is there."""
        _note(self._history, text)
        self._cancel.setVisible(busy)

    def show_slow(self, slow: bool, rate_hz: float = 0.0) -> None:
        """Whether the plots are redrawn less often than they should be, and how often."""
        text = _("Curves are redrawn only {rate} times a second: the computer is busy").format(rate=f"{rate_hz:.1g}")
        _note(self._slow, text if slow else "")

    def show_dropped(self, count: int, most: int) -> None:
        """How many sensors had no room."""
        text = _("{count} more sensors have no room, at most {most} curves").format(count=count, most=most)
        _note(self._dropped, text if count else "")

    def show_delta(self, text: str) -> None:
        """The time between the two cursors; empty without them."""
        _note(self._delta, text)

    def _choose_span(self, span_s: int) -> None:
        self._span_s = span_s
        self.span_chosen.emit(span_s)


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setToolTip(tip)
    button.setAccessibleName(tip if len(text) == 1 else text)
    return button


def _menu_button(text: str) -> QToolButton:
    button = _button(text, "")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _note(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
    if label.isHidden() == bool(text):
        label.setVisible(bool(text))
