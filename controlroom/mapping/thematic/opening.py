"""From a path to a layer: its head for the list, or all of it on the plane."""

import re
import stat
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import shapely

from controlroom.mapping.thematic import geojson, geopackage, shapefile_records, systems, table
from controlroom.mapping.thematic.messages import Entry, Opened
from controlroom.mapping.thematic.reading import Read, Step, contents, print_of
from controlroom.mapping.thematic.refusal import MOST_LISTED, FileFault, Reason
from controlroom.mapping.thematic.sheet import Sheet, laid_out, nothing_left
from controlroom.mapping.thematic.sidecar import Sidecar, plain_colour, read_sidecar, sidecar_of
from controlroom.mapping.thematic.styling import classed

SUFFIXES = (".geojson", ".json", ".shp", ".gpkg", ".csv")
MOST_FILES = 5000
DEEPEST = 4
_DISTRICT = ZoneInfo("Asia/Shanghai")
"""Whose days the dates of sidecars are."""

_BESIDE = (".shx", ".dbf", ".prj", ".cpg")
_HEAD = 64 * 1024
_LONGEST = 400
_NAME = re.compile(rb'"(?:name|title)"\s*:\s*"((?:[^"\\]|\\.){1,200})"')
_KIND = re.compile(rb'"geometry"\s*:\s*\{[^{}]{0,40}"type"\s*:\s*"(?:Multi)?(Point|LineString|Polygon)"')
_KINDS = {b"Point": "point", b"LineString": "line", b"Polygon": "area"}
_DIMENSIONS = ("point", "line", "area")


def files_of(path: Path) -> tuple[Path, ...]:
    """All files that a layer is read from, whether they are there or not."""
    more = (path.with_suffix(suffix) for suffix in _BESIDE) if path.suffix.lower() == ".shp" else ()
    return (path, sidecar_of(path), *more)


