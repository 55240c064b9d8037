"""What was seen when somebody last looked at the picture of a camera."""

from datetime import datetime, timedelta

from msgspec import Struct

from controlroom.domain.camera import PictureFault
from controlroom.domain.times import Instant

FRESH = timedelta(seconds=300)
"""A look younger than this is not repeated by any seat; house figure."""


class PictureLook(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """When a seat looked at a camera's picture and what was wrong with it; `had_picture` is false where none came."""

    camera: str
    at: Instant
    faults: tuple[PictureFault, ...] = ()
    had_picture: bool = True

    def is_fresh(self, now: datetime) -> bool:
        """Whether nobody needs to look again."""
        return now - self.at < FRESH
