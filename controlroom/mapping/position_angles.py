"""Two angles out of a text of numbers, signs and points of the compass."""

import re

from msgspec import Struct

_TOKEN = re.compile(
    r"(?P<axis>北纬|南纬|东经|西经|纬度|经度|latitude|longitude|lat|lon|lng|long|[nsew北南东西])"
    r"|(?P<number>[-+]?[0-9]{1,12}(?:\.[0-9]{1,15})?)"
    r"|(?P<mark>[°'\"d])"
    r"|(?P<apart>[,;/:=|和与]|\s+)"
)
_AXES = {"北纬": "lat", "南纬": "lat", "纬度": "lat", "latitude": "lat", "lat": "lat", "n": "lat", "s": "lat"} | {
    "北": "lat", "南": "lat", "东经": "lon", "西经": "lon", "经度": "lon", "longitude": "lon", "lon": "lon"
} | {"lng": "lon", "long": "lon", "e": "lon", "w": "lon", "东": "lon", "西": "lon"}  # fmt: skip
_NEGATIVE = frozenset({"南纬", "西经", "s", "w", "南", "西"})
_RANK = {"°": 0, "d": 0, "'": 1, '"': 2}


class Angle(Struct, frozen=True):
    """Degrees with sign; `axis` is `lat`, `lon` or, where nothing tells, empty; `parts` 1 to 3 as they were given."""

    degrees: float
    axis: str
    parts: int


class _Half:
    """What has been read of one angle."""

    def __init__(self, axis: str = "") -> None:
        self.axis = axis
        self.numbers: list[str] = []
        self.ranks: list[int | None] = []

    def angle(self) -> Angle | None:
        """None where the parts are no angle: minutes of 60 and more, fractions before the last part."""
        if not 1 <= len(self.numbers) <= 3:
            return None
        if any(rank is not None and rank != place for place, rank in enumerate(self.ranks)):
            return None
        numbers = self._compact() if self.axis and len(self.numbers) == 1 and self.ranks[0] is None else self.numbers
        head, *tail = numbers
        if any(not n[0].isdigit() or float(n) >= 60 for n in tail) or any("." in n for n in numbers[:-1]):
            return None
        size = abs(float(head)) + sum(float(n) / 60 ** (place + 1) for place, n in enumerate(tail))
        if size > 180:
            return None
        negative = head.startswith("-") != (self.axis in _NEGATIVE)
        return Angle(-size if negative else size, _AXES.get(self.axis, ""), len(numbers))

    def _compact(self) -> list[str]:
        """393012 and 1162436, as pilots and seamen write."""
        whole, dot, rest = self.numbers[0].partition(".")
        width = 2 if _AXES[self.axis] == "lat" else 3
        if not whole.isdigit() or len(whole) not in (width + 2, width + 4):
            return self.numbers
        pieces = [whole[:width], whole[width : width + 2], whole[width + 2 :]]
        pieces = [piece for piece in pieces if piece]
        return [*pieces[:-1], pieces[-1] + dot + rest]


def angles_of(plain: str) -> tuple[Angle, Angle] | None:
    """The two angles that a text consists of; None when anything else is in it."""
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(plain):
        match = _TOKEN.match(plain, place)
        if match is None:
            return None
        tokens.append((str(match.lastgroup), match[0]))
        place = match.end()
    halves = _by_axis(tokens) if any(kind == "axis" for kind, _text in tokens) else _by_order(tokens)
    if halves is None or len(halves) != 2:
        return None
    first, second = halves[0].angle(), halves[1].angle()
    if first is None or second is None or (first.axis and first.axis == second.axis):
        return None
    return first, second


def _by_axis(tokens: list[tuple[str, str]]) -> list[_Half] | None:
    """Each compass point begins an angle, or, where a number comes first, ends one."""
    leads = next(kind for kind, _text in tokens if kind != "apart") == "axis"
    halves: list[_Half] = []
    current: _Half | None = None
    for kind, text in tokens:
        if kind == "axis":
            if leads:
                current = _Half(text)
                halves.append(current)
            elif current is None:
                return None
            else:
                current.axis, current = text, None
        elif kind != "apart":
            if current is None:
                current = _Half()
                halves.append(current)
            if not _take(current, kind, text):
                return None
    return halves


def _by_order(tokens: list[tuple[str, str]]) -> list[_Half] | None:
    """Without compass points: a degree sign begins an angle; without signs, halves of 2, 4 or 6 numbers."""
    flat: list[tuple[str, int | None]] = []
    for kind, text in tokens:
        if kind == "number":
            flat.append((text, None))
        elif kind == "mark":
            if not flat or flat[-1][1] is not None:
                return None
            flat[-1] = (flat[-1][0], _RANK[text])
    starts = [place for place, (_n, rank) in enumerate(flat) if rank == 0]
    if not any(rank is not None for _n, rank in flat):
        starts = [0, len(flat) // 2] if len(flat) in (2, 4, 6) else []
    if len(starts) != 2 or starts[0] != 0:
        return None
    halves = []
    for part in (flat[: starts[1]], flat[starts[1] :]):
        half = _Half()
        half.numbers, half.ranks = [n for n, _rank in part], [rank for _n, rank in part]
        halves.append(half)
    return halves


def _take(half: _Half, kind: str, text: str) -> bool:
    if kind == "number":
        half.numbers.append(text)
        half.ranks.append(None)
        return True
    if not half.ranks or half.ranks[-1] is not None:
        return False
    half.ranks[-1] = _RANK[text]
    return True
