"""What alarms asked of the seats in a period: rate, floods, standing, stale, chattering, mix and the most frequent.

The measures are those of EEMUA 191 (edition 3, 2013) and ANSI/ISA-18.2-2016 clause 16, the figures those of
`alarm_bands.toml`. The tally is fed every change of an alarm in the order of the hub's commits and asks no clock.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_bands import AlarmBands, LoadLevel
from controlroom.domain.flood import Flood, FloodWatch, rings
from controlroom.domain.seating import AreaHandover, Route, Routing, SeatPresence
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant

TOP = 10


class Frequent(Struct, frozen=True, kw_only=True):
    """An alarm of the top ten: how often it was new, and its share of all from 0 to 1."""

    id: str
    title: str
    place: str
    count: int
    share: float


class Named(Struct, frozen=True, kw_only=True):
    """An alarm that is stale or chatters, since when."""

    id: str
    title: str
    place: str
    since: Instant


class ViewReport(Struct, frozen=True, kw_only=True):
    """The period in the view of one seat, or of the whole room where `view` is empty.

    `windows` are new alarms in each window of `alarm_bands.toml` from the beginning on; `peak` is the most in any
    window, wherever it lies; shares are from 0 to 1.
    """

    view: str
    count: int
    mean: float
    """New alarms in a window on average."""
    peak: int
    windows: tuple[int, ...]
    bands: dict[LoadLevel, float]
    """The share of windows in each band."""
    floods: tuple[Flood, ...]
    flood_s: float
    flood_share: float
    standing: int
    standing_most: int
    stale: tuple[Named, ...]
    chattering: tuple[Named, ...]
    mix: dict[Severity, int]
    top: tuple[Frequent, ...]


class AlarmReport(Struct, frozen=True, kw_only=True):
    """A period, and how well it is known: `gaps` are times in which the hub was not running.

    `begins` is where the journal begins when that is after the period's beginning; `left_out` counts alarms that
    stood at the beginning and were too many to be told.
    """

    since: Instant
    until: Instant
    window_s: int
    views: tuple[ViewReport, ...]
    gaps: tuple[tuple[Instant, Instant], ...] = ()
    begins: Instant | None = None
    left_out: int = 0
    changes: int = 0

    @property
    def known_share(self) -> float:
        """The share of the period in which the hub was running and its journal reaches."""
        whole = (self.until - self.since).total_seconds()
        lost = sum((end - begin).total_seconds() for begin, end in self.gaps)
        if self.begins is not None:
            lost += max(0.0, (min(self.begins, self.until) - self.since).total_seconds())
        return 1.0 if whole <= 0 else max(0.0, 1.0 - lost / whole)


class _View:
    """One view's sums."""

    def __init__(self, name: str, since: datetime, bands: AlarmBands) -> None:
        self.name = name
        self._since = since
        self._figures = bands
        self._window = timedelta(seconds=bands.flood.window_s)
        self._watch = FloodWatch(bands.flood, name)
        self._floods: list[Flood] = []
        self._windows: Counter[int] = Counter()
        self._per_alarm: Counter[str] = Counter()
        self._mix: Counter[Severity] = Counter()
        self._last: dict[str, Alarm] = {}
        self._times: dict[str, deque[datetime]] = {}
        self._chattering: dict[str, Named] = {}
        self._standing: dict[str, tuple[Alarm, datetime]] = {}
        self._stale: dict[str, Named] = {}
        self._peak = self._standing_most = 0

    def ring(self, alarm: Alarm, at: datetime) -> None:
        """A new alarm; before the period it only fills the window."""
        self.advance(at)
        self._watch.ring(at)
        if at < self._since:
            return
        self._peak = max(self._peak, self._watch.count)
        self._windows[int((at - self._since) / self._window)] += 1
        self._per_alarm[alarm.id] += 1
        self._mix[alarm.severity] += 1
        self._last[alarm.id] = alarm
        report = self._figures.report
        times = self._times.setdefault(alarm.id, deque(maxlen=report.chattering_times))
        times.append(at)
        within = (at - times[0]).total_seconds() <= report.chattering_within_s
        if len(times) == report.chattering_times and within and alarm.id not in self._chattering:
            self._chattering[alarm.id] = _named(alarm, times[0])

    def stand(self, alarm: Alarm, mine: bool, at: datetime) -> None:
        """An alarm stands, or stands no more."""
        held = self._standing.get(alarm.id)
        if alarm.active and mine:
            self._standing[alarm.id] = (alarm, alarm.received_at if held is None else held[1])
        elif held is not None:
            del self._standing[alarm.id]
            self._judge(held, at)
        if at >= self._since:
            self._standing_most = max(self._standing_most, len(self._standing))

    def begin(self) -> None:
        """The period begins with what stands now."""
        self.advance(self._since)
        self._standing_most = max(self._standing_most, len(self._standing))

    def _judge(self, held: tuple[Alarm, datetime], at: datetime) -> None:
        alarm, since = held
        if at >= self._since and (at - since).total_seconds() >= self._figures.report.stale_after_s:
            self._stale[alarm.id] = _named(alarm, since)

    def advance(self, at: datetime) -> None:
        """Time went on: floods end at the very second at which they do."""
        while self._watch.flood is not None:
            step = self._watch.next_change()
            if step is None or step > at:
                return
            over = self._watch.look(step)
            if over is not None:
                self._floods.append(over)

    def report(self, until: datetime) -> ViewReport:
        """The sums of the period."""
        self.advance(until)
        over = self._watch.end(until)
        if over is not None:
            self._floods.append(over)
        for held in self._standing.values():
            self._judge(held, until)
        floods = tuple(flood for flood in self._floods if (flood.ended_at or until) > self._since)
        flood_s = sum(
            (min(f.ended_at or until, until) - max(f.started_at, self._since)).total_seconds() for f in floods
        )
        span_s = (until - self._since).total_seconds()
        number = max(1, -(-int(span_s) // self._figures.flood.window_s))
        windows = tuple(self._windows[place] for place in range(number))
        levels = Counter(self._figures.level(count) for count in windows)
        count = sum(self._per_alarm.values())
        return ViewReport(
            view=self.name,
            count=count,
            mean=count * self._figures.flood.window_s / span_s if span_s > 0 else 0.0,
            peak=self._peak,
            windows=windows,
            bands={level: levels[level] / number for level in LoadLevel},
            floods=floods,
            flood_s=flood_s,
            flood_share=flood_s / span_s if span_s > 0 else 0.0,
            standing=len(self._standing),
            standing_most=self._standing_most,
            stale=tuple(sorted(self._stale.values(), key=lambda named: (named.since, named.id))),
            chattering=tuple(sorted(self._chattering.values(), key=lambda named: (named.since, named.id))),
            mix={severity: self._mix[severity] for severity in Severity},
            top=tuple(self._top(count)),
        )

    def _top(self, whole: int) -> Iterable[Frequent]:
        ranked = sorted(self._per_alarm.items(), key=lambda entry: (-entry[1], entry[0]))
        for identity, count in ranked[:TOP]:
            alarm = self._last[identity]
            yield Frequent(id=identity, title=alarm.title, place=alarm.place, count=count, share=count / whole)


class Staffing(Struct, frozen=True, kw_only=True):
    """Who was there and what was handed over, from a time on."""

    at: Instant
    seats: dict[str, SeatPresence]
    handovers: tuple[AreaHandover, ...]


class ReportTally:
    """Folds the changes of a period; one thread owns an instance.

    Feed `stood` with what stood one window before the period, then every change from there on with `add`, then ask
    for `views`. `staffing` is in the order of its times.
    """

    def __init__(self, since: datetime, until: datetime, bands: AlarmBands, staffing: Sequence[Staffing]) -> None:
        self._since, self._until = since, until
        self._staffing = list(staffing)
        self._next = 0
        self._present: frozenset[str] = frozenset()
        self._routing = Routing({}, ())
        names = dict.fromkeys(
            name
            for each, after in zip(self._staffing, [*self._staffing[1:], None], strict=True)
            if each.at < until and (after is None or after.at > since)
            for name in each.seats
        )
        self._views = [_View(name, since, bands) for name in ("", *sorted(names))]
        self._held: dict[str, Alarm] = {}
        self._begun = False
        self.changes = 0

    def stood(self, alarms: Iterable[Alarm], at: datetime) -> None:
        """What stood at the beginning of the window before the period."""
        self._staff(at)
        for alarm in alarms:
            self._held[alarm.id] = alarm
            for view in self._views:
                view.stand(alarm, self._is_of(alarm, view.name), at)

    def add(self, alarm: Alarm, at: datetime) -> None:
        """A change of an alarm, committed at a time; what is not before the period's end is left out."""
        if at >= self._until:
            return
        if not self._begun and at >= self._since:
            self._begin()
        self._staff(at)
        before = self._held.get(alarm.id)
        new = rings(before, alarm)
        for view in self._views:
            mine = self._is_of(alarm, view.name)
            view.stand(alarm, mine, at)
            if new and mine:
                view.ring(alarm, at)
        if alarm.kept:
            self._held[alarm.id] = alarm
        else:
            self._held.pop(alarm.id, None)
        self.changes += at >= self._since

    def views(self) -> tuple[ViewReport, ...]:
        """The report of the room, then of each seat that was there."""
        if not self._begun:
            self._begin()
        return tuple(view.report(self._until) for view in self._views)

    def _begin(self) -> None:
        self._begun = True
        for view in self._views:
            view.begin()

    def _staff(self, at: datetime) -> None:
        moved = False
        while self._next < len(self._staffing) and self._staffing[self._next].at <= at:
            self._next += 1
            moved = True
        if moved:
            now = self._staffing[self._next - 1]
            self._present = frozenset(now.seats)
            self._routing = Routing(now.seats, now.handovers)

    def _is_of(self, alarm: Alarm, view: str) -> bool:
        if not view:
            return True
        return view in self._present and self._routing.route(alarm, view) is Route.MINE


def _named(alarm: Alarm, since: datetime) -> Named:
    return Named(id=alarm.id, title=alarm.title, place=alarm.place, since=since)


def gaps_between(
    runs: Sequence[tuple[datetime, datetime]], since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The times of a period in which no run of the hub is known."""
    gaps, at = [], since
    for begin, end in sorted(runs):
        if begin > at and begin > since:
            gaps.append((at, min(begin, until)))
        at = max(at, min(end, until))
        if at >= until:
            break
    if at < until:
        gaps.append((at, until))
    return tuple((begin, end) for begin, end in gaps if end > begin)
