"""How names are spoken: full pinyin and initials, beside the plain text, for searches while somebody types."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z0-9]+")


def normal(text: str) -> str:
    """The text as it is compared: full-width letters made narrow, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def spoken(title: str) -> str:
    """Full pinyin and initials of a title, a line each; Latin words and numbers stay as they are in both."""
    text = normal(title)
    full: list[str] = []
    initials: list[str] = []
    place = 0
    for run in _CHINESE.finditer(text):
        _latin(text[place : run.start()], full, initials)
        syllables = _pinyin(run.group())
        full.extend(syllables)
        initials.extend(syllable[0] for syllable in syllables)
        place = run.end()
    _latin(text[place:], full, initials)
    return f"{''.join(full)}\n{''.join(initials)}\n"


def _latin(text: str, full: list[str], initials: list[str]) -> None:
    for word in _WORD.findall(text):
        full.append(word)
        initials.append(word if word.isdigit() else word[0])


@lru_cache(maxsize=50_000)
def _pinyin(run: str) -> tuple[str, ...]:
    """The syllables of a run of characters; the same names of places occur in very many titles."""
    return tuple(syllable for syllable in lazy_pinyin(run, style=Style.NORMAL) if syllable)
