"""The directory as an item model: nothing is made for a camera before its row is asked for."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.camera_catalogue import Node, Tree
from controlroom.domain.camera import Camera
from controlroom.i18n import _

CAMERA_ROLE = Qt.ItemDataRole.UserRole
"""The id of a row's camera, empty for a node."""

PATH_ROLE = Qt.ItemDataRole.UserRole + 1
"""What names a row's node for good, empty for a camera."""

LIST_PAGE = 200
"""Rows of a plain list that are laid out at a time; more come when the officer has scrolled to the end."""

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(enum.IntEnum):
    """What a row tells."""

    NAME = 0
    STATE = 1


class CameraWords(ABC):
    """How rows are worded; the widget gives its own."""

    @abstractmethod
    def node(self, node: Node) -> str:
        """The title of a node."""

    @abstractmethod
    def name(self, camera: Camera, identity: str) -> str:
        """A camera's row in the first column."""

    @abstractmethod
    def state(self, camera: Camera) -> str:
        """A camera's row in the second column."""

    @abstractmethod
    def tip(self, camera: Camera) -> str:
        """A camera at length, ready to be shown as text."""


class CameraTree(QAbstractItemModel):
    """A tree of nodes and cameras, or a plain list of cameras. GUI thread.

    `camera` gives a camera as it is now, so that a changed state costs nothing but the painting of what is seen. An
    index carries the place of its parent's node in the tree.
    """

    def __init__(self, camera: Callable[[str], Camera | None], words: CameraWords, parent: QObject | None = None):
        super().__init__(parent)
        self._camera = camera
        self._words = words
        self._tree = Tree()
        self._shown = 0

    @property
    def tree(self) -> Tree:
        """What is shown."""
        return self._tree

    @property
    def is_list(self) -> bool:
        """Whether cameras stand at the top, without nodes."""
        return not self._tree.nodes[0].children and bool(self._tree.nodes[0].cameras)

    def show_tree(self, tree: Tree) -> None:
        """Show these nodes."""
        self.beginResetModel()
        self._tree = tree
        self._shown = min(LIST_PAGE, len(tree.nodes[0].cameras))
        self.endResetModel()

    def show_list(self, cameras: Sequence[str]) -> None:
        """Show these cameras in this order."""
        self.show_tree(Tree((Node("", cameras=tuple(cameras), total=len(cameras)),)))

    def recount(self, tree: Tree) -> None:
        """Take the same nodes with other counts; the caller paints anew what is seen."""
        self._tree = tree

    def camera_at(self, index: _Index) -> str:
        """The camera's id of a row, empty for a node."""
        if not index.isValid():
            return ""
        node = self._tree.nodes[index.internalId()]
        return "" if node.children else node.cameras[index.row()]

    def node_at(self, index: _Index) -> Node:
        """The node of a row; of a camera's row the one it hangs from."""
        if not index.isValid():
            return self._tree.nodes[0]
        node = self._tree.nodes[index.internalId()]
        return self._tree.nodes[node.children[index.row()]] if node.children else node

    def index_of(self, identity: str) -> QModelIndex:
        """The row of a camera, invalid where there is none."""
        place = 0 if self.is_list else self._tree.node_of.get(identity, -1)
        if place < 0 or identity not in self._tree.nodes[place].cameras:
            return QModelIndex()
        row = self._tree.nodes[place].cameras.index(identity)
        if place == 0 and row >= self._shown:
            self._show_more(row + 1)
        return self.createIndex(row, 0, place)

    def index_of_path(self, path: str) -> QModelIndex:
        """The row of a node, invalid where there is none."""
        for node in self._tree.nodes[1:]:
            if node.path == path:
                return self.createIndex(node.row, 0, node.parent)
        return QModelIndex()

    # ------------------------------------------------------------ what Qt asks

    def _place(self, index: _Index) -> int:
        """The place of a row's own node, -1 for a camera."""
        if not index.isValid():
            return 0
        node = self._tree.nodes[index.internalId()]
        return node.children[index.row()] if node.children else -1

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """How many hang from a row."""
        place = self._place(parent)
        if place < 0 or parent.column() > 0:
            return 0
        node = self._tree.nodes[place]
        if node.children:
            return len(node.children)
        return self._shown if place == 0 else len(node.cameras)

    def columnCount(self, _parent: _Index = _NOWHERE) -> int:
        """Name and state."""
        return len(Column)

    def hasChildren(self, parent: _Index = _NOWHERE) -> bool:
        """Whether a row is a node."""
        return self._place(parent) >= 0 and parent.column() <= 0

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        """The index of a row."""
        place = self._place(parent)
        if place < 0 or not 0 <= column < len(Column) or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, place)

    def parent(self, index: _Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]  # QObject.parent() beside it
        """The node that a row hangs from."""
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        node = self._tree.nodes[index.internalId()]
        return self.createIndex(node.row, 0, node.parent)

    def canFetchMore(self, parent: _Index) -> bool:
        """Whether a list has more rows than are laid out."""
        return not parent.isValid() and self._shown < len(self._tree.nodes[0].cameras)

    def fetchMore(self, parent: _Index) -> None:
        """Lay out the next rows of a list."""
        if not parent.isValid():
            self._show_more(self._shown + LIST_PAGE)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Cameras that have an address may be dragged."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        identity = self.camera_at(index)
        if not identity:
            return flags
        camera = self._camera(identity)
        flags |= Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsDragEnabled if camera is not None and camera.url else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The titles of the columns."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return _("Camera") if section == Column.NAME else _("State")

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title and counts of a node; name and state of a camera, as they are now."""
        identity = self.camera_at(index)
        if role == CAMERA_ROLE:
            return identity
        node = self.node_at(index)
        if role == PATH_ROLE:
            return "" if identity else node.path
        if not identity:
            return self._of_node(node, index.column(), role)
        camera = self._camera(identity)
        if camera is None:
            return identity if role == Qt.ItemDataRole.DisplayRole and index.column() == Column.NAME else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._words.tip(camera)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{camera.name}, {self._words.state(camera)}"
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._words.name(camera, identity) if index.column() == Column.NAME else self._words.state(camera)

    def _of_node(self, node: Node, column: int, role: int) -> str | None:
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._words.node(node)}, {_counts(node)}"
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._words.node(node) if column == Column.NAME else _counts(node)

    def mimeTypes(self) -> list[str]:
        """Plain text, as a video wall takes it."""
        return ["text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The cameras of the rows, a line each, so that several may be dropped at once."""
        ids = dict.fromkeys(self.camera_at(index) for index in indexes)
        data = QMimeData()
        data.setText("\n".join(f"{DRAG_PREFIX}{identity}" for identity in ids if identity))
        return data

    def _show_more(self, count: int) -> None:
        count = min(count, len(self._tree.nodes[0].cameras))
        if count > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, count - 1)
            self._shown = count
            self.endInsertRows()


DRAG_PREFIX = "camera:"
"""What a dragged camera's text begins with; its id follows."""


def _counts(node: Node) -> str:
    return _("{playable} of {total} playable").format(playable=node.playable, total=node.total)