class Catalogue:
    """What is in files and folders; what was not written since is not read again."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, list[Entry]]] = {}

    def entries(self, paths: Sequence[str]) -> list[Entry]:
        """A row for each layer, or for each file that cannot be read. A folder that cannot be read is empty."""
        files: dict[str, Path] = {}
        for name in paths:
            path = Path(name)
            found = files_in(path) if path.is_dir() else [path]
            files.update((str(file), file) for file in found)
        held = self._held
        self._held = {}
        for name, file in files.items():
            stamp = str(hash(print_of(files_of(file))))
            known = held.get(name)
            self._held[name] = known if known is not None and known[0] == stamp else (stamp, head_of(file, stamp))
        return [entry for _stamp, found in self._held.values() for entry in found]


def files_in(folder: Path, depth: int = DEEPEST) -> list[Path]:
    """The files of layers in a folder and those below it; links to folders are not followed."""
    found: list[Path] = []
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return []
    for path in inside:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            found += files_in(path, depth - 1) if depth else []
        elif path.suffix.lower() in SUFFIXES:
            found.append(path)
    return found[:MOST_FILES]


def head_of(path: Path, stamp: str = "") -> list[Entry]:
    """What is in a file: a row for each layer, or one that says why it cannot be read."""
    try:
        return [msgspec.structs.replace(entry, stamp=stamp) for entry in _heads(path, read_sidecar(path))]
    except FileFault as fault:
        reason, detail, line = fault.reason, fault.detail, fault.line
    except OSError as error:
        reason, detail, line = Reason.UNREADABLE, error.strerror or str(error), 0
    return [Entry(str(path), "", path.stem, fault=reason, detail=detail, line=line, stamp=stamp)]


def open_layer(path: Path, table_name: str, step: Step) -> tuple[Sheet, Opened]:
    """All of a layer. Raises FileFault."""
    for _turn in range(2):
        before = print_of(files_of(path))
        found = _open(path, table_name, step)
        if print_of(files_of(path)) == before:
            return found
    raise FileFault(Reason.CHANGING)


def _open(path: Path, table_name: str, step: Step) -> tuple[Sheet, Opened]:
    side = read_sidecar(path)
    read = _read(path, table_name, side, step)
    if not len(read.geometry) and read.refused:
        raise nothing_left(read.refused)
    system = _system(path, read, side)
    look, classes = classed(read, side.style, path.stem + table_name)
    sheet, refused, mended = laid_out(read, look, system, step)
    sheet.label = side.label
    dimensions = np.unique(shapely.get_dimensions(sheet.part))
    opened = Opened(
        title=side.title or read.title or path.stem,
        count=sheet.count,
        vertices=sheet.vertices,
        kinds=tuple(_DIMENSIONS[k] for k in dimensions.tolist()),
        classes=classes,
        by=side.style.by,
        shape=side.style.shape,
        width=side.style.width,
        fill=side.style.fill,
        system=system,
        extent=sheet.extent,
        refused=tuple(refused[:MOST_LISTED]),
        refused_count=len(refused),
        mended=mended,
        fields=tuple(name[:_LONGEST] for name in read.fields[:100]),
        source=side.source,
        data_at_ms=_data_at_ms(path, side),
        stale_after_s=_stale_after_s(side),
        label=side.label if side.label in read.fields else "",
        label_zoom=side.label_zoom,
    )
    return sheet, opened


def _read(path: Path, table_name: str, side: Sidecar, step: Step) -> Read:
    suffix = path.suffix.lower()
    if suffix in (".geojson", ".json"):
        return geojson.read(contents(path), step)
    if suffix == ".csv":
        return table.read(contents(path), step, encoding=side.encoding, columns=side.columns)
    if suffix == ".shp":
        return shapefile_records.read(path, step, encoding=side.encoding)
    if suffix == ".gpkg":
        return geopackage.read(path, table_name, step)
    raise FileFault(Reason.UNKNOWN_FORMAT, suffix)


def _system(path: Path, read: Read, side: Sidecar) -> systems.System:
    """Sidecar before file, file before names, names before numbers."""
    if side.crs:
        return systems.declared(side.crs)
    named = systems.by_name(path.stem, read.declared_by if path.suffix.lower() == ".csv" else "")
    if read.declared:
        # A shifted datum has no EPSG code: files that are in it declare WGS-84, and say better in their name.
        return named if named and named.code in ("gcj02", "bd09") else systems.declared(read.declared)
    if named is not None:
        return named
    places = shapely.get_coordinates(read.geometry)
    found = systems.by_numbers(places[:, 0], places[:, 1])
    if path.suffix.lower() in (".geojson", ".json") and found.code == "epsg:4326" and not found.swapped:
        return systems.System(found.code, found.title, systems.Told.STANDARD)
    return found


def _heads(path: Path, side: Sidecar) -> list[Entry]:
    suffix = path.suffix.lower()
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise FileFault(Reason.NOT_A_FILE)
    if not state.st_size:
        raise FileFault(Reason.EMPTY)
    told: list[tuple[str, str, str, int | None]]
    if suffix == ".gpkg":
        found = geopackage.tables(path)
        if not found:
            raise FileFault(Reason.EMPTY)
        told = [(name, title, "", count) for name, title, count in found]
    elif suffix == ".shp":
        told = [("", "", shapefile_records.kind_of(path), shapefile_records.count_of(path))]
    else:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if suffix == ".csv":
            table.header(head, side.encoding)
            told = [("", "", "point", None)]
        else:
            begun = head.partition(b'"features"')[0]
            name, kind = _NAME.search(begun), _KIND.search(head)
            words = _unquoted(name.group(1)) if name else ""
            told = [
                ("", "" if "urn:" in words or "EPSG" in words else words, _KINDS[kind.group(1)] if kind else "", None)
            ]
    return [
        Entry(
            str(path),
            name,
            (side.title if len(told) == 1 else "") or title[:_LONGEST] or path.stem,
            kind,
            side.style.colour or plain_colour(path.stem + name),
            side.style.shape,
            count,
            side.source,
            _data_at_ms(path, side),
            _stale_after_s(side),
            (min(side.zoom), max(side.zoom)),
            side.opacity,
        )
        for name, title, kind, count in told
    ]


def _unquoted(said: bytes) -> str:
    try:
        return str(msgspec.json.decode(b'"' + said + b'"'))
    except msgspec.DecodeError:
        return ""


def _data_at_ms(path: Path, side: Sidecar) -> int:
    """The time of the data as the sidecar tells it, else that of the file."""
    told = side.date
    if told is None:
        return int(path.stat().st_mtime * 1000)
    moment = told if isinstance(told, datetime) else datetime.combine(told, time())
    return int(moment.replace(tzinfo=moment.tzinfo or _DISTRICT).timestamp() * 1000)


def _stale_after_s(side: Sidecar) -> float | None:
    return None if side.stale_after_days is None else side.stale_after_days * 86_400.0
