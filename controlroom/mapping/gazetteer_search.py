"""Finds names of places while somebody types: as written, by pinyin, by initials, by sound and with one mistake.

Each column is one array of characters with the places where every character stands, so that a search looks at the
rarest character only; 180,000 names take about 40 MB and a few milliseconds a search.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Units = NDArray[np.uint16]
Classes = NDArray[np.uint8]

END = 0x0A
"""Stands between two texts and occurs in none."""
NONE = 255


class Match(IntEnum):
    """How well a name matches, the best first."""

    EXACT = 0
    PREFIX = 1
    INITIALS = 2
    INSIDE = 3
    NUMBER = 4
    """The street is known and the number is not: the nearest numbers of that street."""
    SOUND = 5
    MISTAKE = 6


class Column:
    """Texts of owners in one array: `units` u16[n], each text ended by END; `begins` i32[k], `owners` i32[k].

    `heads` (bool[n]) are the only places where a match may begin: the first letters of syllables.
    """

    def __init__(self, units: Units, owners: Ints, heads: NDArray[np.bool_] | None = None) -> None:
        self.units = units
        self.owners = owners
        ends = np.flatnonzero(units == END).astype(np.int32)
        self.begins = np.concatenate([np.zeros(1, np.int32), ends[:-1] + 1]) if len(ends) else ends
        self.ends = ends
        allowed = np.flatnonzero(units != END if heads is None else heads).astype(np.int32)
        order = np.argsort(units[allowed], kind="stable")
        self._places = allowed[order]
        self._from = np.searchsorted(units[self._places], np.arange(65_537, dtype=np.uint32)).astype(np.int32)
        self._anywhere = heads is None
        self._heads = heads

    def find(self, text: str) -> Ints:
        """Where a text occurs."""
        wanted = encode(text)
        if not len(wanted) or not len(self.units):
            return np.zeros(0, np.int32)
        counts = self._from[wanted.astype(np.int64) + 1] - self._from[wanted]
        at = int(np.argmin(counts)) if self._anywhere else 0
        places = self._places[self._from[wanted[at]] : self._from[int(wanted[at]) + 1]] - np.int32(at)
        if at:
            places = places[places >= 0]
        return self.matching(places, wanted, skip=at)

    def scan(self, wanted: Units) -> Ints:
        """Where characters occur, at whatever place."""
        if self._anywhere:
            return self.find(wanted.tobytes().decode("utf-16-le", "replace"))
        places = np.flatnonzero(self.units == wanted[0]).astype(np.int32)
        return self.matching(places, wanted, skip=0)

    def beginning(self, places: Ints) -> Ints:
        """Those of the places at which a match may begin."""
        places = places[(places >= 0) & (places < len(self.units))]
        return places if self._heads is None else places[self._heads[places]]

    def matching(self, places: Ints, wanted: Units, skip: int = -1) -> Ints:
        """Those of the places where `wanted` stands."""
        last = len(self.units) - len(wanted)
        if len(places) and int(places.max()) > last:
            places = places[places <= last]
        for offset, unit in enumerate(wanted):
            if offset != skip:
                places = places[self.units[places + np.int32(offset)] == unit]
        return places

    def keys(self, places: Ints) -> NDArray[np.int64]:
        """To which text each place belongs."""
        return np.searchsorted(self.begins, places, side="right") - 1

    def text(self, key: int) -> str:
        """One text."""
        return self.units[self.begins[key] : self.ends[key]].tobytes().decode("utf-16-le", "replace")


def encode(text: str) -> Units:
    """The UTF-16 units of a text, so that rare characters are two and match like any."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)


def pack(texts: Sequence[str]) -> Units:
    """Texts one after the other, each ended by END."""
    return encode("".join(f"{text}\n" for text in texts)).copy()


