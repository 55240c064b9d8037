"""The hub as a process: killed, cut, locked and restarted, it loses and doubles nothing it acknowledged."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controlroom.errors import EnvironmentFault
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.incidents import OpenIncident
from controlroom.wire.messages import Command, DigestWanted
from tests.rooms import HubProcess, alarm, hub_in, seat_on, source_of, wait_until

STRANGER = """
import json, sys, zmq
socket = zmq.Context().socket(zmq.REQ)
socket.connect(sys.argv[1])
socket.send_string(json.dumps({
    "source": "stranger",
    "records": [{
        "type": "alarm", "key": "door", "severity": 1, "title": "门禁被强行打开",
        "occurred_at": "2026-11-21T04:00:00Z", "point": [116.41, 39.5],
    }],
}))
print(socket.recv_string())
"""


def test_a_program_of_pyzmq_and_json_alone_raises_an_alarm_on_a_seat(tmp_path: Path) -> None:
    assert len(STRANGER.strip().splitlines()) < 20
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        run = subprocess.run(
            [sys.executable, "-c", STRANGER, f"tcp://127.0.0.1:{hub.ports.ingest}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert '"accepted":1' in run.stdout
        seat.until(lambda: "stranger/door" in seat.mirror.room.alarms)


def test_an_acknowledgement_on_one_seat_is_seen_on_the_other(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as one, seat_on(hub.ports.requests) as other:
        with source_of(hub.ports.ingest) as source:
            source.hand_in(alarm("a"))
        one.until(lambda: bool(one.mirror.room.alarms))
        body = Acknowledge(alarms=["backend/a"])
        one.link.ask(Command(id="c1", seat="one", officer="王", body=body)).result(10)
        other.until(lambda: other.mirror.room.alarms["backend/a"].acknowledged_by == "王")
        one.until(lambda: one.mirror.room.digest() == other.mirror.room.digest())


def test_a_command_sent_twice_happens_once_even_across_a_crash(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    command = Command(id="c1", seat="s", officer="王", body=OpenIncident(title="积水", grade=1))
    try:
        with seat_on(hub.ports.requests) as seat:
            first = seat.link.ask(command).result(10)
            hub.kill()
            hub.restart()
            assert seat.link.ask(command).result(10) == first
            seat.until(lambda: len(seat.mirror.room.incidents) == 1)
    finally:
        hub.close()


def test_kill_9_in_a_flood_loses_and_doubles_nothing(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    total, window, acknowledged, sent, kills = 4000, 200, 0, 0, 0
    try:
        with seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
            while acknowledged < total:
                while sent < total and sent - acknowledged < window:
                    sent += 1
                    source.send(alarm(f"k{sent}"), session="x", seq=sent)
                if kills < 3 and acknowledged > (kills + 1) * 900:
                    kills += 1
                    hub.kill()
                    hub.restart()
                    sent = acknowledged
                    continue
                answer = source.answer()
                if answer.get("expected"):
                    sent = min(sent, answer["expected"] - 1)
                    continue
                acknowledged = max(acknowledged, answer["seq"])
                seat.drain()
            seat.until(lambda: len(seat.mirror.room.alarms) == total)
            digest = seat.link.ask(DigestWanted()).result(10)
            assert all(a.count == 1 for a in seat.mirror.room.alarms.values())
            seat.until(lambda: seat.mirror.room.sequence == digest.sequence)
            assert seat.mirror.room.digest() == digest.digest
            assert kills == 3
    finally:
        hub.close()


def test_state_survives_a_restart_of_everything(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("a"), alarm("b"))
        source.hand_in({"type": "clear", "key": "b", "occurred_at": "2026-11-21T04:01:00Z"})
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        seat.until(lambda: len(seat.mirror.room.alarms) == 2)
        states = {a.key: a.state for a in seat.mirror.room.alarms.values()}
        assert states == {"a": "unacknowledged", "b": "returned"}


def test_a_locked_store_is_told_and_acknowledges_nothing_until_it_is_free(
    tmp_path: Path,
    allow_log,
) -> None:
    allow_log("controlroom.store", "cannot be written")
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("a"))
        foreign = sqlite3.connect(tmp_path / "room.db", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        source.send(alarm("b"))
        seat.until(lambda: seat.link.status.store == "locked")
        assert "backend/b" not in seat.mirror.room.alarms
        foreign.execute("ROLLBACK")
        foreign.close()
        assert source.answer()["accepted"] == 1
        seat.until(lambda: "backend/b" in seat.mirror.room.alarms and seat.link.status.store == "ok")


def test_readings_reach_the_seat_raise_by_their_limits_and_are_kept_for_curves(tmp_path: Path) -> None:
    sensor = {
        "id": "p1",
        "name": "黄村东桥",
        "kind": "flood_depth",
        "unit": "cm",
        "limits": [{"severity": 3, "above": 27}],
    }
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        source.hand_in({"type": "sensors", "sensors": [sensor]})
        now = 1_000 * int(hub._clock.now().timestamp())
        seat.until(lambda: "p1" in seat.mirror.room.sensors)
        source.hand_in({"type": "readings", "ids": ["p1", "p1"], "values": [12, 30], "times": [now - 500, now]})
        seat.until(lambda: any(a.sensor == "p1" and a.active for a in seat.mirror.room.alarms.values()))
        seat.until(lambda: seat.mirror.latest.size == 1 and float(seat.mirror.latest.value[0]) == 30.0)
        source.hand_in({"type": "readings", "ids": ["p1"], "values": [3], "times": [now + 500]})
        seat.until(lambda: all(not a.active for a in seat.mirror.room.alarms.values()))


def test_a_drill_hub_and_a_live_hub_refuse_each_other_s_records(tmp_path: Path) -> None:
    with hub_in(tmp_path, realm="drill/a") as hub, source_of(hub.ports.ingest) as source:
        assert source.hand_in(alarm("a"))["refused"][0]["code"] == "wrong_realm"
        assert source.hand_in(alarm("a"), realm="drill/a")["accepted"] == 1


def test_the_hub_does_not_listen_to_the_world_without_keys(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="--insecure"), hub_in(tmp_path, host="0.0.0.0"):
        pass
    with hub_in(tmp_path, host="0.0.0.0", insecure=True) as hub, seat_on(hub.ports.requests) as seat:
        wait_until(lambda: seat.link.status.insecure)


def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path: Path) -> None:
    with (
        hub_in(tmp_path) as hub,
        pytest.raises(EnvironmentFault, match=str(hub.ports.requests)),
        hub_in(tmp_path / "other", ports=hub.ports),
    ):
        pass
