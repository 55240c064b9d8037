import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.events import AlarmChanged, SensorsDeclared
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.drill.entry import Channel, command_of, indices_of, record_of
from controlroom.drill.recorder import TELEMETRY_MOST, Recorder
from controlroom.drill.recording import Recording
from controlroom.drill.shelf import Shelf
from controlroom.errors import EnvironmentFault
from controlroom.i18n import set_language
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.messages import AlarmRecord, ColumnsRecord, Command, Handover, Record, SensorsRecord
from tests.rooms import NOON

BEGIN = to_ms(NOON)
EMPTY = ColumnsRecord(index=b"", value=b"", time=b"", quality=b"")


def alarm_record(key: str) -> AlarmRecord:
    return AlarmRecord(key=key, severity=Severity.RED, title="积水", occurred_at=NOON)


def alarm_event(key: str) -> AlarmChanged:
    return AlarmChanged(
        Alarm(
            id=f"rain/{key}",
            source="rain",
            key=key,
            severity=Severity.RED,
            title="积水",
            state=AlarmState.UNACKNOWLEDGED,
            occurred_at=NOON,
            received_at=NOON,
            changed_at=NOON,
        )
    )


def handover(*records: Record) -> tuple[Handover, list[Record]]:
    return Handover(source="rain", records=[], crs="GCJ-02"), list(records)


def made(path: Path, **options: int) -> Recorder:
    recorder = Recorder(path, title="暴雨", realm="live", program="0.1.0", **options)
    recorder.opened(BEGIN, 0, [])
    return recorder


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


def test_everything_that_passed_is_read_back_in_order(tmp_path):
    recorder = made(tmp_path / "a.recording")
    sensors = (Sensor(id="s1", name="S", kind="rain"),)
    recorder.handover(BEGIN + 1, *handover(SensorsRecord(sensors=list(sensors))))
    recorder.event(BEGIN + 1, 1, SensorsDeclared((7,), sensors))
    recorder.handover(BEGIN + 2, *handover(alarm_record("a"), EMPTY))
    recorder.event(BEGIN + 2, 2, alarm_event("a"))
    command = Command(id="c", seat="desk", officer="李", body=Acknowledge(alarms=["rain/a"]))
    recorder.command(BEGIN + 3, command)
    recorder.close(BEGIN + 60_000)

    recording = Recording(tmp_path / "a.recording")
    info = recording.info
    assert (info.title, info.realm, info.begin_ms, info.end_ms) == ("暴雨", "live", BEGIN, BEGIN + 60_000)
    assert info.closed and not info.full and info.dropped == 0
    lines = list(recording.entries())
    assert [line.channel for line in lines] == [
        Channel.RECORD,
        Channel.INDICES,
        Channel.RECORD,
        Channel.TELEMETRY,
        Channel.COMMAND,
    ]
    assert (lines[2].source, lines[2].crs, lines[2].t_ms) == ("rain", "GCJ-02", BEGIN + 2)
    assert record_of(lines[2]) == alarm_record("a")
    assert indices_of(lines[1]).indices == (7,)
    assert command_of(lines[4]) == command
    recording.close()


def test_snapshots_hold_the_state_of_their_time(tmp_path):
    recorder = made(tmp_path / "a.recording", snapshot_every_ms=1)
    recorder.event(BEGIN + 5, 1, alarm_event("a"))
    recorder.handover(BEGIN + 5, *handover(alarm_record("a")))
    recorder.close()
    recording = Recording(tmp_path / "a.recording")
    assert recording.snapshots() == [BEGIN, BEGIN + 5]
    assert recording.state_at(BEGIN + 4)[1].alarms == {}
    assert list(recording.state_at(BEGIN + 5)[1].alarms) == ["rain/a"]
    assert recording.state_at(BEGIN - 100)[0] == BEGIN
    recording.close()


def test_telemetry_is_dropped_and_counted_before_any_alarm_is(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "a.recording", title="", realm="live", program="")
    # Before the writer's thread runs nothing is taken from the queue: the worst that a slow disk can do.
    for _number in range(TELEMETRY_MOST + 10):
        recorder.handover(BEGIN, *handover(EMPTY))
    for number in range(10):
        recorder.handover(BEGIN, *handover(alarm_record(str(number))))
    recorder.opened(BEGIN, 0, [])
    recorder.close()
    recording = Recording(tmp_path / "a.recording")
    assert recorder.dropped == recording.info.dropped == 10
    alarms = [line for line in recording.entries() if line.channel is Channel.RECORD]
    assert len(alarms) == 10
    recording.close()


def test_a_full_recording_takes_no_more_and_says_so(tmp_path, expect_log):
    with expect_log("controlroom.drill", "takes no more"):
        recorder = made(tmp_path / "a.recording", max_bytes=1)
        recorder.handover(BEGIN + 1, *handover(alarm_record("a")))
        recorder.close()
    recording = Recording(tmp_path / "a.recording")
    assert recording.info.full and recording.info.entries == 0 and recording.info.dropped == 1
    recording.close()


