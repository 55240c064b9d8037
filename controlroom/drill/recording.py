"""A recording: one SQLite file with chunks of what passed and snapshots of the whole state.

Whatever was committed is readable after `kill -9` of the writer: SQLite's own journal sees to it. The end of a
recording that was never closed is that of its last chunk.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from peewee import DatabaseError, SqliteDatabase

from controlroom.domain.events import Event
from controlroom.domain.room import Room
from controlroom.drill.entry import Entry, decode_entries, encode_entries
from controlroom.drill.tables import APPLICATION_ID, VERSION, bound_to
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wire import codec

SUFFIX = ".recording"

_DAMAGE = (DatabaseError, sqlite3.Error, zlib.error, msgspec.MsgspecError, ValueError, KeyError, TypeError)
"""What reading a file of any content may raise; peewee does not wrap what SQLite raises between two rows."""

_LAST_MS = 253_402_300_799_999
"""The end of the year 9999."""

_LEVEL = 1


class RecordingInfo(Struct, frozen=True, kw_only=True):
    """What a recording says of itself. Times are ms since 1970 UTC.

    `closed` is false when its writer was ended by force; `dropped` counts telemetry that the writer could not keep up
    with, `full` tells that the file reached its size and took no more.
    """

    title: str
    realm: str
    begin_ms: int
    end_ms: int
    program: str
    entries: int
    dropped: int = 0
    closed: bool = True
    full: bool = False


class RecordingWriter:
    """Writes a new recording. One thread owns an instance. Raises EnvironmentFault when the file cannot be made."""

    def __init__(self, path: Path, *, title: str, realm: str, begin_ms: int, program: str) -> None:
        self.path = path
        if path.exists():
            raise EnvironmentFault(_("The recording {file} exists already; name another file.").format(file=path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = SqliteDatabase(
                str(path),
                pragmas={
                    "journal_mode": "wal",
                    "synchronous": "normal",
                    "busy_timeout": 5000,
                    "application_id": APPLICATION_ID,
                    "user_version": VERSION,
                },
            )
            self._tables = bound_to(self._database)
            with self._database.atomic("IMMEDIATE"):
                self._database.create_tables(self._tables.all())
                self._say(title=title, realm=realm, begin_ms=begin_ms, program=program)
        except (OSError, DatabaseError) as error:
            raise EnvironmentFault(
                _("The recording {file} cannot be written: {reason}. Check the folder and its free space.").format(
                    file=path, reason=error
                )
            ) from error

    def append(self, entries: Sequence[Entry]) -> None:
        """Commit entries as one chunk, in their order. Raises peewee.DatabaseError when the disk is full."""
        if entries:
            with self._database.atomic("IMMEDIATE"):
                self._tables.chunk.insert(
                    begin_ms=min(line.t_ms for line in entries),
                    end_ms=max(line.t_ms for line in entries),
                    count=len(entries),
                    body=zlib.compress(encode_entries(list(entries)), _LEVEL),
                ).execute()

    def snapshot(self, at_ms: int, room: Room) -> None:
        """Commit the whole state. Raises peewee.DatabaseError when the disk is full."""
        body = zlib.compress(codec.encode(list(room.snapshot())), _LEVEL)
        with self._database.atomic("IMMEDIATE"):
            self._tables.snapshot.insert(at_ms=at_ms, sequence=room.sequence, body=body).execute()

    def tell(self, **facts: int) -> None:
        """Write facts about the recording: `dropped`, `full` (1), `end_ms`."""
        with self._database.atomic("IMMEDIATE"):
            self._say(**facts)

    def size_bytes(self) -> int:
        """How much the recording takes on the disk now, its journal included."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Fold the journal into the file and let go of it."""
        self._database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.close()

    def _say(self, **facts: object) -> None:
        for key, value in facts.items():
            self._tables.meta.replace(key=key, value=str(value)).execute()


class Recording:
    """Reads a recording. Raises EnvironmentFault, with one sentence, for a file that is none or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise EnvironmentFault(_("There is no recording {file}.").format(file=path))
        self._database = SqliteDatabase(str(path), pragmas={"busy_timeout": 5000, "query_only": True})
        self._tables = bound_to(self._database)
        try:
            self._check()
            self.info = self._read_info()
        except _DAMAGE as error:
            self._database.close()
            raise EnvironmentFault(_("{file} is not a recording, or it is damaged.").format(file=path)) from error
        except EnvironmentFault:
            self._database.close()
            raise

    def entries(self) -> Iterator[Entry]:
        """All entries in the order in which they were recorded. Raises EnvironmentFault where a chunk is damaged."""
        chunk = self._tables.chunk
        try:
            for row in chunk.select(chunk.body).order_by(chunk.id).iterator():
                yield from decode_entries(zlib.decompress(row.body))
        except _DAMAGE as error:
            raise self._damaged() from error

    def state_at(self, at_ms: int) -> tuple[int, Room]:
        """The newest snapshot not after this time, with its time; the first one for an earlier time.

        Raises EnvironmentFault when the recording has none or it is damaged.
        """
        table = self._tables.snapshot
        try:
            before = table.select().where(table.at_ms <= at_ms).order_by(table.at_ms.desc(), table.id.desc())
            row = before.first() or table.select().order_by(table.at_ms, table.id).first()
            if row is None:
                raise EnvironmentFault(_("The recording {file} has no beginning.").format(file=self.path))
            room = Room()
            events: list[Event] = [codec.event(raw) for raw in codec.raw_list(zlib.decompress(row.body))]
            room.restore(row.sequence, iter(events))
        except _DAMAGE as error:
            raise self._damaged() from error
        return row.at_ms, room

    def snapshots(self) -> list[int]:
        """The times of all snapshots."""
        table = self._tables.snapshot
        return [row.at_ms for row in table.select(table.at_ms).order_by(table.at_ms)]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _check(self) -> None:
        if self._pragma("application_id") != APPLICATION_ID:
            raise ValueError("another application's file")
        version = self._pragma("user_version")
        if version > VERSION:
            raise EnvironmentFault(
                _("The recording {file} was made by a newer release; update this program.").format(file=self.path)
            )

    def _pragma(self, name: str) -> int:
        return int(self._database.execute_sql(f"PRAGMA {name}").fetchone()[0])

    def _read_info(self) -> RecordingInfo:
        facts = {row.key: row.value for row in self._tables.meta.select()}
        chunk = self._tables.chunk
        last = chunk.select().order_by(chunk.end_ms.desc()).first()
        begin_ms = int(facts["begin_ms"])
        reached_ms = last.end_ms if last is not None else begin_ms
        end_ms = max(begin_ms, int(facts.get("end_ms", reached_ms)), reached_ms)
        if not 0 <= begin_ms <= end_ms <= _LAST_MS:
            raise ValueError(f"a recording from {begin_ms} to {end_ms}")
        return RecordingInfo(
            title=facts["title"],
            realm=facts["realm"],
            begin_ms=begin_ms,
            end_ms=end_ms,
            program=facts["program"],
            entries=sum(row.count for row in chunk.select(chunk.count)),
            dropped=int(facts.get("dropped", 0)),
            closed="end_ms" in facts,
            full=bool(int(facts.get("full", 0))),
        )

    def _damaged(self) -> EnvironmentFault:
        return EnvironmentFault(_("{file} is not a recording, or it is damaged.").format(file=self.path))
