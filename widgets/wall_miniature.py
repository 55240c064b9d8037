"""A wall in small: its screens to scale, what each tile shows, who put it there and for how long."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from controlroom.bridge.models.camera_tree import DRAG_PREFIX
from controlroom.domain.wall import Conflict, Push, TileKind, WallScreen, WallTile, claims, touching, unit_box
from controlroom.i18n import _
from widgets.camera_drag import dragged_cameras
from widgets.video_grid import ARROWS, cell_boxes, cell_stepped

_MARGIN_PX = 10
_TITLE_PX = 18
_LEASE = QColor(0xF2, 0xC1, 0x2E)
_CONFLICT = QColor(0xE0, 0x4A, 0x5C)


def kind_word(kind: TileKind) -> str:
    """What a tile is for, in a word."""
    return {
        TileKind.CAMERA: _("Camera"),
        TileKind.HOTSPOT: _("Hot spot"),
        TileKind.ALARMS: _("Alarm cameras"),
        TileKind.CAROUSEL: _("Tour"),
        TileKind.CLOCK: _("Time of day"),
        TileKind.TEXT: _("Notice text"),
        TileKind.IMAGE: _("Picture"),
        TileKind.PLOT: _("Trends"),
        TileKind.MAP: _("Map"),
        TileKind.WEB: _("Web page"),
    }[kind]


class WallMiniature(QWidget):
    """Arrows choose a tile, Enter puts the chosen camera there, Delete empties it; cameras are dropped onto tiles and
    dragged from one to another. Several tiles of a screen are marked by dragging over them with Shift, or from an empty
    one, or by Shift and arrows. Occupied tiles are filled, empty ones are not; a yellow edge is a lease, a red cross a
    conflict between seats.
    """

    tile_chosen = Signal(int, int)
    """Screen and the place of the tile in it."""
    dropped = Signal(int, int, list)
    """Screen, tile, and the ids of the cameras (list of str); none empties the tile."""
    put_wanted = Signal(int, int)
    """Enter: screen and tile that are to show the camera that is chosen elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screens: tuple[WallScreen, ...] = ()
        self._pushes: tuple[Push, ...] = ()
        self._conflicts: tuple[Conflict, ...] = ()
        self._names: Mapping[str, str] = {}
        self._now: datetime | None = None
        self._chosen = (0, 0)
        self._target: tuple[int, int] | None = None
        self._pressed: QPoint | None = None
        self._band: QRect | None = None
        self._marked: tuple[int, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setMinimumSize(240, 130)
        self.setAccessibleName(_("Wall in small"))

    @property
    def chosen(self) -> tuple[int, int]:
        """The number of the chosen screen and the place of the tile in it; (0, 0) without screens."""
        return self._chosen

    @property
    def marked(self) -> tuple[int, ...]:
        """The places of the marked tiles on the chosen screen; the chosen one where no others are."""
        screen = self._screen(self._chosen[0])
        return () if screen is None or not screen.tiles else self._marked or (self._chosen[1],)

    def show_wall(
        self,
        screens: Sequence[WallScreen],
        pushes: Sequence[Push],
        conflicts: Sequence[Conflict],
        names: Mapping[str, str],
        now: datetime,
    ) -> None:
        """What the wall shows now; `names` are those of the cameras that it names, by id."""
        before = self._screen(self._chosen[0])
        self._screens, self._pushes, self._conflicts = tuple(screens), tuple(pushes), tuple(conflicts)
        if _layout(before) != _layout(self._screen(self._chosen[0])):
            self._marked, self._band = (), None
        self._names, self._now = names, now
        number, place = self._chosen
        screen = self._screen(number)
        if screen is None and self._screens:
            self._chosen = (self._screens[0].number, 0)
        elif screen is not None and place >= len(screen.tiles):
            self._chosen = (number, max(0, len(screen.tiles) - 1))
        self.update()

    def choose(self, screen: int, place: int) -> None:
        """Make a tile the chosen one."""
        held = self._screen(screen)
        if held is not None and 0 <= place < max(1, len(held.tiles)):
            self._chosen = (screen, place)
            self._marked = ()
            self.setAccessibleDescription(self.describe(screen, place))
            self.update()
            self.tile_chosen.emit(screen, place)

    def mark(self, places: Sequence[int]) -> None:
        """Mark tiles of the chosen screen, to be merged or split together."""
        screen = self._screen(self._chosen[0])
        if screen is not None:
            self._marked = tuple(sorted({k for k in places if 0 <= k < len(screen.tiles)}))
            self.setAccessibleDescription(_("{count} tiles are marked").format(count=len(self._marked)))
            self.update()

    def tile_rect(self, screen: int, place: int) -> QRect:
        """Where a tile lies in the widget."""
        held = self._screen(screen)
        return QRect() if held is None else self._tile_boxes(held)[place]

    def describe(self, number: int, place: int) -> str:
        """A tile in words: what it shows, who put it there, until when, and whose wish it hides."""
        screen = self._screen(number)
        if screen is None or place >= len(screen.tiles):
            return ""
        tile = screen.tiles[place]
        lines = [_("Screen {number}, tile {place}").format(number=number, place=place + 1), self._words(tile)]
        for push in self._over(screen, tile):
            lines.append(
                _("{officer} ({seat}) {left}").format(officer=push.by, seat=push.seat or "—", left=self.left(push))
            )
        if self._contested(screen, tile):
            lines.append(_("Another seat wanted this place too: see the list."))
        return "\n".join(lines)

    def left(self, push: Push) -> str:
        """How long a push still lies there."""
        if push.until is None or self._now is None:
            return _("while the rule holds")
        seconds = max(0, int((push.until - self._now).total_seconds()))
        return _("for {minutes}:{seconds:02d} more").format(minutes=seconds // 60, seconds=seconds % 60)

    # ---- geometry

    def _screen(self, number: int) -> WallScreen | None:
        return next((screen for screen in self._screens if screen.number == number), None)

    def _screen_box(self, screen: WallScreen) -> QRect:
        """To scale: the wall's own pixels shrunk to fit."""
        right = max(s.left_px + s.width_px for s in self._screens)
        bottom = max(s.top_px + s.height_px for s in self._screens)
        width, height = self.width() - 2 * _MARGIN_PX, self.height() - 2 * _MARGIN_PX
        scale = max(0.001, min(width / right, height / bottom))
        left, top = (self.width() - right * scale) / 2, (self.height() - bottom * scale) / 2
        box = QRectF(
            left + screen.left_px * scale,
            top + screen.top_px * scale,
            screen.width_px * scale,
            screen.height_px * scale,
        )
        return box.toRect().adjusted(2, 2, -2, -2)

    def _tile_boxes(self, screen: WallScreen) -> list[QRect]:
        box = self._screen_box(screen).adjusted(3, _TITLE_PX, -3, -3)
        cells = [tile.box for tile in screen.tiles]
        return [
            tile.translated(box.topLeft())
            for tile in cell_boxes(cells, screen.columns, screen.rows, box.width(), box.height())
        ]

    def _at(self, point: QPoint) -> tuple[int, int] | None:
        for screen in self._screens:
            for place, box in enumerate(self._tile_boxes(screen)):
                if box.contains(point):
                    return screen.number, place
        return None

    # ---- what is said of a tile

    def _words(self, tile: WallTile) -> str:
        if tile.is_empty:
            return _("empty")
        if tile.tour:
            return _("Tour {name}").format(name=self._names.get(tile.tour, tile.tour))
        named = [self._names.get(camera, camera) for camera in tile.cameras]
        if tile.kind is TileKind.CAMERA:
            return named[0]
        if tile.kind is TileKind.CAROUSEL:
            return _("Tour of {count}, {dwell} s each").format(count=len(named), dwell=tile.dwell_s)
        return f"{kind_word(tile.kind)} {tile.text}".rstrip()

    def _over(self, screen: WallScreen, tile: WallTile) -> list[Push]:
        return touching(self._pushes, [(screen.number, unit_box(tile, screen.columns, screen.rows))])

    def _contested(self, screen: WallScreen, tile: WallTile) -> bool:
        place = [(screen.number, unit_box(tile, screen.columns, screen.rows))]
        return any(
            touching([found.above], place) and touching([found.below], place)
            for found in self._conflicts
            if any(number == screen.number for number, _box in claims(found.above))
        )

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint screens, tiles, leases and conflicts."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        for screen in self._screens:
            box = self._screen_box(screen)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
            painter.drawRect(box)
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            title = QRect(box.left() + 6, box.top(), box.width() - 12, _TITLE_PX)
            words = _("Screen {number}").format(number=screen.number)
            painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, words)
            for place, area in enumerate(self._tile_boxes(screen)):
                self._paint_tile(painter, screen, place, area)
        if self._band is not None:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1, Qt.PenStyle.DashLine))
            painter.fillRect(self._band, _tint(palette))
            painter.drawRect(self._band)

    def _paint_tile(self, painter: QPainter, screen: WallScreen, place: int, area: QRect) -> None:
        palette, tile = self.palette(), screen.tiles[place]
        if tile.is_empty:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1, Qt.PenStyle.DashLine))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        else:
            painter.fillRect(area, palette.color(QPalette.ColorRole.AlternateBase))
            painter.fillRect(area, _tint(palette))
        metrics = QFontMetrics(self.font())
        is_contested = self._contested(screen, tile)
        inner = area.adjusted(8, 5, -22 if is_contested else -8, -5)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        if inner.height() >= metrics.height() - 4 and not tile.is_empty:
            text = metrics.elidedText(self._words(tile), Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, text)
        over = self._over(screen, tile)
        if over:
            painter.setPen(QPen(_LEASE, 2, Qt.PenStyle.DashLine if over[-1].rule else Qt.PenStyle.SolidLine))
            painter.drawRect(area.adjusted(4, 4, -5, -5))
            if inner.height() >= 2 * metrics.height():
                painter.setPen(palette.color(QPalette.ColorRole.Text))
                told = f"{over[-1].by} · {self.left(over[-1])}"
                told = metrics.elidedText(told, Qt.TextElideMode.ElideRight, inner.width())
                painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, told)
        if is_contested:
            painter.setPen(QPen(_CONFLICT, 3))
            corner = QRectF(area.right() - 18, area.top() + 8, 10, 10)
            painter.drawLine(corner.topLeft(), corner.bottomRight())
            painter.drawLine(QPointF(corner.right(), corner.top()), QPointF(corner.left(), corner.bottom()))
        here = (screen.number, place)
        is_marked = screen.number == self._chosen[0] and place in self._marked
        if is_marked or here in (self._target, self._chosen):
            strong = is_marked or here == self._target or self.hasFocus()
            role = QPalette.ColorRole.Highlight if strong else QPalette.ColorRole.PlaceholderText
            painter.setPen(QPen(palette.color(role), 3))
            painter.drawRect(area.adjusted(1, 1, -2, -2))

    # ---- keyboard, mouse, drag and drop

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter and Delete."""
        key, screen = Qt.Key(event.key()), self._screen(self._chosen[0])
        if screen is None:
            super().keyPressEvent(event)
        elif key in ARROWS:
            self._step(screen, *ARROWS[key], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.put_wanted.emit(*self._chosen)
        elif key is Qt.Key.Key_Delete:
            self.dropped.emit(*self._chosen, [])
        else:
            super().keyPressEvent(event)

    def _step(self, screen: WallScreen, across: int, down: int, is_marking: bool) -> None:
        """The next tile, over the edge of a screen to the nearest one of the next; marked with those before it."""
        every = [(s.number, place, box) for s in self._screens for place, box in enumerate(self._tile_boxes(s))]
        here = next((k for k, (number, place, _box) in enumerate(every) if (number, place) == self._chosen), -1)
        if here >= 0:
            cells = [(box.left(), box.top(), box.right(), box.bottom()) for _number, _place, box in every]
            number, place, _box = every[cell_stepped(here, cells, across, down)]
            marked = self.marked
            if not is_marking:
                self.choose(number, place)
            elif number == screen.number:
                self.choose(number, place)
                self.mark((*marked, place))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a tile; from there it may be dragged, or others marked."""
        found = self._at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and found is not None:
            self._pressed = event.position().toPoint()
            self.choose(*found)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._band = QRect(self._pressed, self._pressed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing is dragged any more; what was marked stays so."""
        self._pressed = self._band = None
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the tile's cameras away, or mark the tiles under a rubber band."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if self._band is not None:
            self._stretch(event.position().toPoint())
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        data = self.carried()
        if data is None:
            self._stretch(event.position().toPoint())
            return
        self._pressed = None
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)

    def _stretch(self, to: QPoint) -> None:
        """Mark what a rubber band from where the button was pressed touches on that screen."""
        screen = self._screen(self._chosen[0])
        if self._pressed is not None and screen is not None:
            self._band = QRect(self._pressed, to).normalized()
            self.mark([k for k, box in enumerate(self._tile_boxes(screen)) if box.intersects(self._band)])

    def carried(self) -> QMimeData | None:
        """What a drag of the chosen tile carries: its cameras; None where it has none."""
        screen = self._screen(self._chosen[0])
        if screen is None or not screen.tiles or not screen.tiles[self._chosen[1]].cameras:
            return None
        data = QMimeData()
        data.setText("\n".join(DRAG_PREFIX + camera for camera in screen.tiles[self._chosen[1]].cameras))
        return data

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take cameras."""
        if event.mimeData().text().startswith(DRAG_PREFIX):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark the tile under the pointer."""
        self._target = self._at(event.position().toPoint())
        self.update()
        event.setAccepted(self._target is not None)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Mark no tile any more."""
        self._target = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the cameras onto the tile under the pointer."""
        self._target = None
        found, cameras = self._at(event.position().toPoint()), dragged_cameras(event.mimeData().text())
        if found is not None and cameras:
            event.acceptProposedAction()
            self.choose(*found)
            self.dropped.emit(*found, cameras)

    def event(self, event: QEvent) -> bool:
        """Tell a tile in words."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._at(event.pos())
            QToolTip.showText(event.globalPos(), self.describe(*found) if found is not None else "", self)
            return True
        return super().event(event)


def _layout(screen: WallScreen | None) -> object:
    """What tells whether the places of tiles are the same as before."""
    return None if screen is None else (screen.columns, screen.rows, [tile.box for tile in screen.tiles])


def _tint(palette: QPalette) -> QBrush:
    """Blue over the plain ground: occupied."""
    tone = QColor(palette.color(QPalette.ColorRole.Highlight))
    tone.setAlpha(56)
    return QBrush(tone)