class Names:
    """The three columns of `count` names: as written, full pinyin (syllables in lower case), initials."""

    def __init__(self, written: Column, spoken: Column, initials: Column, count: int) -> None:
        self.written, self.spoken, self.initials, self.count = written, spoken, initials, count

    def classes(self, text: str) -> Classes:
        """How well each name matches a plain text: Match, or NONE. Only whole and part matches."""
        found = np.full(self.count, NONE, np.uint8)
        latin = text.isascii()
        if latin:
            self._judge(found, self.initials, text, Match.INITIALS, Match.INITIALS)
            self._judge(found, self.spoken, text, Match.EXACT, Match.PREFIX)
        self._judge(found, self.written, text, Match.EXACT, Match.PREFIX)
        return found

    def _judge(self, found: Classes, column: Column, text: str, whole: Match, start: Match) -> None:
        places = column.find(text)
        if not len(places):
            return
        keys = column.keys(places)
        leads = places == column.begins[keys]
        is_whole = leads & (places + len(encode(text)) == column.ends[keys])
        # A single letter in the middle of initials is in nearly every name.
        inside = column is not self.initials or len(text) > 1
        for chosen, match in ((~leads, Match.INSIDE), (leads, start), (is_whole, whole)):
            if match is not Match.INSIDE or inside:
                owners = column.owners[keys[chosen]]
                found[owners] = np.minimum(found[owners], int(match))

    def sounding(self, syllables: str) -> Ints:
        """The names whose pinyin has these syllables anywhere."""
        return _owners(self.spoken, self.spoken.find(syllables))

    def mistaken(self, text: str) -> Ints:
        """The names in which a text stands with one character wrong, missing, too many, or two swapped."""
        columns = [self.written]
        if text.isascii():
            columns.append(self.spoken)
        # In a shorter text one mistake is in nearly every name.
        least = 5 if text.isascii() else 3
        if len(text) < least:
            return np.zeros(0, np.int32)
        found = [_owners(column, _with_mistake(column, encode(text))) for column in columns]
        return np.unique(np.concatenate(found)).astype(np.int32)


def _owners(column: Column, places: Ints) -> Ints:
    return column.owners[column.keys(places)] if len(places) else np.zeros(0, np.int32)


def _with_mistake(column: Column, wanted: Units) -> Ints:
    """One of the two halves stands unharmed and the other beside it with one mistake, or the swap is between them."""
    half = len(wanted) // 2
    head, tail = wanted[:half], wanted[half:]
    places = [np.zeros(0, np.int32)]
    whole = column.find(head.tobytes().decode("utf-16-le", "replace"))
    places += _damaged(column, whole + np.int32(half), tail)
    whole = column.scan(tail)
    places += _damaged_before(column, whole, head)
    swapped = wanted.copy()
    swapped[[half - 1, half]] = swapped[[half, half - 1]]
    places.append(column.find(swapped.tobytes().decode("utf-16-le", "replace")))
    return np.concatenate(places)


def _damaged(column: Column, places: Ints, wanted: Units) -> list[Ints]:
    """Places at which `wanted` begins with one mistake in it."""
    found = []
    for other in _patterns(wanted):
        found.append(_masked(column, places, other))
    return found


def _damaged_before(column: Column, places: Ints, wanted: Units) -> list[Ints]:
    """Places before which `wanted` ends with one mistake in it."""
    found = []
    for other in _patterns(wanted):
        found.append(_masked(column, column.beginning(places - np.int32(len(other))), other))
    return found


def _patterns(wanted: Units) -> list[list[int]]:
    """Every form of a text with one mistake; -1 stands for any character."""
    text = [int(unit) for unit in wanted]
    found: list[list[int]] = []
    for at in range(len(text)):
        found.append([*text[:at], -1, *text[at + 1 :]])
        found.append([*text[:at], *text[at + 1 :]])
        found.append([*text[:at], -1, *text[at:]])
        if at + 1 < len(text) and text[at] != text[at + 1]:
            found.append([*text[:at], text[at + 1], text[at], *text[at + 2 :]])
    return found


def _masked(column: Column, places: Ints, pattern: list[int]) -> Ints:
    last = len(column.units) - len(pattern)
    places = places[places <= last]
    for offset, unit in enumerate(pattern):
        if not len(places):
            break
        there = column.units[places + np.int32(offset)]
        # Any character, but never the border to another name.
        places = places[there != END if unit < 0 else there == unit]
    return places
