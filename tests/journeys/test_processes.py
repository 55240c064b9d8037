"""Real processes: nothing of a run outlives its last window, whoever dies on the way."""

import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.rooms import wait_until

LONG_S = 90.0
ROOM = (sys.executable, "-m", "controlroom")


@pytest.fixture
def run(repository: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Runs that are ended for certain, also after a failure."""
    runs: list[subprocess.Popen[str]] = []
    yield runs
    for process in runs:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def start(runs: list[subprocess.Popen[str]], repository: Path, *command: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL
    )
    runs.append(process)
    return process


def gone(pids: list[int]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("crash", ["", "hub", "simulator"])
def test_closing_the_last_window_ends_every_process(
    run: list[subprocess.Popen[str]], repository: Path, tmp_path: Path, crash: str
) -> None:
    visit = start(run, repository, sys.executable, "-m", "tests.journeys.brief_visit", str(tmp_path), crash)
    assert visit.stdout is not None
    assert select.select([visit.stdout], [], [], LONG_S)[0], "the room did not come up"
    below = [int(pid) for pid in visit.stdout.readline().split()]
    assert len(below) >= 2
    assert visit.wait(LONG_S) == 0
    wait_until(lambda: gone(below))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_seat_that_is_killed_takes_its_hub_and_simulator_with_it(
    run: list[subprocess.Popen[str]], repository: Path, tmp_path: Path, number: signal.Signals
) -> None:
    room = start(run, repository, *ROOM, "--home", str(tmp_path), "--port", "0", "--silent", "--layout", "single")
    log = tmp_path / "logs" / "room.log"
    wait_until(lambda: log.exists() and "hub is live" in log.read_text("utf-8"), LONG_S)

    def below() -> list[psutil.Process]:
        return [p for p in psutil.Process(room.pid).children(recursive=True) if "controlroom" in p.cmdline()]

    wait_until(lambda: {"hub", "simulate"} <= {word for process in below() for word in process.cmdline()}, LONG_S)
    pids = [process.pid for process in psutil.Process(room.pid).children(recursive=True)]
    room.send_signal(number)
    room.wait(LONG_S)
    wait_until(lambda: gone(pids), LONG_S)
