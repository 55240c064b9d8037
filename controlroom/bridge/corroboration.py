"""Gathers what corroborates a sensor beyond its limit: neighbours, course, past, stills and weather, as they come.

One coroutine on the Qt loop. Each part is told as soon as it is there, with its own time and its own fault; the verdict
is judged anew each time.
"""

import asyncio
import copy
import enum
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from controlroom.bridge.camera_sight import turned_now
from controlroom.bridge.corroboration_moment import Moment
from controlroom.bridge.graphic_wording import length_text
from controlroom.bridge.refusals import sentence
from controlroom.bridge.stills import Still, playable
from controlroom.clock import Clock
from controlroom.domain.alarm_names import LIMITS, alarm_id, limit_key
from controlroom.domain.camera import Camera
from controlroom.domain.corroboration import Crossing, Finding, Verdict, Way, Witness, crossing, finding
from controlroom.domain.courses import Courses
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.movement import movement
from controlroom.domain.near_kind import Places
from controlroom.domain.past_readings import PastReadings, Series
from controlroom.domain.place import Point, distance_m
from controlroom.domain.readings import GOOD, Latest
from controlroom.domain.room import Room
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.sight import CameraColumns, nearest_camera, seeing_point

DEADLINE_S = 2.0
"""By then the card is filled, or says what is missing."""

ANSWER_S = 1.7
"""What the hub and the cameras get of it."""

NEIGHBOURS, ALONG, STILLS = 6, 2, 4
WITHIN_M = 10_000.0
"""Sensors further away than this say little about a place; house figure."""

WEATHER_WITHIN_M = 30_000.0
WEATHER = ("rain", "wind_speed", "air_temperature")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BINS = 120

History = Callable[[Sequence[int], datetime, datetime | None, int], Awaitable[PastReadings]]


class Part(enum.StrEnum):
    """What a card consists of."""

    OTHERS = "others"
    PAST = "past"
    STILLS = "stills"
    WEATHER = "weather"


class Row(Struct, frozen=True, kw_only=True):
    """A sensor as the card lists it; `at` is the time of its value."""

    sensor: Sensor
    witness: Witness
    at: datetime | None = None


class Dossier(Struct, frozen=True, kw_only=True):
    """All that is known so far. `told` is when each part was there, `faults` why one is missing or poor.

    `course_known` whether anybody declared what lies above or below; `seen_by` how many cameras can see the point;
    `beside` names the nearest camera where none can. `then`: it is of the moment `asked_at`, not of the present.
    """

    subject: Row
    asked_at: datetime
    others: tuple[Row, ...] = ()
    course_known: bool = False
    hour: Series | None = None
    yesterday: Series | None = None
    stills: tuple[Still, ...] = ()
    seen_by: int = 0
    beside: str = ""
    weather: tuple[Row, ...] = ()
    finding: Finding = Finding(Verdict.UNKNOWN, ())  # frozen
    told: dict[Part, datetime] = {}
    faults: dict[Part, str] = {}
    then: bool = False

    @property
    def whole(self) -> bool:
        """Whether every part was told, be it by a fault, and no still is awaited."""
        return all(part in self.told for part in Part) and not any(still.awaited for still in self.stills)


