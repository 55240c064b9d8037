"""A plot as a file: a picture (PNG) or a drawing (SVG) on white, with title, legend, units and the age of the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen

from controlroom.bridge.wording import age_text
from controlroom.i18n import _
from widgets.picture_file import save_painted
from widgets.plot_axis import DISTRICT
from widgets.plot_chart import PlotState
from widgets.plot_curve import Curve, curve_colour
from widgets.plot_picture import PlotPicture

SIZE = QSize(1400, 800)
SCALE = 2
"""A picture has so many pixels for each pixel of the layout, so that it prints well."""

_MARGIN_PX = 24.0


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands around the curves of a file. `origin` says where the data is from (a drill, say); may be empty."""

    title: str
    origin: str
    written_at: datetime
    newest_at: datetime | None


def paper() -> QPalette:
    """Black on white, whatever the theme."""
    palette = QPalette(QColor("#ffffff"))
    for role, colour in (
        (QPalette.ColorRole.Base, "#ffffff"),
        (QPalette.ColorRole.AlternateBase, "#f2f2f2"),
        (QPalette.ColorRole.Text, "#000000"),
        (QPalette.ColorRole.PlaceholderText, "#555555"),
        (QPalette.ColorRole.Mid, "#999999"),
        (QPalette.ColorRole.Highlight, "#1d6b86"),
    ):
        palette.setColor(role, QColor(colour))
    return palette


def save_picture(file: Path, curves: Sequence[Curve], together: bool, state: PlotState, sheet: Sheet) -> None:
    """Write the picture; `.svg` is drawn with lines and text, everything else is PNG. Raises OSError."""
    paint = partial(_paint, curves=curves, together=together, state=state, sheet=sheet)
    save_painted(file, SIZE, SCALE, paint, sheet.title, _foot(state, sheet))


def _paint(painter: QPainter, curves: Sequence[Curve], together: bool, state: PlotState, sheet: Sheet) -> None:
    palette, font, bold = paper(), QFont(), QFont()
    font.setPixelSize(13)
    bold.setPixelSize(20)
    bold.setBold(True)
    page = QRectF(0, 0, SIZE.width(), SIZE.height()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
    painter.fillRect(QRectF(0, 0, SIZE.width(), SIZE.height()), Qt.GlobalColor.white)
    painter.setPen(QColor("#000000"))
    painter.setFont(bold)
    line = QFontMetricsF(bold).height()
    title = f"{sheet.origin} · {sheet.title}" if sheet.origin else sheet.title
    painter.drawText(QRectF(page.left(), page.top(), page.width(), line), Qt.AlignmentFlag.AlignLeft, title)
    top = _paint_legend(painter, font, palette, page, page.top() + line + 8, curves)
    metrics = QFontMetricsF(font)
    foot = QRectF(page.left(), page.bottom() - metrics.height(), page.width(), metrics.height())
    picture = PlotPicture(palette, font)
    picture.set_curves(curves, together)
    picture.update(state, QRectF(page.left(), top, page.width(), foot.top() - 8 - top))
    picture.paint(painter, state)
    painter.setFont(font)
    painter.setPen(QColor("#555555"))
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, _foot(state, sheet))


def _paint_legend(
    painter: QPainter, font: QFont, palette: QPalette, page: QRectF, top: float, curves: Sequence[Curve]
) -> float:
    """Name, place and unit of each curve beside its colour; returns where the next thing may stand."""
    metrics, left = QFontMetricsF(font), page.left()
    painter.setFont(font)
    for curve in curves:
        sensor = curve.sensor
        place = "" if not sensor.town or sensor.name.startswith(sensor.town) else f"{sensor.town} "
        text = f"{place}{sensor.name} ({sensor.id})" + (f" / {sensor.unit}" if sensor.unit else "")
        width = metrics.horizontalAdvance(text) + 26
        if left > page.left() and left + width > page.right():
            left, top = page.left(), top + metrics.height() + 3
        middle = round(top + metrics.height() / 2)
        painter.setPen(QPen(curve_colour(curve.number, palette), 3))
        painter.drawLine(round(left), middle, round(left) + 18, middle)
        painter.setPen(QColor("#000000"))
        painter.drawText(QRectF(left + 24, top, width, metrics.height()), Qt.AlignmentFlag.AlignLeft, text)
        left += width + 18
    return top + metrics.height() + 8


def _foot(state: PlotState, sheet: Sheet) -> str:
    start, end = (datetime.fromtimestamp(at_s, DISTRICT) for at_s in state.stretch)
    written = sheet.written_at.astimezone(DISTRICT)
    words = [
        _("{start} to {end}, Beijing time (UTC+08:00)").format(
            start=f"{start:%Y-%m-%d %H:%M:%S}", end=f"{end:%Y-%m-%d %H:%M:%S}"
        ),
        _("written {time}").format(time=f"{written:%Y-%m-%d %H:%M:%S}"),
        newest_text(sheet),
    ]
    if state.lost_text:
        words.append(state.lost_text)
    return " · ".join(words)


def newest_text(sheet: Sheet) -> str:
    """How old the newest reading is."""
    if sheet.newest_at is None:
        return _("no reading was heard")
    newest = sheet.newest_at.astimezone(DISTRICT)
    age_s = max((sheet.written_at - sheet.newest_at).total_seconds(), 0.0)
    return _("newest reading {time} ({age})").format(time=f"{newest:%Y-%m-%d %H:%M:%S}", age=age_text(age_s))
