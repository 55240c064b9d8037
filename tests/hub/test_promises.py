"""The promises of the wire, with processes that are killed and floods that do not wait."""

import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
import zmq

from controlroom.clock import SystemClock
from controlroom.hub import server
from controlroom.hub.door import Door, Taken
from controlroom.seat.status import LinkState
from controlroom.wire import codec
from controlroom.wire.incidents import OpenIncident
from controlroom.wire.messages import DigestWanted
from tests.hub.test_faults import command
from tests.rooms import HubProcess, alarm, hub_in, seat_on, source_of, wait_until
from tests.seat.test_link import equal

SEAT = """
import sys
from controlroom.clock import SystemClock
from controlroom.seat.link import Link
from controlroom.wire.incidents import OpenIncident
from controlroom.wire.messages import Command
link = Link(sys.argv[1], SystemClock())
link.start()
link.ask(Command(id="of the dead", seat="s", officer="王", body=OpenIncident(title="t", grade=1))).result(20)
print("done", flush=True)
while True:
    link.take()
"""


def batch(number: int, session: str) -> bytes:
    """Ten alarms in one handover."""
    records = [alarm(f"{session}-{number}-{n}") for n in range(10)]
    return codec.encode({"source": "flood", "session": session, "seq": number, "records": records})


def test_a_flood_in_batches_survives_kill_9_of_the_hub(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    total, acknowledged, sent, kills = 1000, 0, 0, 0
    try:
        with seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
            while acknowledged < total:
                while sent < total and sent - acknowledged < 100:
                    sent += 1
                    source.send_bytes(batch(sent, "x"))
                if kills < 2 and acknowledged > (kills + 1) * 300:
                    kills += 1
                    hub.kill()
                    hub.restart()
                    sent = acknowledged
                    continue
                answer = codec.acknowledgement(source.receive())
                if answer.expected:
                    sent = min(sent, answer.expected - 1)
                else:
                    acknowledged = max(acknowledged, answer.seq)
                seat.drain()
            seat.until(lambda: len(seat.mirror.room.alarms) == total * 10)
            assert all(each.count == 1 for each in seat.mirror.room.alarms.values())
            equal(seat)
            assert kills == 2
    finally:
        hub.close()


def test_kill_9_of_a_seat_costs_nobody_else_anything(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        endpoint = f"tcp://127.0.0.1:{hub.ports.requests}"
        with subprocess.Popen(
            [sys.executable, "-c", SEAT, endpoint], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        ) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == b"done\n"
            for number in range(50):
                source.hand_in(*(alarm(f"k{number}-{n}") for n in range(20)))
                if number == 25:
                    victim.kill()
        seat.until(lambda: len(seat.mirror.room.alarms) == 1000)
        # What the dead seat had been answered stands, and asking again on its behalf changes nothing.
        again = seat.link.ask(command("of the dead", OpenIncident(title="t", grade=1))).result(10)
        seat.until(lambda: set(seat.mirror.room.incidents) == {again.created})
        equal(seat)


def test_a_seat_that_joins_in_a_flood_becomes_equal(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        for number in range(1, 401):
            source.send_bytes(batch(number, "x"))
        with seat_on(hub.ports.requests) as seat:
            for _number in range(400):
                assert codec.acknowledgement(source.receive()).accepted == 10
            seat.until(lambda: len(seat.mirror.room.alarms) == 4000)
            equal(seat)


def test_readings_in_masses_do_not_delay_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many readings lie before the door, an alarm of another source is taken in among the first."""
    backlog, arrived, taken = 300, threading.Event(), list[str]()
    take = Door.take

    def noted(self: Door, frame: bytes, now: datetime) -> Taken:
        if taken:  # the first one holds the hub up until all the others are there
            arrived.wait(20)
        result = take(self, frame, now)
        taken.append(result.handover.source if result.handover else "?")
        return result

    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest, "iot") as iot, source_of(hub.ports.ingest) as source:
        sensors = [{"id": f"p{n}", "name": "n", "kind": "k"} for n in range(100)]
        iot.hand_in({"type": "sensors", "sensors": sensors})
        source.hand_in()
        now_ms = int(SystemClock().now().timestamp() * 1000)
        ids = [sensor["id"] for sensor in sensors]
        monkeypatch.setattr(Door, "take", noted)
        for number in range(backlog):
            iot.send({"type": "readings", "ids": ids, "values": [number] * 100, "times": [now_ms + number] * 100})
        source.send(alarm("a"))
        wait_until(lambda: bool(taken))
        assert not source.came(300)
        arrived.set()
        assert source.answer()["accepted"] == 1
        wait_until(lambda: len(iot.received()) == backlog)
    assert taken.index("backend") < backlog / 10


def test_a_flood_at_the_door_does_not_silence_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn ends after its time, whatever lies in the queue: heartbeats and answers come in between."""
    monkeypatch.setattr(server, "TURN_S", 0.0)
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source, seat_on(hub.ports.requests) as seat:
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        turns, look = [0], hub._submit
        monkeypatch.setattr(hub, "_submit", lambda: (turns.__setitem__(0, turns[0] + 1), look())[1])
        for number in range(1, 201):
            source.send_bytes(batch(number, "x"))
        for _number in range(200):
            source.receive()
        assert turns[0] >= 100


def test_a_hub_is_back_on_its_ports_at_once_and_keeps_its_identity(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    try:
        ports = hub.ports
        with seat_on(ports.requests) as seat:
            seat.until(lambda: seat.link.status.state is LinkState.LIVE)
            epoch = seat.link._epoch
            for _turn in range(3):
                hub.kill()
                hub.restart()
                assert hub.ports == ports
            seat.until(lambda: seat.link.status.state is LinkState.LIVE)
            assert seat.link.ask(DigestWanted()).result(20).digest == seat.mirror.room.digest()
            assert seat.link._epoch == epoch
    finally:
        hub.close()


@pytest.mark.parametrize("frames", [[b""], [b"", b""], [b"x"] * 30, [b"\x81\xa2id\xc0"], [bytes(100_000)]])
def test_frames_of_any_shape_on_any_socket_are_survived(tmp_path: Path, frames: list[bytes]) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source, seat_on(hub.ports.requests) as seat:
        context = zmq.Context()
        strangers = []
        for port in (hub.ports.requests, hub.ports.ingest, hub.ports.events, hub.ports.telemetry):
            socket = context.socket(zmq.DEALER if port in (hub.ports.requests, hub.ports.ingest) else zmq.SUB)
            strangers.append(socket)
            socket.connect(f"tcp://127.0.0.1:{port}")
            if socket.type == zmq.DEALER:
                socket.send_multipart(frames)
                socket.poll(5000)
        context.destroy(linger=0)
        source.hand_in(alarm("a"))
        seat.until(lambda: "backend/a" in seat.mirror.room.alarms)
        assert not hub.failed
