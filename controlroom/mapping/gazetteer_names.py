"""Names of places: what one is, its kinds, and the forms under which it is found."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct
from pypinyin import Style, pinyin

MOST_READINGS = 4
"""House figure: a name with several readings is indexed under so many at the most."""
UNKNOWN_RANK = 5

_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_PIECE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z]+|[0-9]+")
_NOT_TOLD = re.compile(r"[^\w]+|_+")
_NUMERAL = re.compile(r"[〇零一二三四五六七八九十百]+(?=号|段|巷|条|栋|楼|层|单元|支路|院)")
_DIGIT = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0}


class Name(Struct, frozen=True, kw_only=True):
    """A place with its names (WGS-84 degrees). `town_by_cell`: the town is that of a schematic cell, not told."""

    title: str
    kind: str
    lon: float
    lat: float
    english: str = ""
    aliases: tuple[str, ...] = ()
    town: str = ""
    town_by_cell: bool = False
    source: str = ""
    schematic: bool = False


class PlaceKind(Struct, frozen=True, forbid_unknown_fields=True):
    """What a kind is called, and how important it is: 0 comes first."""

    name: str
    name_en: str
    rank: int
    words: tuple[str, ...] = ()


class PlaceKinds(Struct, frozen=True, forbid_unknown_fields=True):
    """The kinds of a `gazetteer.toml` and the characters that have one reading here."""

    edition: str
    settled: str
    kinds: dict[str, PlaceKind]

    def key(self, told: str) -> str:
        """The kind that a file means; a word that no kind knows is a kind of its own."""
        word = plain(told)
        for key, kind in self.kinds.items():
            if word in (key, plain(kind.name), plain(kind.name_en)) or word in kind.words:
                return key
        return told.strip()

    def rank(self, key: str) -> int:
        """How important a kind is."""
        kind = self.kinds.get(key)
        return UNKNOWN_RANK if kind is None else kind.rank

    def word(self, key: str, chinese: bool) -> str:
        """What a kind is called."""
        kind = self.kinds.get(key)
        return key if kind is None else kind.name if chinese else kind.name_en


def decode_place_kinds(text: bytes) -> PlaceKinds:
    """The kinds of a `gazetteer.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=PlaceKinds)


def plain(text: str) -> str:
    """The text as it is compared: narrow letters without case, and nothing between them."""
    return _NOT_TOLD.sub("", unicodedata.normalize("NFKC", text).casefold())


def numbered(text: str) -> str:
    """The same with 三段十五号 as 3段15号."""
    return _NUMERAL.sub(lambda found: _figure(found[0]), text)


def _figure(words: str) -> str:
    if "十" not in words and "百" not in words:
        return "".join(str(_DIGIT[c]) for c in words)
    total = held = 0
    for sign in words:
        if sign in "十百":
            total += max(held, 1) * (10 if sign == "十" else 100)
            held = 0
        else:
            held = _DIGIT[sign]
    return str(total + held)


def texts_of(name: Name) -> Iterator[str]:
    """Every text under which a name is found as it is written, the title first."""
    seen = set()
    for text in (name.title, *name.aliases, name.english):
        for form in (plain(text), plain(numbered(unicodedata.normalize("NFKC", text)))):
            if form and form not in seen:
                seen.add(form)
                yield form


def readings(text: str, settled: str = "") -> Iterator[tuple[str, ...]]:
    """The syllables of a Chinese text, as it is mostly read first; letters and numbers stay as they are.

    Words that the dictionary of pypinyin knows have their reading (重庆 is chong qing); of other characters with
    several, one at a time is read otherwise, but for those that are `settled`.
    """
    ways: list[tuple[str, ...]] = []
    for piece in _PIECE.findall(text):
        if _CHINESE.fullmatch(piece):
            ways.extend(way[:1] if sign in settled else way for sign, way in zip(piece, _read(piece), strict=False))
        else:
            ways.append((piece,))
    usual = tuple(way[0] for way in ways)
    if not usual:
        return
    yield usual
    given = 1
    for place, way in enumerate(ways):
        for other in way[1:]:
            if given == MOST_READINGS:
                return
            given += 1
            yield (*usual[:place], other, *usual[place + 1 :])


@lru_cache(maxsize=20_000)
def _read(piece: str) -> tuple[tuple[str, ...], ...]:
    """The readings of each character of a run; one without any (a rare sign) stays itself."""
    each: Any = list  # signs without a reading stay one each; the stubs know only texts here
    found = pinyin(piece, style=Style.NORMAL, heteronym=True, errors=each)
    return tuple(tuple(word for word in way if word.isascii() and word.isalpha()) or ("",) for way in found)
