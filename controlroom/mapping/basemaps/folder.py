"""A folder of tiles, `{z}/{x}/{y}.png`, as gdal2tiles, QGIS and mb-util write it."""

import json
from pathlib import Path
from typing import Any

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
)

_PICTURES = ("png", "jpg", "jpeg", "webp")
_VECTORS = ("pbf", "mvt")
_DESCRIPTIONS = ("metadata.json", "tilejson.json", "tiles.json")


def is_tile_folder(path: Path) -> bool:
    """Whether a folder has folders of levels."""
    try:
        return any(one.name.isdecimal() and one.is_dir() for one in path.iterdir())
    except OSError:
        return False


class TileFolder:
    """The tiles of one folder; with `south_up` rows are counted from the south (TMS). Raises TileFault."""

    def __init__(self, path: Path, *, south_up: bool = False) -> None:
        self._path = path
        self._is_tms = south_up
        self._suffix = ""
        self.described = self._describe(path)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile, None where there is no such file. Raises TileFault."""
        row = (1 << z) - 1 - y if self._is_tms else y
        file = self._path / str(z) / str(x) / f"{row}.{self._suffix}"
        try:
            with file.open("rb") as source:
                body = source.read(MOST_TILE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise TileFault(
                _("{name}: a tile cannot be read: {reason}.").format(name=self._path.name, reason=error.strerror)
            ) from error
        return checked_tile(self.described.kind, body)

    def close(self) -> None:
        """Nothing is held open."""

    def _describe(self, path: Path) -> BaseMap:
        levels = sorted(int(one.name) for one in path.iterdir() if one.name.isdecimal() and len(one.name) < 3)
        sample = self._sample(path, levels)
        self._suffix = sample.suffix[1:]
        told = self._told(path)
        self._is_tms = self._is_tms or str(told.get("scheme", "")).lower() == "tms"
        kind = Kind.VECTOR if self._suffix.lower() in _VECTORS else Kind.RASTER
        first, last = checked_zooms(path.name, told.get("minzoom", levels[0]), told.get("maxzoom", levels[-1]))
        return BaseMap(
            id=path.name,
            name=short(told.get("name"), 80) or path.name,
            form=_("folder"),
            kind=kind,
            min_zoom=max(first, levels[0]),
            max_zoom=min(last, levels[-1]),
            bounds=checked_bounds(told.get("bounds")),
            attribution=short(told.get("attribution")),
            dated=short(told.get("date"), 40),
            layers=layer_names(told),
        )

    def _sample(self, path: Path, levels: list[int]) -> Path:
        for level in levels:
            for column in (path / str(level)).iterdir():
                if not column.is_dir():
                    continue
                for file in column.iterdir():
                    if file.suffix[1:].lower() in (*_PICTURES, *_VECTORS) and file.stem.isdecimal():
                        return file
        raise TileFault(_("{name} holds no tile {example}.").format(name=path.name, example="z/x/y.png"))

    def _told(self, path: Path) -> dict[str, Any]:
        for name in _DESCRIPTIONS:
            try:
                told = json.loads((path / name).read_bytes()[:1_000_000])
            except OSError:
                continue
            except (ValueError, RecursionError) as error:
                raise TileFault(
                    _("{name}: {file} is broken: {reason}. Correct or remove it.").format(
                        name=path.name, file=name, reason=short(error, 100)
                    )
                ) from error
            if isinstance(told, dict):
                return told
        return {}
