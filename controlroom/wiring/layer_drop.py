"""Many files dropped onto a map at once: how many are read, which are broken, and how to stop."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from controlroom.i18n import _, _n
from controlroom.wiring.seat import Seat
from controlroom.wiring.thematic_maps import MapSheets

_FEW = 2
_MOST_NAMED = 5


class DropBatch(QObject):
    """Follows the layers of one drop on one map; fewer than two files tell of themselves."""

    def __init__(self, seat: Seat, sheets: MapSheets) -> None:
        super().__init__(sheets)
        self._seat = seat
        self._view = sheets.view
        self._waiting: set[str] = set()
        self._count = 0
        self._broken: list[str] = []
        self._view.layer_menu_filled.connect(self._fill)

    @property
    def waiting(self) -> int:
        """How many layers are still to be read."""
        return len(self._waiting)

    def holds(self, key: str) -> bool:
        """Whether a layer came with a drop and is not read yet."""
        return key in self._waiting

    def begin(self, keys: set[str], broken: list[str]) -> None:
        """These layers came with a drop; `broken` are sentences about files that are none."""
        self._waiting |= keys
        self._count += len(keys) + len(broken)
        self._broken += broken
        self._tell()

    def ended(self, key: str, sentence: str = "") -> None:
        """A layer was read, or is broken as the sentence says."""
        if key in self._waiting:
            self._waiting.discard(key)
            if sentence:
                self._broken.append(sentence)
            self._tell()

    def stop(self) -> None:
        """What is not read yet is hidden, which ends its reading; it can be shown later."""
        left, self._waiting = self._waiting, set()
        for key in left:
            if self._view.tree.layer(key) is not None:
                self._view.tree.show(key, False)
        self._tell(stopped=len(left))

    def _tell(self, stopped: int = 0) -> None:
        if self._waiting:
            words = _("Reading layers: {done} of {count}; the menu of any layer stops it")
            hint = words.format(done=self._count - len(self._waiting), count=self._count)
            self._view.toolbar.set_hint(hint if self._count >= _FEW else "")
            return
        self._view.toolbar.set_hint("")
        if self._count >= _FEW:
            good = self._count - len(self._broken) - stopped
            told = [_n("{count} layer is read", "{count} layers are read", good).format(count=good)]
            if stopped:
                told.append(_("{count} were stopped").format(count=stopped))
            told += self._broken[:_MOST_NAMED]
            if len(self._broken) > _MOST_NAMED:
                told.append(_("{count} more are broken").format(count=len(self._broken) - _MOST_NAMED))
            self._seat.requests.told.emit("\n".join(told))
        self._count, self._broken = 0, []

    def _fill(self, menu: QMenu, _layer_id: str) -> None:
        if self._waiting:
            words = _("Stop reading what was dropped ({count} left)").format(count=len(self._waiting))
            menu.addAction(words, partial(self.stop))
