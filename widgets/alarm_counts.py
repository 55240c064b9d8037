"""How many alarms nobody has acknowledged, by severity: shape, numeral, count and colour."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.look import mark

SHAPES = {Severity.RED: "◆", Severity.ORANGE: "▲", Severity.YELLOW: "■", Severity.BLUE: "●"}
_CEILING = 9999


class AlarmCounts(QWidget):
    """Four buttons, worst first; grey while their count is nought."""

    severity_chosen = Signal(object)
    """A Severity whose alarms the officer wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        self.buttons: dict[Severity, QToolButton] = {}
        for severity in Severity:
            button = QToolButton()
            button.setAutoRaise(True)
            button.clicked.connect(lambda _checked=False, chosen=severity: self.severity_chosen.emit(chosen))
            self.buttons[severity] = button
            row.addWidget(button)
        self.set_counts({})

    def set_counts(self, counts: Mapping[Severity, int]) -> None:
        """Unacknowledged alarms by severity; a severity left out counts nought."""
        names = {
            Severity.RED: _("Red"),
            Severity.ORANGE: _("Orange"),
            Severity.YELLOW: _("Yellow"),
            Severity.BLUE: _("Blue"),
        }
        for severity, button in self.buttons.items():
            count = counts.get(severity, 0)
            shown = str(count) if count <= _CEILING else f"{_CEILING}+"
            button.setText(f"{SHAPES[severity]}{severity.numeral} {shown}")
            told = _("{name} {numeral}: {count} unacknowledged").format(
                name=names[severity], numeral=severity.numeral, count=count
            )
            button.setToolTip(told)
            button.setAccessibleName(told)
            mark(button, severity=int(severity) if count else 0, faint=not count)