class Corroborator:
    """Answers for one sensor after the other; what it knows of places and cameras is kept until `forget`."""

    def __init__(
        self,
        room: Callable[[], Room],
        latest: Callable[[], Latest],
        clock: Clock,
        history: History,
        judged: Callable[[Sensor, datetime], Sensor],
        kinds: Mapping[str, SensorKind],
        still: Callable[[Still, float], Awaitable[Still]],
        moment: Callable[[], Moment | None] = lambda: None,
    ) -> None:
        """`judged` gives a sensor with the limits of a time, `still` a picture within some seconds.

        `moment` gives the earlier time that the room looks at, None for the present.
        """
        self._room = room
        self._latest = latest
        self._clock = clock
        self._history = history
        self._judged = judged
        self._kinds = kinds
        self._still = still
        self._moment = moment
        self.then: datetime | None = None
        """The moment that is asked about; None is the present."""
        self._places: Places | None = None
        self._courses: Courses | None = None
        self._cameras: CameraColumns | None = None

    def forget_sensors(self) -> None:
        """Sensors were declared anew."""
        self._places = self._courses = None

    def forget_cameras(self) -> None:
        """Cameras were declared anew, or their health changed."""
        self._cameras = None

    async def gather(self, identity: str, told: Callable[[Dossier], None]) -> None:
        """Fill a card for a declared sensor; `told` gets each state of it, the last one whole. Raises KeyError."""
        moment = self._moment()
        asked = self if moment is None else self._at(moment, await self.places())
        await _Gathering(asked, identity, told).run()

    def _at(self, moment: Moment, places: Places) -> "Corroborator":
        """One that answers for a moment; where sensors and cameras stand is as it is now."""
        room = moment.laid_over(self._room())
        then = copy.copy(self)
        then._places, then.then = places, moment.at
        then._room, then._latest, then._clock = lambda: room, lambda: moment.latest, moment.clock
        return then

    # ------------------------------------------------------------ what a gathering asks

    async def places(self) -> Places:
        """Where the sensors stand; the first call takes a few steps of some milliseconds."""
        if self._places is None:
            places = Places()
            for _step in places.fill(self._room().sensors):
                await asyncio.sleep(0)
            self._places = places
        return self._places

    def courses(self) -> Courses:
        """Who lies above whom."""
        if self._courses is None:
            self._courses = Courses(self._room().sensors)
        return self._courses

    def cameras(self) -> CameraColumns:
        """All cameras as columns: those with a head as it looks now, at an earlier moment as it was declared."""
        room = self._room()
        if self._cameras is None:
            self._cameras = CameraColumns.of(room.cameras.values())
        return self._cameras if self.then is not None else turned_now(self._cameras, room.cameras, room.ptz.units)

    def row(self, identity: str, **more: Any) -> Row:
        """A sensor with its newest value and the limits of now."""
        room, latest, now = self._room(), self._latest(), self._clock.now()
        sensor = self._judged(room.sensors[identity], now)
        index = room.sensor_index.get(identity, -1)
        value, at_ms, quality = math.nan, 0, GOOD
        if 0 <= index < latest.size:
            value, at_ms, quality = float(latest.value[index]), int(latest.time_ms[index]), int(latest.quality[index])
        return self.told_row(sensor, value, at_ms, quality == GOOD, **more)

    def told_row(self, sensor: Sensor, value: float, at_ms: int, good: bool, **more: Any) -> Row:
        """A sensor that told a value at a time (0 never)."""
        fresh = Freshness.NEVER
        if at_ms:
            age_s = (to_ms(self._clock.now()) - at_ms) / 1000.0
            fresh = Freshness.LIVE if good and math.isfinite(value) else Freshness.DOUBTFUL
            fresh = Freshness.STALE if age_s > sensor.stale_after_s else fresh
        witness = Witness(
            id=sensor.id,
            name=sensor.name,
            value=value,
            freshness=fresh,
            crossed=crossing(sensor.limits, value) or self._alarmed(sensor),
            **more,
        )
        return Row(sensor=sensor, witness=witness, at=from_ms(at_ms) if at_ms else None)

    def _alarmed(self, sensor: Sensor) -> Crossing | None:
        """The limit alarm that stands on a sensor although its value is within the limits of the book.

        The hub knows more: stricter limits while a warning stands, and the deadband.
        """
        alarm = self._room().alarms.get(alarm_id(LIMITS, limit_key(sensor.id)))
        if alarm is None or not alarm.active:
            return None
        above = any(limit.above is not None for limit in sensor.limits)
        return Crossing(Limit(severity=alarm.severity), above)

    def finest(self, sensor: Sensor) -> float:
        """The least difference of a sensor's values that counts."""
        kind = self._kinds.get(sensor.kind)
        rounded = 0.0 if kind is None else 10.0**-kind.decimals
        return max(sensor.deadband, rounded)

    async def asked(self, rows: Sequence[Row], since: datetime, until: datetime | None) -> list[Series]:
        """The past of the sensors of rows, in their order."""
        index = self._room().sensor_index
        until = until or self.then
        past = await self._history([index[row.sensor.id] for row in rows], since, until, BINS)
        return list(past.series)

    def camera(self, identity: str) -> Camera:
        """A camera of the room."""
        return self._room().cameras[identity]

    @property
    def now(self) -> datetime:
        """The time of the room."""
        return self._clock.now()

    @property
    def drilling(self) -> bool:
        """Whether what is seen is a drill, in which cameras show something else than is played."""
        return self._room().drill is not None

    async def picture(self, still: Still) -> Still:
        """A still with its picture, or why there is none."""
        if self.then is not None:
            told = _("The camera shows the present; its pictures of then are in the playback (Ctrl+Shift+V)")
            return msgspec.structs.replace(still, fault=told)
        return await self._still(still, ANSWER_S)


