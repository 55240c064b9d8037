"""Where the tiles of a wall lie."""

import math

from PySide6.QtCore import QRect

GAP_PX = 2


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
