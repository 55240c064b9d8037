"""Where the tiles of a wall lie."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt

GAP_PX = 2
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""What each arrow key steps across and down."""


def grid(count: int, columns: int, width_px: int, height_px: int) -> list[QRect]:
    """The rectangles of `count` tiles row by row, in whole device pixels, covering the area but for the gaps."""
    columns = max(1, columns)
    rows = max(1, math.ceil(count / columns))
    lefts = _cuts(width_px, columns)
    tops = _cuts(height_px, rows)
    found = []
    for k in range(count):
        row, column = divmod(k, columns)
        left, top = lefts[column], tops[row]
        found.append(QRect(left, top, lefts[column + 1] - GAP_PX - left, tops[row + 1] - GAP_PX - top))
    return found


def _cuts(length_px: int, parts: int) -> list[int]:
    """Where the parts begin; the last cut is where one more would."""
    return [k * (length_px + GAP_PX) // parts for k in range(parts + 1)]


def stepped(index: int, count: int, columns: int, across: int, down: int) -> int:
    """The tile that an arrow key leads to, the same one at an edge."""
    column = index % columns + across
    target = index + across + down * columns
    return target if 0 <= column < columns and 0 <= target < count else index


Cell = tuple[int, int, int, int]
"""Left, top, right and bottom of a tile in cells of a grid; right and bottom are the first that are not its own."""


def cell_boxes(cells: Sequence[Cell], columns: int, rows: int, width_px: int, height_px: int) -> list[QRect]:
    """The rectangles of tiles of any size in a grid, in whole device pixels, covering the area but for the gaps."""
    lefts, tops = _cuts(width_px, max(1, columns)), _cuts(height_px, max(1, rows))
    return [
        QRect(lefts[x0], tops[y0], lefts[x1] - GAP_PX - lefts[x0], tops[y1] - GAP_PX - tops[y0])
        for x0, y0, x1, y1 in cells
    ]


def cell_stepped(index: int, cells: Sequence[Cell], across: int, down: int) -> int:
    """The nearest tile in the direction of an arrow key, the same one at an edge."""
    here_x, here_y = _middle(cells[index])
    best, found = float("inf"), index
    for k, cell in enumerate(cells):
        x, y = _middle(cell)
        ahead = (x - here_x) * across + (y - here_y) * down
        beside = abs((x - here_x) * down) + abs((y - here_y) * across)
        if ahead > 0 and ahead + 2 * beside < best:
            best, found = ahead + 2 * beside, k
    return found


def _middle(cell: Cell) -> tuple[float, float]:
    return (cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2
