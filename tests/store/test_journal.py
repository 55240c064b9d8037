"""What was committed survives; what cannot be committed is told and tried again."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controlroom.errors import StoreFault
from controlroom.store.journal import Batch, Journal, Line, fault
from controlroom.store.writer import Writer
from tests.rooms import wait_until


def line(number: int, kind: str = "alarm", subject: str = "a") -> Line:
    return Line(number, 1000 + number, kind, subject, b"body %d" % number)


def test_a_batch_is_there_after_opening_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch([line(1), line(2)], {("s", ""): 7}, [("c1", 1, b"done")], (2, b"state"))])
    epoch = journal.epoch
    journal.close()
    again = Journal(tmp_path / "room.db")
    assert (again.epoch, again.last_sequence(), again.checkpoint()) == (epoch, 2, (2, b"state"))
    assert again.cursors() == {("s", ""): 7}
    assert again.answers() == {"c1": (1, b"done")}
    assert list(again.read(1, 2)) == [line(1), line(2)]
    again.close()


def test_the_past_is_looked_up_newest_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch([line(1), line(2, "incident", "i"), line(3), line(4)])])
    assert [found.sequence for found in journal.past("alarm", "", 4, 10)] == [3, 1]
    assert [found.sequence for found in journal.past("", "i", 0, 10)] == [2]
    journal.close()


def test_a_sequence_number_is_never_given_twice(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch([line(1)])])
    with pytest.raises(StoreFault):
        journal.commit([Batch([line(2), line(1)])])
    assert journal.last_sequence() == 1
    journal.close()


def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    path.write_bytes(b"this is no database at all, but long enough to be one" * 40)
    before = path.read_bytes()
    with pytest.raises(StoreFault, match=r"room\.db") as told:
        Journal(path)
    assert told.value.condition == "corrupt"
    assert path.read_bytes() == before


def test_a_store_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path / "room.db").close()
    with sqlite3.connect(tmp_path / "room.db") as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreFault, match=r"room\.db"):
        Journal(tmp_path / "room.db")


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("database is locked", "locked"),
        ("database or disk is full", "full"),
        ("attempt to write a readonly database", "denied"),
    ],
)
def test_the_cause_is_found_behind_what_the_library_says(words: str, condition: str) -> None:
    masked = sqlite3.OperationalError("cannot rollback - no transaction is active")
    masked.__context__ = sqlite3.OperationalError(words)
    assert fault(Path("room.db"), masked).condition == condition


def test_a_locked_store_is_told_and_nothing_is_lost(tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.store", "cannot be written")
    path = tmp_path / "room.db"
    Journal(path).close()
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    writer: Writer[int] = Writer(path, lambda: None, retry_s=0.01, wait_s=0.05)
    writer.start()
    for number in range(1, 101):
        writer.submit(Batch([line(number)]), number)
    wait_until(lambda: writer.condition == "locked")
    assert writer.take_committed() == []
    foreign.execute("ROLLBACK")
    foreign.close()
    tickets: list[int] = []
    wait_until(lambda: (tickets.extend(writer.take_committed()), len(tickets) == 100)[1])
    assert tickets == list(range(1, 101))
    assert writer.condition == "ok"
    writer.close()


def test_a_disk_that_fails_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    Journal(path).close()
    child = subprocess.run([sys.executable, "-c", _FAILING, str(path)], capture_output=True, text=True, timeout=60)
    assert child.stdout.split() == ["failing", "ok", "400"], child.stderr


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path, small_disk: Callable[[str], Path], allow_log) -> None:
    allow_log("controlroom.store", "cannot be written")
    disk = small_disk("600k")
    path = disk / "room.db"
    Journal(path).close()
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    writer: Writer[int] = Writer(path, lambda: None, retry_s=0.01)
    writer.start()
    for number in range(1, 31):
        writer.submit(Batch([Line(number, 0, "alarm", "a", bytes(10_000))]), number)
    wait_until(lambda: writer.condition == "full")
    assert writer.waiting > 0
    ballast.unlink()
    wait_until(lambda: writer.waiting == 0 and writer.condition == "ok")
    assert writer.take_committed() == list(range(1, 31))
    writer.close()


_FAILING = """
import resource, signal, sys
from pathlib import Path
from controlroom.store.journal import Batch, Journal, Line
from controlroom.store.writer import Writer
from tests.rooms import wait_until
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit then fails as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
writer = Writer(Path(sys.argv[1]), lambda: None, retry_s=0.01)
writer.start()
for number in range(1, 401):
    writer.submit(Batch([Line(number, 0, "alarm", "a", bytes(4000))]), number)
wait_until(lambda: writer.condition != "ok")
print(writer.condition)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
done = []
wait_until(lambda: (done.extend(writer.take_committed()), len(done) == 400)[1])
print(writer.condition, Journal(Path(sys.argv[1])).last_sequence())
writer.close()
"""

_KILLED = """
import sys
from pathlib import Path
from controlroom.store.journal import Batch, Line
from controlroom.store.writer import Writer
import threading
bell = threading.Event()
writer = Writer(Path(sys.argv[1]), bell.set)
writer.start()
number = 0
while True:
    for _ in range(50):
        number += 1
        writer.submit(Batch([Line(number, 0, "alarm", "a", b"x" * 200)]), number)
    bell.wait(); bell.clear()
    for ticket in writer.take_committed():
        print(ticket, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    Journal(path).close()
    for _life in range(3):
        Journal(path).close()
        path.unlink()
        child = subprocess.Popen([sys.executable, "-c", _KILLED, str(path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _n in range(200)]
        os.kill(child.pid, signal.SIGKILL)
        acknowledged += [int(word) for word in child.stdout.read().split(b"\n")[:-1]]
        child.wait()
        child.stdout.close()
        journal = Journal(path)
        assert journal.last_sequence() >= max(acknowledged)
        assert [found.sequence for found in journal.read(1, max(acknowledged))] == list(range(1, max(acknowledged) + 1))
        journal.close()
