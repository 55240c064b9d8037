"""Steerable cameras: what they can do, where they look, who holds them, and what was done with them."""

import enum
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.times import Instant

PRESETS_MOST = 255
"""What GB/T 28181-2022 A.3.4 numbers in one byte; ONVIF devices keep at most 300 or so."""

CameraId = Annotated[str, Meta(min_length=1, max_length=200)]
Token = Annotated[str, Meta(min_length=1, max_length=64)]
Words = Annotated[str, Meta(max_length=400)]


class Ability(enum.StrEnum):
    """What a camera's head can do."""

    CONTINUOUS = "continuous"
    """Turns while a key is held."""
    ABSOLUTE = "absolute"
    """Goes to an angle: clicking to the centre, drawing a box and turning to a place need it."""
    ZOOM = "zoom"
    PRESETS = "presets"
    LISTED = "listed"
    """Tells its presets itself; those of others are kept by the hub alone."""
    HOME = "home"
    FOCUS = "focus"
    IRIS = "iris"


class PtzTrouble(enum.StrEnum):
    """Why a head cannot be moved."""

    NONE = ""
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    REFUSED = "refused"
    """It wants another user or password."""
    GARBAGE = "garbage"
    """What it answers is no answer."""
    DECLINED = "declined"
    """It understood, and would not."""
    UNABLE = "unable"
    """It has no head that moves."""
    ADDRESS = "address"
    """Its address, or the template of the platform, is none."""


class Pose(Struct, frozen=True, array_like=True):
    """Where a head looks: degrees clockwise from its zero, degrees above the horizon, how many times nearer."""

    pan_deg: Annotated[float, Meta(ge=-360.0, le=360.0)] = 0.0
    tilt_deg: Annotated[float, Meta(ge=-90.0, le=90.0)] = 0.0
    zoom: Annotated[float, Meta(ge=1.0, le=100.0)] = 1.0


class Preset(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A saved view; `token` is the camera's own name of it, `pose` where it looks as far as that was seen.

    `is_ours`: the name was given here and the camera's own is left aside, since few cameras can rename.
    """

    token: Token
    name: Annotated[str, Meta(max_length=80)] = ""
    pose: Pose | None = None
    is_ours: bool = False


THUMBNAIL_BYTES = 24_000
"""A picture of 128 x 72 as JPEG takes a quarter of it; house figure."""

Thumbnail = Annotated[bytes, Meta(max_length=THUMBNAIL_BYTES)]


class PresetPicture(Struct, frozen=True, kw_only=True):
    """What a preset of a camera looked at when it was saved, as a small JPEG; an empty one takes the picture away."""

    camera: CameraId
    name: Annotated[str, Meta(max_length=80)]
    picture: Thumbnail
    at: Instant


class PtzUnit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A camera's head as its adapter tells it.

    `seen_at` is when the adapter last had an answer of the camera, `trouble` why it has none (`detail` its own words,
    without credentials); `pose` is
    None where the camera does not tell it. `guard` is the preset it goes back to `guard_after_s` after the last lease
    (看守位); `home` stands for the camera's own home.
    """

    camera: CameraId
    abilities: Annotated[tuple[Ability, ...], Meta(max_length=16)] = ()
    presets: Annotated[tuple[Preset, ...], Meta(max_length=PRESETS_MOST)] = ()
    pose: Pose | None = None
    is_moving: bool = False
    zoom_most: Annotated[float, Meta(ge=1.0, le=100.0)] = 1.0
    seen_at: Instant | None = None
    trouble: PtzTrouble = PtzTrouble.NONE
    detail: Words = ""
    guard: Annotated[str, Meta(max_length=64)] = ""
    guard_after_s: Annotated[int, Meta(ge=0, le=86_400)] = 30

    def can(self, ability: Ability) -> bool:
        """Whether the head has an ability."""
        return ability in self.abilities


class Ask(Struct, frozen=True, kw_only=True):
    """Another seat would like to have the camera."""

    seat: str
    officer: str
    reason: Words
    at: Instant
    answer_by: Instant


class LeaseEnd(enum.StrEnum):
    """How somebody came to hold a camera no longer."""

    RELEASED = "released"
    IDLE = "idle"
    """Nobody moved it for too long."""
    OVER = "over"
    """Its time was up."""
    GONE = "gone"
    """The seat is no longer there."""
    TAKEN = "taken"
    """One of a higher role took it, with a reason."""
    HANDED = "handed"


class Patrol(Struct, frozen=True, kw_only=True):
    """Goes from preset to preset while the lease lasts."""

    presets: Annotated[tuple[Token, ...], Meta(min_length=2, max_length=32)]
    dwell_s: Annotated[int, Meta(ge=3, le=3600)]
    at: Instant


class PtzLease(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One seat alone may move a camera until a time.

    `used_at` is the last movement or the grant. An ended one has `ended_at`; `ended` says how, `ended_by` and
    `ended_why` who took or got it, and for what.
    """

    camera: str
    seat: str
    officer: str
    rank: int
    reason: str
    since: Instant
    until: Instant
    used_at: Instant
    asks: tuple[Ask, ...] = ()
    patrol: Patrol | None = None
    ended: LeaseEnd | None = None
    ended_at: Instant | None = None
    ended_by: str = ""
    ended_why: str = ""


class PtzDeed(enum.StrEnum):
    """What was done with a camera."""

    MOVED = "moved"
    """By keys, wheel or pointer; told once for a stretch of moving."""
    CENTRED = "centred"
    TURNED = "turned"
    """To a place on the map."""
    WENT = "went"
    """To a preset."""
    HOME = "home"
    SAVED = "saved"
    RENAMED = "renamed"
    REMOVED = "removed"
    PATROL = "patrol"
    GUARD = "guard"
    """Back to its guard preset by itself."""
    WITHHELD = "withheld"
    """A rule would have moved it, but somebody held it."""


class PtzAct(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did what with which camera; `rule` where nobody did. `pose` is where it was sent, `name` the preset's."""

    camera: str
    deed: PtzDeed
    at: Instant
    seat: str = ""
    officer: str = ""
    rule: str = ""
    preset: str = ""
    name: str = ""
    pose: Pose | None = None

    @property
    def moves(self) -> bool:
        """Whether the picture looks different because of it."""
        return self.deed not in (PtzDeed.SAVED, PtzDeed.RENAMED, PtzDeed.REMOVED, PtzDeed.WITHHELD)
