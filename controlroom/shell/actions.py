"""Everything an officer can do from the keyboard, in one register that menus, help and the command bar read."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

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

    def trigger(self, id: str) -> None:
        """Do it. Raises KeyError for an unknown id."""
        self._actions[id].trigger()


def keys_of(action: QAction) -> str:
    """The keys of an action as people write them."""
    return ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())


class Shortcuts(QDialog):
    """What every key does, by group."""

    def __init__(
        self,
        actions: Iterable[QAction],
        parent: QWidget | None = None,
        panels: Mapping[str, Iterable[QAction]] | None = None,
        modes: Mapping[str, Iterable[tuple[str, str]]] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle(_("Keyboard"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tree = QTreeWidget()
        self.tree.setObjectName("keys")
        self.tree.setHeaderLabels([_("Action"), _("Keys"), _("What it does")])
        self.tree.setRootIsDecorated(False)
        groups: dict[str, QTreeWidgetItem] = {}
        for action in actions:
            group = str(action.property("group"))
            if group not in groups:
                groups[group] = QTreeWidgetItem(self.tree, [group])
            QTreeWidgetItem(groups[group], [action.text(), keys_of(action), action.statusTip()])
        for panel, held in (panels or {}).items():
            group_item = QTreeWidgetItem(self.tree, [panel])
            for action in held:
                QTreeWidgetItem(group_item, [action.text(), keys_of(action), _("while the keyboard is in this panel")])
        for mode, keys in (modes or {}).items():
            mode_item = QTreeWidgetItem(self.tree, [mode])
            for key, deed in keys:
                QTreeWidgetItem(mode_item, [deed, key, _("while this mode is open")])
        self.tree.expandAll()
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.tree)
        column.addWidget(buttons)
        self.tree.header().setStretchLastSection(True)
        self.resize(1080, 680)
