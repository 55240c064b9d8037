"""Files that are written in parts beside the window: whole under their name at the end, or not there."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

Result = TypeVar("Result")


async def aside(work: Callable[..., Result], *arguments: object) -> Result:
    """Do something on another thread; who is cancelled meanwhile still waits for its end, so nothing follows."""
    job = asyncio.get_running_loop().run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.gather(job, return_exceptions=True)
        raise


@asynccontextmanager
async def whole_file(path: Path) -> AsyncIterator[Path]:
    """Where to write a file in parts; at the end it gets its name, and who fails or is cancelled leaves none.

    Raises EnvironmentFault for a file that cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        await aside(_put_in_place, part, path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> EnvironmentFault:
    """What to tell the officer of a file that could not be written."""
    sentence = _("The file {path} cannot be written: {reason}. Choose another place or make room.")
    return EnvironmentFault(sentence.format(path=path, reason=error.strerror or error))


def _put_in_place(part: Path, path: Path) -> None:
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(path)
