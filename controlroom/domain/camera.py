"""What a shared camera is."""

import enum
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.times import Instant


class CameraHealth(enum.StrEnum):
    """What the video platform (or a diagnosis) says of a camera."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"


class PictureFault(enum.StrEnum):
    """What a diagnosis finds wrong with a picture as such."""

    BLACK = "black"
    FROZEN = "frozen"
    BLURRED = "blurred"
    TINTED = "tinted"
    COVERED = "covered"
    MOVED = "moved"
    """The camera looks elsewhere than it used to."""


class Camera(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A camera of the shared video platform.

    `heading_deg` is clockwise from north, `view_deg` the opening of the view cone, `range_m` how far it sees.
    `kind` is what its source calls its kind: `fixed`, `dome`, `half_dome`, `steerable`, `panoramic` have words.
    `faults` is what the last diagnosis of its picture found, at `faults_at`. `ptz` is where it is steered, without
    credentials: `onvif:<address of its device service>` or `platform:<device>/<channel>`; empty where it cannot be.
    """

    id: str
    name: str
    url: str = ""
    sub_url: str = ""
    point: Point | None = None
    heading_deg: Annotated[float, Meta(ge=0.0, le=360.0)] = 0.0
    view_deg: Annotated[float, Meta(ge=0.0, le=360.0)] = 60.0
    range_m: Annotated[float, Meta(ge=0.0, le=1e5)] = 150.0
    town: str = ""
    department: str = ""
    kind: str = ""
    health: CameraHealth = CameraHealth.UNKNOWN
    health_at: Instant | None = None
    faults: tuple[PictureFault, ...] = ()
    faults_at: Instant | None = None
    ptz: str = ""
