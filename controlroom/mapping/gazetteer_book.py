"""The gazetteer as a SQLite file: gathered, indexed and written once, then opened in a moment.

It is made from what the program ships and what the district dropped into its folder; `fingerprint` tells whether that
has changed. The file is written beside the old one and takes its place when it is whole.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely
from msgspec import Struct

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.gazetteer_crossings import crossings, is_named
from controlroom.mapping.gazetteer_files import SUFFIXES, Gathered, Trouble, read_file
from controlroom.mapping.gazetteer_names import Name, PlaceKinds, plain, readings, texts_of
from controlroom.mapping.gazetteer_search import pack

FORM = 3
"""Raised when what is written changes; an older file is made anew."""
SHIPPED = "district"
"""The source of names that the program brings."""
_STRIDE = 500
_SITES = {"schools": "school", "hospitals": "hospital", "hazards": "hazard", "enterprises": "enterprise"} | {
    "people": "community"
}
_TABLES = """
CREATE TABLE names(id INTEGER PRIMARY KEY, title TEXT, kind TEXT, lon REAL, lat REAL, english TEXT, aliases TEXT,
  town TEXT, by_cell INTEGER, source TEXT, schematic INTEGER);
CREATE TABLE columns(name TEXT PRIMARY KEY, value BLOB);
CREATE TABLE roads(title TEXT, points BLOB);
CREATE TABLE areas(title TEXT, source TEXT, shape BLOB);
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT);
"""

Step = Callable[[float], None]
"""Hears the share that is done; raises to end the work."""


class BookMeta(Struct, frozen=True, kw_only=True):
    """What a gazetteer was made of, when, and what could not be read."""

    form: int
    fingerprint: str
    made_at: datetime
    newest_at: datetime | None
    """The newest of the files that it was made of; None when only what the program ships is in it."""
    count: int
    files: dict[str, int]
    refused: int = 0
    troubles: tuple[Trouble, ...] = ()


def dropped_files(folder: Path) -> list[Path]:
    """The files of names in a folder."""
    found = folder.iterdir() if folder.is_dir() else iter(())
    return sorted(p for p in found if p.suffix.lower() in SUFFIXES and p.is_file() and not p.name.startswith("."))


def fingerprint(folder: Path, shipped: Path) -> str:
    """Changes when any file that the gazetteer is made of does."""
    digest = hashlib.sha256(str(FORM).encode())
    for path in [*dropped_files(folder), *sorted(shipped.rglob("*.geojson"))]:
        try:
            facts = path.stat()
        except OSError:
            continue
        digest.update(f"{path.name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def build(
    book: Path, folder: Path, shipped: Path, kinds: PlaceKinds, made_at: datetime, step: Step = lambda _share: None
) -> BookMeta:
    """Gather, index and write. Raises EnvironmentFault where the file cannot be written, and what `step` raises."""
    mark = fingerprint(folder, shipped)
    gathered = Gathered()
    read_shipped(shipped, gathered)
    files = dropped_files(folder)
    for number, path in enumerate(files, 1):
        read_file(path, kinds, gathered)
        step(0.3 * number / len(files))
    gathered.names += crossings(gathered.roads, SHIPPED)
    names = _with_towns(gathered.names, shipped)
    times = [path.stat().st_mtime for path in files if path.exists()]
    meta = BookMeta(
        form=FORM,
        fingerprint=mark,
        made_at=made_at,
        newest_at=datetime.fromtimestamp(max(times), made_at.tzinfo) if times else None,
        count=len(names),
        files=gathered.files,
        refused=gathered.refused,
        troubles=tuple(gathered.troubles),
    )
    columns = index_columns(names, kinds, lambda share: step(0.35 + 0.55 * share))
    _write(book, names, columns, gathered, meta)
    step(1.0)
    return meta


def read_meta(book: Path) -> BookMeta | None:
    """What a file was made of; None where there is none, or none of this program's form."""
    if not book.is_file():
        return None
    try:
        with sqlite3.connect(f"{book.absolute().as_uri()}?mode=ro", uri=True) as connection:
            row = connection.execute("SELECT value FROM meta WHERE name='book'").fetchone()
        connection.close()
        meta = msgspec.json.decode(row[0], type=BookMeta) if row else None
    except (sqlite3.Error, msgspec.MsgspecError):
        return None
    return meta if meta is not None and meta.form == FORM else None


