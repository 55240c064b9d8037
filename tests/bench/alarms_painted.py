"""From the hub's publishing to the screen at 10,000 alarms a second: link, frame clock, model, painted list."""

import os
import time

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.bridge.pump import Pump
from controlroom.clock import SystemClock
from controlroom.domain.alarm import Alarm
from controlroom.seat.link import Link
from controlroom.seat.status import LinkState
from tests.bench.flooding import Flooding
from tests.bench.report import Measure
from widgets.alarm_table import AlarmTable

RATE = 10_000
SIZE = (1900, 1056)


class _Watch(QObject):
    """Notes when what was told has been painted: `delays` in ms since the hub published it."""

    def __init__(self, table: AlarmTable, model: AlarmModel) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._waiting: list[float] = []
        self._model = model
        self._viewport = table.rows.viewport()
        self._viewport.installEventFilter(self)

    def change(self, alarms: list[Alarm]) -> None:
        """A batch of the frame clock, newest state of each alarm."""
        self._model.change(alarms)
        self._waiting += [alarm.changed_at.timestamp() for alarm in alarms]
        self._viewport.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # Qt's name
        if event.type() is QEvent.Type.Paint and self._waiting:
            waiting, self._waiting = self._waiting, []
            QTimer.singleShot(0, self, lambda: self._painted(waiting))
        return super().eventFilter(watched, event)

    def _painted(self, waiting: list[float]) -> None:
        now = time.time()
        self.delays += [1000 * (now - at) for at in waiting]


def measure(quick: bool) -> list[Measure]:
    """Delays and stalls over 4 s (quick) or 12 s of the flood."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    held = QApplication.instance() or QApplication(["bench"])
    seconds = 4 if quick else 12
    flooding, clock = Flooding(seconds * RATE, RATE), SystemClock()
    link = Link(f"tcp://127.0.0.1:{flooding.requests}", clock)
    pump, model = Pump(link, clock), AlarmModel(clock.now())
    table = AlarmTable(model)
    watch = _Watch(table, model)
    pump.room_reset.connect(lambda: model.reset(pump.room.alarms.values()))
    pump.alarms_changed.connect(watch.change)
    table.resize(*SIZE)
    table.show()
    link.start()
    pump.start()
    while link.status.state is not LinkState.LIVE:
        QApplication.processEvents()
    gaps: list[float] = []
    elapsed, beat, loop = QElapsedTimer(), QTimer(), QEventLoop()

    def beaten() -> None:
        gaps.append(elapsed.nsecsElapsed() / 1e6)
        elapsed.restart()

    beat.setTimerType(Qt.TimerType.PreciseTimer)
    beat.timeout.connect(beaten)
    flooding.go()
    elapsed.start()
    beat.start(5)
    QTimer.singleShot(1000 * seconds + 500, loop.quit)
    loop.exec()
    beat.stop()
    pump.stop()
    table.hide()
    link.close()
    flooding.close()
    taken = pump.room.sequence
    del held
    note = f"{taken:,} of {seconds * RATE:,} alarms, {model.rowCount():,} rows, {SIZE[0]}x{SIZE[1]}"
    stalls = np.percentile(gaps, [50, 99, 100])
    return [
        Measure("painted_p99_ms", float(np.percentile(watch.delays, 99)), "ms", None, f"at {RATE:,}/s; {note}"),
        Measure("painted_p50_ms", float(np.median(watch.delays)), "ms", None, "publish to painted"),
        Measure("gui_stall_p99_ms", float(stalls[1]), "ms", None, f"beats of 5 ms: median {stalls[0]:.1f} ms"),
        Measure("gui_stall_max_ms", float(stalls[2]), "ms", None, note),
    ]
