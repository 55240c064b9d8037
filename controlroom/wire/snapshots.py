"""What officers command about saved values of sensors."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.sensor import Finite
from controlroom.domain.times import Instant
from controlroom.domain.value_snapshot import SENSORS_MOST, Threshold

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Name = Annotated[str, Meta(min_length=1, max_length=80)]


class SaveValues(Struct, frozen=True, kw_only=True, tag="save_values"):
    """Saves what sensors read at a time under a name that is not taken yet; a value may be null where none is known."""

    name: _Name
    sensors: Annotated[list[_Id], Meta(min_length=1, max_length=SENSORS_MOST)]
    values: Annotated[list[Finite | None], Meta(min_length=1, max_length=SENSORS_MOST)]
    taken_at: Instant
    threshold: Threshold


class ChangeSavedValues(Struct, frozen=True, kw_only=True, tag="change_saved_values"):
    """Gives saved values another name or threshold; the values stay as they were taken."""

    snapshot: _Id
    name: _Name
    threshold: Threshold


class RemoveSavedValues(Struct, frozen=True, kw_only=True, tag="remove_saved_values"):
    """Takes saved values away from all seats; the journal keeps them."""

    snapshot: _Id
