"""The composition root: stages up, the same back down, also when one of them fails."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from controlroom import app
from controlroom.errors import EnvironmentFault
from tests.journeys.pilot import Pilot, Plan, family, officers_loop, until
from tests.watch import LogWatch


@pytest.fixture
def officers(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    with officers_loop(qapp) as loop:
        yield loop


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name in ("seat-wire", "video", "store-writer")}


def test_a_stage_that_fails_takes_back_those_before_it(
    officers: qasync.QEventLoop, log_watch: LogWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no windows today")

    monkeypatch.setattr(app, "RoomWindows", broken)
    pilot = Pilot(Plan(home=tmp_path, simulate=False), log_watch)
    with pytest.raises(RuntimeError, match="no windows today"):
        pilot.open()
    assert "seat-wire" in threads() and family()
    pilot.close()
    assert not threads()
    until(lambda: not family(), "the hub has ended")


def test_an_address_that_is_none_is_told_before_anything_is_open(
    officers: qasync.QEventLoop, log_watch: LogWatch, tmp_path: Path
) -> None:
    pilot = Pilot(Plan(home=tmp_path, hub="tcp://", simulate=False), log_watch)
    with pytest.raises(EnvironmentFault, match="tcp://"):
        pilot.open()
    pilot.close()
    assert not threads()
