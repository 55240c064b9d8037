"""Reports out of a real hub's journal."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import resources
from controlroom.bridge.commands import Commands
from controlroom.bridge.models.alarm_report_text import csv_text, flood_rows, measures, quality
from controlroom.bridge.report_run import ReportRun
from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.seating import EVERYTHING
from controlroom.domain.severity import Severity
from tests.rooms import Seat, alarm, hub_in, seat_on, source_of

BANDS = decode_bands(resources.path("data", "alarm_bands.toml").read_bytes())


@contextmanager
def run_on(seat: Seat) -> Iterator[tuple[ReportRun, Commands]]:
    commands = Commands(seat.link, "A", "王")
    run = ReportRun(commands, BANDS, lambda: seat.mirror.room)
    try:
        yield run, commands
    finally:
        run.close()


def test_a_report_of_the_journal_tells_what_was_handed_in(tmp_path: Path) -> None:
    with (
        hub_in(tmp_path, bands=BANDS) as hub,
        source_of(hub.ports.ingest) as backend,
        seat_on(hub.ports.requests) as seat,
        run_on(seat) as (run, commands),
    ):
        asyncio.run(commands.present(EVERYTHING))
        seat.until(lambda: "A" in seat.mirror.room.seats)
        backend.hand_in(*(alarm(f"k{number}", 1 if number < 2 else 3) for number in range(14)))
        backend.hand_in({"type": "clear", "key": "k3", "occurred_at": "2026-11-21T04:00:00Z"})
        seat.until(lambda: "A" in seat.mirror.room.floods)
        told: list[float] = []
        since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(seconds=1)
        report, floods = asyncio.run(run.report(since, until, told.append))
    assert [view.view for view in report.views] == ["", "A"]
    for view in report.views:
        assert (view.count, view.peak, view.standing) == (14, 14, 13)
        assert view.mix[Severity.RED] == 2 and len(view.floods) == 1
    assert {flood.view for flood in floods} == {"", "A"}
    assert told[0] == 0.0 and told[-1] == 1.0 and told == sorted(told)
    assert report.changes == 15 and report.begins is not None and report.known_share < 0.5
    text = csv_text(report, floods, BANDS)
    assert text.count("\r\n") > 40 and "14" in text
    assert len(flood_rows(floods, report)) == 2 and quality(report)
    assert all(len(row) == 4 for row in measures(report, BANDS))


def test_a_report_that_is_cancelled_ends_and_the_next_one_is_made(tmp_path: Path) -> None:
    with (
        hub_in(tmp_path, bands=BANDS) as hub,
        source_of(hub.ports.ingest) as backend,
        seat_on(hub.ports.requests) as seat,
        run_on(seat) as (run, _commands),
    ):
        backend.hand_in(*(alarm(f"k{number}") for number in range(2500)))
        since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(seconds=1)

        async def cancelled() -> list[float]:
            told: list[float] = []

            def tell(share: float) -> None:
                told.append(share)
                if len(told) == 2:
                    task.cancel()

            task = asyncio.create_task(run.report(since, until, tell))
            with pytest.raises(asyncio.CancelledError):
                await task
            return told

        assert 1.0 not in asyncio.run(cancelled())
        report, _floods = asyncio.run(run.report(since, until, lambda _share: None))
    assert report.views[0].count == 2500
