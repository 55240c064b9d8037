"""One frame clock for the seat: takes what the link delivered, in bounded slices, and tells the views in batches."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance

from controlroom.clock import Clock
from controlroom.domain.events import (
    AlarmHeld,
    AssetsDeclared,
    AssetsMoved,
    CameraGroupChanged,
    DutyChanged,
    Event,
    FenceChanged,
    FloodChanged,
    GraphicChanged,
    HandoverChanged,
    HoldEnded,
    MatrixChanged,
    PtzRuleChanged,
    PublishedAnswerChanged,
    SeatChanged,
    SensorsDeclared,
    SilenceChanged,
    TourChanged,
    ValueSnapshotChanged,
    VehiclesDeclared,
    WallRuleChanged,
)
from controlroom.domain.positions import LatestPositions
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.seat.delivery import Delivery
from controlroom.seat.mirror import Changes, Mirror
from controlroom.seat.status import LinkStatus

INTERVAL_MS = 33
BUDGET_S = 0.008
"""Time for applying deliveries in one tick; what is left waits for the next, so the officer's hands never wait."""
_DECLARED: frozenset[type[Event]] = frozenset({SensorsDeclared, VehiclesDeclared})
DECLARED_QUIET_S = 0.5
DECLARED_EVERY_S = 4.0
"""Declarations are told once they have paused for this long, or this often while they go on: views rebuild their lists
for them, and a district of 130,000 sensors declares itself in hundreds of batches."""


class Deliverer(Protocol):
    """Where deliveries come from: a link."""

    def take(self) -> Delivery | None:
        """The next delivery or None."""

    @property
    def status(self) -> LinkStatus:
        """The state of the link."""


