"""Fences: who crosses is told once, who hovers at the border is not, and all of it survives the hub."""

from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.alarm import AlarmState
from controlroom.domain.fence import FenceTrigger
from controlroom.domain.limit_book import ZONE
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.domain.times import to_ms
from controlroom.domain.vehicle import Vehicle
from controlroom.domain.wall_rules import Hours
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.fence_commands import MOST_FENCES
from controlroom.hub.fence_watch import FenceWatch
from controlroom.hub.refusal import Refuse
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wire.frames import Positions
from controlroom.wire.messages import Command, Done, Refusal, VehiclesRecord
from tests.rooms import NOON, hub_in, seat_on, source_of

# About 860 m wide, 1,110 m high.
RING = (Point(116.40, 39.60), Point(116.41, 39.60), Point(116.41, 39.61), Point(116.40, 39.61))
INSIDE, OUTSIDE = (116.405, 39.605), (116.43, 39.605)
BORDER = (116.41018, 39.605)
"""15 m east of the border: outside, but within the margin."""


class Yard:
    """A room with vehicles, its watch, and a clock of the test's own."""

    def __init__(self) -> None:
        self.now = NOON
        self.core = Core("live", Room())
        units = [Vehicle(id="v-1", name="泵车1", kind="pump"), Vehicle(id="v-2", name="公交2", kind="bus")]
        self.core.record("fleet", VehiclesRecord(vehicles=units), "WGS-84", NOON)
        self.watch = FenceWatch(self.core)

    def do(self, body) -> str:
        outcome = carry_out(self.core.room, Command(id="c", seat="one", officer="王", body=body), self.now, False)
        for event in self.core.fold(outcome.events):
            self.watch.declare(event.fence)
        return outcome.created

    def fence(self, **more) -> str:
        return self.do(SetFence(name="危化品库", ring=RING, **more))

    def go(self, place, vehicle: int = 0, seconds: float = 1.0, for_s: float = 12.0) -> list[str]:
        """Stay at a place for a while; the titles of what stands then."""
        for _second in range(int(for_s)):
            self.now += timedelta(seconds=seconds)
            self.tell(place, vehicle, to_ms(self.now))
            self.watch.look(self.now)
        return self.standing()

    def tell(self, place, vehicle: int, time_ms: int) -> None:
        one = [np.array([v], t) for v, t in ((vehicle, np.uint32), (place[0], np.float64), (place[1], np.float64))]
        self.watch.take(Positions(*one, np.zeros(1, np.float32), np.zeros(1, np.float32), np.array([time_ms])))

    def standing(self) -> list[str]:
        return sorted(a.title for a in self.core.room.alarms.values() if a.state is AlarmState.UNACKNOWLEDGED)


def refused(yard: Yard, body) -> Refusal:
    before = yard.core.room.digest()
    with pytest.raises(Refuse) as told:
        yard.do(body)
    assert yard.core.room.digest() == before
    return told.value.code


def test_who_is_inside_when_the_fence_is_drawn_is_told_of_nobody() -> None:
    yard = Yard()
    yard.fence()
    assert yard.go(INSIDE) == []


def test_coming_in_and_going_out_are_alarms_and_each_ends_the_other() -> None:
    yard = Yard()
    yard.fence()
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == ["电子围栏：泵车1 驶入 危化品库"]
    held = next(iter(yard.core.room.alarms.values()))
    assert (held.source, held.kind, held.point) == ("fences", "fence", Point(*INSIDE))
    yard.go(OUTSIDE)
    states = {a.title: a.state for a in yard.core.room.alarms.values()}
    assert states["电子围栏：泵车1 驶出 危化品库"] is AlarmState.UNACKNOWLEDGED
    assert states["电子围栏：泵车1 驶入 危化品库"] is AlarmState.RETURNED


def test_a_fence_that_tells_of_one_way_keeps_quiet_about_the_other() -> None:
    yard = Yard()
    yard.fence(trigger=FenceTrigger.EXIT)
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == []
    assert yard.go(OUTSIDE) == ["电子围栏：泵车1 驶出 危化品库"]
    yard.go(INSIDE)
    assert not any(a.active for a in yard.core.room.alarms.values())


