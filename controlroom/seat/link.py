"""The seat's wire thread: owns every socket of the seat, always drains, and never claims to be live when it is not.

Subscribe, buffer, take a snapshot, apply in order; a gap is replayed; two seconds of silence recreate the sockets,
since a dead connection may look alive to TCP for minutes. What it hands out waits in a queue that one other thread
empties with `take`.
"""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import zmq

from controlroom.clock import Clock
from controlroom.i18n import _
from controlroom.seat import judgement, telemetry
from controlroom.seat.catching_up import CatchingUp
from controlroom.seat.delivery import Change, Delivery, Reset
from controlroom.seat.endpoint import host_of
from controlroom.seat.questions import Questions
from controlroom.seat.sequencer import Sequencer
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.seat.telemetry import TelemetryInbox
from controlroom.wire import codec, frames, sockets
from controlroom.wire.frames import Kind
from controlroom.wire.keys import KeyPair
from controlroom.wire.messages import VERSION, Answer, Denied, Hello, Question, Welcome

_log = logging.getLogger(__name__)

MALFORMED_TOLD = 1000
"""Of so many malformed frames one is logged."""

BEHIND_MOST = 8
"""So many heartbeats in a row with less than was heard already: the hub has lost what it told, and is believed."""

_EVENT = int(Kind.EVENT)


