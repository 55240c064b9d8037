import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import pytest

from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.vehicle import Vehicle
from controlroom.errors import EnvironmentFault
from controlroom.sources.client import HubClient
from controlroom.sources.feed import Feed
from controlroom.sources.outbox import Values
from controlroom.sources.spool import FileSpool, MemorySpool, SpoolFull
from controlroom.sources.terms import FeedState
from controlroom.wire.messages import (
    Acknowledgement,
    AlarmRecord,
    ColumnsRecord,
    Handover,
    Position,
    PositionsRecord,
    ReadingsRecord,
    Refusal,
    SensorsRecord,
)
from tests.sources.fake_hub import FakeHub, Faults, Memory

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
KEYS = [f"k{n}" for n in range(300)]


def alarm(key: str) -> AlarmRecord:
    return AlarmRecord(key=key, severity=Severity.BLUE, title="积水", occurred_at=AT)


def values(rows: list[int]) -> Values:
    n = len(rows)
    return Values(
        np.array(rows, np.int64), np.arange(n, dtype=np.float32), np.full(n, 5, np.int64), np.zeros(n, np.uint8)
    )


@contextmanager
def client_of(hub: FakeHub, **options: object) -> Iterator[HubClient]:
    client = HubClient(hub.address, ack_timeout_s=0.3, **options)
    client.start()
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def hub(memory: Memory, faults: Faults) -> Iterator[FakeHub]:
    made = FakeHub(memory, faults)
    yield made
    made.kill()


def state_becomes(feed: Feed, state: FeedState, hub: FakeHub) -> bool:
    return hub.wait(lambda: feed.status().state is state)


@pytest.mark.parametrize("json", [False, True])
def test_every_accepted_record_arrives_once_and_in_order(hub: FakeHub, memory: Memory, json: bool) -> None:
    with client_of(hub) as client:
        feed = client.feed("weather", json=json)
        for key in KEYS:
            feed.hand_in(alarm(key))
        assert feed.drained(20)
    assert memory.keys("weather") == KEYS


def test_records_wait_for_a_hub_that_comes_later(memory: Memory) -> None:
    first = FakeHub(memory)
    port = first.requests_port
    first.kill()
    client = HubClient(f"tcp://127.0.0.1:{port}", ack_timeout_s=0.3)
    client.start()
    feed = client.feed("weather")
    for key in KEYS[:5]:
        feed.hand_in(alarm(key))
    assert feed.status().pending == 5
    hub = FakeHub(memory, requests_port=port)
    assert feed.drained(20)
    client.close()
    hub.kill()
    assert memory.keys() == KEYS[:5]


def test_a_hub_that_is_killed_and_comes_back_on_another_port_loses_and_doubles_nothing(memory: Memory) -> None:
    faults = Faults()
    hub = FakeHub(memory, faults)
    port = hub.requests_port
    with client_of(hub) as client:
        feed = client.feed("weather", window=16)
        handing = threading.Thread(target=lambda: [feed.hand_in(alarm(key)) for key in KEYS])
        handing.start()
        for goal in (40, 120, 200):
            assert hub.wait(lambda goal=goal: len(memory.accepted) >= goal)
            hub.kill()
            hub = FakeHub(memory, faults, requests_port=port)
        handing.join()
        assert feed.drained(20)
    hub.kill()
    assert memory.keys() == KEYS


def test_lost_acknowledgements_lead_to_repetition_and_not_to_doubles(
    hub: FakeHub, memory: Memory, faults: Faults
) -> None:
    lost: set[int] = set()

    def lose(handover: Handover) -> bool:
        fresh = handover.seq % 7 == 3 and handover.seq not in lost
        lost.add(handover.seq)
        return fresh

    faults.lose_ack = lose
    with client_of(hub) as client:
        feed = client.feed("weather", window=8)
        for key in KEYS[:60]:
            feed.hand_in(alarm(key))
        assert feed.drained(20)
    assert memory.keys() == KEYS[:60]


def test_a_lost_handover_is_sent_again_from_the_number_the_hub_expects(
    hub: FakeHub, memory: Memory, faults: Faults
) -> None:
    seen: set[int] = set()

    def lose(handover: Handover) -> bool:
        fresh = handover.seq in (5, 6, 21) and handover.seq not in seen
        seen.add(handover.seq)
        return fresh

    faults.lose_frame = lose
    with client_of(hub) as client:
        feed = client.feed("weather")
        for key in KEYS[:60]:
            feed.hand_in(alarm(key))
        assert feed.drained(20)
        assert feed.status().resent < 120
    assert memory.keys() == KEYS[:60]


