"""The district's gazetteer: names found while somebody types, the nearest and most important first. Any one thread."""

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.gazetteer_book import BookMeta, read_meta
from controlroom.mapping.gazetteer_names import Name, PlaceKinds, numbered, plain
from controlroom.mapping.gazetteer_search import NONE, Classes, Column, Ints, Match, Names, Units

MOST_FOUND = 40
ENOUGH = 5
"""House figure: below so many whole or part matches, names that sound alike or have one mistake are looked for too."""
FAR_KM = 3.0
"""House figure: so much farther from the map's middle weighs as one step of importance near it, less farther out."""
_LONGEST = 80
_APART = re.compile(r"[\s,，、&+/]+|与|和|跟|及")
_CROSSING = re.compile(r"(?:十字|丁字)?路口$|交叉口$|交叉路口$|交汇处$|交口$")
_HOUSE = re.compile(r"^(.*?\D)(\d{1,5})号?$")
_NUMBER = re.compile(r"(\d{1,5})号?$")


class Found(Struct, frozen=True):
    """A name, how it matched, and how far it is from the middle of the map in metres."""

    id: int
    name: Name
    match: Match
    matched: str
    """The name, alias, English or pinyin that matched."""
    distance_m: float


class Gazetteer:
    """An opened file. `close` lets it go; a search afterwards finds nothing."""

    def __init__(self, book: Path, kinds: PlaceKinds) -> None:
        meta = read_meta(book)
        if meta is None:
            raise EnvironmentFault(_("The gazetteer {path} cannot be read. It is made anew.").format(path=book))
        self.meta: BookMeta = meta
        self.kinds = kinds
        self._connection = sqlite3.connect(f"{book.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        held: dict[str, bytes] = dict(self._connection.execute("SELECT name, value FROM columns"))
        self.lon: Floats = np.frombuffer(held["lon"], np.float64)
        self.lat: Floats = np.frombuffer(held["lat"], np.float64)
        self._rank = np.frombuffer(held["rank"], np.uint8)
        self._length = np.frombuffer(held["length"], np.uint8)
        self._names = Names(_plain(held, "written"), _syllables(held), _plain(held, "initials"), len(self.lon))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @property
    def count(self) -> int:
        """How many names there are."""
        return len(self.lon)

    def search(self, text: str, middle: tuple[float, float], limit: int = MOST_FOUND) -> list[Found]:
        """The best names for a text; `middle` is where the map looks (WGS-84 degrees)."""
        text = text.strip()[:_LONGEST]
        joined = plain(text)
        if not joined or not self.count:
            return []
        classes = self._classes(text, joined)
        if np.count_nonzero(classes != NONE) < ENOUGH:
            self._add_numbers(classes, joined)
            self._add_likeness(classes, joined)
        return self._best(classes, joined, middle, limit)

    def roads(self) -> list[tuple[str, Floats]]:
        """Every named line of the network, f64[n, 2] in degrees."""
        rows = self._connection.execute("SELECT title, points FROM roads")
        return [(title, np.frombuffer(points, np.float64).reshape(-1, 2)) for title, points in rows]

    def areas(self) -> list[tuple[str, bytes]]:
        """Every named area as WKB."""
        return list(self._connection.execute("SELECT title, shape FROM areas"))

    def names(self, ids: Sequence[int]) -> list[Name]:
        """Names by their numbers, in that order."""
        if not ids:
            return []
        marks = ",".join("?" * len(ids))
        rows = self._connection.execute(f"SELECT * FROM names WHERE id IN ({marks})", [int(i) for i in ids])
        held = {row[0]: _name(row) for row in rows}
        return [held[int(i)] for i in ids]

    def of_kind(self, *kinds: str) -> NDArray[np.int64]:
        """The numbers of all names of some kinds."""
        marks = ",".join("?" * len(kinds))
        rows = self._connection.execute(f"SELECT id FROM names WHERE kind IN ({marks}) ORDER BY id", kinds)
        return np.array([row[0] for row in rows], np.int64)

    # ---------------------------------------------------------------- inside

    def _classes(self, text: str, joined: str) -> Classes:
        """The whole text as one name, or every part of it somewhere in one: 兴华大街 医院, A路与B街路口."""
        classes = self._names.classes(joined)
        counted = plain(numbered(text))
        if counted != joined:
            classes = np.minimum(classes, self._names.classes(counted))
        tokens = [t for part in _APART.split(_CROSSING.sub("", text)) if (t := plain(part))]
        if len(tokens) > 1:
            parts = np.zeros(self.count, np.uint8)
            for token in tokens:
                parts = np.maximum(parts, self._names.classes(token))
            parts[parts != NONE] = int(Match.INSIDE)
            classes = np.minimum(classes, parts)
        return classes

    def _add_likeness(self, classes: Classes, joined: str) -> None:
        """What sounds the same (the wrong characters of an input method), then one mistake."""
        if not joined.isascii() and len(joined) > 1:
            syllables = "".join(lazy_pinyin(joined, style=Style.NORMAL))
            _lower(classes, self._names.sounding(syllables), Match.SOUND)
        _lower(classes, self._names.mistaken(joined), Match.MISTAKE)

    def _add_numbers(self, classes: Classes, joined: str) -> None:
        """A house number that nobody knows: the nearest numbers of the same street."""
        asked = _HOUSE.match(numbered(joined))
        if asked is None:
            return
        column = self._names.written
        keys = column.keys(column.find(asked[1]))
        near = []
        for key in np.unique(keys)[:5_000].tolist():
            there = _NUMBER.fullmatch(column.text(key).removeprefix(asked[1]))
            if there is not None:
                near.append((abs(int(there[1]) - int(asked[2])), key))
        chosen = [key for _away, key in sorted(near)[:4]]
        _lower(classes, column.owners[np.array(chosen, np.int64)] if chosen else np.zeros(0, np.int32), Match.NUMBER)

    def _best(self, classes: Classes, joined: str, middle: tuple[float, float], limit: int) -> list[Found]:
        found = np.flatnonzero(classes != NONE)
        if not len(found):
            return []
        east = (self.lon[found] - middle[0]) * 111.32 * np.cos(np.radians(middle[1]))
        away_km = np.hypot(east, (self.lat[found] - middle[1]) * 110.95)
        longer = np.maximum(0.0, self._length[found].astype(np.float64) - len(joined)) / 20.0
        cost = self._rank[found] + np.log2(1.0 + away_km / FAR_KM) + longer
        # Within a class the cost decides; it stays far below the step from class to class.
        score = classes[found] * 1000.0 + cost
        if len(found) > limit:
            few = np.argpartition(score, limit)[:limit]
            found, score, away_km = found[few], score[few], away_km[few]
        order = np.argsort(score, kind="stable")
        names = self.names(found[order].tolist())
        return [
            Found(
                int(found[at]),
                name,
                Match(int(classes[found[at]])),
                _matched(name, joined),
                float(away_km[at]) * 1000.0,
            )
            for at, name in zip(order.tolist(), names, strict=True)
        ]


def _lower(classes: Classes, owners: Ints, match: Match) -> None:
    classes[owners] = np.minimum(classes[owners], int(match))


def _matched(name: Name, joined: str) -> str:
    """Which of its names is meant, where it is not the title."""
    for text in (name.title, *name.aliases, name.english):
        if joined in plain(text):
            return text
    return name.title


def _plain(held: dict[str, bytes], key: str) -> Column:
    return Column(_units(held[key]), np.frombuffer(held[f"{key}_owners"], np.int32))


def _syllables(held: dict[str, bytes]) -> Column:
    """Capitals and the first digits of numbers are where a match may begin; they are compared in lower case."""
    units = _units(held["spoken"])
    capital = (units >= 65) & (units <= 90)
    digit = (units >= 48) & (units <= 57)
    first = digit & ~np.concatenate([np.zeros(1, np.bool_), digit[:-1]])
    lower = np.where(capital, units | np.uint16(32), units).astype(np.uint16)
    return Column(lower, np.frombuffer(held["spoken_owners"], np.int32), capital | first)


def _units(value: bytes) -> Units:
    return np.frombuffer(value, np.uint16)


def _name(row: tuple[object, ...]) -> Name:
    _id, title, kind, lon, lat, english, aliases, town, by_cell, source, schematic = row
    return Name(
        title=str(title),
        kind=str(kind),
        lon=float(str(lon)),
        lat=float(str(lat)),
        english=str(english),
        aliases=tuple(str(aliases).split("\n")) if aliases else (),
        town=str(town),
        town_by_cell=bool(by_cell),
        source=str(source),
        schematic=bool(schematic),
    )
