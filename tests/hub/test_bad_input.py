"""Whatever comes in at a door: refused in words, counted for its source, kept, and the next good one is taken."""

import json
import math
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.room import Room
from controlroom.hub.core import Core
from controlroom.hub.dead_letters import BODY_BYTES
from controlroom.hub.desk import Desk
from controlroom.hub.door import Door
from controlroom.wire import codec
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.messages import Command, Denied, Refusal, Request
from controlroom.wire.sockets import MAX_MESSAGE_BYTES
from tests.rooms import NOON, alarm, hub_in, source_of, wait_until

OUTSIDE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=12)
    | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
SENSORS = {"type": "sensors", "sensors": [{"id": "p1", "name": "水位", "kind": "water"}]}


def door() -> Door:
    made = Door(Core("live", Room()), {})
    made.take(codec.encode({"source": "s", "records": [SENSORS]}), NOON)
    return made


def still_open(at: Door) -> None:
    """The next good message is taken as if nothing had been."""
    taken = at.take(codec.encode({"source": "s", "records": [alarm("good")]}), NOON)
    assert taken.acknowledgement.accepted == 1
    assert not taken.acknowledgement.refused
    codec.encode(at.watch.now(NOON))
    codec.encode(at.watch.refused_of("s"))


def refused(frame: bytes, code: Refusal = Refusal.MALFORMED, source: str = "s") -> Door:
    at = door()
    taken = at.take(frame, NOON)
    assert [each.code for each in taken.acknowledgement.refused] == [code]
    assert taken.acknowledgement.accepted == 0
    assert taken.events == []
    codec.encode_json(taken.acknowledgement)
    (kept,) = at.watch.letters.of(source)
    assert kept.body and frame[:BODY_BYTES].find(kept.body[:20]) >= 0
    assert kept.text
    assert at.watch.now(NOON).sources[-1 if source != "s" else 0].refused == 1
    still_open(at)
    return at


def packed(record: dict[str, Any] | bytes, **more: Any) -> bytes:
    """A handover of one record, which may be bytes as they are."""
    raw = msgspec.Raw(record) if isinstance(record, bytes) else record
    return codec.encode({"source": "s", "records": [raw], **more})


WHOLE = packed(alarm("a", text="长" * 20))


@pytest.mark.parametrize("end", [1, 5, len(WHOLE) // 3, len(WHOLE) - 1])
def test_a_message_that_was_cut_off(end: int) -> None:
    refused(WHOLE[:end], source="s" if end > 20 else "?")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", "2"),
        ("severity", 0),
        ("severity", 2.5),
        ("severity", True),
        ("key", 7),
        ("key", ""),
        ("title", None),
        ("title", ["a"]),
        ("occurred_at", 1_700_000_000),
        ("occurred_at", "yesterday"),
        ("occurred_at", "2026-11-21T04:00:00"),
        ("point", [1]),
        ("point", {"lon": 1, "lat": 2}),
        ("point", [200.0, 0.0]),
        ("type", "unknown"),
        ("type", None),
        ("type", 3),
    ],
)
def test_a_field_of_a_wrong_kind_or_value(field: str, value: Any) -> None:
    refused(packed(alarm("a") | {field: value}))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e308])
def test_numbers_that_are_none(number: float) -> None:
    refused(packed(alarm("a", point=[number, 39.5])))
    refused(packed({"type": "readings", "ids": ["p1"], "values": [number], "times": [1]}))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "0x10", "01"])
def test_numbers_that_json_does_not_have(text: str) -> None:
    frame = (
        b'{"source": "s", "records": [{"type": "readings", "ids": ["p1"], "values": ['
        + text.encode()
        + b'], "times": [1]}]}'
    )
    refused(frame)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3.4e38])
def test_columns_with_numbers_that_are_none_are_doubted_and_not_believed(value: float) -> None:
    now_ms = int(NOON.timestamp() * 1000)
    columns = {
        "type": "columns",
        "index": struct.pack("<I", 0),
        "value": struct.pack("<f", value),
        "time": struct.pack("<q", now_ms),
        "quality": b"\0",
    }
    (readings,) = door().take(packed(columns), NOON).readings
    assert math.isfinite(readings.value[0]) == math.isfinite(value)
    assert not math.isinf(readings.value[0])
    assert (readings.quality[0] != 0) == math.isinf(value)


