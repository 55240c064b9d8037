"""One thread for one camera: the newest movement wins, a silence stops it, and nothing that hangs holds up another."""

import logging
import threading
from collections import deque
from collections.abc import Callable

import msgspec

from controlroom.clock import Clock
from controlroom.domain.ptz import Pose, Preset, PtzTrouble, PtzUnit
from controlroom.domain.ptz_aim import boxed, centred
from controlroom.sources.ptz.fault import PtzFault
from controlroom.sources.ptz.head import STILL, Head, Speeds
from controlroom.wire.ptz import DEAD_MAN_S, PtzOrder

_log = logging.getLogger(__name__)

MOVING_S, RESTING_S = 0.3, 5.0
"""How often a camera is asked where it looks, while it moves and while it rests."""
TELL_S = 1.0
"""A camera that moves is told of so often; each time is an event at every seat."""
RETRY_S = 5.0
ENDS_S = 30.0
"""A camera that nobody holds is let go of after this."""
_WAITING_MOST = 32
_SETTLES = 2
"""So many looks at the same pose in a row are a rest, for cameras that do not tell whether they move."""

Tell = Callable[[PtzUnit], None]
Open = Callable[[PtzOrder], Head]


class Worker:
    """Takes orders from any thread; `tell` is called on its own thread."""

    def __init__(self, first: PtzOrder, open_head: Open, tell: Tell, clock: Clock) -> None:
        self._camera = first.camera
        self._open_head = open_head
        self._tell_unit = tell
        self._clock = clock
        self._latest = first
        self._wake = threading.Condition()
        self._orders: deque[PtzOrder] = deque(maxlen=_WAITING_MOST)
        self._steer: Speeds | None = None
        self._steered_at = 0.0
        self._is_closing = self._is_held = False
        self._head: Head | None = None
        self._moving = STILL
        self._presets: tuple[Preset, ...] = ()
        self._unit = PtzUnit(camera=self._camera)
        self._told: PtzUnit | None = None
        self._told_at = self._retry_at = float("-inf")
        self._looked_at = self._used_at = float("-inf")
        self._still = 0
        self._thread = threading.Thread(target=self._run, name=f"ptz-{self._camera[:40]}", daemon=True)
        self.take(first)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it takes orders; one that was not used for long ends by itself."""
        return self._thread.is_alive() and not self._is_closing

    def take(self, order: PtzOrder) -> None:
        """Do this; of movements only the newest is done."""
        with self._wake:
            self._latest = order
            if order.act == "steer":
                self._steer = Speeds(order.pan, order.tilt, order.zoom, order.focus, order.iris)
                self._steered_at = self._clock.monotonic()
            else:
                self._orders.append(order)
            self._wake.notify()

    def close(self) -> None:
        """Stop the camera and end the thread; waits no longer than one answer of the camera takes."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()

    def join(self, within_s: float) -> None:
        """Wait for the end."""
        self._thread.join(within_s)

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        except Exception:  # noqa: BLE001  # the thread's top: the next order makes a new worker
            _log.exception("the worker of a steerable camera has ended")
        self._is_closing = True
        if self._head is not None:
            self._head.close()

    def _turn(self) -> bool:
        order, steer = self._next()
        now = self._clock.monotonic()
        try:
            if self._is_closing:
                self._stop()
                return False
            if order is not None or steer is not None:
                self._used_at = now
                self._retry_at = min(self._retry_at, now)
            if self._head is None and now >= self._retry_at:
                self._connect()
            if self._head is not None:
                self._do(order, steer, now)
                self._look()
        except PtzFault as fault:
            self._failed(fault)
        return self._is_held or now - self._used_at < ENDS_S or not self._moving.is_still

    def _next(self) -> tuple[PtzOrder | None, Speeds | None]:
        with self._wake:
            if not (self._orders or self._steer is not None or self._is_closing):
                self._wake.wait(self._patience_s())
            order = self._orders.popleft() if self._orders else None
            steer, self._steer = self._steer, None
            return order, steer

    def _patience_s(self) -> float:
        now = self._clock.monotonic()
        if self._head is None:
            return max(0.05, min(RETRY_S, self._retry_at - now))
        due = self._looked_at + (RESTING_S if self._is_resting else MOVING_S)
        if not self._moving.is_still:
            due = min(due, self._steered_at + DEAD_MAN_S)
        return max(0.005, due - now)

    @property
    def _is_resting(self) -> bool:
        return self._moving.is_still and self._still >= _SETTLES

    def _connect(self) -> None:
        self._retry_at = self._clock.monotonic() + RETRY_S
        head = self._open_head(self._latest)
        self._head = head
        self._presets = head.open()

    def _do(self, order: PtzOrder | None, steer: Speeds | None, now: float) -> None:
        assert self._head is not None
        if order is not None:
            self._carry(self._head, order)
        if steer is not None:
            self._still = 0
            self._moving = steer
            self._head.move(steer)
        elif not self._moving.is_still and now - self._steered_at >= DEAD_MAN_S:
            self._stop()

    def _stop(self) -> None:
        if self._head is not None and not self._moving.is_still:
            self._moving = STILL
            self._head.move(STILL)

    def _carry(self, head: Head, order: PtzOrder) -> None:
        if order.act == "open":
            self._is_held = True
            return
        if order.act == "close":
            self._is_held = False
            self._stop()
            head.rest()
            return
        self._moving = STILL
        self._still = 0
        match order.act:
            case "go":
                head.call(order.preset)
            case "home":
                head.home()
            case "pose" if order.pose is not None:
                head.go(order.pose)
            case "box" if order.box is not None:
                head.go(self._boxed(head, order, order.box))
            case "save":
                self._presets = head.save(order.preset, order.name)
            case "remove":
                self._presets = head.remove(order.preset)

    def _boxed(self, head: Head, order: PtzOrder, box: tuple[float, float, float, float]) -> Pose:
        """Where the picture's box is, by where the camera looks at this moment."""
        pose = head.look().pose
        if pose is None:
            raise PtzFault(PtzTrouble.UNABLE, "angles")
        left, bottom, right, top = box
        if right - left < 0.02 or top - bottom < 0.02:
            return centred(pose, (left + right) / 2, (bottom + top) / 2, order.wide_deg, order.aspect)
        return boxed(pose, box, order.wide_deg, head.zoom_most, order.aspect)

    # ------------------------------------------------------------ what is told

    def _look(self) -> None:
        assert self._head is not None
        now = self._clock.monotonic()
        every = RESTING_S if self._is_resting else MOVING_S
        is_new = self._told is None or self._told.trouble
        if now - self._looked_at < every and not is_new and self._presets == self._unit.presets:
            return
        told = self._head.look()
        self._looked_at = now
        same = told.pose == self._unit.pose and not told.is_moving
        self._still = self._still + 1 if same else 0
        self._unit = PtzUnit(
            camera=self._camera,
            abilities=self._head.abilities,
            presets=self._presets,
            pose=told.pose,
            is_moving=not self._is_resting and (told.is_moving or not same or not self._moving.is_still),
            zoom_most=self._head.zoom_most,
            seen_at=self._clock.now(),
        )
        self._tell()

    def _tell(self) -> None:
        """Tell what is new: at once where it begins, ends or fails, and now and then while the camera moves."""
        now, before = self._clock.monotonic(), self._told
        unit = self._unit
        if before is not None and msgspec.structs.replace(before, seen_at=unit.seen_at) == unit:
            return
        calm = before is not None and (
            before.is_moving and unit.is_moving and (before.presets, before.trouble) == (unit.presets, unit.trouble)
        )
        if calm and now - self._told_at < TELL_S:
            return
        self._told, self._told_at = unit, now
        self._tell_unit(unit)

    def _failed(self, fault: PtzFault) -> None:
        """Say why, and begin anew after a while; a camera that only declined is still there."""
        is_there = fault.trouble in (PtzTrouble.DECLINED, PtzTrouble.UNABLE) and self._head is not None
        known = self._unit if is_there else PtzUnit(camera=self._camera)
        _log.info("camera %s cannot be moved: %s", self._camera, fault.trouble)
        if not is_there:
            if self._head is not None:
                self._head.close()
            self._head, self._moving, self._presets = None, STILL, ()
            self._retry_at = self._clock.monotonic() + RETRY_S
        self._unit = msgspec.structs.replace(
            known, trouble=fault.trouble, detail=fault.detail, is_moving=False, seen_at=self._unit.seen_at
        )
        self._tell()
