import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
import zmq

from controlroom.clock import PlaybackClock, SystemClock
from controlroom.domain.drill import Drill, Transport
from controlroom.domain.room import Room
from controlroom.domain.times import to_ms
from controlroom.drill.player import Player
from controlroom.drill.recorder import Recorder
from controlroom.drill.recording import Recording
from controlroom.hub.options import HubOptions
from controlroom.hub.server import Hub
from controlroom.wire import codec
from controlroom.wire.messages import ColumnsRecord, Command, Handover, Playback
from controlroom.wire.sockets import ANY_PORTS
from tests.rooms import NOON, Seat, Source, alarm, seat_on, source_of, wait_until

REALM = "drill/test"


class Recorded:
    """A live hub that is recorded; its clock is the test's."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.path = folder / "shift.recording"
        recorder = Recorder(self.path, title="晚班", realm="live", program="test", snapshot_every_ms=5000)
        self.hub = Hub(HubOptions(store=folder / "live.db", ports=ANY_PORTS), self.clock, recorder)

    @contextmanager
    def running(self) -> Iterator[Source]:
        self.hub.start()
        try:
            with source_of(self.hub.ports.ingest) as source:
                yield source
        finally:
            self.hub.close()


class HandClock:
    """Stands still but for the monotonic part, which the hub's own timing needs."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self):
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@contextmanager
def drill_hub(folder: Path) -> Iterator[Hub]:
    hub = Hub(HubOptions(store=folder / "drill.db", ports=ANY_PORTS, realm=REALM), PlaybackClock(SystemClock()))
    hub.start()
    try:
        yield hub
    finally:
        hub.close()


@contextmanager
def playing(path: Path, hub: Hub, **options) -> Iterator[Player]:
    recording = Recording(path)
    player = Player(
        recording,
        realm=REALM,
        ingest=f"tcp://127.0.0.1:{hub.ports.ingest}",
        events=f"tcp://127.0.0.1:{hub.ports.events}",
        clock=SystemClock(),
        **options,
    )
    player.start()
    try:
        yield player
    finally:
        player.close()
        recording.close()
    assert player.fault == ""


def sensor(name: str, **more) -> dict:
    return {"id": name, "name": name, "kind": "rain", **more}


def columns(source: Source, index: list[int], value: list[float], at) -> None:
    record = ColumnsRecord(
        index=np.array(index, "<u4").tobytes(),
        value=np.array(value, "<f4").tobytes(),
        time=np.full(len(index), to_ms(at), "<i8").tobytes(),
        quality=bytes(len(index)),
    )
    source.send_bytes(codec.encode(Handover(source=source.name, records=[msgspec.Raw(codec.encode(record))])))
    assert codec.acknowledgement(source._socket.recv()).accepted == 1


def condensed(room: Room) -> dict:
    """What a drill must show as the recorded room did: everything but what officers did and when hubs received it."""
    return {
        "alarms": {
            a.id: (a.severity, a.title, a.active, a.occurred_at, a.sensor, a.point) for a in room.alarms.values()
        },
        "sensors": room.sensors,
        "cameras": room.cameras,
        "vehicles": room.vehicles,
    }


@pytest.fixture
def recorded(tmp_path) -> Recorded:
    """Two minutes of a shift: declarations, alarms, readings by id and by index, a vehicle, a late sensor."""
    shift = Recorded(tmp_path)
    with shift.running() as source:
        clock = shift.clock
        source.hand_in({"type": "sensors", "sensors": [sensor("a"), sensor("b")]})
        source.hand_in({"type": "cameras", "cameras": [{"id": "c1", "name": "路口"}]})
        source.hand_in({"type": "vehicles", "vehicles": [{"id": "v1", "name": "泵车", "kind": "pump"}]})
        clock.advance(10)
        source.hand_in(alarm("flood", point=[116.3, 39.7]), crs="GCJ-02")
        clock.advance(10)
        source.hand_in({"type": "readings", "ids": ["a"], "values": [12.5], "times": [to_ms(clock.at)]})
        source.hand_in(alarm("gone"))
        clock.advance(10)
        source.hand_in({"type": "clear", "key": "gone", "occurred_at": "2026-11-21T04:00:30Z"})
        source.hand_in({"type": "sensors", "sensors": [sensor("late", stale_after_s=60.0)]})
        columns(source, [2, 1], [7.0, 3.0], clock.at)
        source.hand_in(
            {"type": "positions", "positions": [["v1", 116.3, 39.7, 90.0, 30.0, to_ms(clock.at)]]}, crs="WGS-84"
        )
        clock.advance(90)
        source.hand_in({"type": "health", "camera": "c1", "health": "offline", "occurred_at": "2026-11-21T04:02:00Z"})
        source.hand_in(alarm("last", severity=1))
    shift.final = Room()
    shift.final.restore(0, shift.hub._core.room.snapshot())
    shift.values = shift.hub._latest.value.tolist()
    return shift


def value_of(seat: Seat, name: str) -> float:
    index = seat.mirror.room.sensor_index.get(name, 10**6)
    return float(seat.mirror.latest.value[index]) if index < seat.mirror.latest.size else float("nan")


def drill_of(seat: Seat) -> Drill | None:
    return seat.mirror.room.drill


def test_a_replayed_shift_ends_in_the_state_of_the_recorded_one(recorded, tmp_path):
    with drill_hub(tmp_path) as hub, seat_on(hub.ports.requests) as seat, playing(recorded.path, hub, speed=32.0):
        seat.until(lambda: (drill := drill_of(seat)) is not None and drill.transport is Transport.ENDED)
        assert condensed(seat.mirror.room) == condensed(recorded.final)
        seat.until(lambda: value_of(seat, "a") == 12.5 and value_of(seat, "late") == 7.0 and value_of(seat, "b") == 3.0)
        drill = drill_of(seat)
        assert drill is not None
        assert (drill.title, drill.begins_at, drill.ends_at) == ("晚班", NOON, NOON + timedelta(seconds=120))
        assert drill.clock == drill.ends_at
        assert seat.mirror.latest.time_ms.max() == to_ms(NOON) + 30_000


