"""PMTiles version 3: one file with its own directories, read where it lies."""

import json
import os
import re
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from pmtiles.tile import (
    Compression,
    Entry,
    HeaderDict,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from controlroom.i18n import _
from controlroom.mapping.basemaps.tiles import (
    MOST_TILE_BYTES,
    BaseMap,
    Kind,
    TileFault,
    checked_bounds,
    checked_tile,
    checked_zooms,
    layer_names,
    short,
    unpacked,
)

_HEADER_BYTES = 127
_MOST_DIRECTORY_BYTES = 2_000_000
_DIRECTORIES_KEPT = 64
_DEPTH = 4
_PICTURES = (TileType.PNG, TileType.JPEG, TileType.WEBP)
_NO_NUMBER = re.compile(rb"[\x80-\xff]{10}")
"""No number of a directory is longer; the library would read one of any length."""


class PmTiles:
    """The tiles of one file. The library knows the format; here lie its bounds and the directories that were read.

    Raises TileFault when it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lock = threading.Lock()
        self._directories: OrderedDict[int, list[Entry]] = OrderedDict()
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise self._broken(error.strerror or error) from error
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self._header = self._read_header()
            self.described = self._describe(path)
        except BaseException:
            self._file.close()
            raise

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile. Raises TileFault."""
        entry = self._find(zxy_to_tileid(z, x, y))
        if entry is None or not 0 < entry.length <= MOST_TILE_BYTES:
            return None
        body = self._bytes(self._header["tile_data_offset"] + entry.offset, entry.length)
        return checked_tile(self.described.kind, body)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()

    def _find(self, tile_id: int) -> Entry | None:
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _level in range(_DEPTH):
            entry = find_tile(self._directory(offset, length), tile_id)
            if entry is None or entry.run_length > 0:
                return entry
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        return None

    def _directory(self, offset: int, length: int) -> list[Entry]:
        with self._lock:
            held = self._directories.get(offset)
            if held is not None:
                self._directories.move_to_end(offset)
                return held
        packed = self._bytes(offset, length)
        try:
            plain = unpacked(packed, _MOST_DIRECTORY_BYTES)
            if plain is packed or _NO_NUMBER.search(plain):
                raise ValueError("no directory")
            found = deserialize_directory(packed)
        except (ValueError, EOFError, OSError, IndexError) as error:
            raise self._broken(_("one of its directories is broken")) from error
        with self._lock:
            self._directories[offset] = found
            while len(self._directories) > _DIRECTORIES_KEPT:
                self._directories.popitem(last=False)
        return found

    def _bytes(self, offset: int, length: int) -> bytes:
        if not 0 <= offset <= offset + length <= self._size or length > MOST_TILE_BYTES:
            raise self._broken(_("it is cut off"))
        with self._lock:
            try:
                self._file.seek(offset)
                return self._file.read(length)
            except (OSError, ValueError) as error:
                raise self._broken(error) from error

    def _read_header(self) -> HeaderDict:
        with self._lock:
            start = self._file.read(_HEADER_BYTES)
        if len(start) < _HEADER_BYTES:
            raise self._broken(_("it is cut off"))
        try:
            header = deserialize_header(start)
        except SpecVersionUnsupported as error:
            raise self._broken(_("it is not of version 3")) from error
        except (MagicNumberNotFound, UnicodeDecodeError) as error:
            raise self._broken(_("it is no PMTiles file")) from error
        except ValueError as error:
            raise self._broken(_("it is of a kind that is not known")) from error
        if header["internal_compression"] is not Compression.GZIP or header["tile_compression"] not in (
            Compression.GZIP,
            Compression.NONE,
            Compression.UNKNOWN,
        ):
            raise self._broken(_("it is packed in another way than gzip"))
        if header["tile_type"] is not TileType.MVT and header["tile_type"] not in _PICTURES:
            raise self._broken(_("its tiles are neither pictures nor vector tiles (MVT)"))
        return header

    def _describe(self, path: Path) -> BaseMap:
        header = self._header
        if not self._directory(header["root_offset"], header["root_length"]):
            raise self._broken(_("it holds no tile"))
        told = self._metadata()
        low, high = checked_zooms(path.name, header["min_zoom"], header["max_zoom"])
        edges = [header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")]
        dated = told.get("date") or told.get("planetiler:osm:osmosisreplicationtime")
        return BaseMap(
            id=path.name,
            name=short(told.get("name"), 80) or path.stem,
            form="PMTiles",
            kind=Kind.VECTOR if header["tile_type"] is TileType.MVT else Kind.RASTER,
            min_zoom=low,
            max_zoom=high,
            bounds=checked_bounds(edges),
            attribution=short(told.get("attribution")),
            dated=short(dated, 40),
            layers=layer_names(told),
        )

    def _metadata(self) -> dict[str, Any]:
        packed = self._bytes(self._header["metadata_offset"], self._header["metadata_length"])
        try:
            told = json.loads(unpacked(packed)) if packed else {}
        except (ValueError, RecursionError) as error:
            raise self._broken(_("its description is broken")) from error
        return told if isinstance(told, dict) else {}

    def _broken(self, reason: object) -> TileFault:
        return TileFault(
            _("{name} cannot be read as PMTiles: {reason}. Copy it again.").format(name=self._name, reason=reason)
        )
