"""The ingest door: exactly once, in words when refused, and never stopped by what comes."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.room import Room
from controlroom.hub.core import Core
from controlroom.hub.door import Door, Taken
from controlroom.hub.unknown_devices import MOST
from controlroom.wire.messages import Refusal
from tests.rooms import NOON, alarm


def door(realm: str = "live") -> Door:
    return Door(Core(realm, Room()), {})


def take(at: Door, *records: dict[str, Any], **more: Any) -> Taken:
    return at.take(json.dumps({"source": "s", "records": list(records), **more}).encode(), NOON)


def codes(taken: Taken) -> list[Refusal]:
    return [refused.code for refused in taken.acknowledgement.refused]


def test_json_and_msgpack_lead_to_the_same_alarm() -> None:
    message = {"source": "s", "records": [alarm("a", point=[116.3, 39.7])]}
    events = [door().take(encode(message), NOON).events for encode in (msgspec.json.encode, msgspec.msgpack.encode)]
    assert len(events[0]) == 1
    assert events[0] == events[1]


def test_a_handover_that_came_twice_counts_once() -> None:
    at = door()
    first = take(at, alarm("a"), seq=1, session="x")
    again = take(at, alarm("a"), seq=1, session="x")
    assert first.acknowledgement.accepted == 1
    assert again.acknowledgement.duplicate
    assert again.events == []


def test_a_gap_is_answered_with_the_number_that_comes_next() -> None:
    at = door()
    early = take(at, alarm("a"), seq=5, session="x")
    assert early.acknowledgement.expected == 1
    take(at, alarm("a"), seq=1, session="x")
    taken = take(at, alarm("b"), seq=3, session="x")
    assert taken.acknowledgement.expected == 2
    assert codes(taken) == [Refusal.OUT_OF_ORDER]
    assert not taken.events


def test_a_bad_record_does_not_take_the_others_with_it() -> None:
    taken = take(door(), alarm("a"), {"type": "alarm", "key": "b"}, {"type": "what"}, alarm("c"))
    assert taken.acknowledgement.accepted == 2
    assert [refused.index for refused in taken.acknowledgement.refused] == [1, 2]


def test_a_malformed_message_does_not_hold_up_its_source() -> None:
    at = door()
    take(at, alarm("a"), seq=1)
    broken = at.take(b'{"source": "s", "seq": 2, "records": 7}', NOON)
    assert codes(broken) == [Refusal.MALFORMED]
    assert take(at, alarm("b"), seq=3).acknowledgement.accepted == 1


@pytest.mark.parametrize(("hub", "message"), [("live", "drill/a"), ("drill/a", "live"), ("drill/a", "drill/b")])
def test_a_realm_refuses_another(hub: str, message: str) -> None:
    taken = take(door(hub), alarm("a"), realm=message)
    assert codes(taken) == [Refusal.WRONG_REALM]
    assert not taken.events


def test_a_newer_version_is_refused_in_words() -> None:
    taken = take(door(), alarm("a"), v=2)
    assert codes(taken) == [Refusal.NEWER_VERSION]
    assert "version 2" in taken.acknowledgement.refused[0].text


def test_a_source_in_gcj02_is_converted_at_the_door() -> None:
    at = door()
    taken = take(at, alarm("a", point=[116.41, 39.64]), crs="GCJ-02")
    point = taken.events[0].alarm.point
    assert point is not None
    assert (116.41 - point.lon) == pytest.approx(0.0061, abs=2e-4)
    assert (39.64 - point.lat) == pytest.approx(0.0013, abs=2e-4)


def test_readings_of_unknown_sensors_and_unequal_columns_are_refused() -> None:
    at = door()
    take(at, {"type": "sensors", "sensors": [{"id": "p1", "name": "水位", "kind": "water"}]})
    good = take(at, {"type": "readings", "ids": ["p1"], "values": [1.5], "times": [1]})
    assert len(good.readings) == 1
    unknown = take(at, {"type": "readings", "ids": ["p2"], "values": [1.5], "times": [1]})
    unequal = take(at, {"type": "readings", "ids": ["p1"], "values": [], "times": [1]})
    assert codes(unknown) == [Refusal.UNKNOWN_OBJECT]
    assert codes(unequal) == [Refusal.MALFORMED]


def test_of_a_record_the_readings_of_declared_sensors_are_taken_and_the_others_are_listed() -> None:
    at = door()
    take(at, {"type": "sensors", "sensors": [{"id": "p1", "name": "水位", "kind": "water"}]})
    mixed = {"type": "readings", "ids": ["x1", "p1", "x2"], "values": [1.0, 2.5, 3.0], "times": [1, 2, 3]}
    taken = take(at, mixed)
    assert codes(taken) == [Refusal.UNKNOWN_OBJECT]
    assert "x1" in taken.acknowledgement.refused[0].text
    assert taken.acknowledgement.accepted == 1
    assert [(r.value.tolist(), r.time.tolist()) for r in taken.readings] == [([2.5], [2])]
    take(at, mixed)
    listed = at.watch.unknown.listed()
    assert (listed.total, [(u.id, u.count) for u in listed.sensors]) == (2, [("x2", 2), ("x1", 2)])
    take(at, {"type": "sensors", "sensors": [{"id": "x1", "name": "水位", "kind": "water"}]})
    assert [u.id for u in at.watch.unknown.listed().sensors] == ["x2"]


def test_a_flood_of_invented_ids_is_kept_within_bounds() -> None:
    at = door()
    for start in range(0, 3 * MOST, 5000):
        ids = [f"x{n}" for n in range(start, start + 5000)]
        take(at, {"type": "readings", "ids": ids, "values": [1.0] * 5000, "times": [1] * 5000})
    listed = at.watch.unknown.listed()
    assert (listed.total, len(listed.sensors)) == (MOST, 1000)
    assert listed.sensors[0].id == f"x{3 * MOST - 1}"


def test_a_reading_from_the_future_is_doubted_and_not_believed() -> None:
    at = door()
    take(at, {"type": "sensors", "sensors": [{"id": "p1", "name": "水位", "kind": "water"}]})
    far = int((NOON + timedelta(days=400)).timestamp() * 1000)
    readings = take(at, {"type": "readings", "ids": ["p1"], "values": [1.5], "times": [far]}).readings[0]
    assert readings.time[0] == int(NOON.timestamp() * 1000)
    assert readings.quality[0] != 0


def test_declaring_again_gives_the_same_index_and_no_event() -> None:
    at = door()
    declared = {"type": "sensors", "sensors": [{"id": f"p{n}", "name": "水位", "kind": "water"} for n in range(3)]}
    first, second = take(at, declared), take(at, declared)
    assert first.acknowledgement.indices == second.acknowledgement.indices == (0, 1, 2)
    assert second.events == []


def test_a_source_is_shown_when_it_is_refused_skewed_or_silent() -> None:
    at = door()
    take(at, alarm("a"), sent_at=(NOON - timedelta(minutes=3)).isoformat())
    take(at, {"type": "what"})
    told = at.look(NOON)
    assert [(e.source.refused, e.source.skew_s) for e in told] == [(1, -180.0)]
    assert at.look(NOON) == []
    assert [e.source.silent for e in at.look(NOON + timedelta(seconds=30))] == [True]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(frame: bytes) -> None:
    at = door()
    assert at.take(frame, NOON).acknowledgement.accepted == 0
    assert at.refused >= 1


@given(st.lists(JUNK, max_size=5), JUNK, JUNK)
def test_any_shape_of_message_is_answered(records: list[Any], seq: Any, source: Any) -> None:
    at = door()
    at.take(msgspec.msgpack.encode({"source": "s", "records": records}), NOON)
    at.take(json.dumps({"source": source, "records": records, "seq": seq}).encode(), NOON)
    at.take(b"[" * 5000, NOON)
    at.take(b'{"a":' * 5000, NOON)
    assert take(at, alarm("a")).acknowledgement.accepted == 1
