"""The shared cameras: found by words, told playable or not before they are opened, dragged onto a wall."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from controlroom.bridge.raw_text import tip
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.i18n import _
from widgets.camera_code import code_line
from widgets.video_badge import picture_word
from widgets.video_wall import MIME_PREFIX

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class CameraModel(QAbstractListModel):
    """The cameras whose name, id, town or department holds the words; those that can be played first."""

    def __init__(self) -> None:
        super().__init__()
        self._cameras: list[Camera] = []
        self._blobs: list[str] = []
        self._listed: list[Camera] = []
        self._words = ""

    @property
    def total(self) -> int:
        """How many cameras there are, listed or not."""
        return len(self._cameras)

    def set_cameras(self, cameras: Iterable[Camera]) -> None:
        """All cameras anew."""
        self._cameras = sorted(cameras, key=lambda camera: (not camera.url, camera.name, camera.id))
        self._blobs = [f"{c.name} {c.id} {c.town} {c.department}".casefold() for c in self._cameras]
        self.search(self._words)

    def change(self, cameras: Mapping[str, Camera], identities: Iterable[str]) -> None:
        """New states of some cameras; names and places stay as they were listed."""
        changed = set(identities)
        self._cameras = [cameras.get(c.id, c) if c.id in changed else c for c in self._cameras]
        self._listed = [cameras.get(c.id, c) if c.id in changed else c for c in self._listed]
        if self._listed:
            self.dataChanged.emit(self.index(0), self.index(len(self._listed) - 1))

    def search(self, words: str) -> None:
        """List the cameras that hold every word."""
        self.beginResetModel()
        self._words = words
        wanted = words.casefold().split()
        pairs = zip(self._cameras, self._blobs, strict=True)
        self._listed = [camera for camera, blob in pairs if all(word in blob for word in wanted)]
        self.endResetModel()

    def camera_at(self, row: int) -> Camera:
        """The camera of a row."""
        return self._listed[row]

    def row_of(self, identity: str) -> int:
        """The row of a camera, or -1."""
        return next((row for row, camera in enumerate(self._listed) if camera.id == identity), -1)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """How many are listed."""
        return 0 if parent.isValid() else len(self._listed)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Name, place and state in one line; more in the tooltip."""
        camera = self._listed[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return " · ".join(word for word in (f"{_mark(camera)} {camera.name}", camera.town, _state(camera)) if word)
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (camera.id, code_line(camera.id), camera.department, _state(camera))
            return tip("\n".join(line for line in lines if line))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{camera.name}, {_state(camera)}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Cameras that have an address may be dragged."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if self._listed[index.row()].url else flags

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:  # type: ignore[override]  # the stubs say Sequence
        """What a video wall takes."""
        data = QMimeData()
        if indexes:
            data.setText(MIME_PREFIX + self._listed[indexes[0].row()].id)
        return data


class CameraList(QWidget):
    """A search line over the list. Enter or a double click asks for the camera on the wall."""

    camera_selected = Signal(str)
    """The current row is now this camera."""
    camera_activated = Signal(str)
    """The camera is wanted on the wall."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CameraModel()
        self.model.setParent(self)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search cameras by name, number, town or department"))
        self.search.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setAccessibleName(_("Cameras"))
        self.count = QLabel()
        self.count.setProperty("faint", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        for widget in (self.search, self.list, self.count):
            column.addWidget(widget)
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self.model.search)
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.activated.connect(lambda index: self.camera_activated.emit(self.model.camera_at(index.row()).id))
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.model.modelReset.connect(self._count)
        self._count()

    def select(self, identity: str) -> None:
        """Choose a camera, as when it was clicked on the map."""
        row = self.model.row_of(identity)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row))

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid():
            self.camera_selected.emit(self.model.camera_at(current.row()).id)

    def _count(self) -> None:
        self.count.setText(
            _("{listed} of {total} cameras").format(listed=self.model.rowCount(), total=self.model.total)
        )


def _mark(camera: Camera) -> str:
    """A shape for the state, beside the word in tooltip and accessible text."""
    if not camera.url:
        return "○"
    if camera.faults and camera.health is not CameraHealth.OFFLINE:
        return "◐"
    return {CameraHealth.ONLINE: "●", CameraHealth.OFFLINE: "✕"}.get(camera.health, "◌")


def _state(camera: Camera) -> str:
    if not camera.url:
        return _("no stream is shared")
    words = {
        CameraHealth.ONLINE: _("online"),
        CameraHealth.OFFLINE: _("offline"),
        CameraHealth.UNKNOWN: _("state unknown"),
    }
    return _(", ").join([words[camera.health], *map(picture_word, camera.faults)])
