import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from controlroom.clock import SystemClock
from controlroom.domain.severity import Severity
from controlroom.errors import EnvironmentFault
from controlroom.sources.client import HubClient
from controlroom.sources.subscriber import Subscriber
from controlroom.sources.translation import Declaration, Reading, Untranslatable, load, translate
from controlroom.wire.messages import AlarmRecord, ClearRecord, ReadingsRecord, RefusedRecord, SensorsRecord
from tests.sources.fake_hub import FakeHub, Memory

DECLARATION = """
source = "rain-bureau"
endpoint = "ENDPOINT"
topics = ["alarm", "rain"]
crs = "GCJ-02"
silent_after_s = 5.0

[[rule]]
topic = "alarm"
record = "alarm"
when = { path = "event", equals = "raise" }
[rule.fields]
key = "station.id"
severity = { path = "level", table = { "红" = 1, "橙" = 2, "黄" = 3, "蓝" = 4 } }
title = { text = "{station.name} 雨量 {value} 毫米" }
occurred_at = { path = "time", time = "%Y-%m-%d %H:%M:%S", zone = "Asia/Shanghai" }
lon = "station.xy.0"
lat = "station.xy.1"

[[rule]]
topic = "alarm"
record = "clear"
when = { path = "event", among = ["clear", "cancel"] }
fields = { key = "station.id", occurred_at = { path = "time", time = "%Y-%m-%d %H:%M:%S", zone = "Asia/Shanghai" } }

[[rule]]
topic = "rain"
record = "reading"
each = "stations"
[rule.fields]
sensor = "id"
name = "name"
kind = { value = "rain" }
value = { path = "tenths", scale = 0.1 }
time = { path = "at", time = "ms" }
lon = { path = "x" }
lat = { path = "y" }
"""

RAISE = {
    "event": "raise",
    "station": {"id": "R7", "name": "黄村", "xy": [116.34, 39.73]},
    "level": "橙",
    "value": 72,
    "time": "2026-11-21 16:00:00",
}


def declared(text: str = DECLARATION) -> Declaration:
    return msgspec.toml.decode(text.encode(), type=Declaration)


class Backend:
    """A foreign backend that publishes as it always did."""

    def __init__(self) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.XPUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, 20_000)
        self.endpoint = f"tcp://127.0.0.1:{self._socket.bind_to_random_port('tcp://127.0.0.1')}"

    def wait_for_subscriber(self) -> None:
        assert self._socket.recv()[:1] == b"\x01"
        assert self._socket.recv()[:1] == b"\x01"

    def publish(self, *frames: bytes) -> None:
        self._socket.send_multipart(frames)

    def say(self, topic: str, body: object) -> None:
        self.publish(topic.encode(), json.dumps(body).encode())

    def close(self) -> None:
        self._context.destroy(linger=0)


@pytest.fixture
def backend() -> Iterator[Backend]:
    made = Backend()
    yield made
    made.close()


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    made = FakeHub(Memory())
    yield made
    made.kill()


@pytest.fixture
def client(hub: FakeHub) -> Iterator[HubClient]:
    made = HubClient(hub.address, ack_timeout_s=0.5)
    made.start()
    yield made
    made.close()


@pytest.fixture
def subscriber(backend: Backend, client: HubClient) -> Iterator[Subscriber]:
    wanted = declared(DECLARATION.replace("ENDPOINT", backend.endpoint))
    made = Subscriber(wanted, client.feed(wanted.source, crs=wanted.crs), SystemClock())
    made.start()
    backend.wait_for_subscriber()
    yield made
    made.close()


def test_a_published_alarm_of_a_foreign_backend_reaches_the_hub_and_is_cleared(
    backend: Backend, hub: FakeHub, subscriber: Subscriber
) -> None:
    backend.say("alarm", RAISE)
    backend.say("alarm", {**RAISE, "event": "cancel"})
    assert hub.wait(lambda: len(hub.memory.accepted) == 2)
    (source, alarm), (_, clear) = hub.memory.accepted
    assert source == "rain-bureau"
    assert isinstance(alarm, AlarmRecord)
    assert (alarm.key, alarm.severity, alarm.title) == ("R7", Severity.ORANGE, "黄村 雨量 72 毫米")
    assert alarm.occurred_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert alarm.point is not None
    assert alarm.point.lon == 116.34
    assert isinstance(clear, ClearRecord)


def test_readings_declare_their_sensors_and_arrive(backend: Backend, hub: FakeHub, subscriber: Subscriber) -> None:
    station = {"id": "R1", "name": "亦庄", "tenths": 123, "at": 1795248000000, "x": 116.5, "y": 39.8}

    def arrived() -> bool:
        backend.say("rain", {"stations": [station]})
        return bool(hub.memory.telemetry)

    assert hub.wait(arrived)
    sensors = hub.memory.accepted[0][1]
    assert isinstance(sensors, SensorsRecord)
    assert (sensors.sensors[0].id, sensors.sensors[0].kind) == ("R1", "rain")
    assert hub.memory.index == {"R1": 0}
    assert not isinstance(hub.memory.telemetry[0][1], ReadingsRecord)


