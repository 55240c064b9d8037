"""The report on the load of alarms, connected."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.governor import Governor
from controlroom.bridge.report_run import ReportRun
from controlroom.domain.room import Room
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wiring.seat import ZONE, Seat
from widgets.alarm_report import AlarmReportDialog


class AlarmReports(QObject):
    """Opens the dialog; one report is made at a time. `close` ends what is read."""

    def __init__(self, seat: Seat, governor: Governor, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._bands = governor.bands
        self._run = ReportRun(seat.commands, governor.bands, self._room)
        self.dialog: AlarmReportDialog | None = None

    def show(self, parent: QWidget | None) -> None:
        """Open the dialog, or bring it to the front."""
        if self.dialog is None:
            seat = self._seat
            self.dialog = AlarmReportDialog(
                self._run.report, seat.tasks.spawn, write, self._bands, self._now, ZONE, parent=parent
            )
            self.dialog.destroyed.connect(self._forget)
            self.dialog.start()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """End the thread that reports are made in."""
        if self.dialog is not None:
            self.dialog.cancel()
        self._run.close()

    def _forget(self) -> None:
        self.dialog = None

    def _now(self) -> datetime:
        return self._seat.clock.now()

    def _room(self) -> Room:
        return self._seat.pump.room


def write(path: Path, text: str) -> None:
    """Write a CSV that spreadsheets take for UTF-8. Raises EnvironmentFault."""
    try:
        path.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise EnvironmentFault(
            _("The report cannot be written to {path}: {error}").format(path=path, error=error.strerror)
        ) from error
