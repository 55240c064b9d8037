"""How a sensor travels from one widget to another by the mouse: plain text, one `sensor:<id>` a line."""

from PySide6.QtCore import QMimeData

from controlroom.bridge.models.sensor_model import DRAG_PREFIX


def dragged_sensors(data: QMimeData) -> list[str]:
    """The ids of the sensors that a drag carries; empty for anything else."""
    if not data.hasText():
        return []
    return [line.removeprefix(DRAG_PREFIX) for line in data.text().splitlines() if line.startswith(DRAG_PREFIX)]
