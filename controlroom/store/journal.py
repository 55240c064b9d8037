"""The journal: every event in its sequence, with what makes a restart exact.

One file, SQLite in WAL mode with `synchronous=FULL`: what was committed survives `kill -9` and power loss.
One thread at a time may use a `Journal`; open a second one on the same file to read beside a writer.
"""

import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import peewee
from peewee import SqliteDatabase

from controlroom.errors import StoreFault
from controlroom.i18n import _
from controlroom.store import tables
from controlroom.store.checksums import line_sum, state_sum

_log = logging.getLogger(__name__)

_INSERT_EVENT = "INSERT INTO journal (sequence, at_ms, kind, subject, body, crc) VALUES (?, ?, ?, ?, ?, ?)"
_COLUMNS = "sequence, at_ms, kind, subject, body, crc"
_UPSERT_CURSOR = (
    "INSERT INTO cursor (source, session, sequence) VALUES (?, ?, ?) "
    "ON CONFLICT (source, session) DO UPDATE SET sequence = excluded.sequence"
)
_DELETE_CURSOR = "DELETE FROM cursor WHERE source = ? AND session = ?"
_DELETE_ANSWERS = "DELETE FROM answer WHERE at_ms < ?"
_INSERT_ANSWER = "INSERT OR IGNORE INTO answer (command, at_ms, body) VALUES (?, ?, ?)"
_UPSERT_CHECKPOINT = (
    "INSERT INTO checkpoint (id, sequence, body, crc) VALUES (1, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, body = excluded.body, crc = excluded.crc"
)
_INSERT_LETTER = (
    "INSERT OR REPLACE INTO refused (number, source, at_ms, code, text, size, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_DELETE_LETTERS = "DELETE FROM refused WHERE source = ? AND number < ?"
_UPSERT_RUN = (
    "INSERT INTO run (started_ms, seen_ms) VALUES (?, ?) "
    "ON CONFLICT (started_ms) DO UPDATE SET seen_ms = max(seen_ms, excluded.seen_ms)"
)
_ENTITIES = ("incident", "graphic", "fence", "published_answer")
"""What is told of the past as it stood, besides alarms: each line is the whole of it."""
_UPSERT_STANDING = "INSERT OR REPLACE INTO standing (sequence, body) VALUES (?, ?)"
_DENIED = ("readonly", "read-only", "permission", "unable to open")
ANSWERS_KEPT_MS = 24 * 3600 * 1000
"""How long the answers of commands are kept: nobody repeats a command a day later."""


class Line(NamedTuple):
    """One line of the journal. `kind` and `subject` are for looking it up, `body` is the event as msgpack."""

    sequence: int
    at_ms: int
    kind: str
    subject: str
    body: bytes


class Letter(NamedTuple):
    """A message that was refused: the first bytes of it, how many it had, and why; numbered over all sources."""

    number: int
    source: str
    at_ms: int
    code: str
    text: str
    size: int
    body: bytes


@dataclass(slots=True)
class Batch:
    """What is committed together: all of it or nothing.

    `forgotten` are cursors of sessions that are over, `answers_before_ms` drops answers given before then,
    `letters_from` the letters of a source before a number.
    """

    lines: list[Line] = field(default_factory=list)
    cursors: dict[tuple[str, str], int] = field(default_factory=dict)
    answers: list[tuple[str, int, bytes]] = field(default_factory=list)
    checkpoint: tuple[int, bytes] | None = None
    forgotten: list[tuple[str, str]] = field(default_factory=list)
    answers_before_ms: int = 0
    letters: list[Letter] = field(default_factory=list)
    letters_from: dict[str, int] = field(default_factory=dict)
    run: tuple[int, int] | None = None
    """When this run of the hub was started and is seen running, in ms since 1970 UTC."""

    standing: tuple[int, bytes] | None = None
    """The alarms that stand after an event, and its sequence."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        changed = self.lines or self.cursors or self.answers or self.checkpoint or self.letters
        return not (changed or self.forgotten or self.answers_before_ms or self.run or self.standing)


class Journal:
    """One open journal. Every method raises StoreFault when the file is locked, full or damaged."""

    def __init__(self, path: Path, *, wait_s: float = 5.0, read_only: bool = False) -> None:
        self.path = path
        self._database = SqliteDatabase(None, autoconnect=False, thread_safe=False)
        pragmas: dict[str, int | str] = {"busy_timeout": int(wait_s * 1000)}
        if not read_only:
            pragmas |= {"journal_mode": "wal", "synchronous": "full"}
        self._database.init(str(path), pragmas=pragmas, check_same_thread=False)
        self._tables = tables.bound_to(self._database)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database.connect()
            self.epoch = self._prepare() if not read_only else self._epoch()
        except (peewee.DatabaseError, sqlite3.DatabaseError, OSError) as error:
            self._database.close()
            raise fault(path, error) from error
        except StoreFault:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in when nobody else reads."""
        self._database.close()

    def _prepare(self) -> bytes:
        version = self._database.execute_sql("PRAGMA user_version").fetchone()[0]
        if version > tables.VERSION:
            raise StoreFault(
                "newer",
                _("The store {path} was written by a newer program; update this one or name another folder.").format(
                    path=self.path
                ),
            )
        with self._database.atomic("IMMEDIATE"):
            self._database.create_tables(self._tables.all())
            self._add_sums()
            self._database.execute_sql(f"PRAGMA user_version = {tables.VERSION}")
            meta = self._tables.meta
            meta.insert(key="epoch", value=secrets.token_bytes(8).hex()).on_conflict_ignore().execute()
        return self._epoch()

    def _add_sums(self) -> None:
        """A store of an older program: what it holds goes unchecked, what comes has its checksum."""
        for table in tables.SUMMED:
            held = {column[1] for column in self._database.execute_sql(f"PRAGMA table_info({table})")}
            if "crc" not in held:
                self._database.execute_sql(f"ALTER TABLE {table} ADD COLUMN crc INTEGER")

    def _epoch(self) -> bytes:
        meta = self._tables.meta
        return bytes.fromhex(meta.get(meta.key == "epoch").value)

    def commit(self, batches: list[Batch]) -> None:
        """Commit batches in one transaction, durably."""
        try:
            with self._database.atomic("IMMEDIATE"):
                connection = self._database.connection()
                connection.executemany(_INSERT_EVENT, [(*line, line_sum(*line)) for b in batches for line in b.lines])
                cursors = {key: value for b in batches for key, value in b.cursors.items()}
                connection.executemany(_UPSERT_CURSOR, [(*key, value) for key, value in cursors.items()])
                connection.executemany(_INSERT_ANSWER, [answer for b in batches for answer in b.answers])
                for batch in batches:
                    if batch.checkpoint is not None:
                        saved = batch.checkpoint
                        connection.execute(_UPSERT_CHECKPOINT, (*saved, state_sum(*saved)))
                    if batch.answers_before_ms:
                        connection.execute(_DELETE_ANSWERS, (batch.answers_before_ms,))
                    connection.executemany(_INSERT_LETTER, batch.letters)
                    connection.executemany(_DELETE_LETTERS, batch.letters_from.items())
                    if batch.run is not None:
                        connection.execute(_UPSERT_RUN, batch.run)
                    if batch.standing is not None:
                        sequence, body = batch.standing
                        connection.execute(_UPSERT_STANDING, (sequence, zlib.compress(body, 1)))
                gone = [key for b in batches for key in b.forgotten if key not in cursors]
                connection.executemany(_DELETE_CURSOR, gone)
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            raise fault(self.path, error) from error

    def last_sequence(self) -> int:
        """The sequence of the newest event, 0 in an empty journal."""
        journal = self._tables.journal
        with self._told():
            return int(journal.select(peewee.fn.MAX(journal.sequence)).scalar() or 0)

    def checkpoint(self) -> tuple[int, bytes] | None:
        """The newest saved state and the sequence it was taken at; None also for one that is damaged."""
        with self._told():
            row = self._tables.checkpoint.get_or_none()
        if row is None:
            return None
        saved = int(row.sequence), bytes(row.body)
        if row.crc is not None and row.crc != state_sum(*saved):
            _log.warning("the checkpoint of %s is damaged, the whole journal is read instead", self.path)
            return None
        return saved

    def cursors(self) -> dict[tuple[str, str], int]:
        """The last committed number of each source's sessions."""
        with self._told():
            return {(row.source, row.session): row.sequence for row in self._tables.cursor.select()}

    def answers(self) -> dict[str, tuple[int, bytes]]:
        """The answers given to commands, with their times (ms since 1970 UTC), by command id, the oldest first."""
        answer = self._tables.answer
        with self._told():
            rows = answer.select().order_by(answer.at_ms).tuples()
            return {command: (at_ms, bytes(body)) for command, at_ms, body in rows}

    def letters(self) -> list[Letter]:
        """The messages that were refused and are still kept, in the order of their numbers."""
        refused = self._tables.refused
        with self._told():
            rows = refused.select().order_by(refused.number).tuples()
            return [
                Letter(n, source, at, code, text, size, bytes(body)) for n, source, at, code, text, size, body in rows
            ]

    def read(self, first: int, last: int) -> Iterator[Line]:
        """The lines `first` … `last`, both included, in order."""
        journal = self._tables.journal
        query = journal.select().where(journal.sequence.between(first, last)).order_by(journal.sequence).tuples()
        with self._told():
            yield from map(self._line, query.iterator())

    def past(self, kind: str, subject: str, before: int, limit: int, most_bytes: int = 8_000_000) -> list[Line]:
        """Earlier lines of a kind (and subject, if given), newest first; the bodies take about `most_bytes` at most."""
        journal = self._tables.journal
        query = journal.select().order_by(journal.sequence.desc()).limit(limit)
        if kind:
            query = query.where(journal.kind == kind)
        if subject:
            query = query.where(journal.subject == subject)
        if before:
            query = query.where(journal.sequence < before)
        return self._some(query, most_bytes)

    def sequence_at(self, at_ms: int) -> int:
        """The sequence of the newest event that was committed at a time or before it, 0 before the first."""
        low, high = 0, self.last_sequence()
        with self._told():
            while low < high:
                middle = (low + high + 1) // 2
                row = self._database.execute_sql(
                    "SELECT sequence, at_ms FROM journal WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1", (middle,)
                ).fetchone()
                if row is None or row[1] <= at_ms:
                    low = middle
                else:
                    high = row[0] - 1
        return low

    def begins_ms(self) -> int:
        """The time of the first event, 0 in an empty journal."""
        journal = self._tables.journal
        with self._told():
            return int(journal.select(journal.at_ms).order_by(journal.sequence).limit(1).scalar() or 0)

    def standing(self, sequence: int) -> tuple[int, bytes]:
        """The newest kept set of standing alarms at an event or before it, with its sequence; 0 and nothing without.

        One that is damaged, or in a store of an older program, is passed over: the journal alone holds everything.
        """
        query = "SELECT sequence, body FROM standing WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1"
        try:
            row = self._database.execute_sql(query, (sequence,)).fetchone()
            return (0, b"") if row is None else (int(row[0]), zlib.decompress(row[1]))
        except (peewee.PeeweeException, sqlite3.Error, zlib.error, OverflowError) as error:
            _log.info("the standing alarms before %d cannot be read: %s", sequence, error)
            return 0, b""

    def as_of(self, sequence: int, after: int = 0) -> Iterator[Line]:
        """The lines that tell how alarms, incidents, tasks and the map stood at an event: of what changes the newest.

        Of alarms only those that changed behind event `after` are told.
        """
        newest = "SELECT MAX(sequence) FROM journal WHERE kind = ? AND sequence > ? AND sequence <= ? GROUP BY subject"
        with self._told():
            for kind, first in (("alarm", after), *((kind, 0) for kind in _ENTITIES)):
                query = f"SELECT {_COLUMNS} FROM journal WHERE sequence IN ({newest}) ORDER BY sequence"
                for row in self._database.execute_sql(query, (kind, first, sequence)):
                    yield self._line(row)
            query = (
                f"SELECT {_COLUMNS} FROM journal WHERE kind IN ('entry', 'task') AND sequence <= ? ORDER BY sequence"
            )
            for row in self._database.execute_sql(query, (sequence,)):
                yield self._line(row)

    def span(self, kind: str, after: int, until_ms: int, limit: int, most_bytes: int = 8_000_000) -> list[Line]:
        """The lines of a kind behind a sequence number and before a time, in order, as many as `past` would give."""
        journal = self._tables.journal
        query = journal.select().where(journal.kind == kind, journal.sequence > after)
        query = query.where(journal.at_ms < until_ms).order_by(journal.sequence).limit(limit)
        return self._some(query, most_bytes)

    def runs(self) -> list[tuple[int, int]]:
        """When the hub was started and last seen running, each run's two times, the oldest first."""
        run = self._tables.run
        with self._told():
            return [(begun, seen) for begun, seen in run.select().order_by(run.started_ms).tuples()]

    def _some(self, query: peewee.ModelSelect, most_bytes: int) -> list[Line]:
        """The lines of a query until their bodies take more than `most_bytes`."""
        found, size = list[Line](), 0
        with self._told():
            for row in query.tuples().iterator():
                found.append(self._line(row))
                size += len(found[-1].body)
                if size > most_bytes:
                    break
        return found

    def _line(self, row: tuple[int, int, str, str, bytes, int | None]) -> Line:
        """A row as it was written. Raises StoreFault for one that is not."""
        line = Line(row[0], row[1], row[2], row[3], bytes(row[4]))
        if row[5] is not None and row[5] != line_sum(*line):
            raise damaged(self.path, f"event {line.sequence} is not as it was written")
        return line

    def _told(self) -> "_Told":
        return _Told(self.path)


class _Told:
    """Turns a database error into the sentence for the officer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        # A number that SQLite cannot hold, or an interface error, is as little the caller's fault as a damaged file.
        if isinstance(error, peewee.PeeweeException | sqlite3.Error | OverflowError):
            raise fault(self._path, error) from error


def fault(path: Path, error: BaseException) -> StoreFault:
    """What an error of the database means for the officer.

    A full disk hides behind "cannot rollback" in peewee, so the whole chain of causes is read.
    """
    words = []
    seen: BaseException | None = error
    while seen is not None:
        words.append(str(seen).lower())
        seen = seen.__cause__ or seen.__context__
    said = " ".join(words)
    if "locked" in said or "busy" in said:
        return StoreFault(
            "locked", _("The store {path} is locked by another program; close that program.").format(path=path)
        )
    if "full" in said or "no space" in said or "quota" in said:
        return StoreFault(
            "full", _("The disk of the store {path} is full; free some space, nothing is lost yet.").format(path=path)
        )
    if "disk i/o error" in said or "input/output error" in said:
        return StoreFault(
            "failing",
            _("The disk of the store {path} does not take what is written; check the disk.").format(path=path),
        )
    if isinstance(error, OverflowError):
        return StoreFault("bounds", _("The store {path} cannot hold a number as great as that.").format(path=path))
    if isinstance(error, OSError) or any(word in said for word in _DENIED):
        return StoreFault(
            "denied", _("The store {path} cannot be written; check the folder's rights.").format(path=path)
        )
    _log.debug("store fault: %s", said)
    return damaged(path, words[-1])


def damaged(path: Path, error: object) -> StoreFault:
    """The sentence for a store in which something is not as it was written."""
    return StoreFault(
        "corrupt",
        _("The store {path} is damaged ({error}); the hub keeps it aside and begins with what can be read.").format(
            path=path, error=error
        ),
    )
