"""The files of one day of readings' history: `telemetry-YYYYMMDD.db` and, kept longer, those of each resolution.

Minutes lie in `minute-YYYYMMDD.db`, ten minutes in `summary-…`, hours in `hour-…`.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import peewee
from peewee import SqliteDatabase

from controlroom.errors import StoreFault
from controlroom.i18n import _
from controlroom.store import history_tables as tables
from controlroom.store.history_block import DAY_MS
from controlroom.store.history_summary import TIERS
from controlroom.store.journal import fault

READINGS = "telemetry"
KINDS = (READINGS, *(tier.kind for tier in TIERS))
"""What the names of the files begin with, from every reading to the coarsest cells."""
_ASKED_AT_ONCE = 500
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


class Block(NamedTuple):
    """A row: readings of one band of sensors and one hour (since 1970), packed."""

    band: int
    hour: int
    length: int
    body: bytes


def file_of(folder: Path, kind: str, day: int) -> Path:
    """The file of a day (since 1970, UTC)."""
    return folder / f"{kind}-{datetime.fromtimestamp(day * DAY_MS // 1000, UTC):%Y%m%d}.db"


def day_of(file: Path) -> int | None:
    """The day of a file by its name, None where it is no file of the history."""
    kind, _dash, date = file.stem.partition("-")
    if kind not in KINDS or len(date) != 8 or not date.isascii() or not date.isdigit():
        return None
    try:
        return datetime(int(date[:4]), int(date[4:6]), int(date[6:]), tzinfo=UTC).toordinal() - _FIRST_DAY
    except ValueError:
        return None


class DayFile(ABC):
    """One open file; made where it is absent. Every method raises StoreFault. One thread owns an instance."""

    _page_bytes = 32768
    """Blocks have about 3 kB; smaller pages would be a quarter empty."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = SqliteDatabase(None, autoconnect=False, thread_safe=False)
        pragmas = {
            "busy_timeout": 1000,
            "page_size": self._page_bytes,
            "journal_mode": "wal",
            "synchronous": "normal",
            "journal_size_limit": 0,
        }
        # Owned by one thread, but closed by whoever ends that thread.
        self._database.init(str(path), pragmas=pragmas, check_same_thread=False)
        self._every = self._models()
        try:
            with self._told():
                self._database.connect()
                self._prepare()
        except StoreFault:
            self._database.close()
            raise

    def settle(self) -> None:
        """Fold the write-ahead log in, so that the disk has all of it and the log takes no room."""
        with self._told():
            self._database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file; its write-ahead log is folded in."""
        self._database.close()

    @abstractmethod
    def _models(self) -> list[Any]:
        """The tables of this kind of file."""

    def _prepare(self) -> None:
        version = self._database.execute_sql("PRAGMA user_version").fetchone()[0]
        if version == tables.VERSION:
            return
        if version > tables.VERSION:
            raise StoreFault(
                "corrupt",
                _("The store {path} was written by a newer program; update this one or name another folder.").format(
                    path=self.path
                ),
            )
        with self._database.atomic("IMMEDIATE"):
            self._database.create_tables(self._every)
            self._database.execute_sql(f"PRAGMA user_version = {tables.VERSION}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            raise fault(self.path, error) from error


class ReadingsFile(DayFile):
    """A day at full resolution."""

    def _models(self) -> list[Any]:
        self._tables = tables.of_readings(self._database)
        return [self._tables.block, self._tables.segment]

    def add(self, segment: int, blocks: Iterable[Block]) -> None:
        """Take the blocks of a segment, all or none; a segment that was taken before is passed over."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            if self._tables.segment.get_or_none(self._tables.segment.id == segment) is not None:
                return
            self._database.connection().executemany(
                "INSERT INTO block (band, hour, count, body) VALUES (?, ?, ?, ?)", blocks
            )
            self._tables.segment.insert(id=segment).execute()

    def blocks(self, bands: Sequence[int], first_hour: int, last_hour: int) -> Iterator[tuple[int, Block]]:
        """The blocks of these bands and hours (both included) with their row numbers, in the order of writing."""
        # Written out: building the query costs more than running it, and this is asked for every curve.
        found = []
        with self._told():
            for start in range(0, len(bands), _ASKED_AT_ONCE):
                asked = bands[start : start + _ASKED_AT_ONCE]
                found += self._database.execute_sql(
                    f"SELECT id, band, hour, count, body FROM block WHERE band IN ({','.join('?' * len(asked))}) "
                    "AND hour BETWEEN ? AND ? ORDER BY id",
                    (*asked, first_hour, last_hour),
                ).fetchall()
        return ((row[0], Block(*row[1:])) for row in found)

    def counts(self, bands: Sequence[int], first_hour: int, last_hour: int) -> dict[int, int]:
        """How many readings there are of each of these bands in these hours."""
        block = self._tables.block
        with self._told():
            query = (
                block.select(block.band, peewee.fn.SUM(block.count))
                .where(block.band.in_(list(bands)), block.hour.between(first_hour, last_hour))
                .group_by(block.band)
            )
            return dict(query.tuples())

    def block_counts(self, bands: Sequence[int] | None = None) -> dict[int, int]:
        """How many blocks each band has; of all bands where none are named."""
        block = self._tables.block
        query = block.select(block.band, peewee.fn.COUNT(block.id)).group_by(block.band)
        if bands is not None:
            query = query.where(block.band.in_(list(bands)))
        with self._told():
            return dict(query.tuples())


class SummaryFile(DayFile):
    """A day's cells of one resolution."""

    _page_bytes = 4096
    """There are years of these files; an empty one should be small."""

    def _models(self) -> list[Any]:
        self._tables = tables.of_summary(self._database)
        return [self._tables.strip, self._tables.summarised]

    def put(self, band: int, blocks: int, strips: Sequence[tuple[int, bytes]]) -> None:
        """Keep the strips of a band, made of so many blocks, in place of earlier ones."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._tables.strip.insert_many(
                [{"id": number, "body": body} for number, body in strips]
            ).on_conflict_replace().execute()
            self._tables.summarised.replace(band=band, blocks=blocks).execute()

    def summarised(self, bands: Sequence[int] | None = None) -> dict[int, int]:
        """Of how many blocks each band's summary was made; of all bands where none are named."""
        query = self._tables.summarised.select()
        if bands is not None:
            query = query.where(self._tables.summarised.band.in_(list(bands)))
        with self._told():
            return dict(query.tuples())

    def strips(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """The bodies of these strips, where there are any."""
        strip = self._tables.strip
        with self._told():
            return {row[0]: bytes(row[1]) for row in strip.select().where(strip.id.in_(list(numbers))).tuples()}
