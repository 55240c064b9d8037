"""The inventory of devices: counts by kind, department or town, the devices behind each, and those nobody declared."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from controlroom.bridge.device_export import export_devices
from controlroom.bridge.models.device_model import ID_ROLE, DeviceModel, count_titles, counts_exported, flaw_text
from controlroom.bridge.part_file import unwritable
from controlroom.bridge.wording import age_text
from controlroom.domain.inventory import By, Count, Flaw, Inventory
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, _n
from widgets.banner import Banner
from widgets.plot_history import Running, Spawn
from widgets.table_look import dress
from widgets.tool_dialog import ToolDialog
from widgets.value_table import Cell, Row, ValueTable

_ALL = "*"
_ROW = "/"
_DEVICE_WIDTHS_PX = (180, 160, 150, 140, 210, 80, 90, 80, 80)


class Stranger:
    """A device that sends readings although nobody declared it."""

    def __init__(self, identity: str, source: str, count: int, last_at: datetime) -> None:
        self.identity, self.source, self.count, self.last_at = identity, source, count, last_at


class DeviceInventory(ToolDialog):
    """Not modal. It is fed with stock that was taken and with strangers; what is chosen leaves by signals."""

    device_chosen = Signal(str)
    """Enter or a double click: this device is wanted in the other panels."""

    def __init__(
        self,
        inventory: Inventory,
        kind_name: Callable[[str], str],
        zone: tzinfo,
        spawn: Spawn,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("deviceInventory")
        self.setWindowTitle(_("Device inventory"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.inventory = inventory
        self._kind_name = kind_name
        self._zone = zone
        self._spawn = spawn
        self._saving: Running | None = None
        self._told_at = ""
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.tables = {by: ValueTable(count_titles(by)) for by in By}
        self.tabs = QTabWidget()
        for by, table in self.tables.items():
            self.tabs.addTab(table, {By.KIND: _("Kind"), By.DEPARTMENT: _("Department"), By.TOWN: _("Place")}[by])
            table.view.setAccessibleName(_("Counts of devices"))
            header = table.view.horizontalHeader()
            header.setStretchLastSection(False)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            table.row_chosen.connect(self._list)
        self.unknown = ValueTable((_("Number"), _("Source"), _("Messages"), _("Last heard")))
        self.unknown.view.setAccessibleName(_("Devices that nobody declared"))
        self.tabs.addTab(self.unknown, _("Not declared"))
        self.flaw = QComboBox()
        self.flaw.addItem(_("All devices"), "")
        for flaw in Flaw:
            self.flaw.addItem(flaw_text(flaw), flaw.value)
        self.flaw.setAccessibleName(_("Which devices are listed"))
        self.listed = QLabel()
        self.listed.setProperty("faint", True)
        self.devices = DeviceModel(inventory, kind_name, self)
        self.view = QTableView()
        self.export_counts = QPushButton(_("Export the counts…"))
        self.export_devices = QPushButton(_("Export the devices…"))
        self.progress = QProgressBar()
        self.progress.setMaximumWidth(160)
        self.progress.setAccessibleName(_("Devices written"))
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.clicked.connect(lambda: self._cancel())
        self.notice = Banner("refused")
        self._arrange()
        self.tabs.currentChanged.connect(self._list)
        self.flaw.currentIndexChanged.connect(self._list)
        self.export_counts.clicked.connect(self._ask_counts)
        self.export_devices.clicked.connect(self._ask_devices)
        self.view.activated.connect(self._choose)
        self.resize(1180, 760)

    @property
    def by(self) -> By | None:
        """How the devices are counted in the table in front; None in front of those that nobody declared."""
        place = self.tabs.currentIndex()
        return list(By)[place] if place < len(By) else None

    def show_patrol(self, words: str) -> None:
        """How far the pictures of cameras were looked at that stand on no screen."""
        self.patrol.setText(words)

    def show_stock(self, now: datetime) -> None:
        """The inventory was looked at anew, at `now`."""
        for by, table in self.tables.items():
            table.set_rows([self._all(), *(self._row(count, by) for count in self.inventory.counts(by))])
            if not table.chosen:
                table.choose(_ALL)
        self._told_at = now.astimezone(self._zone).isoformat(timespec="seconds")
        total = self.inventory.total()
        self.summary.setText(
            _("{time}: {devices} devices, {online} online ({share}).").format(
                time=now.astimezone(self._zone).strftime("%H:%M:%S"),
                devices=total.devices,
                online=total.online,
                share=_percent(total),
            )
        )
        self._list()

    def show_strangers(self, total: int, strangers: Sequence[Stranger], now: datetime) -> None:
        """Devices that nobody declared, the newest first; `total` may be more than are listed."""
        self.unknown.set_rows(
            [
                Row(
                    stranger.identity,
                    (
                        Cell(stranger.identity),
                        Cell(stranger.source),
                        Cell(str(stranger.count), float(stranger.count)),
                        Cell(
                            age_text((now - stranger.last_at).total_seconds()), (now - stranger.last_at).total_seconds()
                        ),
                    ),
                )
                for stranger in strangers
            ]
        )
        self.tabs.setTabText(self.tabs.count() - 1, _("Not declared ({count})").format(count=total))

    def save_counts(self, path: Path) -> None:
        """Write the table of counts in front as CSV; a file that cannot be written is told."""
        by = self.by or By.KIND
        self._save(path, counts_exported(self.inventory, by, self._namer(by), self._told_at))

    def save_devices(self, path: Path) -> None:
        """Write the listed devices as CSV beside the window; a file that cannot be written is told."""
        if self._saving is None:
            self._saving = self._spawn(self._write(path), "export devices")

    def done(self, result: int) -> None:
        """A closed dialog leaves no half written file."""
        self._cancel()
        super().done(result)

    async def _write(self, path: Path) -> None:
        self._show_saving(0.0)
        try:
            await export_devices(
                path, self.inventory, self.devices.places, self._kind_name, self._told_at, self._show_saving
            )
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)
        else:
            self.notice.hush()
        finally:
            if isValid(self):
                self._saving = None
                self._show_saving(-1.0)

    def _show_saving(self, share: float) -> None:
        if isValid(self):
            self.progress.setVisible(share >= 0.0)
            self.cancel.setVisible(share >= 0.0)
            self.export_devices.setEnabled(share < 0.0 and self.by is not None)
            self.progress.setValue(round(100 * share))

    def _cancel(self) -> None:
        if self._saving is not None:
            self._saving.cancel()

    def _arrange(self) -> None:
        view = self.view
        view.setObjectName("inventoryDevices")
        view.setAccessibleName(_("Devices"))
        view.setModel(self.devices)
        dress(view)
        view.horizontalHeader().setStretchLastSection(True)
        for section, width in enumerate(_DEVICE_WIDTHS_PX):
            view.horizontalHeader().resizeSection(section, width)
        line = QHBoxLayout()
        line.addWidget(self.flaw)
        line.addWidget(self.listed, 1)
        for widget in (self.progress, self.cancel):
            widget.hide()
            line.addWidget(widget)
        line.addWidget(self.export_counts)
        line.addWidget(self.export_devices)
        below = QWidget()
        column_below = QVBoxLayout(below)
        column_below.setContentsMargins(0, 4, 0, 0)
        column_below.addLayout(line)
        column_below.addWidget(view, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.tabs)
        split.addWidget(below)
        split.setSizes([380, 320])
        column = QVBoxLayout(self)
        column.addWidget(self.summary)
        self.patrol = QLabel()
        self.patrol.setWordWrap(True)
        self.patrol.setProperty("faint", True)
        column.addWidget(self.patrol)
        column.addWidget(self.notice)
        column.addWidget(split, 1)

    def _all(self) -> Row:
        return Row(_ALL, self._cells(_("All devices"), self.inventory.total()))

    def _row(self, count: Count, by: By) -> Row:
        return Row(_ROW + count.key, self._cells(self._namer(by)(count.key), count))

    def _cells(self, name: str, count: Count) -> tuple[Cell, ...]:
        return (
            Cell(name),
            Cell(str(count.devices), float(count.devices)),
            Cell(str(count.online), float(count.online)),
            Cell(_percent(count), count.online_share),
            *(Cell(str(count.flaws[flaw]) if count.flaws[flaw] else "—", float(count.flaws[flaw])) for flaw in Flaw),
        )

    def _namer(self, by: By) -> Callable[[str], str]:
        if by is By.KIND:
            return self._kind_name
        return {By.DEPARTMENT: _or_no_department, By.TOWN: _or_no_town}[by]

    def _list(self, *_changed: object) -> None:
        """The devices of the chosen row."""
        by = self.by
        for button in (self.export_counts, self.export_devices):
            button.setEnabled(by is not None and (self._saving is None or button is self.export_counts))
        if by is None:
            self.devices.set_places([])
            self.listed.setText("")
            return
        chosen = self.tables[by].chosen
        flaw = Flaw(self.flaw.currentData()) if self.flaw.currentData() else None
        whole = chosen in ("", _ALL)
        places = self.inventory.devices(None if whole else by, chosen.removeprefix(_ROW), flaw)
        self.devices.set_places(places)
        self.listed.setText(_n("{count} device", "{count} devices", len(places)).format(count=len(places)))

    def _choose(self, index: QModelIndex) -> None:
        self.device_chosen.emit(str(index.data(ID_ROLE)))

    def _ask_counts(self) -> None:
        self._ask(_("Export the counts"), "device-counts.csv", self.save_counts)

    def _ask_devices(self) -> None:
        self._ask(_("Export the devices"), "devices.csv", self.save_devices)

    def _ask(self, title: str, name: str, save: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: save(Path(path)))
        dialog.open()

    def _save(self, path: Path, content: str) -> None:
        try:
            path.write_text(content, encoding="utf-8-sig", newline="")
        except OSError as error:
            self.notice.say(unwritable(path, error).sentence)
        else:
            self.notice.hush()


def _percent(count: Count) -> str:
    """The online rate; a dash where there is nothing to divide by."""
    return f"{100 * count.online_share:.1f}%" if count.devices else "—"


def _or_no_department(key: str) -> str:
    return key or _("No department")


def _or_no_town(key: str) -> str:
    return key or _("No town")
