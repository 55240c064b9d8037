"""What every kind of steerable camera can be told, and what it tells."""

from typing import Protocol

from msgspec import Struct

from controlroom.domain.ptz import Ability, Pose, Preset


class Speeds(Struct, frozen=True):
    """Parts of the full speed, each -1…1: right, up, nearer, far focus and an open iris are positive."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    focus: float = 0.0
    iris: float = 0.0

    @property
    def is_still(self) -> bool:
        """Whether nothing moves."""
        return self == STILL


STILL = Speeds()


class Span(Struct, frozen=True, kw_only=True):
    """What a head's unitless numbers mean; all house figures unless a district writes others.

    ONVIF's generic spaces go from -1 to 1 and from 0 to 1: those are `pan_deg`, `tilt_deg` and zoom 1 … `zoom_most`.
    """

    pan_deg: tuple[float, float] = (-180.0, 180.0)
    tilt_deg: tuple[float, float] = (-90.0, 90.0)
    zoom_most: float = 20.0


class Told(Struct, frozen=True):
    """What a head tells of itself now."""

    pose: Pose | None
    is_moving: bool


class Head(Protocol):
    """One camera's head; used by one thread. Everything may raise PtzFault."""

    abilities: tuple[Ability, ...]
    zoom_most: float

    def open(self) -> tuple[Preset, ...]:
        """Find out what it can do; the presets that it lists."""

    def look(self) -> Told:
        """Where it looks."""

    def move(self, speeds: Speeds) -> None:
        """Move until told otherwise; STILL stops it."""

    def go(self, pose: Pose) -> None:
        """Go to a pose."""

    def call(self, preset: str) -> None:
        """Go to a preset."""

    def home(self) -> None:
        """Go home."""

    def save(self, preset: str, name: str) -> tuple[Preset, ...]:
        """Keep where it looks; the presets that it lists."""

    def remove(self, preset: str) -> tuple[Preset, ...]:
        """Take a preset away; the presets that it lists."""

    def rest(self) -> None:
        """Nobody steers it any longer."""

    def close(self) -> None:
        """Let go of the connection."""


def clipped(pose: Pose, zoom_most: float) -> Pose:
    """A pose within what can be written down."""
    return Pose(
        min(360.0, max(-360.0, pose.pan_deg)),
        min(90.0, max(-90.0, pose.tilt_deg)),
        min(max(1.0, zoom_most), 100.0, max(1.0, pose.zoom)),
    )
