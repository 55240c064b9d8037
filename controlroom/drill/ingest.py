"""The player's stream into a drill hub: handovers in order, each kept until the hub has committed it."""

import uuid
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import zmq

from controlroom.clock import Clock
from controlroom.errors import EnvironmentFault, LinkLost
from controlroom.i18n import _
from controlroom.wire import codec, sockets
from controlroom.wire.messages import Acknowledgement, Crs, Handover, Record

WINDOW = 200
"""Handovers under way at the most."""

RESEND_S = 5.0
LOST_S = 20.0

Answered = Callable[[Acknowledgement], None]


class Ingest:
    """One socket into one hub's ingest. One thread owns an instance.

    Sources take turns on the one socket, each with a session of its own, so that the order across sources is that of
    the recording. What is not acknowledged in time is sent again on a new connection, in order.
    """

    def __init__(self, address: str, realm: str, clock: Clock) -> None:
        self._address = address
        self._realm = realm
        self._clock = clock
        self._session = f"player-{uuid.uuid4().hex[:12]}"
        self._numbers: dict[str, int] = {}
        self._waiting: deque[tuple[str, int, bytes, Answered | None]] = deque()
        self._context = sockets.Context()
        self._heard_at = self._sent_at = clock.monotonic()
        self.refused = 0
        self.refusal = ""
        self._socket = self._connected()

    @property
    def waiting(self) -> int:
        """Handovers that the hub has not committed yet."""
        return len(self._waiting)

    def hand_in(
        self, source: str, records: Sequence[Record], crs: Crs = "WGS-84", answered: Answered | None = None
    ) -> None:
        """Send records as one handover; waits while too many are under way. Raises LinkLost, EnvironmentFault."""
        while len(self._waiting) >= WINDOW:
            self.settle(0.1)
        number = self._numbers.get(source, 0) + 1
        self._numbers[source] = number
        frame = codec.encode(
            Handover(
                source=source,
                records=[msgspec.Raw(codec.encode(record)) for record in records],
                realm=self._realm,
                session=self._session,
                seq=number,
                crs=crs,
            )
        )
        self._waiting.append((source, number, frame, answered))
        self._socket.send(frame)
        self._sent_at = self._clock.monotonic()

    def settle(self, within_s: float) -> None:
        """Wait for acknowledgements for so long at the most; send again what takes too long.

        Raises LinkLost when the hub has not answered for long, EnvironmentFault when it refuses a whole handover.
        """
        if self._waiting and self._socket.poll(round(within_s * 1000)):
            self._drain()
        now = self._clock.monotonic()
        if not self._waiting:
            self._heard_at = now
        elif now - self._heard_at > LOST_S:
            raise LinkLost(_("The drill's hub does not answer any more; the drill ends here."))
        elif now - max(self._heard_at, self._sent_at) > RESEND_S:
            self._socket.close(linger=0)
            self._socket = self._connected()
            for _source, _number, frame, _answered in self._waiting:
                self._socket.send(frame)
            self._sent_at = now

    def close(self) -> None:
        """Let go of the socket."""
        self._context.destroy(linger=0)

    def _connected(self) -> sockets.Socket:
        made = sockets.client(self._context, zmq.DEALER, None, None)
        made.connect(self._address)
        return made

    def _drain(self) -> None:
        while self._socket.poll(0):
            acknowledgement = codec.acknowledgement(self._socket.recv())
            self._heard_at = self._clock.monotonic()
            if not self._waiting or acknowledgement.seq != self._waiting[0][1]:
                continue  # an answer to something that was sent twice
            answered = self._waiting.popleft()[3]
            for refused in acknowledgement.refused:
                if refused.index < 0:
                    raise EnvironmentFault(_("The hub refused the recording: {reason}").format(reason=refused.text))
                self.refused += 1
                self.refusal = refused.text
            if answered is not None:
                answered(acknowledgement)
