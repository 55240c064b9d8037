"""How long an officer waits for a corroboration, and how long the hub takes to find what belongs to one cause."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from controlroom.clock import SystemClock
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_conditioning import Conditioning
from controlroom.domain.alarm_rules import decode_rules
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.events import AlarmChanged
from controlroom.domain.place import Point, distance_m
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.mapping.sight import CameraColumns, seeing_point
from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.scene import SceneCamera
from controlroom.video.fleet import Fleet
from controlroom.wiring.corroboration import CorroborationDesk
from tests.bench.report import Measure
from tests.rooms import NOON, hub_in, source_of
from tests.wiring.corroborated import LiveSeat, district, tell

CAMERAS = 39_000
ALARMS = 2000
SENSORS = 130_000
STREAMS = 3

_RULES = b"""
edition = "bench"
[[correlation]]
name = "power"
parent = { kind = ["power"] }
children = { kind = ["device"] }
same = ["department"]
near_m = 300.0
before_s = 60.0
"""


def measure(quick: bool) -> list[Measure]:
    """The card over a real hub with real streams, the cameras that see a point, the alarms of one cause."""
    return [_card(3 if quick else 9, 20_000 if quick else SENSORS), _sight(quick), _correlate(5 if quick else 25)]


def _card(repeats: int, sensors: int) -> Measure:
    """From the key to the whole card: a full room, the hub's history, streams that are opened anew each time."""
    took = asyncio.run(_cards(repeats, sensors))
    note = f"median {statistics.median(took):.2f} s of {repeats}, worst here; {sensors:,} sensors, {STREAMS} streams"
    return Measure("corroboration_s", max(took), "s", None, note)


async def _cards(repeats: int, sensors: int) -> list[float]:
    clock, took = SystemClock(), list[float]()
    server = CameraServer(tuple(SceneCamera(id=f"c{k}", name=f"c{k}") for k in range(STREAMS)), clock)
    server.start()
    fleet = Fleet(clock)
    fleet.start()
    with tempfile.TemporaryDirectory() as folder, hub_in(Path(folder)) as hub:
        with source_of(hub.ports.ingest) as source:
            district(source, "cluster", [server.url(f"c{k}") for k in range(STREAMS)])
            random = np.random.default_rng(3)
            for start in range(0, sensors, 5000):
                points = (random.random((5000, 2)) * [0.4, 0.3] + [116.2, 39.5]).tolist()
                many = [
                    {"id": f"m{start + n}", "name": f"m{start + n}", "kind": "heat_pump_outlet", "point": point}
                    for n, point in enumerate(points)
                ]
                source.hand_in({"type": "sensors", "sensors": many})
            tell(source, "m0", [int(clock.now().timestamp() * 1000)], [45.0])
        seat = LiveSeat(hub.ports.requests, fleet)
        try:
            await seat.until(lambda: len(seat.pump.room.sensors) >= sensors, 120.0)
            desk = CorroborationDesk(seat.seat, lambda: None, seat.owner)
            for _turn in range(repeats):
                desk.corroborator.forget_sensors()
                desk.corroborator.forget_cameras()
                began = time.perf_counter()
                card = desk.show_sensor("s0")
                await seat.until(lambda card=card: card.dossier is not None and card.dossier.whole)
                took.append(time.perf_counter() - began)
                card.close()
                await seat.until(lambda: fleet.streams == 0)
        finally:
            await seat.close()
    fleet.close()
    server.close()
    return took


def _sight(quick: bool) -> Measure:
    random = np.random.default_rng(4)
    cameras = [
        Camera(
            id=str(n),
            name="",
            point=Point(116.2 + 0.4 * east, 39.5 + 0.3 * north),
            heading_deg=360.0 * turn,
            health=CameraHealth.ONLINE,
        )
        for n, (east, north, turn) in enumerate(random.random((CAMERAS, 3)).tolist())
    ]
    columns, took = CameraColumns.of(cameras), []
    for _turn in range(5 if quick else 25):
        began = time.perf_counter()
        seeing_point(columns, Point(116.4, 39.7))
        took.append(1000.0 * (time.perf_counter() - began))
    began, here = time.perf_counter(), Point(116.4, 39.7)
    near = [camera for camera in cameras if camera.point and distance_m(here, camera.point) <= camera.range_m]
    plain = 1000.0 * (time.perf_counter() - began)
    note = f"cameras that can see a point, ranked; beside it one loop for the {len(near)} within range alone"
    return Measure("sight_39000_ms", statistics.median(took), "ms", plain, note)


def _correlate(repeats: int) -> Measure:
    """A cause is told while 2,000 alarms stand that may be its children within 300 m and 60 s."""
    took, children = list[float](), 0
    for _turn in range(repeats):
        room = Room()
        hub = Conditioning(room, decode_rules(_RULES))
        for number in range(ALARMS):
            for event in hub.told(_alarm(number, "device"), NOON):
                room.apply(room.sequence + 1, event)
                hub.follow(event)
        began = time.perf_counter()
        events = hub.told(_alarm(ALARMS, "power", Severity.RED), NOON)
        took.append(1000.0 * (time.perf_counter() - began))
        children = sum(isinstance(event, AlarmChanged) and bool(event.alarm.parent) for event in events)
    note = f"one cause over {ALARMS:,} standing alarms, 300 m and 60 s: {children:,} are its children"
    return Measure("correlate_2000_ms", statistics.median(took), "ms", None, note)


def _alarm(number: int, kind: str, severity: Severity = Severity.YELLOW) -> Alarm:
    return Alarm(
        id=f"s/{number}",
        source="s",
        key=str(number),
        severity=severity,
        title="t",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=NOON,
        received_at=NOON,
        changed_at=NOON,
        kind=kind,
        department="区供电",
        point=Point(116.3 + number % 50 * 1e-4, 39.7 + number // 50 * 1e-4),
    )
