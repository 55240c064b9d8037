"""A whole run of `controlroom` whose officer sees the hub die and come back and then closes every window; a process."""

import os
import sys
from functools import partial
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer

from controlroom import app
from controlroom.seat.status import LinkState
from tests.journeys.pilot import Plan


class Visit(QObject):
    """What happens in the visit, looked at four times a second."""

    def __init__(self, seat: app.SeatApp, crash: str) -> None:
        super().__init__(seat)
        self._seat = seat
        self._crash = crash
        self._killed = 0
        self._look = QTimer(self, interval=250)
        self._look.timeout.connect(self._step)
        self._look.start()

    def _step(self) -> None:
        pids = {child.name: child.process.pid for child in self._seat.family.children if child.process is not None}
        live = self._seat.pump.status.state is LinkState.LIVE and bool(self._seat.pump.room.alarms)
        if not live or len(pids) < 2:
            return
        if self._crash and not self._killed:
            self._killed = pids[self._crash]
            os.kill(self._killed, 9)
        elif not self._crash or pids[self._crash] != self._killed:
            self._look.stop()
            below = [process.pid for process in psutil.Process().children(recursive=True)]
            sys.stdout.write(" ".join(map(str, below)) + "\n")
            sys.stdout.flush()
            for window in list(self._seat.windows.desk.windows.values()):
                window.close()


def main(home: str, crash: str) -> int:
    """Run it; `crash` is hub, simulator or empty."""
    return app.run(Plan(home=Path(home)).options(), partial(Visit, crash=crash))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
