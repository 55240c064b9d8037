"""What an operator declares of a tile set: in words of its file's name, or in a TOML file beside it."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from controlroom.i18n import _
from controlroom.mapping.basemaps.tiles import TileFault, short

Line = Annotated[str, Meta(max_length=300)]

DatumWord = Literal["", "wgs84", "cgcs2000", "gcj02", "bd09"]
GridWord = Literal["", "3857", "4326", "4490"]
DATUMS: tuple[DatumWord, ...] = ("wgs84", "cgcs2000", "gcj02", "bd09")
GRIDS: tuple[GridWord, ...] = ("3857", "4326", "4490")
_Word = TypeVar("_Word", DatumWord, GridWord)


class Wmts(Struct, frozen=True, forbid_unknown_fields=True):
    """A service of the government network. The `token` goes into requests and nowhere else."""

    address: Annotated[str, Meta(max_length=2000)]
    layer: Line = ""
    matrix_set: Line = ""
    style: Line = ""
    format: Line = ""
    token: Line = ""
    token_name: Line = "tk"


class Declared(Struct, frozen=True, forbid_unknown_fields=True):
    """What is declared of a tile set; empty is what the set says of itself, or the usual."""

    name: Line = ""
    attribution: Line = ""
    date: Line = ""
    datum: DatumWord = ""
    grid: GridWord = ""
    whole_at: Annotated[int, Meta(ge=0, le=2)] = 0
    """The level of a 4326 or 4490 grid that has two tiles for the world; 天地图 counts from 1."""
    rows: Literal["", "north", "south"] = ""
    """Where a folder's rows begin; south is TMS."""
    wmts: Wmts | None = None


def declaration(path: Path) -> Declared:
    """What is declared of the tile set at `path`. Raises TileFault that names the file and the place."""
    beside = path.with_name(f"{path.stem if path.is_file() else path.name}.toml")
    words = {word.lower() for word in path.name.split(".")[1:]}
    by_name = Declared(datum=_named(words, DATUMS), grid=_named(words, GRIDS))
    if path.suffix == ".toml" or not beside.is_file():
        return by_name
    told = read_declaration(beside)
    return msgspec.structs.replace(told, datum=told.datum or by_name.datum, grid=told.grid or by_name.grid)


def read_declaration(file: Path) -> Declared:
    """One TOML file. Raises TileFault."""
    try:
        if file.stat().st_size > 100_000:
            raise ValueError(_("it is too large"))
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Declared)
    except OSError as error:
        reason: object = error.strerror or error
    except (ValueError, RecursionError) as error:
        reason = error
    # Neither TOML nor the check quotes a text of the file, so that no token comes into the sentence.
    raise TileFault(
        _("{name} cannot be understood: {reason}. Correct it as “Base maps” in the help says (F1).").format(
            name=file.name, reason=short(reason, 160)
        )
    )


def _named(words: set[str], known: tuple[_Word, ...]) -> _Word:
    """The first of the known words that is among those of a file's name."""
    return next((one for one in known if one in words), "")
