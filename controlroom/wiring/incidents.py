"""Incident board, incident view and duty log, connected."""

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QSplitter

from controlroom.bridge.duty_watch import DutyWatch
from controlroom.bridge.models.duty_model import DutyModel
from controlroom.bridge.models.incident_model import IncidentModel, record_of, records_of
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.room import Room
from controlroom.seat.status import LinkStatus
from controlroom.wiring.exposure import ExposureWiring
from controlroom.wiring.incident_graphics import IncidentGraphics
from controlroom.wiring.seat import DEPARTMENTS, ZONE, Seat
from widgets.duty_log import DutyLog
from widgets.incident_board import IncidentBoard
from widgets.incident_view import IncidentView


class IncidentsWiring(QObject):
    """The board of incidents with the chosen one below it."""

    def __init__(self, seat: Seat) -> None:
        now = seat.clock.now()
        self.model = IncidentModel(now, ZONE)
        self.board = IncidentBoard(self.model, seat.officer, seat.tasks.spawn)
        self.view = IncidentView(seat.officer, seat.tasks.spawn, DEPARTMENTS, now, ZONE)
        self.exposure = ExposureWiring(seat, self.view)
        self.view.add_row(self.exposure.strip)
        self.graphics = IncidentGraphics(seat, lambda: self._room, self.view)
        self.view.add_row(self.graphics.strip)
        self.view.add_tool(self.graphics.strip.work)
        self.panel = QSplitter(Qt.Orientation.Vertical)
        self.panel.setChildrenCollapsible(False)
        self.panel.addWidget(self.board)
        self.panel.addWidget(self.view)
        self.panel.setSizes([200, 400])
        super().__init__(self.panel)
        self._seat = seat
        self.model.setParent(self.panel)
        self.follower = TimeFollower(seat.room_time, self.panel)
        self.follower.changed.connect(self._look)
        self._was_past = False
        pump = seat.pump
        pump.room_reset.connect(self._reset)
        seat.past.changed.connect(self._reset)
        pump.incidents_changed.connect(self._change)
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        seat.selection.changed.connect(self._selected)
        self.board.chosen.connect(self._chosen)
        self.board.opened.connect(self.board.select)
        self.board.map_wanted.connect(lambda identity: seat.requests.map_wanted.emit("incident", identity))
        seat.requests.task_proposed.connect(self._propose)
        seat.places.opened.connect(self._name_places)
        self._name_places()
        self._reset()
        self._link(pump.status)
        self._selected(seat.selection.kind, seat.selection.id)

    def _propose(self, incident: str, department: str, text: str) -> None:
        self._seat.reveal("incidents")
        self._seat.selection.select("incident", incident)
        self._selected("incident", incident)
        self.view.tasks.propose(department, text)

    def _name_places(self) -> None:
        self.view.set_place_line(self._seat.places.line)

    @property
    def _room(self) -> Room:
        """The room of now, or that of the room's time; an empty one until the hub has told it."""
        return (self._seat.past.room or Room()) if self.follower.past else self._seat.pump.room

    def _look(self) -> None:
        """The room's time, or how this panel stands to it, has changed."""
        if self.follower.past != self._was_past:
            self._was_past = self.follower.past
            self.board.set_past(self.follower.past)
            self.view.set_past(self.follower.past)
            self._reset()
        self._tick(self._seat.clock.now())

    def _reset(self) -> None:
        self.model.reset(records_of(self._room))
        self._show(self.view.record.incident.id if self.view.record is not None else None)

    def _change(self, incidents: list[str]) -> None:
        if self.follower.past:
            return
        room = self._seat.pump.room
        self.model.change(record for record in (record_of(room, i) for i in incidents) if record is not None)
        shown = self.view.record
        if shown is not None and shown.incident.id in incidents:
            self._show(shown.incident.id)
        elif self._seat.selection.kind == "incident" and self._seat.selection.id in incidents:
            self._selected("incident", self._seat.selection.id)

    def _tick(self, now: datetime) -> None:
        if self.follower.past:
            now = self._seat.past.at or self._seat.room_time.at
        self.board.tick(now)
        self.view.tick(now)

    def _link(self, status: LinkStatus) -> None:
        self.board.set_stale(self._seat.stale, status.since)
        self.view.set_stale(self._seat.stale, status.since)

    def _chosen(self, incident: str | None) -> None:
        self._show(incident)
        if incident is not None:
            self._seat.selection.select("incident", incident)

    def _selected(self, kind: str, identity: str) -> None:
        if kind == "incident" and identity in self._room.incidents:
            self.board.select(identity)
            self._show(identity)

    def _show(self, incident: str | None) -> None:
        self.exposure.show(incident)
        self.graphics.show(incident)
        self.view.show_record(record_of(self._room, incident) if incident is not None else None)


class DutyKeeper(QObject):
    """Keeps the duty log of the seat while no panel shows it."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self.model = DutyModel(seat.clock.now(), ZONE, self)
        self._watch = DutyWatch(seat.names)
        self._seat = seat
        pump = seat.pump
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(lambda alarms: self.model.append(self._watch.alarms(alarms)))
        pump.incidents_changed.connect(self._incidents)
        pump.sources_changed.connect(self._sources)
        pump.link_changed.connect(lambda status: self.model.append(self._watch.link(status)))
        pump.ticked.connect(self.model.tick)

    def log(self) -> DutyLog:
        """A panel over the log."""
        return DutyLog(self.model)

    def _reset(self) -> None:
        self.model.append(self._watch.reset(self._seat.pump.room, self._seat.clock.now()))

    def _incidents(self, incidents: list[str]) -> None:
        self.model.append(self._watch.incidents(self._seat.pump.room, incidents))

    def _sources(self, sources: Iterable[str]) -> None:
        room = self._seat.pump.room
        self.model.append(self._watch.sources([room.sources[s] for s in sources], self._seat.clock.now()))
