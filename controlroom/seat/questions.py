"""What a seat asks its hub: sent again until the answer comes or the time is over, answered once."""

import itertools
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from controlroom.clock import Clock
from controlroom.errors import LinkLost
from controlroom.i18n import _
from controlroom.seat.asked import Asked, fail, settle, unanswered
from controlroom.wire import codec
from controlroom.wire.messages import LIVE, Answer, Part, Question, Reply, Request
from controlroom.wire.past import Withdrawn

RESEND_S = 1.0
ANSWER_S = 8.0
OWN_ANSWER_S = 3.0
"""How long the link waits for the next part of what it asked itself, before it asks anew."""

_INF = float("inf")


class Questions:
    """The requests on their way. `ask` may be called from any thread, the rest from the wire thread alone.

    `send` puts a frame on the requests socket; `realm` is what requests are for, empty while no hub has welcomed us.
    """

    def __init__(self, clock: Clock, send: Callable[[bytes], None]) -> None:
        self._clock = clock
        self._send = send
        self._wanted: deque[tuple[Question, Future[Answer], float]] = deque()
        self._asked: dict[int, Asked] = {}
        self._numbers = itertools.count(1)
        self._ended = threading.Event()
        self.realm = ""

    def ask(self, question: Question) -> "Future[Answer]":
        """Queue an officer's question; fails with CommandRefused or, after 8 s, LinkLost.

        Cancelling the future tells the hub that the answer is not wanted any more.
        """
        future: Future[Answer] = Future()
        self._wanted.append((question, future, self._clock.monotonic() + ANSWER_S))
        if self._ended.is_set():
            self._fail_wanted()
        return future

    def ask_own(self, question: Question, answered: Callable[[Answer], None], silent: Callable[[], None]) -> None:
        """Ask for the link itself, now; `silent` is called when no answer comes."""
        now = self._clock.monotonic()
        self._put(question, Asked(b"", answered, lambda _error: silent(), _INF, now + OWN_ANSWER_S, True))

    def look(self) -> None:
        """Send what is wanted, send again what is not answered, and tell those whose time is over."""
        now = self._clock.monotonic()
        while self._wanted and (self.realm or now >= self._wanted[0][2]):
            question, future, until = self._wanted.popleft()
            settled, failed = partial(settle, future), partial(fail, future)
            if future.cancelled():
                continue
            if now >= until:
                failed(unanswered())
            else:
                self._put(question, Asked(b"", settled, failed, now + RESEND_S, until, False, future.cancelled))
        for number, asked in list(self._asked.items()):
            if asked.unwanted():
                del self._asked[number]
                self._withdraw(number)
            elif now >= asked.until:
                del self._asked[number]
                asked.failed(unanswered())
            elif now >= asked.resend_at:
                asked.resend_at = now + RESEND_S
                self._send(asked.frame)

    def replied(self, reply: Reply) -> Exception | None:
        """Give an answer to whoever asked; what the link asked for itself and cannot read is given back.

        Raises one of MALFORMED for an officer's answer that cannot be read.
        """
        asked = self._asked.get(reply.id)
        if asked is None:
            return None
        if isinstance(reply.body, Part) and not reply.body.last:
            asked.until = self._clock.monotonic() + OWN_ANSWER_S
        else:
            del self._asked[reply.id]
        try:
            asked.answered(reply.body)
        except codec.MALFORMED as error:
            if not asked.own:
                raise
            self._asked.pop(reply.id, None)
            return error
        return None

    def forget_own(self) -> None:
        """What the link itself asked dies with its sockets; what officers asked is sent again."""
        self._asked = {number: asked for number, asked in self._asked.items() if not asked.own}

    def end(self) -> None:
        """Everything that was not answered fails with LinkLost, and so does what is asked from now on."""
        self._ended.set()
        for asked in self._asked.values():
            if not asked.own:
                asked.failed(_closed())
        self._fail_wanted()

    def _put(self, question: Question, asked: Asked) -> None:
        number = next(self._numbers)
        asked.frame = codec.encode(Request(id=number, body=question, realm=self.realm or LIVE))
        self._asked[number] = asked
        self._send(asked.frame)

    def _withdraw(self, number: int) -> None:
        """Tell the hub that nobody waits for an answer, so that it need not work for it."""
        body = Withdrawn(request=number)
        self._send(codec.encode(Request(id=next(self._numbers), body=body, realm=self.realm or LIVE)))

    def _fail_wanted(self) -> None:
        while True:
            try:
                _question, future, _until = self._wanted.popleft()
            except IndexError:
                return
            fail(future, _closed())


def _closed() -> LinkLost:
    return LinkLost(_("The seat was closed before the hub answered."))
