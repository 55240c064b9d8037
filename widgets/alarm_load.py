"""How much a seat has to bear, always in view: the rate of new alarms as a figure, a word and a shape."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from controlroom.bridge.models.alarm_report_text import level_word
from controlroom.domain.alarm_bands import AlarmBands, LoadLevel
from controlroom.domain.flood import Load
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import is_dark, severity_colour

_BAR = 5
_GAP = 2
_STEPS = len(LoadLevel)
_MARGIN = 8
_COLOURS = {
    LoadLevel.MANAGEABLE: Severity.BLUE,
    LoadLevel.OVER_DEMANDING: Severity.ORANGE,
    LoadLevel.UNACCEPTABLE: Severity.RED,
}


class LoadMeter(QWidget):
    """Rising bars (one for each band that is reached), the band's word and the figure of the window."""

    def __init__(self, bands: AlarmBands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bands = bands
        self._load: Load | None = None
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.show_load(None)

    @property
    def text(self) -> str:
        """What is said beside the bars."""
        minutes = self._bands.flood.window_s // 60
        if self._load is None:
            return _("load not known")
        word = _("flood") if self._load.flood is not None else level_word(self._load.band.level)
        return _("{word} · {count} in {minutes} min").format(word=word, count=self._load.count, minutes=minutes)

    def show_load(self, load: Load | None) -> None:
        """Show a load; None where it is not known."""
        self._load = load
        self.setToolTip(self._explained())
        self.setAccessibleName(_("Alarm load of this seat: {load}").format(load=self.text))
        self.updateGeometry()
        self.update()

    def _explained(self) -> str:
        minutes = self._bands.flood.window_s // 60
        lines = [_("New alarms of this seat in {minutes} minutes").format(minutes=minutes)]
        for band in self._bands.band:
            most = _("above") if band.most is None else _("up to {count}").format(count=band.most)
            lines.append(f"{most}: {level_word(band.level)}")
        lines.append(
            _("More than {starts} begin a flood, fewer than {ends} end it").format(
                starts=self._bands.flood.starts_above, ends=self._bands.flood.ends_below
            )
        )
        sources = dict.fromkeys(f"{band.source}, {band.clause}" for band in self._bands.band)
        return "\n".join([*lines, *sources])

    def sizeHint(self) -> QSize:
        """Room for bars and words."""
        metrics = QFontMetrics(self.font())
        return QSize(_STEPS * (_BAR + _GAP) + metrics.horizontalAdvance(self.text) + 3 * _MARGIN, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """The figure is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, then words."""
        painter = QPainter(self)
        palette, dark = self.palette(), is_dark(self.palette())
        calm = palette.color(QPalette.ColorRole.PlaceholderText)
        level = None if self._load is None else self._load.band.level
        reached = 0 if level is None else list(LoadLevel).index(level) + 1
        colour = severity_colour(_COLOURS[level], dark) if level in _COLOURS else calm
        height = self.height() - 8
        for step in range(_STEPS):
            tall = height * (step + 2) / (_STEPS + 1)
            bar = QRectF(_MARGIN + step * (_BAR + _GAP), 4 + height - tall, _BAR, tall)
            if step < reached:
                painter.fillRect(bar, colour)
            else:
                painter.setPen(QColor(calm))
                painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        left = _MARGIN + _STEPS * (_BAR + _GAP) + _MARGIN // 2
        painter.setPen(palette.color(QPalette.ColorRole.WindowText) if reached > 1 else calm)
        box = self.rect().adjusted(left, 0, -_MARGIN // 2, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text)
        painter.end()
