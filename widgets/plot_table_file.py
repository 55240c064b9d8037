"""The readings of a plot as a CSV file: every reading, or least, greatest and mean of bins; with quality and unit."""

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from controlroom.domain.sensor import Sensor
from widgets.plot_archive import PastSeries
from widgets.plot_axis import DISTRICT

RAW = ("time", "sensor", "name", "town", "kind", "unit", "value", "quality")
BINNED = ("from", "to", "sensor", "name", "town", "kind", "unit", "least", "greatest", "mean", "worst_quality")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TableFile:
    """A CSV file that is written part by part (UTF-8 with a mark, for spreadsheets); rows of readings or of bins.

    Times are ISO 8601 with the district's offset; quality 0 is good. Where only bins are kept any more, a table of
    readings tells their mean with the quality and says so in `rows_of_bins`. Raises OSError.
    """

    def __init__(self, file: Path, raw: bool, remarks: Sequence[str]) -> None:
        self._raw = raw
        self.rows = self.rows_of_bins = 0
        self._file: TextIO = file.open("w", encoding="utf-8-sig", newline="")
        self._out = csv.writer(self._file)
        for remark in remarks:
            self._out.writerow([f"# {remark}"])
        self._out.writerow(RAW if raw else BINNED)

    def add(self, sensor: Sensor, series: PastSeries) -> None:
        """Append one sensor's readings or bins."""
        named = [_plain(text) for text in (sensor.id, sensor.name, sensor.town, sensor.kind, sensor.unit)]
        for row in self._rows(named, series):
            self._out.writerow(row)
            self.rows += 1
        if series.width_ms and self._raw:
            self.rows_of_bins += len(series.time)

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _rows(self, named: list[str], series: PastSeries) -> Iterator[list[Any]]:
        width_ms = series.width_ms
        columns = (series.time, series.value, series.least, series.greatest, series.quality)
        for time_ms, value, least, greatest, quality in zip(*(c.tolist() for c in columns), strict=True):
            if self._raw:
                yield [_time(time_ms), *named, _number(value), quality]
            else:
                numbers = (_number(least), _number(greatest), _number(value))
                yield [_time(time_ms), _time(time_ms + width_ms), *named, *numbers, quality]


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, DISTRICT).isoformat(timespec="milliseconds")


def _number(value: float) -> str:
    return f"{value:.7g}" if math.isfinite(value) else ""


def _plain(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
