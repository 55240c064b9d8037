"""The timeline of an incident: who did what when, appended and never changed."""

from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPalette, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from controlroom.bridge.wording import age_text, entry_text, entry_word, time_text
from controlroom.domain.incident import Entry, EntryKind
from controlroom.i18n import _
from widgets.severity import blend

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEFT = 40
_PAD = 7
_DISC = 22


class TimelineModel(QAbstractListModel):
    """The entries of one incident, in the order in which they came."""

    def __init__(self, now: datetime, zone: tzinfo | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()
        self.now = now
        self._zone = zone

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these entries; when they only grew, the new ones are appended."""
        held = len(self.entries)
        if held and entries[:held] == self.entries:
            if len(entries) > held:
                self.beginInsertRows(QModelIndex(), held, len(entries) - 1)
                self.entries = entries
                self.endInsertRows()
            return
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def head(self, entry: Entry) -> str:
        """Time, what, age, who and from which seat, as one line."""
        who = _("{officer} at {seat}").format(officer=entry.by, seat=entry.seat) if entry.seat else entry.by
        age = age_text((self.now - entry.at).total_seconds())
        return f"{time_text(entry.at, self.now, self._zone)} · {entry_word(entry.kind)} · {age} · {who}"

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Entries."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Both lines as text, for copying and for those who cannot see the picture."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            entry = self.entries[index.row()]
            return f"{self.head(entry)}\n{entry_text(entry)}"
        return None


def paint_kind(painter: QPainter, box: QRectF, kind: EntryKind, palette: QPalette) -> None:
    """Paint the sign of an entry's kind: a flag, a pen stroke, a triangle, a tick box or a bar, in a disc."""
    ground, ink = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(blend(ground, ink, 0.35), 1))
    painter.setBrush(blend(ground, ink, 0.12))
    painter.drawEllipse(box)
    painter.setPen(QPen(ink, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(_stroke(box.center(), box.width() / 4.4, kind))
    painter.restore()


def _stroke(centre: QPointF, unit: float, kind: EntryKind) -> QPolygonF:
    shapes: dict[EntryKind, tuple[tuple[float, float], ...]] = {
        EntryKind.OPENED: ((-0.7, 1.1), (-0.7, -1.1), (0.9, -0.5), (-0.7, 0.1)),
        EntryKind.NOTE: ((-1.0, 1.0), (-0.6, 0.0), (0.6, -1.1), (1.1, -0.6), (0.0, 0.6), (-1.0, 1.0)),
        EntryKind.ALARM: ((-1.1, 0.8), (0.0, -1.1), (1.1, 0.8), (-1.1, 0.8)),
        EntryKind.TASK: ((-1.0, 0.0), (-0.3, 0.8), (1.0, -0.8)),
        EntryKind.GRAPHIC: ((-1.0, 0.9), (-0.9, -0.5), (0.1, -1.0), (1.0, 0.0), (0.5, 0.9), (-1.0, 0.9)),
        EntryKind.CLOSED: ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9), (-0.9, -0.9)),
    }
    return QPolygonF([QPointF(centre.x() + x * unit, centre.y() + y * unit) for x, y in shapes[kind]])


class _EntryDelegate(QStyledItemDelegate):
    """Paints an entry as a sign on a line, a dim head and wrapped text."""

    def __init__(self, model: TimelineModel, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view

    def _height(self, metrics: QFontMetrics, text: str, width: int) -> int:
        flags = int(Qt.TextFlag.TextWordWrap)
        return metrics.boundingRect(QRect(0, 0, max(width, 50), 100_000), flags, text or " ").height()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the wrapped text."""
        metrics = QFontMetrics(self._view.font())
        width = self._view.viewport().width()
        text = entry_text(self._model.entries[index.row()])
        return QSize(width, metrics.height() + self._height(metrics, text, width - _LEFT - _PAD) + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Sign, line, head, text."""
        entry = self._model.entries[index.row()]
        palette = self._view.palette()
        rect: QRect = option.rect
        text = palette.color(QPalette.ColorRole.Text)
        metrics = QFontMetrics(self._view.font())
        painter.save()
        painter.setFont(self._view.font())
        x = rect.left() + 8 + _DISC / 2
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1.5))
        last = index.row() == self._model.rowCount() - 1
        first = index.row() == 0
        middle = rect.top() + _PAD + _DISC // 2
        painter.drawLine(QPointF(x, middle if first else rect.top()), QPointF(x, middle if last else rect.bottom() + 1))
        paint_kind(painter, QRectF(x - _DISC / 2, rect.top() + _PAD, _DISC, _DISC), entry.kind, palette)
        left, width = rect.left() + _LEFT, rect.width() - _LEFT - _PAD
        painter.setPen(blend(text, palette.color(QPalette.ColorRole.Base), 0.35))
        head = metrics.elidedText(self._model.head(entry), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, rect.top() + _PAD, width, metrics.height()), 0, head)
        painter.setPen(text)
        box = QRect(left, rect.top() + _PAD + metrics.height(), width, rect.height())
        painter.drawText(box, int(Qt.TextFlag.TextWordWrap), entry_text(entry))
        painter.restore()


class IncidentTimeline(QListView):
    """Shows the entries of one incident and follows its end unless the officer has scrolled back."""

    def __init__(self, now: datetime, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = TimelineModel(now, zone, self)
        self.setModel(self.entries)
        self.setItemDelegate(_EntryDelegate(self.entries, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Timeline"))

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these entries."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        self.entries.show_entries(entries)
        if follows:
            self.scrollToBottom()

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self.entries.now = now
        if self.isVisible():
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Texts wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
