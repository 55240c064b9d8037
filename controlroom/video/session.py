"""One stream that is watched: its thread, its facts and whoever looks at it."""

import logging
import random
import threading
import time
from collections.abc import Callable

import av
from av.packet import Packet
from av.video.stream import VideoStream

from controlroom.clock import Clock
from controlroom.video.address import Address, Kind
from controlroom.video.backlog import Backlog
from controlroom.video.fault import Fault, StreamFault, Trouble
from controlroom.video.lag import Lag
from controlroom.video.load import MOST_KEYS_HZ, Depth, Meter, Part
from controlroom.video.modesty import be_modest
from controlroom.video.nal import is_spare
from controlroom.video.platform import Platform
from controlroom.video.quality import LOOK_S, STILL_S, Diagnosis, sampled
from controlroom.video.retry import delay_s
from controlroom.video.ring import Ring
from controlroom.video.scaler import Scaler, fitted
from controlroom.video.signal import (
    Signal,
    arrived,
    connected,
    diagnosed,
    failed,
    hurt,
    keeping,
    pictured,
    stopped,
    thinned,
    weighed,
)
from controlroom.video.slot import Gate, Slot
from controlroom.video.stillness import Stillness
from controlroom.video.stream import Stream, Timing

_log = logging.getLogger(__name__)

_LATE_S = 0.6
_DOUBT_S = 0.2
"""From here on it is looked at whether a stream is late or only its clock slow."""
_NICENESS = 5
_KEY_SLACK = 0.9
"""Key pictures never come exactly on time."""
_TOLD_S = 0.1
"""An age may be told so much too old: a tile is never shown as more alive than its stream is."""
_LIGHT = 0.5
"""Drawn below this part of a stream's size, its pictures are decoded lightly."""


