"""The rows above a plot: name, value with its unit, level and age of each curve, and what it read at the cursor."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from controlroom.bridge.raw_text import tip
from controlroom.bridge.reading_wording import freshness_text, level_text, value_text
from controlroom.bridge.wording import age_text
from controlroom.domain.limits import Freshness
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.elided_label import ElidedLabel
from widgets.plot_axis import DISTRICT
from widgets.plot_curve import Curve, curve_colour
from widgets.plot_readings import Judged
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
        self._name = ElidedLabel(name, tip=tip(f"{place} {name}\n{sensor_id}".strip()))
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
        self,
        value: str,
        level: int,
        freshness: Freshness,
        age_s: float | None,
        lost: bool = False,
        past: bool = False,
    ) -> None:
        """The newest reading: its text, the severity it has (0 normal) and how old it is (None: never heard).

        `lost` tells that the link to the hub is, so that nothing is live; `past` that the curve shows another time,
        so that what is now is named so and stands back behind what was then.
        """
        live = freshness is Freshness.LIVE and not lost and not past
        self._value.setText(_("now {value}").format(value=value) if past else value)
        words = [level_text(level)] if live or past or level else []
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


class PlotLegend(QWidget):
    """A row for each curve."""

    chosen = Signal(str)
    """The limits of this sensor are wanted."""
    removed = Signal(str)
    """The officer wants this sensor's curve away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LegendRow] = []
        self._curves: Sequence[Curve] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def texts(self) -> list[str]:
        """What the rows say."""
        return [row.text for row in self._rows]

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """A row for each of these."""
        for old in self._rows:
            self._column.removeWidget(old)
            old.deleteLater()
        self._curves, self._rows = list(curves), []
        for curve in curves:
            row = LegendRow(curve.sensor.id, curve.sensor.name, curve.sensor.town)
            row.chosen.connect(self.chosen)
            row.removed.connect(self.removed)
            self._column.addWidget(row)
            self._rows.append(row)
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the palette again."""
        for row, curve in zip(self._rows, self._curves, strict=True):
            row.set_colour(curve_colour(curve.number, self.palette()))

    def show_readings(self, judged: Sequence[Judged], *, lost: bool, past: bool = False) -> None:
        """The newest reading of each curve; `past` where the curves show another time."""
        for row, curve, newest in zip(self._rows, self._curves, judged, strict=True):
            value = value_text(newest.value, curve.sensor.unit, curve.kind)
            row.set_reading(value, newest.level, newest.freshness, newest.age_s, lost=lost, past=past)

    def show_cursor(self, at: datetime | None, reference: datetime | None, now: datetime) -> None:
        """What each curve read at the cursor, and how much it differs from the reference."""
        for row, curve in zip(self._rows, self._curves, strict=True):
            row.set_cursor_text(_cursor_text(curve, at, reference, now))


def _cursor_text(curve: Curve, at: datetime | None, reference: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    unit, kind = curve.sensor.unit, curve.kind
    held = curve.at(at.timestamp())
    value = "—" if held is None else value_text(held[1], unit, kind)
    local = at.astimezone(DISTRICT)
    today = local.date() == now.astimezone(DISTRICT).date()
    text = _("{time}: {value}").format(time=f"{local:%H:%M:%S}" if today else f"{local:%m-%d %H:%M:%S}", value=value)
    before = None if reference is None else curve.at(reference.timestamp())
    if held is not None and before is not None:
        change = held[1] - before[1]
        text += f"  Δ {'+' if change > 0 else ''}{value_text(change, unit, kind)}"
    return text
