"""What was chosen on a map as a CSV file, written beside the window."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from controlroom.bridge.models.chosen_model import ChosenRows, chosen_csv
from controlroom.bridge.part_file import aside, part_of, put_in_place
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _


async def export_chosen(path: Path, groups: Sequence[ChosenRows], at: str) -> None:
    """Write these objects with the states they had; `at` is the time that the file names.

    A cancelled export leaves no file. Raises EnvironmentFault for a file that cannot be written.
    """
    part = part_of(path)
    try:
        await aside(_write, part, groups, at)
        await aside(put_in_place, part, path)
    except OSError as error:
        raise EnvironmentFault(
            _("{path} could not be written: {reason}").format(path=path, reason=error.strerror or error)
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write(part: Path, groups: Sequence[ChosenRows], at: str) -> None:
    with part.open("w", encoding="utf-8-sig", newline="") as sink:
        sink.write(chosen_csv(groups, at))