class Link:
    """One link to one hub. `take` belongs to one thread; `ask` and `status` may be used from any."""

    def __init__(
        self,
        endpoint: str,
        clock: Clock,
        keys: KeyPair | None = None,
        hub_key: bytes | None = None,
        woken: Callable[[], None] | None = None,
    ) -> None:
        self._host = host_of(endpoint)
        self._endpoint = endpoint
        self._clock = clock
        self._keys = keys
        self._hub_key = hub_key
        self._woken = woken or (lambda: None)
        self._waker = sockets.Waker()
        self._closing = threading.Event()
        self._out: deque[Reset | Change] = deque()
        self._inbox = TelemetryInbox()
        self._sequencer = Sequencer()
        self._questions = Questions(clock, self._send)
        self._catching_up = CatchingUp(self._sequencer, self._out, self._questions, clock, self._refused)
        self._epoch = b""
        self._realm = ""
        self._heard_at = clock.monotonic()
        self._beats = 0
        self._behind = 0
        self._malformed = 0
        self._status = LinkStatus(state=LinkState.CONNECTING, since=clock.now())
        self._thread = threading.Thread(target=self._run, name="seat-wire")

    def start(self) -> None:
        """Start the wire thread; it connects by itself and for ever."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; what was asked and not answered fails with LinkLost."""
        self._closing.set()
        self._waker.ring()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()

    @property
    def status(self) -> LinkStatus:
        """The link as it is now."""
        return self._status

    def take(self) -> Delivery | None:
        """The next delivery, events before telemetry, or None."""
        # Asking first would race with the wire thread, which may empty the queue; suppress() costs as much as the rest.
        try:
            return self._out.popleft()
        except IndexError:
            pass
        return self._inbox.take()

    def ask(self, question: Question) -> "Future[Answer]":
        """Ask the hub; fails with CommandRefused or, after 8 s, LinkLost, whether the hub was ever there or not."""
        future = self._questions.ask(question)
        self._waker.ring()
        return future

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        context = sockets.Context()
        try:
            while not self._closing.is_set():
                try:
                    self._connected(context)
                except Exception as error:  # noqa: BLE001  # the thread's top: a link that died must not look alive
                    _log.exception("the link failed and begins anew")
                    self._fall(error)
        finally:
            self._questions.end()
            context.destroy(linger=0)

    def _fall(self, error: Exception) -> None:
        """Nothing that was heard is trusted any more: say so, and take a new snapshot after a pause."""
        self._sequencer.forget()
        trouble = _("The link failed ({error}) and begins anew; tell the makers.").format(error=error)
        self._status = replace(self._status, state=LinkState.LOST, since=self._clock.now(), trouble=trouble)
        self._woken()
        self._closing.wait(judgement.LOST_S)

    def _connected(self, context: sockets.Context) -> None:
        """One life of the sockets, until silence or the end."""
        self._requests = sockets.client(context, zmq.DEALER, self._keys, self._hub_key)
        self._events = sockets.client(context, zmq.SUB, self._keys, self._hub_key)
        self._telemetry = sockets.client(context, zmq.SUB, self._keys, self._hub_key)
        self._telemetry.setsockopt(zmq.RCVHWM, telemetry.MOST)
        self._catching_up.start_over()
        self._subscribed = self._beaten = False
        self._heard_at = self._clock.monotonic()
        try:
            self._requests.connect(self._endpoint)
            self._greet()
            self._poll_until_silence()
        finally:
            for made in (self._requests, self._events, self._telemetry):
                made.close()
            self._questions.forget_own()

    def _poll_until_silence(self) -> None:
        poller = zmq.Poller()
        for socket in (self._requests, self._events, self._telemetry):
            poller.register(socket, zmq.POLLIN)
        poller.register(self._waker.fileno(), zmq.POLLIN)
        while not self._closing.is_set():
            ready = dict(poller.poll(100))
            if self._waker.fileno() in ready:
                self._waker.hush()
            before = len(self._out), len(self._inbox)
            if self._requests in ready:
                self._drain(self._requests, self._replied)
            if self._events in ready:
                self._drain_events()
            if self._telemetry in ready:
                self._drain(self._telemetry, self._measured)
            self._questions.look()
            if self._subscribed:
                self._catching_up.mend()
            self._judge()
            if (len(self._out), len(self._inbox)) != before:
                self._woken()
            if self._clock.monotonic() - self._heard_at > judgement.LOST_S:
                return

    def _drain(self, socket: sockets.Socket, handle: Callable[[bytes], None]) -> None:
        for _turn in range(5000):
            try:
                frame = socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._tried(handle, frame)

    def _tried(self, handle: Callable[[bytes], None], frame: bytes) -> None:
        try:
            handle(frame)
        except (*codec.MALFORMED, frames.MalformedFrame) as error:
            self._malformed += 1
            if self._malformed % MALFORMED_TOLD == 1:
                _log.warning("malformed frames from the hub are passed over, %d by now: %s", self._malformed, error)

    def _drain_events(self) -> None:
        """As `_drain` with `_published`, with a short way for events that come in order: nearly all of a flood.

        Sharing the interpreter with the screen, this loop's time is what decides how fast a seat can follow.
        """
        recv, peek, decode, follows = self._events.recv, frames.peek, codec.event, self._sequencer.follows
        out, epoch, realm = self._out, self._epoch, self._realm.encode("ascii").ljust(frames.REALM_BYTES, b"\0")
        heard = False
        for _turn in range(5000):
            try:
                frame = recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            if len(frame) > frames.HEAD_BYTES and frame[0] == _EVENT:
                _kind, version, _topic, its_epoch, number, _time, its_realm = peek(frame)
                if its_epoch == epoch and its_realm == realm and version <= VERSION:
                    try:
                        event = decode(frame[frames.HEAD_BYTES :])
                    except codec.MALFORMED:
                        self._tried(self._published, frame)
                        continue
                    heard = True
                    if follows(number):
                        out.append(Change(number, event))
                    else:
                        self._catching_up.deliver(self._sequencer.event(number, event))
                    continue
            self._tried(self._published, frame)
        if heard:
            self._heard_at = self._clock.monotonic()
            self._catching_up.bound()

    # ------------------------------------------------------------ what arrives

    def _published(self, frame: bytes) -> None:
        head, body = frames.unpack(frame)
        if head.epoch != self._epoch or head.realm != self._realm:
            return
        self._heard_at = self._clock.monotonic()
        if head.kind is Kind.HEARTBEAT:
            self._beaten = True
            self._beats += 1
            beat = codec.heartbeat(body)
            self._sequencer.heard_of(head.sequence)
            self._behind = self._behind + 1 if head.sequence < (self._sequencer.expected or 0) - 1 else 0
            if self._behind >= BEHIND_MOST:
                _log.warning("the hub is at %d, this seat has heard of more; it begins anew", head.sequence)
                self._behind = 0
                self._sequencer.forget()
            self._status = replace(self._status, store=beat.store, refused=beat.refused, insecure=beat.insecure)
        elif head.kind is Kind.EVENT:
            self._catching_up.deliver(self._sequencer.event(head.sequence, codec.event(body)))

    def _measured(self, frame: bytes) -> None:
        head, body = frames.unpack(frame)
        if head.epoch != self._epoch or head.realm != self._realm:
            return
        lost = self._inbox.put(head, body)
        if lost:
            self._status = replace(self._status, lost_frames=self._status.lost_frames + lost)

    def _replied(self, frame: bytes) -> None:
        error = self._questions.replied(codec.reply(frame))
        if error is not None:
            _log.info("the hub's answer cannot be read: %s", error)
            trouble = _("The hub tells what this seat does not understand ({error}); update the older one.")
            self._status = replace(self._status, trouble=trouble.format(error=error))
            self._catching_up.pause()

    def _greet(self) -> None:
        self._questions.ask_own(Hello(), self._welcomed, self._greet)

    def _welcomed(self, answer: Answer) -> None:
        if isinstance(answer, Denied):
            return self._refused(answer)
        if not isinstance(answer, Welcome):
            return None
        epoch = bytes.fromhex(answer.epoch)
        expected = self._sequencer.expected
        if epoch != self._epoch or (expected is not None and answer.sequence < expected - 1):
            self._sequencer.forget()
        self._epoch, self._realm = epoch, answer.realm
        self._questions.realm = answer.realm
        self._inbox.start_over()
        self._status = replace(self._status, realm=answer.realm, insecure=answer.insecure, trouble="")
        for socket, port in ((self._events, answer.events_port), (self._telemetry, answer.telemetry_port)):
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            socket.connect(f"tcp://{self._host}:{port}")
        self._subscribed = True
        return None

    def _refused(self, denied: Denied) -> None:
        _log.info("the hub refused the link: %s %s", denied.code, denied.text)
        self._status = replace(self._status, trouble=denied.text)

    def _send(self, frame: bytes) -> None:
        with contextlib.suppress(zmq.Again):
            self._requests.send(frame, zmq.NOBLOCK)

    # ------------------------------------------------------------ what is told of the link

    def _judge(self) -> None:
        silent_s = self._clock.monotonic() - self._heard_at
        before = self._status
        self._status = judgement.judged(before, silent_s, self._beaten, self._sequencer, self._clock)
        if self._status.state is not before.state:
            _log.info("the link to the hub is %s at %d", self._status.state, self._status.sequence)
