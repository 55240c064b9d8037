"""What a hostile, broken or newer hub may send: the seat passes it over, says so, and follows the next good one."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlroom.clock import SystemClock
from controlroom.domain.events import AlarmChanged
from controlroom.domain.room import Room
from controlroom.hub.core import Core
from controlroom.seat.link import Link
from controlroom.seat.mirror import Changes, Mirror
from controlroom.wire import codec, frames
from controlroom.wire.frames import Kind, Positions, Readings
from controlroom.wire.messages import Heartbeat
from tests.hub.test_bad_input import CUTS, OUTSIDE, bent
from tests.rooms import NOON, alarm

EPOCH = b"epoch--8"


def raised(key: str) -> AlarmChanged:
    record = codec.record(msgspec.Raw(codec.encode(alarm(key))))
    (event,) = Core("live", Room()).record("s", record, "WGS-84", NOON)
    assert isinstance(event, AlarmChanged)
    return event


GOOD = raised("good")
BODIES = st.one_of(
    OUTSIDE.map(msgspec.msgpack.encode),
    st.binary(max_size=60),
    st.tuples(st.just(codec.encode(GOOD)), CUTS).map(lambda both: bent(*both)),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["alarm", "incident", "entry", "task", "sensors", "cameras", "vehicles", "wall", "source", "drill"]
            )
        },
        optional={
            "indices": st.lists(st.integers(-1, 2**40), max_size=3),
            "sensors": st.lists(st.just({"id": "p", "name": "n", "kind": "k"}) | OUTSIDE, max_size=3),
            "vehicles": st.lists(st.just({"id": "v", "name": "n", "kind": "k"}) | OUTSIDE, max_size=3),
            "cameras": OUTSIDE,
            "alarm": OUTSIDE,
            "source": OUTSIDE | st.just({"id": "s", "seen_at": "2026-11-21T04:00:00Z"}),
            "wall": OUTSIDE,
        },
    ).map(msgspec.msgpack.encode),
)
NUMBERS = st.integers(1, 40) | st.sampled_from([0, 2**63, 2**64 - 1])


class Deaf:
    """A link without threads and sockets, that a test hands frames to, and the mirror behind it."""

    def __init__(self) -> None:
        self.link = Link("tcp://127.0.0.1:1", SystemClock())
        self.mirror = Mirror()
        self.begin()

    def begin(self) -> None:
        self.link._epoch, self.link._realm = EPOCH, "live"
        self.link._sequencer.forget()
        self.link._sequencer.snapshot(0)
        self.mirror.room.restore(0, iter(()))

    def hear(self, frame: bytes) -> None:
        self.link._tried(self.link._published, frame)

    def measure(self, frame: bytes) -> None:
        self.link._tried(self.link._measured, frame)

    def drain(self) -> None:
        while (delivery := self.link.take()) is not None:
            self.mirror.apply(delivery, NOON, Changes())

    def follows(self) -> None:
        """The next good event and the next good reading are taken."""
        number = self.link._sequencer.expected
        assert number is not None
        self.hear(frames.pack(Kind.EVENT, "alarm", EPOCH, number, 0, "live", codec.encode(GOOD)))
        self.drain()
        assert self.mirror.room.sequence >= number
        assert "s/good" in self.mirror.room.alarms
        codec.encode(list(self.mirror.room.snapshot()))
        self.mirror.room.digest()


@pytest.fixture(scope="module")
def deaf() -> Iterator[Deaf]:
    made = Deaf()
    yield made
    made.link._waker.close()


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bodies=st.lists(st.tuples(NUMBERS, BODIES), max_size=5),
    kind=st.sampled_from([1, 1, 1, 2, 3, 7]),
    cuts=CUTS,
    in_order=st.booleans(),
)
def test_events_of_any_shape_are_passed_over(
    deaf: Deaf,
    bodies: list[tuple[int, bytes]],
    kind: int,
    cuts: Any,
    in_order: bool,
    allow_log,
) -> None:
    allow_log("controlroom.seat.link", "")
    deaf.begin()
    for turn, (number, body) in enumerate(bodies, 1):
        number = turn if in_order else number
        whole = bytes([kind]) + frames.pack(Kind.EVENT, "alarm", EPOCH, number, 0, "live", body)[1:]
        deaf.hear(whole)
        deaf.hear(bent(whole, cuts))
        deaf.drain()
    deaf.begin()
    deaf.follows()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    index=st.lists(st.integers(0, 2**32 - 1), max_size=6),
    value=st.floats(width=32),
    time=st.integers(-(2**63), 2**63 - 1),
    cuts=CUTS,
    places=st.booleans(),
)
def test_telemetry_of_any_shape_fills_no_memory(
    deaf: Deaf,
    index: list[int],
    value: float,
    time: int,
    cuts: Any,
    places: bool,
    allow_log,
) -> None:
    allow_log("controlroom.seat.link", "")
    deaf.begin()
    count = len(index)
    numbers, values, times = np.array(index, "u4"), np.full(count, value, "f4"), np.full(count, time, "i8")
    if places:
        wide = values.astype("f8")
        body = frames.encode_positions(Positions(numbers, wide, wide, values, values, times))
    else:
        body = frames.encode_readings(Readings(numbers, values, times, np.zeros(count, "u1")))
    kind = Kind.POSITIONS if places else Kind.READINGS
    whole = frames.pack(kind, "tele", EPOCH, 1, 0, "live", body)
    deaf.measure(whole)
    deaf.measure(bent(whole, cuts))
    deaf.drain()
    assert deaf.mirror.latest.size <= 4_000_001
    deaf.follows()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=OUTSIDE, identity=OUTSIDE | st.integers(0, 3), cuts=CUTS)
def test_answers_of_any_shape_are_passed_over(
    deaf: Deaf,
    body: Any,
    identity: Any,
    cuts: Any,
    allow_log,
) -> None:
    allow_log("controlroom.seat.link", "")
    deaf.begin()
    for shape in (
        body,
        {"type": "part", "sequence": body, "events": body, "last": True},
        {"type": "welcome", "realm": body},
    ):
        deaf.link._tried(deaf.link._replied, bent(msgspec.msgpack.encode({"id": identity, "body": shape}), cuts))
    deaf.drain()
    deaf.follows()


def test_a_heartbeat_that_lies_about_its_number_leads_to_a_question_and_not_to_an_end(deaf: Deaf) -> None:
    deaf.begin()
    deaf.hear(frames.pack(Kind.HEARTBEAT, "beat", EPOCH, 2**64 - 1, 0, "live", codec.encode(Heartbeat())))
    assert deaf.link._sequencer.hopeless, "a new snapshot is asked for"
