"""Teams, hazard sources and spaces at the door: what is taken, what is too little to keep, what is refused."""

from datetime import timedelta

from controlroom.domain.asset import Asset, AssetKind
from controlroom.domain.times import to_ms
from controlroom.wire.messages import Refusal
from tests.hub.test_door import codes, door, take
from tests.rooms import NOON

TEAM = {"id": "t1", "name": "抢险一队", "kind": "team", "state": "ready", "point": [116.3, 39.7]}


def told(**changed: object) -> dict[str, object]:
    return {"type": "assets", "assets": [{**TEAM, "seen_at": NOON.isoformat(), **changed}]}


def moved(lon: float, seconds: float, identity: str = "t1") -> dict[str, object]:
    return {"type": "moves", "moves": [[identity, lon, 39.7, to_ms(NOON - timedelta(seconds=1000 - seconds))]]}


def test_a_team_is_declared_with_who_told_of_it_and_told_again_it_is_no_event() -> None:
    at = door()
    first = take(at, told(strength=12))
    assert len(first.events) == 1
    held = at._core.room.assets["t1"]
    assert (held.source, held.strength, held.kind) == ("s", 12, AssetKind.TEAM)
    assert take(at, told(strength=12)).events == []


def test_a_state_that_its_kind_does_not_know_is_refused() -> None:
    at = door()
    taken = take(at, told(state="full"))
    assert codes(taken) == [Refusal.MALFORMED]
    assert not at._core.room.assets


def test_a_removed_asset_is_gone_and_an_unknown_one_is_not_removed_twice() -> None:
    at = door()
    take(at, told())
    assert len(take(at, told(removed=True)).events) == 1
    assert not at._core.room.assets
    assert take(at, told(removed=True)).events == []


def test_small_steps_are_not_written_down_and_large_or_late_ones_are() -> None:
    at = door()
    take(at, told(seen_at=(NOON - timedelta(seconds=1000)).isoformat()))
    assert take(at, moved(116.30001, 5)).events == []
    assert len(take(at, moved(116.31, 6)).events) == 1
    assert at._core.room.assets["t1"].point.lon == 116.31
    assert len(take(at, moved(116.31, 40)).events) == 1
    assert at._core.room.assets["t1"].seen_at == NOON - timedelta(seconds=960)


def test_a_place_that_is_older_than_the_known_one_changes_nothing() -> None:
    at = door()
    take(at, told())
    assert take(at, moved(116.5, 10)).events == []
    again = take(at, told(point=[116.1, 39.7], seen_at=(NOON - timedelta(hours=1)).isoformat(), state="working"))
    held = at._core.room.assets["t1"]
    assert len(again.events) == 1
    assert (held.state, held.point.lon, held.seen_at) == ("working", 116.3, NOON)


def test_a_time_of_the_future_counts_as_now() -> None:
    at = door()
    take(at, told(seen_at=(NOON + timedelta(days=3)).isoformat()))
    assert at._core.room.assets["t1"].seen_at == NOON


def test_of_moves_the_declared_are_taken_and_the_others_named() -> None:
    at = door()
    take(at, told(seen_at=(NOON - timedelta(seconds=1000)).isoformat()))
    both = {"type": "moves", "moves": [*moved(116.4, 50)["moves"], *moved(116.4, 50, "who")["moves"]]}
    taken = take(at, both)
    assert codes(taken) == [Refusal.UNKNOWN_OBJECT]
    assert "who" in taken.acknowledgement.refused[0].text
    assert at._core.room.assets["t1"].point.lon == 116.4
    assert codes(take(at, moved(116.4, 60, "who"))) == [Refusal.UNKNOWN_OBJECT]


def test_a_time_that_cannot_be_is_refused() -> None:
    at = door()
    take(at, told())
    for ms in (10**17, -(10**17), 2**62):
        assert codes(take(at, {"type": "moves", "moves": [["t1", 116.3, 39.7, ms]]})) == [Refusal.MALFORMED]


def test_points_come_in_the_crs_of_the_message() -> None:
    at = door()
    take(at, told(), crs="GCJ-02")
    held = at._core.room.assets["t1"].point
    assert 0.001 < 116.3 - held.lon < 0.02


def test_what_is_known_of_an_asset_ages() -> None:
    team = Asset(id="a", name="a", kind=AssetKind.TEAM, seen_at=NOON)
    assert not team.stale(NOON + timedelta(seconds=599))
    assert team.stale(NOON + timedelta(seconds=601))
    assert Asset(id="a", name="a", kind=AssetKind.SPACE).stale(NOON)
    assert team.age_s(NOON - timedelta(seconds=5)) == 0.0
