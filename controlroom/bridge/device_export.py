"""The listed devices of the inventory as a CSV file, written in parts that never hold up the window."""

from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path

from controlroom.bridge.models.device_model import device_row, device_titles, written
from controlroom.bridge.part_file import aside, whole_file
from controlroom.domain.inventory import Inventory

PART = 4000
"""Devices written at once, some ten milliseconds."""


async def export_devices(
    path: Path,
    inventory: Inventory,
    places: Sequence[int],
    kind_name: Callable[[str], str],
    at: str,
    progressed: Callable[[float], None] = lambda _done: None,
) -> None:
    """Write these devices as they are now; `at` is the time that the file names, `progressed` is told 0 … 1.

    A cancelled export leaves no file. Raises EnvironmentFault for a file that cannot be written.
    """
    stock, chosen = copy(inventory), list(places)  # a look makes new columns, it changes none
    async with whole_file(path) as part:
        await aside(_append, part, "w", "utf-8-sig", lambda: written(at, [device_titles()]))
        for start in range(0, len(chosen), PART):
            some = chosen[start : start + PART]
            await aside(_append, part, "a", "utf-8", lambda some=some: _rows(stock, some, kind_name))
            progressed((start + len(some)) / len(chosen))
    progressed(1.0)


def _rows(stock: Inventory, places: Sequence[int], kind_name: Callable[[str], str]) -> str:
    return written("", [device_row(stock, place, kind_name) for place in places])


def _append(part: Path, mode: str, encoding: str, text: Callable[[], str]) -> None:
    with part.open(mode, encoding=encoding, newline="") as sink:
        sink.write(text())
