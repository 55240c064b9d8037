import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from controlroom.clock import SystemClock
from controlroom.errors import EnvironmentFault
from controlroom.sources.simulator import runner
from tests.rooms import Seat, hub_in, seat_on, wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
SMALL = ("--sensors", "120", "--cameras", "8", "--streams", "2", "--vehicles", "12")
LAUNCH = (
    "import argparse, sys; from controlroom.sources.simulator import runner; p = argparse.ArgumentParser();"
    "p.add_argument('--exit-with-stdin', action='store_true'); runner.add_arguments(p);"
    "sys.exit(runner.run(p.parse_args()))"
)


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    runner.add_arguments(parser)
    return parser.parse_args(words)


def start(port: int, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", LAUNCH, "--hub", f"tcp://127.0.0.1:{port}", *SMALL, "--exit-with-stdin", *words]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=REPOSITORY)


def heard(seat: Seat) -> int:
    return int((seat.mirror.latest.time_ms > 0).sum())


def latest(seat: Seat) -> int:
    """The time of a reading in the middle: some devices have clocks that are ahead."""
    times = seat.mirror.latest.time_ms
    return int(np.median(times[times > 0]))


def test_a_newcomer_sees_the_district_alive_within_seconds(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, start(hub.ports.requests) as process:
        seat.until(lambda: len(seat.mirror.room.alarms) >= 4 and heard(seat) > 100, 10.0)
        room = seat.mirror.room
        assert len(room.sensors) >= 100
        assert len(room.cameras) == 8
        assert len(room.vehicles) == 12
        assert sum(camera.url.startswith(("rtsp://", "http://")) for camera in room.cameras.values()) == 2
        seat.until(lambda: int((seat.mirror.positions.time_ms > 0).sum()) == 12)
        assert all(source.refused == 0 for source in room.sources.values())
        process.stdin.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""


def test_the_simulator_waits_for_a_hub_and_comes_back_to_one_that_was_killed(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub:
        ports = hub.ports
    with start(ports.requests, "--scenario", "rainstorm", "--speed", "10") as process:
        for _round in range(2):
            with hub_in(tmp_path, ports=ports) as hub, seat_on(hub.ports.requests) as seat:
                seat.until(lambda seat=seat: heard(seat) > 60 and bool(seat.mirror.room.alarms))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr.read() == b""


def test_a_simulator_that_is_killed_and_started_again_takes_over_its_district(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        with start(hub.ports.requests) as process:
            seat.until(lambda: heard(seat) > 60)
            process.kill()
        before = dict(seat.mirror.room.sensor_index)
        with start(hub.ports.requests) as process:
            first = latest(seat)
            seat.until(lambda: latest(seat) > first + 1000)
            assert seat.mirror.room.sensor_index == before
            process.stdin.close()
            assert process.wait(20) == 0


def test_all_threads_end_with_the_simulator(tmp_path: Path) -> None:
    stop = threading.Event()
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        wanted = arguments("--hub", f"tcp://127.0.0.1:{hub.ports.requests}", *SMALL)
        thread = threading.Thread(target=runner.serve, args=(wanted, stop, SystemClock()))
        thread.start()
        seat.until(lambda: heard(seat) > 10)
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
        wait_until(lambda: not [t for t in threading.enumerate() if t.name in ("source wire", "cameras")])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sensors", "0"), "sensors"),
        (("--speed", "1000"), "speed"),
        (("--scenario", "earthquake"), "rainstorm"),
        (("--hub", "nonsense"), "nonsense"),
    ],
)
def test_a_wrong_option_is_told_in_one_sentence(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(EnvironmentFault, match=told) as caught:
        runner.run(arguments(*words, "--streams", "0"))
    assert "\n" not in caught.value.sentence
    assert json.dumps(caught.value.sentence)
