"""Which handovers are on their way to the hub: go-back-N over a spool, without sockets or time of its own."""

import enum
from dataclasses import dataclass

from controlroom.sources.spool import Spool
from controlroom.wire.messages import Acknowledgement, Refusal, Refused

_FOR_EVER = (Refusal.MALFORMED, Refusal.TOO_LARGE)
_OF_THE_LINK = (Refusal.WRONG_REALM, Refusal.NEWER_VERSION, Refusal.NOT_ALLOWED)


class Verdict(enum.Enum):
    """What an acknowledgement meant."""

    STRAY = "stray"
    PROGRESS = "progress"
    REWOUND = "rewound"
    WAIT = "wait"
    TURNED_AWAY = "turned_away"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The meaning of an acknowledgement, and what the hub refused by it (`blanked`: the body it can never take)."""

    verdict: Verdict
    refused: tuple[Refused, ...] = ()
    blanked: bytes = b""


class Window:
    """The part of a spool that is on its way. One thread owns an instance; `now` is monotonic seconds.

    The number of handovers on their way starts at 1 and doubles with progress up to `size`; after a silence it
    falls back to 1 and the patience doubles up to 30 s, so that a hub that is slow is not buried in repetitions.
    """

    def __init__(self, spool: Spool, *, size: int = 256, ack_timeout_s: float = 2.0) -> None:
        self.resent = 0
        self._spool = spool
        self._size = size
        self._ack_timeout_s = ack_timeout_s
        self._patience_s = ack_timeout_s
        self._allowed = 1
        self._next = spool.confirmed + 1
        self._furthest = spool.confirmed
        self._moved_at = float("-inf")
        self._not_before = float("-inf")
        self._rewound: tuple[int, int] | None = None
        self._contradictions = 0
        self._contradicted_here = False

    @property
    def in_flight(self) -> int:
        """How many handovers are sent and not confirmed."""
        return self._next - 1 - self._spool.confirmed

    def due(self, now: float) -> list[tuple[int, bytes]]:
        """The handovers to send now, by number; they count as sent with this call. Raises StoreFault."""
        room = self._allowed - self.in_flight
        if room <= 0 or self._next > self._spool.last or now < self._not_before:
            return []
        bodies = self._spool.after(self._next - 1, room)
        if bodies:
            if not self.in_flight:
                self._moved_at = now
            self.resent += sum(seq <= self._furthest for seq, _ in bodies)
            self._next = bodies[-1][0] + 1
            self._furthest = max(self._furthest, self._next - 1)
        return bodies

    def unsent(self, seq: int) -> None:
        """The transport took nothing from `seq` on."""
        self._next = min(self._next, seq)

    def expired(self, now: float) -> bool:
        """Whether something is on its way and the hub has not moved for too long."""
        return self.in_flight > 0 and now - self._moved_at >= self._patience_s

    def rewind(self, *, patient: bool = False) -> None:
        """Send again from the first unconfirmed handover, one at a time at first: the connection is a new one."""
        self._begin_again()
        self._contradicted_here = False
        if patient:
            self._patience_s = min(30.0, self._patience_s * 2)

    def renewed(self) -> None:
        """The spool began a new session."""
        self._furthest = 0
        self._contradictions = 0
        self.rewind()

    def take(self, ack: Acknowledgement, now: float) -> Outcome:
        """Learn from an acknowledgement of this session. Raises StoreFault."""
        whole = next((r for r in ack.refused if r.index < 0 and r.code is not Refusal.OUT_OF_ORDER), None)
        if ack.expected and not whole:
            return self._out_of_order(ack, now)
        if not 0 < ack.seq < self._next or ack.seq <= self._spool.confirmed:
            return Outcome(Verdict.STRAY, ack.refused)
        if whole is None:
            self._contradictions = 0
            self._confirm(ack.seq, now)
            return Outcome(Verdict.PROGRESS, ack.refused)
        self._moved_at = now
        self._begin_again()
        if whole.code in _FOR_EVER:
            return Outcome(Verdict.REWOUND, ack.refused, self._spool.blank(ack.seq))
        self._not_before = now + self._ack_timeout_s
        return Outcome(Verdict.TURNED_AWAY if whole.code in _OF_THE_LINK else Verdict.WAIT, ack.refused)

    def _begin_again(self) -> None:
        self._next = self._spool.confirmed + 1
        self._allowed = 1
        self._rewound = None

    def _confirm(self, seq: int, now: float) -> None:
        self._spool.confirm(seq)
        self._next = max(self._next, seq + 1)
        self._furthest = max(self._furthest, seq)
        self._moved_at = now
        self._patience_s = self._ack_timeout_s
        self._allowed = min(self._size, self._allowed * 2)

    def _out_of_order(self, ack: Acknowledgement, now: float) -> Outcome:
        confirmed = self._spool.confirmed
        if not confirmed < ack.expected <= self._spool.last + 1:
            # The hub says that it lacks what it confirmed, or has what was never sent. The answer may be an old one,
            # so it is believed only when a fresh connection brings it again.
            self._contradictions += not self._contradicted_here
            self._contradicted_here = True
            return Outcome(Verdict.CONTRADICTED)
        generation, self._rewound = self._rewound, (ack.expected, ack.seq)
        if generation is not None and generation[0] == ack.expected and generation[1] < ack.seq:
            # The rest of the same window: every handover after the missing one is answered alike.
            return Outcome(Verdict.STRAY)
        if ack.expected - 1 > confirmed:
            self._confirm(ack.expected - 1, now)
        self._next = ack.expected
        self._moved_at = now
        return Outcome(Verdict.REWOUND)

    @property
    def contradicted(self) -> bool:
        """Whether the hub contradicted itself on two connections: it has another memory of this session."""
        return self._contradictions >= 2