def read_shipped(shipped: Path, gathered: Gathered) -> None:
    """Towns, the airport, roads and the invented sites of the demo district."""
    for feature in _features(shipped / "towns.geojson"):
        title = str(feature["properties"]["name"])
        lon, lat = (float(c) for c in feature["geometry"]["coordinates"][:2])
        short = title.partition("(")[0]
        airport = "机场" in title
        others = (short, *title.partition("(")[2].rstrip(")").split("/"), *(("大兴机场",) if airport else ()))
        aliases = tuple(a for a in others if a and a != title)
        gathered.names.append(
            Name(
                title=title,
                kind="airport" if airport else "town",
                lon=lon,
                lat=lat,
                english="Daxing International Airport" if airport else "",
                aliases=aliases,
                source=SHIPPED,
            )
        )
    held: dict[str, list[Floats]] = {}
    for feature in _features(shipped / "roads.geojson"):
        title, geometry = str(feature["properties"].get("name", "")), feature["geometry"]
        if is_named(title) and geometry["type"] == "LineString":
            line = np.asarray(geometry["coordinates"], np.float64)
            held.setdefault(title, []).append(line)
            gathered.roads.append((title, line))
    for title, lines in held.items():
        longest = max(lines, key=len)
        lon, lat = (float(c) for c in longest[len(longest) // 2])
        gathered.names.append(Name(title=title, kind=_road_kind(title), lon=lon, lat=lat, source=SHIPPED))
    for path in sorted((shipped / "exposure").glob("*.geojson")):
        _read_sites(path, gathered)


def _road_kind(title: str) -> str:
    """What a line of the network is, by its name: some of them are bridges, rivers and parks."""
    endings = (("桥", "bridge"), ("Bridge", "bridge"), ("河", "water"), ("公园", "park"), ("Park", "park"))
    return next((kind for ending, kind in endings if title.endswith(ending)), "road")


def _read_sites(path: Path, gathered: Gathered) -> None:
    kind = _SITES.get(path.name.partition("_")[0], "place")
    for feature in _features(path):
        lon, lat = (float(c) for c in feature["geometry"]["coordinates"][:2])
        title = str(feature["properties"].get("name", ""))
        if title:
            gathered.names.append(
                Name(title=title, kind=kind, lon=lon, lat=lat, source=SHIPPED, schematic="SCHEMATIC" in path.name)
            )


def _features(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    features: list[dict[str, Any]] = json.loads(path.read_bytes())["features"]
    return features


def _with_towns(names: Sequence[Name], shipped: Path) -> list[Name]:
    """Names that tell no town get that of the schematic cell they lie in, and say so."""
    cells = _features(shipped / "cells.geojson")
    if not cells:
        return list(names)
    shapes = shapely.from_geojson([json.dumps(cell["geometry"]) for cell in cells])
    titles = [str(cell["properties"]["name"]) for cell in cells]
    points = shapely.points([name.lon for name in names], [name.lat for name in names])
    inside, cell = shapely.STRtree(shapes).query(points, predicate="within")
    at = dict(zip(inside.tolist(), cell.tolist(), strict=True))
    return [
        msgspec.structs.replace(name, town=titles[at[number]], town_by_cell=True)
        if not name.town and name.kind not in ("town", "airport") and number in at
        else name
        for number, name in enumerate(names)
    ]


def index_columns(names: Sequence[Name], kinds: PlaceKinds, step: Step) -> dict[str, bytes]:
    """The columns of a search: texts and whose they are, places and importance."""
    texts: dict[str, list[str]] = {"written": [], "spoken": [], "initials": []}
    owners: dict[str, list[int]] = {key: [] for key in texts}
    for number, name in enumerate(names):
        if number % _STRIDE == 0:
            step(number / len(names))
        for text in texts_of(name):
            texts["written"].append(text)
            owners["written"].append(number)
        for syllables, initials in dict.fromkeys(_spoken(name, kinds.settled)):
            texts["spoken"].append(syllables)
            texts["initials"].append(initials)
            owners["spoken"].append(number)
            owners["initials"].append(number)
    found = {key: pack(held).tobytes() for key, held in texts.items()}
    found |= {f"{key}_owners": np.array(held, np.int32).tobytes() for key, held in owners.items()}
    found["lon"] = np.array([name.lon for name in names], np.float64).tobytes()
    found["lat"] = np.array([name.lat for name in names], np.float64).tobytes()
    found["rank"] = np.array([kinds.rank(name.kind) for name in names], np.uint8).tobytes()
    found["length"] = np.array([min(255, len(plain(name.title))) for name in names], np.uint8).tobytes()
    return found


def _spoken(name: Name, settled: str) -> Iterable[tuple[str, str]]:
    """Syllables, each with a capital at its head, and initials, in every reading."""
    for text in (name.title, *name.aliases, name.english):
        for way in readings(text.casefold(), settled):
            initials = "".join(word if word.isdigit() else word[:1] for word in way)
            yield "".join(word.capitalize() for word in way), initials


def _write(book: Path, names: Sequence[Name], columns: dict[str, bytes], gathered: Gathered, meta: BookMeta) -> None:
    fresh = book.with_suffix(f".{os.getpid()}.making")
    try:
        book.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        connection = sqlite3.connect(fresh)
        try:
            connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
            connection.executemany(
                "INSERT INTO names VALUES(?,?,?,?,?,?,?,?,?,?,?)", (_row(number, n) for number, n in enumerate(names))
            )
            connection.executemany("INSERT INTO columns VALUES(?,?)", columns.items())
            connection.executemany(
                "INSERT INTO roads VALUES(?,?)",
                ((t, np.asarray(line, np.float64)[:, :2].tobytes()) for t, line in gathered.roads),
            )
            connection.executemany("INSERT INTO areas VALUES(?,?,?)", gathered.areas)
            connection.execute("INSERT INTO meta VALUES('book',?)", (msgspec.json.encode(meta),))
            connection.commit()
        finally:
            connection.close()
        fresh.replace(book)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise EnvironmentFault(
            _("The gazetteer cannot be written to {path}: {error}. Free space or correct the rights.").format(
                path=book, error=error
            )
        ) from error


def _row(number: int, name: Name) -> tuple[Any, ...]:
    aliases = "\n".join(name.aliases)
    return (
        *(number, name.title, name.kind, name.lon, name.lat, name.english, aliases),
        *(name.town, int(name.town_by_cell), name.source, int(name.schematic)),
    )