def test_malformed_messages_are_refused_counted_and_kept_and_stop_nothing(
    backend: Backend, hub: FakeHub, subscriber: Subscriber
) -> None:
    bad: list[tuple[bytes, ...]] = [
        (b"alarm", b"{not json"),
        (b"alarm", b"\xff\xfe"),
        (b"alarm",),
        (b"alarm", b"{}", b"more"),
        (b"alarm\xff", b"{}"),
        (b"alarm", json.dumps({**RAISE, "level": "紫"}).encode()),
        (b"alarm", json.dumps({**RAISE, "time": "yesterday"}).encode()),
        (b"alarm", json.dumps({**RAISE, "station": {"id": "", "name": "x", "xy": [1, 2]}}).encode()),
        (b"alarm", json.dumps({**RAISE, "station": {"id": "a", "name": "x", "xy": [1000, 2]}}).encode()),
        (b"rain", b'{"stations": 5}'),
        (b"rain", b'{"stations": [{"id": "a", "tenths": 1e999, "at": 1}]}'),
        (b"rain", b'{"stations": [{"id": "a", "tenths": 1, "at": 99999999999999999999999}]}'),
        (b"alarm", b"[" * 100_000),
    ]
    for frames in bad:
        backend.publish(*frames)
    backend.say("alarm", RAISE)
    assert hub.wait(lambda: any(isinstance(record, AlarmRecord) for _source, record in hub.memory.accepted))
    status = subscriber.status()
    assert status.heard == len(bad) + 1
    assert status.refused == len(bad)
    assert status.taken == 1
    assert len(subscriber.dead_letters) == len(bad)
    assert status.refusal

    def told() -> list[RefusedRecord]:
        return [record for _source, record in hub.memory.accepted if isinstance(record, RefusedRecord)]

    assert hub.wait(lambda: sum(record.count for record in told()) == len(bad))
    assert any(record.body == b"alarm {not json" for record in told())
    assert max(record.size for record in told()) > 100_000 and max(len(record.body) for record in told()) == 2000


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["event", "station", "id", "level", "time", "xy", "stations", "tenths", "at", "name", "value"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(topic=st.sampled_from(["alarm", "rain", "other"]), body=_JSON)
def test_whatever_a_backend_says_is_translated_or_refused_with_a_reason(topic: str, body: object) -> None:
    for result in translate(declared(), topic, body):
        if isinstance(result, Untranslatable):
            assert str(result)
        else:
            msgspec.convert(msgspec.to_builtins(result), type(result))


@given(changes=st.dictionaries(st.sampled_from(["event", "station", "level", "value", "time"]), _JSON, min_size=1))
def test_a_message_with_any_part_replaced_is_translated_or_refused(changes: dict[str, object]) -> None:
    for result in translate(declared(), "alarm", {**RAISE, **changes}):
        assert isinstance(result, AlarmRecord | ClearRecord | Untranslatable)


def test_a_list_gives_its_good_elements_and_says_what_is_wrong_with_the_others() -> None:
    good = {"id": "a", "name": "x", "tenths": 5, "at": 1795248000000, "x": 116.0, "y": 39.0}
    results = list(translate(declared(), "rain", {"stations": [good, {}, 7, {**good, "id": "b"}]}))
    assert [type(r) for r in results] == [Reading, Untranslatable, Untranslatable, Reading]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("[[rule]]", "[[rules]]"), "rule"),
        (('key = "station.id"\nsev', 'keyy = "station.id"\nsev'), "keyy"),
        (('zone = "Asia/Shanghai"', 'zone = "Asia/Nowhere"'), "Nowhere"),
        (('crs = "GCJ-02"', 'crs = "GCJ-03"'), "crs"),
        (("source =", "source"), "line 2"),
    ],
)
def test_a_wrong_declaration_is_told_with_file_and_place(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    path = tmp_path / "bureau.toml"
    path.write_text(DECLARATION.replace(*change), "utf-8")
    with pytest.raises(EnvironmentFault, match=r"bureau\.toml") as caught:
        load(path)
    assert reason in caught.value.sentence


def test_an_endpoint_that_is_none_is_told_in_one_sentence(client: HubClient) -> None:
    subscriber = Subscriber(declared(DECLARATION.replace("ENDPOINT", "nowhere")), client.feed("x"), SystemClock())
    with pytest.raises(EnvironmentFault, match="nowhere"):
        subscriber.start()
    subscriber.close()