def test_the_drill_hub_lives_in_the_time_of_the_recording(recorded, tmp_path):
    with drill_hub(tmp_path) as hub, seat_on(hub.ports.requests) as seat, playing(recorded.path, hub, speed=32.0):
        seat.until(lambda: "backend/last" in seat.mirror.room.alarms)
        received = seat.mirror.room.alarms["backend/last"].received_at
        assert NOON + timedelta(seconds=115) < received <= NOON + timedelta(seconds=120)


def test_other_indices_in_the_drill_are_translated(recorded, tmp_path):
    with drill_hub(tmp_path) as hub, source_of(hub.ports.ingest, "early") as early:
        early.hand_in({"type": "sensors", "sensors": [sensor("zz"), sensor("late")]}, realm=REALM)
        with seat_on(hub.ports.requests) as seat, playing(recorded.path, hub, speed=32.0):
            seat.until(lambda: value_of(seat, "late") == 7.0 and value_of(seat, "b") == 3.0)
            assert np.isnan(value_of(seat, "zz"))


def test_standing_alarms_and_declarations_are_there_before_anything_plays(tmp_path):
    shift = Recorded(tmp_path)
    with shift.running() as source:
        source.hand_in({"type": "sensors", "sensors": [sensor("a")]}, alarm("old"), alarm("cleared"))
        source.hand_in({"type": "clear", "key": "cleared", "occurred_at": "2026-11-21T04:00:01Z"})
    again = Recorded(tmp_path)
    again.path = tmp_path / "second.recording"
    again.hub = Hub(
        HubOptions(store=tmp_path / "live.db", ports=ANY_PORTS),
        again.clock,
        Recorder(again.path, title="", realm="live", program="test"),
    )
    with again.running() as source:
        again.clock.advance(1000)
        source.hand_in(alarm("new"))
    with (
        drill_hub(tmp_path) as hub,
        seat_on(hub.ports.requests) as seat,
        playing(again.path, hub, playing=False) as player,
    ):
        seat.until(lambda: set(seat.mirror.room.alarms) == {"backend/old", "backend/cleared"})
        seat.until(lambda: not seat.mirror.room.alarms["backend/cleared"].active)
        assert list(seat.mirror.room.sensors) == ["a"]
        assert player.played == 0


def test_pause_speed_and_play_are_obeyed(recorded, tmp_path):
    with drill_hub(tmp_path) as hub, seat_on(hub.ports.requests) as seat, playing(recorded.path, hub, speed=0.1):
        seat.until(lambda: drill_of(seat) is not None and "a" in seat.mirror.room.sensors)

        def command(transport: Transport, speed: float) -> None:
            seat.link.ask(
                Command(id=uuid.uuid4().hex, seat="desk", officer="li", body=Playback(transport=transport, speed=speed))
            ).result(10)

        command(Transport.PAUSED, 0.1)
        seat.until(lambda: drill_of(seat).transport is Transport.PAUSED)
        paused_at = drill_of(seat).clock
        told: list[Drill] = []
        start = time.monotonic()
        seat.until(lambda: (told.append(drill_of(seat)), time.monotonic() - start > 1.5)[1])
        assert all(drill.transport is Transport.PAUSED for drill in told)
        assert told[-1].clock - paused_at < timedelta(milliseconds=200)
        assert not seat.mirror.room.alarms
        command(Transport.PLAYING, 32.0)
        seat.until(lambda: drill_of(seat).transport is Transport.ENDED)
        assert drill_of(seat).speed == 32.0
        assert condensed(seat.mirror.room) == condensed(recorded.final)


def test_a_live_hub_refuses_a_playback_in_a_sentence(recorded, tmp_path):
    hub = Hub(HubOptions(store=tmp_path / "other.db", ports=ANY_PORTS), SystemClock())
    hub.start()
    recording = Recording(recorded.path)
    player = Player(
        recording,
        realm=REALM,
        ingest=f"tcp://127.0.0.1:{hub.ports.ingest}",
        events=f"tcp://127.0.0.1:{hub.ports.events}",
        clock=SystemClock(),
    )
    player.start()
    try:
        wait_until(lambda: player.finished)
        assert "drill/test" in player.fault
        assert not hub._core.room.sensors
    finally:
        player.close()
        recording.close()
        hub.close()


def test_a_drill_hub_refuses_live_records(tmp_path):
    with drill_hub(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        answer = source.hand_in(alarm("flood"))
        assert answer["refused"][0]["code"] == "wrong_realm"


def test_a_hub_that_goes_away_ends_the_playback_in_a_sentence(recorded, tmp_path, monkeypatch):
    monkeypatch.setattr("controlroom.drill.ingest.LOST_S", 0.5)
    recording = Recording(recorded.path)
    context = zmq.Context()
    deaf = context.socket(zmq.ROUTER)
    port = deaf.bind_to_random_port("tcp://127.0.0.1")
    player = Player(
        recording,
        realm=REALM,
        ingest=f"tcp://127.0.0.1:{port}",
        events=f"tcp://127.0.0.1:{port + 1}",
        clock=SystemClock(),
    )
    player.start()
    wait_until(lambda: player.finished)
    assert player.fault
    player.close()
    recording.close()
    context.destroy(linger=0)
    assert not [thread for thread in threading.enumerate() if thread.name == "drill player"]
