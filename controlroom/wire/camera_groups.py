"""What officers command about groups of cameras."""

from typing import Annotated

from msgspec import Meta, Struct

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Ids = Annotated[list[_Id], Meta(max_length=500)]
_Words = Annotated[str, Meta(min_length=1, max_length=100)]


class MakeCameraGroup(Struct, frozen=True, kw_only=True, tag="make_camera_group"):
    """Puts cameras together under a name, for the officer alone or, `shared`, for everybody."""

    name: _Words
    shared: bool
    cameras: _Ids


class ChangeCameraGroup(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="change_camera_group"):
    """Adds cameras to a group and takes others out of it; an empty `group` means the officer's favourites.

    Told as differences, so that what two seats do at once is not lost. A `name` renames it.
    """

    group: Annotated[str, Meta(max_length=300)] = ""
    add: _Ids = []
    remove: _Ids = []
    name: Annotated[str, Meta(max_length=100)] = ""


class RemoveCameraGroup(Struct, frozen=True, kw_only=True, tag="remove_camera_group"):
    """Takes a group away; its cameras stay what they are."""

    group: Annotated[str, Meta(min_length=1, max_length=300)]
