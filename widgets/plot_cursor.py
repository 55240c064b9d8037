"""One cursor for all plots of a seat: a time that is pointed at, and one that differences are told from."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal


class PlotCursor(QObject):
    """Where the officer points, in whichever plot. Values are read there by each plot itself, live or not."""

    moved = Signal()
    """`at` or `reference` is another one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.at: datetime | None = None
        self.reference: datetime | None = None

    def point(self, at: datetime | None) -> None:
        """Point at a time, or at none."""
        if at != self.at:
            self.at = at
            self.moved.emit()

    def refer(self, at: datetime | None) -> None:
        """Tell differences from this time on, or none any more."""
        if at != self.reference:
            self.reference = at
            self.moved.emit()
