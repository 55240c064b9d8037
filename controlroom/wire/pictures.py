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


Cameras = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=64)]


class ClaimPictures(Struct, frozen=True, kw_only=True, tag="claim_pictures"):
    """A seat's patrol asks which of these cameras it may look at now; answered with `pictures_claimed`.

    The hub gives a camera to one seat at a time, and to none while somebody's look at it is fresh. A claim ends when
    the seat tells what it saw, or by itself.
    """

    seat: Annotated[str, Meta(min_length=1, max_length=200)]
    cameras: Cameras


class PicturesClaimed(Struct, frozen=True, kw_only=True, tag="pictures_claimed"):
    """The cameras that the seat may open, for at most `lasts_s` seconds from its question on."""

    cameras: Cameras
    lasts_s: Annotated[float, Meta(ge=0.0)]
