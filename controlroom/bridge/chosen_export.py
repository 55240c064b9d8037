"""What was chosen on a map as a CSV file, written beside the window."""

from collections.abc import Sequence
from pathlib import Path

from controlroom.bridge.models.chosen_model import ChosenRows, chosen_csv
from controlroom.bridge.part_file import aside, whole_file


async def export_chosen(path: Path, groups: Sequence[ChosenRows], at: str) -> None:
    """Write these objects with the states they had; `at` is the time that the file names.

    A cancelled export leaves no file. Raises EnvironmentFault for a file that cannot be written.
    """
    async with whole_file(path) as part:
        await aside(_write, part, groups, at)


def _write(part: Path, groups: Sequence[ChosenRows], at: str) -> None:
    with part.open("w", encoding="utf-8-sig", newline="") as sink:
        sink.write(chosen_csv(groups, at))
