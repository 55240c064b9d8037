"""Files that are written in parts beside the window: whole under their name at the end, or not there."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


def part_of(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(f".{path.name}.part")


async def aside(work: Callable[..., Result], *arguments: object) -> Result:
    """Do something on another thread; who is cancelled meanwhile still waits for its end, so nothing follows."""
    job = asyncio.get_running_loop().run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.gather(job, return_exceptions=True)
        raise


def put_in_place(part: Path, path: Path) -> None:
    """Have the disk hold a whole file and give it its name. Raises OSError."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(path)
