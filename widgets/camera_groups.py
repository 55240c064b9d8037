"""Favourites and groups of cameras: their tree, their entries in menus, and the dialog that names a new one."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from controlroom.bridge.camera_catalogue import Node, Tree, is_playable
from controlroom.bridge.raw_text import harmless
from controlroom.domain.camera import Camera
from controlroom.domain.camera_group import CameraGroup
from controlroom.i18n import _, _n

PATH = "group/"
"""What the path of a group's node begins with; the group's id follows."""


class CameraGroups(QObject):
    """The groups that the officer sees, favourites first. What the officer wants of them is told by signals."""

    changed = Signal(str, list, list)
    """group, cameras to add, cameras to take out; an empty group means the favourites."""
    made = Signal(str, bool, list)
    """name, shared, cameras."""
    removed = Signal(str)

    def __init__(self, camera: Callable[[str], Camera | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._camera = camera
        self._window = parent
        self._groups: dict[str, CameraGroup] = {}
        self.favourites: frozenset[str] = frozenset()

    def set_groups(self, groups: Iterable[CameraGroup]) -> None:
        """All groups that the officer sees."""
        ordered = sorted(groups, key=lambda group: (not group.is_favourites, not group.owner, group.name, group.id))
        self._groups = {group.id: group for group in ordered}
        self.favourites = frozenset(i for group in ordered if group.is_favourites for i in group.cameras)

    def name(self, identity: str) -> str:
        """What a group is called; one that all officers see says so."""
        group = self._groups.get(identity)
        if group is None:
            return identity
        if group.is_favourites:
            return _("★ Favourites")
        return harmless(group.name) if group.owner else _("{name} (shared)").format(name=harmless(group.name))

    def tree(self) -> Tree:
        """A node for each group."""
        nodes, node_of = [Node("", children=tuple(range(1, len(self._groups) + 1)))], {}
        for row, group in enumerate(self._groups.values()):
            held = [camera for camera in map(self._camera, group.cameras) if camera is not None]
            cameras = tuple(camera.id for camera in held)
            node_of.update(dict.fromkeys(cameras, row + 1))
            playable = sum(map(is_playable, held))
            node = Node(PATH + group.id, group.id, 0, row, 0, (), cameras, len(cameras), playable)
            nodes.append(node)
        nodes[0] = Node("", children=nodes[0].children, total=sum(node.total for node in nodes))
        return Tree(tuple(nodes), node_of)

    def toggle_favourites(self, cameras: Sequence[str]) -> None:
        """Make them favourites, or no longer when all of them are."""
        if cameras and all(identity in self.favourites for identity in cameras):
            self.changed.emit("", [], list(cameras))
        elif cameras:
            self.changed.emit("", [i for i in cameras if i not in self.favourites], [])

    def take_out(self, path: str, cameras: Sequence[str]) -> None:
        """Take cameras out of the group whose node they hang from."""
        if path.startswith(PATH) and cameras:
            self.changed.emit(path.removeprefix(PATH), [], list(cameras))

    def extend(self, menu: QMenu, cameras: list[str], path: str) -> None:
        """What can be done with cameras that are chosen; `path` is that of the node they hang from."""
        starred = all(identity in self.favourites for identity in cameras)
        words = _("No longer a favourite") if starred else _("Add to the favourites")
        menu.addAction(words, lambda: self.toggle_favourites(cameras)).setShortcut(Qt.Key.Key_F)
        into = menu.addMenu(_("Add to a group"))
        for group in self._groups.values():
            if not group.is_favourites:
                into.addAction(self.name(group.id), partial(self.changed.emit, group.id, list(cameras), []))
        into.addAction(_("New group…"), lambda: self.ask_name(cameras)).setShortcut(Qt.Key.Key_G)
        if path.startswith(PATH):
            menu.addAction(_("Take out of the group"), lambda: self.take_out(path, cameras)).setShortcut(
                Qt.Key.Key_Delete
            )
            menu.addAction(
                _("Remove the group “{name}”").format(name=self.name(path.removeprefix(PATH))),
                lambda: self.removed.emit(path.removeprefix(PATH)),
            )

    def ask_name(self, cameras: Sequence[str]) -> "GroupDialog":
        """Ask what a new group of these cameras is called."""
        dialog = GroupDialog(len(cameras), self._window)
        dialog.decided.connect(lambda name, shared: self.made.emit(name, shared, list(cameras)))
        dialog.open()
        return dialog


class GroupDialog(QDialog):
    """Name of a new group, and whether it is for everybody."""

    decided = Signal(str, bool)

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("New group of cameras"))
        self.name = QLineEdit()
        self.name.setMaxLength(100)
        self.name.setPlaceholderText(_("Name of the group"))
        self.name.setAccessibleName(_("Name of the group"))
        self.shared = QCheckBox(_("For everybody, at every seat"))
        buttons = QDialogButtonBox()
        self.save = buttons.addButton(_("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.save.setEnabled(False)
        self.name.textChanged.connect(self._named)
        column = QVBoxLayout(self)
        column.addWidget(QLabel(_n("{count} camera", "{count} cameras", count).format(count=count)))
        for widget in (self.name, self.shared, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(360)
        self.name.setFocus()

    def accept(self) -> None:
        """Tell it and close."""
        self.decided.emit(self.name.text().strip(), self.shared.isChecked())
        super().accept()

    def _named(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))
