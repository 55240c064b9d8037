"""The motor of a simulated camera's head: where it looks follows from what it was told, and from the time."""

import threading

import msgspec

from controlroom.clock import Clock
from controlroom.domain.ptz import Pose, Preset

PAN_DEG_S, TILT_DEG_S, ZOOM_S = 60.0, 30.0, 3.0
"""Full speed to the sides and up; seconds from the widest to the nearest."""
PAN_DEG, TILT_DEG, ZOOM = (-170.0, 170.0), (-45.0, 20.0), (1.0, 20.0)
PRESETS_MOST = 64


class Motor:
    """One head. Methods may be called from any thread. Raises KeyError for a preset that there is not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pose = Pose()
        self._at_s = clock.monotonic()
        self._speed = (0.0, 0.0, 0.0)
        self._until_s = float("inf")
        self._goal: Pose | None = None
        self._home = Pose()
        self._made = 3
        self._presets = {
            "1": Preset(token="1", name="路口全景", pose=Pose(0.0, 0.0, 1.0)),
            "2": Preset(token="2", name="左侧路面", pose=Pose(-18.0, -4.0, 2.5)),
            "3": Preset(token="3", name="远端车道", pose=Pose(4.0, 2.0, 5.0)),
        }

    def pose(self) -> Pose:
        """Where it looks now."""
        with self._lock:
            return self._now()

    @property
    def is_moving(self) -> bool:
        """Whether it turns now."""
        with self._lock:
            self._now()
            return self._goal is not None or any(self._speed)

    def move(self, pan: float, tilt: float, zoom: float, for_s: float) -> None:
        """Move at parts of the full speed, for at most so long."""
        with self._lock:
            self._now()
            self._goal, self._speed = None, (pan, tilt, zoom)
            self._until_s = self._at_s + for_s

    def stop(self) -> None:
        """Stop where it is."""
        with self._lock:
            self._now()
            self._goal, self._speed = None, (0.0, 0.0, 0.0)

    def go(self, pose: Pose) -> None:
        """Go to a pose at full speed, as far as it can turn."""
        with self._lock:
            self._now()
            self._speed = (0.0, 0.0, 0.0)
            self._goal = _within(pose)

    def home(self) -> None:
        """Go home."""
        self.go(self._home)

    @property
    def presets(self) -> tuple[Preset, ...]:
        """What is saved."""
        with self._lock:
            return tuple(self._presets.values())

    def call(self, token: str) -> None:
        """Go to a preset."""
        with self._lock:
            pose = self._presets[token].pose
        self.go(pose or Pose())

    def save(self, token: str, name: str) -> str:
        """Keep where it looks, under a token of its own where none is given; the token."""
        with self._lock:
            if token and token not in self._presets:
                raise KeyError(token)
            if not token:
                if len(self._presets) >= PRESETS_MOST:
                    raise KeyError("full")
                self._made += 1
                token = str(self._made)
            self._presets[token] = Preset(token=token, name=name, pose=self._now())
            return token

    def remove(self, token: str) -> None:
        """Take a preset away."""
        with self._lock:
            del self._presets[token]

    def _now(self) -> Pose:
        """Let the time pass that has passed; the lock is held."""
        now_s = self._clock.monotonic()
        passed, self._at_s = max(0.0, now_s - self._at_s), now_s
        if self._goal is not None:
            self._pose = _towards(self._pose, self._goal, passed)
            if self._pose == self._goal:
                self._goal = None
        elif any(self._speed):
            running = min(passed, max(0.0, self._until_s - (now_s - passed)))
            pan, tilt, zoom = self._speed
            nearer = self._pose.zoom * ZOOM[1] ** (zoom * running / ZOOM_S)
            moved = Pose(
                self._pose.pan_deg + pan * PAN_DEG_S * running,
                self._pose.tilt_deg + tilt * TILT_DEG_S * running,
                nearer,
            )
            self._pose = _within(moved)
            if now_s >= self._until_s:
                self._speed = (0.0, 0.0, 0.0)
        return self._pose


def _within(pose: Pose) -> Pose:
    """A pose as far as the head can turn."""
    return msgspec.structs.replace(
        pose,
        pan_deg=min(PAN_DEG[1], max(PAN_DEG[0], pose.pan_deg)),
        tilt_deg=min(TILT_DEG[1], max(TILT_DEG[0], pose.tilt_deg)),
        zoom=min(ZOOM[1], max(ZOOM[0], pose.zoom)),
    )


def _towards(pose: Pose, goal: Pose, passed_s: float) -> Pose:
    factor = ZOOM[1] ** (passed_s / ZOOM_S)
    return Pose(
        _step(pose.pan_deg, goal.pan_deg, PAN_DEG_S * passed_s),
        _step(pose.tilt_deg, goal.tilt_deg, TILT_DEG_S * passed_s),
        min(goal.zoom, pose.zoom * factor) if goal.zoom >= pose.zoom else max(goal.zoom, pose.zoom / factor),
    )


def _step(value: float, goal: float, most: float) -> float:
    return goal if abs(goal - value) <= most else value + (most if goal > value else -most)