@pytest.mark.parametrize("bomb", [b"[" * 100_000, b'{"a":' * 100_000, b"\x91" * 100_000, b"\x81\xa1a" * 100_000])
def test_a_bomb_of_nesting(bomb: bytes) -> None:
    refused(bomb, source="?")
    inside = packed(bomb)
    refused(inside)


@pytest.mark.parametrize(
    "head",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x01",
    ],
)
def test_a_length_that_is_declared_and_not_there(head: bytes) -> None:
    refused(head + b"rest", source="?")
    refused(packed(b"\x81\xa4type" + head))


def test_more_than_a_batch_may_hold() -> None:
    refused(codec.encode({"source": "s", "records": [0] * 10_001}))
    refused(packed({"type": "readings", "ids": ["p1"] * 200_001, "values": [], "times": []}))


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe7\xa7"])
def test_a_text_that_is_no_utf_8(broken: bytes) -> None:
    frame = codec.encode_json({"source": "s", "records": [alarm("a", text="@@")]}).replace(b"@@", broken)
    refused(frame)
    refused(WHOLE.replace("长".encode(), b"\xff\xff\xff", 1))


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999Z",
        "2100-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "+12026-01-01T00:00:00Z",
    ],
)
def test_a_time_far_in_the_past_or_the_future(when: str) -> None:
    refused(packed(alarm("a") | {"occurred_at": when}))
    refused(packed({"type": "clear", "key": "a", "occurred_at": when}))


@pytest.mark.parametrize("time", [-(2**63), -1, 0, 2**63 - 1])
def test_a_reading_of_any_time_neither_stops_nor_lies_in_the_future(time: int) -> None:
    at = door()
    for readings in at.take(packed({"type": "readings", "ids": ["p1"], "values": [1], "times": [time]}), NOON).readings:
        assert readings.time[0] <= int((NOON + timedelta(minutes=2)).timestamp() * 1000)
    still_open(at)


def test_a_repeated_number_with_other_content_is_what_was_first() -> None:
    at = door()
    at.take(packed(alarm("a", title="first"), session="x", seq=1), NOON)
    again = at.take(packed(alarm("b", title="other"), session="x", seq=1), NOON)
    assert again.acknowledgement.duplicate
    assert [held.title for held in at._core.room.alarms.values()] == ["first"]


def test_a_repeated_key_with_other_content_is_the_same_alarm_told_again() -> None:
    at = door()
    for title, severity in (("first", 3), ("other", 1)):
        at.take(packed(alarm("a", severity, title)), NOON)
    (held,) = at._core.room.alarms.values()
    assert (held.title, held.severity, held.count) == ("other", 1, 2)


HOSTILE = {
    "html": "<img src=x onerror=alert(1)><b>",
    "bidi": "\u202e\u2066abc\u2069",
    "control": "\x00\x07\x1b[31m\r\n\t",
    "zero width": "a\u200b\ufeff\u2028b",
    "combining": "Z" + "\u0301" * 300,
    "formula": "=cmd|'/c calc'!A1",
    "path": "../../etc/passwd%00",
    "emoji": "👩‍🚒" * 40,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_data_and_comes_through_as_it_was(text: str) -> None:
    at = door()
    taken = at.take(
        codec.encode_json({"source": text[:200], "records": [alarm(text[:200], title=text, text=text)]}), NOON
    )
    assert taken.acknowledgement.accepted == 1
    (event,) = taken.events
    told = codec.event(codec.encode(event)).alarm
    assert (told.title, told.text, told.source) == (text, text, text[:200])
    still_open(at)


@pytest.mark.parametrize("field", ["key", "title", "place", "sensor", "department"])
def test_ten_thousand_characters_in_a_name(field: str) -> None:
    refused(packed(alarm("a") | {field: "长" * 10_000}))


def test_ten_thousand_characters_in_the_name_of_a_source() -> None:
    name = "s" * 10_000
    at = door()
    at.take(codec.encode({"source": name, "records": [alarm("a")]}), NOON)
    assert [len(each.id) for each in at.watch.now(NOON).sources] == [1, 200]
    still_open(at)


def test_a_flood_of_invented_names_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controlroom.hub.source_watch.SOURCES", 50)
    at = door()
    for number in range(500):
        at.take(codec.encode({"source": f"invented {number}", "records": 7}), NOON)
    assert len(at.watch.now(NOON).sources) <= 51
    assert sum(each.refused for each in at.watch.now(NOON).sources) == 500
    still_open(at)


# ------------------------------------------------------------ fuzzers

FIELDS = [
    *("key", "severity", "title", "occurred_at", "point", "sensors", "cameras", "vehicles", "camera", "health", "ids"),
    *("values", "times", "quality", "index", "value", "time", "positions", "drill", "clock"),
]
RECORD = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [
                "alarm",
                "clear",
                "sensors",
                "cameras",
                "vehicles",
                "health",
                "readings",
                "columns",
                "positions",
                "playback",
            ]
        )
    },
    optional=dict.fromkeys(FIELDS, OUTSIDE),
)
ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "source": OUTSIDE | st.just("s"),
        "records": st.lists(RECORD | OUTSIDE, max_size=4) | OUTSIDE,
        "v": OUTSIDE | st.just(1),
        "realm": OUTSIDE | st.just("live"),
        "session": OUTSIDE,
        "seq": OUTSIDE | st.integers(0, 5),
        "crs": OUTSIDE | st.sampled_from(["WGS-84", "GCJ-02", "BD-09"]),
        "sent_at": OUTSIDE | st.just("2026-11-21T04:00:00Z"),
    },
)


