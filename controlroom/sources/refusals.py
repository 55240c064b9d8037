"""What a source process turned away itself, gathered for the hub: a flood of rubbish must not become a flood."""

from dataclasses import dataclass

from controlroom.errors import StoreFault
from controlroom.sources.feed import Feed
from controlroom.wire.messages import RefusedRecord

EVERY_S = 1.0
"""The hub hears of refusals so often at the most."""

REASONS = 20
"""Reasons that are told apart between two tellings; what has another is counted with the last."""

BODY_BYTES = 2000


@dataclass(slots=True)
class _Reason:
    size: int
    body: bytes
    count: int = 0


class Refusals:
    """Counts what was turned away, by reason, with the first message of each. One thread owns an instance."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._reasons: dict[str, _Reason] = {}
        self._told_s = float("-inf")

    def add(self, reason: str, body: bytes) -> None:
        """One message was turned away."""
        reason = reason[:400] or "?"
        if reason not in self._reasons and len(self._reasons) >= REASONS:
            reason = next(reversed(self._reasons))
        self._reasons.setdefault(reason, _Reason(len(body), body[:BODY_BYTES])).count += 1

    def tell(self, now_s: float, *, at_once: bool = False) -> None:
        """Hand in what was gathered, at most once a second; while the spool is full it goes on being counted."""
        if not self._reasons or not (at_once or now_s - self._told_s >= EVERY_S):
            return
        self._told_s = now_s
        told = [
            RefusedRecord(count=each.count, reason=reason, size=each.size, body=each.body)
            for reason, each in self._reasons.items()
        ]
        try:
            self._feed.hand_in(*told)
        except StoreFault:
            return
        self._reasons.clear()
