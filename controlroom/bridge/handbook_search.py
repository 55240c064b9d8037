"""Finds sections of the handbook by words of Chinese or English, by pinyin and by initials."""

import re
import time
from collections import deque

from msgspec import Struct

from controlroom.bridge.spoken import normal, spoken
from controlroom.handbook.pages import Handbook, Page, Section

_AROUND = 28
"""Signs of a snippet on each side of what was found."""


_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LEAST_HEARD = 3
"""Letters below which a text is not searched by sound: two initials occur in nearly every text."""


class Found(Struct, frozen=True):
    """A section: its topic and title, the title of its page, and some of its text around what was looked for."""

    topic: str
    title: str
    page: str
    snippet: str


class _Entry:
    __slots__ = ("body", "heard", "page", "section", "sound", "title")

    def __init__(self, page: Page, section: Section) -> None:
        self.page = page.title
        self.section = section
        self.title = normal(section.title)
        self.body = normal(section.text)
        self.sound = spoken(section.title)
        self.heard = ""


class HandbookSearch:
    """All sections of a handbook. Titles are found by pinyin at once, texts as soon as `work` came to them."""

    def __init__(self, book: Handbook, *more: Page) -> None:
        self._entries = [_Entry(page, section) for page in (*book.pages, *more) for section in page.sections]
        self._pending = deque(self._entries)

    def work(self, budget_s: float) -> bool:
        """Compute pinyin of texts for at most `budget_s` seconds; whether more is left."""
        until = time.perf_counter() + budget_s
        while self._pending and time.perf_counter() < until:
            entry = self._pending.popleft()
            # Each run by itself: what begins in one sentence and ends in the next is no word.
            entry.heard = "".join(spoken(run) for run in _CHINESE.findall(entry.section.text))
        return bool(self._pending)

    def find(self, text: str, limit: int = 40) -> list[Found]:
        """The best sections of a text whose words must all occur; none for an empty one."""
        tokens = normal(text).split()
        if not tokens:
            return []
        ranked = []
        for place, entry in enumerate(self._entries):
            ranks = [_rank(entry, token) for token in tokens]
            if None not in ranks:
                ranked.append((sum(rank or 0 for rank in ranks), place, entry))
        ranked.sort(key=lambda held: held[:2])
        return [
            Found(entry.section.topic, entry.section.title, entry.page, _snippet(entry.section.text, tokens))
            for _sum, _place, entry in ranked[:limit]
        ]


def _rank(entry: _Entry, token: str) -> int | None:
    """How well it fits, 0 best: the start of the title, in it, its sound, then the text and the sound of that."""
    if token in entry.title:
        return 0 if entry.title.startswith(token) else 1
    if token in entry.sound:
        return 2
    if token in entry.body:
        return 3
    return 4 if len(token) >= _LEAST_HEARD and token in entry.heard else None


def _snippet(text: str, tokens: list[str]) -> str:
    plain = text.casefold()
    at = next((place for place in (plain.find(token) for token in tokens) if place >= 0), 0)
    begin, end = max(0, at - _AROUND), at + _AROUND * 2
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")
