"""Values now beside those of yesterday or of a saved snapshot, connected."""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from controlroom.bridge.models.sensor_model import kind_name_in
from controlroom.domain.limits import Freshness
from controlroom.domain.past_readings import Series
from controlroom.domain.readings import GOOD, Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms, to_ms
from controlroom.domain.value_snapshot import SENSORS_MOST, Differences, columns_of, differences, saved
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from controlroom.wire.snapshots import ChangeSavedValues, RemoveSavedValues, SaveValues
from controlroom.wiring.chart_frame import OpenChart
from controlroom.wiring.chart_wall import Group
from controlroom.wiring.seat import ZONE, Seat
from widgets.chart_compare import Compared, CompareSheet
from widgets.chart_threshold import ThresholdBar

_AGO = {"day": timedelta(days=1), "week": timedelta(days=7)}
_REACH = timedelta(hours=1)
"""The last good reading so long before a past time stands for it; what is older is missing."""

_AT_ONCE = 64
LEAST_PX = 220
FEW = 100
"""Sensors of a kind up to which those of all towns are compared at first."""
_AGAIN_S = 60.0


class CompareRun(OpenChart):
    """Feeds one comparison of a set of sensors."""

    def __init__(self, seat: Seat, sensors: Sequence[Sensor], parent: QWidget | None = None) -> None:
        super().__init__(seat, _("Compare with then"), parent)
        self._given = [sensor.id for sensor in sensors][:SENSORS_MOST]
        self._task: asyncio.Task[object] | None = None
        self._number = 0
        self._waiting = False
        self._then: tuple[str, tuple[str, ...], NDArray[np.float64]] | None = None
        self._asked_at: datetime | None = None
        self._group = Group([], [])
        self.bar = ThresholdBar()
        self.window.add_controls(self.bar)
        self._offer_sets()
        self._offer_references("day")
        self.bar.changed.connect(self._show)
        self.bar.save_wanted.connect(self._save)
        self.bar.keep_wanted.connect(self._keep)
        self.bar.removal_wanted.connect(self._remove)
        seat.pump.value_snapshots_changed.connect(self._snapshots)
        seat.past.changed.connect(self._show)
        self.begin()

    def look(self) -> None:
        """Take the values of then anew, then compare."""
        self.stop()
        reference = self.chosen["reference"]
        snapshot = self.seat.pump.room.value_snapshots.get(reference)
        self.bar.show_snapshot(snapshot.threshold if snapshot is not None else None)
        room = self.seat.pump.room
        if snapshot is not None:
            ids: Sequence[str] = snapshot.sensors
            self._then = (snapshot.name, tuple(ids), columns_of(snapshot))
        else:
            ids = self._members()
            self._then = None
        known = [room.sensors[each] for each in ids if each in room.sensors]
        self._group = Group(known, [room.sensor_index[each.id] for each in known])
        if snapshot is None:
            self._ask(reference)
        self._show()

    def tick(self, now: datetime) -> None:
        """What is now goes on; the time of then, too, once a minute."""
        if not self.window.isVisible():
            return
        due = self._asked_at is not None and abs((now - self._asked_at).total_seconds()) >= _AGAIN_S
        if due and self._task is None and self.chosen["reference"] in _AGO:
            self._ask(self.chosen["reference"])
        self._show()

    def stop(self) -> None:
        """Let go of what is being asked."""
        task, self._task = self._task, None
        self._number += 1
        if task is not None:
            task.cancel()
        self.window.show_progress(0, 0)

    def _members(self) -> list[str]:
        """The sensors of the chosen set."""
        wanted, sensors = self.chosen["set"], self.seat.pump.room.sensors
        if wanted == "given":
            return self._given
        kind, _slash, town = wanted.partition("/")
        found = [each.id for each in sensors.values() if each.kind == kind and town in ("", each.town)]
        return found[:SENSORS_MOST]

    def _ask(self, reference: str) -> None:
        self._asked_at = self.seat.clock.now()
        self._number += 1
        work = self._take(reference, self.at - _AGO[reference], self._number)
        number, self._waiting = self._number, True
        task = self.seat.tasks.spawn(work, "compare")
        self._task = task if number == self._number and self._waiting else None

    async def _take(self, reference: str, then: datetime, number: int) -> None:
        group, fault = self._group, ""
        values = np.full(len(group.sensors), math.nan)
        try:
            for start in range(0, len(group.sensors), _AT_ONCE):
                if len(group.sensors) > _AT_ONCE:
                    self.window.show_progress(start, len(group.sensors))
                indices = group.indices[start : start + _AT_ONCE].tolist()
                past = await self.seat.commands.history(indices, then - _REACH, then, 0)
                if number != self._number:
                    return
                for place, series in enumerate(past.series[: len(indices)]):
                    values[start + place] = last_good(series)
        except ControlRoomError as error:
            reason = error.sentence if isinstance(error, EnvironmentFault) else str(error)
            fault = _("No history: {reason}").format(reason=reason)
        finally:
            self._waiting = False
        if number != self._number:
            return
        self._task = None
        self.window.show_progress(0, 0)
        self.window.show_fault(fault)
        if not fault:
            local = then.astimezone(ZONE)
            name = _("yesterday, {time}") if reference == "day" else _("a week ago, {time}")
            ids = tuple(sensor.id for sensor in group.sensors)
            self._then = (name.format(time=f"{local:%m-%d %H:%M}"), ids, values)
        self._show()

    def _latest(self) -> Latest:
        if not self.follower.past:
            return self.seat.pump.latest
        return self.seat.past.latest or Latest()

    def _show(self) -> None:
        if self._then is None:
            self.window.show_sheet(None, None, self.window.fault.text or _("Fetching history…"))
            return
        if not self._group.sensors:
            self.window.show_sheet(None, None, _("None of these sensors is declared any more."))
            return
        name, ids, columns = self._then
        group, now = self._group, self.at
        group.judge(self._latest(), to_ms(now))
        held = dict(zip(ids, columns.tolist(), strict=True))
        then = np.array([held.get(sensor.id, math.nan) for sensor in group.sensors])
        value = group.value.astype(np.float64)
        value[group.freshness == Freshness.DOUBTFUL] = math.nan
        threshold = self.bar.threshold
        found = differences(then, value, threshold)
        size = np.nan_to_num(np.abs(found.percent if threshold.percent else found.delta), nan=0.0, posinf=1e9)
        order = np.lexsort((-size, ~found.beyond))
        compared = [self._compared(place, then, value, found) for place in order.tolist()]
        only = self.bar.only.isChecked()
        sheet = CompareSheet(reference=name, threshold=threshold, compared=compared, only_beyond=only)
        canvas = self.window.canvas
        canvas.setMinimumHeight(max(sheet.least_height(canvas.look), LEAST_PX))
        ages = group.age_ms[group.age_ms >= 0]
        newest = from_ms(to_ms(now) - int(ages.min())) if len(ages) else None
        self.window.show_sheet(sheet, newest, stale=self.seat.stale)

    def _compared(
        self, place: int, then: NDArray[np.float64], now: NDArray[np.float64], found: Differences
    ) -> Compared:
        group, sensor = self._group, self._group.sensors[place]
        age_ms = int(group.age_ms[place])
        return Compared(
            sensor,
            self.seat.kinds.get(sensor.kind),
            float(then[place]),
            float(now[place]),
            float(found.delta[place]),
            float(found.percent[place]),
            bool(found.beyond[place]),
            Freshness(int(group.freshness[place])),
            None if age_ms < 0 else age_ms / 1000.0,
        )

    def _save(self, name: str) -> None:
        """Save what is shown as now; what is stale or doubtful is saved as missing."""
        group = self._group
        group.judge(self._latest(), to_ms(self.at))
        value = np.where(group.freshness == Freshness.LIVE, group.value, np.nan)
        self.seat.send(
            SaveValues(
                name=name,
                sensors=[sensor.id for sensor in group.sensors],
                values=list(saved(value)),
                taken_at=self.at,
                threshold=self.bar.threshold,
            )
        )

    def _keep(self) -> None:
        snapshot = self.seat.pump.room.value_snapshots.get(self.chosen["reference"])
        if snapshot is not None and snapshot.threshold != self.bar.threshold:
            body = ChangeSavedValues(snapshot=snapshot.id, name=snapshot.name, threshold=self.bar.threshold)
            self.seat.send(body)

    def _remove(self) -> None:
        if self.chosen["reference"] in self.seat.pump.room.value_snapshots:
            self.seat.send(RemoveSavedValues(snapshot=self.chosen["reference"]))

    def _snapshots(self) -> None:
        self._offer_references(self.chosen["reference"])
        self.look()

    def _offer_sets(self) -> None:
        sensors, offers = self.seat.pump.room.sensors, []
        if len(self._given) > 1:
            offers.append(("given", _("the chosen sensors ({count})").format(count=len(self._given))))
        first = sensors.get(self._given[0]) if self._given else None
        if first is not None:
            kind = kind_name_in(self.seat.kinds)(first.kind)
            if first.town and sum(each.kind == first.kind for each in sensors.values()) > FEW:
                offers.append((f"{first.kind}/{first.town}", f"{kind} · {first.town}"))
            offers.append((f"{first.kind}/", _("{kind}, all towns").format(kind=kind)))
        self.offer((("set", _("Sensors"), offers, ""),))

    def _offer_references(self, chosen: str) -> None:
        offers = [("day", _("yesterday at this time")), ("week", _("a week ago at this time"))]
        for held in sorted(self.seat.pump.room.value_snapshots.values(), key=lambda each: each.taken_at, reverse=True):
            taken = held.taken_at.astimezone(ZONE)
            offers.append((held.id, f"{held.name} · {taken:%Y-%m-%d %H:%M} · {held.by}"))
        self.offer((("reference", _("Compare with"), offers, chosen),))


def last_good(series: Series) -> float:
    """The last value of a series that is not doubted; NaN without any."""
    good = np.isfinite(series.value) & (series.count > 0)
    if not series.binned:
        good &= series.quality == GOOD
    known = series.value[good]
    return float(known[-1]) if len(known) else math.nan
