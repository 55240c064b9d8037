"""CSV with columns of coordinates or of WKT, in UTF-8 or GBK, one row after the other."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from controlroom.mapping.thematic.reading import EVERY, MOST_FEATURES, Read, Row, Step, decoded, objects
from controlroom.mapping.thematic.refusal import FileFault, Reason, Refused

if TYPE_CHECKING:
    from _csv import Reader

LON = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "e", "easting", "经度坐标", "x坐标", "坐标x", "横坐标")
LAT = ("lat", "latitude", "y", "纬度", "北纬", "n", "northing", "纬度坐标", "y坐标", "坐标y", "纵坐标")
WKT = ("wkt", "geom", "geometry", "the_geom", "shape", "几何", "空间数据", "图形")
_MARKS = re.compile(r"[\s_\-()（）°]+|wgs-?84|gcj-?02|bd-?09|cgcs2000|火星|高德|百度|2000")
_LONGEST_CELL = 16 * 1024 * 1024
_SAMPLE = 64 * 1024
_DEGREES = re.compile(
    r"\s*([EWNS东西北南])?[经纬]?\s*(\d+(?:\.\d+)?)\s*[°度d]\s*(?:(\d+(?:\.\d+)?)\s*['′分m]\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:[\"″秒s]|'')\s*)?([EWNS])?\s*",
    re.IGNORECASE,
)


def read(data: bytes, step: Step, *, encoding: str = "", columns: Sequence[str] = ()) -> Read:
    """All rows. `columns` names longitude and latitude, or the column of WKT, where the sidecar does.

    Raises FileFault for a table without coordinates.
    """
    if not data.strip():
        raise FileFault(Reason.EMPTY)
    text, _how = decoded(data, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=_delimiter(text))
    head = _head(reader)
    places = _places(head, columns)
    rows: list[list[str]] = []
    lines: list[int] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    for number, (begun, row) in enumerate(_rows(reader), 1):
        if number > MOST_FEATURES:
            raise FileFault(Reason.TOO_LARGE, number)
        if number % EVERY == 0:
            step(0.5 * min(1.0, source.tell() / max(1, len(text))))
        if isinstance(row, str):
            refused.append(Refused(number, begun, Reason.BAD_RECORD, row))
            continue
        rows.append(row)
        lines.append(begun)
        numbers.append(number)
    if not rows and not refused:
        raise FileFault(Reason.EMPTY)
    columns_used = [head[place] for place in places]
    shapes, whys = _shapes(rows, places)
    good = [k for k, why in enumerate(whys) if why is None]
    refused += [
        Refused(numbers[k], lines[k], why, _cell(rows[k], places)) for k, why in enumerate(whys) if why is not None
    ]
    step(0.8)

    def attributes(at: int) -> Row:
        return dict(zip(head, rows[good[at]], strict=False))

    named = " ".join(columns_used)
    return Read(
        objects([shapes[k] for k in good]),
        np.array([numbers[k] for k in good], np.int64),
        np.array([lines[k] for k in good], np.int64),
        attributes,
        tuple(head),
        refused=refused,
        declared_by=named,
    )


def header(data: bytes, encoding: str = "") -> tuple[str, ...]:
    """The names of the columns, from the beginning of a file. Raises FileFault without columns of coordinates."""
    cut = data[:_SAMPLE].rsplit(b"\n", 1)[0] if len(data) > _SAMPLE else data
    text, _how = decoded(cut, encoding)
    head = _head(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    _places(head, ())
    return tuple(head)


def _head(reader: "Reader") -> list[str]:
    """The names in the first line. Raises FileFault where it is none."""
    try:
        return [name.strip().lstrip("\ufeff") for name in next(reader, [])]
    except csv.Error as error:
        raise FileFault(Reason.BAD_FILE, error, 1) from error


def _rows(reader: "Reader") -> Iterator[tuple[int, list[str] | str]]:
    """Each row that is not empty with the line it begins in; what is none comes as the reason."""
    while True:
        begun = reader.line_num + 1
        try:
            row: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = str(error)
        if isinstance(row, str) or any(cell.strip() for cell in row):
            yield begun, row


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max((",", ";", "\t", "|"), key=first.count)


def _places(head: Sequence[str], columns: Sequence[str]) -> tuple[int, ...]:
    """Which columns hold the place: one of WKT, or longitude and latitude. Raises FileFault."""
    if columns:
        if any(name not in head for name in columns):
            raise FileFault(Reason.NO_COORDINATES, ", ".join(name for name in columns if name not in head), 1)
        return tuple(head.index(name) for name in columns)
    plain = [_MARKS.sub("", name.lower()) for name in head]

    def first(names: Sequence[str]) -> int | None:
        return next((plain.index(name) for name in names if name in plain), None)

    lon, lat, wkt = first(LON), first(LAT), first(WKT)
    if lon is not None and lat is not None:
        return lon, lat
    if wkt is not None:
        return (wkt,)
    raise FileFault(Reason.NO_COORDINATES, ", ".join(head)[:100], 1)


def _shapes(rows: list[list[str]], places: tuple[int, ...]) -> tuple[NDArray[Any], list[Reason | None]]:
    whys: list[Reason | None] = [None] * len(rows)
    if len(places) == 1:
        cells = [row[places[0]].strip() if places[0] < len(row) else "" for row in rows]
        cells = [cell.partition(";")[2] if cell[:5].upper() == "SRID=" else cell for cell in cells]
        found = shapely.from_wkt(objects([cell or None for cell in cells]), on_invalid="ignore")
        for k, shape in enumerate(found):
            if shape is None:
                whys[k] = Reason.BAD_GEOMETRY if cells[k] else Reason.NO_GEOMETRY
        return found, whys
    x, y = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for k, row in enumerate(rows):
        cells = [row[place].strip() if place < len(row) else "" for place in places]
        if not all(cells):
            whys[k] = Reason.NO_GEOMETRY
            continue
        try:
            x[k], y[k] = (_number(cell) for cell in cells)
        except ValueError:
            whys[k] = Reason.BAD_NUMBER
    return shapely.points(x, y), whys


def _number(cell: str) -> float:
    """A number, or degrees with minutes and seconds. Raises ValueError."""
    try:
        return float(cell)
    except ValueError:
        found = _DEGREES.fullmatch(cell)
        if found is None:
            raise
        before, degrees, minutes, seconds, behind = found.groups()
        value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
        return -value if (before or behind or "").upper() in ("W", "S", "西", "南") else value


def _cell(row: list[str], places: tuple[int, ...]) -> str:
    return ", ".join(row[place][:40] if place < len(row) else "" for place in places)
