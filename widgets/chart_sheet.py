"""What every chart is: something that paints itself, says itself in a sentence and is written out as rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette

from widgets.severity import blend, is_dark

_STOPS = ("#24345f", "#2b6d8c", "#4fa08a", "#b7bf6a", "#f7e7a4")


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a chart that can be pointed at: where it lies, what tells it, and what it opens (empty: nothing)."""

    box: QRectF
    tell: Callable[[], str]
    target: str = ""

    @property
    def words(self) -> str:
        """What it says; made only when somebody points there, since a chart may have thousands."""
        return self.tell()


@dataclass(frozen=True, slots=True)
class ChartLook:
    """The colours and the font of a picture: those of the window, or of paper."""

    palette: QPalette
    font: QFont

    @property
    def dark(self) -> bool:
        """Whether the ground is dark."""
        return is_dark(self.palette)

    @property
    def ground(self) -> QColor:
        """What charts are painted on."""
        return self.palette.color(QPalette.ColorRole.Base)

    @property
    def text(self) -> QColor:
        """The colour of words and figures."""
        return self.palette.color(QPalette.ColorRole.Text)

    @property
    def faint(self) -> QColor:
        """The colour of what stands back."""
        return self.palette.color(QPalette.ColorRole.PlaceholderText)

    @property
    def grid(self) -> QColor:
        """The colour of rules between values."""
        return blend(self.ground, self.text, 0.16)

    @property
    def metrics(self) -> QFontMetricsF:
        """How wide and high words are."""
        return QFontMetricsF(self.font)

    @property
    def line_px(self) -> float:
        """The height of a line of words."""
        return self.metrics.height()


class ChartSheet(Protocol):
    """One chart, computed; frozen, painted any number of times and in any size."""

    @property
    def title(self) -> str:
        """What is shown, of what and when."""

    @property
    def said(self) -> str:
        """What it says, in a sentence or two."""

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Paint into an area; returns what of it can be pointed at."""

    def rows(self) -> Iterator[Sequence[object]]:
        """The figures as rows, the titles of the columns first."""


def heat_colour(share: float) -> QColor:
    """A colour of a scale from least (0) to greatest (1), dark to light and never a severity's."""
    place = min(max(share, 0.0), 1.0) * (len(_STOPS) - 1)
    first = min(int(place), len(_STOPS) - 2)
    return blend(QColor(_STOPS[first]), QColor(_STOPS[first + 1]), place - first)


def legible_on(colour: QColor) -> QColor:
    """Black or white, whichever is easier to read on a colour."""
    bright = 0.299 * colour.redF() + 0.587 * colour.greenF() + 0.114 * colour.blueF()
    return QColor("#101010") if bright > 0.55 else QColor("#ffffff")


def write(painter: QPainter, box: QRectF, text: str, where: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
    """Write a line of text into a box, cut with an ellipsis where it does not fit."""
    short = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, where | Qt.AlignmentFlag.AlignVCenter, short)


def hatch(painter: QPainter, box: QRectF, look: ChartLook) -> None:
    """Mark a cell in which nothing was measured, so that it is not taken for a small value."""
    painter.setPen(look.grid)
    painter.drawLine(QPointF(box.left(), box.bottom()), QPointF(box.right(), box.top()))
