"""What was brought to this seat because nobody took it: the worst first, with what can be done at once."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import blend, is_dark, severity_colour, severity_pixmap

_TINT = 0.35
_EDGE = 6
_SYMBOL = 22


class CallBar(QWidget):
    """Hidden while nobody is called here. It cannot be closed: it goes when the alarms are taken or acknowledged."""

    taken = Signal(list)
    """list[str]: ids of the alarms that the officer has now."""
    acknowledged = Signal(list)
    """list[str]: ids of the alarms that the officer took note of."""
    shown = Signal(str)
    """The id of the alarm to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("callBar")
        self._alarms: list[Alarm] = []
        self.symbol = QLabel()
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        font = self.label.font()
        font.setBold(True)
        self.label.setFont(font)
        self.show_button = QPushButton(_("Show it"))
        self.take_button = QPushButton(_("I have it"))
        self.acknowledge_button = QPushButton(_("Acknowledge"))
        row = QHBoxLayout(self)
        row.setContentsMargins(_EDGE + 6, 4, 6, 4)
        row.addWidget(self.symbol)
        row.addWidget(self.label, 1)
        for button in (self.show_button, self.take_button, self.acknowledge_button):
            row.addWidget(button)
        self.show_button.clicked.connect(lambda: self.shown.emit(self._alarms[0].id))
        self.take_button.clicked.connect(lambda: self.taken.emit([self._alarms[0].id]))
        self.acknowledge_button.clicked.connect(lambda: self.acknowledged.emit([self._alarms[0].id]))
        self.hide()

    def set_calls(self, alarms: Sequence[Alarm], told: str) -> None:
        """These were brought here, the most urgent first; `told` says so of the first one."""
        self._alarms = list(alarms)
        if not alarms:
            self.hide()
            return
        first = alarms[0]
        more = " " + _("And {count} more.").format(count=len(alarms) - 1) if len(alarms) > 1 else ""
        self.label.setText(told + more)
        self.symbol.setPixmap(
            severity_pixmap(first.severity, _SYMBOL, dark=is_dark(self.palette()), ratio=self.devicePixelRatioF())
        )
        self.acknowledge_button.setVisible(first.waiting)
        self.show()

    def allow(self, allowed: bool) -> None:
        """Take orders, or none while the link to the hub is lost."""
        self.take_button.setEnabled(allowed)
        self.acknowledge_button.setEnabled(allowed)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What was brought here."""
        return tuple(self._alarms)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted ground with an edge in the colour of the severity."""
        super().paintEvent(event)
        severity = self._alarms[0].severity if self._alarms else Severity.RED
        colour = severity_colour(severity, is_dark(self.palette()))
        painter = QPainter(self)
        painter.fillRect(self.rect(), blend(self.palette().base().color(), colour, _TINT))
        painter.fillRect(0, 0, _EDGE, self.height(), colour)
        painter.end()
