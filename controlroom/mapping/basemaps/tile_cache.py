"""Tiles and documents of the network, kept on disk with the time they came: a dead service still has its map."""

import contextlib
import logging
import sqlite3
import threading
from pathlib import Path

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tile (
    source TEXT NOT NULL, level TEXT NOT NULL, column_ INTEGER NOT NULL, row_ INTEGER NOT NULL,
    at REAL NOT NULL, body BLOB NOT NULL, PRIMARY KEY (source, level, column_, row_));
CREATE INDEX IF NOT EXISTS tile_at ON tile (at);
CREATE TABLE IF NOT EXISTS document (source TEXT PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL);
"""
_SHARE_DROPPED = 20
"""One in so many goes when the cache is full, the oldest first."""


class TileCache:
    """An SQLite file of at most `most_bytes`; any thread may use it, and several programs one file.

    It is never in the way: what cannot be read is not there, what cannot be written is not kept, and a broken file is
    begun anew. Both are logged once.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._is_told = False
        self._store: sqlite3.Connection | None = None
        self._open()

    def tile(self, source: str, level: str, column: int, row: int) -> tuple[bytes, float] | None:
        """A tile and when it came (s since 1970)."""
        return self._one(
            "SELECT body, at FROM tile WHERE source=? AND level=? AND column_=? AND row_=?", source, level, column, row
        )

    def keep_tile(self, source: str, level: str, column: int, row: int, body: bytes, at_s: float) -> None:
        """Keeps a tile; the oldest make room."""
        self._write("INSERT OR REPLACE INTO tile VALUES (?, ?, ?, ?, ?, ?)", source, level, column, row, at_s, body)

    def document(self, source: str) -> tuple[bytes, float] | None:
        """A document and when it came (s since 1970)."""
        return self._one("SELECT body, at FROM document WHERE source=?", source)

    def keep_document(self, source: str, body: bytes, at_s: float) -> None:
        """Keeps a document."""
        self._write("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", source, at_s, body)

    @property
    def used_bytes(self) -> int:
        """What is held, without what was given up."""
        with self._lock:
            return self._used() if self._store is not None else 0

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _open(self) -> None:
        for attempt in range(2):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                store = sqlite3.connect(self._path, timeout=1.0, check_same_thread=False, isolation_level=None)
                store.execute("PRAGMA journal_mode=WAL")
                store.execute("PRAGMA synchronous=OFF")
                store.executescript(_SCHEMA)
                self._store = store
                return
            except (OSError, sqlite3.Error) as error:
                self._tell(error)
                if attempt == 0 and isinstance(error, sqlite3.DatabaseError):
                    with contextlib.suppress(OSError):
                        self._path.unlink()

    def _one(self, question: str, *values: object) -> tuple[bytes, float] | None:
        with self._lock:
            if self._store is None:
                return None
            try:
                row = self._store.execute(question, values).fetchone()
            except sqlite3.Error as error:
                self._tell(error)
                return None
        return (bytes(row[0]), float(row[1])) if row else None

    def _write(self, order: str, *values: object) -> None:
        with self._lock:
            if self._store is None:
                return
            try:
                self._store.execute(order, values)
                if self._used() > self._most_bytes:
                    self._drop()
            except sqlite3.Error as error:
                self._tell(error)

    def _used(self) -> int:
        assert self._store is not None
        pages, free, size = (
            self._store.execute(f"PRAGMA {word}").fetchone()[0]
            for word in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _drop(self) -> None:
        assert self._store is not None
        count = self._store.execute("SELECT count(*) FROM tile").fetchone()[0]
        self._store.execute(
            "DELETE FROM tile WHERE rowid IN (SELECT rowid FROM tile ORDER BY at LIMIT ?)",
            (max(1, count // _SHARE_DROPPED),),
        )

    def _tell(self, error: Exception) -> None:
        if not self._is_told:
            self._is_told = True
            log.info("the cache of base maps %s: %s", self._path.name, error)
