"""Questions to the map: what is asked of which things in which area; answers become layers with their origin."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.refusals import sentence
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.analysis.breaks import Breaks
from controlroom.mapping.analysis.offers import OFFERS, Number, Offer
from widgets.banner import Banner
from widgets.button_row import button_row
from widgets.map_texts import DISTRICT

_STEPS = 1000
PUBLISHED = "published-"
"""How the ids begin of answers that all seats see."""
Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things or areas that can be chosen, and whether its things have values."""

    key: str
    title: str
    valued: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the officer asks."""

    offer: Offer
    things: str
    zone: str
    other: str
    numbers: dict[str, float]
    choices: dict[str, str]
    corners: Corners


class Room(Protocol):
    """What the dialog asks of the seat."""

    def things(self) -> Sequence[Choice]:
        """What can be asked about."""

    def zones(self) -> Sequence[Choice]:
        """Areas, earlier answers among them."""

    async def ask(self, wanted: Wanted, progressed: Callable[[float], None]) -> Answer:
        """Work on it and put the answer on the maps. Raises EnvironmentFault."""

    async def fence(self, name: str, corners: Corners) -> None:
        """Draw a fence. Raises CommandRefused or EnvironmentFault."""

    async def publish(self, identity: str) -> None:
        """Show an answer to all seats. Raises CommandRefused or EnvironmentFault."""

    def answers(self) -> Sequence[Answer]:
        """What is on the maps, the newest last."""

    def remove(self, identity: str) -> None:
        """Take an answer off the maps."""

    def write(self, path: Path, text: str) -> None:
        """Write a file. Raises EnvironmentFault."""


def chosen_file(parent: QWidget, name: str, kind: str) -> str:
    """Where the officer wants a file; empty when nowhere."""
    return QFileDialog.getSaveFileName(parent, _("Export the answer"), f"{name}.{kind}", f"*.{kind}")[0]


class AnswerDialog(QDialog):
    """Not modal, so that corners can be clicked on the map meanwhile."""

    def __init__(
        self,
        room: Room,
        spawn: Callable[[Coroutine[Any, Any, None], str], Any],
        choose: Callable[[QWidget, str, str], str] = chosen_file,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Questions to the map"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._room, self._spawn, self._choose = room, spawn, choose
        self._running: Any = None
        self._cancelling = False
        self.method, self.things, self.zone, self.other = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.breaks, self.operation, self.shows = QComboBox(), QComboBox(), QComboBox()
        self.corners = QLineEdit()
        self.from_map = QCheckBox(_("take corners from clicks on the map"))
        self.numbers: dict[str, QDoubleSpinBox | QCheckBox] = {}
        self.go, self.stop = QPushButton(_("Ask the map")), QPushButton(_("Cancel"))
        self.fence = QPushButton(_("Draw as a fence"))
        self.feature = QPushButton(_("An area of a layer…"))
        self.feature.setAutoDefault(False)
        self.feature.hide()
        self.progress = QProgressBar()
        self.notice = Banner("refused")
        self.list = QListWidget()
        self.told = QLabel()
        self.remove = QPushButton(_("Remove"))
        self.publish = QPushButton(_("Show to all seats"))
        self.send = QToolButton()
        self.send.setText(_("Task…"))
        self.send.setToolTip(_("A task of the chosen incident for the department of one of these teams"))
        self.send.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.send.setMenu(QMenu(self.send))
        self.dispatches: Callable[[Answer], Sequence[tuple[str, Callable[[], None]]]] = _nobody
        """Whom of an answer something can be asked of, in words, and what asks it."""
        self.as_geojson, self.as_csv = QPushButton("GeoJSON…"), QPushButton("CSV…")
        self._form = QFormLayout()
        self._build()
        self.refresh()
        self._choose_method()
        self.resize(900, 520)

    # ---------------------------------------------------------------- what others call

    def refresh(self) -> None:
        """Things, areas and answers anew; what was chosen stays so where it still is."""
        for box, choices, none in (
            (self.things, self._room.things(), ""),
            (self.zone, self._room.zones(), _("everywhere")),
            (self.other, self._room.zones(), ""),
        ):
            held = box.currentData()
            box.clear()
            if none:
                box.addItem(none, "")
            for choice in choices:
                box.addItem(choice.title, choice.key)
            box.setCurrentIndex(max(box.findData(held), 0))
        shown = self.list.currentItem()
        identity = shown.data(Qt.ItemDataRole.UserRole) if shown else None
        self.list.clear()
        for answer in reversed(self._room.answers()):
            item = QListWidgetItem(answer.spec.title)
            item.setData(Qt.ItemDataRole.UserRole, answer.spec.id)
            self.list.addItem(item)
            if answer.spec.id == identity:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self._tell()

    def add_corner(self, lon: float, lat: float) -> None:
        """The map was clicked."""
        if self.from_map.isChecked():
            held = self.corners.text().strip().rstrip(";")
            self.corners.setText(f"{held}; {lon:.6f}, {lat:.6f}" if held else f"{lon:.6f}, {lat:.6f}")

    def ask(
        self, method: str, things: str = "", zone: str = "", corners: Corners = (), *, at_once: bool = False
    ) -> None:
        """Preset a question, as a menu does it, and ask it if it is to be answered `at_once`."""
        self.method.setCurrentIndex(max(self.method.findData(method), 0))
        for box, key in ((self.things, things), (self.zone, zone)):
            if key:
                box.setCurrentIndex(max(box.findData(key), 0))
        if corners:
            self.corners.setText("; ".join(f"{lon:.6f}, {lat:.6f}" for lon, lat in corners))
        if at_once:
            self._ask()

    def cancel(self) -> None:
        """End what is worked on; a step that cannot be broken off is finished before, and that is said meanwhile."""
        if self._running is not None and not self._cancelling:
            self._cancelling = True
            self._running.cancel()
            self._allow()

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        for offer in OFFERS:
            self.method.addItem(_(offer.title), offer.id)
        for method, title in (
            (Breaks.QUANTILE, _("Quantiles")),
            (Breaks.EQUAL, _("Equal widths")),
            (Breaks.NATURAL, _("Natural breaks (Jenks)")),
            (Breaks.STANDARD, _("Limits of the standard")),
        ):
            self.breaks.addItem(title, str(method))
        for key, title in (
            ("intersection", _("What both cover")),
            ("union", _("What either covers")),
            ("difference", _("The first without the second")),
        ):
            self.operation.addItem(title, key)
        self.shows.addItem(_("The value"), "value")
        self.shows.addItem(_("The standard error"), "error")
        self.corners.setPlaceholderText(_("lon, lat; lon, lat; … (WGS-84)"))
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.progress.setRange(0, _STEPS)
        self.progress.hide()
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.addLayout(self._form)
        column.addStretch(1)
        column.addWidget(self.notice)
        column.addWidget(self.progress)
        column.addLayout(button_row(self.fence, None, self.stop, self.go))
        beside = QVBoxLayout(right)
        beside.addWidget(QLabel(_("Answers on the map")))
        beside.addWidget(self.list, 2)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.told)
        beside.addWidget(scroll, 3)
        beside.addLayout(button_row(self.remove, self.publish, self.send, None, self.as_geojson, self.as_csv))
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([470, 430])
        QVBoxLayout(self).addWidget(split)
        self.method.currentIndexChanged.connect(self._choose_method)
        self.corners.textChanged.connect(self._allow)
        self.go.setDefault(True)
        self.go.clicked.connect(self._ask)
        self.stop.clicked.connect(self.cancel)
        self.fence.clicked.connect(self._fence)
        self.list.currentItemChanged.connect(self._tell)
        self.remove.clicked.connect(self._remove)
        self.as_geojson.clicked.connect(partial(self._export, "geojson"))
        self.publish.clicked.connect(self._publish)
        self.as_csv.clicked.connect(partial(self._export, "csv"))

    @property
    def _offer(self) -> Offer:
        return next(offer for offer in OFFERS if offer.id == self.method.currentData())

    def _choose_method(self) -> None:
        """Only what the method needs is shown."""
        while self._form.rowCount():
            taken = self._form.takeRow(0)
            title = taken.labelItem.widget() if taken.labelItem is not None else None
            field = taken.fieldItem.widget() if taken.fieldItem is not None else None
            if title is not None:
                title.hide()
                title.deleteLater()
            if field is not None:
                field.hide()
        for box in self.numbers.values():
            box.hide()
            box.deleteLater()
        self.numbers.clear()
        offer = self._offer
        self._show(_("Question"), self.method)
        if "things" in offer.needs or offer.id == "overlay":
            self._show(_("About"), self.things)
        if "zone" in offer.needs:
            self._show(_("In"), self.zone)
            self._show("", self.feature)
        if "other" in offer.needs:
            self._show(_("With"), self.other)
            self._show(_("Kept"), self.operation)
        if offer.id == "kriging":
            self._show(_("Shown"), self.shows)
        if offer.classed:
            self._show(_("Classes"), self.breaks)
        for number in offer.numbers:
            field = self.numbers[number.id] = _field(number)
            self._show("" if number.tick else _(number.title), field)
        self._show(_("Place") if "place" in offer.needs else _("Corners"), self.corners)
        self._show("", self.from_map)
        self._allow()

    def _show(self, title: str, widget: QWidget) -> None:
        self._form.addRow(title, widget)
        widget.show()

    # ---------------------------------------------------------------- what is done

    def wanted(self) -> Wanted:
        """The question as it stands. Raises EnvironmentFault for corners that are none."""
        return Wanted(
            self._offer,
            str(self.things.currentData() or ""),
            str(self.zone.currentData() or ""),
            str(self.other.currentData() or ""),
            {name: _value(field) for name, field in self.numbers.items()},
            {
                "breaks": str(self.breaks.currentData()),
                "operation": str(self.operation.currentData()),
                "show": str(self.shows.currentData()),
            },
            self._corners(),
        )

    def _corners(self) -> Corners:
        found = []
        for part in self.corners.text().split(";"):
            if not part.strip():
                continue
            try:
                lon, lat = (float(word) for word in part.replace("，", ",").split(","))
            except ValueError as error:
                raise EnvironmentFault(
                    _("“{text}” is no place: write longitude, latitude in degrees.").format(text=part.strip())
                ) from error
            found.append((lon, lat))
        return tuple(found)

    def _ask(self) -> None:
        if self._running is None:
            self._running = self._spawn(self._work(), "map answer")
            self._allow()

    async def _work(self) -> None:
        self.notice.hush()
        self.progress.setValue(0)
        self.progress.show()
        try:
            answer = await self._room.ask(self.wanted(), self._progressed)
            self.refresh()
            self._select(answer.spec.id)
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)
        finally:
            self._running = None
            self._cancelling = False
            self.progress.hide()
            self._allow()

    def _progressed(self, share: float) -> None:
        self.progress.setValue(round(_STEPS * share))

    def _fence(self) -> None:
        self._spawn(self._draw(), "fence")

    async def _draw(self) -> None:
        try:
            corners = self._corners()
            await self._room.fence(_("Fence of {count} corners").format(count=len(corners)), corners)
            self.notice.hush()
        except CommandRefused as refused:
            self.notice.say(sentence(refused.code, refused.text))
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)

    def _allow(self) -> None:
        count = len([part for part in self.corners.text().split(";") if part.strip()])
        needs = self._offer.needs
        enough = count >= (2 if "corners" in needs else 1 if "place" in needs else 0)
        self.go.setEnabled(self._running is None and enough)
        self.stop.setEnabled(self._running is not None and not self._cancelling)
        self.stop.setText(_("Cancelling…") if self._cancelling else _("Cancel"))
        self.fence.setEnabled(count >= 3)

    def _current(self) -> Answer | None:
        item = self.list.currentItem()
        identity = item.data(Qt.ItemDataRole.UserRole) if item else None
        return next((a for a in self._room.answers() if a.spec.id == identity), None)

    def _select(self, identity: str) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == identity:
                self.list.setCurrentRow(row)

    def _tell(self) -> None:
        answer = self._current()
        self._fill_tasks(answer)
        for button in (self.remove, self.as_geojson, self.as_csv):
            button.setEnabled(answer is not None)
        self.publish.setEnabled(answer is not None and not answer.spec.id.startswith(PUBLISHED))
        if answer is None:
            self.told.setText(_("No answer yet."))
            return
        lines = [*answer.said, "", *(f"{name}: {value}" for name, value in answer.how)]
        at = answer.data_at.astimezone(DISTRICT).strftime("%Y-%m-%d %H:%M:%S") if answer.data_at else _("unknown")
        made = answer.made_at.astimezone(DISTRICT).strftime("%Y-%m-%d %H:%M:%S")
        lines += [
            _("Data of: {time}").format(time=at),
            _("Made {time} by {author}").format(time=made, author=answer.author),
        ]
        self.told.setText("\n".join(lines))

    def _publish(self) -> None:
        answer = self._current()
        if answer is not None:
            self._spawn(self._carry(self._room.publish(answer.spec.id)), "publish an answer")

    async def _carry(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            self.notice.hush()
            self.refresh()
        except CommandRefused as refused:
            self.notice.say(sentence(refused.code, refused.text))
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)

    def _fill_tasks(self, answer: Answer | None) -> None:
        menu = self.send.menu()
        menu.clear()
        for words, act in self.dispatches(answer) if answer is not None else ():
            menu.addAction(words, act)
        self.send.setEnabled(not menu.isEmpty())

    def _remove(self) -> None:
        answer = self._current()
        if answer is not None:
            self._room.remove(answer.spec.id)
            self.refresh()

    def _export(self, kind: str) -> None:
        answer = self._current()
        path = self._choose(self, answer.spec.title, kind) if answer is not None else ""
        if answer is None or not path:
            return
        try:
            self._room.write(Path(path), answer.geojson() if kind == "geojson" else answer.csv())
            self.notice.hush()
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)


def _field(number: Number) -> QDoubleSpinBox | QCheckBox:
    """Where a parameter is set: a tick, or a number with its unit that tells its range."""
    if number.tick:
        tick = QCheckBox(_(number.title))
        tick.setChecked(number.usual > 0)
        return tick
    box = QDoubleSpinBox()
    box.setRange(number.least, number.most)
    box.setDecimals(0 if number.whole else 1)
    box.setSuffix(f" {number.unit}" if number.unit else "")
    box.setValue(number.usual)
    box.setGroupSeparatorShown(True)
    box.setToolTip(_("{least:g} to {most:g} {unit}").format(least=number.least, most=number.most, unit=number.unit))
    return box


def _value(field: QDoubleSpinBox | QCheckBox) -> float:
    return float(field.isChecked()) if isinstance(field, QCheckBox) else field.value()


def _nobody(_answer: Answer) -> Sequence[tuple[str, Callable[[], None]]]:
    return ()