def bent(frame: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """A frame with pieces of it replaced."""
    for start, length, piece in cuts:
        at = start % (len(frame) + 1)
        frame = frame[:at] + piece + frame[at + length :]
    return frame


CUTS = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 8), st.binary(max_size=6)), max_size=4)
SHARED = door()


@settings(max_examples=250)
@given(message=ENVELOPE, cuts=CUTS, json_too=st.booleans())
def test_the_ingest_door_takes_or_refuses_anything(message: Any, cuts: Any, json_too: bool) -> None:
    frame = msgspec.msgpack.encode(message)
    if json_too:
        frame = json.dumps(message, default=lambda _bytes: "b").encode("utf-8", "surrogatepass")
    before = SHARED.refused
    taken = SHARED.take(bent(frame, cuts), NOON)
    codec.encode(taken.acknowledgement)
    for event in taken.events:
        assert codec.event(codec.encode(event)) == event, "what was taken can be told"
    assert SHARED.refused - before <= len(taken.acknowledgement.refused) + 1
    SHARED.look(NOON)
    still_open(SHARED)


def asking() -> Desk:
    core = Core("live", Room())
    core.record("s", codec.record(msgspec.Raw(codec.encode(alarm("a")))), "WGS-84", NOON)
    return Desk(core, None, {}, lambda: None, None)


QUESTION = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["snapshot", "digest", "sources", "refused", "history", "past", "replay", "command", "what"]
        )
    },
    optional=dict.fromkeys(("id", "seat", "officer", "body", "first", "last", "sensors", "since_ms", "kind"), OUTSIDE),
)
COMMAND = st.fixed_dictionaries(
    {
        "type": st.just("command"),
        "id": OUTSIDE | st.text(min_size=1, max_size=5),
        "seat": st.just("s"),
        "officer": st.just("王"),
    },
    optional={
        "body": st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["acknowledge", "shelve", "note_alarm", "open_incident", "show_on_wall", "close_incident"]
                )
            },
            optional={
                "alarms": st.lists(st.just("s/a") | OUTSIDE, max_size=3),
                **dict.fromkeys(
                    ("until", "reason", "alarm", "text", "title", "grade", "wall", "columns", "tiles"), OUTSIDE
                ),
            },
        )
    },
)
DESK = asking()


@settings(max_examples=250)
@given(body=QUESTION | COMMAND | OUTSIDE, identity=OUTSIDE | st.integers(1, 9), cuts=CUTS)
def test_the_request_desk_answers_or_denies_anything(body: Any, identity: Any, cuts: Any) -> None:
    handled = DESK.handle(bent(msgspec.msgpack.encode({"id": identity, "body": body}), cuts), NOON)
    for reply in handled.replies:
        codec.reply(reply)
    command = Command(id="nobody", seat="s", officer="王", body=Acknowledge(alarms=["nobody/x"]))
    (answer,) = DESK.handle(codec.encode(Request(id=1, body=command)), NOON).replies
    assert isinstance(codec.reply(answer).body, Denied)


def test_a_frame_longer_than_the_wire_takes_ends_its_connection_and_no_other(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest, "huge") as huge, source_of(hub.ports.ingest) as source:
        huge.send_bytes(b"{" + bytes(MAX_MESSAGE_BYTES))
        assert not huge.came(300)
        assert source.hand_in(alarm("a"))["accepted"] == 1
        assert not hub.failed
        wait_until(lambda: huge.hand_in(alarm("b"))["accepted"] == 1)
