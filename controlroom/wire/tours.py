"""What officers command about guard tours."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.tour import Tour, TourStep

_Id = Annotated[str, Meta(min_length=1, max_length=80)]


class SetTour(Struct, frozen=True, kw_only=True, tag="set_tour"):
    """Makes a tour, where its id is empty, or changes one; it begins anew with its first stop."""

    tour: Tour


class RemoveTour(Struct, frozen=True, kw_only=True, tag="remove_tour"):
    """Takes a tour away; tiles that show it say so."""

    tour: _Id


class DriveTour(Struct, frozen=True, kw_only=True, tag="drive_tour"):
    """Lets a tour stand, go on, or step, wherever it is shown."""

    tour: _Id
    step: TourStep


TourCommand = SetTour | RemoveTour | DriveTour
