"""What becomes of a damaged store: it is kept aside as it is, and what can be read of it begins a new one.

The new file has an epoch of its own, so that every seat takes a snapshot: numbers that were lost with the damage may
be given again. A file beside the store, `NAME.suspect`, tells the next start that damage was met while a hub ran; it
holds the state that this hub had in memory, when all of it had been committed.
"""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from controlroom.errors import StoreFault
from controlroom.store.checksums import line_sum, state_sum
from controlroom.store.journal import Batch, Journal, Letter, Line, fault

_log = logging.getLogger(__name__)

_LINES = (
    "SELECT sequence, at_ms, kind, subject, body, crc FROM journal WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
    "SELECT sequence, at_ms, kind, subject, body, NULL FROM journal WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
)
"""In a store with checksums, and in one of an older program."""
_STATES = ("SELECT sequence, body, crc FROM checkpoint", "SELECT sequence, body, NULL FROM checkpoint")
_NEWEST = (
    "SELECT max(sequence) FROM journal",
    "SELECT max(sequence) FROM journal INDEXED BY journal_kind_sequence",
    "SELECT max(sequence) + 200000 FROM checkpoint",
)
"""Where the newest number may still be found; a checkpoint is followed by fewer events than that."""

_PART = 5000


class Salvage(NamedTuple):
    """A damaged store that was replaced: where it was put, how many events were read, how many numbers are missing."""

    aside: Path
    read: int
    lost: int
    checkpoint: tuple[int, bytes] | None


def suspect(path: Path) -> Path:
    """The file that tells of damage in the store at `path`."""
    return path.with_name(path.name + ".suspect")


def salvage(path: Path, now: datetime, readable: Callable[[bytes], bool]) -> Salvage:
    """Put the store aside and begin a new one with every event whose body is `readable`. Raises StoreFault."""
    aside = _put_aside(path, now)
    read = lost = 0
    checkpoint: tuple[int, bytes] | None = None
    journal = Journal(path)
    try:
        with contextlib.closing(sqlite3.connect(f"{aside.as_uri()}?mode=ro", uri=True)) as damaged:
            journal.commit([_beside(damaged)])
            checkpoint = _state(damaged)
            lines, newest = list[Line](), 0
            for row in _lines(damaged):
                newest = row[0]
                line = Line(*row[:5])
                if row[5] in (None, line_sum(*line)) and readable(line.body):
                    lines.append(line)
                if len(lines) == _PART:
                    journal.commit([Batch(lines)])
                    read, lines = read + len(lines), []
            journal.commit([Batch(lines)])
            read += len(lines)
            lost = newest - read
    except sqlite3.Error as error:
        raise fault(path, error) from error
    finally:
        journal.close()
    return Salvage(aside, read, lost, checkpoint)


def _put_aside(path: Path, now: datetime) -> Path:
    """Rename the file with its log; a copy of the log alone would be worth nothing."""
    stem, number = f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}", 0
    aside = path.with_name(stem)
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    try:
        for end in ("-wal", "-shm", ""):
            part = path.with_name(path.name + end)
            if part.exists():
                part.rename(aside.with_name(aside.name + end))
    except OSError as error:
        raise fault(path, error) from error
    return aside


def _beside(damaged: sqlite3.Connection) -> Batch:
    """The numbers of the sources, the answers of commands and the refused messages, as far as they can be read."""
    batch = Batch()
    for source, session, sequence in _all(damaged, "SELECT source, session, sequence FROM cursor"):
        if _is((source, session, sequence), str, str, int):
            batch.cursors[source, session] = sequence
    answers = _all(damaged, "SELECT command, at_ms, body FROM answer")
    batch.answers = [row for row in answers if _is(row, str, int, bytes)]
    letters = _all(damaged, "SELECT number, source, at_ms, code, text, size, body FROM refused ORDER BY number")
    batch.letters = [Letter(*row) for row in letters if _is(row, int, str, int, str, str, int, bytes)]
    return batch


def _summed(damaged: sqlite3.Connection) -> bool:
    """Whether the lines have checksums."""
    return any(column[1] == "crc" for column in _all(damaged, "PRAGMA table_info(journal)"))


def _state(damaged: sqlite3.Connection) -> tuple[int, bytes] | None:
    """The saved state, if it is as it was written."""
    for row in _all(damaged, _STATES[0 if _summed(damaged) else 1]):
        if _is(row[:2], int, bytes) and row[2] in (None, state_sum(row[0], row[1])):
            return row[0], row[1]
    return None


def _is(row: Sequence[object], *kinds: type) -> bool:
    """Whether a row holds what its table should hold."""
    return all(isinstance(each, kind) for each, kind in zip(row, kinds, strict=True))


def _all(damaged: sqlite3.Connection, query: str) -> Iterator[Any]:
    """Rows until the first that cannot be read."""
    try:
        yield from damaged.execute(query)
    except sqlite3.Error as error:
        _log.info("not everything can be read (%s): %s", query, error)


def _lines(damaged: sqlite3.Connection) -> Iterator[Any]:
    """Every journal row that can be read, in order: around a damaged page the range is halved until it is passed."""
    newest = 0
    for query in _NEWEST:
        newest = max(newest, next((row[0] or 0 for row in _all(damaged, query)), 0))
    ranges, query = [(1, newest)], _LINES[0 if _summed(damaged) else 1]
    while ranges:
        first, last = ranges.pop()
        try:
            for row in damaged.execute(query, (first, last)):
                if _is(row[:5], int, int, str, str, bytes) and first <= row[0] <= last:
                    first = row[0] + 1  # a damaged tree may tell a row twice, or in the wrong place
                    yield row
        except (sqlite3.Error, UnicodeDecodeError):
            if first < last:
                middle = (first + last) // 2
                ranges += [(middle + 1, last), (first, middle)]


def mark(path: Path, state: bytes) -> None:
    """Have the next start replace the store and begin with `state`, if that is not empty. Raises StoreFault."""
    try:
        with suspect(path).open("wb") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise fault(path, error) from error


def is_damage(told: StoreFault) -> bool:
    """Whether a fault is one that no waiting and no freeing of space mends."""
    return told.condition == "corrupt"