def test_who_hovers_at_the_border_has_not_left() -> None:
    yard = Yard()
    yard.fence()
    yard.go(INSIDE)
    for _turn in range(5):
        assert yard.go(BORDER) == []
        assert yard.go(INSIDE, for_s=2) == []


def test_a_jump_of_the_receiver_shorter_than_the_dwell_is_not_told() -> None:
    yard = Yard()
    yard.fence(dwell_s=10.0)
    yard.go(OUTSIDE)
    for _turn in range(4):
        assert yard.go(INSIDE, for_s=8) == []
        assert yard.go(OUTSIDE, for_s=3) == []


def test_without_a_dwell_even_a_crossing_within_a_second_is_told() -> None:
    yard = Yard()
    yard.fence(dwell_s=0.0)
    start = to_ms(yard.now)
    for step, place in enumerate((OUTSIDE, INSIDE, OUTSIDE), 1):
        yard.tell(place, 0, start + 100 * step)
    yard.watch.look(yard.now)
    assert sorted(a.title[7:] for a in yard.core.room.alarms.values()) == ["1 驶入 危化品库", "1 驶出 危化品库"]


def test_only_the_kinds_that_it_concerns_are_judged() -> None:
    yard = Yard()
    yard.fence(kinds=("pump",))
    for vehicle in (0, 1):
        yard.go(OUTSIDE, vehicle)
        yard.go(INSIDE, vehicle)
    assert yard.standing() == ["电子围栏：泵车1 驶入 危化品库"]


@pytest.mark.parametrize("place", [(float("nan"), 39.6), (float("inf"), 39.6), (500.0, 39.6), (0.0, 0.0)])
def test_a_position_that_is_none_changes_nothing(place) -> None:
    yard = Yard()
    yard.fence(trigger=FenceTrigger.EXIT, dwell_s=0.0)
    yard.go(INSIDE)
    assert yard.go(place) == []


def test_positions_out_of_order_do_not_undo_newer_ones() -> None:
    yard = Yard()
    yard.fence(dwell_s=0.0)
    yard.go(OUTSIDE)
    yard.tell(INSIDE, 0, to_ms(yard.now) - 5000)
    yard.watch.look(yard.now)
    assert yard.standing() == []


@pytest.mark.parametrize("time_ms", [0, -1, -(2**62)])
def test_a_clock_before_all_time_moves_nobody(time_ms: int) -> None:
    yard = Yard()
    yard.fence()
    yard.go(OUTSIDE)
    for _told in range(3):
        yard.tell(INSIDE, 0, time_ms)
    assert yard.watch.look(yard.now) == []
    assert yard.go(INSIDE) == ["电子围栏：泵车1 驶入 危化品库"], "it goes on being judged"


def test_a_removed_fence_ends_its_alarms() -> None:
    yard = Yard()
    fence = yard.fence()
    yard.go(OUTSIDE)
    yard.go(INSIDE)
    yard.do(RemoveFence(fence=fence))
    yard.watch.look(yard.now)
    assert not any(a.active for a in yard.core.room.alarms.values())
    assert yard.core.room.fences == {}


def test_a_restarted_hub_knows_who_was_inside_and_ends_it_when_they_leave() -> None:
    yard = Yard()
    yard.fence(trigger=FenceTrigger.ENTER)
    yard.go(OUTSIDE)
    yard.go(INSIDE)
    yard.watch = FenceWatch(yard.core)
    yard.go(OUTSIDE)
    assert not any(a.active for a in yard.core.room.alarms.values())


def test_an_alarm_whose_fence_went_while_the_hub_was_down_is_ended() -> None:
    yard = Yard()
    fence = yard.fence()
    yard.go(OUTSIDE)
    yard.go(INSIDE)
    held = yard.core.room.fences.pop(fence)
    assert held.name == "危化品库"
    yard.watch = FenceWatch(yard.core)
    yard.watch.look(yard.now)
    assert not any(a.active for a in yard.core.room.alarms.values())


