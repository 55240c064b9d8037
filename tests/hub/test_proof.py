"""Promise 1 and 2 proven by violence: processes killed, links cut and slowed, disks filled, clocks moved, in a flood.

After each: every acknowledged record is there exactly once, and the digest of hub and seats is equal.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from controlroom.clock import SystemClock
from controlroom.hub.options import HubOptions
from controlroom.hub.server import Hub
from controlroom.seat.status import LinkState
from controlroom.sources.client import HubClient
from controlroom.wire import codec
from controlroom.wire.messages import AlarmRecord
from controlroom.wire.sockets import ANY_PORTS
from controlroom.wire.source_health import SourcesWanted
from tests.floods import Cable, Flood
from tests.rooms import NOON, HubProcess, Seat, alarm, hub_in, seat_on, source_of, wait_until
from tests.seat.test_link import cabled, equal

ROOT = Path(__file__).parents[2]


def exactly_once(seat: Seat, source: str, keys: set[str]) -> None:
    """Every alarm of the source is there, each told once, and the seat is equal to its hub."""
    seat.until(lambda: {a.key for a in seat.mirror.room.alarms.values() if a.source == source} == keys)
    assert [a.key for a in seat.mirror.room.alarms.values() if a.count != 1] == []
    equal(seat)


def test_kill_9_of_the_hub_in_the_middle_of_ten_thousand_alarms_a_second(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    handovers = 150
    try:
        with seat_on(hub.ports.requests) as one, source_of(hub.ports.ingest) as source:
            flood, killed_at = Flood(source, handovers), 40
            while not flood.over:
                flood.step()
                one.drain()
                if flood.acknowledged >= killed_at:
                    hub.kill()
                    hub.restart()
                    flood.lost_its_hub()
                    killed_at += 60
            keys = {f"{number}-{n}" for number in range(1, handovers + 1) for n in range(Flood.PER_HANDOVER)}
            exactly_once(one, "flood", keys)
            with seat_on(hub.ports.requests) as late:
                exactly_once(late, "flood", keys)
    finally:
        hub.close()


def test_kill_9_of_a_source_whose_spool_is_on_the_disk(tmp_path: Path) -> None:
    goal = 900
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        command = [sys.executable, "-m", "tests.sources.source_process"]
        command += [f"tcp://127.0.0.1:{hub.ports.requests}", str(tmp_path / "spool.db"), str(goal)]
        for until in (200, 500, goal):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as victim:
                assert victim.stdout is not None
                for line in victim.stdout:
                    seat.drain()
                    if int(line) >= until and until < goal:
                        victim.kill()
                        break
                victim.stdout.read()
        assert victim.wait() == 0
        exactly_once(seat, "victim", {f"k{number}" for number in range(1, goal + 1)})


def test_a_link_of_a_source_that_is_cut_and_slowed_in_a_flood(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        cable = Cable(hub.ports.ingest)
        client = HubClient(ingest=f"tcp://127.0.0.1:{cable.port}", ack_timeout_s=0.5)
        feed = client.feed("far", json=True)
        client.start()
        try:
            for number in range(600):
                feed.hand_in(AlarmRecord(key=f"k{number}", severity=2, title="积水", occurred_at=NOON))
                if number % 150 == 75:
                    cable.slow_s = 0.01 if number < 300 else 0.0
                    cable.cut()
            wait_until(lambda: (seat.drain(), feed.drained(0.05))[1])
            exactly_once(seat, "far", {f"k{number}" for number in range(600)})
        finally:
            client.close()
            cable.close()


def test_a_link_of_a_seat_that_is_cut_and_slowed_in_a_flood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        hub_in(tmp_path) as hub,
        cabled(monkeypatch, hub.ports.requests, hub.ports.events) as (seat, cable),
        source_of(hub.ports.ingest) as source,
    ):
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        flood, cuts = Flood(source, 100), 0
        while not flood.over:
            flood.step()
            seat.drain()
            if flood.acknowledged > 25 * (cuts + 1):
                cuts += 1
                cable.slow_s = 0.02 * (cuts % 2)
                cable.cut()
        assert cuts >= 3
        cable.slow_s = 0.0
        exactly_once(seat, "flood", {f"{n}-{m}" for n in range(1, 101) for m in range(Flood.PER_HANDOVER)})


def test_a_disk_that_is_full_is_told_and_loses_nothing(
    small_disk: Callable[[str], Path],
    allow_log,
) -> None:
    allow_log("controlroom.store", "cannot be written")
    disk = small_disk("4m")
    ballast = disk / "ballast"
    with hub_in(disk) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("first"))
        ballast.write_bytes(b"\0" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 200_000))
        long, total = "长" * 1000, 150
        for number in range(total):
            source.send(alarm(f"k{number}", text=long), session="x", seq=number + 1)
        seat.until(lambda: seat.link.status.store == "full")
        committed = len(source.received())
        assert committed < total, "what cannot be written is not acknowledged"
        assert len(seat.mirror.room.alarms) <= committed + 1, "nor shown"
        ballast.unlink()
        seat.until(lambda: len(source.received()) == total and seat.link.status.store == "ok")
        assert all(codec.acknowledgement(answer).accepted == 1 for answer in source.answers)
        exactly_once(seat, "backend", {"first"} | {f"k{number}" for number in range(total)})
    with hub_in(disk) as hub:
        assert len(hub._core.room.alarms) == total + 1


def test_the_same_handovers_by_two_ways_at_once_count_once(tmp_path: Path) -> None:
    """Two senders of one session, as after a failover that was none: one journal, each record once."""
    total = 200
    with (
        hub_in(tmp_path) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest, "twin") as one,
        source_of(hub.ports.ingest, "twin") as other,
    ):
        done = {one: 0, other: 0}
        while min(done.values()) < total:
            for way in (one, other):
                if done[way] < total:
                    answer = way.hand_in(alarm(f"k{done[way] + 1}"), session="x", seq=done[way] + 1)
                    assert answer.get("duplicate", False) is (way is other)
                    done[way] += 1
        exactly_once(seat, "twin", {f"k{number}" for number in range(1, total + 1)})
        assert seat.mirror.room.sequence < total + 10, "a duplicate leaves no event behind"


def test_two_hubs_each_hold_what_both_were_told_and_neither_doubles_it(tmp_path: Path) -> None:
    """A source that feeds a second hub too: their numbers are their own, and what comes twice to one counts once."""
    with hub_in(tmp_path / "a") as a, hub_in(tmp_path / "b") as b:
        with source_of(a.ports.ingest) as to_a, source_of(b.ports.ingest) as to_b:
            for number in range(1, 101):
                for way in (to_a, to_b, to_b, to_a):
                    assert way.hand_in(alarm(f"k{number}"), session="x", seq=number)["seq"] == number
        with seat_on(a.ports.requests) as at_a, seat_on(b.ports.requests) as at_b:
            keys = {f"k{number}" for number in range(1, 101)}
            exactly_once(at_a, "backend", keys)
            exactly_once(at_b, "backend", keys)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_source_whose_clock_is_off_loses_nothing_and_is_shown_so(tmp_path: Path, hours: int) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        theirs = (hub._clock.now() + timedelta(hours=hours)).isoformat()
        for number in range(50):
            source.hand_in(alarm(f"k{number}") | {"occurred_at": theirs}, sent_at=theirs, session="x", seq=number + 1)
        seat.until(lambda: bool(seat.mirror.room.sources))
        assert seat.mirror.room.sources["backend"].skew_s == pytest.approx(3600 * hours, abs=60)
        exactly_once(seat, "backend", {f"k{number}" for number in range(50)})
        told = seat.link.ask(SourcesWanted()).result(10)
        assert told.sources[0].skew_s == pytest.approx(3600 * hours, abs=60)
        held = next(iter(seat.mirror.room.alarms.values()))
        assert abs((held.received_at - hub._clock.now()).total_seconds()) < 60, "the hub's own time stands beside it"


class SetClock(SystemClock):
    """The clock of a machine that somebody sets."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> Any:
        return super().now() + self.off


