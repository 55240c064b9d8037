"""TEMP."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class DrillTransport(QWidget):
    """TEMP."""

    transport_asked = Signal(object, float)

    def show_drill(self, drill: object) -> None:
        """TEMP."""
