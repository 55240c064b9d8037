"""Where a source keeps what it accepted until the hub has committed it."""

import contextlib
import os
import sqlite3
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from controlroom.errors import StoreFault
from controlroom.i18n import _

_TRIM_EVERY = 256
_EMPTY = b"\x90"
"""An empty list in msgpack: what is left of a handover that the hub can never take."""


class SpoolFull(StoreFault):
    """The hub has been away for so long that the spool holds as much as it may; nothing was accepted."""


class Spool(Protocol):
    """Bodies numbered 1, 2, 3 … within a session, each kept until it is confirmed. All methods are thread-safe."""

    session: str
    last: int
    confirmed: int
    limit: int

    def put(self, body: bytes) -> int:
        """Keep a body and return its number. Raises SpoolFull or StoreFault, and then has kept nothing."""

    def after(self, seq: int, count: int) -> list[tuple[int, bytes]]:
        """At most `count` unconfirmed bodies whose number is greater than `seq`, in order."""

    def confirm(self, seq: int) -> None:
        """Forget everything up to and including `seq`."""

    def blank(self, seq: int) -> bytes:
        """Replace a body by an empty one, because the hub can never take it; returns what it was."""

    def renew(self) -> None:
        """Begin a new session: the unconfirmed bodies are numbered again from 1."""

    def close(self) -> None:
        """Let go of the file, if there is one."""


def _full(limit: int) -> SpoolFull:
    sentence = _("{count} messages wait for the hub and no more are taken. Bring the hub back.")
    return SpoolFull("full", sentence.format(count=limit))


class MemorySpool:
    """A spool that lasts as long as its process; its session is new each time."""

    def __init__(self, limit: int = 100_000) -> None:
        self.session = uuid.uuid4().hex
        self.last = 0
        self.confirmed = 0
        self.limit = limit
        self._bodies: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, body: bytes) -> int:
        """Keep a body and return its number. Raises SpoolFull."""
        with self._lock:
            if len(self._bodies) >= self.limit:
                raise _full(self.limit)
            self.last += 1
            self._bodies[self.last] = body
            return self.last

    def after(self, seq: int, count: int) -> list[tuple[int, bytes]]:
        """At most `count` unconfirmed bodies whose number is greater than `seq`, in order."""
        with self._lock:
            first = max(seq, self.confirmed) + 1
            return [(n, self._bodies[n]) for n in range(first, min(self.last, first + count - 1) + 1)]

    def confirm(self, seq: int) -> None:
        """Forget everything up to and including `seq`."""
        with self._lock:
            while self.confirmed < min(seq, self.last):
                self.confirmed += 1
                del self._bodies[self.confirmed]

    def blank(self, seq: int) -> bytes:
        """Replace a body by an empty one; returns what it was."""
        with self._lock:
            body = self._bodies[seq]
            self._bodies[seq] = _EMPTY
            return body

    def renew(self) -> None:
        """Begin a new session: the unconfirmed bodies are numbered again from 1."""
        with self._lock:
            self.session = uuid.uuid4().hex
            self._bodies = OrderedDict(enumerate(self._bodies.values(), 1))
            self.confirmed, self.last = 0, len(self._bodies)

    def close(self) -> None:
        """Nothing to let go of."""


