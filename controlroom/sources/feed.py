"""One source's stream into a hub: handovers exactly once and in order, telemetry newest first."""

import logging
import threading
from collections.abc import Sequence

import msgspec

from controlroom.clock import Clock
from controlroom.domain.asset import Asset
from controlroom.domain.camera import Camera
from controlroom.domain.sensor import Sensor
from controlroom.domain.vehicle import Vehicle
from controlroom.errors import StoreFault
from controlroom.sources import outbox
from controlroom.sources.connection import Connection
from controlroom.sources.declarations import Declarations
from controlroom.sources.outbox import Outbox, Values
from controlroom.sources.spool import Spool
from controlroom.sources.terms import FeedState, FeedStatus, Terms
from controlroom.sources.window import Outcome, Verdict, Window
from controlroom.wire import codec
from controlroom.wire.messages import Acknowledgement, Handover, Position, Record, Refusal, Refused
from controlroom.wire.sockets import Waker

_log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8 * 1024 * 1024
"""A larger handover is refused here; hubs end a connection that brings a frame of 64 MiB."""

MAX_RECORDS = 10_000
_TELEMETRY_UNANSWERED = 64
_TELL_AGAIN_S = 5.0

_bodies = msgspec.msgpack.Decoder(list[msgspec.Raw])
_records = msgspec.msgpack.Decoder(list[Record])


