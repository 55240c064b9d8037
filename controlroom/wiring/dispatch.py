"""Who is nearest to the chosen alarm or incident, in one gesture, and from the answer a task for its department."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject

from controlroom.bridge.asset_wording import short_line
from controlroom.domain.asset import Asset, AssetKind
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.place import Point
from controlroom.i18n import _
from controlroom.mapping.analysis.answer import Answer
from controlroom.shell.actions import Actions
from controlroom.wiring.seat import Seat


class Dispatch(QObject):
    """Asks for the nearest and proposes tasks; what is proposed the officer still reads, changes and assigns."""

    def __init__(self, seat: Seat, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        actions.add(
            "nearest_teams",
            _("Who is nearest to the chosen alarm or incident"),
            self.ask,
            shortcuts=("Ctrl+Shift+T",),
            help=_("Teams by road where a network is known, else by line, as a list and as lines on the map"),
        )

    def ask(self) -> None:
        """Ask who is nearest to what is chosen."""
        point = self._place()
        if point is None:
            self._seat.requests.told.emit(_("No alarm or incident with a known place is chosen."))
        else:
            self._seat.requests.question_wanted.emit(point.lon, point.lat)

    def offers(self, answer: Answer) -> Sequence[tuple[str, Callable[[], None]]]:
        """The teams of an answer that can be asked for the incident at hand, with what does it."""
        incident = self._incident()
        if incident is None:
            return ()
        room = self._seat.pump.room
        teams = [(point, room.assets[point.id]) for point in answer.points if point.id in room.assets]
        return [
            (point.label, partial(self._propose, incident, asset))
            for point, asset in teams
            if asset.kind is AssetKind.TEAM
        ]

    def _propose(self, incident: Incident, team: Asset) -> None:
        where = incident.place or incident.title
        text = _("Send {team} ({what}) to {place}").format(team=team.name, what=short_line(team), place=where)
        self._seat.requests.task_proposed.emit(incident.id, team.department, text)

    def _incident(self) -> Incident | None:
        """The chosen open incident, or that of the chosen alarm."""
        selection, room = self._seat.selection, self._seat.pump.room
        incident = room.incidents.get(selection.id) if selection.kind == "incident" else None
        if selection.kind == "alarm":
            incident = next((i for i in room.incidents.values() if selection.id in i.alarms), None)
        return incident if incident is not None and incident.status is IncidentStatus.OPEN else None

    def _place(self) -> Point | None:
        selection, room = self._seat.selection, self._seat.pump.room
        incident = room.incidents.get(selection.id) if selection.kind == "incident" else None
        if incident is not None and incident.point is not None:
            return incident.point
        names = incident.alarms if incident is not None else (selection.id,) if selection.kind == "alarm" else ()
        for alarm in (room.alarms[name] for name in names if name in room.alarms):
            sensor, camera = room.sensors.get(alarm.sensor), room.cameras.get(alarm.camera)
            point = alarm.point or (sensor.point if sensor else None) or (camera.point if camera else None)
            if point is not None:
                return point
        return None
