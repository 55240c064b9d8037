"""Finds anything of the room by Chinese, by pinyin, by pinyin initials and by English."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from heapq import nsmallest

from msgspec import Struct

from controlroom.bridge.spoken import normal, spoken
from widgets.palette import Item

_POOL = 3000


class Provider(Struct, frozen=True):
    """One kind of thing: its visible name, all its items now, and what to do with one that was picked."""

    kind: str
    words: str
    items: Callable[[], Iterable[Item]]
    choose: Callable[[Item], None]
    search: Callable[[str], Iterable["Ranked"]] | None = None
    """What finds by itself, because there is far too much of it for a list; `items` is not asked then."""


class Ranked(Struct, frozen=True):
    """An item that a provider found itself: 0 where it starts with the text, 1 a part of it, 2 less, 3 at last."""

    closeness: int
    item: Item


class _Entry:
    __slots__ = ("blob", "item", "order")

    def __init__(self, item: Item, order: int) -> None:
        self.item = item
        self.order = order
        self.blob = _plain(item)


class Index:
    """Items of all providers, searched as plain text at once and by pinyin as soon as `work` came to them.

    Providers that were given first are listed first among equals. GUI thread only. A search over 40,000 items
    stays below 50 ms; pinyin costs about 80 µs for each new text and is computed once.
    """

    def __init__(self) -> None:
        self._providers: dict[str, Provider] = {}
        self._entries: dict[str, dict[Item, _Entry]] = {}
        self._stale: set[str] = set()
        self._pending: deque[_Entry] = deque()

    def add(self, provider: Provider) -> None:
        """Take a provider; its items are read when they are first needed, or it finds them itself."""
        self._providers[provider.kind] = provider
        self._stale.add(provider.kind)

    def invalidate(self, *kinds: str) -> None:
        """The items of these kinds (of all when none is named) have changed; the next search reads them again."""
        self._stale.update(kinds or self._providers)

    def words(self, kind: str) -> str:
        """The visible name of a kind."""
        provider = self._providers.get(kind)
        return provider.words if provider is not None else kind

    def choose(self, item: Item) -> None:
        """Do what the item's provider does with it; an item whose provider has gone does nothing."""
        provider = self._providers.get(item.kind)
        if provider is not None:
            provider.choose(item)

    def work(self, budget_s: float) -> bool:
        """Compute pinyin for at most `budget_s` seconds; whether more is left."""
        self._refresh()
        until = time.perf_counter() + budget_s
        while self._pending and time.perf_counter() < until:
            for _turn in range(min(16, len(self._pending))):
                entry = self._pending.popleft()
                entry.blob = _plain(entry.item) + spoken(entry.item.title) + spoken(entry.item.detail)
        return bool(self._pending)

    def search(self, text: str, limit: int = 60) -> list[Item]:
        """The best items for a text whose words must all occur; the first items of every kind for an empty one."""
        self._refresh()
        tokens = normal(text).split()
        ranked = [found for p in self._providers.values() if p.search and tokens for found in p.search(text)]
        entries = [entry for kind in self._providers for entry in self._entries[kind].values()]
        if not tokens:
            return [entry.item for entry in entries[:limit]]
        for token in sorted(tokens, key=len, reverse=True):
            entries = [entry for entry in entries if token in entry.blob]
        start = "\n" + tokens[0]
        leading = [entry for entry in entries if start in entry.blob]
        if len(leading) >= limit:
            entries = leading
        best = nsmallest(limit, entries[:_POOL], key=lambda entry: _rank(entry, start))
        if not ranked:
            return [entry.item for entry in best]
        first = [(_rank(entry, start)[0], entry.item) for entry in best]
        # Stable: at one closeness what lies in the room comes before what was found elsewhere.
        both = sorted([*first, *((found.closeness, found.item) for found in ranked)], key=lambda pair: pair[0])
        return [item for _closeness, item in both[:limit]]

    def _refresh(self) -> None:
        order = {kind: number for number, kind in enumerate(self._providers)}
        for kind in sorted(self._stale, key=lambda k: order[k]):
            held = self._entries.get(kind, {})
            entries: dict[Item, _Entry] = {}
            provider = self._providers[kind]
            for item in provider.items() if provider.search is None else ():
                entry = held.get(item)
                if entry is None:
                    entry = _Entry(item, order[kind])
                    self._pending.append(entry)
                entries[item] = entry
            self._entries[kind] = entries
        self._stale.clear()


def _rank(entry: _Entry, start: str) -> tuple[int, int, int]:
    if entry.blob.startswith(start):
        closeness = 0
    elif start in entry.blob:
        closeness = 1
    else:
        closeness = 2
    return closeness, entry.order, len(entry.item.title)


def _plain(item: Item) -> str:
    """Every searched field after a line feed, so that the start of a field can be told from its middle."""
    return normal(f"\n{item.title}\n{item.id}\n{item.keywords}\n{item.detail}\n")