class FileSpool:
    """A spool in an SQLite file (write-ahead log, synchronous FULL): `put` returns after the body is on the disk.

    One process at a time: the file is locked for as long as it is open. Confirmed bodies are deleted in batches;
    one that is confirmed but still there after a crash is sent again, and the hub drops it by its number.
    A copy of the file taken earlier must not be put back: its numbers would be taken for duplicates.
    """

    def __init__(self, path: Path, limit: int = 100_000) -> None:
        self.limit = limit
        self._path = path
        self._lock = threading.Lock()
        self._trimmed = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from error
        try:
            self._open()
        except sqlite3.Error as error:
            self._db.close()
            raise self._fault(error) from error

    def _open(self) -> None:
        db = self._db
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("BEGIN IMMEDIATE")
        db.execute("CREATE TABLE IF NOT EXISTS handover (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        db.execute("CREATE TABLE IF NOT EXISTS progress (session TEXT NOT NULL, confirmed INTEGER NOT NULL)")
        if not db.execute("SELECT 1 FROM progress").fetchone():
            db.execute("INSERT INTO progress VALUES (?, 0)", (uuid.uuid4().hex,))
        db.execute("COMMIT")
        self.session, confirmed = db.execute("SELECT session, confirmed FROM progress").fetchone()
        first, last = db.execute("SELECT min(seq), max(seq) FROM handover").fetchone()
        self.confirmed: int = confirmed if first is None else first - 1
        self.last: int = confirmed if last is None else last
        self._trimmed = self.confirmed

    def put(self, body: bytes) -> int:
        """Keep a body and return its number. Raises SpoolFull or StoreFault, and then has kept nothing."""
        with self._lock:
            if self.last - self.confirmed >= self.limit:
                raise _full(self.limit)
            try:
                self._db.execute("INSERT INTO handover VALUES (?, ?)", (self.last + 1, body))
            except sqlite3.Error as error:
                raise self._fault(error) from error
            self.last += 1
            return self.last

    def after(self, seq: int, count: int) -> list[tuple[int, bytes]]:
        """At most `count` unconfirmed bodies whose number is greater than `seq`, in order."""
        with self._lock:
            try:
                return self._db.execute(
                    "SELECT seq, body FROM handover WHERE seq > ? ORDER BY seq LIMIT ?",
                    (max(seq, self.confirmed), count),
                ).fetchall()
            except sqlite3.Error as error:
                raise self._fault(error) from error

    def confirm(self, seq: int) -> None:
        """Forget everything up to and including `seq`."""
        with self._lock:
            self.confirmed = max(self.confirmed, min(seq, self.last))
            if self.confirmed - self._trimmed >= _TRIM_EVERY:
                self._trim()

    def blank(self, seq: int) -> bytes:
        """Replace a body by an empty one; returns what it was."""
        with self._lock:
            try:
                (body,) = self._db.execute("SELECT body FROM handover WHERE seq = ?", (seq,)).fetchone()
                self._db.execute("UPDATE handover SET body = ? WHERE seq = ?", (_EMPTY, seq))
            except sqlite3.Error as error:
                raise self._fault(error) from error
            return bytes(body)

    def renew(self) -> None:
        """Begin a new session: the unconfirmed bodies are numbered again from 1."""
        with self._lock:
            session = uuid.uuid4().hex
            try:
                with self._transaction():
                    self._db.execute("DELETE FROM handover WHERE seq <= ?", (self.confirmed,))
                    # Ascending numbers only ever move down, so no two rows meet on the way.
                    self._db.execute("UPDATE handover SET seq = -(seq - ?)", (self.confirmed,))
                    self._db.execute("UPDATE handover SET seq = -seq")
                    self._db.execute("UPDATE progress SET session = ?, confirmed = 0", (session,))
            except sqlite3.Error as error:
                raise self._fault(error) from error
            self.session = session
            self.last -= self.confirmed
            self.confirmed = self._trimmed = 0

    def close(self) -> None:
        """Delete what is confirmed and let go of the file."""
        with self._lock:
            self._trim()
            self._db.close()

    def _trim(self) -> None:
        # A failure here loses nothing: the rows are confirmed, and are sent again at worst.
        with contextlib.suppress(sqlite3.Error), self._transaction():
            self._db.execute("DELETE FROM handover WHERE seq <= ?", (self.confirmed,))
            self._db.execute("UPDATE progress SET confirmed = ?", (self.confirmed,))
            self._trimmed = self.confirmed

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _fault(self, error: Exception) -> StoreFault:
        text = str(error)
        if "locked" in text:
            sentence = _("The spool {path} is in use by another process. End that process, or name another file.")
            return StoreFault("locked", sentence.format(path=self._path))
        if "full" in text:
            sentence = _("There is no room on the disk for the spool {path}. Make room; nothing was lost.")
            return StoreFault("full", sentence.format(path=self._path))
        if "not a database" in text or "malformed" in text:
            sentence = _("The spool {path} is damaged. Move it away and start again.")
            return StoreFault("corrupt", sentence.format(path=self._path))
        sentence = _("The spool {path} cannot be used: {reason}. Check the folder and its rights.")
        return StoreFault("corrupt", sentence.format(path=self._path, reason=text))
