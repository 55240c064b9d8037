"""Layouts from the packaged presets and from the officer's folder; a fault is told and never stops the room."""

import contextlib
import importlib.resources
import logging
import re
import tomllib
from pathlib import Path

import msgspec

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from layouts.schema import Preference, Preset

DEFAULT = "single"
"""The preset that fits every machine."""

_LIMIT_BYTES = 256 * 1024
_NAME = re.compile(r"^[\w][\w.-]{0,63}$")
_log = logging.getLogger(__name__)


def decode(raw: bytes, file: str) -> Preset:
    """A preset from the text of a file. Raises EnvironmentFault with the file and the path inside it."""
    try:
        if len(raw) > _LIMIT_BYTES:
            raise ValueError(f"more than {_LIMIT_BYTES // 1024} KiB")
        return msgspec.convert(tomllib.loads(raw.decode("utf-8")), Preset)
    except (ValueError, RecursionError) as fault:
        reason = "nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        raise EnvironmentFault(
            _("The layout {file} cannot be used: {reason}. Correct or delete this file.").format(
                file=file, reason=reason
            )
        ) from fault


class Presets:
    """Finds layouts by name: the officer's `folder` first, then the packaged ones.

    `last_good` is a folder where the last usable text of each of the officer's layouts is kept. With `monitor` all
    windows go to that one.
    """

    def __init__(
        self, folder: Path | None = None, last_good: Path | None = None, monitor: Preference | None = None
    ) -> None:
        self._folder = folder
        self._last_good = last_good
        self._monitor = monitor

    def names(self) -> list[str]:
        """The names of all layouts, the packaged ones first."""
        packaged = sorted(
            entry.name.removesuffix(".toml") for entry in _packaged().iterdir() if entry.name.endswith(".toml")
        )
        own: list[str] = []
        if self._folder is not None and self._folder.is_dir():
            own = sorted(path.stem for path in self._folder.glob("*.toml") if _NAME.match(path.stem))
        return packaged + [name for name in own if name not in packaged]

    def load(self, name: str) -> Preset:
        """The preset of a name. Raises EnvironmentFault when it is missing or cannot be used."""
        if not _NAME.match(name):
            raise EnvironmentFault(_("There is no layout of the name {name}.").format(name=name))
        own = self._folder / f"{name}.toml" if self._folder is not None else None
        if own is not None and own.is_file():
            raw = _read(own)
            preset = decode(raw, str(own))
            self._remember(name, raw)
            return preset
        packaged = _packaged() / f"{name}.toml"
        if not packaged.is_file():
            raise EnvironmentFault(_("There is no layout of the name {name}.").format(name=name))
        return decode(packaged.read_bytes(), f"{name}.toml")

    def load_or_fallback(self, name: str) -> tuple[str, Preset, EnvironmentFault | None]:
        """The name and preset to use, and the fault to tell when it is not the one that was asked for.

        Falls back to the last good text of the same name, then to the packaged one, then to the default.
        """
        try:
            return name, self._placed(self.load(name)), None
        except EnvironmentFault as fault:
            _log.warning("layout %s: %s", name, fault.sentence)
            told = fault
        if _NAME.match(name):
            for raw in self._fallbacks(name):
                with contextlib.suppress(EnvironmentFault):
                    return name, self._placed(decode(raw, name)), told
        return DEFAULT, self._placed(decode((_packaged() / f"{DEFAULT}.toml").read_bytes(), DEFAULT)), told

    def _placed(self, preset: Preset) -> Preset:
        if self._monitor is None:
            return preset
        windows = tuple(msgspec.structs.replace(window, monitor=self._monitor) for window in preset.windows)
        return msgspec.structs.replace(preset, windows=windows)

    def _fallbacks(self, name: str) -> list[bytes]:
        found = []
        if self._last_good is not None:
            with contextlib.suppress(OSError):
                found.append((self._last_good / f"{name}.toml").read_bytes())
        packaged = _packaged() / f"{name}.toml"
        if packaged.is_file():
            found.append(packaged.read_bytes())
        return found

    def _remember(self, name: str, raw: bytes) -> None:
        if self._last_good is None:
            return
        target = self._last_good / f"{name}.toml"
        part = target.with_suffix(".part")
        try:
            if target.is_file() and target.read_bytes() == raw:
                return
            self._last_good.mkdir(parents=True, exist_ok=True)
            part.write_bytes(raw)
            part.replace(target)
        except OSError as fault:
            _log.warning("the last good layout %s cannot be kept: %s", name, fault)


def _packaged() -> importlib.resources.abc.Traversable:
    return importlib.resources.files("layouts") / "presets"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT_BYTES + 1)
    except OSError as fault:
        raise EnvironmentFault(
            _("The layout {file} cannot be read: {reason}. Check the rights of this file.").format(
                file=path, reason=fault.strerror or fault
            )
        ) from fault
