"""What a seat tells of the pictures it sees."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.camera import PictureFault
from controlroom.domain.times import Instant


class TellPicture(Struct, frozen=True, kw_only=True, tag="tell_picture"):
    """Tells what is wrong with a camera's picture as such, or with no faults that nothing is.

    Without `had_picture` it tells that somebody looked and no picture came: what was found before still holds.
    """

    camera: Annotated[str, Meta(min_length=1, max_length=200)]
    faults: Annotated[list[PictureFault], Meta(max_length=8)]
    seen_at: Instant
    had_picture: bool = True
