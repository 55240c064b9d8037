"""Who moves a map: the officer's hand, an object that is followed, or a set that is to be seen whole.

A map that fits a set looks anew only when the set changes; a hand that moves the map locks it where it is.
"""

import enum
import math
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from controlroom.mapping.coordinates import WORLD, in_world, to_degrees, to_fixed
from controlroom.mapping.layers import MapCentre, Selection

_FIT_SHARE = 0.8
"""How much of the map a set takes; the rest is margin, so that no mark lies on the edge."""

CLOSEST = 16
"""A set of one place is not looked at closer than this."""

FARTHEST = 8
_MOST_MEMBERS = 200


class ViewRule(enum.StrEnum):
    """What a map looks at by itself."""

    FREE = "free"
    FOLLOW = "follow"
    """One object stays in the middle."""
    ALARMS = "alarms"
    """All standing alarms are seen."""
    INCIDENT = "incident"
    """The alarms, place and things of one incident are seen."""
    GROUP = "group"
    """A group of objects, such as vehicles, is seen."""


FITS = frozenset({ViewRule.ALARMS, ViewRule.INCIDENT, ViewRule.GROUP})


class Held(Struct, frozen=True, omit_defaults=True):
    """What is kept of a viewpoint: its rule, whom it concerns, and whether a hand has locked it."""

    rule: ViewRule = ViewRule.FREE
    members: tuple[Selection, ...] = ()
    locked: bool = False


class Viewpoint:
    """The state of one map's view. Every method that returns a bool tells whether something has changed."""

    def __init__(self) -> None:
        self.held = Held()
        self.missed = False
        """Whether the set has changed since the hand's lock."""
        self._fitted: frozenset[str] | None = None

    @property
    def followed(self) -> Selection | None:
        """The object that stays in the middle."""
        return self.held.members[0] if self.held.rule is ViewRule.FOLLOW else None

    @property
    def fits(self) -> bool:
        """Whether the map looks at a set by itself, were it not locked."""
        return self.held.rule in FITS

    def hold(self, rule: ViewRule, members: Sequence[Selection] = ()) -> None:
        """Look by a rule from now on. Raises ValueError for FOLLOW, INCIDENT or GROUP of nobody."""
        if rule not in (ViewRule.FREE, ViewRule.ALARMS) and not members:
            raise ValueError(f"{rule} of nobody")
        self.held = Held(rule, tuple(members)[:_MOST_MEMBERS])
        self.missed = False
        self._fitted = None

    def touch(self) -> bool:
        """A hand has moved the map: it follows no longer, and a set is fitted no longer until it is released."""
        if self.held.rule is ViewRule.FOLLOW:
            self.hold(ViewRule.FREE)
            return True
        if self.fits and not self.held.locked:
            self.held = msgspec.structs.replace(self.held, locked=True)
            return True
        return False

    def release(self) -> bool:
        """The map fits its set again, at the next `due`."""
        if not self.held.locked:
            return False
        self.held = msgspec.structs.replace(self.held, locked=False)
        self.missed = False
        self._fitted = None
        return True

    def lock(self) -> bool:
        """The map stays where it is although its set changes."""
        return self.fits and self.touch()

    def due(self, members: Collection[str]) -> bool:
        """Whether the map must look at its set now; asked whenever the set may have changed. An empty set is not."""
        now = frozenset(members)
        if not self.fits or now == self._fitted:
            return False
        if self.held.locked:
            self.missed = self.missed or self._fitted is not None
            self._fitted = now if self._fitted is None else self._fitted
            return False
        self._fitted = now
        return bool(now)

    def again(self) -> None:
        """The set is to be looked at anew although it is the same: one of a group has left the map."""
        self._fitted = None

    def state(self) -> Any:
        """What is kept, as plain JSON values."""
        return msgspec.to_builtins(self.held)

    def restore(self, state: object) -> bool:
        """Take up what `state` gave; what makes no sense leaves the map free."""
        try:
            held = msgspec.convert(state, Held)
            self.hold(held.rule, held.members)
        except (ValueError, msgspec.ValidationError):
            return False
        self.held = held
        return True


def fitted(places: Sequence[tuple[float, float]], width: int, height: int) -> MapCentre | None:
    """The middle and the closest zoom at which all places (lon, lat; degrees WGS-84) are seen; None without any."""
    places = [place for place in places if in_world(*place)]
    if not places:
        return None
    x, y = to_fixed([lon for lon, _lat in places], [lat for _lon, lat in places])
    left, right, top, bottom = float(x.min()), float(x.max()), float(y.min()), float(y.max())
    share = max(
        (right - left) / max(1.0, width * _FIT_SHARE), (bottom - top) / max(1.0, height * _FIT_SHARE), WORLD / 2.0**40
    )
    zoom = math.floor(math.log2(WORLD / 256.0 / share))
    lon, lat = to_degrees((left + right) / 2, (top + bottom) / 2)
    return MapCentre(float(lon), float(lat), max(FARTHEST, min(CLOSEST, zoom)))


def leaves(place: tuple[float, float], centre: MapCentre, width: int, height: int) -> bool:
    """Whether a place (lon, lat) lies outside a map of so many pixels, or on its edge."""
    scale = 256.0 * 2.0**centre.zoom / WORLD
    x, y = (float(part) for part in to_fixed(*place))
    middle_x, middle_y = (float(part) for part in to_fixed(centre.lon, centre.lat))
    return abs(x - middle_x) * scale > 0.47 * width or abs(y - middle_y) * scale > 0.47 * height
