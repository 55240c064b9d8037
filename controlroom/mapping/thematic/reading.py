"""What every reader of a format hands over: geometries as they stand in the file, and how to ask for attributes."""

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controlroom.mapping.thematic.refusal import FileFault, Reason, Refused

Step = Callable[[float], None]
"""Hears the share that is done; raises FileFault(CANCELLED) when the officer no longer wants it."""

Row = dict[str, Any]

MOST_BYTES = 512 * 1024 * 1024
"""House figure: a larger file belongs into a database."""

MOST_FEATURES = 2_000_000
EVERY = 2000
"""Between two reports of progress, in features."""

_LONGEST = 400


@dataclass
class Read:
    """`geometry` object[n] are shapely geometries in the file's own system, None where there is none.

    `number` i64[n] is the feature's number in the file from 1, `line` i64[n] its line or 0. `declared` is the
    coordinate system as the file declares it, `declared_by` where.
    """

    geometry: NDArray[Any]
    number: NDArray[np.int64]
    line: NDArray[np.int64]
    attributes: Callable[[int], Row]
    fields: tuple[str, ...] = ()
    declared: str = ""
    declared_by: str = ""
    title: str = ""
    refused: list[Refused] = field(default_factory=list)


def contents(path: Path) -> bytes:
    """A regular file's bytes. Raises FileFault."""
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            raise FileFault(Reason.NOT_A_FILE)
        if told.st_size > MOST_BYTES:
            raise FileFault(Reason.TOO_LARGE, f"{told.st_size / 1e6:.0f} MB")
        return path.read_bytes()
    except OSError as error:
        raise FileFault(Reason.UNREADABLE, error.strerror or error) from error


def print_of(paths: Sequence[Path]) -> tuple[tuple[int, int], ...]:
    """What tells whether files were written since: time and size, zeros where one is absent."""
    found = []
    for path in paths:
        try:
            told = path.stat()
            found.append((told.st_mtime_ns, told.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)


def decoded(data: bytes, declared: str = "") -> tuple[str, str]:
    """Text, and how it was encoded: as declared, else UTF-8, else GBK (GB 18030). Raises FileFault."""
    for name in dict.fromkeys(filter(None, (declared, "utf-8-sig", "gb18030"))):
        try:
            return data.decode(name), name
        except (UnicodeDecodeError, LookupError):
            continue
    raise FileFault(Reason.BAD_TEXT)


def objects(found: Sequence[Any]) -> NDArray[Any]:
    """A column of geometries."""
    column = np.empty(len(found), object)
    column[:] = found
    return column


def words_of(row: Row) -> list[tuple[str, str]]:
    """Attributes as short words, at most a hundred of them."""
    return [(str(name)[:_LONGEST], _word(value)) for name, value in list(row.items())[:100]]


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} B"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:_LONGEST]