class Session:
    """Opens a stream, decodes it and tries again when it is lost, on a thread of its own, until it is told to end.

    `signal` is replaced by that thread only and may be read by any; `tell` is called by that thread with each new one.
    """

    def __init__(
        self,
        name: str,
        address: Address,
        clock: Clock,
        gate: Gate,
        timing: Timing,
        chance: random.Random,
        *,
        platform: Platform | None = None,
        signal: Signal | None = None,
        tell: Callable[[Signal], None] | None = None,
    ) -> None:
        self._address = address
        self._clock = clock
        self._gate = gate
        self._timing = timing
        self._platform = platform or Platform("", clock)
        self._chance = chance
        self._stop = threading.Event()
        self._slots: tuple[Slot, ...] = ()
        self._ring: Ring | None = None
        self._stream: Stream | None = None
        self._scaler = Scaler()
        self._stillness = Stillness()
        self._diagnosis = Diagnosis()
        self._looked_s = self._changed_s = clock.monotonic()
        self.changed = True
        self.is_hurt = False
        self.depth = Depth.FULL
        self._turn = gate.decodes.turn()
        self._signal = signal or Signal(clock.monotonic())
        self._tell = tell
        self._told_s = float("-inf")
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def signal(self) -> Signal:
        """The facts so far."""
        return self._signal

    @signal.setter
    def signal(self, signal: Signal) -> None:
        self._signal = signal
        self._told_s = self._clock.monotonic()
        if self._tell is not None:
            self._tell(signal)

    def note(self, signal: Signal, now_s: float) -> None:
        """Replace the signal by one that says the same a moment later: told now and then, not with each picture."""
        if now_s - self._told_s >= _TOLD_S or now_s < self._told_s:
            self.signal = signal
        else:
            self._signal = signal

    def start(self) -> None:
        """Begin to open the stream."""
        self._thread.start()

    def join_slot(self, slot: Slot) -> None:
        """Deliver to `slot` too; called by the fleet's owner only."""
        self._slots = (*self._slots, slot)

    def leave_slot(self, slot: Slot) -> int:
        """Deliver to `slot` no more; gives how many are left. Called by the fleet's owner only."""
        self._slots = tuple(held for held in self._slots if held is not slot)
        return len(self._slots)

    def prefer(self, depth: Depth, is_first: bool) -> None:
        """Decode so much from now on; `is_first`: before others that wait for their turn. Any thread."""
        self.depth, self._turn.is_first = depth, is_first

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._stop.set()
        stream = self._stream
        if stream is not None:
            stream.cut()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        be_modest(_NICENESS)
        self._ring = self._gate.shelf.ring(self._address.url)
        try:
            while not self._stop.is_set():
                self._attempt()
        except Exception:  # the top of a thread: the tile says so, the log and the crash hook get the rest
            self.signal = failed(self.signal, Trouble(Fault.BROKEN), self._clock.monotonic())
            raise
        finally:
            self._gate.shelf.leave(self._address.url)
            if self._stop.is_set():
                self.signal = stopped(self.signal)

    def _attempt(self) -> None:
        """Open and play once, then wait for the next attempt."""
        try:
            self._play()
        except StreamFault as error:
            if self._stop.is_set():
                return
            self._platform.forget(self._address)
            before = self.signal.trouble
            self.signal = failed(self.signal, error.trouble, self._clock.monotonic())
            if before is None or before.fault is not error.trouble.fault:
                _log.info("%s: %s", self._address.shown, error.trouble.fault)
            self._stop.wait(delay_s(self.signal.failures, error.trouble.fault.is_refusal, self._chance))

    def _play(self) -> None:
        address = self._address
        if address.kind is Kind.PLATFORM:
            address = self._platform.resolved(address, self._stop, self._timing.open_s)
        stream = Stream(address, self._stop, self._timing, self._gate.hardware)
        self._stream = stream
        try:
            stream.reach()
            with self._gate.opens.turn():
                if self._stop.is_set():
                    return
                stream.open()
            self.signal = connected(self.signal)
            stream.listen(self._heard)
            _Play(self, stream).run()
        finally:
            self._stream = None
            if self._ring is not None:
                self._ring.lose()
            stream.close()

    def _heard(self) -> None:
        now_s = self._clock.monotonic()
        self.note(arrived(self.signal, now_s), now_s)

    # What follows is for the running play alone.

    def keep(self, stream: Stream, packet: "Packet[VideoStream]") -> None:
        """Put a packet into the ring of the last minutes."""
        assert self._ring is not None, "the thread runs"
        self._ring.add(self._gate.shelf.now_s(), packet, stream.track)
        if packet.is_keyframe:
            self.signal = keeping(self.signal, self._ring.kept())

    def wait(self, seconds: float) -> None:
        """Sleep, but wake for a stop."""
        self._stop.wait(seconds)

    def now_s(self) -> float:
        """The clock's seconds."""
        return self._clock.monotonic()

    @property
    def is_shown(self) -> bool:
        """Whether anybody wants pictures now."""
        return any(slot.box[0] > 0 for slot in self._slots)

    def decode(self, stream: Stream, packet: "Packet[VideoStream]", is_last: bool) -> int:
        """Decode a packet and deliver its newest picture if it is the last one; gives how many pictures it held.

        A damaged packet is left out: the next key picture mends the rest.
        """
        with self._turn:
            try:
                frames = stream.decoder.decode(packet, packet.is_keyframe and self._is_small(stream))
                if frames:
                    self.is_hurt = self.is_hurt or frames[-1].is_corrupt
                    self.changed = self._stillness.changed(frames[-1], self._clock.monotonic())
                if frames and is_last:
                    self._deliver(stream, frames[-1])
                    self._diagnose(frames[-1], self._clock.monotonic())
            except (av.error.FFmpegError, ValueError, MemoryError):
                self.is_hurt = True
                return 0
        return len(frames)

    def _diagnose(self, frame: av.VideoFrame, now_s: float) -> None:
        """Look at a picture now and then, as far as there is time for it."""
        if self.changed:
            self._changed_s = now_s
        if now_s - self._looked_s < LOOK_S or not self._gate.looks.grants(now_s):
            return
        self._looked_s, began_s = now_s, time.thread_time()
        try:
            sample = sampled(frame)
        except ValueError:
            return  # a format without planes of eight bits is not looked at
        self._diagnosis.look(sample, now_s - self._changed_s > STILL_S, now_s)
        self._gate.looks.spent(time.thread_time() - began_s)
        self.signal = diagnosed(self.signal, self._diagnosis.faults)

    def _is_small(self, stream: Stream) -> bool:
        """Whether everybody draws the pictures so small that light decoding is not seen."""
        width, height = stream.decoder.size
        boxes = [slot.box for slot in self._slots if slot.box[0] > 0]
        return height > 0 and all(
            fitted(width, height, stream.decoder.aspect, box)[1] < _LIGHT * height for box in boxes
        )

    def _deliver(self, stream: Stream, frame: av.VideoFrame) -> None:
        slots, received_s = self._slots, self._signal.packet_s or 0.0
        boxes = frozenset(slot.box for slot in slots if slot.box[0] > 0)
        pictures = {box: self._scaler.scale(frame, stream.decoder.aspect, box, received_s) for box in boxes}
        for slot in slots:
            picture = pictures.get(slot.box)
            if picture is not None:
                slot.sink.put(picture)
        self._scaler.keep(boxes)


