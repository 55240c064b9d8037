"""Small multiples, connected: the worst of a kind and town, judged as a whole, with live curves."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from PySide6.QtWidgets import QWidget

from controlroom.bridge.models.sensor_model import kind_name_in
from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from controlroom.wire.frames import Readings
from controlroom.wiring.chart_frame import OpenChart
from controlroom.wiring.chart_plans import span_words
from controlroom.wiring.seat import Seat
from widgets.chart_wall import Trace, WallSheet
from widgets.plot_painter import CurvePainter
from widgets.plot_series import SeriesRing

SHOWN_MOST = 32
_SPANS = {"1h": 3600.0, "6h": 21_600.0, "24h": 86_400.0}
_BINS = 240
_MOVED_S = 2.0
_AGAIN = timedelta(seconds=10)


class Group:
    """The sensors of a kind and town in columns, judged together; `indices` [n] are their telemetry indices."""

    def __init__(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> None:
        self.sensors = list(sensors)
        self.indices = np.array(indices, np.int64)
        self._places = np.arange(len(sensors), dtype=np.uint32)
        names = sorted(range(len(self.sensors)), key=lambda place: self.sensors[place].name)
        self._by_name = np.empty(len(names), np.int64)
        self._by_name[names] = np.arange(len(names))
        self._limits = LimitTable.from_sensors(self.sensors, range(len(self.sensors)))
        self.level = np.zeros(len(sensors), np.int8)
        self.value = np.full(len(sensors), np.nan, np.float32)
        self.freshness = np.full(len(sensors), Freshness.NEVER, np.uint8)
        self.age_ms = np.full(len(sensors), -1, np.int64)

    def judge(self, latest: Latest, now_ms: int) -> None:
        """Level, freshness and age of every member by the newest readings."""
        held = self.indices < latest.size
        at, local = self.indices[held], Latest(len(self.sensors))
        heard = latest.time_ms[at] > 0
        at, places = at[heard], self._places[held][heard]
        local.apply(places, latest.value[at], latest.time_ms[at], latest.quality[at])
        local.received_ms[places] = latest.received_ms[at]
        self._limits.evaluate(local, now_ms)
        self.level, self.value = self._limits.level.copy(), local.value.copy()
        self.freshness = self._limits.freshness(local, now_ms)
        self.age_ms = local.age_ms(now_ms)

    def worst(self, most: int) -> list[int]:
        """The places of the worst: by level, then those that cannot be believed, then by name."""
        level = np.where(self.level > 0, self.level, 9)
        order = np.lexsort((self._by_name, self.freshness == Freshness.LIVE, level))
        places: list[int] = order[:most].tolist()
        return places


class WallRun(OpenChart):
    """Feeds a window of small multiples."""

    def __init__(self, seat: Seat, sensors: Sequence[Sensor], parent: QWidget | None = None) -> None:
        super().__init__(seat, _("Small multiples"), parent)
        self._group = Group([], [])
        self._asked: tuple[str, str] = ("", "")
        self._validity: tuple[object, ...] = ()
        self._rings: dict[int, SeriesRing] = {}
        self._shown: list[int] = []
        self._curves = CurvePainter()
        self._task: asyncio.Task[object] | None = None
        self._past_at: datetime | None = None
        self._fetched_span = ""
        self._again_at: datetime | None = None
        self._count = -1
        first = sensors[0] if sensors else None
        self._offer_kinds(first.kind if first is not None else "")
        many = sum(each.kind == first.kind for each in seat.pump.room.sensors.values()) if first is not None else 0
        self._offer_towns(first.town if first is not None and many > SHOWN_MOST else "")
        spans = [(key, span_words(key)) for key in _SPANS]
        self.offer((("span", _("Period"), spans, "1h"),))
        seat.pump.readings_arrived.connect(self._readings)
        seat.past.changed.connect(self.look)
        self.window.choice_changed.connect(self._kind_chosen)
        self.begin()

    def look(self) -> None:
        """Judge the group and show the worst; histories that are not held are asked for."""
        self._regroup()
        latest = self._latest()
        now = self.at
        self._group.judge(latest, to_ms(now))
        places = self._group.worst(SHOWN_MOST)
        self._shown = [int(self._group.indices[place]) for place in places]
        self._forget_others(now)
        self._fetch(now)
        self._show(places, now)

    def tick(self, now: datetime) -> None:
        """Ages and order go on."""
        if self.window.isVisible():
            self.look()

    def stop(self) -> None:
        """Let go of what is being asked, and of the curves, which are of another period."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        self._rings, self._again_at = {}, None

    def reset(self) -> None:
        """Indices may be others."""
        self.stop()
        self._asked = ("", "")
        self.look()

    def _latest(self) -> Latest:
        if not self.follower.past:
            return self.seat.pump.latest
        return self.seat.past.latest or Latest()

    def _regroup(self) -> None:
        chosen = self.chosen
        wanted = (chosen["kind"], chosen["town"])
        validity = self.seat.limit_book.validity(self.at)
        room = self.seat.pump.room
        if wanted == self._asked and validity == self._validity and self._count == len(room.sensors):
            return
        self._asked, self._validity, self._count = wanted, validity, len(room.sensors)
        kind, town = wanted
        members = [each for each in room.sensors.values() if each.kind == kind and town in ("", each.town)]
        judged = [self.seat.limit_book.judged(each, self.at) for each in members]
        self._group = Group(judged, [room.sensor_index[each.id] for each in members])

    def _forget_others(self, now: datetime) -> None:
        """Curves of sensors that are no longer shown, of another period, or of another time."""
        span = self.chosen["span"]
        moved = self.follower.past and (self._past_at is None or abs((now - self._past_at).total_seconds()) >= _MOVED_S)
        back = not self.follower.past and self._past_at is not None
        if span != self._fetched_span or moved or back:
            self._rings = {}
        self._past_at = (now if moved else self._past_at) if self.follower.past else None
        self._fetched_span = span
        self._rings = {index: ring for index, ring in self._rings.items() if index in set(self._shown)}

    def _fetch(self, now: datetime) -> None:
        missing = [index for index in self._shown if index not in self._rings]
        if not missing or self._task is not None:
            return
        if self._again_at is not None and self.seat.clock.now() < self._again_at:
            return
        for index in missing:
            self._rings[index] = SeriesRing(8192)
        work = self._take(dict(self._rings), missing, now, now if self.follower.past else None)
        self._task = self.seat.tasks.spawn(work, "small multiples")

    async def _take(
        self, rings: dict[int, SeriesRing], missing: list[int], now: datetime, until: datetime | None
    ) -> None:
        since = now - timedelta(seconds=_SPANS[self.chosen["span"]])
        fault = ""
        try:
            past = await self.seat.commands.history(missing, since, until, _BINS)
            for index, series in zip(missing, past.series, strict=False):
                rings[index].add(series.time / 1000.0, series.value, series.quality)
        except ControlRoomError as error:
            fault = error.sentence if isinstance(error, EnvironmentFault) else str(error)
        self._task = None
        self._again_at = self.seat.clock.now() + _AGAIN if fault else None
        for index in missing if fault else ():
            self._rings.pop(index, None)
        self.window.show_fault(_("No history: {reason}").format(reason=fault) if fault else "")
        self.window.canvas.repaint_soon()

    def _readings(self, readings: Readings) -> None:
        if self.follower.past or not self._rings:
            return
        mine = np.isin(readings.index, np.array(list(self._rings), np.uint32))
        if not mine.any():
            return
        index, time_s = readings.index[mine], readings.time[mine] / 1000.0
        value, quality = readings.value[mine], readings.quality[mine]
        for one in np.unique(index).tolist():
            at = np.flatnonzero(index == one)
            self._rings[one].add(time_s[at], value[at], quality[at])
        self.window.canvas.repaint_soon()

    def _show(self, places: list[int], now: datetime) -> None:
        group, chosen = self._group, self.chosen
        if not group.sensors:
            self.window.show_sheet(None, None, _("No sensors of this kind are declared here."))
            return
        traces = []
        for place in places:
            index, age_ms = int(group.indices[place]), int(group.age_ms[place])
            freshness, age_s = Freshness(int(group.freshness[place])), None if age_ms < 0 else age_ms / 1000.0
            ring = self._rings.get(index) or SeriesRing(16)
            level, value = int(group.level[place]), float(group.value[place])
            traces.append(Trace(group.sensors[place], ring, value, level, freshness, age_s))
        ages = [trace.age_s for trace in traces if trace.age_s is not None]
        newest = from_ms(to_ms(now) - round(1000 * min(ages))) if ages else None
        kind = self.seat.kinds.get(chosen["kind"])
        gap_s = max(3 * max((t.sensor.stale_after_s for t in traces), default=180.0), _SPANS[chosen["span"]] / 60)
        sheet = WallSheet(
            group=" · ".join(word for word in (self._kind_name(chosen["kind"]), chosen["town"]) if word),
            kind=kind,
            traces=traces,
            total=len(group.sensors),
            abnormal=int((group.level > 0).sum()),
            span_s=_SPANS[chosen["span"]],
            span_words=span_words(chosen["span"]),
            gap_s=gap_s,
            now_s=now.timestamp(),
            curves=self._curves,
        )
        self.window.show_sheet(sheet, newest, stale=self.seat.stale)

    def _kind_name(self, kind: str) -> str:
        return kind_name_in(self.seat.kinds)(kind)

    def _offer_kinds(self, chosen: str) -> None:
        kinds = sorted({each.kind for each in self.seat.pump.room.sensors.values()}, key=self._kind_name)
        self.offer((("kind", _("Kind"), [(kind, self._kind_name(kind)) for kind in kinds], chosen),))

    def _offer_towns(self, chosen: str) -> None:
        kind = self.window.choice("kind")
        towns = sorted({each.town for each in self.seat.pump.room.sensors.values() if each.kind == kind and each.town})
        offers = [("", _("All towns")), *((town, town) for town in towns)]
        self.offer((("town", _("Place"), offers, chosen),))

    def _kind_chosen(self, name: str, _key: str) -> None:
        if name == "kind":
            self._offer_towns(self.window.choice("town"))
            self.look()
