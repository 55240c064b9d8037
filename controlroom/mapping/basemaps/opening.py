"""Opens a tile set whatever its form, with its grid and datum brought to those of the map."""

from pathlib import Path

import msgspec

from controlroom.i18n import _
from controlroom.mapping.basemaps.archive import PmTiles
from controlroom.mapping.basemaps.declared import Declared
from controlroom.mapping.basemaps.folder import TileFolder, is_tile_folder
from controlroom.mapping.basemaps.grid import degree_grid, mercator_grid
from controlroom.mapping.basemaps.mbtiles import MbTiles
from controlroom.mapping.basemaps.resampled import tiles_as
from controlroom.mapping.basemaps.tiles import BaseMap, Kind, Reader, TileFault
from controlroom.mapping.coordinates import Datum

SUFFIXES = (".mbtiles", ".pmtiles")
DATUM_WORDS = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}


def open_tiles(path: Path, told: Declared) -> tuple[BaseMap, Reader]:
    """A file or folder of tiles as it is declared. Raises TileFault."""
    reader: MbTiles | PmTiles | TileFolder
    try:
        if path.suffix.lower() == ".mbtiles":
            reader = MbTiles(path)
        elif path.suffix.lower() == ".pmtiles":
            reader = PmTiles(path)
        elif is_tile_folder(path):
            reader = TileFolder(path, south_up=told.rows == "south")
        else:
            raise TileFault(
                _("{name} is no base map: MBTiles, PMTiles, a folder of z/x/y or a .toml of a WMTS is.").format(
                    name=path.name
                )
            )
    except OSError as error:
        raise TileFault(
            _("{name} cannot be opened: {reason}.").format(name=path.name, reason=error.strerror or error)
        ) from error
    try:
        return _as_declared(reader, reader.described, told)
    except TileFault:
        reader.close()
        raise


def _as_declared(reader: Reader, held: BaseMap, told: Declared) -> tuple[BaseMap, Reader]:
    described = described_as(held, told)
    in_degrees = told.grid in ("4326", "4490")
    if told.datum == "bd09":
        raise TileFault(
            _("{name} is in BD-09, whose tiles have a grid of their own. Ask for it in WGS-84 or CGCS2000.").format(
                name=held.id
            )
        )
    if not in_degrees and told.datum != "gcj02":
        return described, reader
    if described.kind is Kind.VECTOR:
        raise TileFault(
            _("{name}: vector tiles can be shown in Web Mercator and WGS-84 or CGCS2000 only.").format(name=held.id)
        )
    if in_degrees:
        grid = degree_grid(held.min_zoom, held.max_zoom, told.whole_at)
        if not grid.levels:
            raise TileFault(_("{name}: its zoom levels make no sense. Make the file again.").format(name=held.id))
        # A level of this grid has pixels half as large as the level of Web Mercator with the same number.
        described = msgspec.structs.replace(
            described,
            min_zoom=max(0, held.min_zoom - told.whole_at),
            max_zoom=max(0, held.max_zoom - told.whole_at + 1),
        )
    else:
        grid = mercator_grid(held.min_zoom, held.max_zoom)
    datum = Datum.GCJ02 if told.datum == "gcj02" else Datum.WGS84
    return described, tiles_as(reader, described, grid, datum)


def described_as(held: BaseMap, told: Declared) -> BaseMap:
    """What a set says of itself, with what is declared over it."""
    datum = told.datum or ("cgcs2000" if told.grid == "4490" else "")
    return msgspec.structs.replace(
        held,
        name=told.name or held.name,
        attribution=told.attribution or held.attribution,
        dated=told.date or held.dated,
        datum=DATUM_WORDS[datum] if datum else held.datum,
    )
