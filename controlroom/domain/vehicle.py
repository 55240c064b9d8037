"""What a vehicle or team that reports its position is."""

from msgspec import Struct


class Vehicle(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A unit with a position: `kind` is one of the fleet's own words (bus, taxi, ambulance, patrol, pump …)."""

    id: str
    name: str
    kind: str = ""
    department: str = ""
