"""The video wall: all tiles in one widget."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from controlroom.bridge.models.camera_tree import DRAG_PREFIX
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.tour import TourStep
from controlroom.i18n import _
from controlroom.video.picture import Feeds
from controlroom.video.signal import View
from widgets.camera_drag import dragged_cameras
from widgets.video_board import TileBoard
from widgets.video_grid import ARROWS, Cell
from widgets.video_plate import strip_height
from widgets.video_still import Still
from widgets.video_tile import Tile

_log = logging.getLogger(__name__)

_FRAME_MS = 12
"""Well below a camera's interval: at 33 ms of 25 pictures a second some fall between two looks."""
_LINGER_MS = 5000
_TOUR_KEYS = {
    Qt.Key.Key_Space: TourStep.PAUSE,
    Qt.Key.Key_PageDown: TourStep.NEXT,
    Qt.Key.Key_PageUp: TourStep.PREVIOUS,
}


class VideoWall(QWidget):
    """A grid of cameras, painted from ready pictures on one frame clock while it is visible.

    It opens its streams through `feeds` and lets them go five seconds after it is hidden. Arrows move, Enter enlarges
    a tile, Escape goes back, Delete empties it, P marks its camera as must-watch, Space lets a tour stand or go on,
    Page Up and Page Down step it; a text `camera:<id>` may be dropped
    onto a tile. One that is not `live` looks at the past only and opens no streams. Marks are kept with the panel
    (`state`, `restore`).
    """

    camera_selected = Signal(str)
    """A tile with a camera became the current one: the camera's id."""
    rearranged = Signal(object)
    """The officer changed what a tile shows: the ids of all tiles (tuple of str)."""

    menu_opened = Signal(object, int)
    """The QMenu of a tile is about to be shown: who knows more of the tile adds to it."""
    tour_stepped = Signal(int, str)
    """A key for the tour of a tile: the tile, and a TourStep."""

    must_watch_changed = Signal(object)
    """The officer marked a camera or took the mark away: the ids of all that have it (frozenset of str)."""

    def __init__(
        self, feeds: Feeds, parent: QWidget | None = None, *, live: bool = True, is_display: bool = False
    ) -> None:
        """A display marks no current tile and gives no hints: nobody sits in front of it."""
        super().__init__(parent)
        self._is_display = is_display
        self._board = TileBoard(feeds, live=live, is_display=is_display)
        self._guests: dict[int, QWidget] = {}
        self._target = -1
        self._is_released = False
        self._floor = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setMinimumSize(160, 90)
        self.setAccessibleName(_("Video wall"))
        self._frames = QTimer(self, interval=_FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self._refresh)
        self._lingering = QTimer(self, interval=_LINGER_MS, singleShot=True)
        self._lingering.timeout.connect(self._let_go)

    @property
    def columns(self) -> int:
        """How many tiles stand side by side."""
        return self._board.columns

    @property
    def current_camera(self) -> str:
        """The id of the current tile's camera, empty where it has none."""
        return self._board.current_camera

    @property
    def past(self) -> tuple[datetime, float] | None:
        """The past moment that all tiles look at and its speed, None while they are live."""
        return self._board.past

    @property
    def is_enlarged(self) -> bool:
        """Whether the current tile fills the wall."""
        return self._board.is_enlarged

    def tiles(self) -> tuple[str, ...]:
        """The camera ids row by row, empty for empty tiles."""
        return tuple(tile.camera_id for tile in self._board.tiles)

    def views(self) -> tuple[View, ...]:
        """The state of each tile as it was painted last."""
        return tuple(tile.view for tile in self._board.tiles)

    def faults(self) -> dict[str, tuple[PictureFault, ...]]:
        """What is wrong with the pictures of the cameras that are shown and were looked at."""
        return {tile.camera_id: tile.view.faults for tile in self._board.tiles if tile.view.faults is not None}

    def tile_rect(self, index: int) -> QRect:
        """Where a tile lies, in the widget's coordinates."""
        return self._board.rect(index, self.devicePixelRatioF())

    def picture_rect(self, index: int) -> QRect:
        """Where a tile's live picture lies, in the widget's coordinates; empty where none is seen as it came."""
        return self._board.tiles[index].spot

    def set_cameras(self, cameras: Mapping[str, Camera] | Iterable[Camera]) -> None:
        """All cameras that tiles may name; a changed address reopens its tiles, the others go on undisturbed.

        A mapping by id is kept, not copied: 39,000 are many to copy whenever one of them has changed.
        """
        held = cameras if isinstance(cameras, Mapping) else {camera.id: camera for camera in cameras}
        if self._board.set_cameras(held):
            self._arrange()

    def show_tiles(self, tiles: Sequence[str], columns: int, cells: Sequence[Cell] = (), rows: int = 0) -> None:
        """Show these cameras row by row, or each in its cell; an empty id is an empty tile.

        Tiles that stay keep their pictures. `cells` are in a grid of `columns` and `rows`, one for each tile.
        """
        self._board.show(tiles, columns, cells, rows)
        self._arrange()

    def show_time(self, at: datetime | None, speed: float = 0.0) -> None:
        """Show this past moment in all tiles and go on from it at a speed; None is the present.

        `at` is aware and in the zone that is shown. The live streams stay open meanwhile, so that what they bring is
        kept.
        """
        if self._board.look_at(at, speed):
            self._arrange()

    def set_file(self, camera_id: str, path: str, from_s: float) -> None:
        """The past of this camera is in a file that begins at `from_s` (seconds since 1970), and nowhere else."""
        self._board.set_file(camera_id, path, from_s)

    def still(self) -> Still | None:
        """The picture of the current tile, to be kept; None where there is none."""
        return self._board.tiles[self._board.current].still() if self._board.tiles else None

    def moments(self) -> tuple[datetime | None, ...]:
        """For each tile the moment of the past picture that is seen, None where none is."""
        return tuple(tile.shown_at for tile in self._board.tiles)

    def show_guests(self, guests: Mapping[int, QWidget]) -> None:
        """Other widgets over tiles, by the tile's place; those that are there no longer are hidden, not closed."""
        for guest in set(self._guests.values()) - set(guests.values()):
            guest.hide()
        self._guests = dict(guests)
        for guest in self._guests.values():
            guest.setParent(self)
        self._arrange()

    def set_notes(self, notes: Sequence[str]) -> None:
        """What stands before the name of each tile, such as why it shows this camera."""
        for k, (tile, note) in enumerate(zip(self._board.tiles, notes, strict=True)):
            if tile.note != note:
                tile.note = note
                self.update(self.tile_rect(k))

    def set_alarmed(self, cameras: Iterable[str]) -> None:
        """The cameras of standing alarms, which are preferred where not all can have everything."""
        self._board.marks.set_alarmed(cameras)
        self._board.prefer()

    def set_steered(self, cameras: Iterable[str]) -> None:
        """The cameras that were turned on purpose: that they look elsewhere is no fault."""
        steered = frozenset(cameras)
        for tile in self._board.tiles:
            tile.is_steered = tile.camera_id in steered

    @property
    def must_watch(self) -> frozenset[str]:
        """The cameras that the officer marked."""
        return self._board.marks.must_watch

    def mark(self, camera_id: str, is_must_watch: bool) -> None:
        """Mark a camera as must-watch, or take the mark away; the oldest marks beyond a bound are forgotten."""
        if self._board.marks.set(camera_id, is_must_watch):
            self._board.prefer()
            self.must_watch_changed.emit(self.must_watch)

    def state(self) -> dict[str, Any]:
        """What should be found again after a restart."""
        return {"must_watch": self._board.marks.listed()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state()` gave; what does not fit is left out."""
        marked = state.get("must_watch")
        for camera_id in marked if isinstance(marked, list) else ():
            if isinstance(camera_id, str):
                self.mark(camera_id, True)

    def enlarge(self, is_enlarged: bool) -> None:
        """Let the current tile fill the wall, or show the grid again."""
        self._board.is_enlarged = is_enlarged and bool(self.current_camera)
        self._arrange()

    def leave_floor(self, height: int) -> None:
        """Leave so much room below the tiles, in units of this widget, for what lies over them."""
        height = min(height, self.height() // 2)
        if height != self._floor:
            self._floor = height
            self._arrange()

    def enlarge_part(self, part: QRectF) -> None:
        """Let a part of the current tile's live picture (each 0…1) fill it: digital zoom."""
        if self._board.tiles:
            self._board.tiles[self._board.current].show_part(part)
            self.update(self.tile_rect(self._board.current))

    @property
    def picture(self) -> tuple[QRect, QRectF]:
        """The current tile's place below its strip, and where its picture is, in units of this widget."""
        if not self._board.tiles:
            return QRect(), QRectF()
        tile = self._board.tiles[self._board.current]
        whole = self.tile_rect(self._board.current)
        area = whole.adjusted(0, strip_height(whole.height()), 0, 0)
        return area, tile.picture_rect if not tile.picture_rect.isEmpty() else QRectF(area)

    def release(self) -> None:
        """Let all streams go for good; called before what gave them is closed."""
        self._is_released = True
        self._frames.stop()
        self._let_go()

    # ---- layout and frames

    def _arrange(self) -> None:
        ratio = self.devicePixelRatioF()
        opens = self.isVisible() and not self._is_released
        self._board.place(int(self.width() * ratio), int((self.height() - self._floor) * ratio), ratio, opens=opens)
        for k, guest in self._guests.items():
            guest.setGeometry(self.tile_rect(k))
            guest.setVisible(not self._board.is_enlarged)
        self.update()

    def _refresh(self) -> None:
        ratio = self.devicePixelRatioF()
        margin = 0 if ratio == int(ratio) else 1  # tiles do not begin on whole units of a fractional screen
        for k in self._board.shown():
            tile = self._board.tiles[k]
            if not tile.refresh():
                continue
            if tile.is_only_picture:
                self.update(tile.spot)
            else:
                self.update(self._board.rect(k, ratio).adjusted(-margin, -margin, margin, margin))

    def _let_go(self) -> None:
        self._board.release()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that the region touches."""
        painter = QPainter(self)
        region, ratio, palette = event.region(), self.devicePixelRatioF(), self.palette()
        is_parted = region.rectCount() > 1
        gaps = region.subtracted(self._board.covered)
        if not gaps.isEmpty():
            painter.setClipRegion(gaps)
            painter.fillRect(gaps.boundingRect(), palette.color(QPalette.ColorRole.Window))
            painter.setClipRegion(region)
        for k in self._board.shown():
            tile = self._board.tiles[k]
            area = self.tile_rect(k)
            if not region.intersects(area.adjusted(0, 0, 1, 1)):
                continue
            painter.save()
            if is_parted:  # behind a clip of many parts an image is blended span by span, some ten times slower
                painter.setClipRect(area.adjusted(0, 0, 1, 1))
            self._paint_tile(painter, tile, area, ratio, region)
            painter.restore()
            if k == self._target or (k == self._board.current and not (self._board.is_enlarged or self._is_display)):
                role = QPalette.ColorRole.Highlight if self.hasFocus() or k == self._target else QPalette.ColorRole.Mid
                painter.setPen(QPen(palette.color(role), 3))
                painter.drawRect(area.adjusted(1, 1, -2, -2))
        painter.end()

    def _paint_tile(self, painter: QPainter, tile: Tile, area: QRect, ratio: float, region: QRegion) -> None:
        """One tile; one that fails is said in its place and tried again with its next picture, the others go on."""
        try:
            tile.paint(painter, self.palette(), self.font(), ratio, region)
        except Exception as error:  # noqa: BLE001 - the border of a tile: it must not take the wall with it
            if tile.failure != str(error):
                _log.error("the tile of %s failed", tile.camera_id, exc_info=error)
            tile.failure = str(error)
            painter.resetTransform()
            painter.setOpacity(1.0)
            painter.setClipRect(area)
            painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            sentence = _("This tile failed: {reason}. The others go on.").format(reason=error)
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(area.adjusted(10, 10, -10, -10), flags, f"{tile.name}\n{sentence}")
        else:
            tile.failure = ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the tiles into the new size."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to show pictures."""
        super().showEvent(event)
        self._lingering.stop()
        self._arrange()
        if not self._is_released:
            self._frames.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop painting at once and the streams a little later, so that looking away briefly costs nothing."""
        super().hideEvent(event)
        self._frames.stop()
        self._lingering.start()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw everything in a new palette or language."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.LanguageChange, QEvent.Type.FontChange):
            self.setAccessibleName(_("Video wall"))
            for tile in self._board.tiles:
                tile.reword()
            self.update()

    def event(self, event: QEvent) -> bool:
        """Tell a tile's state in words, and follow the screen's resolution."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(self._index_at(event.pos())), self)
            return True
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._arrange()
        return super().event(event)

    def describe(self, index: int) -> str:
        """A tile in words: camera, state and what is wrong; empty outside the tiles."""
        return self._board.describe(index)

    # ---- keyboard, mouse, drag and drop

    def _index_at(self, point: QPoint) -> int:
        return self._board.at(point, self.devicePixelRatioF())

    def _select(self, index: int) -> None:
        if not 0 <= index < len(self._board.tiles):
            return
        self._board.current = index
        self._board.prefer()
        self.update()
        if self.current_camera:
            self.camera_selected.emit(self.current_camera)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make a tile the current one."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._select(self._index_at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge a tile, or go back."""
        if event.button() is Qt.MouseButton.LeftButton and self._index_at(event.position().toPoint()) >= 0:
            self.enlarge(not self.is_enlarged)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter, Escape and Delete."""
        key = Qt.Key(event.key())
        if key in ARROWS and self._board.tiles:
            self._select(self._board.stepped(key))
            if self.is_enlarged:
                self.enlarge(True)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enlarge(not self.is_enlarged)
        elif key is Qt.Key.Key_Escape and self.is_enlarged:
            self.enlarge(False)
        elif key is Qt.Key.Key_Delete and self.current_camera:
            self._empty()
        elif key in _TOUR_KEYS and not event.modifiers():
            self.tour_stepped.emit(self._board.current, _TOUR_KEYS[key].value)
        elif key is Qt.Key.Key_P and not event.modifiers() and self.current_camera:
            self._toggle_mark()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a tile, by the mouse or the menu key."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            self._select(self._index_at(event.pos()))
        if not self._board.tiles:
            return
        menu = self.menu()
        menu.popup(event.globalPos())

    def menu(self) -> QMenu:
        """The menu of the current tile; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        enlarge = menu.addAction(_("Back to the grid") if self.is_enlarged else _("Enlarge"), self._toggle_size)
        enlarge.setShortcut(Qt.Key.Key_Return)
        watch = menu.addAction(_("Must-watch: prefer this camera"), self._toggle_mark)
        watch.setCheckable(True)
        watch.setChecked(self.current_camera in self.must_watch)
        watch.setShortcut(Qt.Key.Key_P)
        empty = menu.addAction(_("Empty the tile"), self._empty)
        empty.setShortcut(Qt.Key.Key_Delete)
        for action in menu.actions():
            action.setEnabled(bool(self.current_camera))
        self.menu_opened.emit(menu, self._board.current)
        for action in menu.actions():
            action.setShortcutVisibleInContextMenu(True)
        return menu

    def _toggle_size(self) -> None:
        self.enlarge(not self.is_enlarged)

    def _toggle_mark(self) -> None:
        self.mark(self.current_camera, self.current_camera not in self.must_watch)

    def _empty(self) -> None:
        self._put(self._board.current, "")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take cameras."""
        if event.mimeData().text().startswith(DRAG_PREFIX):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark the tile under the pointer."""
        target = self._index_at(event.position().toPoint())
        if target != self._target:
            self._target = target
            self.update()
        event.setAccepted(target >= 0)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Mark no tile any more."""
        self._target = -1
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the dropped cameras from the tile under the pointer on."""
        self._target = -1
        index = self._index_at(event.position().toPoint())
        cameras = dragged_cameras(event.mimeData().text())
        if index >= 0 and cameras:
            event.acceptProposedAction()
            self._put(index, *cameras)
            self._select(index)

    def _put(self, index: int, *cameras: str) -> None:
        """Show cameras from a tile on; those that find no tile behind it are left out."""
        tiles = self._board.with_put(index, cameras)
        self.show_tiles(tiles, self._board.columns, self._board.cells, self._board.rows)
        self.rearranged.emit(self.tiles())
