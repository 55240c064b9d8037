"""The video wall: all tiles in one widget."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
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
from controlroom.i18n import _
from controlroom.video.picture import Feeds
from controlroom.video.share import Rank, sentence
from controlroom.video.signal import View
from widgets.camera_drag import dragged_cameras
from widgets.video_badge import kept_text, label, picture_word
from widgets.video_grid import ARROWS, Cell, cell_boxes, cell_stepped, grid, stepped
from widgets.video_still import Still
from widgets.video_tile import Tile

_MOST_PINNED = 256
_FRAME_MS = 12
"""Well below a camera's interval: at 33 ms of 25 pictures a second some fall between two looks."""
_LINGER_MS = 5000


class VideoWall(QWidget):
    """A grid of cameras, painted from ready pictures on one frame clock while it is visible.

    It opens its streams through `feeds` and lets them go five seconds after it is hidden. Arrows move, Enter enlarges
    a tile, Escape goes back, Delete empties it, P marks its camera as must-watch; a text `camera:<id>` may be dropped
    onto a tile. One that is not `live` looks at the past only and opens no streams. Marks are kept with the panel
    (`state`, `restore`).
    """

    camera_selected = Signal(str)
    """A tile with a camera became the current one: the camera's id."""
    rearranged = Signal(object)
    """The officer changed what a tile shows: the ids of all tiles (tuple of str)."""

    must_watch_changed = Signal(object)
    """The officer marked a camera or took the mark away: the ids of all that have it (frozenset of str)."""

    def __init__(
        self, feeds: Feeds, parent: QWidget | None = None, *, live: bool = True, is_display: bool = False
    ) -> None:
        """A display marks no current tile and gives no hints: nobody sits in front of it."""
        super().__init__(parent)
        self._feeds = feeds
        self._is_display = is_display
        self._cameras: dict[str, Camera] = {}
        self._tiles: list[Tile] = []
        self._columns = 1
        self._rows = 0
        self._cells: tuple[Cell, ...] = ()
        self._guests: dict[int, QWidget] = {}
        self._current = 0
        self._must_watch: dict[str, None] = {}
        self._alarmed: frozenset[str] = frozenset()
        self._enlarged = False
        self._target = -1
        self._is_released = False
        self._covered = QRegion()
        self.past: tuple[datetime, float] | None = None
        self._live = live
        self._files: dict[str, tuple[str, float]] = {}
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
        return self._columns

    @property
    def current_camera(self) -> str:
        """The id of the current tile's camera, empty where it has none."""
        return self._tiles[self._current].camera_id if self._tiles else ""

    @property
    def is_enlarged(self) -> bool:
        """Whether the current tile fills the wall."""
        return self._enlarged

    def tiles(self) -> tuple[str, ...]:
        """The camera ids row by row, empty for empty tiles."""
        return tuple(tile.camera_id for tile in self._tiles)

    def views(self) -> tuple[View, ...]:
        """The state of each tile as it was painted last."""
        return tuple(tile.view for tile in self._tiles)

    def faults(self) -> dict[str, tuple[PictureFault, ...]]:
        """What is wrong with the pictures of the cameras that are shown and were looked at."""
        return {tile.camera_id: tile.view.faults for tile in self._tiles if tile.view.faults is not None}

    def tile_rect(self, index: int) -> QRect:
        """Where a tile lies, in the widget's coordinates."""
        return _rect_of(self._tiles[index], self.devicePixelRatioF())

    def set_cameras(self, cameras: Iterable[Camera]) -> None:
        """All cameras that tiles may name; a changed address reopens its tiles, the others go on undisturbed."""
        self._cameras = {camera.id: camera for camera in cameras}
        changed = [tile for tile in self._tiles if tile.camera != self._cameras.get(tile.camera_id)]
        for tile in changed:
            tile.show_camera(tile.camera_id, self._cameras.get(tile.camera_id))
        if changed:
            self._arrange()

    def show_tiles(self, tiles: Sequence[str], columns: int, cells: Sequence[Cell] = (), rows: int = 0) -> None:
        """Show these cameras row by row, or each in its cell; an empty id is an empty tile.

        Tiles that stay keep their pictures. `cells` are in a grid of `columns` and `rows`, one for each tile.
        """
        self._columns, self._rows, self._cells = max(1, columns), rows, tuple(cells)
        spare: dict[str, list[Tile]] = {}
        for tile in self._tiles:
            spare.setdefault(tile.camera_id, []).append(tile)
        arranged = []
        for camera_id in tiles:
            held = spare.get(camera_id)
            tile = held.pop() if held else Tile(self._feeds, self._live, is_display=self._is_display)
            tile.show_camera(camera_id, self._cameras.get(camera_id))
            tile.file = self._files.get(camera_id)
            if self.past is not None:
                tile.look_at(*self.past)
            arranged.append(tile)
        for rest in spare.values():
            for tile in rest:
                tile.release()
        self._tiles = arranged
        self._current = min(self._current, max(0, len(arranged) - 1))
        self._enlarged = self._enlarged and bool(self.current_camera)
        self._arrange()

    def show_time(self, at: datetime | None, speed: float = 0.0) -> None:
        """Show this past moment in all tiles and go on from it at a speed; None is the present.

        `at` is aware and in the zone that is shown. The live streams stay open meanwhile, so that what they bring is
        kept.
        """
        self.past = None if at is None else (at, speed)
        turned = [tile for tile in self._tiles if tile.look_at(at, speed)]
        if turned:
            self._arrange()

    def set_file(self, camera_id: str, path: str, from_s: float) -> None:
        """The past of this camera is in a file that begins at `from_s` (seconds since 1970), and nowhere else."""
        self._files[camera_id] = path, from_s

    def still(self) -> Still | None:
        """The picture of the current tile, to be kept; None where there is none."""
        return self._tiles[self._current].still() if self._tiles else None

    def moments(self) -> tuple[datetime | None, ...]:
        """For each tile the moment of the past picture that is seen, None where none is."""
        return tuple(tile.shown_at for tile in self._tiles)

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
        for tile, note in zip(self._tiles, notes, strict=True):
            if tile.note != note:
                tile.note = note
                self.update(_rect_of(tile, self.devicePixelRatioF()))

    def set_alarmed(self, cameras: Iterable[str]) -> None:
        """The cameras of standing alarms, which are preferred where not all can have everything."""
        self._alarmed = frozenset(cameras)
        self._prefer()

    @property
    def must_watch(self) -> frozenset[str]:
        """The cameras that the officer marked."""
        return frozenset(self._must_watch)

    def mark(self, camera_id: str, is_must_watch: bool) -> None:
        """Mark a camera as must-watch, or take the mark away; the oldest marks beyond a bound are forgotten."""
        if not camera_id or is_must_watch is (camera_id in self._must_watch):
            return
        if is_must_watch:
            self._must_watch[camera_id] = None
            while len(self._must_watch) > _MOST_PINNED:
                del self._must_watch[next(iter(self._must_watch))]
        else:
            del self._must_watch[camera_id]
        self._prefer()
        self.must_watch_changed.emit(self.must_watch)

    def state(self) -> dict[str, Any]:
        """What should be found again after a restart."""
        return {"must_watch": list(self._must_watch)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state()` gave; what does not fit is left out."""
        marked = state.get("must_watch")
        for camera_id in marked if isinstance(marked, list) else ():
            if isinstance(camera_id, str):
                self.mark(camera_id, True)

    def _prefer(self) -> None:
        """Tell each tile how much it matters."""
        for k, tile in enumerate(self._tiles):
            if tile.camera_id in self._must_watch:
                tile.prefer(Rank.MUST_WATCH)
            elif tile.camera_id in self._alarmed:
                tile.prefer(Rank.ALARM)
            else:
                tile.prefer(Rank.CURRENT if k == self._current else Rank.ORDINARY)

    def enlarge(self, is_enlarged: bool) -> None:
        """Let the current tile fill the wall, or show the grid again."""
        self._enlarged = is_enlarged and bool(self.current_camera)
        self._arrange()

    def release(self) -> None:
        """Let all streams go for good; called before what gave them is closed."""
        self._is_released = True
        self._frames.stop()
        self._let_go()

    # ---- layout and frames

    def _arrange(self) -> None:
        ratio = self.devicePixelRatioF()
        width, height = int(self.width() * ratio), int(self.height() * ratio)
        boxes = (
            cell_boxes(self._cells, self._columns, self._rows, width, height)
            if self._cells
            else grid(len(self._tiles), self._columns, width, height)
        )
        self._prefer()
        self._covered = QRegion()
        for k, tile in enumerate(self._tiles):
            is_shown = not self._enlarged or k == self._current
            box = QRect(0, 0, width, height) if self._enlarged and is_shown else boxes[k]
            if self._is_released or not self.isVisible():
                tile.box = box
            else:
                tile.place(box, ratio, is_shown)
            if is_shown and ratio == int(ratio):
                self._covered += self.tile_rect(k)
        for k, guest in self._guests.items():
            guest.setGeometry(self.tile_rect(k))
            guest.setVisible(not self._enlarged)
        self.update()

    def _shown(self) -> list[Tile]:
        return [self._tiles[self._current]] if self._enlarged else self._tiles

    def _refresh(self) -> None:
        ratio = self.devicePixelRatioF()
        margin = 0 if ratio == int(ratio) else 1  # tiles do not begin on whole units of a fractional screen
        for tile in self._shown():
            if tile.refresh():
                self.update(_rect_of(tile, ratio).adjusted(-margin, -margin, margin, margin))

    def _let_go(self) -> None:
        for tile in self._tiles:
            tile.release()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that the region touches."""
        painter = QPainter(self)
        region, ratio, palette = event.region(), self.devicePixelRatioF(), self.palette()
        gaps = region.subtracted(self._covered)
        if not gaps.isEmpty():
            painter.setClipRegion(gaps)
            painter.fillRect(gaps.boundingRect(), palette.color(QPalette.ColorRole.Window))
            painter.setClipRegion(region)
        for k, tile in enumerate(self._tiles):
            if self._enlarged and k != self._current:
                continue
            area = self.tile_rect(k)
            if not region.intersects(area.adjusted(0, 0, 1, 1)):
                continue
            painter.save()
            tile.paint(painter, palette, self.font(), ratio)
            painter.restore()
            if k == self._target or (k == self._current and not (self._enlarged or self._is_display)):
                role = QPalette.ColorRole.Highlight if self.hasFocus() or k == self._target else QPalette.ColorRole.Mid
                painter.setPen(QPen(palette.color(role), 3))
                painter.drawRect(area.adjusted(1, 1, -2, -2))
        painter.end()

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
        if not 0 <= index < len(self._tiles) or not self._tiles[index].camera_id:
            return ""
        tile = self._tiles[index]
        if tile.at is not None:
            return "\n".join([tile.name, *tile.describe()])
        lines = [tile.name, label(tile.view)]
        if tile.view.trouble is not None:
            lines.append(tile.view.trouble.sentence)
        elif tile.view.is_moving:
            lines.append(sentence(tile.view.share))
        lines += [_("Picture: {fault}").format(fault=picture_word(fault)) for fault in tile.view.faults or ()]
        if tile.view.kept is not None:
            lines.append(kept_text(tile.view.kept, time.time()))
        return "\n".join(lines)

    # ---- keyboard, mouse, drag and drop

    def _index_at(self, point: QPoint) -> int:
        if self._enlarged:
            return self._current
        found = (k for k in range(len(self._tiles)) if self.tile_rect(k).contains(point))
        return next(found, -1)

    def _select(self, index: int) -> None:
        if not 0 <= index < len(self._tiles):
            return
        self._current = index
        self._prefer()
        self.update()
        if self._tiles[index].camera_id:
            self.camera_selected.emit(self._tiles[index].camera_id)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make a tile the current one."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._select(self._index_at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge a tile, or go back."""
        if event.button() is Qt.MouseButton.LeftButton and self._index_at(event.position().toPoint()) >= 0:
            self.enlarge(not self._enlarged)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter, Escape and Delete."""
        key = Qt.Key(event.key())
        if key in ARROWS and self._tiles:
            self._select(
                cell_stepped(self._current, self._cells, *ARROWS[key])
                if self._cells
                else stepped(self._current, len(self._tiles), self._columns, *ARROWS[key])
            )
            if self._enlarged:
                self.enlarge(True)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enlarge(not self._enlarged)
        elif key is Qt.Key.Key_Escape and self._enlarged:
            self.enlarge(False)
        elif key is Qt.Key.Key_Delete and self.current_camera:
            self._empty()
        elif key is Qt.Key.Key_P and not event.modifiers() and self.current_camera:
            self._toggle_mark()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a tile, by the mouse or the menu key."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            self._select(self._index_at(event.pos()))
        if not self.current_camera:
            return
        menu = self.menu()
        menu.popup(event.globalPos())

    def menu(self) -> QMenu:
        """The menu of the current tile's camera; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        enlarge = menu.addAction(_("Back to the grid") if self._enlarged else _("Enlarge"), self._toggle_size)
        enlarge.setShortcut(Qt.Key.Key_Return)
        watch = menu.addAction(_("Must-watch: prefer this camera"), self._toggle_mark)
        watch.setCheckable(True)
        watch.setChecked(self.current_camera in self._must_watch)
        watch.setShortcut(Qt.Key.Key_P)
        empty = menu.addAction(_("Empty the tile"), self._empty)
        empty.setShortcut(Qt.Key.Key_Delete)
        for action in menu.actions():
            action.setShortcutVisibleInContextMenu(True)
        return menu

    def _toggle_size(self) -> None:
        self.enlarge(not self._enlarged)

    def _toggle_mark(self) -> None:
        self.mark(self.current_camera, self.current_camera not in self._must_watch)

    def _empty(self) -> None:
        self._put(self._current, "")

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
        tiles = list(self.tiles())
        shown = cameras[: len(tiles) - index]
        tiles[index : index + len(shown)] = shown
        self.show_tiles(tiles, self._columns, self._cells, self._rows)
        self.rearranged.emit(self.tiles())


def _rect_of(tile: Tile, ratio: float) -> QRect:
    """A tile's rectangle in units of the widget."""
    box = tile.box
    return QRect(int(box.x() / ratio), int(box.y() / ratio), int(box.width() / ratio), int(box.height() / ratio))
