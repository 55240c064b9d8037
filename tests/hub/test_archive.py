"""Past readings: kept across a killed hub, answered in bounds, never in the way of what is live."""

import asyncio
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from controlroom.bridge.commands import Commands
from controlroom.domain.alarm import AlarmState
from controlroom.domain.times import from_ms, to_ms
from controlroom.hub import archive
from controlroom.hub.archive import Archive, Keeping
from controlroom.hub.past import past_readings
from controlroom.store import history as history_module
from controlroom.store.history import History
from controlroom.store.history_block import DAY_MS
from controlroom.store.history_shelf import Bounds
from controlroom.store.journal import Journal
from controlroom.store.readings_store import Forsaken
from controlroom.wire import codec
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.frames import Readings
from controlroom.wire.messages import Past, PastWanted
from controlroom.wire.past import HistoryBins, HistoryColumns, HistoryWanted
from controlroom.wire.seats import SpanWanted
from tests.rooms import WAIT_S, HubProcess, Seat, alarm, hub_in, seat_on, source_of, wait_until

SENSORS = {"type": "sensors", "sensors": [{"id": "p1", "name": "桥", "kind": "flood_depth", "unit": "cm"}]}


class Noon:
    """A clock that stands still for the day and runs for delays."""

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def series(index: int, first_ms: int, count: int, step_ms: int) -> Readings:
    at = first_ms + step_ms * np.arange(count, dtype=np.int64)
    value = np.sin(np.arange(count) / 50).astype(np.float32)
    return Readings(np.full(count, index, np.uint32), value, at, np.zeros(count, np.uint8))


def asked(seat: Seat, since: datetime) -> list[float]:
    got: Any = seat.link.ask(HistoryWanted(sensors=[0], since_ms=to_ms(since))).result(10)
    assert isinstance(got, HistoryColumns)
    return np.frombuffer(got.value, "<f4").tolist()