class Pump(QObject):
    """Batches of the link as signals, on the GUI thread. `room`, `latest` and `positions` are for reading only."""

    room_reset = Signal()
    alarms_changed = Signal(list)
    incidents_changed = Signal(list)
    sensors_changed = Signal()
    cameras_changed = Signal(object)
    """A list of ids; as an object, since Qt would copy 39,000 of them for each who listens."""
    vehicles_changed = Signal()
    assets_changed = Signal()
    """Teams, hazard sources or spaces are other than before, or elsewhere."""
    walls_changed = Signal(list)
    wall_plans_changed = Signal()
    """Saved states of walls, their rules or guard tours are other than before."""
    ptz_changed = Signal(list)
    """The ids of steerable cameras that look elsewhere, were moved, or have another holder."""
    ptz_ended = Signal(object)
    """A PtzLease that is over."""
    ptz_rules_changed = Signal()
    sources_changed = Signal(list)
    drill_changed = Signal(object)
    value_snapshots_changed = Signal()
    annotations_changed = Signal(list)
    camera_groups_changed = Signal()
    holds_changed = Signal()
    """What rules hold back is other than before."""
    silences_changed = Signal()
    duties_changed = Signal()
    seating_changed = Signal()
    floods_changed = Signal()
    fences_changed = Signal()
    graphics_changed = Signal()
    published_changed = Signal()
    readings_arrived = Signal(object)
    positions_arrived = Signal(object)
    link_changed = Signal(object)
    ticked = Signal(object)

    def __init__(self, link: Deliverer, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._clock = clock
        self._mirror = Mirror()
        self._told: LinkStatus | None = None
        self.recalled_at: datetime | None = None
        """When what the room holds was so, while it was recalled and the hub has not told anything yet."""
        self._second = -1
        self._declared = Changes()
        self._declared_at_s = self._declared_told_s = float("-inf")
        self._told_of: tuple[tuple[set[type[Event]], SignalInstance], ...] = (
            ({PtzRuleChanged}, self.ptz_rules_changed),
            ({MatrixChanged, WallRuleChanged, TourChanged}, self.wall_plans_changed),
            ({ValueSnapshotChanged}, self.value_snapshots_changed),
            ({CameraGroupChanged}, self.camera_groups_changed),
            ({AlarmHeld, HoldEnded}, self.holds_changed),
            ({SilenceChanged}, self.silences_changed),
            ({DutyChanged}, self.duties_changed),
            ({SeatChanged, HandoverChanged}, self.seating_changed),
            ({FloodChanged}, self.floods_changed),
            ({AssetsDeclared, AssetsMoved}, self.assets_changed),
            ({FenceChanged}, self.fences_changed),
            ({GraphicChanged}, self.graphics_changed),
            ({PublishedAnswerChanged}, self.published_changed),
        )
        """By which events each of the signals without a value is sent."""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def room(self) -> Room:
        """The mirror of the hub's room."""
        return self._mirror.room

    @property
    def latest(self) -> Latest:
        """The newest readings by telemetry index."""
        return self._mirror.latest

    @property
    def positions(self) -> LatestPositions:
        """The newest positions by telemetry index."""
        return self._mirror.positions

    @property
    def status(self) -> LinkStatus:
        """The link as it is now."""
        return self._link.status

    def recall(self, events: Iterable[Event], at: datetime) -> None:
        """Let the room hold what was so at a time, until the hub tells what is."""
        self._mirror.room.restore(0, iter(events))
        self.recalled_at = at
        self.room_reset.emit()

    def start(self) -> None:
        """Start the frame clock."""
        self._timer.start()

    def stop(self) -> None:
        """Stop the frame clock; nothing is emitted any more."""
        self._timer.stop()

    def tick(self) -> None:
        """One turn of the frame clock."""
        now = self._clock.now()
        changes = Changes()
        until = time.perf_counter() + BUDGET_S
        while (delivery := self._link.take()) is not None:
            self._mirror.apply(delivery, now, changes)
            if changes.reset or time.perf_counter() > until:
                break
        status = self._link.status
        if status != self._told:
            self._told = status
            self.link_changed.emit(status)
        self._tell(changes)
        second = int(now.timestamp())
        if second != self._second:
            self._second = second
            self.ticked.emit(now)

    def _tell(self, changes: Changes) -> None:
        if changes.reset:
            self._declared = Changes()
            self.recalled_at = None
            self.room_reset.emit()
        self._tell_declared(changes)
        for names, signal in (
            (changes.walls, self.walls_changed),
            (changes.sources, self.sources_changed),
            (changes.incidents, self.incidents_changed),
            (changes.annotations, self.annotations_changed),
            (changes.ptz, self.ptz_changed),
        ):
            if names:
                signal.emit(list(names))
        for lease in changes.ptz_ended:
            self.ptz_ended.emit(lease)
        for kinds, signal in self._told_of:
            if changes.kinds & kinds:
                signal.emit()
        if changes.alarms:
            self.alarms_changed.emit(list(changes.alarms.values()))
        if changes.drill is not None:
            self.drill_changed.emit(changes.drill)
        for readings in changes.readings:
            self.readings_arrived.emit(readings)
        for positions in changes.positions:
            self.positions_arrived.emit(positions)

    def _tell_declared(self, changes: Changes) -> None:
        """Tell of declarations, the first at once and those that follow it together."""
        held = self._declared
        held.kinds |= changes.kinds & _DECLARED
        held.cameras.update(changes.cameras)
        now_s = self._clock.monotonic()
        quiet = now_s - self._declared_at_s >= DECLARED_QUIET_S
        if changes.kinds & _DECLARED or changes.cameras:
            self._declared_at_s = now_s
        waited = now_s - self._declared_told_s >= DECLARED_EVERY_S
        if not (held.kinds or held.cameras) or not (quiet or waited):
            return
        self._declared, self._declared_told_s = Changes(), now_s
        if SensorsDeclared in held.kinds:
            self.sensors_changed.emit()
        if VehiclesDeclared in held.kinds:
            self.vehicles_changed.emit()
        if held.cameras:
            self.cameras_changed.emit(list(held.cameras))