def test_stale_answers_out_of_order_do_not_confuse_the_source(hub: FakeHub, memory: Memory, faults: Faults) -> None:
    said: set[int] = set()

    def extra(handover: Handover) -> Acknowledgement | None:
        if handover.seq not in (9, 20, 31) or handover.seq in said:
            return None
        said.add(handover.seq)
        return Acknowledgement(seq=handover.seq, accepted=0, expected={9: 3, 20: 9000, 31: 30}[handover.seq])

    faults.extra = extra
    with client_of(hub) as client:
        feed = client.feed("weather")
        for key in KEYS[:60]:
            feed.hand_in(alarm(key))
        assert feed.drained(20)
    assert memory.keys() == KEYS[:60]


def test_a_slow_hub_is_not_buried_in_repetitions(hub: FakeHub, memory: Memory, faults: Faults) -> None:
    faults.hold_acks.set()
    with client_of(hub) as client:
        feed = client.feed("weather")
        for key in KEYS:
            feed.hand_in(alarm(key))
        assert hub.wait(lambda: hub.frames >= 3)
        assert state_becomes(feed, FeedState.LATE, hub)
        assert hub.frames < 10
        faults.hold_acks.clear()
        assert feed.drained(20)
    assert memory.keys() == KEYS


def test_a_store_that_is_away_makes_the_source_wait_and_lose_nothing(
    hub: FakeHub, memory: Memory, faults: Faults
) -> None:
    left = [3]

    def whole(handover: Handover) -> Refusal | None:
        if handover.seq and left[0]:
            left[0] -= 1
            return Refusal.STORE_UNAVAILABLE
        return None

    faults.whole = whole
    with client_of(hub) as client:
        feed = client.feed("weather")
        for key in KEYS[:10]:
            feed.hand_in(alarm(key))
        assert feed.drained(20)
    assert memory.keys() == KEYS[:10]


def test_a_handover_the_hub_can_never_take_does_not_stop_the_others(
    hub: FakeHub, memory: Memory, faults: Faults
) -> None:
    faults.whole = lambda h: Refusal.TOO_LARGE if h.seq == 4 and h.records else None
    with client_of(hub) as client:
        feed = client.feed("weather")
        for key in KEYS[:10]:
            feed.hand_in(alarm(key))
        assert feed.drained(20)
        assert feed.status().refused >= 1
        assert "too_large" in feed.status().refusal
    assert memory.keys() == [k for k in KEYS[:10] if k != "k3"]


def test_a_hub_of_another_realm_is_told_in_words(hub: FakeHub, memory: Memory) -> None:
    with client_of(hub, realm="drill/7") as client:
        feed = client.feed("weather")
        feed.hand_in(alarm("a"))
        assert hub.wait(lambda: "live" in client.sentence and feed.status().state is FeedState.REFUSED)
        assert feed.status().pending == 1
    assert memory.keys() == []


def test_a_malformed_record_is_refused_to_the_caller_and_nothing_is_kept(hub: FakeHub) -> None:
    with client_of(hub) as client:
        feed = client.feed("weather")
        with pytest.raises(ValueError, match="no hub takes"):
            feed.hand_in(alarm(""))
        assert feed.status().pending == 0


def test_a_full_spool_says_so_and_takes_more_when_the_hub_is_back(hub: FakeHub, memory: Memory, faults: Faults) -> None:
    faults.hold_acks.set()
    with client_of(hub) as client:
        feed = client.feed("weather", spool=MemorySpool(limit=3))
        for key in KEYS[:3]:
            feed.hand_in(alarm(key))
        with pytest.raises(SpoolFull, match="3"):
            feed.hand_in(alarm("more"))
        faults.hold_acks.clear()
        assert feed.drained(20)
        feed.hand_in(alarm("k3"))
        assert feed.drained(20)
    assert memory.keys() == KEYS[:4]


@pytest.mark.parametrize("json", [False, True])
def test_values_travel_under_the_indices_that_the_hub_gave(hub: FakeHub, memory: Memory, json: bool) -> None:
    memory.index = {"other": 0, "s1": 1}
    with client_of(hub) as client:
        feed = client.feed("iot", json=json)
        feed.declare_sensors([Sensor(id=f"s{n}", name="x", kind="rain") for n in range(3)])
        assert feed.drained(20)
        assert hub.wait(feed.ready)
        feed.send_values(values([1, 0]))
        assert hub.wait(lambda: bool(memory.telemetry))
    record = memory.telemetry[0][1]
    if json:
        assert isinstance(record, ReadingsRecord)
        assert record.ids == ["s1", "s0"]
    else:
        assert isinstance(record, ColumnsRecord)
        assert np.frombuffer(record.index, "<u4").tolist() == [1, 2]


