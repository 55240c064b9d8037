"""A place under water as a real hub knows it, and a seat with real links that asks about it."""

import asyncio
import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from controlroom.bridge.commands import Commands
from controlroom.bridge.names import decode_names
from controlroom.bridge.officer import OfficerCommands
from controlroom.bridge.pump import Pump
from controlroom.bridge.selection import Selection
from controlroom.bridge.tasks import Tasks
from controlroom.clock import SystemClock
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.times import to_ms
from controlroom.seat.link import Link
from controlroom.seat.status import LinkState
from controlroom.video.fleet import Fleet
from controlroom.wiring.seat import Requests, Seat
from resources import path
from tests.rooms import Source
from widgets.plot_scheduler import PlotScheduler

LON, LAT = 116.34, 39.73
M = 1 / 111_195.0
FLOODED = 42.0


def place(east_m: float, north_m: float = 0.0) -> list[float]:
    return [LON + east_m * M / math.cos(math.radians(LAT)), LAT + north_m * M]


CASES: dict[str, Sequence[Callable[[int], float]]] = {
    "single": [lambda n: FLOODED if n > 110 else 1.0 + n % 3 * 0.1, *[lambda n: 1.0 + n % 2 * 0.2] * 5],
    "cluster": [lambda n: n * 0.35, *[lambda n: n * 0.3] * 3, *[lambda n: 2.0 + n % 2 * 0.2] * 2],
    "trend": [lambda n: n * 0.35 + n % 2 * 0.2, *[lambda n: 2.0 + n % 2 * 0.2] * 5],
}
"""The last hour of the sensor in question and of its neighbours, in steps of half a minute: 0 … 120."""


def district(source: Source, case: str, urls: Sequence[str] = (), hours: int = 1) -> None:
    """Declare six road sensors, three in a river, weather stations and cameras, and tell their readings until now."""
    now_ms = to_ms(SystemClock().now())
    flood = [
        {"id": f"s{n}", "name": f"下凹桥积水点{n:02}", "kind": "flood_depth", "unit": "cm", "town": "黄村镇",
         "point": place(400.0 * n), "department": "区水务局"}
        for n in range(6)
    ]  # fmt: skip
    flood[0]["upstream"] = ["s1"]
    flood[2]["upstream"] = ["s0"]
    weather = [
        {"id": kind, "name": name, "kind": kind, "unit": unit, "point": place(0.0, 2500.0), "stale_after_s": 600.0}
        for kind, name, unit in (
            ("rain", "兴丰雨量站", "mm/h"),
            ("wind_speed", "兴丰气象站 风速", "m/s"),
            ("air_temperature", "兴丰气象站 气温", "℃"),
        )
    ]
    source.hand_in({"type": "sensors", "sensors": [*flood, *weather]})
    cameras = [
        {"id": f"c{k}", "name": f"黄村路口{k:02}", "url": url, "point": place(-60.0, 20.0 * k), "heading_deg": 90.0,
         "view_deg": 90.0, "range_m": 200.0, "health": "online"}
        for k, url in enumerate(urls)
    ]  # fmt: skip
    cameras.append(
        {"id": "off", "name": "黄村广场", "url": "rtsp://127.0.0.1:9/x", "point": place(0.0, 90.0),
         "heading_deg": 180.0, "view_deg": 60.0, "range_m": 200.0, "health": "offline"}
    )  # fmt: skip
    source.hand_in({"type": "cameras", "cameras": cameras})
    times = [now_ms - 30_000 * (120 - n) for n in range(121)]
    for n, course in enumerate(CASES[case]):
        tell(source, f"s{n}", times, [course(step) for step in range(121)])
    day = 86_400_000
    tell(source, "s0", [at - day for at in times], [1.0 + step % 4 * 0.3 for step in range(121)])
    for identity, value in (("rain", 36.0), ("wind_speed", 4.2), ("air_temperature", 21.5)):
        tell(source, identity, times[-20:], [value] * 20)


def tell(source: Source, identity: str, times: list[int], values: list[float]) -> None:
    source.hand_in({"type": "readings", "ids": [identity] * len(times), "values": values, "times": times})


class LiveSeat:
    """A seat with its own link, on whichever asyncio loop runs."""

    def __init__(self, port: int, fleet: Fleet) -> None:
        self.clock = SystemClock()
        self.owner = QObject()
        self.link = Link(f"tcp://127.0.0.1:{port}", self.clock)
        self.link.start()
        self.pump = Pump(self.link, self.clock, self.owner)
        self.commands = Commands(self.link, "desk-1", "王值班")
        self.failed: list[BaseException] = []
        self.tasks = Tasks(self.failed.append, self.failed.append)
        kinds = decode_kinds(path("data", "sensor_kinds.toml").read_bytes())
        self.seat = Seat(
            name="desk-1",
            clock=self.clock,
            pump=self.pump,
            commands=self.commands,
            officer=OfficerCommands(self.commands),
            tasks=self.tasks,
            selection=Selection(self.owner),
            requests=Requests(self.owner),
            fleet=fleet,
            scheduler=PlotScheduler(self.owner),
            kinds=kinds,
            names=decode_names(path("data", "names.toml").read_bytes(), kinds),
            wall="main",
            wall_columns=2,
        )

    async def until(self, true: Callable[[], object], within_s: float = 20.0) -> None:
        """Let the frame clock and the loop go on until it is true."""
        end = self.clock.monotonic() + within_s
        while not true():
            assert self.clock.monotonic() < end, "not in time"
            self.pump.tick()
            await asyncio.sleep(0.005)
        assert not self.failed, self.failed

    async def ready(self) -> None:
        """Until the room is there."""
        await self.until(lambda: self.pump.status.state is LinkState.LIVE and self.pump.room.sensors)

    async def close(self) -> None:
        await self.tasks.close()
        self.link.close()
