"""Past readings as a CSV file, raw or as bins, fetched and written in parts that never hold up the window.

One line a reading or bin: time in the district's zone (ISO 8601), sensor, name, kind, unit, value (of a bin its mean),
least, greatest, how many good readings, quality in words and as a number, width in seconds (0: a reading). A stretch
in which no hub ran, or of which the history is damaged, is a line without values that says so, with its length as the
width. UTF-8 with a mark, so that spreadsheets read it.
"""

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from controlroom.bridge.part_file import aside, whole_file
from controlroom.domain.past_readings import PastReadings, Span
from controlroom.domain.readings import Quality
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms
from controlroom.i18n import _

PART = timedelta(hours=24)
"""Raw readings of one question at the most; where they are too many for one answer the part is halved."""

SENSORS_AT_ONCE = 16
_LEAST_PART = timedelta(minutes=1)
_VALUES = ("value", "least", "greatest", "count")
_COLUMNS = ("time", "sensor", "name", "kind", "unit", *_VALUES, "quality", "quality_code", "width_s")


class Asks(Protocol):
    """What answers for the past: the seat's `Commands`."""

    async def history(
        self, indices: Sequence[int], since: datetime, until: datetime | None = None, bins: int = 0
    ) -> PastReadings:
        """The past of some sensors."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: lines, and whether some are bins because every reading was wanted but is not kept any more."""

    path: Path
    lines: int
    coarser: bool


class CsvExport:
    """Writes files of past readings. Runs on the Qt loop; a cancelled task leaves no file behind."""

    def __init__(self, commands: Asks, index_of: Callable[[str], int | None], zone: ZoneInfo) -> None:
        """`index_of` gives the telemetry index of a sensor's id."""
        self._commands = commands
        self._index_of = index_of
        self._zone = zone

    async def export_csv(
        self,
        path: Path,
        sensors: Sequence[Sensor],
        since: datetime,
        until: datetime,
        bins: int | None = None,
        progressed: Callable[[float], None] = lambda _done: None,
    ) -> Exported:
        """Write the readings of sensors with `since` <= time < `until`, or about `bins` bins a sensor.

        `progressed` is told the share that is done, 0 to 1. Raises EnvironmentFault for a file that cannot be written,
        CommandRefused and LinkLost as the hub's answers.
        """
        known = [(sensor, index) for sensor in sensors if (index := self._index_of(sensor.id)) is not None]
        lines, coarser = 0, False
        async with whole_file(path) as part_file:
            await aside(_begin, part_file)
            for start in range(0, len(known), SENSORS_AT_ONCE):
                some = known[start : start + SENSORS_AT_ONCE]
                at, length = since, until - since if bins else min(PART, until - since)
                while at < until:
                    end = min(at + length, until)
                    past = await self._commands.history([index for _sensor, index in some], at, end, bins or 0)
                    binned = any(one.binned for one in past.series)
                    if not bins and binned and past.full_ms <= 1000 * at.timestamp() and length > _LEAST_PART:
                        length /= 2
                        continue
                    coarser = coarser or (binned and not bins)
                    told = [sensor for sensor, _index in some]
                    lines += await aside(self._write, part_file, told, past)
                    at = end
                    progressed((start + len(some) * ((at - since) / (until - since))) / len(known))
        progressed(1.0)
        return Exported(path, lines, coarser)

    def _write(self, file: Path, sensors: Sequence[Sensor], past: PastReadings) -> int:
        """Append the lines of some series; on a thread of its own."""
        text, lines = io.StringIO(), 0
        writer = csv.writer(text)
        words = _quality_words()
        unknown = sorted(
            [*((span, _("hub was down")) for span in past.down), *((span, _("history damaged")) for span in past.gaps)]
        )
        for sensor, one in zip(sensors, past.series, strict=True):
            head = (sensor.id, sensor.name, sensor.kind, sensor.unit)
            columns = (one.time, one.value, one.least, one.greatest, one.count, one.quality)
            left = iter(unknown)
            next_unknown = next(left, None)
            for at, value, least, greatest, count, quality in zip(*(c.tolist() for c in columns), strict=True):
                while next_unknown is not None and next_unknown[0][0] <= at:
                    writer.writerow(self._unknown(head, *next_unknown))
                    next_unknown = next(left, None)
                when = self._when(at)
                numbers = (_number(value), _number(least), _number(greatest), count)
                word = words.get(quality, words[int(Quality.DOUBTFUL)])
                writer.writerow((when, *head, *numbers, word, quality, f"{one.width_ms / 1000:g}"))
            if next_unknown is not None:
                writer.writerows(self._unknown(head, *each) for each in (next_unknown, *left))
            lines += len(one.time) + len(unknown)
        with file.open("a", encoding="utf-8", newline="") as sink:
            sink.write(text.getvalue())
        return lines

    def _when(self, at_ms: int) -> str:
        return from_ms(at_ms).astimezone(self._zone).isoformat(timespec="milliseconds")

    def _unknown(self, head: tuple[str, ...], span: Span, why: str) -> tuple[str, ...]:
        """The line of a stretch of which nothing is known, at its beginning."""
        return (self._when(span[0]), *head, *("" for _name in _VALUES), why, "", f"{(span[1] - span[0]) / 1000:g}")


def _begin(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8-sig", newline="") as sink:
        csv.writer(sink).writerow(_COLUMNS)


def _number(value: float) -> str:
    """A value as it was measured: seven digits are all that its four bytes hold."""
    return f"{value:.7g}" if math.isfinite(value) else ""


def _quality_words() -> dict[int, str]:
    return {
        int(Quality.GOOD): _("good"),
        int(Quality.MISSING): _("missing"),
        int(Quality.DOUBTFUL): _("doubtful"),
        int(Quality.OUT_OF_RANGE): _("out of range"),
        int(Quality.CLOCK_OFF): _("clock off"),
    }
