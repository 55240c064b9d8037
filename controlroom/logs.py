"""Where the program's words go: a file that rotates, and warnings to the error output."""

import logging
import logging.handlers
import re
import sys
from pathlib import Path

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

_SECRET = re.compile(r"(\w+://)(?:[^\s/@:'\"]+:[^\s'\"]*|[^\s/'\"]*)@")
"""Whatever stands before the last @ of an address: a password may hold @, : and / as they are."""

_NAMED = re.compile(r"([?&;](?:pass\w*|pwd|token|secret|key|auth\w*|signature)=)[^\s&;'\"]+", re.IGNORECASE)


class Masked(logging.Formatter):
    """A formatter that takes user names and passwords out of addresses."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without credentials."""
        return _NAMED.sub(r"\1***", _SECRET.sub(r"\1***@", super().format(record)))


def start(folder: Path, name: str, verbose: bool) -> None:
    """Send the root logger to `name`.log in a folder (5 files of 5 MB) and warnings to the error output.

    Raises EnvironmentFault when the folder cannot be written.
    """
    layout = Masked("%(asctime)s %(levelname)s %(process)d %(threadName)s %(name)s: %(message)s")
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = logging.handlers.RotatingFileHandler(
            folder / f"{name}.log", maxBytes=5_000_000, backupCount=4, encoding="utf-8"
        )
    except OSError as error:
        raise EnvironmentFault(
            _(
                "The log cannot be written to {folder} ({error}); make it writable or name another one with --home."
            ).format(folder=folder, error=error.strerror or error)
        ) from error
    file.setFormatter(layout)
    root.addHandler(file)
    shown = logging.StreamHandler(sys.stderr)
    shown.setLevel(logging.INFO if verbose else logging.WARNING)
    shown.setFormatter(layout)
    root.addHandler(shown)