class _Gathering:
    """One card on its way."""

    def __init__(self, asked: Corroborator, identity: str, told: Callable[[Dossier], None]) -> None:
        self._asked = asked
        self._told = told
        self._yesterday = math.nan
        self.dossier = Dossier(subject=asked.row(identity), asked_at=asked.now, then=asked.then is not None)

    async def run(self) -> None:
        self._tell()
        places = await self._asked.places()
        self._find_others(places)
        self._find_weather(places)
        await asyncio.gather(self._find_past(), self._find_stills())

    def _tell(self, **more: object) -> None:
        self.dossier = msgspec.structs.replace(self.dossier, **more)
        held = self.dossier
        judged = finding(held.subject.witness, [row.witness for row in held.others], self._yesterday)
        self.dossier = msgspec.structs.replace(held, finding=judged)
        self._told(self.dossier)

    def _tell_part(self, part: Part, fault: str = "", **more: object) -> None:
        faults = {name: said for name, said in self.dossier.faults.items() if name is not part}
        if fault:
            faults[part] = fault
        told = self.dossier.told | {part: self._asked.now}
        self._tell(told=told, faults=faults, **more)

    def _find_others(self, places: Places) -> None:
        sensor, courses = self.dossier.subject.sensor, self._asked.courses()
        along = [(each, Way.UPSTREAM) for each in courses.upstream(sensor.id, ALONG)]
        along += [(each, Way.DOWNSTREAM) for each in courses.downstream(sensor.id, ALONG)]
        taken = [sensor.id, *(each.id for each, _way in along)]
        rows = [
            self._asked.row(each.id, way=way, steps=each.steps, distance_m=self._away_m(each.id)) for each, way in along
        ]
        fault = ""
        if sensor.point is None:
            fault = _("Its source does not say where the sensor stands, so nobody knows who is near.")
        else:
            near = places.nearest(sensor.kind, sensor.point, WITHIN_M, NEIGHBOURS, taken)
            rows += [self._asked.row(identity, distance_m=metres) for identity, metres in near]
        self._tell_part(Part.OTHERS, fault, others=tuple(rows), course_known=courses.known(sensor.id))

    def _away_m(self, identity: str) -> float:
        here, there = self.dossier.subject.sensor.point, self._asked.row(identity).sensor.point
        return math.nan if here is None or there is None else distance_m(here, there)

    def _find_weather(self, places: Places) -> None:
        point = self.dossier.subject.sensor.point
        if point is None:
            self._tell_part(Part.WEATHER, _("Its source does not say where the sensor stands."))
            return
        rows = []
        for kind in WEATHER:
            near = places.nearest(kind, point, WEATHER_WITHIN_M, 3)
            found = [self._asked.row(identity, distance_m=metres) for identity, metres in near]
            # The nearest station that is heard; where none is, the nearest one with what is wrong with it.
            rows += next(([row] for row in found if row.witness.heard), found[:1])
        fault = "" if rows else _("No weather station is declared nearby.")
        self._tell_part(Part.WEATHER, fault, weather=tuple(rows))

    async def _find_past(self) -> None:
        now, held = self._asked.now, self.dossier
        rows = [held.subject, *held.others]
        try:
            hour, yesterday = await asyncio.wait_for(
                asyncio.gather(
                    self._asked.asked([*rows, *held.weather], now - HOUR, None),
                    self._asked.asked([held.subject], now - DAY - HOUR, now - DAY),
                ),
                ANSWER_S,
            )
        except TimeoutError:
            self._tell_part(Part.PAST, _("The hub did not tell the past in time; press F5 to ask again."))
            return
        except EnvironmentFault as fault:
            self._tell_part(Part.PAST, fault.sentence)
            return
        except CommandRefused as refused:
            self._tell_part(Part.PAST, sentence(refused.code, refused.text))
            return
        known = [self._moved(row, series) for row, series in zip([*rows, *held.weather], hour, strict=False)]
        self._yesterday = _middle(yesterday[0]) if yesterday else math.nan
        count = len(rows)
        self._tell_part(
            Part.PAST,
            subject=known[0] if known else held.subject,
            others=tuple(known[1:count]) or held.others,
            weather=tuple(known[count:]) or held.weather,
            hour=hour[0] if hour else None,
            yesterday=yesterday[0] if yesterday else None,
        )

    def _moved(self, row: Row, series: Series) -> Row:
        """The row with how it moved in the last hour; a value that this seat has not heard itself is the last of it."""
        if row.at is None and len(series.time):
            last = len(series.time) - 1
            at_ms = int(series.time[last]) + (series.width_ms if series.binned else 0)
            at_ms = min(at_ms, to_ms(self._asked.now))
            held = row.witness
            row = self._asked.told_row(
                row.sensor,
                float(series.value[last]),
                at_ms,
                int(series.quality[last]) == GOOD,
                way=held.way,
                steps=held.steps,
                distance_m=held.distance_m,
            )
        good = np.where((series.quality == GOOD) | (series.width_ms > 0), series.value, np.nan).astype(np.float32)
        moved = movement(series.time, good, self._asked.finest(row.sensor))
        return msgspec.structs.replace(row, witness=msgspec.structs.replace(row.witness, moved=moved))

    async def _find_stills(self) -> None:
        point = self.dossier.subject.sensor.point
        if point is None:
            self._tell_part(
                Part.STILLS, _("Its source does not say where the sensor stands, so no camera is looked for.")
            )
            return
        columns = self._asked.cameras()
        seen = seeing_point(columns, point)
        if not seen:
            self._tell_part(Part.STILLS, _("No camera can see this place."), beside=self._beside(columns, point))
            return
        found = [
            Still(camera=self._asked.camera(each.id), distance_m=each.distance_m, aimed=each.aimed) for each in seen
        ]
        found.sort(key=lambda still: bool(playable(still.camera)))
        if self._asked.drilling:
            fault = _("In a drill no stills are taken: the cameras show the present and not what is played.")
            self._tell_part(Part.STILLS, fault, seen_by=len(found))
            return
        self._tell_part(Part.STILLS, stills=tuple(found[:STILLS]), seen_by=len(found))
        await asyncio.gather(*(self._take(number) for number in range(len(self.dossier.stills))))

    def _beside(self, columns: CameraColumns, point: Point) -> str:
        """The nearest camera that can be watched; where another one stands nearer, that one as well."""
        ready = np.array([not playable(self._asked.camera(name)) for name in columns.ids], np.bool_)
        best, nearest = nearest_camera(columns, point, ready), nearest_camera(columns, point)
        if nearest is None:
            return ""
        name = f"{self._asked.camera(columns.ids[nearest[0]]).name} · {length_text(nearest[1])}"
        if best is None:
            return _("{camera}, no stream").format(camera=name)
        if best[0] == nearest[0]:
            return name
        watchable = f"{self._asked.camera(columns.ids[best[0]]).name} · {length_text(best[1])}"
        return _("{camera} (nearer: {nearer}, no stream)").format(camera=watchable, nearer=name)

    async def _take(self, number: int) -> None:
        taken = await self._asked.picture(self.dossier.stills[number])
        stills = list(self.dossier.stills)
        stills[number] = taken
        self._tell_part(Part.STILLS, stills=tuple(stills))


def _middle(series: Series) -> float:
    good = series.value[np.isfinite(series.value)]
    return float(np.median(good)) if len(good) else math.nan