WRITES_FOR_EVER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.drill.test_recording import *
recorder = made(Path(sys.argv[1]))
for n in range(10**9):
    recorder.event(BEGIN + n, n + 1, alarm_event(str(n % 50)))
    recorder.handover(BEGIN + n, *handover(alarm_record(str(n))))
    while len(recorder._queue) > 5000:
        time.sleep(0.001)
    if n == 20_000:
        print("written", flush=True)
"""


def test_what_was_written_is_readable_after_kill_9(tmp_path, repository):
    path = tmp_path / "a.recording"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES_FOR_EVER.format(root=str(repository)), str(path)],
        stdout=subprocess.PIPE,
        cwd=repository,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    process.kill()
    process.wait()
    process.stdout.close()
    recording = Recording(path)
    assert not recording.info.closed
    keys = [int(record_of(line).key) for line in recording.entries()]
    assert len(keys) > 10_000
    assert keys == list(range(len(keys)))
    assert recording.info.end_ms == BEGIN + len(keys) - 1
    at_ms, room = recording.state_at(recording.info.end_ms)
    assert (at_ms, room.sequence) == (BEGIN, 0)
    recording.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\0" + bytes(200)])
def test_a_foreign_file_is_told_in_one_sentence(tmp_path, content):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    with pytest.raises(EnvironmentFault, match="is not a recording, or it is damaged"):
        Recording(path)


def test_a_database_of_another_program_is_told(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("create table meta (key text, value text)")
    database.close()
    with pytest.raises(EnvironmentFault, match="is not a recording"):
        Recording(path)


def test_a_recording_of_a_newer_release_is_told(tmp_path):
    path = tmp_path / "a.recording"
    made(path).close()
    database = sqlite3.connect(path)
    database.execute("pragma user_version = 99")
    database.close()
    with pytest.raises(EnvironmentFault, match="newer release"):
        Recording(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(EnvironmentFault, match="There is no recording"):
        Recording(tmp_path / "none")


def test_an_existing_file_is_never_written_over(tmp_path):
    path = tmp_path / "a.recording"
    path.write_text("precious")
    with pytest.raises(EnvironmentFault, match="exists already"):
        made(path)
    assert path.read_text() == "precious"


def test_damage_anywhere_is_told_in_a_sentence_and_never_crashes(tmp_path):
    path = tmp_path / "a.recording"
    recorder = made(path)
    for number in range(300):
        recorder.handover(BEGIN + number, *handover(alarm_record(str(number))))
    recorder.close()
    whole = path.read_bytes()
    chance = random.Random(7)
    told = 0
    for _turn in range(150):
        broken = bytearray(whole)
        for _byte in range(chance.randint(1, 40)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(bytes(broken[: chance.randint(1, len(broken))] if chance.random() < 0.3 else broken))
        recording = None
        try:
            recording = Recording(path)
            recording.state_at(BEGIN)
            for _line in recording.entries():
                pass
        except EnvironmentFault as fault:
            told += 1
            assert fault.sentence
        finally:
            if recording is not None:
                recording.close()
    assert told > 50


def test_a_recording_that_reached_its_size_goes_on_in_another_file(tmp_path):
    shelf = Shelf(tmp_path / "shelf", 80 * 200_000)
    recorder = made(shelf.new_path(NOON), max_bytes=200_000, following=lambda: shelf.new_path(NOON))
    recorder.event(BEGIN, 1, alarm_event("standing"))
    number = 0
    while len(shelf.shelved()) < 2:
        number += 1
        recorder.handover(BEGIN + number, *handover(alarm_record(f"{number}-{random.random()}")))
    recorder.close()
    files = sorted(shelf.shelved(), key=lambda shelved: shelved.info.begin_ms)
    assert all(file.info.closed and not file.info.full for file in files)
    assert sum(file.info.entries for file in files) == number
    recording = Recording(files[-1].path)
    assert list(recording.state_at(0)[1].alarms) == ["rain/standing"]
    recording.close()


def test_the_oldest_recordings_make_room_for_new_ones(tmp_path):
    shelf = Shelf(tmp_path, 8000)
    for number in range(9):
        file = tmp_path / f"{number}.recording"
        file.write_bytes(bytes(1000))
        os.utime(file, (number, number))
    shelf.new_path(NOON)
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"{n}.recording" for n in range(2, 9)]


def test_a_broken_file_on_the_shelf_is_listed_with_its_fault(tmp_path):
    made(tmp_path / "good.recording").close()
    (tmp_path / "bad.recording").write_bytes(b"bad")
    good, bad = Shelf(tmp_path, 10**9).shelved()
    assert good.info is not None and not good.fault
    assert bad.info is None and "damaged" in bad.fault
