"""Collects garbage on the GUI thread alone.

Python collects cycles on whichever thread happens to allocate. Where that is not the GUI's, widgets in a cycle would be
destroyed beside the loop that they belong to, and Qt ends the process.
"""

import gc
import time

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000

REST = 2000.0
"""A whole collection walks everything the room knows: it rests this many times as long as it took."""

REST_LEAST_S = 30.0


class Collector(QObject):
    """Stands in for the automatic collection between `start` and `stop`. Made and used on the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._whole_after_s = 0.0
        self._automatic = True

    def start(self) -> None:
        """From here on nothing is collected elsewhere."""
        self._automatic = gc.isenabled()
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Python collects as before."""
        self._timer.stop()
        if self._automatic:
            gc.enable()

    def look(self) -> None:
        """Collect the oldest generation that is due by Python's own thresholds."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        began_s = time.monotonic()
        if counts[2] > thresholds[2] and began_s >= self._whole_after_s:
            gc.collect()
            ended_s = time.monotonic()
            self._whole_after_s = ended_s + max(REST_LEAST_S, REST * (ended_s - began_s))
        elif counts[1] > thresholds[1]:
            gc.collect(1)
        elif counts[0] > thresholds[0]:
            gc.collect(0)
