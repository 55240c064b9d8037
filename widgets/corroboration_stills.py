"""Stills of the cameras that can see a place, each with its time and its age, or why there is none."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from controlroom.bridge.stills import Still
from controlroom.bridge.wording import age_text, clock_text
from controlroom.i18n import _

_PICTURE = QSize(208, 117)
_LINE_PX = 17


class _StillTile(QWidget):
    """One camera; Enter, Space or a click chooses it."""

    chosen = Signal(str)

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone
        self._still: Still | None = None
        self._now: datetime | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumSize(120, _PICTURE.height() + 2 * _LINE_PX + 4)

    @property
    def still(self) -> Still | None:
        """What is shown."""
        return self._still

    def show_still(self, still: Still, now: datetime) -> None:
        """Show a still and how old it is."""
        self._still, self._now = still, now
        self.setAccessibleName(f"{still.camera.name} {self.told()}")
        self.setToolTip(f"{still.camera.name}\n{self.told()}")
        self.update()

    def told(self) -> str:
        """When the picture came, or what is wrong."""
        still = self._still
        if still is None:
            return ""
        if still.at is None or self._now is None:
            return still.fault or _("Opening…")
        return f"{clock_text(still.at, self._zone)} · {age_text((self._now - still.at).total_seconds())}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        super().mousePressEvent(event)
        self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose it by Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
            return
        super().keyPressEvent(event)

    def _choose(self) -> None:
        if self._still is not None:
            self.chosen.emit(self._still.camera.id)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture with two lines of text below it."""
        still = self._still
        if still is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = self.palette()
        area = QRectF(0, 0, self.width(), _PICTURE.height())
        painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
        if still.image is not None:
            size = still.image.size().scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            box = QRectF(0, 0, size.width(), size.height())
            box.moveCenter(area.center())
            painter.drawImage(box, still.image)
        else:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(area.adjusted(6, 4, -6, -4), flags, self.told())
        colour = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Mid
        painter.setPen(QPen(palette.color(colour), 2 if self.hasFocus() else 1))
        painter.drawRect(area.adjusted(1, 1, -1, -1))
        metrics = painter.fontMetrics()
        lines = (
            (f"{still.camera.name} · {still.distance_m:.0f} m", QPalette.ColorRole.Text),
            (self._below(still), QPalette.ColorRole.PlaceholderText),
        )
        for number, (text, role) in enumerate(lines):
            painter.setPen(palette.color(role))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 4)
            painter.drawText(2, _PICTURE.height() + (number + 1) * _LINE_PX - 2, shown)
        painter.end()

    def _below(self, still: Still) -> str:
        told = self.told() if still.image is not None else _("no picture")
        return told if still.aimed else _("{told} · direction not known").format(told=told)


class CorroborationStills(QWidget):
    """Up to four stills beside each other, or one sentence why there are none."""

    chosen = Signal(str)
    """The id of a camera that the officer wants to see."""

    def __init__(self, zone: tzinfo, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = [_StillTile(zone) for _number in range(most)]
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setProperty("faint", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for tile in self.tiles:
            tile.chosen.connect(self.chosen)
            tile.hide()
            row.addWidget(tile, 1)
        row.addWidget(self.sentence, 1)

    def show_stills(self, stills: Sequence[Still], sentence: str, now: datetime) -> None:
        """Show these; `sentence` is said where there are none."""
        for number, tile in enumerate(self.tiles):
            tile.setVisible(number < len(stills))
            if number < len(stills):
                tile.show_still(stills[number], now)
        self.sentence.setVisible(not stills)
        self.sentence.setText(sentence)