def test_readings_outlive_a_hub_that_is_killed(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    since = datetime.now(UTC) - timedelta(hours=4)
    ago = [to_ms(since) + 60_000 * minute for minute in range(1, 200)]
    try:
        with seat_on(hub.ports.requests) as seat:
            with source_of(hub.ports.ingest) as source:
                source.hand_in(SENSORS)
                source.hand_in({"type": "readings", "ids": ["p1"] * 199, "values": list(range(199)), "times": ago})
            assert asked(seat, since) == list(range(199))
            hub.kill()
            killed = datetime.now(UTC)
            hub.restart()
            with source_of(hub.ports.ingest) as source:
                source.hand_in({"type": "readings", "ids": ["p1"], "values": [500], "times": [ago[-1] + 60_000]})
            assert asked(seat, since) == [*range(199), 500]
            got: Any = seat.link.ask(HistoryWanted(sensors=[0], since_ms=to_ms(since))).result(10)
            [(down_ms, up_ms)] = got.down
            assert down_ms <= to_ms(killed) < up_ms <= to_ms(datetime.now(UTC))
    finally:
        hub.close()


def test_a_drill_hub_keeps_nothing_on_the_disk(tmp_path: Path) -> None:
    with hub_in(tmp_path, realm="drill/a") as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(SENSORS, realm="drill/a")
        source.hand_in({"type": "readings", "ids": ["p1"], "values": [1], "times": [1]}, realm="drill/a")
    assert not list(tmp_path.glob("*history*"))


def test_a_history_that_cannot_be_written_is_told_and_the_alarms_go_on(
    tmp_path: Path,
    allow_log,
) -> None:
    allow_log("controlroom.store", "not kept on the disk")
    blocked = tmp_path / "no-folder"
    blocked.write_bytes(b"")
    sensor = {**SENSORS["sensors"][0], "limits": [{"severity": 3, "above": 27}]}
    with (
        hub_in(tmp_path, history=Keeping(blocked, Bounds())) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        now = datetime.now(UTC)
        source.hand_in({"type": "sensors", "sensors": [sensor]})
        source.hand_in({"type": "readings", "ids": ["p1"], "values": [30], "times": [to_ms(now)]})
        seat.until(lambda: bool(seat.mirror.room.alarms))
        seat.until(lambda: seat.link.status.store != "ok")
        assert asked(seat, now - timedelta(hours=1)) == [30.0]


def test_a_question_is_answered_with_everything_handed_over_before_it(tmp_path: Path) -> None:
    bell = threading.Event()
    kept: Archive[int] = Archive(Keeping(tmp_path, Bounds()), Noon(), bell.set)
    now = to_ms(Noon().now())
    kept.start()
    for number in range(50):
        kept.keep(series(3, now - 100_000 + number, 1, 1))
        assert kept.ask(HistoryWanted(sensors=[3], since_ms=0), number)
    answers: list[tuple[int, Any]] = []
    wait_until(lambda: (answers.extend(kept.take_answers()), len(answers) == 50)[1])
    assert [len(answer.quality) for _number, answer in answers] == list(range(1, 51))
    kept.close()


def test_a_question_that_nobody_waits_for_is_not_answered(tmp_path: Path) -> None:
    kept: Archive[int] = Archive(Keeping(tmp_path, Bounds()), Noon(), lambda: None)
    now = to_ms(Noon().now())
    kept.keep(series(3, now - 100_000, 10, 1))
    kept.start()
    for number in range(20):
        assert kept.ask(HistoryWanted(sensors=[3], since_ms=0), number)
        kept.forsake(number)
    assert kept.ask(HistoryWanted(sensors=[3], since_ms=0), 99)
    answers: list[tuple[int, Any]] = []
    wait_until(lambda: (answers.extend(kept.take_answers()), bool(answers))[1])
    assert [number for number, _answer in answers] == [99]
    kept.close()


def test_a_reading_that_is_given_up_ends_between_two_days(tmp_path: Path) -> None:
    now = to_ms(Noon().now())
    history = History(tmp_path, now_ms=now)
    for day in range(4):
        history.append(series(3, now - day * DAY_MS, 5, 1000), now)
    history.seal(now)
    looks = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 2:
            raise Forsaken

    with pytest.raises(Forsaken):
        history.read([3], 0, now + DAY_MS, look)
    assert len(looks) == 2
    history.close()


def test_what_comes_faster_than_the_thread_takes_it_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "WAITING_MOST", 25)
    kept: Archive[int] = Archive(Keeping(tmp_path, Bounds()), Noon(), lambda: None)
    for _batch in range(4):
        kept.keep(series(3, 1000, 10, 1))
    assert kept.dropped == 20
    assert not kept.ask(HistoryWanted(sensors=[3], since_ms=0), 1)
    kept.close()


def test_an_answer_that_would_be_too_long_keeps_every_peak(tmp_path: Path) -> None:
    now = to_ms(Noon().now())
    history = History(tmp_path, now_ms=now)
    long = series(3, now - 2 * 86_400_000, 600_000, 250)
    long.value[123_456] = 99.0
    long.quality[200] = 2
    history.append(long, now)
    got = past_readings(history, HistoryWanted(sensors=[3], since_ms=0), now)
    assert isinstance(got, HistoryBins)
    greatest = np.frombuffer(got.greatest, "<f4")
    assert 1000 < len(greatest) <= 4000
    assert np.nanmax(greatest) == 99.0
    at = got.since_ms + int(np.nanargmax(greatest)) * got.width_ms
    assert at <= int(long.time[123_456]) < at + got.width_ms
    assert got.since_ms % got.width_ms == 0
    assert np.frombuffer(got.count, "<u4").sum() == 599_999
    assert np.frombuffer(got.quality, "u1").max() == 2
    short = past_readings(history, HistoryWanted(sensors=[3], since_ms=now - 86_400_000, until_ms=now), now)
    assert isinstance(short, HistoryColumns)
    assert len(short.quality) == int(((long.time >= now - 86_400_000) & (long.time < now)).sum())
    history.close()


def test_a_seat_gets_every_reading_where_they_are_few_and_bins_where_they_are_many(tmp_path: Path) -> None:
    asyncio.run(ask_a_hub(tmp_path))


async def ask_a_hub(tmp_path: Path) -> None:
    kept = Keeping(tmp_path / "kept", Bounds())
    with (
        hub_in(tmp_path, history=kept) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        now = datetime.now(UTC)
        times = [to_ms(now) - 1000 * (600 - n) for n in range(600)]
        source.hand_in(SENSORS)
        source.hand_in(
            {"type": "readings", "ids": ["p1"] * 600, "values": [n / 10 for n in range(600)], "times": times}
        )
        commands = Commands(seat.link, "seat-1", "王")
        since = now - timedelta(minutes=20)
        raw = await commands.history([0, 7], since, bins=1000)
        assert [one.index for one in raw.series] == [0, 7]
        assert not raw.series[0].binned
        assert raw.series[0].time.tolist() == times
        assert len(raw.series[1].time) == 0
        few = (await commands.history([0], since, bins=20)).series[0]
        assert few.binned
        assert few.width_ms == 60_000 * -(-few.width_ms // 60_000)
        assert (few.count.sum(), few.least.min(), few.greatest.max()) == (600, 0.0, np.float32(59.9))
        part = await commands.history([0], since, from_ms(times[300]))
        assert part.series[0].time.tolist() == times[:300]
        state = await commands.history_state()
        assert [of.cell_ms for of in state.kept] == [0, 60_000, 600_000, 3_600_000]
        assert 0 < state.size < state.max_bytes
        task = asyncio.ensure_future(commands.history([0], since))
        await asyncio.sleep(0)
        task.cancel()
        assert len((await commands.history([0], since)).series[0].time) == 600


def test_a_drill_hub_answers_from_memory_as_a_hub_does_from_its_files(tmp_path: Path) -> None:
    asyncio.run(ask_a_drill(tmp_path))


async def ask_a_drill(tmp_path: Path) -> None:
    with (
        hub_in(tmp_path, realm="drill/a") as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        now = datetime.now(UTC)
        times = [to_ms(now) - 1000 * (100 - n) for n in range(100)]
        source.hand_in(SENSORS, realm="drill/a")
        nothing = await Commands(seat.link, "seat-1", "王").history([0], now - timedelta(hours=1))
        assert to_ms(now) <= nothing.reaches_ms < to_ms(now) + 3_600_000, "of nothing kept, a time that can be shown"
        source.hand_in(
            {"type": "readings", "ids": ["p1"] * 100, "values": list(range(100)), "times": times}, realm="drill/a"
        )
        commands = Commands(seat.link, "seat-1", "王")
        since = now - timedelta(minutes=20)
        assert (await commands.history([0], since)).series[0].time.tolist() == times
        assert (await commands.history([0], since, bins=10)).series[0].count.sum() == 100
        then = [part async for part in commands.readings_at(from_ms(times[50]), 1)]
        assert [part.value.tolist() for part in then] == [[50.0]]


def test_readings_that_were_acknowledged_survive_a_kill_in_the_middle_of_a_stream(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    since = datetime.now(UTC) - timedelta(hours=2)
    begins = to_ms(since)
    try:
        with source_of(hub.ports.ingest) as source:
            source.hand_in(SENSORS)
            for number in range(1, 1001):
                times = [begins + 100 * number + n for n in range(50)]
                record = {"type": "readings", "ids": ["p1"] * 50, "values": [number / 10] * 50, "times": times}
                source.send(record, session="s", seq=number)
            answers: list[dict[str, Any]] = []
            while len(answers) < 40:
                answers.append(source.answer())
            hub.kill()
            answers += [json.loads(raw) for raw in source.received()]
        acknowledged = max(answer["seq"] for answer in answers)
        assert acknowledged >= 40
        hub.restart()
        with source_of(hub.ports.ingest) as source, seat_on(hub.ports.requests) as seat:
            # The source hands in again from what was not acknowledged, as the protocol says.
            for number in range(acknowledged + 1, 1001):
                times = [begins + 100 * number + n for n in range(50)]
                record = {"type": "readings", "ids": ["p1"] * 50, "values": [number / 10] * 50, "times": times}
                source.send(record, session="s", seq=number)
            for _number in range(acknowledged + 1, 1001):
                source.answer()
            got: Any = seat.link.ask(HistoryWanted(sensors=[0], since_ms=begins)).result(10)
            told = np.frombuffer(got.time, "<i8")
            expected = [begins + 100 * number + n for number in range(1, 1001) for n in range(50)]
            assert told.tolist() == expected
    finally:
        hub.close()


def test_a_full_disk_is_an_alarm_while_alarms_go_on_and_ends_when_there_is_room(
    tmp_path: Path,
    small_disk: Callable[[str], Path],
    allow_log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow_log("controlroom.store", "not kept on the disk")
    monkeypatch.setattr(history_module, "RETRY_MS", 100)
    disk = small_disk("24m")
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(24_800_000))
    with (
        hub_in(tmp_path, history=Keeping(disk / "history", Bounds())) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        source.hand_in(SENSORS)
        begins, sent = to_ms(datetime.now(UTC)) - 3_600_000, 0

        def tell() -> None:
            nonlocal sent
            times = [begins + sent + n for n in range(2000)]
            values = [float(n % 9) for n in range(2000)]
            source.hand_in({"type": "readings", "ids": ["p1"] * 2000, "values": values, "times": times})
            sent += 2000

        seat.until(lambda: (tell(), "hub/history/kept" in seat.mirror.room.alarms)[1])
        told = seat.mirror.room.alarms["hub/history/kept"]
        assert told.waiting and "磁盘已满" in told.title
        assert source.hand_in(alarm("fire"))["accepted"] == 1
        seat.until(lambda: "backend/fire" in seat.mirror.room.alarms)
        ballast.unlink()
        seat.until(lambda: seat.mirror.room.alarms["hub/history/kept"].state is AlarmState.RETURNED)
        got: Any = seat.link.ask(HistoryWanted(sensors=[0], since_ms=begins)).result(10)
        assert len(np.frombuffer(got.time, "<i8")) == sent


def test_what_is_to_be_left_to_the_journal_is_left(tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.store", "not kept on the disk")
    now = to_ms(Noon().now())
    history = History(tmp_path, now_ms=now, spare_bytes=2**62)
    history.append(series(3, now - 1000, 10, 1), now)
    assert history.condition == "full"
    assert len(history.read([3], 0, now)) == 10
    history.close()


def test_the_room_as_of_a_time_is_what_was_committed_by_then(tmp_path: Path) -> None:
    asyncio.run(look_back(tmp_path))


async def look_back(tmp_path: Path) -> None:
    kept = Keeping(tmp_path / "kept", Bounds())
    with (
        hub_in(tmp_path, history=kept) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        commands = Commands(seat.link, "seat-1", "王")
        before = datetime.now(UTC) - timedelta(minutes=1)
        source.hand_in(alarm("one"), alarm("two"))
        seat.until(lambda: len(seat.mirror.room.alarms) == 2)
        await commands.send(Acknowledge(alarms=["backend/one"]))
        between = datetime.now(UTC)
        wait_until(lambda: datetime.now(UTC) > between + timedelta(milliseconds=2))
        source.hand_in({"type": "clear", "key": "one", "occurred_at": "2026-11-21T04:01:00Z"}, alarm("three"))
        seat.until(lambda: "backend/three" in seat.mirror.room.alarms)
        then = await commands.room_at(between)
        assert set(then.room.alarms) == {"backend/one", "backend/two"}
        assert then.room.alarms["backend/one"].state is AlarmState.ACKNOWLEDGED
        now = await commands.room_at(datetime.now(UTC))
        assert set(now.room.alarms) == {"backend/two", "backend/three"}
        assert not (await commands.room_at(before)).room.alarms


@pytest.mark.parametrize("question", [PastWanted(kind="alarm"), SpanWanted(kind="alarm", since_ms=0, until_ms=10**14)])
def test_a_report_that_reads_long_in_the_journal_holds_no_alarm_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: PastWanted | SpanWanted
) -> None:
    taken, reading = threading.Event(), threading.Event()

    def long(journal: Journal, wanted: PastWanted | SpanWanted) -> Past:
        reading.set()
        assert taken.wait(WAIT_S), "the source was not answered while the report was read"
        return answer(journal, wanted)

    name = "lines_before" if isinstance(question, PastWanted) else "lines_between"
    answer: Callable[[Journal, object], Past] = getattr(archive, name)
    monkeypatch.setattr(archive, name, long)
    with (
        hub_in(tmp_path, history=Keeping(tmp_path / "history", Bounds())) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        source.hand_in(alarm("before"))
        asked = seat.link.ask(question)
        assert reading.wait(WAIT_S)
        assert source.hand_in(alarm("meanwhile"))["accepted"] == 1
        taken.set()
        found = asked.result(WAIT_S)
        assert isinstance(found, Past)
        assert "before" in {codec.event(raw).alarm.key for raw in found.events}
