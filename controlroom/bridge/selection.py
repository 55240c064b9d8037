"""What the officer has chosen; every view follows it."""

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """The chosen object of the seat: kind (`alarm`, `sensor`, `camera`, `vehicle`, `incident`) and id."""

    changed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kind = ""
        self.id = ""

    def select(self, kind: str, identity: str) -> None:
        """Choose an object; choosing the same again tells nobody."""
        if (kind, identity) != (self.kind, self.id):
            self.kind, self.id = kind, identity
            self.changed.emit(kind, identity)
