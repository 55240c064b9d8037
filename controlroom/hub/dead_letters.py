"""What was turned away at the door, kept so that somebody can look at it: the last of each source."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime

from controlroom.domain.times import from_ms, to_ms
from controlroom.store.journal import Letter
from controlroom.wire.messages import Refusal
from controlroom.wire.source_health import RefusedMessage

KEPT = 100
"""Messages kept of one source."""

MOST = 10_000
"""Messages kept in all; beyond it a source pays with its own oldest."""

BODY_BYTES = 2000
"""How much of a message is kept."""

TEXT_CHARACTERS = 400


class DeadLetters:
    """The refused messages of every source, the last `KEPT` of each. One thread owns an instance."""

    def __init__(self, letters: Iterable[Letter] = ()) -> None:
        """`letters` are those of an earlier run, in the order of their numbers."""
        self._of: dict[str, deque[Letter]] = {}
        self._count = 0
        self._last = self._written = 0
        for letter in letters:
            self._add(letter)
            self._written = self._last

    def put(self, source: str, code: Refusal, text: str, body: bytes, now: datetime, size: int = 0) -> None:
        """Keep a message, of which `body` may be only the beginning: it had `size` bytes."""
        told, head = text[:TEXT_CHARACTERS], bytes(memoryview(body)[:BODY_BYTES])
        self._add(Letter(self._last + 1, source, to_ms(now), code, told, max(size, len(body)), head))

    def kept(self, source: str) -> int:
        """How many messages of a source can be looked at."""
        return len(self._of.get(source, ()))

    def of(self, source: str) -> tuple[RefusedMessage, ...]:
        """The messages of a source, newest first."""
        return tuple(
            RefusedMessage(at=from_ms(each.at_ms), code=each.code, text=each.text, size=each.size, body=each.body)
            for each in reversed(self._of.get(source, ()))
        )

    def unwritten(self) -> tuple[list[Letter], dict[str, int]]:
        """The messages that the store does not have yet, and of each of their sources the first number that is kept."""
        fresh = [letter for letters in self._of.values() for letter in letters if letter.number > self._written]
        self._written = self._last
        return fresh, {letter.source: self._of[letter.source][0].number for letter in fresh}

    def _add(self, letter: Letter) -> None:
        held = self._of.setdefault(letter.source, deque())
        held.append(letter)
        self._last = letter.number
        self._count += 1
        if len(held) > KEPT or (self._count > MOST and len(held) > 1):
            held.popleft()
            self._count -= 1
