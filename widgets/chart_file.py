"""A chart as a file: a picture (PNG) or a drawing (SVG) on white with its title and age, or its figures (CSV)."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from controlroom.i18n import _
from widgets.chart_sheet import ChartLook, ChartSheet
from widgets.picture_file import save_painted
from widgets.plot_axis import DISTRICT
from widgets.plot_export import paper

SIZE = QSize(1400, 860)
_SCALE = 2
_MARGIN_PX = 24.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What a file says of itself: where the data is from (a drill, say; may be empty), its age, when it was made."""

    origin: str
    data_at: datetime | None
    written_at: datetime

    @property
    def text(self) -> str:
        """As a line below a picture."""
        words = [self.origin] if self.origin else []
        if self.data_at is not None:
            words.append(
                _("newest reading {time}").format(time=f"{self.data_at.astimezone(DISTRICT):%Y-%m-%d %H:%M:%S}")
            )
        words.append(_("written {time}").format(time=f"{self.written_at.astimezone(DISTRICT):%Y-%m-%d %H:%M:%S}"))
        return " · ".join(words)


def save_chart(file: Path, sheet: ChartSheet, imprint: Imprint) -> None:
    """Write by the ending of the name: `.svg`, `.csv`, else PNG. Raises OSError."""
    if file.suffix.lower() == ".csv":
        _save_rows(file, sheet, imprint)
        return
    paint = partial(_paint, sheet=sheet, imprint=imprint)
    save_painted(file, SIZE, _SCALE, paint, sheet.title, f"{sheet.said} {imprint.text}")


def _paint(painter: QPainter, sheet: ChartSheet, imprint: Imprint) -> None:
    bold, font = QFont(), QFont()
    bold.setPixelSize(20)
    bold.setBold(True)
    font.setPixelSize(13)
    page = QRectF(0, 0, SIZE.width(), SIZE.height())
    painter.fillRect(page, Qt.GlobalColor.white)
    page.adjust(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
    painter.setPen(QColor("#000000"))
    painter.setFont(bold)
    head, line = QFontMetricsF(bold).height(), QFontMetricsF(font).height()
    painter.drawText(QRectF(page.left(), page.top(), page.width(), head), Qt.AlignmentFlag.AlignLeft, sheet.title)
    painter.setFont(font)
    wrap = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
    said = QRectF(page.left(), page.top() + head + 4, page.width(), 3 * line)
    used = painter.boundingRect(said, wrap, sheet.said)
    painter.drawText(said, wrap, sheet.said)
    top = used.bottom() + 10
    sheet.paint(
        painter,
        QRectF(page.left(), top, page.width(), page.bottom() - line - 8 - top),
        ChartLook(paper(), font),
    )
    painter.setFont(font)
    painter.setPen(QColor("#555555"))
    foot = QRectF(page.left(), page.bottom() - line, page.width(), line)
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, imprint.text)


def _save_rows(file: Path, sheet: ChartSheet, imprint: Imprint) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        for remark in (sheet.title, sheet.said, imprint.text):
            writer.writerow([f"# {remark}"])
        for row in sheet.rows():
            writer.writerow([_plain(cell) if isinstance(cell, str) else cell for cell in row])


def _plain(text: str) -> str:
    """A text that a spreadsheet does not take for a formula; figures are left as they are."""
    return f"'{text}" if text.startswith(_FORMULA) and not _is_figure(text) else text


def _is_figure(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
