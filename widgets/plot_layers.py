"""Paints what stands below and above the curves of a chart: bands, grid, unknown stretches, marks, notes, cursor."""

from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from controlroom.i18n import _
from widgets.plot_axis import round_times, round_values, spacing_s
from widgets.plot_frame import Frame
from widgets.plot_scene import LimitPeriod, Scene
from widgets.severity import blend, is_dark, paint_symbol, severity_colour, severity_ink

_BAND_OPACITY = 0.13
MARK_PX = 12.0
_CROSS_PX = 3.0


def paint_ground(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """Below the curves: bands beyond the limits as they were then, the grid, and hatching where nothing is known."""
    area, palette = frame.area, scene.palette
    painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
    for period in scene.periods:
        _paint_bands(painter, frame, scene, period)
    grid = blend(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Mid), 0.35)
    painter.setPen(QPen(grid, 1))
    spacing = spacing_s(frame.grid.end_s - frame.grid.start_s, area.width())
    lines = []
    for at_s in round_times(frame.grid.start_s, frame.grid.end_s, spacing):
        x = round(frame.x(at_s)) + 0.5
        lines.append(QLineF(x, area.top(), x, area.bottom()))
    shown = scene.ranges.get(scene.grid_unit)
    if shown is not None:
        for value in round_values(*shown, area.height()):
            y = round(frame.y(value, shown)) + 0.5
            lines.append(QLineF(area.left(), y, area.right(), y))
    painter.drawLines(lines)
    faint = QColor(palette.color(QPalette.ColorRole.PlaceholderText))
    faint.setAlpha(45)
    for stretch in scene.unknown:
        painter.fillRect(_band(frame, *stretch), QBrush(faint, Qt.BrushStyle.Dense6Pattern))
    faint.setAlpha(90)
    for stretch in scene.damaged:
        painter.fillRect(_band(frame, *stretch), QBrush(faint, Qt.BrushStyle.DiagCrossPattern))
    for stretch in scene.down:
        painter.fillRect(_band(frame, *stretch), QBrush(faint, Qt.BrushStyle.VerPattern))
    if scene.stale_from_s is not None:
        painter.fillRect(_band(frame, scene.stale_from_s, scene.now_s), QBrush(faint, Qt.BrushStyle.BDiagPattern))
    note = QColor(palette.color(QPalette.ColorRole.Highlight))
    note.setAlpha(38)
    for each in scene.notes:
        painter.fillRect(_band(frame, *each.stretch), note)