def test_a_fence_that_is_no_area_is_refused() -> None:
    yard = Yard()
    a, b, c, d = RING
    assert refused(yard, SetFence(name="x", ring=(a, c, b, d))) is Refusal.MALFORMED
    assert refused(yard, SetFence(name="x", ring=(a, a, a))) is Refusal.MALFORMED
    assert refused(yard, SetFence(name=" ", ring=RING)) is Refusal.REASON_REQUIRED
    assert refused(yard, SetFence(name="x", ring=RING, fence="fence-9")) is Refusal.UNKNOWN_OBJECT
    assert refused(yard, SetFence(name="x", ring=RING, incident="nix")) is Refusal.UNKNOWN_OBJECT
    assert refused(yard, RemoveFence(fence="fence-9")) is Refusal.UNKNOWN_OBJECT


def test_a_fence_is_changed_by_name_and_keeps_who_drew_it() -> None:
    yard = Yard()
    fence = yard.fence()
    same = SetFence(name="危化品库", ring=RING, fence=fence)
    assert refused(yard, same) is Refusal.ALREADY_DONE
    yard.do(SetFence(name="危化品库（北）", ring=RING, fence=fence, dwell_s=3.0))
    held = yard.core.room.fences[fence]
    assert (held.name, held.by, held.changed_by, held.dwell_s) == ("危化品库（北）", "王", "王", 3.0)


def test_there_is_an_end_to_how_many_fences_a_room_takes() -> None:
    yard = Yard()
    fence = yard.fence()
    held = yard.core.room.fences[fence]
    yard.core.room.fences.update({f"f-{n}": held for n in range(MOST_FENCES)})
    assert refused(yard, SetFence(name="x", ring=RING)) is Refusal.TOO_LARGE


