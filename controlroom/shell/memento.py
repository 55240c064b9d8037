"""What the desk remembers of itself: places, splits, tabs and columns, for each layout and set of monitors."""

import contextlib
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from layouts import Window

_SETS_KEPT = 24
_log = logging.getLogger(__name__)


@runtime_checkable
class Keeps(Protocol):
    """A widget that has something to remember; what it gives must be plain JSON values."""

    def state(self) -> dict[str, Any]:
        """What should be found again after a restart."""

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state()` gave, perhaps of an older edition; what does not fit is left out."""


class WindowMemento(Struct, frozen=True, omit_defaults=True):
    """One window: its monitor's key, its rectangle relative to that monitor, and what is inside.

    `guest` tells that it stood there only because its own monitor was absent.
    `splits` and `tabs` are by the path of the node ("0.1"), `panels` by kind and ordinal ("alarms#0").
    """

    screen: str = ""
    rect: tuple[int, int, int, int] | None = None
    fill: str = ""
    guest: bool = False
    splits: dict[str, list[int]] = {}
    tabs: dict[str, int] = {}
    panels: dict[str, dict[str, Any]] = {}


class Arrangement(Struct, frozen=True, omit_defaults=True):
    """All windows of a layout on one set of monitors; `kept` counts up, the highest is the newest.

    `extras` are the windows that the officer opened beside those of the layout.
    """

    layout: str
    monitors: str
    kept: int
    windows: dict[str, WindowMemento] = {}
    extras: tuple[Window, ...] = ()


class _File(Struct, omit_defaults=True):
    edition: int = 1
    layout: str = ""
    arrangements: list[Arrangement] = []


class Memento:
    """A JSON file in the state folder. `now` names a broken file that is set aside. GUI thread only.

    `fault` tells that the file was broken or unreadable when it was opened.
    """

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self.fault: EnvironmentFault | None = None
        self._file = self._load(now)
        self._saved = msgspec.json.encode(self._file)

    @property
    def layout(self) -> str:
        """The layout that was in use last, or an empty text."""
        return self._file.layout

    def recall(self, layout: str, monitors: str) -> Arrangement | None:
        """What was kept for exactly this layout and set of monitors."""
        for arrangement in self._file.arrangements:
            if (arrangement.layout, arrangement.monitors) == (layout, monitors):
                return arrangement
        return None

    def recall_inside(self, layout: str) -> Arrangement | None:
        """The newest of a layout whatever the monitors: good for splits, tabs and columns, not for places."""
        known = [arrangement for arrangement in self._file.arrangements if arrangement.layout == layout]
        return max(known, key=lambda arrangement: arrangement.kept, default=None)

    def keep(
        self, layout: str, monitors: str, windows: dict[str, WindowMemento], extras: tuple[Window, ...] = ()
    ) -> None:
        """Hold an arrangement for the next `save`; the oldest beyond a bound are forgotten."""
        others = [a for a in self._file.arrangements if (a.layout, a.monitors) != (layout, monitors)]
        newest = max((a.kept for a in self._file.arrangements), default=0)
        others.sort(key=lambda a: a.kept)
        arrangement = Arrangement(layout, monitors, newest + 1, windows, extras)
        self._file.arrangements = [*others[-(_SETS_KEPT - 1) :], arrangement]
        self._file.layout = layout

    def forget(self, layout: str) -> None:
        """Give a layout back the shape its file describes."""
        self._file.arrangements = [a for a in self._file.arrangements if a.layout != layout]

    def save(self) -> None:
        """Write the file if anything changed, whole or not at all. Raises EnvironmentFault."""
        _number_anew(self._file)
        raw = msgspec.json.encode(self._file)
        if raw == self._saved:
            return
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(msgspec.json.format(raw, indent=1))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as fault:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise EnvironmentFault(
                _("The positions of the windows cannot be saved in {file}: {reason}.").format(
                    file=self._path, reason=fault.strerror or fault
                )
            ) from fault
        self._saved = raw

    def _load(self, now: datetime) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except OSError as fault:
            reason: object = fault.strerror or fault
        except (ValueError, RecursionError) as fault:
            reason = fault
        aside = self._path.with_name(f"{self._path.name}.broken-{now:%Y%m%dT%H%M%S}")
        with contextlib.suppress(OSError):
            self._path.replace(aside)
        _log.warning("%s is set aside as %s: %s", self._path, aside, reason)
        self.fault = EnvironmentFault(
            _("The saved window positions were unreadable and are set aside as {file}; the layout is as new.").format(
                file=aside
            )
        )
        return _File()


def _number_anew(file: _File) -> None:
    """Small numbers in the order of keeping, so that an unchanged desk gives an unchanged file."""
    file.arrangements = [
        msgspec.structs.replace(arrangement, kept=number)
        for number, arrangement in enumerate(sorted(file.arrangements, key=lambda a: a.kept), 1)
    ]