def test_a_hub_whose_clock_is_set_back_and_forth_in_a_flood_loses_nothing(tmp_path: Path) -> None:
    clock = SetClock()
    hub = Hub(HubOptions(store=tmp_path / "room.db", ports=ANY_PORTS), clock)
    hub.start()
    with contextlib.closing(hub), seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        flood, steps = Flood(source, 60), [timedelta(hours=-2), timedelta(hours=30), timedelta(days=-1)]
        while not flood.over:
            flood.step()
            seat.drain()
            if steps and flood.acknowledged > 15 * (4 - len(steps)):
                clock.off = steps.pop(0)
        assert not steps
        exactly_once(seat, "flood", {f"{n}-{m}" for n in range(1, 61) for m in range(Flood.PER_HANDOVER)})
        assert seat.link.status.state is LinkState.LIVE
        assert not any(held.silent for held in seat.mirror.room.sources.values())


def test_kill_9_of_a_seat_in_a_flood_and_its_return(tmp_path: Path) -> None:
    """A seat of a process of its own is killed and started again: it becomes equal, and nobody else noticed."""
    code = (
        "import sys; from tests.rooms import Seat; from tests.seat.test_link import equal; "
        "seat = Seat(int(sys.argv[1])); seat.until(lambda: len(seat.mirror.room.alarms) >= int(sys.argv[2])); "
        "print('there', flush=True); sys.stdin.readline(); equal(seat); print(seat.mirror.room.digest(), flush=True); "
        "seat.close()"
    )
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as other, source_of(hub.ports.ingest) as source:
        flood = Flood(source, 60)

        def started(least: int) -> subprocess.Popen[str]:
            words = [sys.executable, "-c", code, str(hub.ports.requests), str(least)]
            return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

        with started(500) as victim:
            there = threading.Event()
            reading = threading.Thread(target=lambda: (victim.stdout.readline(), there.set()))
            reading.start()
            while not there.is_set():
                flood.step()
                other.drain()
            victim.kill()
            reading.join()
        while not flood.over:
            flood.step()
            other.drain()
        with started(6000) as returned:
            assert returned.stdout is not None and returned.stdin is not None
            assert returned.stdout.readline() == "there\n"
            exactly_once(other, "flood", {f"{n}-{m}" for n in range(1, 61) for m in range(Flood.PER_HANDOVER)})
            returned.stdin.write("\n")
            returned.stdin.flush()
            assert returned.stdout.readline().strip() == other.mirror.room.digest()
