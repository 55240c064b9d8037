"""How a sensor travels from one widget to another by the mouse."""

from PySide6.QtCore import QMimeData, QPointF, Qt, Signal
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from controlroom.bridge.models.sensor_model import DRAG_PREFIX, DRAG_TYPE, sensors_dragged


def dragged_sensors(data: QMimeData) -> list[str]:
    """The ids of the sensors that a drag carries; empty for anything else."""
    if data.hasFormat(DRAG_TYPE):
        lines = bytes(data.data(DRAG_TYPE).data()).decode("utf-8", "replace").splitlines()
        return [line for line in lines if line]
    if not data.hasText():
        return []
    return [line.removeprefix(DRAG_PREFIX) for line in data.text().splitlines() if line.startswith(DRAG_PREFIX)]


def drag_sensors(source: QWidget, ids: list[str]) -> None:
    """Let the mouse carry these sensors from a widget until its button is released."""
    if ids:
        drag = QDrag(source)
        drag.setMimeData(sensors_dragged(ids))
        drag.exec(Qt.DropAction.CopyAction)


class SensorHandle(QToolButton):
    """Stands for one sensor: pressed it is wanted in the plot, dragged it goes where the mouse takes it."""

    wanted = Signal(str)
    """The sensor (its id) is wanted in the plot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sensor = ""
        self._pressed: QPointF | None = None
        self.clicked.connect(self._want)
        self.set_sensor("")

    @property
    def sensor(self) -> str:
        """The id of its sensor, empty without one."""
        return self._sensor

    def set_sensor(self, sensor_id: str) -> None:
        """Stand for another sensor; without one it cannot be pressed."""
        self._sensor = sensor_id
        self.setEnabled(bool(sensor_id))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where, in case it is dragged."""
        self._pressed = event.position() if event.button() is Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag once the mouse went far enough."""
        pressed = self._pressed
        far = QApplication.startDragDistance()
        if pressed is not None and (event.position() - pressed).manhattanLength() >= far and self._sensor:
            self._pressed = None
            self.setDown(False)
            drag_sensors(self, [self._sensor])
            return
        super().mouseMoveEvent(event)

    def _want(self) -> None:
        self.wanted.emit(self._sensor)
