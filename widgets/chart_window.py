"""A window of its own for one chart: what it shows is chosen above it, what it says and how old it is stand below."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from controlroom.i18n import _
from widgets.age import age_text
from widgets.banner import Banner
from widgets.chart_canvas import ChartCanvas
from widgets.chart_file import Imprint, save_chart
from widgets.chart_sheet import ChartSheet
from widgets.look import mark
from widgets.plot_scheduler import PlotScheduler
from widgets.time_notice import TimeNotice
from widgets.tool_dialog import ToolDialog

_ABOVE = 4
"""Notice, two banners and the choices stand above further controls."""

Choices = Sequence[tuple[str, str]]
"""Key and words of each thing that can be chosen."""


class ChartWindow(ToolDialog):
    """Not modal; it is fed with sheets and tells what is wanted. It says when its data is stale or the link is lost."""

    choice_changed = Signal(str, str)
    """name, key: the officer chose something else."""
    cancel_wanted = Signal()
    target_chosen = Signal(str)
    """The sensor that a part of the chart belongs to is wanted in the plot."""
    closed = Signal()

    def __init__(self, title: str, scheduler: PlotScheduler, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chartWindow")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._zone = zone
        self._data_at: datetime | None = None
        self._now: datetime | None = None
        self.origin = ""
        self._combos: dict[str, QComboBox] = {}
        self.notice = TimeNotice(zone)
        self.canvas = ChartCanvas(scheduler)
        self.said = QLabel()
        self.said.setObjectName("chartSaid")
        self.pointed = QLabel()
        self.age = QLabel()
        self.lost = Banner("stale")
        self.fault = Banner("refused")
        self.progress = QProgressBar()
        self.cancel = QPushButton(_("Cancel"))
        self._choices = QHBoxLayout()
        self._arrange()
        self.canvas.pointed.connect(self.pointed.setText)
        self.canvas.chosen.connect(self.target_chosen)
        self.cancel.clicked.connect(self.cancel_wanted)
        # Escape closes a dialog without a close event; both ways end here.
        self.finished.connect(self.closed)
        self.show_progress(0, 0)
        self.resize(1080, 720)

    def offer(self, name: str, words: str, choices: Choices, chosen: str = "") -> None:
        """Let the officer choose one of several; offered again, the list is replaced and nothing is told."""
        combo = self._combos.get(name)
        if combo is None:
            combo = QComboBox()
            combo.setAccessibleName(words)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setMaximumWidth(420)
            label = QLabel(words)
            label.setBuddy(combo)
            place = self._choices.count() - 3
            self._choices.insertWidget(place, label)
            self._choices.insertWidget(place + 1, combo)
            self._combos[name] = combo
            combo.currentIndexChanged.connect(self._choose)
            combo.setObjectName(name)
        combo.blockSignals(True)
        combo.clear()
        for key, text in choices:
            combo.addItem(text, key)
        combo.setCurrentIndex(max(combo.findData(chosen), 0))
        combo.blockSignals(False)

    def add_controls(self, controls: QWidget) -> None:
        """Put controls of one kind of chart below what may be chosen."""
        self._body.insertWidget(_ABOVE, controls)

    def choice(self, name: str) -> str:
        """The key of what is chosen."""
        combo = self._combos.get(name)
        return str(combo.currentData() or "") if combo is not None else ""

    def choose(self, name: str, key: str) -> None:
        """Choose by key, as the officer would."""
        combo = self._combos[name]
        combo.setCurrentIndex(combo.findData(key))

    def show_sheet(
        self, sheet: ChartSheet | None, data_at: datetime | None, empty: str = "", *, stale: bool = False
    ) -> None:
        """Show a chart whose newest reading is of `data_at`; without a sheet the words `empty`."""
        self._data_at = data_at
        self.canvas.show_sheet(sheet, empty, faded=stale)
        self.said.setText(sheet.said if sheet is not None else "")
        self.canvas.setAccessibleName(sheet.title if sheet is not None else empty)
        self.canvas.setAccessibleDescription(sheet.said if sheet is not None else "")
        if sheet is not None:
            self.setWindowTitle(sheet.title)
        for button in self._saves:
            button.setEnabled(sheet is not None)
        mark(self.age, stale=stale)
        self.tick(self._now)

    def show_progress(self, done: int, count: int) -> None:
        """So many of so many parts are there; 0 of 0: nothing is being fetched."""
        self.progress.setVisible(bool(count))
        self.cancel.setVisible(bool(count))
        if count:
            self.progress.setRange(0, count)
            self.progress.setValue(done)

    def show_fault(self, sentence: str) -> None:
        """Say why there is no answer; empty once there is one again."""
        if sentence:
            self.fault.say(sentence)
        else:
            self.fault.hush()

    def show_lost(self, since: datetime | None) -> None:
        """The link to the hub is lost since then; None: it lives."""
        if since is None:
            self.lost.hush()
        else:
            self.lost.say(_("No link to the hub since {time}").format(time=f"{since.astimezone(self._zone):%H:%M:%S}"))

    def tick(self, now: datetime | None) -> None:
        """Once a second: the age of what is shown."""
        self._now = now
        if now is None or self._data_at is None:
            self.age.setText("")
            return
        local = self._data_at.astimezone(self._zone)
        self.age.setText(
            _("Newest reading {time}, {age}").format(
                time=f"{local:%Y-%m-%d %H:%M:%S}", age=age_text((now - self._data_at).total_seconds())
            )
        )

    def save(self, path: Path) -> None:
        """Write the chart by the ending of the name; a file that cannot be written is told."""
        sheet = self.canvas.sheet
        if sheet is None or self._now is None:
            return
        try:
            save_chart(path, sheet, Imprint(origin=self.origin, data_at=self._data_at, written_at=self._now))
        except OSError as error:
            words = _("{file} was not saved: {reason}. Choose another folder or try again.")
            self.show_fault(words.format(file=path.name, reason=error.strerror or error))
            return
        self.pointed.setText(_("Saved: {file}").format(file=path.name))

    def _arrange(self) -> None:
        for label in (self.said, self.pointed, self.age):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.pointed.setProperty("faint", True)
        self.pointed.setMinimumWidth(10)
        self.progress.setMaximumWidth(160)
        self.progress.setAccessibleName(_("Progress"))
        self._choices.addStretch(1)
        self._choices.addWidget(self.progress)
        self._choices.addWidget(self.cancel)
        foot = QHBoxLayout()
        foot.addWidget(self.age)
        foot.addStretch(1)
        self._saves = []
        for ending, words in (("png", _("Save PNG…")), ("svg", _("Save SVG…")), ("csv", _("Save CSV…"))):
            button = QPushButton(words)
            button.setObjectName(ending)
            button.setEnabled(False)
            button.setAutoDefault(False)
            button.clicked.connect(self._ask_file)
            foot.addWidget(button)
            self._saves.append(button)
        self.cancel.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for part in (self.notice, self.lost, self.fault):
            column.addWidget(part)
        column.addLayout(self._choices)
        self._body = column
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.canvas)
        column.addWidget(scroll, 1)
        column.addWidget(self.said)
        column.addWidget(self.pointed)
        column.addLayout(foot)

    def _choose(self) -> None:
        combo = self.sender()
        if isinstance(combo, QComboBox):
            self.choice_changed.emit(combo.objectName(), str(combo.currentData() or ""))

    def _ask_file(self) -> None:
        button = self.sender()
        ending = button.objectName() if button is not None else "png"
        dialog = QFileDialog(self, _("Save the chart"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{ending.upper()} (*.{ending})")
        dialog.setDefaultSuffix(ending)
        dialog.selectFile(f"chart.{ending}")
        dialog.fileSelected.connect(self._save_as)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save_as(self, path: str) -> None:
        self.save(Path(path))
