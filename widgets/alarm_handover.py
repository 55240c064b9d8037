"""Areas that this seat handed on or was handed: offers ask for an answer, what is in force says since when."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from controlroom.bridge.wording import age_text, clock_text
from controlroom.domain.seating import AreaHandover, HandoverState
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import blend, is_dark, severity_colour

_TINT = 0.18
_EDGE = 4


def area_text(handover: AreaHandover) -> str:
    """The area, with the kind of alarms where only one was handed over."""
    area = handover.area or _("places without a name")
    return f"{area} · {handover.kind}" if handover.kind else area


class HandoverLine(QWidget):
    """One handover with what this seat can do about it."""

    answered = Signal(str, bool)
    ended = Signal(str)

    def __init__(self, handover: AreaHandover, seat: str, zone: tzinfo | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.handover = handover
        self._seat = seat
        self._zone = zone
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8 + _EDGE, 3, 6, 3)
        row.addWidget(self.said, 1)
        self.buttons: list[QPushButton] = []
        if handover.state is HandoverState.OFFERED and handover.taker == seat:
            self._button(row, _("Accept (Ctrl+Y)"), lambda: self.answered.emit(handover.id, True))
            self._button(row, _("Decline"), lambda: self.answered.emit(handover.id, False))
        else:
            word = _("Take back") if handover.giver == seat else _("Give back")
            self._button(row, word, lambda: self.ended.emit(handover.id))

    def _button(self, row: QHBoxLayout, text: str, slot: object) -> None:
        button = QPushButton(text)
        button.clicked.connect(slot)
        self.buttons.append(button)
        row.addWidget(button)

    def tell(self, now: datetime) -> None:
        """Say it again with the age of now."""
        held = self.handover
        area = area_text(held)
        left_s = max(0, round((held.answer_by - now).total_seconds()))
        if held.state is HandoverState.OFFERED and held.taker == self._seat:
            text = _("Seat {seat} ({officer}) hands you new alarms of {area}; it goes back in {left} s").format(
                seat=held.giver, officer=held.offered_by, area=area, left=left_s
            )
        elif held.state is HandoverState.OFFERED:
            text = _("{area} is offered to seat {seat}, which has {left} s to answer; until then it is yours").format(
                area=area, seat=held.taker, left=left_s
            )
        else:
            since = held.accepted_at or held.offered_at
            age, time = age_text((now - since).total_seconds()), clock_text(since, self._zone)
            words = (
                _("{area} is handed to seat {seat} ({officer}) since {time}, {age}")
                if held.giver == self._seat
                else _("{area} was handed to you by seat {seat} since {time}, {age}")
            )
            other = held.taker if held.giver == self._seat else held.giver
            text = words.format(area=area, seat=other, officer=held.accepted_by, time=time, age=age)
        self.said.setText(text)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """An offer is tinted so that it is seen, what is in force is calm."""
        palette = self.palette()
        asks = self.handover.state is HandoverState.OFFERED and self.handover.taker == self._seat
        colour = severity_colour(Severity.ORANGE if asks else Severity.BLUE, is_dark(palette))
        painter = QPainter(self)
        painter.fillRect(self.rect(), blend(palette.window().color(), colour, _TINT if asks else _TINT / 2))
        painter.fillRect(0, 0, _EDGE, self.height(), colour)
        painter.end()


class HandoverLines(QWidget):
    """The handovers of a seat, one line each; nothing is shown while there are none."""

    answered = Signal(str, bool)
    """The id of an offer, and whether it is taken."""
    ended = Signal(str)
    """The id of a handover that this seat ends."""

    def __init__(self, seat: str, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._zone = zone
        self.lines: list[HandoverLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self.hide()

    def show_handovers(self, handovers: Sequence[AreaHandover], now: datetime) -> None:
        """Show exactly these."""
        if [line.handover for line in self.lines] != list(handovers):
            for line in self.lines:
                self._column.removeWidget(line)
                line.hide()
                line.deleteLater()
            self.lines = [HandoverLine(handover, self._seat, self._zone) for handover in handovers]
            for line in self.lines:
                line.answered.connect(self.answered)
                line.ended.connect(self.ended)
                self._column.addWidget(line)
        self.tick(now)
        self.setVisible(bool(self.lines))

    def tick(self, now: datetime) -> None:
        """Ages and times that are left, once a second."""
        for line in self.lines:
            line.tell(now)

    def accept_first(self) -> None:
        """Take the oldest offer to this seat, by key."""
        for line in self.lines:
            if line.handover.state is HandoverState.OFFERED and line.handover.taker == self._seat:
                self.answered.emit(line.handover.id, True)
                return
