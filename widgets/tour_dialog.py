"""The dialog of one guard tour: its stops in their order, how long each is shown and has to be seen."""

from collections.abc import Callable, Mapping

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.camera_tree import DRAG_PREFIX
from controlroom.domain.tour import DWELL_LEAST_S, DWELL_S, STOPS_MOST, Tour, TourOrder, TourStop
from controlroom.i18n import _
from widgets.camera_drag import dragged_cameras


class TourDialog(QDialog):
    """Stays open beside the room: cameras are dropped onto the list, or chosen elsewhere and added by a button."""

    decided = Signal(object)
    """The Tour."""

    def __init__(
        self,
        tour: Tour | None,
        names: Callable[[str], str],
        groups: Mapping[str, str],
        chosen: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """`names` gives a camera's name, `groups` are names by id, `chosen` gives the camera that is chosen now."""
        super().__init__(parent)
        self.setObjectName("tourDialog")
        self.setWindowTitle(_("Guard tour"))
        self.resize(460, 520)
        self._tour = tour
        self._names, self._group_names, self._chosen = names, dict(groups), chosen
        self.name = QLineEdit(tour.name if tour is not None else "")
        self.name.setMaxLength(80)
        self.dwell = QSpinBox(minimum=DWELL_LEAST_S, maximum=3600, suffix=_(" s"))
        self.dwell.setValue(tour.dwell_s if tour is not None else DWELL_S)
        self.must = QSpinBox(minimum=0, maximum=3600, suffix=_(" s"))
        self.must.setValue(tour.must_s if tour is not None else 0)
        self.order = QComboBox()
        for order, word in _orders().items():
            self.order.addItem(word, order)
        self.order.setCurrentIndex(self.order.findData(tour.order if tour is not None else TourOrder.LISTED))
        self.stops = QListWidget()
        self.stops.setAccessibleName(_("Stops"))
        self.stops.viewport().setAcceptDrops(True)
        self.stops.viewport().installEventFilter(self)
        for stop in tour.stops if tour is not None else ():
            self._append(stop)
        self.own = QSpinBox(minimum=0, maximum=3600, suffix=_(" s"))
        self.own.setSpecialValueText(_("as the tour"))
        self.own.setAccessibleName(_("Seconds at this stop"))
        self.own.valueChanged.connect(self._set_own)
        self.stops.currentRowChanged.connect(self._show_own)
        self.groups = QComboBox()
        self.groups.setAccessibleName(_("Group of cameras"))
        for identity, word in self._group_names.items():
            self.groups.addItem(word, identity)
        self.missing = QLabel()
        self.missing.setWordWrap(True)
        self._lay_out()
        self._judge()

    def tour(self) -> Tour | None:
        """The tour as it stands in the dialog; None while it cannot be one."""
        stops = tuple(self._stop(k) for k in range(self.stops.count()))
        name = self.name.text().strip()
        if not name or not stops or self.must.value() > self.dwell.value():
            return None
        return Tour(
            id=self._tour.id if self._tour is not None else "",
            name=name,
            stops=stops,
            dwell_s=self.dwell.value(),
            must_s=self.must.value(),
            order=self.order.currentData(),
        )

    def accept(self) -> None:
        """Tell the tour and close."""
        tour = self.tour()
        if tour is not None:
            self.decided.emit(tour)
            super().accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take cameras that are dragged onto the stops."""
        if event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            assert isinstance(event, QDropEvent)
            text = event.mimeData().text()
            if text.startswith(DRAG_PREFIX):
                event.acceptProposedAction()
                if event.type() is QEvent.Type.Drop:
                    for camera in dragged_cameras(text):
                        self._append(TourStop(camera=camera))
                return True
        return super().eventFilter(watched, event)

    # ---- parts

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(_("Name"), self.name)
        form.addRow(_("Each stop is shown for"), self.dwell)
        form.addRow(_("It has to be seen for"), self.must)
        form.addRow(_("Order"), self.order)
        form.addRow(_("This stop"), self.own)
        add, edit = QHBoxLayout(), QHBoxLayout()
        self.add = QPushButton(_("Add the chosen camera"))
        self.add_group = QPushButton(_("Add the group"))
        self.up, self.down, self.drop = QPushButton(_("Up")), QPushButton(_("Down")), QPushButton(_("Remove"))
        for button, act in (
            (self.add, self._add_chosen),
            (self.add_group, self._add_group),
            (self.up, self._move_up),
            (self.down, self._move_down),
            (self.drop, self._drop),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(act)
        for widget in (self.add, self.groups, self.add_group):
            add.addWidget(widget)
        for widget in (self.up, self.down, self.drop):
            edit.addWidget(widget)
        edit.addStretch(1)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setText(_("Save"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(_("Cancel"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addLayout(add)
        column.addWidget(self.stops, 1)
        column.addLayout(edit)
        column.addWidget(self.missing)
        column.addWidget(self.buttons)
        self.name.textChanged.connect(self._judge)
        self.dwell.valueChanged.connect(self._judge)
        self.must.valueChanged.connect(self._judge)

    def _stop(self, row: int) -> TourStop:
        stop = self.stops.item(row).data(Qt.ItemDataRole.UserRole)
        assert isinstance(stop, TourStop)
        return stop

    def _append(self, stop: TourStop) -> None:
        if self.stops.count() >= STOPS_MOST:
            return
        item = QListWidgetItem()
        self._write(item, stop)
        self.stops.addItem(item)
        if hasattr(self, "buttons"):
            self.stops.setCurrentRow(self.stops.count() - 1)
            self._judge()

    def _write(self, item: QListWidgetItem, stop: TourStop) -> None:
        item.setData(Qt.ItemDataRole.UserRole, stop)
        name = (
            self._names(stop.camera)
            if stop.camera
            else _("Group: {name}").format(name=self._group_names.get(stop.group, stop.group))
        )
        item.setText(_("{name} · {seconds} s").format(name=name, seconds=stop.dwell_s) if stop.dwell_s else name)

    # ---- what the officer does

    def _add_chosen(self) -> None:
        camera = self._chosen()
        if camera:
            self._append(TourStop(camera=camera))
        else:
            self.missing.setText(_("Choose a camera first, in the list or on the map."))

    def _add_group(self) -> None:
        if self.groups.currentData():
            self._append(TourStop(group=self.groups.currentData()))

    def _move_up(self) -> None:
        self._move(-1)

    def _move_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        row = self.stops.currentRow()
        if row >= 0 and 0 <= row + step < self.stops.count():
            item = self.stops.takeItem(row)
            self.stops.insertItem(row + step, item)
            self.stops.setCurrentRow(row + step)

    def _drop(self) -> None:
        if self.stops.currentRow() >= 0:
            self.stops.takeItem(self.stops.currentRow())
            self._judge()

    def _set_own(self, seconds: int) -> None:
        item = self.stops.currentItem()
        if item is not None:
            self._write(item, msgspec.structs.replace(self._stop(self.stops.currentRow()), dwell_s=seconds))

    def _show_own(self, row: int) -> None:
        self.own.setEnabled(row >= 0)
        if row >= 0:
            self.own.setValue(self._stop(row).dwell_s)

    def _judge(self, _changed: object = None) -> None:
        told = ""
        if not self.name.text().strip():
            told = _("A tour has a name.")
        elif not self.stops.count():
            told = _("A tour has a stop: add a camera or a group.")
        elif self.must.value() > self.dwell.value():
            told = _("A stop cannot have to be seen for longer than it is shown.")
        self.missing.setText(told)
        self.own.setEnabled(self.stops.currentRow() >= 0)
        self.add_group.setEnabled(bool(self._group_names))
        self.groups.setEnabled(bool(self._group_names))
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(not told)


def _orders() -> dict[TourOrder, str]:
    return {
        TourOrder.LISTED: _("as listed"),
        TourOrder.REVERSED: _("from the end"),
        TourOrder.SHUFFLED: _("mixed anew in each round"),
    }
