"""Chosen devices of the inventory as rows of a table, and the inventory as CSV."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.raw_text import in_role
from controlroom.bridge.wording import age_text, span_text
from controlroom.domain.inventory import AHEAD_MS, BEHIND_MS, By, Flaw, Inventory
from controlroom.i18n import _

ID_ROLE = int(Qt.ItemDataRole.UserRole)

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


def flaw_text(flaw: Flaw) -> str:
    """What is wrong with a device, in words."""
    return {
        Flaw.SILENT: _("Gone silent"),
        Flaw.NEVER: _("Never heard"),
        Flaw.DOUBTFUL: _("Quality doubtful"),
        Flaw.CLOCK: _("Clock off"),
        Flaw.DOUBLE: _("Duplicate"),
    }[flaw]


class DeviceModel(QAbstractTableModel):
    """Devices by their place in the inventory; texts are made when they are painted, 50,000 rows cost nothing."""

    def __init__(self, inventory: Inventory, kind_name: Callable[[str], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inventory = inventory
        self._kind_name = kind_name
        self._places: list[int] = []

    def set_places(self, places: Sequence[int]) -> None:
        """Show these devices."""
        if list(places) == self._places:
            if self._places:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._places) - 1, self.columnCount() - 1))
            return
        self.beginResetModel()
        self._places = list(places)
        self.endResetModel()

    @property
    def places(self) -> Sequence[int]:
        """The shown devices."""
        return self._places

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """The number of devices."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """The number of columns."""
        return 0 if parent.isValid() else len(device_titles())

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return device_titles()[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, and the id of the device."""
        if not index.isValid() or index.row() >= len(self._places):
            return None
        place = self._places[index.row()]
        if role == ID_ROLE:
            return self._inventory.sensors[place].id
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return in_role(device_row(self._inventory, place, self._kind_name)[index.column()], role)
        return None


def device_row(inventory: Inventory, place: int, kind_name: Callable[[str], str]) -> tuple[str, ...]:
    """What is told of one device."""
    sensor, age_ms = inventory.sensors[place], int(inventory.age_ms[place])
    flaws = inventory.flaws_of(place)
    return (
        sensor.name,
        sensor.id,
        kind_name(sensor.kind),
        sensor.town,
        "、".join(sensor.shown_to),
        "、".join(flaw_text(flaw) for flaw in flaws) or _("Well"),
        _("Never heard") if age_ms < 0 else age_text(age_ms / 1000.0),
        "、".join(sensor.sources),
        clock_text(float(inventory.skew_ms[place]), bool(inventory.clock_replaced[place])),
    )


def clock_text(skew_ms: float, replaced: bool) -> str:
    """How far a clock is off: in seconds while that is little, in words where it is much; a dash where not known."""
    if replaced:
        return _("ahead, the hub set the time")
    if math.isnan(skew_ms):
        return "—"
    if -BEHIND_MS <= skew_ms <= AHEAD_MS:
        seconds = round(skew_ms / 1000, 1)
        return f"{seconds:+.1f} s" if seconds else "0.0 s"
    words = _("{span} fast") if skew_ms > 0 else _("{span} slow")
    return words.format(span=span_text(abs(skew_ms) / 1000))


def device_titles() -> tuple[str, ...]:
    """The columns of the devices."""
    return (
        _("Device"),
        _("Number"),
        _("Kind"),
        _("Place"),
        _("Shown to"),
        _("State"),
        _("Last heard"),
        _("Declared by"),
        _("Clock deviation"),
    )


def count_titles(by: By) -> tuple[str, ...]:
    """The columns of the table of counts."""
    first = {By.KIND: _("Kind"), By.DEPARTMENT: _("Department"), By.TOWN: _("Place")}[by]
    return (first, _("Devices"), _("Online"), _("Online rate"), *(flaw_text(flaw) for flaw in Flaw))


def counts_exported(inventory: Inventory, by: By, name: Callable[[str], str], at: str) -> str:
    """The table of counts as CSV with the time of the export, the sum of all devices last."""
    rows = [
        (
            name(count.key),
            str(count.devices),
            str(count.online),
            f"{100 * count.online_share:.1f}%",
            *(str(count.flaws[flaw]) for flaw in Flaw),
        )
        for count in inventory.counts(by)
    ]
    total = inventory.total()
    last = (
        _("All devices"),
        str(total.devices),
        str(total.online),
        f"{100 * total.online_share:.1f}%",
        *(str(total.flaws[flaw]) for flaw in Flaw),
    )
    return written(at, [count_titles(by), *rows, last])


def written(at: str, rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV; the first line tells the time of the export, where one is given."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if at:
        writer.writerow([_("Exported at {time}").format(time=at)])
    # A cell that a spreadsheet would take for a formula is told as text.
    writer.writerows([[f"'{cell}" if cell and cell[0] in "=+-@" else cell for cell in row] for row in rows])
    return out.getvalue()
