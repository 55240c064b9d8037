"""The files that were dropped onto a map from elsewhere: they are found again at the next start."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from controlroom.i18n import _

DROPPED = ".dropped.json"
"""In the folder of layers."""

_MOST = 500


class DroppedFiles:
    """Paths by the order in which they came, the newest last; the oldest go when there are too many."""

    def __init__(self, folder: Path, told: Callable[[str], object]) -> None:
        """`folder` is that of layers; `told` takes a sentence for the officer."""
        self._folder = folder
        self._told = told
        self.paths = self._read()

    def add(self, paths: Iterable[str]) -> None:
        """Keep these, too."""
        self.paths = list(dict.fromkeys([*self.paths, *paths]))[-_MOST:]
        self._write()

    def remove(self, path: str) -> None:
        """Forget one. Raises ValueError when it is not held."""
        self.paths.remove(path)
        self._write()

    def _read(self) -> list[str]:
        try:
            found = json.loads((self._folder / DROPPED).read_bytes())
        except (OSError, ValueError, RecursionError):
            return []
        return [path for path in found if isinstance(path, str)][:_MOST] if isinstance(found, list) else []

    def _write(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / DROPPED).write_text(json.dumps(self.paths, ensure_ascii=False, indent=1), "utf-8")
        except OSError as error:
            words = _("What was dropped cannot be remembered in {folder}: {reason}")
            self._told(words.format(folder=self._folder, reason=error.strerror or error))
