import subprocess
import sys
from pathlib import Path

from tests.sources.fake_hub import FakeHub, Faults, Memory

_GOAL = 1500


def start(hub: FakeHub, spool: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sources.source_process", hub.address, str(spool), str(_GOAL)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def test_killing_the_source_at_any_instant_loses_and_doubles_nothing_it_accepted(tmp_path: Path) -> None:
    memory = Memory()
    faults = Faults()
    # Every eleventh answer is lost, so that each kill finds some committed handovers unconfirmed.
    faults.lose_ack = lambda handover: handover.seq % 11 == 0 and hub.frames % 2 == 0
    hub = FakeHub(memory, faults)
    accepted = 0
    for goal in (150, 400, 800):
        with start(hub, tmp_path / "spool.db") as source:
            assert source.stdout is not None
            for line in source.stdout:
                accepted = int(line)
                if accepted >= goal:
                    break
            source.kill()
            accepted = max([accepted, *map(int, source.stdout.read().split())])
    with start(hub, tmp_path / "spool.db") as source:
        output, _ = source.communicate(timeout=90)
        assert source.returncode == 0
    assert int(output.split()[0]) in (accepted + 1, accepted + 2)
    hub.kill()
    assert memory.keys() == [f"k{n}" for n in range(1, _GOAL + 1)]
    assert len(memory.cursors) == 1
