"""Shows a past moment of one camera, and goes on from it, on a thread of its own beside the live ones."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace as with_values
from fractions import Fraction

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from msgspec.structs import replace

from controlroom.clock import Clock
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.modesty import be_modest
from controlroom.video.past import Past, PastState
from controlroom.video.scaler import Scaler
from controlroom.video.shot import GAP_S, Film, Reel, Shot
from controlroom.video.signal import Signal, recalled, stopped
from controlroom.video.slot import Gate, Slot

_log = logging.getLogger(__name__)

_NICENESS = 10
"""Live pictures go first."""
_IDLE_S = 0.5
_POLL_S = 0.1
_AHEAD_S = 20.0
"""A moment further ahead is sought anew instead of decoding all that lies between."""
_TIMED_AHEAD_S = 3.0
"""The same where pictures come no earlier than they are due: waiting for them would take as long."""
_KEYS_FROM = 4.0
"""From this speed on key pictures alone are shown."""
_LONGEST_PLAY_S = 3.0
"""Whoever plays says where he is several times a second; one who fell silent does not play on."""
_AGAIN_S = 3.0
"""What was nowhere is looked for again after so long."""
_OVERTAKEN_S = 30.0
_TICKS = Fraction(1, 1000)


class Replay:
    """Serves its slots with the pictures of the moment that was sought. `reels` are asked one after the other."""

    def __init__(
        self,
        name: str,
        reels: Sequence[tuple[str, Reel]],
        clock: Clock,
        gate: Gate,
        *,
        signal: Signal | None = None,
        tell: Callable[[Signal], None] | None = None,
    ) -> None:
        self._reels = reels
        self._clock = clock
        self._gate = gate
        self._place = gate.decodes.turn()
        self._is_timed, self._speed = False, 1.0
        self._stop = threading.Event()
        self._wake = threading.Condition()
        self._sought: tuple[float, float, float] | None = None
        self._slots: tuple[Slot, ...] = ()
        self._signal = replace(signal or Signal(clock.monotonic()), past=Past(), lost_s=None, trouble=None)
        self._tell = tell
        self._scaler = Scaler()
        self._film: Film | None = None
        self._context: VideoCodecContext | None = None
        self._moments: dict[int, float] = {}
        self._number = self._damaged = 0
        self._shots: Iterator[Shot | None] | None = None
        self._origin = ""
        self._next: Shot | None = None
        self._position_s = self._failed_s = float("-inf")
        self._failed_at_s = float("inf")
        self._shown: tuple[float, av.VideoFrame] | None = None
        self._boxes: frozenset[tuple[int, int]] = frozenset()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def signal(self) -> Signal:
        """The facts so far; `past` says what was found."""
        return self._signal

    @property
    def is_stopped(self) -> bool:
        """Whether it is to end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin; nothing is shown before a moment is sought."""
        self._thread.start()

    def seek(self, at_s: float, speed: float) -> None:
        """Show this moment (seconds since 1970) and go on from it at a speed."""
        with self._wake:
            self._sought = at_s, max(0.0, speed), self._clock.monotonic()
            self._wake.notify()

    def join_slot(self, slot: Slot) -> None:
        """Deliver to `slot` too."""
        self._slots = (*self._slots, slot)

    def leave_slot(self, slot: Slot) -> int:
        """Deliver to `slot` no more; gives how many are left."""
        self._slots = tuple(held for held in self._slots if held is not slot)
        return len(self._slots)

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._stop.set()
        with self._wake:
            self._wake.notify()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # ---- the thread

    def _run(self) -> None:
        be_modest(_NICENESS)
        try:
            while not self._stop.is_set():
                wait_s = self._turn()
                with self._wake:
                    if not self._stop.is_set() and wait_s > 0.0:
                        self._wake.wait(wait_s)
        finally:
            self._leave_reel()
            self._set(stopped(self._signal))

    def _turn(self) -> float:
        """Show what is due; gives how long nothing else will be."""
        asked = self._asked()
        if asked is None or not any(slot.box[0] > 0 for slot in self._slots):
            return _IDLE_S
        at_s, speed = asked
        try:
            found = self._reach(at_s, speed)
        except StreamFault as error:
            self._miss(at_s, Past(PastState.FAILED, at_s, None, error.trouble, self._origin))
            return _POLL_S if speed else _IDLE_S
        if found is None:
            return 0.0
        if not found:
            self._miss(at_s, Past(PastState.NOTHING, at_s))
            return _POLL_S if speed else _IDLE_S
        self._show(at_s)
        if not speed:
            return _POLL_S if self._next is None else _IDLE_S
        if self._is_timed and self._shots is not None:
            return 0.0  # the next picture is waited for where it comes from
        return _POLL_S if self._next is None else min(_POLL_S, max(0.004, (self._next.at_s - at_s) / speed))

    def _asked(self) -> tuple[float, float] | None:
        sought = self._sought
        if sought is None:
            return None
        at_s, speed, since_s = sought
        return at_s + speed * min(_LONGEST_PLAY_S, self._clock.monotonic() - since_s), speed

    def _reach(self, at_s: float, speed: float) -> bool | None:
        """Decode up to a moment; whether there is a picture of it, None where another one is sought now."""
        keys_only = speed >= _KEYS_FROM
        ahead_s = _TIMED_AHEAD_S * max(1.0, speed) if self._is_timed else _AHEAD_S
        near = self._position_s <= at_s <= self._position_s + ahead_s
        is_other = speed not in (0.0, self._speed) if self._is_timed else keys_only
        is_new = self._shots is None or not near or is_other
        self._speed = speed or 1.0
        if is_new and not self._open(at_s):
            return False
        self._run_up(at_s, keys_only, speed > 0.0)
        if not self._fits(at_s, keys_only) and not is_new and not self._is_overtaken(at_s):
            if not self._open(at_s):  # perhaps another reel has what is missing in this one
                return False
            self._run_up(at_s, keys_only, speed > 0.0)
        if self._damaged and self._shown is None:
            raise StreamFault(Fault.NO_PICTURE)
        return None if self._is_overtaken(at_s) else self._fits(at_s, keys_only)

    def _run_up(self, at_s: float, keys_only: bool, plays: bool) -> None:
        while not self._stop.is_set() and not self._is_overtaken(at_s):
            if self._next is None and not self._advance():
                break
            shot = self._next
            if shot is None or shot.at_s > at_s:
                break
            self._next = None
            self._decode(shot)
            if plays and self._is_timed and self._fits(at_s, keys_only):
                break  # what follows is not there yet
            if keys_only and not self._is_timed:
                break

    def _fits(self, at_s: float, keys_only: bool) -> bool:
        shown = self._shown
        return shown is not None and at_s - shown[0] <= (_AHEAD_S if keys_only else GAP_S)

    def _is_overtaken(self, at_s: float) -> bool:
        """Whether quite another moment is sought meanwhile."""
        asked = self._asked()
        return asked is not None and asked[1] < _KEYS_FROM and abs(asked[0] - at_s) > _OVERTAKEN_S

    def _advance(self) -> bool:
        """Take the next packet; False where none is there just now."""
        if self._shots is None:
            return False
        try:
            self._next = next(self._shots)
        except StopIteration:
            self._leave_reel()
            return False
        return self._next is not None

    def _open(self, at_s: float) -> bool:
        now_s = self._clock.monotonic()
        if abs(at_s - self._failed_at_s) < _AGAIN_S and now_s - self._failed_s < _AGAIN_S:
            return False
        self._leave_reel()
        self._damaged = 0
        fault: StreamFault | None = None
        for origin, reel in self._reels:
            try:
                self._shots = reel.shots(at_s, self._speed)
            except StreamFault as error:
                fault, self._origin = error, origin
                continue
            if self._shots is not None:
                self._origin, self._is_timed = origin, reel.is_timed
                self._failed_at_s = float("inf")
                return True
        self._failed_s, self._failed_at_s = now_s, at_s
        if fault is not None:
            raise fault
        return False

    def _leave_reel(self) -> None:
        shots, self._shots = self._shots, None
        self._next, self._shown, self._position_s = None, None, float("-inf")
        self._context = None
        self._moments.clear()
        close = getattr(shots, "close", None)
        if close is not None:
            close()

    def _decode(self, shot: Shot) -> None:
        self._position_s = max(self._position_s, shot.at_s)
        packet = Packet(shot.data)
        self._number += 1
        packet.pts = packet.dts = self._number
        packet.time_base = _TICKS
        self._moments[self._number] = shot.at_s
        with self._place:
            try:
                for frame in self._decoder(shot).decode(packet):
                    number = self._number if frame.pts is None else frame.pts
                    self._shown = self._moments.get(number, shot.at_s), frame
                    for old in [held for held in self._moments if held <= number]:
                        del self._moments[old]
            except (av.error.FFmpegError, ValueError, MemoryError):
                self._damaged += 1  # the next key picture mends the rest
        while len(self._moments) > 64:
            del self._moments[next(iter(self._moments))]

    def _decoder(self, shot: Shot) -> VideoCodecContext:
        if self._context is None or shot.film is not self._film:
            self._context, self._film = decoder_of(shot.film), shot.film
        return self._context

    def _show(self, at_s: float) -> None:
        shown = self._shown
        assert shown is not None, "a picture was found"
        moment_s, frame = shown
        slots = self._slots
        boxes = frozenset(slot.box for slot in slots if slot.box[0] > 0)
        past = self._signal.past
        if past is None or past.shown_s != moment_s or past.state is not PastState.SHOWN or boxes != self._boxes:
            aspect = 1.0 if self._film is None else self._film.aspect
            try:
                pictures = {
                    box: with_values(self._scaler.scale(frame, aspect, box, self._clock.monotonic()), at_s=moment_s)
                    for box in boxes
                }
            except (av.error.FFmpegError, ValueError, MemoryError):
                return
            for slot in slots:
                if slot.box in pictures:
                    slot.sink.put(pictures[slot.box])
            self._scaler.keep(boxes)
            self._boxes = boxes
        self._find(Past(PastState.SHOWN, at_s, moment_s, None, self._origin))

    def _miss(self, at_s: float, past: Past) -> None:
        self._shown = None
        self._find(past)

    def _find(self, past: Past) -> None:
        self._set(recalled(self._signal, past))

    def _set(self, signal: Signal) -> None:
        self._signal = signal
        if self._tell is not None:
            self._tell(signal)


def decoder_of(film: Film) -> VideoCodecContext:
    """A decoder of one film's packets."""
    made = CodecContext.create(film.codec, "r")
    assert isinstance(made, VideoCodecContext), "only pictures are kept"
    made.extradata = film.extradata
    made.width, made.height = film.width, film.height  # old codecs do not tell them in their data
    made.thread_type, made.thread_count = "SLICE", 1
    made.flags |= av.codec.context.Flags.low_delay
    return made
