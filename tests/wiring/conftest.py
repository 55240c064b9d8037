"""A seat whose link is the test's hand: events go in through the real pump, commands come out as a list."""

from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from controlroom.bridge.names import decode_names
from controlroom.bridge.officer import OfficerCommands
from controlroom.bridge.past_answers import RoomThen
from controlroom.bridge.pump import Pump
from controlroom.bridge.selection import Selection
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.events import AlarmChanged, CamerasDeclared, Event
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.past_readings import PastReadings
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.times import EPOCH
from controlroom.seat.link import Change, Delivery
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.video.fleet import Fleet
from controlroom.wire import codec
from controlroom.wire.frames import Readings
from controlroom.wire.messages import CommandBody, Done, Past
from controlroom.wiring.seat import Requests, Seat
from resources import path
from tests.shell.room_feed import NOON, HandClock
from widgets.plot_scheduler import PlotScheduler


class Hand:
    """What delivers, in place of a link."""

    def __init__(self) -> None:
        self.status = LinkStatus(state=LinkState.LIVE, since=NOON)
        self._out: deque[Delivery] = deque()
        self._sequence = 0

    def take(self) -> Delivery | None:
        return self._out.popleft() if self._out else None

    @property
    def empty(self) -> bool:
        return not self._out

    def put(self, *events: Event) -> None:
        for event in events:
            self._sequence += 1
            self._out.append(Change(self._sequence, event))

    def tell(self, readings: Readings) -> None:
        self._out.append(readings)


class Sent:
    """Commands that would have gone to the hub."""

    officer = "王值班"

    def __init__(self) -> None:
        self.bodies: list[CommandBody] = []
        self.created = "20261121-001"
        self.steered: list[Any] = []
        self.past_room = Room()
        self.journal: list[Event] = []
        self.looked_at: list[datetime] = []
        self.readings_then = Readings(*(np.empty(0, kind) for kind in (np.uint32, np.float32, np.int64, np.uint8)))

    async def send(self, body: CommandBody) -> Done:
        self.bodies.append(body)
        return Done(sequence=1, created=self.created)

    async def steer(self, question: Any) -> None:
        self.steered.append(question)

    async def recent_readings(self, _indices: list[int], _since: object) -> Readings:
        return Readings(*(np.empty(0, kind) for kind in (np.uint32, np.float32, np.int64, np.uint8)))

    async def room_at(self, at: datetime) -> RoomThen:
        self.looked_at.append(at)
        return RoomThen(at, EPOCH, self.past_room, 0)

    async def readings_at(self, _at: datetime, _size: int) -> AsyncIterator[Readings]:
        yield self.readings_then

    async def history(self, _indices: list[int], _since: object, _until: object = None, _bins: int = 0) -> PastReadings:
        return PastReadings(0, 0, (), 0, 0)

    async def past(self, _kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Past:
        return Past(sequences=(), times=(), events=())

    async def span(self, _kind: str, _since: datetime, _until: datetime, after: int = 0, limit: int = 1000) -> Past:
        """What is in `journal`, on one page."""
        events = tuple(msgspec.Raw(codec.encode(event)) for event in self.journal)
        return Past(sequences=tuple(range(1, len(events) + 1)), times=(0,) * len(events), events=events)


class AtOnce:
    """Runs a coroutine that waits for nothing."""

    def spawn(self, coroutine: Coroutine[Any, Any, Any], _name: str) -> None:
        try:
            coroutine.send(None)
        except StopIteration:
            return
        coroutine.close()


class Desk:
    """The seat and the hand that moves it."""

    def __init__(self) -> None:
        self.owner = QObject()
        self.clock = HandClock()
        self.hand = Hand()
        self.sent = Sent()
        self.pump = Pump(self.hand, self.clock, self.owner)
        self.revealed: list[str] = []
        kinds = decode_kinds(path("data", "sensor_kinds.toml").read_bytes())
        self.seat = Seat(
            name="desk-1",
            clock=self.clock,
            pump=self.pump,
            commands=self.sent,
            officer=OfficerCommands(self.sent),
            tasks=AtOnce(),
            selection=Selection(self.owner),
            requests=Requests(self.owner),
            fleet=Fleet(self.clock),
            scheduler=PlotScheduler(self.owner),
            kinds=kinds,
            names=decode_names(path("data", "names.toml").read_bytes(), kinds),
            wall="main",
            wall_columns=2,
            reveal=lambda kind: not self.revealed.append(kind),
        )

    def happen(self, *events: Event) -> None:
        """These events arrive."""
        self.hand.put(*events)
        self.pump.tick()
        while not self.hand.empty:  # a turn of the frame clock takes only so much time
            self.pump.tick()

    def link(self, state: LinkState) -> None:
        """The link changes."""
        self.hand.status = LinkStatus(state=state, since=self.clock.now())
        self.pump.tick()

    def second(self) -> None:
        """A second passes."""
        self.clock.advance(1.0)
        self.pump.tick()


def alarm(identity: str, severity: Severity = Severity.YELLOW, **more: Any) -> Alarm:
    at = NOON - timedelta(seconds=30)
    plain = {"source": "grid", "key": identity, "title": f"告警{identity}", "state": AlarmState.UNACKNOWLEDGED}
    times = {"occurred_at": at, "received_at": at, "changed_at": at}
    return Alarm(id=identity, severity=severity, **(plain | times | more))


def raised(*alarms: Alarm) -> list[AlarmChanged]:
    return [AlarmChanged(each) for each in alarms]


def declared(*cameras: Any) -> CamerasDeclared:
    return CamerasDeclared(tuple(cameras))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk()
    made.pump.tick()
    yield made
    made.seat.directory.close()
    made.seat.fleet.close()
