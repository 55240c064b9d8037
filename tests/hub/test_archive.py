"""Past readings: kept across a killed hub, answered in bounds, never in the way of what is live."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from controlroom.domain.times import to_ms
from controlroom.hub import archive
from controlroom.hub.archive import Archive, Keeping, answer
from controlroom.store.history import History
from controlroom.store.history_shelf import Bounds
from controlroom.wire.frames import Readings
from controlroom.wire.messages import HistoryColumns, HistoryWanted
from tests.rooms import HubProcess, Seat, hub_in, seat_on, source_of, wait_until

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
            hub.restart()
            with source_of(hub.ports.ingest) as source:
                source.hand_in({"type": "readings", "ids": ["p1"], "values": [500], "times": [ago[-1] + 60_000]})
            assert asked(seat, since) == [*range(199), 500]
    finally:
        hub.close()


def test_a_drill_hub_keeps_nothing_on_the_disk(tmp_path: Path) -> None:
    with hub_in(tmp_path, realm="drill/a") as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(SENSORS, realm="drill/a")
        source.hand_in({"type": "readings", "ids": ["p1"], "values": [1], "times": [1]}, realm="drill/a")
    assert not list(tmp_path.glob("*history*"))


def test_a_history_that_cannot_be_written_is_told_and_the_alarms_go_on(
    tmp_path: Path,
    allow_log,  # type: ignore[no-untyped-def]
) -> None:
    allow_log("controlroom.store", "not kept on the disk")
    blocked = tmp_path / "no-folder"
    blocked.write_bytes(b"")
    sensor = {**SENSORS["sensors"][0], "limits": [{"severity": 3, "above": 27}]}  # type: ignore[dict-item]
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
        assert kept.ask([3], 0, number)
    answers: list[tuple[int, Readings]] = []
    wait_until(lambda: (answers.extend(kept.take_answers()), len(answers) == 50)[1])
    assert [len(readings.index) for _number, readings in answers] == list(range(1, 51))
    kept.close()


def test_what_comes_faster_than_the_thread_takes_it_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "WAITING_MOST", 25)
    kept: Archive[int] = Archive(Keeping(tmp_path, Bounds()), Noon(), lambda: None)
    for _batch in range(4):
        kept.keep(series(3, 1000, 10, 1))
    assert kept.dropped == 20
    assert not kept.ask([3], 0, 1)
    kept.close()


def test_an_answer_that_would_be_too_long_keeps_every_peak(tmp_path: Path) -> None:
    now = to_ms(Noon().now())
    history = History(tmp_path, now_ms=now)
    long = series(3, now - 2 * 86_400_000, 600_000, 250)
    long.value[123_456] = 99.0
    history.append(long, now)
    found = answer(history, [3], 0, now)
    assert 1000 < len(found.index) <= 8000
    assert found.value.max() == 99.0
    assert found.value.min() == long.value.min()
    at = int(found.time[int(found.value.argmax())])
    assert abs(at - int(long.time[123_456])) < 120_000
    assert len(answer(history, [3], now - 86_400_000, now).index) == int((long.time >= now - 86_400_000).sum())
    history.close()
