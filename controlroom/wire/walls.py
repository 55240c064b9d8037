"""What officers command about video walls."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.wall import SCREENS_MOST, ScreenNumber, Spot, WallScreen
from controlroom.domain.wall_rules import WallRule
from controlroom.wire.tours import TourCommand

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Numbers = Annotated[list[ScreenNumber], Meta(max_length=SCREENS_MOST)]
LEASE_MOST_S = 86_400
Lease = Annotated[int, Meta(ge=10, le=LEASE_MOST_S)]


class ArrangeWall(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="arrange_wall"):
    """Says what screens of a wall show for good, and where they stand; others stay, those in `remove` go.

    Places that other seats hold by a lease are refused, unless `over` says that the officer knows.
    """

    wall: _Id
    screens: Annotated[list[WallScreen], Meta(max_length=SCREENS_MOST)] = []
    remove: _Numbers = []
    over: bool = False


class PushToWall(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="push_to_wall"):
    """Puts screens or single tiles over what a wall shows, for `lease_s`; what was there comes back by itself."""

    wall: _Id
    lease_s: Lease
    screens: Annotated[list[WallScreen], Meta(max_length=SCREENS_MOST)] = []
    spots: Annotated[list[Spot], Meta(max_length=64)] = []
    over: bool = False


class ExtendPush(Struct, frozen=True, kw_only=True, tag="extend_push"):
    """Gives a push `lease_s` from now on."""

    wall: _Id
    push: _Id
    lease_s: Lease


class EndPush(Struct, frozen=True, kw_only=True, tag="end_push"):
    """Takes a push away before its time; that of a rule stays away until the rule was met anew."""

    wall: _Id
    push: _Id


class ClearWall(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="clear_wall"):
    """Empties screens of a wall, all of them where none is named, and ends the pushes that lie on them."""

    wall: _Id
    screens: _Numbers = []
    over: bool = False


class IdentifyWall(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="identify_wall"):
    """Lets every screen of a wall show its number for some seconds."""

    wall: _Id
    seconds: Annotated[int, Meta(ge=1, le=60)] = 10


class SaveMatrix(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="save_matrix"):
    """Saves what a wall shows now, or some of its screens, under a name; one of that name is replaced."""

    wall: _Id
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    screens: _Numbers = []


class LoadMatrix(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="load_matrix"):
    """Shows a matrix for good, or with `lease_s` over what is there."""

    matrix: _Id
    lease_s: Annotated[int, Meta(ge=0, le=LEASE_MOST_S)] = 0
    over: bool = False


class RemoveMatrix(Struct, frozen=True, kw_only=True, tag="remove_matrix"):
    """Takes a saved state away; one that a rule shows is kept."""

    matrix: _Id


class SetWallRule(Struct, frozen=True, kw_only=True, tag="set_wall_rule"):
    """Makes a rule, changes it, switches it on or off."""

    rule: WallRule


class RemoveWallRule(Struct, frozen=True, kw_only=True, tag="remove_wall_rule"):
    """Takes a rule away, and what it shows."""

    rule: _Id


WallCommand = (
    ArrangeWall
    | PushToWall
    | ExtendPush
    | EndPush
    | ClearWall
    | IdentifyWall
    | SaveMatrix
    | LoadMatrix
    | RemoveMatrix
    | SetWallRule
    | RemoveWallRule
    | TourCommand
)
