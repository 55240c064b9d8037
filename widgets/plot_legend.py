"""The rows above a plot: name, value with its unit, level and age of each curve."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from controlroom.bridge.reading_wording import freshness_text, level_text
from controlroom.bridge.wording import age_text
from controlroom.domain.limits import Freshness
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import is_dark, severity_pixmap

_SYMBOL_PX = 14


class LegendRow(QWidget):
    """One curve in words. The value carries `stale`, so that the style sheet greys it."""

    chosen = Signal(str)
    """The row of this sensor was clicked."""
    removed = Signal(str)
    """The officer wants this sensor's curve away."""

    def __init__(self, sensor_id: str, name: str, place: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sensor_id = sensor_id
        self._level = 0
        self._swatch = QLabel()
        self._name = QLabel(name)
        self._name.setToolTip(f"{place} {name}\n{sensor_id}".strip())
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._value = QLabel("—")
        bold = self._value.font()
        bold.setBold(True)
        self._value.setFont(bold)
        self._symbol = QLabel()
        self._symbol.setFixedWidth(_SYMBOL_PX + 2)
        self._state = QLabel()
        self._age = QLabel()
        self._cursor = QLabel()
        remove = QToolButton()
        remove.setText("×")
        remove.setAutoRaise(True)
        remove.setToolTip(_("Remove this curve"))
        remove.setAccessibleName(_("Remove {name} from the plot").format(name=name))
        remove.clicked.connect(self._remove)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 2, 0)
        row.setSpacing(8)
        row.addWidget(self._swatch)
        row.addWidget(self._name, 3)
        for label, stretch in (
            (self._value, 2),
            (self._symbol, 0),
            (self._state, 2),
            (self._age, 2),
            (self._cursor, 3),
        ):
            row.addWidget(label, stretch)
        row.addWidget(remove)

    def set_colour(self, colour: QColor) -> None:
        """The colour of the curve."""
        swatch = QPixmap(18, 3)
        swatch.fill(colour)
        self._swatch.setPixmap(swatch)
        self._show_level(self._level)

    def set_reading(
        self, value: str, level: int, freshness: Freshness, age_s: float | None, lost: bool = False
    ) -> None:
        """The newest reading: its text, the severity it has (0 normal) and how old it is (None: never heard).

        `lost` tells that the link to the hub is, so that nothing is live.
        """
        live = freshness is Freshness.LIVE and not lost
        self._value.setText(value)
        words = [level_text(level)] if live or level else []
        words += [freshness_text(freshness, age_s or 0.0)] if freshness is not Freshness.LIVE else []
        words += [_("Link lost")] if lost else []
        self._state.setText(" · ".join(words))
        self._age.setText("" if age_s is None else age_text(age_s))
        if level != self._level:
            self._show_level(level)
        for label in (self._value, self._state, self._age):
            if label.property("stale") != (not live):
                label.setProperty("stale", not live)
                label.style().unpolish(label)
                label.style().polish(label)

    def set_cursor_text(self, text: str) -> None:
        """What the curve read at the cursor; empty without one."""
        self._cursor.setText(text)

    @property
    def text(self) -> str:
        """All that the row says, for those who cannot see it."""
        parts = (self._name, self._value, self._state, self._age, self._cursor)
        return " ".join(label.text() for label in parts if label.text())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses the sensor whose limits are drawn."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._sensor_id)

    def _show_level(self, level: int) -> None:
        self._level = level
        if level:
            ratio = self.devicePixelRatioF()
            dark = is_dark(self.palette())
            self._symbol.setPixmap(severity_pixmap(Severity(level), _SYMBOL_PX, dark=dark, ratio=ratio))
        else:
            self._symbol.clear()

    def _remove(self) -> None:
        self.removed.emit(self._sensor_id)
