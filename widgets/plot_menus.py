"""What a plot can do besides being looked at, as menus; every entry names its key."""

from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime, QObject, Qt, QTimeZone, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QDialogButtonBox, QFormLayout, QMenu, QVBoxLayout, QWidget

from controlroom.i18n import _
from widgets.plot_axis import DISTRICT


class PlotMenus(QObject):
    """Two menus: other times, and everything else. The panel connects the signals."""

    shifted = Signal(float)
    """Show the hours of now, so many seconds ago."""
    today_wanted = Signal()
    span_wanted = Signal(float)
    goto_wanted = Signal()
    together_toggled = Signal(bool)
    steps_toggled = Signal(bool)
    scrolling_toggled = Signal(bool)
    room_wanted = Signal()
    """All panels shall look at the time of the cursor."""
    annotate_wanted = Signal()
    reference_wanted = Signal()
    ranges_released = Signal()
    picture_wanted = Signal(str)
    """A picture file is wanted: `png` or `svg`."""
    table_wanted = Signal(bool)
    """A table file is wanted; true: every reading, false: the bins that are shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.times, self.more = QMenu(parent), QMenu(parent)
        self._add(self.times, _("Yesterday, the same hours"), "Y").triggered.connect(self._yesterday)
        self._add(self.times, _("A week ago, the same hours"), "W").triggered.connect(self._week)
        self._add(self.times, _("Today since midnight")).triggered.connect(self.today_wanted)
        self._add(self.times, _("Last 30 days")).triggered.connect(self._month)
        self._add(self.times, _("Last year")).triggered.connect(self._year)
        self.times.addSeparator()
        self._add(self.times, _("Go to a time…"), "G").triggered.connect(self.goto_wanted)
        self._add(self.times, _("Take the whole room to the cursor"), "M").triggered.connect(self.room_wanted)
        self.together = self._check(_("All curves in one chart"), "T")
        self.together.toggled.connect(self.together_toggled)
        self.steps = self._check(_("Hold each reading until the next"), "S")
        self.steps.toggled.connect(self.steps_toggled)
        self.scrolling = self._check(_("Scroll in steps"), "")
        self.scrolling.toggled.connect(self.scrolling_toggled)
        self._add(self.more, _("Automatic ranges of values"), "R").triggered.connect(self.ranges_released)
        self.more.addSeparator()
        self._add(self.more, _("Tell differences from the cursor"), "D").triggered.connect(self.reference_wanted)
        self.annotate = self._add(self.more, _("Write on the curves…"), "N")
        self.annotate.triggered.connect(self.annotate_wanted)
        self.more.addSeparator()
        self._add(self.more, _("Save as a picture (PNG)…")).triggered.connect(self._png)
        self._add(self.more, _("Save as a drawing (SVG)…")).triggered.connect(self._svg)
        self._add(self.more, _("Save every reading (CSV)…")).triggered.connect(self._raw)
        self._add(self.more, _("Save least, greatest and mean (CSV)…")).triggered.connect(self._binned)

    def _add(self, menu: QMenu, text: str, key: str = "") -> QAction:
        return menu.addAction(f"{text}\t{key}" if key else text)

    def _check(self, text: str, key: str) -> QAction:
        action = self._add(self.more, text, key)
        action.setCheckable(True)
        return action

    def _yesterday(self) -> None:
        self.shifted.emit(86_400.0)

    def _week(self) -> None:
        self.shifted.emit(7 * 86_400.0)

    def _month(self) -> None:
        self.span_wanted.emit(30 * 86_400.0)

    def _year(self) -> None:
        self.span_wanted.emit(365 * 86_400.0)

    def _png(self) -> None:
        self.picture_wanted.emit("png")

    def _svg(self) -> None:
        self.picture_wanted.emit("svg")

    def _raw(self) -> None:
        self.table_wanted.emit(True)

    def _binned(self) -> None:
        self.table_wanted.emit(False)


def midnight(now: datetime) -> datetime:
    """The last midnight of the district."""
    local = now.astimezone(DISTRICT)
    return local - timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def time_edit(at: datetime) -> QDateTimeEdit:
    """A field for a time of the district, to the second."""
    edit = QDateTimeEdit()
    edit.setTimeZone(QTimeZone(b"Asia/Shanghai"))
    edit.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
    edit.setCalendarPopup(True)
    edit.setDateTime(QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000), QTimeZone(b"Asia/Shanghai")))
    return edit


def time_of(edit: QDateTimeEdit) -> datetime:
    """The aware time of a field."""
    return datetime.fromtimestamp(edit.dateTime().toMSecsSinceEpoch() / 1000, DISTRICT)


class GotoDialog(QDialog):
    """Asks which time a plot shall show; `chosen` carries it."""

    chosen = Signal(object)
    """The time (aware) that the middle of the plot shall show."""

    def __init__(self, at: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Go to a time"))
        self.edit = time_edit(at)
        form = QFormLayout()
        form.addRow(_("Time"), self.edit)
        box = QDialogButtonBox()
        box.addButton(_("Show"), QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(box)
        self.accepted.connect(self._tell)

    def _tell(self) -> None:
        self.chosen.emit(time_of(self.edit))
