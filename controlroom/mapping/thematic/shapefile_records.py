"""ESRI Shapefile (technical description, July 1998) with its table, record by record."""

import io
import logging
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import shapefile
import shapely

from controlroom.mapping.thematic.reading import EVERY, MOST_FEATURES, Read, Row, Step, contents, objects
from controlroom.mapping.thematic.refusal import FileFault, Reason, Refused

# It would tell of every odd ring by itself; what is drawn is judged by the sheet.
logging.getLogger("shapefile").setLevel(logging.ERROR)

_CODE_PAGES = {"936": "gb18030", "54936": "gb18030", "950": "big5", "65001": "utf-8", "1252": "cp1252"}
_CHINESE_DRIVERS = (0x4D, 0x7A)
_BROKEN = (
    shapefile.ShapefileException,
    struct.error,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    EOFError,
    OSError,
    AttributeError,
    AssertionError,
    MemoryError,
)
"""What pyshp and numpy raise on records that make no sense."""


class _OtherText(Exception):
    """The table's text is not in the encoding that was tried."""


def _judge_text(error: Exception) -> None:
    """Raises _OtherText where text could not be decoded: another encoding is tried for the whole file."""
    if isinstance(error, UnicodeDecodeError) or "not decode" in str(error):
        raise _OtherText from error


def beside(path: Path, suffix: str) -> Path | None:
    """The file of the same name with another suffix, in whatever case it is written."""
    for name in (suffix, suffix.upper()):
        found = path.with_suffix(name)
        if found.is_file():
            return found
    return None


def read(path: Path, step: Step, *, encoding: str = "") -> Read:
    """All records. Raises FileFault."""
    data = {"shp": contents(path)}
    for suffix in ("shx", "dbf"):
        found = beside(path, f".{suffix}")
        if found is not None:
            data[suffix] = contents(found)
    if len(data["shp"]) < 100:
        raise FileFault(Reason.EMPTY if not data["shp"] else Reason.BAD_FILE)
    code = encoding or _code_page(path, data.get("dbf", b""))
    # pyshp warns of heads that differ from what follows; the records are judged one by one.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(path, data, code, step)
        except _OtherText:
            other = "gb18030" if code != "gb18030" else "utf-8"
        try:
            return _read(path, data, other, step)
        except _OtherText as error:
            raise FileFault(Reason.BAD_TEXT) from error


def _read(path: Path, data: dict[str, bytes], code: str, step: Step) -> Read:
    try:
        reader = shapefile.Reader(**{name: io.BytesIO(body) for name, body in data.items()}, encoding=code)
        count = len(reader)
    except (*_BROKEN, ArithmeticError) as error:
        _judge_text(error)
        if "shx" in data:
            # The index only repeats what the records say.
            return _read(path, {name: body for name, body in data.items() if name != "shx"}, code, step)
        raise FileFault(Reason.BAD_FILE, error) from error
    if count > MOST_FEATURES:
        raise FileFault(Reason.TOO_LARGE, count)
    shapes: list[Any] = []
    rows: list[list[Any]] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    names = tuple(field[0] for field in reader.fields[1:]) if "dbf" in data else ()
    for k in range(count):
        if k % EVERY == 0:
            step(0.8 * k / count)
        try:
            shape = _shape(reader.shape(k))
            row = list(reader.record(k)) if names else []
        except (*_BROKEN, ArithmeticError, shapely.errors.ShapelyError) as error:
            _judge_text(error)
            refused.append(Refused(k + 1, 0, Reason.BAD_RECORD, str(error)[:160]))
            continue
        shapes.append(shape)
        rows.append(row)
        numbers.append(k + 1)
    if not shapes and not refused:
        raise FileFault(Reason.EMPTY)
    projection = beside(path, ".prj")
    declared = contents(projection).decode("utf-8", "replace").strip() if projection is not None else ""

    def attributes(at: int) -> Row:
        return dict(zip(names, rows[at], strict=False))

    return Read(
        objects(shapes),
        np.array(numbers, np.int64),
        np.zeros(len(numbers), np.int64),
        attributes,
        names,
        declared,
        ".prj" if declared else "",
        refused=refused,
    )


def count_of(path: Path) -> int | None:
    """How many records the table says there are, from its head alone."""
    table = beside(path, ".dbf")
    if table is None:
        return None
    with table.open("rb") as file:
        head = file.read(12)
    return int.from_bytes(head[4:8], "little") if len(head) == 12 else None


def kind_of(path: Path) -> str:
    """`point`, `line` or `area`, from the head of the file."""
    with path.open("rb") as file:
        head = file.read(36)
    kind = int.from_bytes(head[32:36], "little") % 10 if len(head) == 36 else 0
    return {1: "point", 8: "point", 3: "line", 5: "area"}.get(kind, "area")


def _shape(record: Any) -> Any:
    """The shapely geometry of a record; None for a null shape."""
    if record.shapeType == shapefile.NULL:
        return None
    return shapely.geometry.shape(record.__geo_interface__)


def _code_page(path: Path, table: bytes) -> str:
    """The table's encoding: by its .cpg file, by its language driver, else UTF-8 and then GBK."""
    declared = beside(path, ".cpg")
    if declared is not None:
        said = contents(declared)[:64].decode("ascii", "ignore").strip().lower().replace("_", "-")
        number = said.removeprefix("cp").removeprefix("ansi ").strip()
        if number in _CODE_PAGES:
            return _CODE_PAGES[number]
        if said.startswith("gb"):
            return "gb18030"
        if said:
            try:
                "".encode(said)
            except LookupError:
                return "utf-8"
            return said
    if len(table) > 29 and table[29] in _CHINESE_DRIVERS:
        return "gb18030"
    return "utf-8"