def paint_front(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """Above the curves: lines and words of the limits, doubts, alarms, notes, ends of stale curves, the cursor."""
    painter.setFont(scene.font)
    _paint_limits(painter, frame, scene)
    _paint_down_text(painter, frame, scene)
    _paint_doubts(painter, frame, scene)
    _paint_marks(painter, frame, scene)
    _paint_notes(painter, frame, scene)
    _paint_tails(painter, frame, scene)
    _paint_stale_text(painter, frame, scene)
    _paint_cursor(painter, frame, scene)


def _band(frame: Frame, start_s: float, end_s: float) -> QRectF:
    area = frame.area
    left = min(max(frame.x(max(start_s, -1e11)), area.left()), area.right())
    right = min(max(frame.x(min(end_s, 1e11)), area.left()), area.right())
    return QRectF(left, area.top(), max(right - left, 0.0), area.height())


def _paint_bands(painter: QPainter, frame: Frame, scene: Scene, period: LimitPeriod) -> None:
    shown = scene.ranges.get(scene.limit_unit)
    if shown is None:
        return
    area, dark = _band(frame, *period.stretch), is_dark(scene.palette)
    for above in (True, False):
        side = sorted((line for line in period.lines if line.above is above), key=lambda line: line.severity)
        edge = area.top() if above else area.bottom()
        for line in side:
            colour = severity_colour(line.severity, dark)
            colour.setAlphaF(_BAND_OPACITY)
            until = min(max(frame.y(line.value, shown), area.top()), area.bottom())
            painter.fillRect(QRectF(area.left(), min(edge, until), area.width(), abs(until - edge)), colour)
            edge = until


def _paint_limits(painter: QPainter, frame: Frame, scene: Scene) -> None:
    shown = scene.ranges.get(scene.limit_unit)
    if shown is None:
        return
    dark, metrics = is_dark(scene.palette), QFontMetricsF(scene.font)
    backing = QColor(scene.palette.color(QPalette.ColorRole.Base))
    backing.setAlpha(190)
    taken: list[QRectF] = []
    for number, period in enumerate(scene.periods):
        area = _band(frame, *period.stretch)
        if area.width() <= 0:
            continue
        painter.setPen(QPen(scene.palette.color(QPalette.ColorRole.PlaceholderText), 1, Qt.PenStyle.DotLine))
        if number:
            painter.drawLine(QLineF(area.left(), area.top(), area.left(), area.bottom()))
        for line in sorted(period.lines, key=lambda line: line.severity):
            y = round(frame.y(line.value, shown)) + 0.5
            if not area.top() <= y <= area.bottom():
                continue
            colour = severity_colour(line.severity, dark)
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            height = metrics.height()
            top = y - height if line.above else y
            box = QRectF(area.left() + 4, top, height + metrics.horizontalAdvance(line.label) + 6, height)
            outside = box.top() < area.top() or box.bottom() > area.bottom() or box.right() > area.right()
            if outside or any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            painter.fillRect(box, backing)
            paint_symbol(painter, QRectF(box.left(), box.top() + 1, height - 2, height - 2), line.severity, dark=dark)
            painter.setPen(severity_ink(line.severity, dark))
            painter.drawText(QPointF(box.left() + height + 2, box.top() + metrics.ascent()), line.label)


def _paint_doubts(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """A cross where a reading was told but not believed; on the foot of the chart where only bins are known."""
    lines: list[QLineF] = []
    for dot in scene.doubts:
        shown = scene.ranges.get(dot.unit)
        if shown is not None:
            lines += _cross(frame.x(dot.time_s), frame.y(dot.value, shown))
    for time_s in scene.doubted_bins:
        lines += _cross(frame.x(time_s), frame.area.bottom() - _CROSS_PX - 2)
    if lines:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(scene.palette.color(QPalette.ColorRole.PlaceholderText), 1))
        painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _cross(x: float, y: float) -> Iterable[QLineF]:
    r = _CROSS_PX
    return QLineF(x - r, y - r, x + r, y + r), QLineF(x - r, y + r, x + r, y - r)


def _paint_marks(painter: QPainter, frame: Frame, scene: Scene) -> None:
    area, dark = frame.area, is_dark(scene.palette)
    for mark in scene.marks:
        x = round(frame.x(mark.time_s)) + 0.5
        if not area.left() <= x <= area.right():
            continue
        colour = severity_colour(mark.severity, dark)
        painter.setPen(QPen(colour, 1, Qt.PenStyle.SolidLine if mark.active else Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(x, area.top() + MARK_PX, x, area.bottom()))
        box = QRectF(x - MARK_PX / 2 - 1, area.top(), MARK_PX + 2, MARK_PX + 2)
        paint_symbol(painter, box, mark.severity, dark=dark)


def note_box(frame: Frame, scene: Scene, number: int) -> QRectF:
    """Where the words of a note stand: from its beginning on, one line below the other."""
    metrics, note = QFontMetricsF(scene.font), scene.notes[number]
    band = _band(frame, *note.stretch)
    text = metrics.elidedText(_note_text(note.text), Qt.TextElideMode.ElideRight, frame.area.width() / 3)
    width = metrics.horizontalAdvance(text) + 10
    top = frame.area.top() + MARK_PX + 4 + (number % 3) * (metrics.height() + 4)
    left = min(band.left(), frame.area.right() - width)
    return QRectF(max(left, frame.area.left()), top, width, metrics.height() + 2)


def _paint_notes(painter: QPainter, frame: Frame, scene: Scene) -> None:
    metrics = QFontMetricsF(scene.font)
    colour = scene.palette.color(QPalette.ColorRole.Highlight)
    for number, note in enumerate(scene.notes):
        band = _band(frame, *note.stretch)
        if note.stretch.end_s < frame.grid.start_s or note.stretch.start_s > frame.grid.end_s:
            continue
        painter.setPen(QPen(colour, 1))
        for x in {round(band.left()) + 0.5, round(band.right()) + 0.5}:
            painter.drawLine(QLineF(x, frame.area.top(), x, frame.area.bottom()))
        box = note_box(frame, scene, number)
        painter.fillRect(box, scene.palette.color(QPalette.ColorRole.AlternateBase))
        painter.drawRect(box)
        painter.setPen(scene.palette.color(QPalette.ColorRole.Text))
        text = metrics.elidedText(_note_text(note.text), Qt.TextElideMode.ElideRight, box.width() - 6)
        painter.drawText(QPointF(box.left() + 5, box.top() + 1 + metrics.ascent()), text)


def _note_text(text: str) -> str:
    return " ".join(text.split())


def _paint_tails(painter: QPainter, frame: Frame, scene: Scene) -> None:
    now = min(frame.x(scene.now_s), frame.area.right())
    for tail in scene.tails:
        shown = scene.ranges.get(tail.unit)
        if shown is None:
            continue
        x, y = frame.x(tail.time_s), frame.y(tail.value, shown)
        painter.setPen(QPen(tail.colour, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(max(x, frame.area.left()), y, now, y))
        painter.setPen(QPen(tail.colour, 1))
        painter.drawEllipse(QPointF(x, y), 3.0, 3.0)


def _paint_down_text(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """Why nothing is known there, where there is room for the words."""
    metrics, text = QFontMetricsF(scene.font), _("Hub was down")
    width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
    for stretch in scene.down:
        area = _band(frame, *stretch)
        if area.width() < width:
            continue
        box = QRectF(area.center().x() - width / 2, area.top() + 18, width, height)
        painter.fillRect(box, scene.palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(scene.palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _paint_stale_text(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """What is wrong now stands at now; what is not known of the past stands at the left, where that is."""
    metrics, area = QFontMetricsF(scene.font), frame.area
    labels = [metrics.horizontalAdvance(line.label) for period in scene.periods for line in period.lines]
    indent = max(labels, default=0.0) + metrics.height() + 16 if labels else 4.0
    for text, past in ((scene.stale_text, False), (scene.hint, True)):
        if not text:
            continue
        width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
        right = min(max(frame.x(scene.now_s), area.left() + width + 8), area.right())
        left = area.left() + (indent if indent + width < area.width() else 4.0)  # beside the words of the limits
        box = QRectF(left if past else right - width - 4, area.bottom() - height - 10, width, height)
        painter.fillRect(box, scene.palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(scene.palette.color(QPalette.ColorRole.Text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _paint_cursor(painter: QPainter, frame: Frame, scene: Scene) -> None:
    text = scene.palette.color(QPalette.ColorRole.Text)
    if scene.reference_s is not None:
        x = round(frame.x(scene.reference_s)) + 0.5
        if frame.inside(x):
            painter.setPen(QPen(text, 1, Qt.PenStyle.DashDotLine))
            painter.drawLine(QLineF(x, frame.area.top(), x, frame.area.bottom()))
            painter.setBrush(text)
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(x - 4, frame.area.top()),
                        QPointF(x + 4, frame.area.top()),
                        QPointF(x, frame.area.top() + 6),
                    ]
                )
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
    if scene.cursor_s is None:
        return
    x = round(frame.x(scene.cursor_s)) + 0.5
    if not frame.inside(x):
        return
    painter.setPen(QPen(text, 1))
    painter.drawLine(QLineF(x, frame.area.top(), x, frame.area.bottom()))
    for dot in scene.cursor_dots:
        shown = scene.ranges.get(dot.unit)
        if shown is not None:
            painter.setBrush(dot.colour)
            painter.drawEllipse(QPointF(frame.x(dot.time_s), frame.y(dot.value, shown)), 3.0, 3.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