class Feed:
    """Hands in one source's records. The methods of the first part may be called from any thread.

    The second part is the client's: it runs on the thread that owns the sockets.
    """

    def __init__(self, terms: Terms, spool: Spool, waker: Waker, clock: Clock) -> None:
        self.terms = terms
        self._spool = spool
        self._waker = waker
        self._clock = clock
        self._window = Window(spool, size=terms.window, ack_timeout_s=terms.ack_timeout_s)
        self._outbox = Outbox()
        self._declared = Declarations()
        self._telling = threading.Lock()
        self._progress = threading.Condition()
        self._handed_in = 0
        self._held = False
        self._alive = True
        self._refused = 0
        self._refusal = ""
        self._state = FeedState.CONNECTING
        self._fault = ""
        self.connection: Connection | None = None
        self._epoch: str | None = None
        self._unanswered = 0
        self._heard_at = float("-inf")
        self._spoke_at = float("-inf")
        self._told_again_at = float("-inf")

    # ------------------------------------------------------------ from any thread

    def hand_in(self, *records: Record) -> int:
        """Accept records as one handover, in order, and return its number; from then on they are not lost.

        Raises ValueError for what no hub would take, SpoolFull when too much waits already, StoreFault when the
        spool cannot be written. Nothing was accepted then.
        """
        if len(records) > MAX_RECORDS:
            raise ValueError(f"{len(records)} records in one handover, at most {MAX_RECORDS} are taken")
        body = codec.encode(records)
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"a handover of {len(body)} bytes, at most {MAX_BODY_BYTES} are taken")
        try:
            _records.decode(body)
        except codec.MALFORMED as error:
            raise ValueError(f"a record that no hub takes: {error}") from error
        seq = self._spool.put(body)
        self._handed_in += 1
        self._waker.ring()
        return seq

    def declare_sensors(self, sensors: Sequence[Sensor]) -> None:
        """Declare sensors; their rows for `send_values` are counted on in this order.

        What does not fit into the spool now is told later (this and the next two raise StoreFault to say so).
        """
        with self._telling:
            self._declared.sensors(list(sensors))
            self._tell()

    def declare_cameras(self, cameras: Sequence[Camera]) -> None:
        """Declare cameras."""
        with self._telling:
            self._declared.cameras(list(cameras))
            self._tell()

    def declare_vehicles(self, vehicles: Sequence[Vehicle]) -> None:
        """Declare vehicles."""
        with self._telling:
            self._declared.vehicles(list(vehicles))
            self._tell()

    def declare_assets(self, assets: Sequence[Asset]) -> None:
        """Declare teams, hazard sources and spaces; what changes later is handed in as records."""
        with self._telling:
            self._declared.assets(list(assets))
            self._tell()

    def send_values(self, values: Values) -> None:
        """Send readings; those that the hub cannot take now are dropped and counted."""
        self._outbox.put(values)
        self._waker.ring()

    def send_positions(self, positions: list[Position]) -> None:
        """Send positions; those that the hub cannot take now are dropped and counted."""
        self._outbox.put(positions)
        self._waker.ring()

    def hold(self, held: bool) -> None:
        """Fall silent (a drill's fault) or speak again; what is handed in meanwhile is kept."""
        self._held = held
        self._waker.ring()

    def stay_quiet(self, quiet: bool) -> None:
        """Whether to send no keep-alives, so that the hub sees this source as silent as its own backend is."""
        self._alive = not quiet

    def ready(self) -> bool:
        """Whether the hub has answered every declaration."""
        return self._declared.complete

    def drained(self, timeout_s: float) -> bool:
        """Wait until the hub has committed everything; False when it takes longer."""
        with self._progress:
            return self._progress.wait_for(lambda: self._spool.confirmed == self._spool.last, timeout_s)

    def status(self) -> FeedStatus:
        """How the stream stands."""
        return FeedStatus(
            source=self.terms.source,
            state=self._state,
            pending=self._spool.last - self._spool.confirmed,
            limit=self._spool.limit,
            handed_in=self._handed_in,
            resent=self._window.resent,
            refused=self._refused,
            refusal=self._refusal,
            telemetry_sent=self._outbox.sent,
            telemetry_dropped=self._outbox.dropped,
            fault=self._fault,
        )

    def _tell(self) -> None:
        while (following := self._declared.untold()) is not None:
            number, record = following
            self._declared.told(number, self.hand_in(record))

    # ------------------------------------------------------------ on the client's thread

    @property
    def held(self) -> bool:
        """Whether the feed is silent on purpose."""
        return self._held

    def connected(self, connection: Connection, epoch: str) -> None:
        """A new connection is open. Another epoch (or an unknown one) is told the declarations again."""
        self.connection = connection
        self._window.rewind()
        self._unanswered = 0
        self._heard_at = self._spoke_at = self._clock.monotonic()
        if self._epoch is not None and (not epoch or epoch != self._epoch):
            self._tell_again()
        self._epoch = epoch

    def disconnected(self, state: FeedState, *, silence: bool = False) -> None:
        """The connection is gone."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None
        self._window.rewind(patient=silence)
        self._outbox.clear()
        self._become(state)

    def idle(self) -> None:
        """There is no connection: telemetry is dropped, so that nobody gets an old picture later."""
        self._outbox.clear()

    def step(self, now: float) -> bool:
        """Send what is due; False when the hub is silent for too long and the connection must be made again."""
        try:
            self._fault = ""
            with self._telling:
                self._tell()
            self._send_handovers(now)
        except StoreFault as fault:
            self._fault = fault.sentence
        self._send_telemetry(now)
        if self._alive and self._spoke_at + self.terms.keepalive_s <= now:
            self._send_unnumbered([], now)
        silent = self._unanswered > 0 and now - self._heard_at >= self.terms.ack_timeout_s
        return not (self._window.expired(now) or (silent and not self._window.in_flight))

    def receive(self, now: float) -> bool:
        """Take every answer that has arrived; False when the connection must be made again."""
        if self.connection is None:
            return True
        trusted = True
        for frame in self.connection.receive():
            try:
                ack = codec.acknowledgement(frame)
            except codec.MALFORMED:
                continue
            self._heard_at = now
            try:
                trusted = self._take(ack, now) and trusted
            except StoreFault as fault:
                self._fault = fault.sentence
        with self._progress:
            self._progress.notify_all()
        return trusted

    def _send_handovers(self, now: float) -> None:
        connection = self.connection
        if connection is None:
            return
        for seq, body in self._window.due(now):
            if not connection.send(self._frame(self._parts(body), seq)):
                self._window.unsent(seq)
                return
            self._spoke_at = now

    def _send_telemetry(self, now: float) -> None:
        while (batch := self._outbox.take()) is not None:
            rows = len(batch.row) if isinstance(batch, Values) else len(batch)
            record, known = self._encoded(batch)
            if known and self._unanswered < _TELEMETRY_UNANSWERED and self._send_unnumbered([record], now):
                self._outbox.sent += known
                self._outbox.dropped += rows - known
            else:
                self._outbox.dropped += rows

    def _encoded(self, batch: outbox.Batch) -> tuple[msgspec.Raw, int]:
        if isinstance(batch, list):
            known = len(batch) if self._declared.complete else 0
            return outbox.raw(outbox.positions(batch, self.terms.json)), known
        index = self._declared.index
        record, rows = (
            outbox.readings(batch, self._declared.ids, index) if self.terms.json else outbox.columns(batch, index)
        )
        return outbox.raw(record), rows

    def _send_unnumbered(self, records: list[msgspec.Raw], now: float) -> bool:
        if self.connection is None or not self.connection.send(self._frame(records, 0)):
            return False
        self._unanswered += 1
        self._spoke_at = now
        if self._unanswered == 1:
            self._heard_at = now
        return True

    def _frame(self, records: list[msgspec.Raw], seq: int) -> bytes:
        handover = Handover(
            source=self.terms.source,
            records=records,
            realm=self.terms.realm,
            session=self._spool.session if seq else "",
            seq=seq,
            crs=self.terms.crs,
            sent_at=self._clock.now(),
        )
        return codec.encode_json(handover) if self.terms.json else codec.encode(handover)

    def _parts(self, body: bytes) -> list[msgspec.Raw]:
        if not self.terms.json:
            return _bodies.decode(body)
        return [msgspec.Raw(codec.encode_json(record)) for record in _records.decode(body)]

    def _take(self, ack: Acknowledgement, now: float) -> bool:
        if ack.seq == 0:
            self._unanswered = max(0, self._unanswered - 1)
            self._count(ack.refused)
            if any(r.code is Refusal.UNKNOWN_OBJECT for r in ack.refused) and now - self._told_again_at > _TELL_AGAIN_S:
                self._told_again_at = now
                self._tell_again()
            self._become(_state_of(ack.refused))
            return True
        outcome = self._window.take(ack, now)
        self._note(outcome)
        with self._telling:
            self._declared.answered(ack, self._spool.confirmed)
        if self._window.contradicted:
            self._renew()
        return outcome.verdict is not Verdict.CONTRADICTED

    def _renew(self) -> None:
        with self._telling:
            before = self._spool.confirmed
            self._spool.renew()
            self._window.renewed()
            self._declared.renumbered(before)
            self._declared.tell_again()
        _log.info("%s begins a new session: the hub has another memory of the old one", self.terms.source)

    def _note(self, outcome: Outcome) -> None:
        if outcome.verdict in (Verdict.PROGRESS, Verdict.REWOUND, Verdict.TURNED_AWAY, Verdict.WAIT):
            self._count(tuple(r for r in outcome.refused if r.code is not Refusal.OUT_OF_ORDER))
        if outcome.verdict is Verdict.TURNED_AWAY:
            self._become(FeedState.REFUSED)
        elif outcome.verdict is Verdict.WAIT:
            self._become(FeedState.LATE)
        elif outcome.verdict is Verdict.PROGRESS:
            self._become(FeedState.LIVE)

    def _count(self, refused: tuple[Refused, ...]) -> None:
        if refused:
            self._refused += len(refused)
            self._refusal = f"{refused[0].code}: {refused[0].text}"

    def _tell_again(self) -> None:
        with self._telling:
            self._declared.tell_again()

    def _become(self, state: FeedState) -> None:
        if state is not self._state:
            _log.info("%s is %s%s", self.terms.source, state, f" ({self._refusal})" if self._refusal else "")
            self._state = state


def _state_of(refused: tuple[Refused, ...]) -> FeedState:
    whole = any(r.index < 0 and r.code is not Refusal.STORE_UNAVAILABLE for r in refused)
    return FeedState.REFUSED if whole else FeedState.LIVE
