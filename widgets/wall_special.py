"""Tiles of a wall that are no cameras: clock, text, picture, and the number of a screen."""

from datetime import datetime, tzinfo
from pathlib import Path

from PySide6.QtCore import QFileInfo, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImageReader, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

_MOST_BYTES = 40_000_000
_MOST_SIDE_PX = 16_000


class _Painted(QWidget):
    """What covers its tile wholly and takes no keys; its mouse belongs to the wall below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _fitted(self, text: str, share: float, box: QRect) -> QFont:
        """A font in which the text fills `share` of the height and still fits the width."""
        font = QFont(self.font())
        font.setPixelSize(max(9, int(box.height() * share)))
        width = QFontMetrics(font).horizontalAdvance(text)
        if width > box.width() * 0.92:
            font.setPixelSize(max(9, int(font.pixelSize() * box.width() * 0.92 / width)))
        return font


class ClockTile(_Painted):
    """The time of the district, the date below it. Told the time once a second."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._now: datetime | None = None

    def set_time(self, now: datetime) -> None:
        """The time to show."""
        self._now = now.astimezone(self._zone)
        self.setAccessibleName(self._now.strftime("%H:%M:%S"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint time and date as large as fits."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        if self._now is None:
            return
        time, date = self._now.strftime("%H:%M:%S"), self._now.strftime("%Y-%m-%d")
        upper = QRect(0, int(self.height() * 0.14), self.width(), int(self.height() * 0.46))
        lower = QRect(0, int(self.height() * 0.6), self.width(), int(self.height() * 0.22))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        for text, box, share in ((time, upper, 0.8), (date, lower, 0.62)):
            painter.setFont(self._fitted(text, share, box))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))


class TextTile(_Painted):
    """A text, as large as it fits, and below it who put it there and when, so that nobody takes an old one for new."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._origin = ""
        self.setAccessibleName(text)

    def set_origin(self, words: str) -> None:
        """Who put it there and when; empty where nobody did."""
        if words != self._origin:
            self._origin = words
            self.setAccessibleDescription(words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text in the largest letters with which all of it is seen."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        line = min(28, max(16, self.height() // 12)) if self._origin else 0
        box = self.rect().adjusted(12, 10, -12, -10 - line)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        font, low, high = QFont(self.font()), 9, max(10, box.height() // 2)
        while high - low > 1:
            middle = (low + high) // 2
            font.setPixelSize(middle)
            needed = QFontMetrics(font).boundingRect(QRect(0, 0, box.width(), 100_000), int(flags), self._text)
            low, high = (
                (middle, high)
                if needed.height() <= box.height() * 0.9 and (needed.width() <= box.width())
                else (low, middle)
            )
        font.setPixelSize(low)
        painter.setFont(font)
        painter.drawText(box, int(flags), self._text)
        if self._origin:
            font.setPixelSize(int(line * 0.6))
            painter.setFont(font)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            below = QRect(8, self.height() - line, self.width() - 16, line)
            elided = QFontMetrics(font).elidedText(self._origin, Qt.TextElideMode.ElideRight, below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, elided)


class ImageTile(_Painted):
    """A picture file in its proportions, with its name and the time of the file, so that nobody takes it for now.

    Raises EnvironmentFault when the file is no picture or too large.
    """

    def __init__(self, file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = file.name
        if not file.is_file():
            raise EnvironmentFault(
                _("There is no picture {name} on this machine; put it into {folder}.").format(
                    name=file.name, folder=file.parent
                )
            )
        reader = QImageReader(str(file))
        reader.setAutoTransform(True)
        size = reader.size()
        if file.stat().st_size > _MOST_BYTES or max(size.width(), size.height()) > _MOST_SIDE_PX:
            raise EnvironmentFault(_("The picture {name} is too large for a wall.").format(name=file.name))
        self._pixmap = QPixmap.fromImageReader(reader)
        if self._pixmap.isNull():
            raise EnvironmentFault(
                _("The picture {name} cannot be read: {reason}").format(name=file.name, reason=reader.errorString())
            )
        self._told = QFileInfo(str(file)).lastModified().toString("yyyy-MM-dd HH:mm")
        self.setAccessibleName(self._name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture and, below it, what it is and how old."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        line = min(28, max(16, self.height() // 12))
        area = self.rect().adjusted(0, 0, 0, -line)
        size = self._pixmap.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect((area.width() - size.width()) // 2, (area.height() - size.height()) // 2, *size.toTuple())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, self._pixmap)
        font = QFont(self.font())
        font.setPixelSize(int(line * 0.6))
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        below = QRect(8, area.height(), self.width() - 16, line)
        text = _("{name} · file of {time}").format(name=self._name, time=self._told)
        elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, elided)


class ScreenNumber(_Painted):
    """The wall's name and the screen's number over everything, to be read across the room."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._number, self._wall = 0, ""
        self.hide()

    def show_number(self, wall: str, number: int) -> None:
        """Cover the screen with its number."""
        self._number, self._wall = number, wall
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.setAccessibleName(_("Screen {number}").format(number=number))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the number in black on yellow, in both themes."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0xF2, 0xC1, 0x2E))
        painter.setPen(QColor(0x14, 0x14, 0x14))
        upper = QRect(0, 0, self.width(), int(self.height() * 0.78))
        lower = QRect(0, upper.bottom(), self.width(), self.height() - upper.height())
        for text, box, share in ((str(self._number), upper, 0.85), (self._wall, lower, 0.5)):
            painter.setFont(self._fitted(text, share, box))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
