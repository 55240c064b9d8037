"""The shapes of points that a painted map blits: which pixels around a point belong to each."""

from collections.abc import Callable

_SHAPES: dict[str, Callable[[int, int], bool]] = {
    "dot": lambda x, y: abs(x) <= 2 and abs(y) <= 2,
    "ring": lambda x, y: 4 <= x * x + y * y <= 9,
    "frame": lambda x, y: max(abs(x), abs(y)) == 3,
    "circle": lambda x, y: x * x + y * y <= 20,
    "square": lambda x, y: max(abs(x), abs(y)) <= 4,
    "triangle": lambda x, y: abs(x) * 2 <= y + 5,
    "diamond": lambda x, y: abs(x) + abs(y) <= 5,
    "cross": lambda x, y: abs(abs(x) - abs(y)) <= 1,
    "pentagon": lambda x, y: abs(x) <= min(y + 5, 5) and abs(x) <= 8 - y // 2 and y <= 4,
    "hexagon": lambda x, y: abs(x) <= 4 and abs(y) <= 5 - abs(x) // 2,
    "house": lambda x, y: abs(x) <= 4 and abs(x) - 5 <= y <= 4,
}
"""Which pixels around a point belong to a shape, within BLIT_PX."""
BLIT_PX = 5
_SPAN = range(-BLIT_PX, BLIT_PX + 1)
_OFFSETS = {name: [(x, y) for x in _SPAN for y in _SPAN if inside(x, y)] for name, inside in _SHAPES.items()}


def offsets(shape: str) -> list[tuple[int, int]]:
    """The pixels of a shape; of an open one its border, of a struck or dotted one what the mark leaves."""
    if shape in _OFFSETS:
        return _OFFSETS[shape]
    mark, _space, plain = shape.partition(" ")
    held = set(_OFFSETS.get(plain, _OFFSETS["circle"]))
    if mark == "open":
        return [(x, y) for x, y in held if not {(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)} <= held]
    if mark == "struck":
        return [(x, y) for x, y in held if abs(x + y) > 1]
    return [(x, y) for x, y in held if max(abs(x), abs(y)) > 1] if mark == "dotted" else [*held]
