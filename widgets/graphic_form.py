"""How a graphic for command looks and what it says: words, colour, line, incident, and the circles of a danger zone."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from controlroom.bridge.graphic_wording import colour_word, kind_word
from controlroom.domain.graphic import (
    SPREAD_DEG,
    DangerZone,
    Drawing,
    GraphicColour,
    GraphicKind,
    GraphicStyle,
)
from controlroom.domain.place import Point
from controlroom.i18n import _

_USUAL = {
    GraphicKind.LINE: GraphicColour.BLUE,
    GraphicKind.ARROW: GraphicColour.GREEN,
    GraphicKind.BROAD_ARROW: GraphicColour.RED,
    GraphicKind.AREA: GraphicColour.ORANGE,
    GraphicKind.ZONE: GraphicColour.RED,
    GraphicKind.TEXT: GraphicColour.INK,
}
_RADII_M = (100.0, 300.0, 800.0)
"""House figures, to be set to what the plan of the substance says."""
_NOWHERE = (Point(0.0, 0.0),)


class GraphicForm(QWidget):
    """Fields of a Drawing without its points. Only what its kind has is shown."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._symbol, self._origin = GraphicKind.LINE, "", ""
        self._showing = False
        self.text = QLineEdit()
        self.text.setMaxLength(400)
        self.colour, self.incident = QComboBox(), QComboBox()
        for colour in GraphicColour:
            self.colour.addItem(colour_word(colour), str(colour))
        self.width_ = QComboBox()
        for pixels, words in ((2, _("thin")), (3, _("usual")), (5, _("thick")), (8, _("very thick"))):
            self.width_.addItem(words, pixels)
        self.dashed, self.filled = QCheckBox(_("dashed")), QCheckBox(_("filled"))
        self.radii = tuple(self._metres(value) for value in _RADII_M)
        self.windy = QCheckBox(_("Wind from"))
        self.wind, self.spread = self._degrees(0.0, 360.0, 0.0), self._degrees(5.0, 360.0, SPREAD_DEG)
        self._title = QLabel()
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 4, 0, 0)
        self._build()
        self.show_kind(GraphicKind.LINE, "", None)

    def set_incidents(self, incidents: Sequence[tuple[str, str]]) -> None:
        """Open incidents: id, title; the chosen one stays so."""
        held = str(self.incident.currentData() or "")
        wanted = [("", _("of no incident")), *((i, f"{i} {title}") for i, title in incidents)]
        now = [(self.incident.itemData(k), self.incident.itemText(k)) for k in range(self.incident.count())]
        if now == wanted:
            return
        self._showing = True
        self.incident.clear()
        for identity, words in wanted:
            self.incident.addItem(words, identity)
        self.incident.setCurrentIndex(max(0, self.incident.findData(held)))
        self._showing = False

    def choose_incident(self, identity: str) -> None:
        """New graphics are of this incident."""
        if self.incident.findData(identity) >= 0:
            self.incident.setCurrentIndex(self.incident.findData(identity))

    def show_kind(self, kind: GraphicKind, symbol: str, colour: GraphicColour | None) -> None:
        """The fields of a kind for a new one; its words are empty, its incident stays."""
        style = GraphicStyle(colour=colour or _USUAL.get(kind, GraphicColour.RED), dashed=kind is GraphicKind.ARROW)
        zone = DangerZone(*_RADII_M) if kind is GraphicKind.ZONE else None
        incident = str(self.incident.currentData() or "")
        self._show(Drawing(kind=kind, points=_NOWHERE, symbol=symbol, style=style, zone=zone, incident=incident))

    def show_drawing(self, drawing: Drawing) -> None:
        """The fields of one that stands."""
        self._show(drawing)

    def usual_colour(self, kind: GraphicKind) -> GraphicColour:
        """What a new one of a kind has."""
        return _USUAL.get(kind, GraphicColour.RED)

    def drawing(self) -> Drawing:
        """What the fields say; its points are of no matter."""
        zone = None
        if self._kind is GraphicKind.ZONE:
            hot, warm, cold = (box.value() for box in self.radii)
            wind = self.wind.value() if self.windy.isChecked() else None
            zone = DangerZone(hot, warm, cold, wind, self.spread.value())
        style = GraphicStyle(
            colour=GraphicColour(self.colour.currentData()),
            width=int(self.width_.currentData()),
            dashed=self.dashed.isChecked(),
            filled=self.filled.isChecked(),
        )
        return Drawing(
            kind=self._kind,
            points=_NOWHERE,
            text=self.text.text().strip(),
            symbol=self._symbol,
            style=style,
            zone=zone,
            incident=str(self.incident.currentData() or ""),
            origin=self._origin,
        )

    # ---------------------------------------------------------------- inside

    def _build(self) -> None:
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self.wind.setToolTip(_("Where the wind blows from: 0 north, 90 east, 180 south, 270 west"))
        self._form.addRow(self._title)
        self._form.addRow(_("Text"), self.text)
        self._form.addRow(_("Incident"), self.incident)
        self._look = _line(self.colour, self.width_, self.dashed, self.filled)
        self._form.addRow(_("Look"), self._look)
        self._circles = _line(*self.radii)
        self._form.addRow(_("Hot, warm, cold"), self._circles)
        self._windy = _line(self.windy, self.wind, QLabel(_("opening by")), self.spread)
        self._form.addRow("", self._windy)
        self.set_incidents(())
        for box in (self.colour, self.incident, self.width_):
            box.currentIndexChanged.connect(self._change)
        for check in (self.dashed, self.filled, self.windy):
            check.toggled.connect(self._change)
        for number in (*self.radii, self.wind, self.spread):
            number.valueChanged.connect(self._change)
        self.text.textChanged.connect(self._change)

    def _show(self, drawing: Drawing) -> None:
        self._showing = True
        self._kind, self._symbol, self._origin = drawing.kind, drawing.symbol, drawing.origin
        self._title.setText(kind_word(drawing.kind))
        self.text.setText(drawing.text)
        self.colour.setCurrentIndex(self.colour.findData(str(drawing.style.colour)))
        widths = [int(self.width_.itemData(k)) for k in range(self.width_.count())]
        self.width_.setCurrentIndex(min(range(len(widths)), key=lambda k: abs(widths[k] - drawing.style.width)))
        self.dashed.setChecked(drawing.style.dashed)
        self.filled.setChecked(drawing.style.filled)
        self.incident.setCurrentIndex(max(0, self.incident.findData(drawing.incident)))
        zone = drawing.zone or DangerZone(*_RADII_M)
        for box, radius in zip(self.radii, (zone.hot_m, zone.warm_m, zone.cold_m), strict=True):
            box.setValue(radius)
        self.windy.setChecked(zone.wind_from_deg is not None)
        self.wind.setValue(zone.wind_from_deg or 0.0)
        self.spread.setValue(zone.spread_deg)
        is_zone = drawing.kind is GraphicKind.ZONE
        point = drawing.kind in (GraphicKind.SYMBOL, GraphicKind.TEXT)
        self.width_.setVisible(not point)
        self.dashed.setVisible(not point)
        self.filled.setVisible(drawing.kind in (GraphicKind.AREA, GraphicKind.BROAD_ARROW, GraphicKind.ZONE))
        self.colour.setEnabled(not is_zone)
        self._form.setRowVisible(self._circles, is_zone)
        self._form.setRowVisible(self._windy, is_zone)
        self._allow()
        self._showing = False

    def _change(self) -> None:
        self._allow()
        if not self._showing:
            self.changed.emit()

    def _allow(self) -> None:
        self.wind.setEnabled(self.windy.isChecked())
        self.spread.setEnabled(self.windy.isChecked())

    def _metres(self, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.0, 50_000.0)
        box.setDecimals(0)
        box.setSingleStep(50.0)
        box.setSuffix(" m")
        box.setSpecialValueText(_("none"))
        box.setValue(value)
        return box

    def _degrees(self, least: float, most: float, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(least, most)
        box.setDecimals(0)
        box.setSingleStep(15.0)
        box.setWrapping(least == 0.0)
        box.setSuffix("°")
        box.setValue(value)
        return box


def _line(*widgets: QWidget) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return line
