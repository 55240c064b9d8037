"""The bar over the map: layers, zoom, legend, and how old the data is."""

from datetime import datetime

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from controlroom.i18n import _
from controlroom.mapping.layers import MapLayer
from widgets.folding_bar import FoldingBar, narrow_hint
from widgets.map_texts import clock_text, layer_titles
from widgets.sensor_drag import SensorHandle


class MapToolbar(QWidget):
    """Buttons that are all reached by Tab, and a line that says what the map is based on."""

    layer_toggled = Signal(str, bool)
    zoom_asked = Signal(int)
    home_asked = Signal()
    legend_toggled = Signal(bool)
    tree_toggled = Signal(bool)
    """The tree of layers is to be shown or hidden."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._data_at: datetime | None = None
        self._stale = self._is_past = False
        self._notice = ""
        self._hint = self._past = ""
        self._undrawn = 0
        self.view: QToolButton | None = None
        self._bar = QHBoxLayout(self)
        self._bar.setContentsMargins(6, 3, 6, 3)
        self._bar.setSpacing(4)
        self.tree = self._button(checkable=True)
        self.tree.toggled.connect(self.tree_toggled)
        self.layers: dict[str, QToolButton] = {}
        for layer in (layer for layer in MapLayer if layer is not MapLayer.INCIDENTS):  # few: the tree has them
            self.layers[layer] = self._button(checkable=True, checked=True)
            self.layers[layer].toggled.connect(lambda on, name=str(layer): self.layer_toggled.emit(name, on))
        self._bar.addSpacing(10)
        self.zoom_in, self.zoom_out, self.home = self._button(), self._button(), self._button()
        self.legend = self._button(checkable=True)
        self.sensor = SensorHandle(self)
        self._bar.addWidget(self.sensor)
        self.corroborate = self._button()
        self.corroborate.setEnabled(False)
        self.zoom_in.clicked.connect(lambda: self.zoom_asked.emit(1))
        self.zoom_out.clicked.connect(lambda: self.zoom_asked.emit(-1))
        self.home.clicked.connect(self.home_asked)
        self.legend.toggled.connect(self.legend_toggled)
        self.status = QLabel(self)
        self.status.setObjectName("mapStatus")
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # A long sentence gives way to the buttons, and is whole in its tip.
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.age = QLabel(self)
        self.age.setObjectName("mapDataTime")
        self._fold = FoldingBar(self, self._bar)
        self._bar.addWidget(self._fold.more)
        self._bar.addWidget(self.status, 1)
        self._bar.addWidget(self.age)
        # Every layer stands in the tree as well: their buttons go first, from the ground up.
        self._fold.first = [*self.layers.values(), self.corroborate, self.sensor, self.legend, self.home]
        self._fold.keep = [self.tree, self.age]
        self.retranslate()

    def add_tool(self, button: QToolButton) -> None:
        """A button of another part of the map, behind those of the view."""
        self._bar.insertWidget(self._bar.indexOf(self.sensor), button)

    def set_shown(self, layer_id: str, shown: bool) -> None:
        """Whether one of the room's own layers is shown; the others stand in the tree alone."""
        if layer_id in self.layers:
            self.layers[layer_id].setChecked(shown)

    def add_view_button(self, button: QToolButton) -> None:
        """The button with all that concerns the view, trails and what is chosen."""
        self.view = button
        self._bar.insertWidget(self._bar.indexOf(self.legend), button)
        self.retranslate()

    def make_bare(self) -> None:
        """Without buttons: nobody stands at a wall, and on a small tile they would push away how old the data is."""
        self._fold.bare = True
        for button in self.findChildren(QToolButton):
            button.hide()

    def minimumSizeHint(self) -> QSize:
        """Narrow maps have fewer buttons in the bar and the rest in its menu."""
        return narrow_hint(self._fold, super().minimumSizeHint())

    def set_hint(self, sentence: str) -> None:
        """What the hand can do now; empty when it does nothing special."""
        self._hint = sentence
        self._retell()

    def set_past(self, sentence: str) -> None:
        """What is not known of the past that the map shows; empty when all of it is."""
        self._past = sentence
        self._retell()

    def set_data_time(self, at: datetime | None) -> None:
        """The time of the newest data on the map."""
        self._data_at = at
        self._retell()

    def set_stale(self, stale: bool, *, past: bool = False) -> None:
        """Whether no new data comes, or what is shown is of the `past`."""
        self._stale, self._is_past = stale, past
        self._retell()

    def set_notice(self, sentence: str) -> None:
        """Why the map is not what it should be; empty when all is well."""
        self._notice = sentence
        self._retell()

    def set_undrawn(self, count: int) -> None:
        """How many alarms have a place but no mark."""
        self._undrawn = count
        self._retell()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """All words anew."""
        self._fold.retranslate()
        titles = {str(layer): title for layer, title in layer_titles().items()}
        for layer, button in self.layers.items():
            title = titles[layer]
            button.setText(title)
            button.setToolTip(_("Show or hide: {layer}").format(layer=title))
        for button, sign, title in (
            (self.zoom_in, "+", _("Zoom in")),
            (self.zoom_out, "−", _("Zoom out")),
            (self.home, "⌂", _("Whole district (Home)")),
        ):
            button.setText(sign)
            button.setToolTip(title)
            button.setAccessibleName(title)
        self.tree.setText(_("Layers"))
        self.tree.setToolTip(_("All layers: search, order, opacity, scale, legend (L)"))
        self.legend.setText(_("Legend"))
        if self.view is not None:
            self.view.setText(_("View"))
            self.view.setToolTip(_("Follow, fit, lock; trails; choose by box or polygon"))
        self.sensor.setText(_("Curve"))
        self.corroborate.setText(_("Corroborate"))
        self.corroborate.setToolTip(_("Ask neighbours, cameras and the past about the chosen sensor (C)"))
        self.sensor.setToolTip(_("Draw the chosen sensor: press, or drag it into a plot"))
        self._retell()

    def _retell(self) -> None:
        told = [sentence for sentence in (self._hint, self._past, self._notice) if sentence]
        if self._undrawn:
            told.append(_("{count} less severe alarms are not drawn").format(count=self._undrawn))
        self.status.setText(" · ".join(told))
        self.status.setToolTip(self.status.text())
        time = clock_text(self._data_at)
        words = _("Stale: data as of {time}") if self._stale else _("Data as of {time}")
        words = _("The past: {time}") if self._is_past else words
        self.age.setText(words.format(time=time))
        if self.age.property("stale") != self._stale:
            self.age.setProperty("stale", self._stale)
            self.age.style().unpolish(self.age)
            self.age.style().polish(self.age)

    def _button(self, *, checkable: bool = False, checked: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(checkable)
        button.setChecked(checked)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bar.addWidget(button)
        return button