def test_another_hub_is_told_the_declarations_again(memory: Memory) -> None:
    hub = FakeHub(memory)
    port = hub.requests_port
    with client_of(hub) as client:
        feed = client.feed("iot")
        feed.declare_sensors([Sensor(id="s", name="x", kind="rain")])
        feed.declare_vehicles([Vehicle(id="v", name="x")])
        assert feed.drained(20)
        hub.kill()
        other = Memory("epoch-2")
        other.index = {"a": 0, "b": 1}
        hub = FakeHub(other, requests_port=port)
        assert hub.wait(lambda: len(other.index) == 4)
        assert hub.wait(feed.ready)
        feed.send_values(values([0]))
        feed.send_positions([Position("v", 116.3, 39.7, 0.0, 30.0, 5)])
        assert hub.wait(lambda: len(other.telemetry) == 2)
    hub.kill()
    columns = other.telemetry[0][1]
    assert isinstance(columns, ColumnsRecord)
    assert np.frombuffer(columns.index, "<u4").tolist() == [2]
    assert isinstance(other.telemetry[1][1], PositionsRecord)


def test_a_declaration_whose_answer_was_lost_is_told_again(hub: FakeHub, memory: Memory, faults: Faults) -> None:
    lost = [2]

    def lose(handover: Handover) -> bool:
        lost[0] -= 1
        return lost[0] >= 0

    faults.lose_ack = lose
    with client_of(hub) as client:
        feed = client.feed("iot")
        feed.declare_sensors([Sensor(id="s", name="x", kind="rain")])
        assert hub.wait(lambda: feed.ready() and feed.status().pending == 0)
        feed.send_values(values([0]))
        assert hub.wait(lambda: bool(memory.telemetry))
    assert sum(isinstance(r, SensorsRecord) for _, r in memory.accepted) >= 1


def test_telemetry_is_dropped_and_counted_while_the_hub_is_away(memory: Memory) -> None:
    hub = FakeHub(memory)
    with client_of(hub) as client:
        feed = client.feed("iot")
        feed.declare_sensors([Sensor(id="s", name="x", kind="rain")])
        assert feed.drained(20)
        hub.kill()
        assert hub.wait(lambda: feed.status().state is not FeedState.LIVE)
        for _ in range(3):
            feed.send_values(values([0]))
        assert hub.wait(lambda: feed.status().telemetry_dropped >= 3)
    assert memory.telemetry == []


def test_a_source_with_nothing_to_tell_still_says_that_it_lives(hub: FakeHub, memory: Memory) -> None:
    with client_of(hub) as client:
        client.feed("hotline", keepalive_s=0.05)
        assert hub.wait(lambda: memory.unnumbered >= 3)


def test_a_held_source_is_silent_and_keeps_what_it_is_handed(hub: FakeHub, memory: Memory) -> None:
    with client_of(hub) as client:
        feed = client.feed("weather", keepalive_s=0.05)
        feed.hand_in(alarm("a"))
        assert feed.drained(20)
        feed.hold(True)
        assert hub.wait(lambda: feed.status().state is FeedState.HELD)
        feed.hand_in(alarm("b"))
        assert not feed.drained(0.2)
        feed.hold(False)
        assert feed.drained(20)
    assert memory.keys() == ["a", "b"]


def test_a_spool_on_disk_outlives_the_client_and_keeps_the_session(memory: Memory, tmp_path) -> None:
    hub = FakeHub(memory)
    address, port = hub.address, hub.requests_port
    spool = FileSpool(tmp_path / "spool.db")
    with client_of(hub) as client:
        feed = client.feed("weather", spool=spool)
        feed.hand_in(alarm("a"))
        assert feed.drained(20)
    hub.kill()
    client = HubClient(address, ack_timeout_s=0.3)
    client.start()
    client.feed("weather", spool=spool).hand_in(alarm("b"))
    assert not client.close()
    spool.close()
    hub = FakeHub(memory, requests_port=port)
    again = FileSpool(tmp_path / "spool.db")
    with client_of(hub) as client:
        feed = client.feed("weather", spool=again)
        feed.hand_in(alarm("c"))
        assert feed.drained(20)
    again.close()
    hub.kill()
    assert memory.keys() == ["a", "b", "c"]
    assert len(memory.cursors) == 1


def test_an_address_that_is_none_is_told_in_one_sentence() -> None:
    client = HubClient("nonsense")
    with pytest.raises(EnvironmentFault, match="nonsense"):
        client.start()
    client.close()
