"""The rows of the alarm list: a table view that paints whole rows itself and selects by key, not by row.

Qt's own painting asks the model 10 cells a row in Python; here a row is painted once per version into a pixmap and
only its symbol (it flashes) and its ages (they tick) are painted anew. Qt's own selection would be remapped on every
batch; here it is a set of keys, so that an alarm stays selected wherever it moves.
"""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import Alarm
from widgets.alarm_columns import AlarmColumns
from widgets.alarm_row_pictures import MARGIN, SYMBOL, RowLook, RowPictures
from widgets.severity import Symbol, blend, is_dark, severity_pixmap
from widgets.still_rows import StillRows

_FLASH_MS = 500
_CALM = 0.28
_VEIL_ALPHA = 140
_TICKING = (AlarmColumn.AGE, AlarmColumn.OWNER, AlarmColumn.ASIDE_SINCE, AlarmColumn.ASIDE_UNTIL)


class AlarmRows(StillRows):
    """Paints an AlarmModel; `now` of the model is the time that ages are told against."""

    selected = Signal(list)
    """list[str]: the keys that are selected, in the order of the list."""
    current_changed = Signal(object)
    """The key of the current row, or None."""
    activated_key = Signal(str)
    """Enter or a double click on a row: its key."""

    def __init__(self, model: AlarmModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._model = model
        self._chosen: set[str] = set()
        self._anchor: str | None = None
        self._current: str | None = None
        self._hint = 0
        self._veiled = False
        self._empty_text = ""
        self._lit = True
        self._pictures = RowPictures(model, self.font(), self.devicePixelRatioF())
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit_rows()
        self.columns = AlarmColumns(self)
        self.columns.changed.connect(self._forget)
        self.setSortingEnabled(True)
        self._flash = QTimer(self)
        self._flash.setInterval(_FLASH_MS)
        self._flash.timeout.connect(self._blink)
        model.layoutAboutToBeChanged.connect(self.hold)
        model.layoutChanged.connect(self.settle)
        model.layoutChanged.connect(self._follow)
        model.modelReset.connect(self._follow)

    def _fit_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(max(24, QFontMetrics(self.font()).height() + 8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Title and place share what the window has."""
        super().resizeEvent(event)
        self.columns.fit()

    def _forget(self) -> None:
        self._pictures.forget()
        self.viewport().update()

    # ---------------------------------------------------------------- selection by key

    def keys(self) -> list[str]:
        """The selected keys in the order of the list."""
        rows = sorted((row, key) for key in self._chosen if (row := self._model.row(key)) >= 0)
        return [key for _row, key in rows]

    @property
    def count(self) -> int:
        """How many alarms are selected, listed or not."""
        return len(self._chosen)

    def _current_row(self) -> int:
        return -1 if self._current is None else self._model.row(self._current)

    def current_key(self) -> str | None:
        """The key of the row that the keyboard is on."""
        return self._current

    def choose(self, key: str | None, scroll: bool = True) -> None:
        """Select one row by its key, or nothing; a key that is not listed selects nothing."""
        row = -1 if key is None else self._model.row(key)
        self._chosen = {key} if key is not None and row >= 0 else set()
        self._anchor = key if row >= 0 else None
        self._move_to(row, scroll)
        self._tell()

    def choose_all(self) -> None:
        """Select every listed row."""
        self._chosen = {self._model.key(row) for row in range(self._model.rowCount())}
        self._tell()

    def _choose_span(self, row: int) -> None:
        anchor = self._model.row(self._anchor) if self._anchor is not None else -1
        first = anchor if anchor >= 0 else row
        self._chosen = {self._model.key(number) for number in range(min(first, row), max(first, row) + 1)}
        self._move_to(row)
        self._tell()

    def _toggle(self, row: int) -> None:
        key = self._model.key(row)
        self._chosen ^= {key}
        self._anchor = key
        self._move_to(row)
        self._tell()

    def _move_to(self, row: int, scroll: bool = True) -> None:
        index = self._model.index(row, max(self.currentIndex().column(), 0)) if row >= 0 else QModelIndex()
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if scroll and index.isValid():
            self.scrollTo(self._model.index(row, self.horizontalHeader().logicalIndex(0)))
        self._hint = max(row, 0)
        key = self._model.key(row) if row >= 0 else None
        if key != self._current:
            self._current = key
            self.current_changed.emit(key)

    def _tell(self) -> None:
        self.viewport().update()
        self.selected.emit(self.keys())

    def _follow(self) -> None:
        """After the order changed: forget keys that are gone; what is merely filtered away stays selected."""
        gone = {key for key in self._chosen if not self._model.holds(key)}
        if self._current is not None:
            row = self._model.row(self._current)
            if row < 0 and not self._model.holds(self._current):
                self._current = None  # told to nobody: what shows it goes on showing how it ended
            elif row >= 0 and self.currentIndex().row() != row:
                self._hint = row
                self.selectionModel().setCurrentIndex(
                    self._model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate
                )
        if gone:
            self._chosen -= gone
            self.selected.emit(self.keys())
        self.viewport().update()

    # ---------------------------------------------------------------- keyboard and mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select with the usual modifiers; the right button keeps a selection that it is pressed on."""
        row = self.rowAt(round(event.position().y()))
        if row < 0:
            self.choose(None)
            return
        if event.button() is Qt.MouseButton.RightButton and self._model.key(row) in self._chosen:
            self._move_to(row, scroll=False)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._choose_span(row)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._toggle(row)
        else:
            self.choose(self._model.key(row), scroll=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Dragging extends the selection."""
        row = self.rowAt(round(event.position().y()))
        if event.buttons() & Qt.MouseButton.LeftButton and row >= 0:
            self._choose_span(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing happens on release; Qt's own handling would edit cells."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click activates the row."""
        row = self.rowAt(round(event.position().y()))
        if event.button() is Qt.MouseButton.LeftButton and row >= 0:
            self.activated_key.emit(self._model.key(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, pages, Home and End move (with Shift they extend), Enter activates, Ctrl+A selects all."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.choose_all()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._current is not None:
                self.activated_key.emit(self._current)
            return
        if event.key() == Qt.Key.Key_Space and self._current is not None and self._model.row(self._current) >= 0:
            self._toggle(self._model.row(self._current))
            return
        row = self._row_for(event.key())
        if row is None:
            event.ignore()  # letters belong to the panel's shortcuts, not to Qt's search by typing
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._choose_span(row)
        else:
            self.choose(self._model.key(row))

    def _row_for(self, key: int) -> int | None:
        count = self._model.rowCount()
        if not count:
            return None
        row = self._model.row(self._current) if self._current is not None else -1
        page = max(1, self.viewport().height() // self.verticalHeader().defaultSectionSize() - 1)
        steps = {
            Qt.Key.Key_Up: row - 1 if row >= 0 else self._hint - 1,
            Qt.Key.Key_Down: row + 1 if row >= 0 else self._hint,
            Qt.Key.Key_PageUp: row - page,
            Qt.Key.Key_PageDown: row + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }
        wanted = steps.get(Qt.Key(key))
        return None if wanted is None else min(max(wanted, 0), count - 1)

    # ---------------------------------------------------------------- painting

    def set_veiled(self, veiled: bool) -> None:
        """Draw a veil over the rows: they are not of now."""
        self._veiled = veiled
        self.viewport().update()

    def set_empty_text(self, text: str) -> None:
        """What is said where no row is."""
        self._empty_text = text
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        """Flash only while somebody can see it."""
        super().showEvent(event)
        self._flash.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop flashing."""
        super().hideEvent(event)
        self._flash.stop()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme, font or language: paint every row anew."""
        super().changeEvent(event)
        kinds = (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.LanguageChange,
            QEvent.Type.EnabledChange,
        )
        if event.type() in kinds and hasattr(self, "_pictures"):
            self._fit_rows()
            self._pictures.dress(self.font(), self.devicePixelRatioF())
            self._forget()

    def tick(self) -> None:
        """Paint the ages again, once a second."""
        if self.isVisible():
            self.viewport().update()

    def _blink(self) -> None:
        self._lit = not self._lit
        header = self.horizontalHeader()
        left = header.sectionViewportPosition(AlarmColumn.SEVERITY)
        width = header.sectionSize(AlarmColumn.SEVERITY)
        self.viewport().update(left, 0, width, self.viewport().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that show, from their pixmaps where they have not changed."""
        painter = QPainter(self.viewport())
        height = self.verticalHeader().defaultSectionSize()
        offset = self.verticalOffset()
        count = self._model.rowCount()
        first = max(0, (event.rect().top() + offset) // height)
        last = min(count - 1, (event.rect().bottom() + offset) // height)
        look = self._looked(height)
        for row in range(first, last + 1):
            self._paint_row(painter, row, row * height - offset, look)
        self.paint_passed(painter)
        if not count and self._empty_text:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._empty_text)
        if self._veiled:
            veil = self.palette().color(QPalette.ColorRole.Window)
            veil.setAlpha(_VEIL_ALPHA)
            painter.fillRect(self.viewport().rect(), veil)
        painter.end()

    def _looked(self, height: int) -> RowLook:
        """What all rows of one painting share."""
        header, palette, ratio = self.horizontalHeader(), self.palette(), self.devicePixelRatioF()
        if self._pictures.pieces.ratio != ratio:
            self._pictures.dress(self.font(), ratio)
        text, base = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base)
        spans = tuple(
            (column, header.sectionPosition(column), header.sectionSize(column))
            for column in AlarmColumn
            if not header.isSectionHidden(column)
        )
        return RowLook(
            cells=tuple(span for span in spans if span[0] not in _TICKING),
            ticking=tuple(span for span in spans if span[0] in _TICKING),
            width=header.length(),
            height=height,
            offset=header.offset(),
            dark=is_dark(palette),
            ratio=ratio,
            today=self._model.now.astimezone().toordinal(),
            silences=self._model.silences_version,
            base=base,
            highlight=palette.color(QPalette.ColorRole.Highlight),
            text=text,
            calm=blend(text, base, _CALM),
            highlighted=palette.color(QPalette.ColorRole.HighlightedText),
        )

    def _paint_row(self, painter: QPainter, row: int, top: int, look: RowLook) -> None:
        alarm, key = self._model.alarm(row), self._model.key(row)
        chosen = key in self._chosen
        painter.drawPixmap(-look.offset, top, self._pictures.picture(row, key, alarm, chosen, look))
        symbol = self._symbol(alarm, look.dark, chosen)
        left = self.horizontalHeader().sectionViewportPosition(AlarmColumn.SEVERITY)
        painter.drawPixmap(left + MARGIN, top + (look.height - SYMBOL) // 2, symbol)
        colour, ground = look.colours(alarm, chosen)
        middle = top + (look.height - self._pictures.pieces.line_height) // 2
        for column, at, wide in look.ticking:
            text = self._model.text(alarm, column)
            left = at - look.offset + MARGIN
            self._pictures.pieces.draw(painter, left, middle, text, wide - 2 * MARGIN, colour, ground)
        if key == self._current and self.hasFocus():
            painter.setPen(look.highlight)
            painter.drawRect(0, top, self.viewport().width() - 1, look.height - 1)

    def _symbol(self, alarm: Alarm, dark: bool, chosen: bool) -> QPixmap:
        symbol = Symbol.OUTLINED
        if alarm.waiting:
            symbol = Symbol.FILLED if self._lit else Symbol.FLASHED
        return severity_pixmap(alarm.severity, SYMBOL, symbol, dark, self.devicePixelRatioF(), chosen)