def test_a_fence_of_one_seat_is_on_another_and_tells_of_real_positions(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub:
        port = hub.ports.requests
        with seat_on(port) as one, seat_on(port) as other, source_of(hub.ports.ingest) as source:
            source.hand_in({"type": "vehicles", "vehicles": [{"id": "v-1", "name": "泵车1", "kind": "pump"}]})
            body = SetFence(name="泵站", ring=RING, dwell_s=0.0)
            asked = one.link.ask(Command(id="c-1", seat="one", officer="王", body=body))
            one.until(asked.done)
            answer = asked.result()
            assert isinstance(answer, Done)
            other.until(lambda: answer.created in other.mirror.room.fences)
            for time, (lon, lat) in enumerate((OUTSIDE, INSIDE), to_ms(NOON)):
                row = ["v-1", lon, lat, 0.0, 30.0, time]
                source.hand_in({"type": "positions", "positions": [row]})
            other.until(lambda: any(a.source == "fences" for a in other.mirror.room.alarms.values()))
            one.until(lambda: one.mirror.room.sequence >= other.mirror.room.sequence)
            other.until(lambda: other.mirror.room.sequence >= one.mirror.room.sequence)
            assert one.mirror.room.digest() == other.mirror.room.digest()
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as later:
        later.until(lambda: answer.created in later.mirror.room.fences)
        assert [a.place for a in later.mirror.room.alarms.values()] == ["泵站"]


def test_a_fence_that_is_switched_off_ends_its_alarms_and_tells_of_nobody_until_it_is_on_again() -> None:
    yard = Yard()
    fence = yard.fence(trigger=FenceTrigger.ENTER)
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == ["电子围栏：泵车1 驶入 危化品库"]
    off = SetFence(name="危化品库", ring=RING, fence=fence, trigger=FenceTrigger.ENTER, enabled=False)
    yard.do(off)
    assert yard.go(OUTSIDE) == []
    assert yard.go(INSIDE) == []
    again = FenceWatch(yard.core)
    assert not again._watched
    yard.do(msgspec.structs.replace(off, enabled=True, version=2))
    assert yard.go(INSIDE) == []
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == ["电子围栏：泵车1 驶入 危化品库"]


def test_who_changes_or_removes_a_fence_that_another_changed_meanwhile_is_told_and_nothing_is_lost() -> None:
    yard = Yard()
    fence = yard.fence()
    yard.do(SetFence(name="一号库", ring=RING, fence=fence))
    assert refused(yard, SetFence(name="二号库", ring=RING, fence=fence)) is Refusal.CHANGED_MEANWHILE
    assert refused(yard, RemoveFence(fence=fence)) is Refusal.CHANGED_MEANWHILE
    held = yard.core.room.fences[fence]
    assert (held.name, held.version, held.changed_seat) == ("一号库", 2, "one")
    yard.do(SetFence(name="二号库", ring=RING, fence=fence, version=2))
    yard.do(RemoveFence(fence=fence, version=3))
    assert not yard.core.room.fences


NIGHT = Hours(begins="22:00", ends="06:00", days=(6,))
"""From Saturday's evening into Sunday: NOON is Saturday 21 November 2026 in the district."""


def test_a_fence_holds_at_its_hours_alone_and_over_midnight() -> None:
    yard = Yard()
    yard.fence(hours=NIGHT, trigger=FenceTrigger.ENTER, dwell_s=0.0)
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == []
    yard.now += timedelta(hours=13)
    assert yard.go(INSIDE) == [], "who is inside when the hours begin has not crossed"
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == ["电子围栏：泵车1 驶入 危化品库"]
    yard.now += timedelta(hours=5)
    yard.watch.look(yard.now)
    assert yard.standing() == [], "its alarms are over with its hours"
    yard.now += timedelta(hours=18)
    yard.go(OUTSIDE)
    assert yard.go(INSIDE) == [], "Sunday's night is none of its days"


def test_hours_that_ended_while_no_hub_ran_end_the_alarms_of_before() -> None:
    yard = Yard()
    yard.now += timedelta(hours=11)
    yard.fence(hours=NIGHT, dwell_s=0.0)
    yard.go(OUTSIDE)
    assert yard.go(INSIDE)
    yard.watch = FenceWatch(yard.core)
    yard.now += timedelta(hours=10)
    yard.watch.look(yard.now)
    assert yard.standing() == []


_CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from((0, 30)))
_HOURS = st.builds(
    lambda begins, ends, days: Hours(begins=begins, ends=ends, days=tuple(sorted(days))),
    _CLOCKS,
    _CLOCKS,
    st.sets(st.integers(1, 7), max_size=6),
)


@settings(max_examples=40, deadline=None)
@given(
    hours=st.none() | _HOURS,
    trigger=st.sampled_from(FenceTrigger),
    moves=st.lists(st.tuples(st.sampled_from((1, 17, 95, 430)), st.booleans(), st.integers(0, 1)), max_size=25),
)
def test_what_stands_is_what_crossed_last_in_the_hours_of_the_fence(
    hours: Hours | None, trigger: FenceTrigger, moves: list[tuple[int, bool, int]]
) -> None:
    """Against a model: an alarm stands while the last crossing was told and the fence has held since."""
    yard = Yard()
    fence = yard.fence(hours=hours, trigger=trigger, dwell_s=0.0, margin_m=0.0)
    side: dict[int, bool] = {}
    expected: set[str] = set()
    for minutes, comes_in, vehicle in moves:
        yard.now += timedelta(minutes=minutes)
        yard.tell(INSIDE if comes_in else OUTSIDE, vehicle, to_ms(yard.now))
        yard.watch.look(yard.now)
        holds = hours is None or yard.now.astimezone(ZONE) in hours
        if side.get(vehicle, comes_in) != comes_in:
            expected -= {f"{fence}/enter/v-{vehicle + 1}", f"{fence}/exit/v-{vehicle + 1}"}
            if trigger.enters if comes_in else trigger.exits:
                expected.add(f"{fence}/{'enter' if comes_in else 'exit'}/v-{vehicle + 1}")
        side[vehicle] = comes_in
        expected = expected if holds else set()
        assert {a.key for a in yard.core.room.alarms.values() if a.active} == expected
