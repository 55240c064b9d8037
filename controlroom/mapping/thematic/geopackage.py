"""OGC GeoPackage 1.3 (OGC 12-128r18): tables of features in a SQLite file, read row by row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from controlroom.mapping.thematic.reading import EVERY, MOST_BYTES, MOST_FEATURES, Read, Row, Step, objects
from controlroom.mapping.thematic.refusal import FileFault, Reason, Refused

_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_INSTRUCTIONS = 100_000


def tables(path: Path) -> list[tuple[str, str, int | None]]:
    """The tables of features: name, title, and how many rows there are where the file says so. Raises FileFault."""
    with _opened(path) as database:
        rows = database.execute(
            "SELECT table_name, coalesce(identifier, table_name) FROM gpkg_contents WHERE data_type = 'features'"
        ).fetchall()
        try:
            counts = dict(database.execute("SELECT table_name, feature_count FROM gpkg_ogr_contents").fetchall())
        except sqlite3.Error:
            counts = {}
        return [(str(name), str(title), counts.get(name)) for name, title in rows]


def read(path: Path, table: str, step: Step) -> Read:
    """All rows of a table. Raises FileFault."""
    with _opened(path, step) as database:
        found = database.execute(
            "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
        ).fetchone()
        if found is None:
            raise FileFault(Reason.BAD_FILE, table)
        column, system = str(found[0]), found[1]
        declared = _system(database, system)
        return _rows(database, table, column, declared, step)


def _rows(database: sqlite3.Connection, table: str, column: str, declared: str, step: Step) -> Read:
    cursor = database.execute(f"SELECT * FROM {_quoted(table)}")
    names = [str(told[0]) for told in cursor.description]
    if column not in names:
        raise FileFault(Reason.BAD_FILE, column)
    place = names.index(column)
    blobs: list[bytes | None] = []
    rows: list[tuple[Any, ...]] = []
    refused: list[Refused] = []
    number = 0
    while True:
        try:
            row = cursor.fetchone()
        except sqlite3.Error as error:
            # The rows behind a broken page cannot be reached; those before it are good.
            refused.append(Refused(number + 1, 0, Reason.BAD_RECORD, str(error)))
            break
        if row is None:
            break
        number += 1
        if number > MOST_FEATURES:
            raise FileFault(Reason.TOO_LARGE, number)
        if number % EVERY == 0:
            step(min(0.6, number / MOST_FEATURES))
        blob = row[place]
        blobs.append(None if blob is None else _wkb(blob) or b"")
        rows.append(row)
    if not rows and not refused:
        raise FileFault(Reason.EMPTY)
    shapes = shapely.from_wkb(objects(blobs), on_invalid="ignore")
    step(0.8)
    bad = [k for k, blob in enumerate(blobs) if blob is not None and shapes[k] is None]
    refused += [Refused(k + 1, 0, Reason.BAD_GEOMETRY) for k in bad]
    good = np.setdiff1d(np.arange(len(rows)), np.array(bad, np.int64))
    kept = [k for k in range(len(names)) if k != place]

    def attributes(at: int) -> Row:
        row = rows[int(good[at])]
        return {names[k]: row[k] for k in kept}

    return Read(
        shapes[good],
        good + 1,
        np.zeros(len(good), np.int64),
        attributes,
        tuple(names[k] for k in kept),
        declared,
        "GeoPackage" if declared else "",
        table,
        refused,
    )


@contextmanager
def _opened(path: Path, step: Step | None = None) -> Iterator[sqlite3.Connection]:
    """The file, only to be read; nothing in its schema may call functions that reach outside. Raises FileFault."""
    try:
        if not path.is_file():
            raise FileFault(Reason.NOT_A_FILE)
        size = path.stat().st_size
    except OSError as error:
        raise FileFault(Reason.UNREADABLE, error.strerror or error) from error
    if not size:
        raise FileFault(Reason.EMPTY)
    if size > MOST_BYTES:
        raise FileFault(Reason.TOO_LARGE, f"{size / 1e6:.0f} MB")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            database.text_factory = lambda raw: raw.decode("utf-8", "replace")
            faults: list[FileFault] = []
            if step is not None:
                database.set_progress_handler(lambda: _may_go_on(step, faults), _INSTRUCTIONS)
            try:
                yield database
            except sqlite3.OperationalError:
                if faults:
                    raise faults[0] from None
                raise
    except sqlite3.Error as error:
        raise FileFault(Reason.BAD_FILE, error) from error


def _may_go_on(step: Step, faults: list[FileFault]) -> int:
    try:
        step(0.0)
    except FileFault as fault:
        faults.append(fault)
        return 1
    return 0


def _system(database: sqlite3.Connection, system: object) -> str:
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (system,),
    ).fetchone()
    if row is None or system in (0, -1):
        return ""
    organisation, number, definition = row
    return f"EPSG:{number}" if str(organisation).upper() == "EPSG" else str(definition)


def _wkb(blob: object) -> bytes | None:
    """The WKB behind the head of a GeoPackage geometry; None where there is none."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return None
    envelope = _ENVELOPES.get(blob[3] >> 1 & 7)
    return None if envelope is None else blob[8 + envelope :]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
