"""The tiles of a wall and where they lie, without a widget round them."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QRegion

from controlroom.domain.camera import Camera
from controlroom.i18n import _
from controlroom.video.picture import Feeds
from controlroom.video.share import sentence
from widgets.video_badge import kept_text, label, picture_word
from widgets.video_grid import ARROWS, Cell, cell_boxes, cell_stepped, grid, stepped
from widgets.video_marks import Marks
from widgets.video_tile import Tile


class TileBoard:
    """Holds the tiles row by row, or each in its cell, and keeps those that stay. It owns what its tiles open."""

    def __init__(self, feeds: Feeds, *, live: bool, is_display: bool) -> None:
        self._feeds = feeds
        self._live = live
        self._is_display = is_display
        self._cameras: Mapping[str, Camera] = {}
        self._files: dict[str, tuple[str, float]] = {}
        self.tiles: list[Tile] = []
        self.columns = 1
        self.rows = 0
        self.cells: tuple[Cell, ...] = ()
        self.current = 0
        self.is_enlarged = False
        self.covered = QRegion()
        """What the tiles paint wholly, in units of the widget."""
        self.past: tuple[datetime, float] | None = None
        self.marks = Marks()

    @property
    def current_camera(self) -> str:
        """The id of the current tile's camera, empty where it has none."""
        return self.tiles[self.current].camera_id if self.tiles else ""

    def set_cameras(self, cameras: Mapping[str, Camera]) -> bool:
        """All cameras that tiles may name, by id, kept and not copied; whether tiles must be placed anew."""
        self._cameras = cameras
        changed = [tile for tile in self.tiles if tile.camera != self._cameras.get(tile.camera_id)]
        for tile in changed:
            tile.show_camera(tile.camera_id, self._cameras.get(tile.camera_id))
        return bool(changed)

    def set_file(self, camera_id: str, path: str, from_s: float) -> None:
        """The past of this camera is in a file that begins at `from_s` (seconds since 1970), and nowhere else."""
        self._files[camera_id] = path, from_s

    def show(self, cameras: Sequence[str], columns: int, cells: Sequence[Cell], rows: int) -> None:
        """Take these cameras; tiles of the same camera are kept with their pictures, the others let go."""
        self.columns, self.rows, self.cells = max(1, columns), rows, tuple(cells)
        spare: dict[str, list[Tile]] = {}
        for tile in self.tiles:
            spare.setdefault(tile.camera_id, []).append(tile)
        arranged = []
        for camera_id in cameras:
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
        self.tiles = arranged
        self.current = min(self.current, max(0, len(arranged) - 1))
        self.is_enlarged = self.is_enlarged and bool(self.current_camera)

    def look_at(self, at: datetime | None, speed: float) -> bool:
        """Show this past moment in all tiles, None is the present; whether tiles must be placed anew."""
        self.past = None if at is None else (at, speed)
        return bool([tile for tile in self.tiles if tile.look_at(at, speed)])

    def prefer(self) -> None:
        """Tell each tile how much it matters."""
        for k, tile in enumerate(self.tiles):
            tile.prefer(self.marks.rank(tile.camera_id, k == self.current))

    def place(self, width_px: int, height_px: int, ratio: float, *, opens: bool) -> None:
        """Give each tile its rectangle in device pixels; with `opens` its stream as well."""
        boxes = (
            cell_boxes(self.cells, self.columns, self.rows, width_px, height_px)
            if self.cells
            else grid(len(self.tiles), self.columns, width_px, height_px)
        )
        self.prefer()
        self.covered = QRegion()
        for k, tile in enumerate(self.tiles):
            is_shown = not self.is_enlarged or k == self.current
            box = QRect(0, 0, width_px, height_px) if self.is_enlarged and is_shown else boxes[k]
            if opens:
                tile.place(box, ratio, is_shown)
            else:
                tile.box = box
            if is_shown and ratio == int(ratio):
                self.covered += self.rect(k, ratio)

    def rect(self, index: int, ratio: float) -> QRect:
        """Where a tile lies, in units of the widget."""
        box = self.tiles[index].box
        return QRect(int(box.x() / ratio), int(box.y() / ratio), int(box.width() / ratio), int(box.height() / ratio))

    def shown(self) -> list[int]:
        """The places of the tiles that are seen."""
        return [self.current] if self.is_enlarged else list(range(len(self.tiles)))

    def at(self, point: QPoint, ratio: float) -> int:
        """The tile at a point of the widget, -1 where there is none."""
        if self.is_enlarged:
            return self.current
        return next((k for k in range(len(self.tiles)) if self.rect(k, ratio).contains(point)), -1)

    def stepped(self, key: Qt.Key) -> int:
        """The tile that an arrow key leads to."""
        if self.cells:
            return cell_stepped(self.current, self.cells, *ARROWS[key])
        return stepped(self.current, len(self.tiles), self.columns, *ARROWS[key])

    def with_put(self, index: int, cameras: Sequence[str]) -> list[str]:
        """The cameras of all tiles with these from a tile on; those that find no tile behind it are left out."""
        tiles = [tile.camera_id for tile in self.tiles]
        put = cameras[: len(tiles) - index]
        tiles[index : index + len(put)] = put
        return tiles

    def describe(self, index: int) -> str:
        """A tile in words: camera, state and what is wrong; empty outside the tiles."""
        if not 0 <= index < len(self.tiles) or not self.tiles[index].camera_id:
            return ""
        tile = self.tiles[index]
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

    def release(self) -> None:
        """Let all streams go."""
        for tile in self.tiles:
            tile.release()
