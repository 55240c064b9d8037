"""The devices of the inventory as a file: written beside the window, whole or not at all."""

import asyncio
import csv
from pathlib import Path

import pytest

from controlroom.bridge import device_export
from controlroom.bridge.device_export import export_devices
from controlroom.errors import EnvironmentFault
from tests.domain.test_inventory import sensor, stock


def kind_name(kind: str) -> str:
    return kind


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_export, "PART", 10)


def test_every_chosen_device_is_in_the_file_and_the_progress_is_told(tmp_path: Path, small_parts: None) -> None:
    told: list[float] = []
    path = tmp_path / "devices.csv"
    inventory = stock([sensor(n) for n in range(35)], {})
    asyncio.run(export_devices(path, inventory, range(35), kind_name, "2026-11-21", told.append))
    with path.open(encoding="utf-8-sig", newline="") as source:
        lines = list(csv.reader(source))
    assert [line[1] for line in lines[2:]] == [f"s{n}" for n in range(35)]
    assert "2026-11-21" in lines[0][0]
    assert told == sorted(told) and len(told) == 5 and told[-1] == 1.0


def test_a_cancelled_export_leaves_nothing_and_the_window_is_never_held_up(tmp_path: Path, small_parts: None) -> None:
    async def cancelled() -> None:
        begun = asyncio.Event()
        inventory = stock([sensor(n) for n in range(35)], {})
        work = export_devices(tmp_path / "d.csv", inventory, range(35), kind_name, "now", lambda _share: begun.set())
        task = asyncio.create_task(work)
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    work = export_devices(tmp_path / "none" / "d.csv", stock([sensor(0)], {}), [0], kind_name, "now")
    with pytest.raises(EnvironmentFault, match=r"d\.csv"):
        asyncio.run(work)