class _Play:
    """One run of an opened stream, from its first packet to its failure."""

    def __init__(self, session: Session, stream: Stream) -> None:
        self._session = session
        self._stream = stream
        self._lag = Lag()
        self._backlog = Backlog()
        self._meter = Meter(session.now_s())
        self._skips_to_key = False
        self._depth = session.signal.depth
        self._key_s = 0.0
        self._damaged = 0
        self._base_s: float | None = None
        self._tick_s = 0.0
        self._is_paced = stream.is_paced

    def run(self) -> None:
        """Read until the session stops. Raises StreamFault when the stream is lost."""
        session, timing = self._session, self._stream.timing
        packet_s = picture_s = session.now_s()
        for packet in self._stream.packets():
            now_s = session.now_s()
            if packet is None:
                session.note(session.signal, now_s)
                if now_s - packet_s >= timing.silence_s:
                    raise StreamFault(Fault.SILENT)
                continue
            packet_s = now_s
            if self._stream.damaged != self._damaged:
                self._damaged, session.is_hurt = self._stream.damaged, True
            part = self._weigh(packet, now_s)
            if self._is_paced:
                self._pace(packet)
            session.keep(self._stream, packet)
            if self._skips_to_key:
                self._backlog.clear()
                continue
            if not session.is_shown:
                self._backlog.keep(packet)
                picture_s = now_s  # nobody misses one
            elif self._is_left_out(part, now_s):
                continue
            elif self._decode(packet, part):
                picture_s, before = session.now_s(), session.signal
                after = pictured(before, picture_s, session.changed)
                if before.picture_s is None or before.trouble is not None or before.lost_s is not None:
                    session.signal = after
                else:
                    session.note(after, picture_s)
            elif now_s - picture_s >= timing.no_picture_s:
                raise StreamFault(Fault.NO_PICTURE)

    def _weigh(self, packet: "Packet[VideoStream]", now_s: float) -> Part:
        """Note that a packet came, and what all of them cost so far."""
        session, late_s = self._session, 0.0
        if packet.dts is not None and not self._is_paced and (tick_s := self._tick_s or self._ticks(packet)):
            late_s = self._lag.behind_s(packet.dts * tick_s, now_s)
            if late_s > _DOUBT_S and self._stream.has_doubtful_clock:
                self._lag.forgive()
                late_s = 0.0
        self._skips_to_key = (self._skips_to_key or late_s > _LATE_S) and not packet.is_keyframe
        part = Part.KEY if packet.is_keyframe else Part.DELTA
        if part is Part.DELTA and is_spare(self._stream.track.codec, memoryview(packet)):
            part = Part.SPARE
        self._meter.count(part, now_s, late_s)
        signal, load = arrived(session.signal, now_s), self._meter.load(now_s)
        if load is not None:
            signal = weighed(signal, load)
        if session.is_hurt:
            session.is_hurt, signal = False, hurt(signal, now_s)
        session.note(signal, now_s)
        return part

    def _ticks(self, packet: "Packet[VideoStream]") -> float:
        """Seconds of one unit of the packets' time, the same for a whole play; a product of fractions is slow."""
        self._tick_s = float(packet.time_base or 0)
        return self._tick_s

    def _is_left_out(self, part: Part, now_s: float) -> bool:
        """Whether this packet is not decoded because the stream is to cost less.

        What refers to pictures that were left out is left out too: more is decoded from the next key picture on.
        """
        session, asked = self._session, self._session.depth
        if asked is not self._depth and (part is Part.KEY or asked > self._depth or self._depth is Depth.SPARED):
            self._depth = asked
            session.signal = thinned(session.signal, asked)
            if asked is Depth.KEYS:
                self._backlog.clear()
        if self._depth is Depth.KEYS:
            if part is Part.KEY and now_s - self._key_s >= _KEY_SLACK / MOST_KEYS_HZ:
                self._key_s = now_s
                self._backlog.clear()
                return False
            return True
        return self._depth is Depth.SPARED and part is Part.SPARE

    def _decode(self, packet: "Packet[VideoStream]", part: Part) -> int:
        """Decode a packet after those that were put aside; gives how many pictures it held."""
        if self._backlog.is_broken and not packet.is_keyframe:
            return 0
        for earlier in self._backlog.take():
            self._session.decode(self._stream, earlier, is_last=False)
        began_s = time.thread_time()
        count = self._session.decode(self._stream, packet, is_last=True)
        self._meter.spent(part, time.thread_time() - began_s)
        return count

    def _pace(self, packet: "Packet[VideoStream]") -> None:
        """Wait until a file's packet is due."""
        if packet.dts is None or packet.time_base is None:
            self._session.wait(0.04)
            return
        at_s, now_s = float(packet.dts * packet.time_base), self._session.now_s()
        due_s = None if self._base_s is None else self._base_s + at_s
        if due_s is None or not -1.0 < due_s - now_s < 2.0:  # the beginning, a jump, or the machine was asleep
            self._base_s = now_s - at_s
        elif due_s > now_s:
            self._session.wait(due_s - now_s)
