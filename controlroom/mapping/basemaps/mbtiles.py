"""MBTiles 1.3: tiles in an SQLite file, rows counted from the south (TMS)."""

import contextlib
import json
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import quote

from controlroom.i18n import _
from controlroom.mapping.basemaps.tiles import (
    BaseMap,
    Kind,
    TileFault,
    checked_bounds,
    checked_picture,
    checked_tile,
    checked_zooms,
    is_vector_tile,
    layer_names,
    short,
    unpacked,
)

_PICTURES = ("png", "jpg", "jpeg", "webp")
_LONGEST_S = 2.0
"""A file can hold a view that never ends; no question to it may take longer."""


class MbTiles:
    """The tiles of one file, opened read-only and as unchanging: a stick or a share that is write-protected will do.

    Raises TileFault when it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lock = threading.Lock()
        self._until = float("inf")
        try:
            with path.open("rb") as file:
                start = file.read(16)
            if not start.startswith(b"SQLite format 3"):
                raise TileFault(
                    _("{name} is no MBTiles file: it is not an SQLite database. Copy it again.").format(name=path.name)
                )
            address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
            self._store = sqlite3.connect(address, uri=True, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._broken(error) from error
        try:
            self._prepare()
            self.described = self._describe(path)
        except BaseException:
            self._store.close()
            raise

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile. Raises TileFault."""
        row = self._ask(
            "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=? LIMIT 1",
            z,
            x,
            (1 << z) - 1 - y,
        )
        body = row[0] if row else None
        if not isinstance(body, bytes):
            return None
        return checked_tile(self.described.kind, body)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._store.close()

    def _prepare(self) -> None:
        self._store.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self._store.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 32_000_000)
        self._store.set_progress_handler(lambda: time.monotonic() > self._until, 20_000)
        with contextlib.suppress(sqlite3.Error):
            self._store.execute("PRAGMA trusted_schema=OFF")

    def _ask(self, question: str, *values: int) -> tuple[object, ...] | None:
        with self._lock:
            self._until = time.monotonic() + _LONGEST_S
            try:
                found: tuple[object, ...] | None = self._store.execute(question, values).fetchone()
            except sqlite3.Error as error:
                raise self._broken(error) from error
        return found

    def _metadata(self) -> dict[str, str]:
        with self._lock:
            self._until = time.monotonic() + _LONGEST_S
            try:
                rows = self._store.execute("SELECT name, value FROM metadata LIMIT 200").fetchall()
            except sqlite3.Error as error:
                raise self._broken(error) from error
        return {str(name).lower(): str(value) for name, value in rows}

    def _describe(self, path: Path) -> BaseMap:
        told = self._metadata()
        first = self._ask("SELECT tile_data FROM tiles LIMIT 1")
        if first is None:
            raise TileFault(_("{name} holds no tile. Copy it again, or make it again.").format(name=self._name))
        form = told.get("format", "").lower()
        sample = first[0] if isinstance(first[0], bytes) else b""
        is_picture = checked_picture(sample) is not None
        if not is_picture and form in _PICTURES:
            raise TileFault(_("{name}: its tiles are no PNG, JPEG or WebP pictures.").format(name=self._name))
        if not is_picture:
            self._refuse_no_vector(sample)
        low, high = told.get("minzoom"), told.get("maxzoom")
        if low is None or high is None:
            found = self._ask("SELECT min(zoom_level), max(zoom_level) FROM tiles") or (None, None)
            low, high = str(found[0]), str(found[1])
        first_level, last_level = checked_zooms(self._name, low, high)
        return BaseMap(
            id=path.name,
            name=short(told.get("name"), 80) or path.stem,
            form="MBTiles",
            kind=Kind.RASTER if is_picture else Kind.VECTOR,
            min_zoom=first_level,
            max_zoom=last_level,
            bounds=checked_bounds(told.get("bounds")),
            attribution=short(told.get("attribution")),
            layers=_layers(told.get("json", "")),
            dated=short(told.get("date") or told.get("planetiler:osm:osmosisreplicationtime"), 40),
        )

    def _refuse_no_vector(self, sample: bytes) -> None:
        try:
            if is_vector_tile(unpacked(sample)):
                return
        except ValueError:
            pass
        raise TileFault(_("{name}: its tiles are neither pictures nor vector tiles (MVT).").format(name=self._name))

    def _broken(self, error: Exception) -> TileFault:
        reason = error.strerror or error if isinstance(error, OSError) else error
        return TileFault(
            _("{name} cannot be read as MBTiles: {reason}. Copy it again.").format(name=self._name, reason=reason)
        )


def _layers(text: str) -> tuple[str, ...]:
    try:
        return layer_names(json.loads(text[:1_000_000])) if text else ()
    except (ValueError, RecursionError):
        return ()
