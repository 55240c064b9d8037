"""Fences on a screen: drawn, named, switched on and off, whom they concern, and who crossed them last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.wording import severity_word
from controlroom.domain.fence import DWELL_S, MARGIN_M, Fence, FenceTrigger
from controlroom.domain.severity import Severity
from controlroom.domain.wall_rules import Hours
from controlroom.i18n import _
from widgets.banner import Banner
from widgets.button_row import button_row
from widgets.empty_words import EmptyWords
from widgets.hours_field import HoursField, hours_words
from widgets.time_notice import TimeNotice
from widgets.tool_dialog import ToolDialog

_ID = Qt.ItemDataRole.UserRole


def trigger_word(trigger: FenceTrigger) -> str:
    """What a fence tells of, in words."""
    return {
        FenceTrigger.ENTER: _("entering"),
        FenceTrigger.EXIT: _("leaving"),
        FenceTrigger.BOTH: _("entering and leaving"),
    }[trigger]


@dataclass(frozen=True, slots=True)
class FenceRow:
    """One line: the fence, how many of its alarms stand, and its last crossing."""

    fence: Fence
    standing: int
    last: str


@dataclass(frozen=True, slots=True)
class FenceWish:
    """What the fields say of a fence (its id) as it stood at `version`, or of a new one."""

    fence: str
    name: str
    trigger: FenceTrigger
    severity: Severity
    kinds: tuple[str, ...]
    margin_m: float
    dwell_s: float
    enabled: bool
    hours: Hours | None = None
    version: int = 1


class FenceBoard(ToolDialog):
    """Not modal: borders are drawn on the map meanwhile. What the officer wants leaves as signals."""

    drawing_wanted = Signal(object)
    """A FenceWish of a new one."""
    corners_wanted = Signal(str)
    set_wanted = Signal(object)
    """A FenceWish for one that stands."""
    removed = Signal(str)
    shown = Signal(str)
    chosen = Signal(str)

    def __init__(
        self, kinds: Sequence[str], parent: QWidget | None, word: Callable[[str], str], zone: ZoneInfo
    ) -> None:
        super().__init__(parent)
        self._word = word
        self.setObjectName("fenceBoard")
        self.setWindowTitle(_("Fences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._rows: dict[str, FenceRow] = {}
        self._asked = ""
        self._base: Fence | None = None
        """The fence as the fields were filled from it, or as it was told to have become meanwhile."""
        self.list, self.crossings = QTreeWidget(), QTreeWidget()
        self.notice = Banner("refused")
        self.time = TimeNotice(zone)
        """The board shows the present; it says so while the room looks at the past."""
        self.name, self.trigger, self.severity = QLineEdit(), QComboBox(), QComboBox()
        self.kinds = QListWidget()
        self.dwell, self.margin = self._number(3600.0, DWELL_S, " s"), self._number(5000.0, MARGIN_M, " m")
        self.enabled = QCheckBox(_("switched on"))
        self.hours = HoursField()
        self.new, self.corners = QPushButton(_("Draw a new one")), QPushButton(_("Corners"))
        self.keep, self.switch = QPushButton(_("Take over the changes")), QPushButton(_("Switch off"))
        self.remove, self.show_ = QPushButton(_("Remove…")), QPushButton(_("Show"))
        self.hint = QLabel()
        self._build(kinds)
        EmptyWords(self.list, _("No fence yet: give it a name and draw it on a map"))
        EmptyWords(self.crossings, _("Nobody crossed the chosen fence lately"))
        self._choose()
        self.resize(1160, 680)

    def set_rows(self, rows: Sequence[FenceRow]) -> None:
        """All fences; the chosen one stays chosen."""
        chosen = self.chosen_id
        self._rows = {row.fence.id: row for row in rows}
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            fence = row.fence
            state = _("on") if fence.enabled else _("off")
            whom = _(", ").join(map(self._word, fence.kinds)) or _("all vehicles")
            texts = [fence.name, state, hours_words(fence.hours), trigger_word(fence.trigger), whom]
            texts.append(severity_word(fence.severity))
            item = QTreeWidgetItem(self.list, [*texts, str(row.standing), row.last])
            item.setData(0, _ID, fence.id)
            item.setToolTip(
                0,
                _("by {officer} at {seat}").format(
                    officer=fence.changed_by or fence.by, seat=fence.changed_seat or fence.seat
                ),
            )
            if fence.id == chosen:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        self._follow()
        self._allow()

    def set_crossings(self, crossings: Sequence[tuple[str, str]]) -> None:
        """Who crossed the chosen fence: time and words, the newest first."""
        self.crossings.clear()
        for at, words in crossings:
            QTreeWidgetItem(self.crossings, [at, words])

    def set_sketch(self, active: bool) -> None:
        """Whether a border is drawn just now."""
        self.hint.setText(
            _("Click the corners on any map; double click or Enter ends, Esc gives up.")
            if active
            else _("A vehicle is out when it is further outside than the margin; either side counts after the dwell.")
        )

    @property
    def chosen_id(self) -> str:
        """The fence whose line is marked; empty for none."""
        item = self.list.currentItem()
        return str(item.data(0, _ID)) if item is not None else ""

    def select(self, identity: str) -> None:
        """Choose a fence by its id; one that is not listed is not chosen."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, _ID) == identity:
                self.list.setCurrentItem(item)

    def wanted(self, fence: Fence | None) -> FenceWish:
        """What the fields say, of a fence or of a new one."""
        items = [self.kinds.item(k) for k in range(self.kinds.count())]
        kinds = tuple(str(item.data(_ID)) for item in items if item.checkState() is Qt.CheckState.Checked)
        others = () if fence is None else tuple(k for k in fence.kinds if k not in {item.data(_ID) for item in items})
        return FenceWish(
            "" if fence is None else fence.id,
            self.name.text().strip() or _("Fence"),
            FenceTrigger(self.trigger.currentData()),
            Severity(self.severity.currentData()),
            (*kinds, *others),
            self.margin.value(),
            self.dwell.value(),
            self.enabled.isChecked(),
            self.hours.hours(),
            1 if fence is None else fence.version,
        )

    def standing(self, identity: str) -> FenceWish | None:
        """A fence as it stands, whatever the fields say; None for one that is gone."""
        row = self._rows.get(identity)
        return None if row is None else _wish(row.fence, row.fence.version)

    # ---------------------------------------------------------------- inside

    def _build(self, kinds: Sequence[str]) -> None:
        for trigger in (FenceTrigger.BOTH, FenceTrigger.ENTER, FenceTrigger.EXIT):
            self.trigger.addItem(trigger_word(trigger), str(trigger))
        for severity in Severity:
            self.severity.addItem(severity_word(severity), int(severity))
        self.severity.setCurrentIndex(self.severity.findData(int(Severity.YELLOW)))
        for kind in kinds:
            item = QListWidgetItem(self._word(kind), self.kinds)
            item.setData(_ID, kind)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
        self.kinds.setMaximumHeight(130)
        self.kinds.setToolTip(_("None chosen: it concerns all vehicles"))
        self.enabled.setChecked(True)
        self.name.setMaxLength(100)
        self.hint.setWordWrap(True)
        self.hint.setProperty("faint", True)
        self.set_sketch(False)
        heads = [_("Fence"), _("State"), _("Holds"), _("Tells of"), _("Whom"), _("Severity"), _("Standing")]
        heads.append(_("Last crossing"))
        for tree, labels, stretched in ((self.list, heads, 0), (self.crossings, [_("When"), _("Crossing")], 1)):
            tree.setHeaderLabels(labels)
            tree.setRootIsDecorated(False)
            tree.setUniformRowHeights(True)
            tree.header().setStretchLastSection(False)
            tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            tree.header().setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        self._lay_out()
        for button in (self.new, self.corners, self.keep, self.switch, self.remove, self.show_):
            button.setAutoDefault(False)
        self._connect()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(_("Name"), self.name)
        form.addRow(_("Tells of"), self.trigger)
        form.addRow(_("Whom"), self.kinds)
        form.addRow(_("Severity"), self.severity)
        form.addRow(_("Dwell"), self.dwell)
        form.addRow(_("Margin"), self.margin)
        form.addRow(_("Holds"), self.hours)
        form.addRow("", self.enabled)
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.addLayout(form)
        column.addWidget(self.hint)
        column.addStretch(1)
        column.addLayout(button_row(self.keep, None, self.new))
        beside = QVBoxLayout(right)
        beside.addWidget(self.time)
        beside.addWidget(self.notice)
        beside.addWidget(self.list, 3)
        beside.addWidget(QLabel(_("Last crossings of the chosen fence")))
        beside.addWidget(self.crossings, 2)
        beside.addLayout(button_row(self.remove, None, self.switch, self.corners, self.show_))
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([330, 750])
        QVBoxLayout(self).addWidget(split)

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemActivated.connect(lambda _item: self.shown.emit(self.chosen_id))
        self.new.clicked.connect(lambda: self.drawing_wanted.emit(self.wanted(None)))
        self.corners.clicked.connect(lambda: self.corners_wanted.emit(self.chosen_id))
        self.keep.clicked.connect(self._keep)
        self.switch.clicked.connect(self._switch)
        self.remove.clicked.connect(self._remove)
        self.show_.clicked.connect(lambda: self.shown.emit(self.chosen_id))

    def _choose(self) -> None:
        row = self._rows.get(self.chosen_id)
        self._asked = ""
        self._base = None if row is None else row.fence
        if row is not None:
            fence = row.fence
            self._fill(fence)
            self.chosen.emit(fence.id)
        else:
            self.set_crossings(())
        self._allow()

    def _fill(self, fence: Fence) -> None:
        """The fields as a fence has them."""
        self.name.setText(fence.name)
        self.trigger.setCurrentIndex(self.trigger.findData(str(fence.trigger)))
        self.severity.setCurrentIndex(self.severity.findData(int(fence.severity)))
        self.dwell.setValue(fence.dwell_s)
        self.margin.setValue(fence.margin_m)
        self.enabled.setChecked(fence.enabled)
        for k in range(self.kinds.count()):
            item = self.kinds.item(k)
            state = Qt.CheckState.Checked if item.data(_ID) in fence.kinds else Qt.CheckState.Unchecked
            item.setCheckState(state)
        self.hours.set_hours(fence.hours)

    def _follow(self) -> None:
        """The chosen fence was changed: untouched fields follow it, others are kept, and that is told."""
        row, base = self._rows.get(self.chosen_id), self._base
        if row is None or base is None or base.id != row.fence.id or base.version == row.fence.version:
            return
        held = self._base = row.fence
        said = self.wanted(held)
        if said in (_wish(base, held.version), _wish(held, held.version)):
            self._fill(held)
            return
        told = _(
            "{officer} at {seat} has changed “{name}” meanwhile. Your fields are as you left them: "
            "take them over to overwrite that, or choose the fence anew to see it."
        )
        self.notice.say(told.format(officer=held.changed_by, seat=held.changed_seat, name=held.name))

    def _allow(self) -> None:
        row = self._rows.get(self.chosen_id)
        for button in (self.keep, self.switch, self.corners, self.remove, self.show_):
            button.setEnabled(row is not None)
        self.switch.setText(_("Switch off") if row is None or row.fence.enabled else _("Switch on"))
        if self._asked not in self._rows:
            self._asked = ""
        self.remove.setText(_("Remove it now") if self._asked else _("Remove…"))

    def _keep(self) -> None:
        row = self._rows.get(self.chosen_id)
        if row is not None:
            self.set_wanted.emit(self.wanted(self._base or row.fence))

    def _switch(self) -> None:
        row = self._rows.get(self.chosen_id)
        if row is not None:
            self.set_wanted.emit(replace(_wish(row.fence, row.fence.version), enabled=not row.fence.enabled))

    def _remove(self) -> None:
        """First what follows from it, then, when that is wanted, the removal."""
        row = self._rows.get(self.chosen_id)
        if row is None:
            return
        if self._asked == row.fence.id:
            self.notice.hush()
            self.removed.emit(row.fence.id)
            return
        self._asked = row.fence.id
        told = _(
            "“{name}”: its standing alarms end ({count}), nobody is told of crossings any more. The journal keeps it."
        )
        self.notice.say(told.format(name=row.fence.name, count=row.standing))
        self._allow()

    def _number(self, most: float, value: float, unit: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.0, most)
        box.setDecimals(0)
        box.setSuffix(unit)
        box.setValue(value)
        return box


def _wish(fence: Fence, version: int) -> FenceWish:
    """A fence as the fields would say it."""
    return FenceWish(
        fence.id,
        fence.name,
        fence.trigger,
        fence.severity,
        fence.kinds,
        fence.margin_m,
        fence.dwell_s,
        fence.enabled,
        fence.hours,
        version,
    )
