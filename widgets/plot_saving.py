"""Saves what a plot shows: asks for a file, writes it, tells how far it is and why it failed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from widgets.plot_chart import PlotState
from widgets.plot_curve import Curve
from widgets.plot_export import Sheet, newest_text, save_picture
from widgets.plot_history import BINS_MOST, BINS_PER_COLUMN, History, Running, Spawn
from widgets.plot_table_file import TableFile

_RAW_STEP = timedelta(hours=6)
"""Every reading is asked for in parts of this length, so that a long table never stands in memory."""


class Savable(Protocol):
    """A plot whose curves can be saved."""

    @property
    def curves(self) -> Sequence[Curve]:
        """What is shown."""

    @property
    def together(self) -> bool:
        """Whether all curves share one chart."""

    @property
    def now(self) -> datetime:
        """The time of the plot."""

    @property
    def columns(self) -> int:
        """The width of the time axis in pixels."""

    def state(self) -> PlotState:
        """What is shown around the curves."""


class PlotSaving(QObject):
    """Files of one plot. A table is fetched and written part by part and can be cancelled."""

    told = Signal(str, bool)
    """A sentence for the officer, and whether something is still going on that can be cancelled."""

    def __init__(self, plot: Savable, window: QWidget, history: History, spawn: Spawn) -> None:
        super().__init__(window)
        self._plot, self._window = plot, window
        self._history, self._spawn = history, spawn
        self._running: Running | None = None
        self._file: Path | None = None
        self.origin = ""

    @property
    def busy(self) -> bool:
        """Whether a table is being written."""
        return self._file is not None

    def ask_picture(self, ending: str) -> None:
        """Ask where to save the picture; `png` or `svg`."""
        self._ask(_("Save the plot"), ending, self.save_picture)

    def ask_table(self, raw: bool) -> None:
        """Ask where to save the table."""
        self._ask(_("Save the readings"), "csv", self.save_raw if raw else self.save_binned)

    def save_picture(self, path: str) -> None:
        """Write what is shown as PNG or SVG, by the ending of the name."""
        plot, file = self._plot, Path(path)
        if not plot.curves:
            return
        try:
            save_picture(file, plot.curves, plot.together, plot.state(), self._sheet())
        except OSError as error:
            self._tell_failure(file, error)
            return
        self.told.emit(_("Saved: {file}").format(file=file.name), False)

    def save_raw(self, path: str) -> None:
        """Write every reading of the window."""
        self._save_table(Path(path), True)

    def save_binned(self, path: str) -> None:
        """Write least, greatest and mean as they are shown."""
        self._save_table(Path(path), False)

    def cancel(self) -> None:
        """Stop writing a table; what was written so far is removed."""
        running, self._running = self._running, None
        file, self._file = self._file, None
        if running is not None:
            running.cancel()
        if file is not None:
            file.unlink(missing_ok=True)
            self.told.emit(_("Saving was cancelled"), False)

    def _ask(self, title: str, ending: str, save: object) -> None:
        plot = self._plot
        if not plot.curves:
            return
        dialog = QFileDialog(self._window, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{ending.upper()} (*.{ending})")
        dialog.setDefaultSuffix(ending)
        dialog.selectFile(f"plot-{plot.now:%Y%m%d-%H%M%S}.{ending}")
        dialog.fileSelected.connect(save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _sheet(self) -> Sheet:
        curves = self._plot.curves
        names = dict.fromkeys(curve.sensor.name for curve in curves)
        title = "、".join(list(names)[:4]) + ("…" if len(names) > 4 else "")
        newest = [float(curve.ring.time_s[-1]) for curve in curves if len(curve.ring)]
        newest_at = datetime.fromtimestamp(max(newest), UTC) if newest else None
        return Sheet(title=title, origin=self.origin, written_at=self._plot.now, newest_at=newest_at)

    def _save_table(self, file: Path, raw: bool) -> None:
        plot = self._plot
        if not plot.curves or self.busy:
            return
        stretch = plot.state().stretch
        until_s = min(stretch.end_s, plot.now.timestamp() + 1.0)
        since, until = datetime.fromtimestamp(stretch.start_s, UTC), datetime.fromtimestamp(until_s, UTC)
        sheet = self._sheet()
        remarks = [text for text in (sheet.origin, newest_text(sheet)) if text]
        try:
            table = TableFile(file, raw, remarks)
        except OSError as error:
            self._tell_failure(file, error)
            return
        self._file = file
        work = self._write(table, file, list(plot.curves), since, until, raw, plot.columns)
        running = self._spawn(work, "plot table")
        self._running = running if self.busy else None

    async def _write(
        self,
        table: TableFile,
        file: Path,
        curves: list[Curve],
        since: datetime,
        until: datetime,
        raw: bool,
        columns: int,
    ) -> None:
        parts = max(-(-(until - since) // _RAW_STEP), 1) if raw else 1
        bins = 0 if raw else min(columns * BINS_PER_COLUMN, BINS_MOST)
        try:
            for number, curve in enumerate(curves):
                for part in range(parts):
                    begin = since + part * _RAW_STEP
                    end = min(begin + _RAW_STEP, until) if raw else until
                    past = await self._history([curve.index], begin, end, bins)
                    if not shiboken6.isValid(self) or self._file != file:
                        return
                    for series in past.series:
                        table.add(curve.sensor, series)
                    share = (number + (part + 1) / parts) / len(curves)
                    self.told.emit(_("Saving {percent} %").format(percent=round(100 * share)), True)
        except ControlRoomError as error:
            self._file = self._running = None
            reason = error.sentence if isinstance(error, EnvironmentFault) else str(error)
            self._tell_not_saved(file, reason)
            return
        except OSError as error:
            self._file = self._running = None
            self._tell_failure(file, error)
            return
        finally:
            table.close()
        self._file = self._running = None
        text = _("Saved: {file}, {count} rows").format(file=file.name, count=table.rows)
        if table.rows_of_bins:
            text += " · " + _("{count} of them are means: the readings are no longer kept").format(
                count=table.rows_of_bins
            )
        self.told.emit(text, False)

    def _tell_failure(self, file: Path, error: OSError) -> None:
        self._tell_not_saved(file, error.strerror or str(error))

    def _tell_not_saved(self, file: Path, reason: str) -> None:
        words = _("{file} was not saved: {reason}. Choose another folder or try again.")
        self.told.emit(words.format(file=file.name, reason=reason), False)
