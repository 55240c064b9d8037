"""A window of the room: the strip on top, the panels of its layout below, and the drill's frame round it all."""

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QCloseEvent, QColor, QMoveEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from controlroom.i18n import _
from controlroom.shell.memento import WindowMemento
from controlroom.shell.panels import PanelFactory, PanelTree
from layouts import Role, Window
from widgets.look import mark
from widgets.notice import Notice
from widgets.room_time_bar import RoomTimeBar
from widgets.strip import ZONE, Strip

FRAME_PX = 8
_FADES_MS = 20_000
_FRAME = QColor("#e07b00")
_FRAME_GAP = QColor("#1b1b1b")


class RoomWindow(QWidget):
    """Built from a layout's window. One of role `wall` has neither strip nor frame.

    `factory` builds panels by kind; whatever it raises becomes a card in the panel's place.
    """

    closed = Signal(str)
    """The window's id; the window is gone from the screen."""
    disturbed = Signal()
    """Its place, size or state has changed."""

    def __init__(self, spec: Window, title: str, factory: PanelFactory, language: str) -> None:
        super().__init__()
        self.spec = spec
        self.setObjectName(f"window-{spec.id}")
        self.setWindowTitle(title)
        self.on_wall = spec.role is Role.WALL
        if self.on_wall:
            self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.strip = None if self.on_wall else Strip()
        self.time_bar = None if self.on_wall else RoomTimeBar(ZONE)
        if self.time_bar is not None:
            self.time_bar.hide()
        self.notice = Notice(fades_ms=_FADES_MS if self.on_wall else 0)
        self.standing = QLabel()
        self.standing.hide()
        self.tree = PanelTree(spec.root, factory, language)
        for box in self.tree.boxes if self.on_wall else []:
            box.title.hide()
        self._in_drill = False
        self._sizes: dict[str, list[int]] = {}
        self._spread = False
        for splitter in self.tree.splitters():
            splitter.splitterMoved.connect(self._divided)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        for widget in (self.strip, self.time_bar, self.standing, self.notice):
            if widget is not None:
                self._column.addWidget(widget)
        self._column.addWidget(self.tree.root, 1)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.badge = QLabel(_("DRILL"), self)
        mark(self.badge, drill=True)
        self.badge.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    @property
    def in_drill(self) -> bool:
        """Whether the drill's frame is drawn."""
        return self._in_drill

    def rename(self, spec: Window, title: str) -> None:
        """Take another title; a window of one panel gives it to that panel, too."""
        self.spec = spec
        self.setWindowTitle(title)
        if len(self.tree.boxes) == 1:
            self.tree.boxes[0].rename(title)

    def set_in_drill(self, in_drill: bool) -> None:
        """Draw or remove the hatched frame and, on a wall, the badge."""
        self._in_drill = in_drill
        margin = FRAME_PX if in_drill else 0
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.activate()
        self.badge.setVisible(in_drill and self.strip is None)
        self.badge.raise_()
        self._place_badge()
        self.update()

    def set_guest(self, guest: bool) -> None:
        """Give a wall that shares the monitor of another window a frame to be moved by, and take it away again."""
        flags = self.windowFlags()
        if not self.on_wall or guest != bool(flags & Qt.WindowType.FramelessWindowHint):
            return
        # QWidget.setWindowFlags would hide and show the window, and the window manager's late answer to the hiding
        # would then take the full screen away again.
        flags ^= Qt.WindowType.FramelessWindowHint
        self.overrideWindowFlags(flags)
        if (handle := self.windowHandle()) is not None:
            handle.setFlags(flags)

    def set_standing(self, sentence: str, grave: bool = True) -> None:
        """A sentence that stays while it is true, for windows without a strip; empty when all is well."""
        mark(self.standing, fault=grave, warning=not grave)
        self.standing.setText(sentence)
        self.standing.setVisible(bool(sentence))

    def cycle(self, step: int) -> None:
        """Move the keyboard to the next (1) or the previous (-1) panel."""
        boxes = self.tree.boxes
        current = self.tree.current()
        place = (current + step) % len(boxes) if current >= 0 else (0 if step > 0 else len(boxes) - 1)
        self.tree.reveal(boxes[place])

    def toggle_full_screen(self) -> None:
        """Full screen and back to what it was."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def inside(self, memento: WindowMemento) -> None:
        """Give splits, tabs and panels what they had; splits once the window has its size."""
        self._sizes = dict(memento.splits)
        self.tree.select(memento.tabs)
        for box in self.tree.boxes:
            box.restore(memento.panels.get(box.name, {}))
        if self._spread:
            self.tree.spread(self._sizes)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The hatched frame of a drill."""
        super().paintEvent(event)
        if not self._in_drill:
            return
        painter = QPainter(self)
        whole, hollow = self.rect(), self.rect().adjusted(FRAME_PX, FRAME_PX, -FRAME_PX, -FRAME_PX)
        for side in (
            QRect(0, 0, whole.width(), FRAME_PX),
            QRect(0, hollow.bottom() + 1, whole.width(), FRAME_PX),
            QRect(0, FRAME_PX, FRAME_PX, hollow.height()),
            QRect(hollow.right() + 1, FRAME_PX, FRAME_PX, hollow.height()),
        ):
            painter.fillRect(side, _FRAME)
            painter.fillRect(side, QBrush(_FRAME_GAP, Qt.BrushStyle.BDiagPattern))

    def showEvent(self, event: QShowEvent) -> None:
        """Lay the splits out as soon as there is a size to divide."""
        super().showEvent(event)
        if not self._spread:
            self._spread = True
            self._divide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that the size changed."""
        super().resizeEvent(event)
        self._place_badge()
        if self._spread:  # a window manager maximises in steps; what is divided too small stays out of proportion
            self._divide()
        self.disturbed.emit()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Tell that the place changed."""
        super().moveEvent(event)
        self.disturbed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Tell that it was maximised, or made full screen, or neither."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.disturbed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the desk."""
        super().closeEvent(event)
        self.closed.emit(self.spec.id)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None or self.isAncestorOf(new):
            self.tree.mark_current(new)

    def _divide(self) -> None:
        QTimer.singleShot(0, self, lambda: self.tree.spread(self._sizes))

    def _divided(self) -> None:
        """The officer moved a split: that is how it stays."""
        self._sizes = self.tree.splits()

    def _place_badge(self) -> None:
        self.badge.adjustSize()
        self.badge.move(self.width() - self.badge.width() - 2 * FRAME_PX, 2 * FRAME_PX)
