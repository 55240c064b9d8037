"""Guard tours that all seats share: cameras one after the other, and where a tour is at a moment."""

import enum
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.times import Instant

STOPS_MOST = 200
DWELL_LEAST_S = 3
DWELL_S = 10
_Id = Annotated[str, Meta(max_length=200)]


class TourOrder(enum.StrEnum):
    """In which order a round is walked."""

    LISTED = "listed"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"
    """Anew in each round, and the same on every display."""


class TourStep(enum.StrEnum):
    """What an officer does with a tour that runs."""

    PAUSE = "pause"
    GO_ON = "go_on"
    NEXT = "next"
    PREVIOUS = "previous"


class TourStop(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One camera, or all of a group one after the other. `dwell_s` is for each; 0 is what the tour says.

    Raises ValueError for a stop that is neither, or both.
    """

    camera: _Id = ""
    group: Annotated[str, Meta(max_length=300)] = ""
    dwell_s: Annotated[int, Meta(ge=0, le=3600)] = 0

    def __post_init__(self) -> None:
        if bool(self.camera) is bool(self.group):
            raise ValueError("a stop is a camera or a group")


class Tour(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tour as its author made it, and how it runs: its first round began at `begun_at`; while it is paused it stands.

    Each stop is shown for `dwell_s`; before `must_s` of that have gone by nobody steps on.
    """

    id: Annotated[str, Meta(max_length=80)] = ""
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    stops: Annotated[tuple[TourStop, ...], Meta(min_length=1, max_length=STOPS_MOST)]
    dwell_s: Annotated[int, Meta(ge=DWELL_LEAST_S, le=3600)] = DWELL_S
    must_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    order: TourOrder = TourOrder.LISTED
    author: str = ""
    by: str = ""
    at: Instant | None = None
    begun_at: Instant | None = None
    paused_at: Instant | None = None
    paused_by: str = ""
    removed: bool = False

    def __post_init__(self) -> None:
        if self.must_s > self.dwell_s:
            raise ValueError("a stop cannot have to be seen for longer than it is shown")


class TourAt(NamedTuple):
    """Where a tour is: the camera that is shown, as which of how many, for how long still, and who is passed over."""

    camera: str = ""
    stop: int = 0
    stops: int = 0
    left_s: float = 0.0
    stood_s: float = 0.0
    """For how long this stop has been shown."""
    skipped: tuple[str, ...] = ()
    """Cameras of the tour that cannot be watched now."""


class Route(NamedTuple):
    """A tour with its groups resolved: camera and seconds of each stop."""

    stops: tuple[tuple[str, int], ...]

    @property
    def length_s(self) -> int:
        """How long a round takes."""
        return sum(dwell for _camera, dwell in self.stops)


def route(tour: Tour, groups: Mapping[str, CameraGroup]) -> Route:
    """The stops of a tour; a group that is gone has none."""
    found: list[tuple[str, int]] = []
    for stop in tour.stops:
        held = groups.get(stop.group)
        cameras = (stop.camera,) if stop.camera else held.cameras if held is not None else ()
        found += [(camera, stop.dwell_s or tour.dwell_s) for camera in cameras]
    return Route(tuple(found[: 5 * STOPS_MOST]))


def watchable(camera: Camera | None) -> bool:
    """Whether a camera is worth a stop: it is known, has a stream and is not offline."""
    return camera is not None and bool(camera.url or camera.sub_url) and camera.health is not CameraHealth.OFFLINE


def where(tour: Tour, way: Route, is_watchable: Callable[[str], bool], now: datetime) -> TourAt:
    """Where the tour is at a time. It depends on the time only, so every display of it is at the same stop.

    The time of a camera that cannot be watched goes to the next one that can, so the others come when they would.
    """
    length_s = way.length_s
    if not length_s:
        return TourAt()
    skipped = tuple(dict.fromkeys(camera for camera, _dwell in way.stops if not is_watchable(camera)))
    turn, rest_s = divmod(_elapsed_s(tour, now), length_s)
    order, begins = _round(tour, way, int(turn))
    count = len(order)
    place = next(k for k in range(count) if rest_s < begins[k + 1])
    following = (order[(place + step) % count] for step in range(count))
    index = next((k for k in following if is_watchable(way.stops[k][0])), order[place])
    return TourAt(way.stops[index][0], index + 1, count, begins[place + 1] - rest_s, rest_s - begins[place], skipped)


def stepped(tour: Tour, way: Route, is_watchable: Callable[[str], bool], step: int, now: datetime) -> Tour:
    """The tour at the beginning of the stop that follows (1) or goes before (-1), over those not worth one."""
    length_s = way.length_s
    if not length_s:
        return tour
    turn, rest_s = divmod(_elapsed_s(tour, now), length_s)
    count = len(way.stops)
    if not any(is_watchable(camera) for camera, _dwell in way.stops):
        return stepped(tour, way, lambda _camera: True, step, now)
    order, begins = _round(tour, way, int(turn))
    place = next(k for k in range(count) if rest_s < begins[k + 1])
    while step > 0 and place < count - 1 and not is_watchable(way.stops[order[place]][0]):
        place += 1  # what is shown in its place is one further on already
    for _stop in way.stops:
        place += step
        if not 0 <= place < count:
            turn, place = max(0.0, turn + step), place % count
            order, begins = _round(tour, way, int(turn))
        if is_watchable(way.stops[order[place]][0]):
            break
    begun_at = now - timedelta(seconds=turn * length_s + begins[place])
    return msgspec.structs.replace(tour, begun_at=begun_at, paused_at=now if tour.paused_at is not None else None)


def paused(tour: Tour, by: str, now: datetime) -> Tour:
    """The tour standing where it is."""
    return tour if tour.paused_at is not None else msgspec.structs.replace(tour, paused_at=now, paused_by=by)


def going_on(tour: Tour, now: datetime) -> Tour:
    """The tour going on from where it stood."""
    if tour.paused_at is None or tour.begun_at is None:
        return tour
    return msgspec.structs.replace(tour, begun_at=tour.begun_at + (now - tour.paused_at), paused_at=None, paused_by="")


def _elapsed_s(tour: Tour, now: datetime) -> float:
    begun_at = tour.begun_at or now
    return max(0.0, ((tour.paused_at or now) - begun_at).total_seconds())


def _round(tour: Tour, way: Route, turn: int) -> tuple[list[int], list[float]]:
    """The stops of one round by their places in the list, and the seconds at which they begin, the end last."""
    count = len(way.stops)
    order = list(range(count))
    if tour.order is TourOrder.REVERSED:
        order.reverse()
    elif tour.order is TourOrder.SHUFFLED:
        order = random.Random(f"{tour.id}/{turn}").sample(order, count)
    return order, [0.0, *accumulate(float(way.stops[k][1]) for k in order)]
