"""Files that are dropped onto a map: whoever knows a kind of file takes it, others are told apart with a sentence."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

Knows = Callable[[Path], bool]
Takes = Callable[[Sequence[Path]], object]


class MapDrop(QObject):
    """Watches a map and everything in it for dropped files of this machine.

    One map has one of these: `of` finds it, so that several parts can each take their kind.
    """

    unknown_dropped = Signal(list)
    """Paths that nobody knows."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._takers: list[tuple[Knows, Takes]] = []
        self._view = view
        view.setAcceptDrops(True)
        view.installEventFilter(self)

    @classmethod
    def of(cls, view: QWidget) -> "MapDrop":
        """The one of this map, made where there is none."""
        found = view.findChild(cls)
        return found if found is not None else cls(view)

    def accept(self, knows: Knows, takes: Takes) -> None:
        """Files that `knows` says yes to go to `takes`; who came first is asked first."""
        self._takers.append((knows, takes))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's entry."""
        if isinstance(event, QDropEvent) and not isinstance(event, QDragMoveEvent):
            return self._dropped(event)
        if isinstance(event, (QDragEnterEvent, QDragMoveEvent)) and self._paths(event.mimeData()):
            event.acceptProposedAction()
            return True
        return super().eventFilter(watched, event)

    def _dropped(self, event: QDropEvent) -> bool:
        paths = self._paths(event.mimeData())
        if not paths:
            return False
        event.acceptProposedAction()
        left = list(paths)
        for knows, takes in self._takers:
            known = [path for path in left if knows(path)]
            left = [path for path in left if path not in known]
            if known:
                takes(known)
        if left:
            self.unknown_dropped.emit(left)
        return True

    @staticmethod
    def _paths(data: QMimeData) -> list[Path]:
        return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
