"""Everything an officer can do from the keyboard, in one register that menus, help and the command bar read."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from controlroom.i18n import _


class Actions(QObject):
    """The register. An action works in every window that was bound, wherever the focus is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._windows: list[QWidget] = []
        self.modes: dict[str, tuple[tuple[str, str], ...]] = {}
        """Keys that a mode reads as long as it is open: by its title, each key as people write it and its deed."""

    def add(
        self,
        id: str,
        text: str,
        handler: Callable[[], object],
        *,
        group: str = "",
        help: str = "",
        shortcuts: Sequence[str] = (),
    ) -> QAction:
        """A new action. `shortcuts` are portable key names. Raises ValueError for an id or key taken already."""
        if id in self._actions:
            raise ValueError(f"action {id} exists")
        keys = [QKeySequence(shortcut) for shortcut in shortcuts]
        for other in self._actions.values():
            if any(key in other.shortcuts() for key in keys):
                raise ValueError(f"{id} and {other.objectName()} have the same key")
        action = QAction(text, self)
        action.setObjectName(id)
        action.setShortcuts(keys)
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        action.setStatusTip(help)
        action.setProperty("group", group or _("General"))
        action.triggered.connect(lambda _checked=False: handler())
        self._actions[id] = action
        for window in self._windows:
            window.addAction(action)
        return action

    def remove(self, id: str) -> None:
        """Take an action back, for example that of a plugin that is stopped."""
        action = self._actions.pop(id, None)
        if action is not None:
            action.deleteLater()

    def bind(self, window: QWidget) -> None:
        """Let the actions' keys work in a window, now and later, until it is destroyed."""
        self._windows.append(window)
        window.addActions(self.all())
        window.destroyed.connect(lambda: self._windows.remove(window) if window in self._windows else None)

    def all(self) -> list[QAction]:
        """All actions in the order they were added."""
        return list(self._actions.values())

    def get(self, id: str) -> QAction:
        """One of them. Raises KeyError for an unknown id."""
        return self._actions[id]

    def trigger(self, id: str) -> None:
        """Do it. Raises KeyError for an unknown id."""
        self._actions[id].trigger()


def keys_of(action: QAction) -> str:
    """The keys of an action as people write them."""
    return ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
