"""The cameras near a place: which look at it, how far they are, and whether they answer."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from controlroom.bridge.graphic_wording import length_text
from controlroom.bridge.models.alarm_story import NearCamera
from controlroom.domain.camera import CameraHealth
from controlroom.i18n import _
from widgets.text_rows import plain_label

_LEAST_PX = 90


class NearCameras(QWidget):
    """A list below its title; Enter or a double click chooses a camera."""

    camera_chosen = Signal(str)
    """The id of the camera."""

    def __init__(self) -> None:
        super().__init__()
        self.cameras: tuple[NearCamera, ...] = ()
        self._head = plain_label(_("Nearest cameras"), bold=True)
        self.list = QListWidget()
        self.list.setMinimumHeight(_LEAST_PX)
        self.list.itemActivated.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._head)
        column.addWidget(self.list, 1)

    def show_cameras(self, cameras: Iterable[NearCamera], without_stream: Iterable[NearCamera] = ()) -> None:
        """Show these cameras: those that look there first, each kind nearest first.

        `without_stream` are nearer ones that nobody can watch: they are told, and cannot be chosen.
        """
        self.cameras = tuple(sorted(cameras, key=lambda near: (not near.sees_it, near.distance_m)))
        self.list.clear()
        states = {CameraHealth.ONLINE: _("online"), CameraHealth.OFFLINE: _("offline")}
        for near in self.cameras:
            health = states.get(near.camera.health, _("state unknown"))
            words = (
                _("{name} · {distance} · sees it · {health}") if near.sees_it else _("{name} · {distance} · {health}")
            )
            text = words.format(name=near.camera.name, distance=length_text(near.distance_m), health=health)
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, near.camera.id)
            self.list.addItem(item)
        for near in without_stream:
            text = _("Nearer: {name} · {distance} · no stream")
            item = QListWidgetItem(text.format(name=near.camera.name, distance=length_text(near.distance_m)))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setVisible(self.list.count() > 0)
        self._head.setText(_("Nearest cameras") if self.list.count() else _("No camera is known nearby"))

    def _choose(self, item: QListWidgetItem) -> None:
        self.camera_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
