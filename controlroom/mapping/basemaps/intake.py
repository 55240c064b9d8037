"""Takes a tile set into the folder of base maps: looked at first, copied aside, and there in one step or not at all."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.basemaps.declared import declaration, read_declaration
from controlroom.mapping.basemaps.folder import is_tile_folder
from controlroom.mapping.basemaps.opening import SUFFIXES, open_tiles

_PIECE_BYTES = 4_000_000
_SPARE_BYTES = 200_000_000
"""So much of the disk stays free for the store, which must never run full because of a map."""


class IntakeStopped(Exception):
    """The officer no longer wants it."""


def may_be_base_map(path: Path) -> bool:
    """Whether a file or folder that was dropped is meant as a base map, going by its name."""
    if path.is_dir():
        return is_tile_folder(path)
    if path.suffix.lower() == ".toml":
        return b"[wmts]" in path.read_bytes()[:100_000] if path.is_file() else False
    return path.suffix.lower() in SUFFIXES


def take_in(source: Path, folder: Path, progressed: Callable[[float], None], stop: threading.Event) -> Path:
    """Copies a tile set with its declaration; `progressed` hears the share that is done.

    Raises EnvironmentFault with what is wrong, IntakeStopped when `stop` is set; nothing is left of it then.
    """
    if source.suffix.lower() == ".toml":
        read_declaration(source)
    else:
        _described, reader = open_tiles(source, declaration(source))
        reader.close()
    try:
        return _copied(source, folder, progressed, stop)
    except OSError as error:
        raise EnvironmentFault(
            _("{name} could not be copied: {reason}. Make room or another place, then add it again.").format(
                name=source.name, reason=error.strerror or error
            )
        ) from error


def _copied(source: Path, folder: Path, progressed: Callable[[float], None], stop: threading.Event) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if source.resolve().parent == folder.resolve():
        return source
    files = list(_files(source))
    whole = sum(file.stat().st_size for file in files)
    if shutil.disk_usage(folder).free < whole + _SPARE_BYTES:
        raise EnvironmentFault(
            _("{name} does not fit: {megabytes} MB are needed beside what the store keeps free.").format(
                name=source.name, megabytes=whole // 1_000_000
            )
        )
    target = _free_name(folder, source.name)
    part = folder / f".{target.name}.part"
    _remove(part)
    done = 0
    try:
        for file in files:
            inside = part if source.is_file() else part / file.relative_to(source)
            inside.parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as origin, inside.open("wb") as sink:
                while piece := origin.read(_PIECE_BYTES):
                    if stop.is_set():
                        raise IntakeStopped
                    sink.write(piece)
                    done += len(piece)
                    progressed(done / max(1, whole))
        beside = source.with_name(f"{source.stem if source.is_file() else source.name}.toml")
        if beside.is_file() and beside != source:
            name = f"{target.stem if source.is_file() else target.name}.toml"
            shutil.copyfile(beside, folder / name)
        part.replace(target)
    finally:
        _remove(part)
    return target


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for folder, _folders, names in os.walk(source):
        for name in names:
            yield Path(folder) / name


def _free_name(folder: Path, name: str) -> Path:
    """The name, or with a number before its suffixes where it is taken."""
    stem, dot, rest = name.partition(".")
    number = 1
    target = folder / name
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}{dot}{rest}"
    return target


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)
