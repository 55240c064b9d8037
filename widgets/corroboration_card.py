"""The card that corroborates a sensor beyond its limit: verdict, evidence, others, past, stills, weather."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.corroboration import STILLS, Dossier, Part, Row
from controlroom.bridge.corroboration_wording import (
    SHAPES,
    entry_text,
    evidence_text,
    level_word,
    trend_text,
    verdict_sentence,
    verdict_word,
    way_text,
    weather_lines,
)
from controlroom.bridge.reading_wording import value_text
from controlroom.bridge.wording import age_text, clock_text, span_text, time_text
from controlroom.domain.incident import Incident
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.severity import Severity
from controlroom.i18n import _, _n, sentences
from widgets.banner import Banner
from widgets.corroboration_chart import CorroborationChart
from widgets.corroboration_stills import CorroborationStills
from widgets.look import mark
from widgets.severity import is_dark, severity_pixmap, severity_shape
from widgets.text_rows import plain_label
from widgets.value_table import Cell, ValueTable
from widgets.value_table import Row as TableRow

_SYMBOL = 26


class CorroborationCard(QDialog):
    """Shows one Dossier while it fills. Not modal; unpinned it is used again for the next sensor."""

    refresh_wanted = Signal(str)
    """The id of the sensor: gather everything anew."""
    sensor_chosen = Signal(str)
    """A sensor of the list is wanted in the other panels."""
    cameras_wanted = Signal(list)
    """list[str]: ids of cameras for the wall."""
    attached = Signal(str, str)
    """The id of an incident and the text of the entry."""
    pinned_changed = Signal(bool)

    def __init__(
        self,
        kinds: Mapping[str, SensorKind],
        kind_name: Callable[[str], str],
        zone: tzinfo,
        incidents: Callable[[], Sequence[Incident]],
        parent: QWidget | None = None,
    ) -> None:
        """`incidents` gives the open incidents, those that have to do with the sensor first."""
        super().__init__(parent)
        self.setObjectName("corroboration")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._kinds, self._kind_name, self._zone, self._incidents = kinds, kind_name, zone, incidents
        self._dossier: Dossier | None = None
        self._now: datetime | None = None
        self.symbol = QLabel()
        self.name = _label(bold=True, px=17)
        self.facts = _label()
        self.verdict = _label(bold=True, px=20)
        self.meaning = _label()
        self.evidence = _label()
        self.progress = _label(faint=True)
        self.others_head = _label(bold=True)
        self.others_note = _label(faint=True)
        self.others = ValueTable((_("Sensor"), _("Where"), _("Value"), _("Level"), _("Age"), _("In an hour")))
        self.others.view.setAccessibleName(_("Others that were asked"))
        self.past_head = _label(bold=True)
        self.chart = CorroborationChart(zone)
        self.weather_head = _label(bold=True)
        self.weather = _label()
        self.stills_head = _label(bold=True)
        self.stills = CorroborationStills(zone, STILLS)
        self.notice = Banner("refused")
        header = self.others.view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.pin = self._button(_("Pin (P)"), "P", self._pin, checkable=True)
        self.again = self._button(_("Ask again (F5)"), "F5", self._refresh)
        self.save = self._button(_("Save the picture… (Ctrl+S)"), "Ctrl+S", self._ask_file)
        self.attach = self._button(_("Into an incident… (I)"), "I", self._offer_incidents)
        self.to_wall = self._button(_("Cameras to the wall (W)"), "W", self._send_to_wall)
        self._build()
        self.others.view.activated.connect(lambda _index: self.sensor_chosen.emit(self.others.chosen))
        self.stills.chosen.connect(lambda camera: self.cameras_wanted.emit([camera]))
        self.resize(960, 760)

    @property
    def dossier(self) -> Dossier | None:
        """What is shown."""
        return self._dossier

    @property
    def pinned(self) -> bool:
        """Whether it stays when another sensor is asked about."""
        return self.pin.isChecked()

    def show_dossier(self, dossier: Dossier, now: datetime) -> None:
        """Show what is known so far."""
        self._dossier = dossier
        self.setWindowTitle(_("Corroboration: {sensor}").format(sensor=dossier.subject.sensor.name))
        self._draw_verdict(dossier)
        self._draw_past(dossier)
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self._now = now
        held = self._dossier
        if held is None:
            return
        if held.then:
            now = held.asked_at  # ages are those of that moment
        self._draw_subject(held, now)
        self._draw_others(held, now)
        self.weather_head.setText(self._head(_("Weather"), held, Part.WEATHER, now))
        lines = weather_lines(held, self._kinds, now)
        self.weather.setText("\n".join(lines) or held.faults.get(Part.WEATHER, _("Asking…")))
        self._draw_stills(held, now)
        self.past_head.setText(self._head(_("The last hour"), held, Part.PAST, now))
        self.to_wall.setEnabled(bool(held.stills))

    def text(self) -> str:
        """The entry for a timeline."""
        held = self._dossier
        return "" if held is None else entry_text(held, self._kinds, self._zone)

    def save_picture(self, path: str) -> None:
        """Write the card as it is as PNG; what cannot be written is told."""
        if self.grab().save(path, "PNG"):
            self.notice.hush()
            self.progress.setText(_("Saved: {file}").format(file=Path(path).name))
            return
        self.notice.say(_("{file} cannot be written; choose another folder.").format(file=Path(path).name))

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: paint the symbol anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._dossier is not None and self._now is not None:
            self._draw_subject(self._dossier, self._now)

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addWidget(self.facts)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.symbol, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        body = QGridLayout()
        body.setHorizontalSpacing(14)
        body.setColumnStretch(0, 5)
        body.setColumnStretch(1, 6)
        left, right = QVBoxLayout(), QVBoxLayout()
        for widget in (self.verdict, self.meaning, self.evidence, self.progress):
            left.addWidget(widget)
        left.addStretch(1)
        parts: tuple[QWidget, ...] = (self.past_head, self.chart, self.weather_head, self.weather)
        for part in parts:
            right.addWidget(part)
        body.addLayout(left, 0, 0)
        body.addLayout(right, 0, 1)
        column = QVBoxLayout(self)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addLayout(body)
        parts = (self.others_head, self.others_note, self.others, self.stills_head, self.stills)
        for part in parts:
            column.addWidget(part)
        column.setStretchFactor(self.others, 1)
        row = QHBoxLayout()
        for button in (self.attach, self.to_wall, self.save, self.again, self.pin):
            row.addWidget(button)
        row.addStretch(1)
        close = QPushButton(_("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        row.addWidget(close)
        column.addLayout(row)
        self.others.view.setFocus()

    def _button(self, text: str, key: str, slot: Callable[[], None], checkable: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setCheckable(checkable)
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: button.click())
        self.addAction(action)
        button.clicked.connect(lambda: slot())
        return button

    # ---------------------------------------------------------------- drawing

    def _head(self, title: str, held: Dossier, part: Part, now: datetime) -> str:
        at = held.told.get(part)
        if at is None:
            return title
        return f"{title} · {clock_text(at, self._zone)}, {age_text((now - at).total_seconds())}"

    def _draw_subject(self, held: Dossier, now: datetime) -> None:
        row, sensor = held.subject, held.subject.sensor
        crossed = row.witness.crossed
        level: Severity | None = None if crossed is None else crossed.limit.severity
        self.symbol.setVisible(level is not None)
        if level is not None:
            dark = is_dark(self.palette())
            self.symbol.setPixmap(severity_pixmap(level, _SYMBOL, dark=dark, ratio=self.devicePixelRatioF()))
        self.name.setText(sensor.name)
        age_s = 0.0 if row.at is None else (now - row.at).total_seconds()
        told = [
            value_text(row.witness.value, sensor.unit, self._kinds.get(sensor.kind)),
            level_word(row, age_s),
            "" if row.at is None else age_text(age_s),
            self._kind_name(sensor.kind),
            sensor.town,
            sensor.department,
        ]
        self.facts.setText(" · ".join(part for part in told if part))
        mark(self.facts, stale=row.witness.freshness is not Freshness.LIVE)

    def _draw_verdict(self, held: Dossier) -> None:
        found, sensor = held.finding, held.subject.sensor
        kind = self._kinds.get(sensor.kind)
        self.verdict.setText(f"{SHAPES[found.verdict]} {verdict_word(found.verdict)}")
        self.meaning.setText(verdict_sentence(found.verdict))
        lines = []
        for each in found.evidence:
            sign = "▸" if each.speaks_for is found.verdict else "·"
            lines.append(f"{sign} {evidence_text(each, sensor, kind)}")
        self.evidence.setText("\n".join(lines))
        mark(self.progress, stale=held.then)
        if held.then:
            then = time_text(held.asked_at, self._now or held.asked_at, self._zone)
            self.progress.setText(_("Not live: this is how it stood {time}").format(time=then))
        elif held.whole:
            took_s = (max(held.told.values()) - held.asked_at).total_seconds()
            asked = clock_text(held.asked_at, self._zone)
            self.progress.setText(
                _("Complete: asked at {time}, filled in {span:.1f} s").format(time=asked, span=took_s)
            )
        else:
            self.progress.setText(_("Preliminary: evidence is still coming in…"))

    def _draw_past(self, held: Dossier) -> None:
        fault = held.faults.get(Part.PAST, "")
        self.chart.show_past(held.asked_at, held.hour, held.yesterday, held.subject.sensor.limits, fault)

    def _draw_others(self, held: Dossier, now: datetime) -> None:
        self.others_head.setText(self._head(_("Neighbours, upstream and downstream"), held, Part.OTHERS, now))
        notes = [held.faults.get(Part.OTHERS, "")]
        if Part.OTHERS in held.told and not held.course_known:
            notes.append(_("What lies upstream and downstream is not known: its source declares none."))
        self.others_note.setText(sentences(*notes))
        self.others_note.setVisible(any(notes))
        self.others.set_rows([self._row(row, now) for row in held.others])

    def _row(self, row: Row, now: datetime) -> TableRow:
        kind = self._kinds.get(row.sensor.kind)
        stale = row.witness.freshness is not Freshness.LIVE
        age_s = 0.0 if row.at is None else max((now - row.at).total_seconds(), 0.0)
        cells = (
            row.sensor.name,
            way_text(row),
            value_text(row.witness.value, row.sensor.unit, kind),
            self._level(row, age_s),
            "—" if row.at is None else span_text(age_s),
            trend_text(row, kind),
        )
        return TableRow(row.sensor.id, tuple(Cell(text, stale=stale) for text in cells))

    def _level(self, row: Row, age_s: float) -> str:
        crossed = row.witness.crossed if row.witness.heard else None
        shape = "" if crossed is None else f"{severity_shape(crossed.limit.severity)} "
        return shape + level_word(row, age_s)

    def _draw_stills(self, held: Dossier, now: datetime) -> None:
        self.stills_head.setText(self._head(self._stills_title(held), held, Part.STILLS, now))
        sentence = held.faults.get(Part.STILLS, "" if Part.STILLS in held.told else _("Asking…"))
        if held.beside:
            sentence = _("{sentence} The nearest one does not face or reach it: {camera}").format(
                sentence=sentence, camera=held.beside
            )
        self.stills.show_stills(held.stills, sentence, now)

    def _stills_title(self, held: Dossier) -> str:
        if not held.seen_by:
            return _("Cameras that can see the place")
        said = _n("{count} camera can see the place", "{count} cameras can see the place", held.seen_by)
        return said.format(count=held.seen_by)

    # ---------------------------------------------------------------- what the officer does

    def _pin(self) -> None:
        self.pinned_changed.emit(self.pinned)

    def _refresh(self) -> None:
        if self._dossier is not None:
            self.refresh_wanted.emit(self._dossier.subject.sensor.id)

    def _send_to_wall(self) -> None:
        if self._dossier is not None:
            self.cameras_wanted.emit([still.camera.id for still in self._dossier.stills])

    def _ask_file(self) -> None:
        held = self._dossier
        if held is None:
            return
        dialog = QFileDialog(self, _("Save the picture"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("PNG (*.png)")
        dialog.setDefaultSuffix("png")
        dialog.selectFile(f"corroboration-{held.asked_at.astimezone(self._zone):%Y%m%d-%H%M%S}.png")
        dialog.fileSelected.connect(self.save_picture)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _offer_incidents(self) -> None:
        """A menu of the open incidents; the one that it is chosen from gets the entry."""
        incidents = self._incidents()
        if not incidents:
            self.notice.say(_("No incident is open; open one from the alarm first (I in the alarm list)."))
            return
        menu = QMenu(self)
        for incident in incidents:
            action = menu.addAction(f"{incident.id} {incident.title}")
            action.setData(incident.id)
        menu.triggered.connect(self._attach)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.attach.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _attach(self, action: QAction) -> None:
        self.attached.emit(str(action.data()), self.text())


def _label(bold: bool = False, px: int | None = None, faint: bool = False) -> QLabel:
    label = plain_label("", bold, px)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if faint:
        label.setProperty("faint", True)
    return label
