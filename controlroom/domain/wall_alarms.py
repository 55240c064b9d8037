"""Which standing alarm each tile of an alarm layout shows, so that nothing moves under those who look at it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from controlroom.domain.alarm import Alarm

SeeingCameras = Callable[[Alarm], Sequence[str]]
"""The cameras that show where an alarm is, the best first."""

HOLD_S = 20.0
"""A place stays what it was for so long after its alarm has gone, so that a flapping one does not flicker."""
LEAST_S = 6.0
"""Nothing that has just come is taken away before it could be looked at. House figures both."""


class Collected(NamedTuple):
    """What a place shows: a camera and its alarm; `is_over` once that alarm no longer asks for it."""

    camera: str
    alarm: Alarm
    is_over: bool = False


class _Held(NamedTuple):
    camera: str
    alarm: Alarm
    since_s: float
    over_s: float | None = None


class AlarmPlaces:
    """The places of one screen. A camera keeps its place while its alarm stands; only a graver alarm takes the first.

    One thread owns an instance; times are seconds of one clock that does not go back.
    """

    def __init__(self) -> None:
        self._places: list[_Held | None] = []
        self._last: tuple[Alarm, float] | None = None

    def look(
        self, ordered: Sequence[Alarm], cameras_of: SeeingCameras, count: int, now_s: float
    ) -> list[Collected | None]:
        """What each of `count` places shows now; `ordered` has the standing alarms, the worst first."""
        wanted = dict(collected(ordered, cameras_of, count))
        self._places = [*self._places[:count], *[None] * (count - len(self._places))]
        for k, held in enumerate(self._places):
            if held is None:
                continue
            if held.camera in wanted:
                self._places[k] = held._replace(alarm=wanted[held.camera], over_s=None)
            elif held.over_s is None:
                self._places[k] = held._replace(over_s=now_s)
            elif now_s - held.over_s >= HOLD_S:
                self._places[k] = None
        there = {held.camera for held in self._places if held is not None}
        for camera, alarm in wanted.items():
            place = self._free(now_s) if camera not in there else None
            if place is not None:
                self._places[place] = _Held(camera, alarm, now_s)
        self._bring_forward(now_s)
        return [
            None if held is None else Collected(held.camera, held.alarm, held.over_s is not None)
            for held in self._places
        ]

    def hot_spot(self, ordered: Sequence[Alarm], now_s: float) -> Alarm | None:
        """The alarm that came last; one that has just been shown stays for a moment before the next."""
        newest = max(ordered, key=lambda alarm: alarm.received_at, default=None)
        if self._last is None or newest is None:
            self._last = None if newest is None else (newest, now_s)
            return newest
        held, since_s = self._last
        current = next((alarm for alarm in ordered if alarm.id == held.id), None)
        if newest.id == held.id or (current is not None and now_s - since_s < LEAST_S):
            self._last = (current or newest, since_s)
        else:
            self._last = (newest, now_s)
        return self._last[0]

    def _free(self, now_s: float) -> int | None:
        """An empty place, else the one whose alarm is over for longest."""
        empty = next((k for k, held in enumerate(self._places) if held is None), None)
        if empty is not None:
            return empty
        over = [
            (held.over_s, k)
            for k, held in enumerate(self._places)
            if held is not None and held.over_s is not None and now_s - held.since_s >= LEAST_S
        ]
        return min(over)[1] if over else None

    def _bring_forward(self, now_s: float) -> None:
        """Let the gravest change places with the first where that one is less grave."""
        standing = [(held.alarm.severity, k) for k, held in enumerate(self._places) if held and held.over_s is None]
        if not standing:
            return
        severity, place = min(standing)
        first = self._places[0]
        is_due = first is None or severity < first.alarm.severity
        if place and is_due and (first is None or now_s - first.since_s >= LEAST_S):
            moved = self._places[place]
            assert moved is not None
            self._places[0], self._places[place] = moved._replace(since_s=now_s), first


def collected(ordered: Sequence[Alarm], cameras_of: SeeingCameras, most: int) -> list[tuple[str, Alarm]]:
    """First the best camera of every alarm, then the second best and so on, each camera once."""
    found: dict[str, Alarm] = {}
    choices = [(alarm, tuple(cameras_of(alarm))) for alarm in ordered[: most * 2]]
    for rank in range(max((len(cameras) for _alarm, cameras in choices), default=0)):
        for alarm, cameras in choices:
            if len(found) >= most:
                return list(found.items())
            if rank < len(cameras):
                found.setdefault(cameras[rank], alarm)
    return list(found.items())
