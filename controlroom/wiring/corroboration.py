"""Corroboration cards, connected: opened for a sensor, filled as evidence comes, pinned, put into an incident."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from controlroom.bridge.corroboration import Corroborator, Dossier
from controlroom.bridge.corroboration_moment import Moment
from controlroom.bridge.models.sensor_model import kind_name_in
from controlroom.bridge.stills import stand_still
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.readings import Latest
from controlroom.i18n import _
from controlroom.wiring.seat import ZONE, Seat
from widgets.corroboration_card import CorroborationCard

CARDS_MOST = 6
"""Cards at once; the oldest pinned one makes room."""


class CorroborationDesk(QObject):
    """Holds the cards of a seat: one that is used again, and those that were pinned."""

    def __init__(self, seat: Seat, window: Callable[[], QWidget | None], parent: QObject | None = None) -> None:
        """`window` gives the window that a new card belongs to."""
        super().__init__(parent)
        self._seat = seat
        self._window = window
        pump = seat.pump
        self.corroborator = Corroborator(
            lambda: pump.room,
            lambda: pump.latest,
            seat.clock,
            seat.commands.history,
            seat.limit_book.judged,
            seat.kinds,
            partial(stand_still, seat.fleet, seat.clock),
            self._moment,
        )
        self.cards: list[CorroborationCard] = []
        self._work: dict[CorroborationCard, asyncio.Task[None]] = {}
        pump.sensors_changed.connect(self.corroborator.forget_sensors)
        pump.room_reset.connect(self._forget)
        pump.cameras_changed.connect(self._forget_cameras)
        pump.ticked.connect(self._tick)
        seat.requests.corroboration_wanted.connect(self.show_sensor)
        seat.past.changed.connect(self._look)
        seat.room_time.changed.connect(self._look_if_live)

    def show_chosen(self) -> None:
        """A card for what is chosen: a sensor, or the sensor of an alarm."""
        sensor = chosen_sensor(self._seat)
        if sensor:
            self.show_sensor(sensor)

    def show_sensor(self, identity: str) -> CorroborationCard | None:
        """A card for a sensor: its own, else the one that is not pinned; one that nobody declared has none."""
        if identity not in self._seat.pump.room.sensors:
            return None
        own = (held for held in self.cards if _about(held) == identity)
        card = next(own, None) or next((held for held in self.cards if not held.pinned), None) or self._new_card()
        self._gather(card, identity)
        card.show()
        card.raise_()
        card.activateWindow()
        return card

    def _moment(self) -> Moment | None:
        """The earlier time that the room looks at, as far as the hub has told it."""
        past, room_time = self._seat.past, self._seat.room_time
        if room_time.live:
            return None
        return Moment(past.at or room_time.at, past.latest or Latest(), past.room.alarms if past.room else {})

    def _look(self) -> None:
        """The room looks at another time: what is not pinned goes with it."""
        for card in self.cards:
            work = self._work.get(card)
            if not card.pinned and _about(card) and (work is None or work.done() or self._seat.room_time.live):
                self._gather(card, _about(card))

    def _look_if_live(self) -> None:
        if self._seat.room_time.live:
            self._look()

    def _new_card(self) -> CorroborationCard:
        seat = self._seat
        while len(self.cards) >= CARDS_MOST:
            self.cards[0].close()
        card = CorroborationCard(
            seat.kinds, kind_name_in(seat.kinds), ZONE, lambda: self._incidents(card), self._window()
        )
        card.refresh_wanted.connect(partial(self._gather, card))
        card.sensor_chosen.connect(self._choose)
        card.cameras_wanted.connect(seat.requests.cameras_wanted)
        card.attached.connect(self._attach)
        card.finished.connect(partial(self._gone, card))
        card.destroyed.connect(partial(self._gone, card))
        self.cards.append(card)
        return card

    def _gather(self, card: CorroborationCard, identity: str) -> None:
        self._stop(card)
        told = partial(self._told, card)
        work = self._seat.tasks.spawn(self.corroborator.gather(identity, told), "corroboration")
        if work is not None:
            self._work[card] = work

    def _told(self, card: CorroborationCard, dossier: Dossier) -> None:
        if card in self.cards:
            card.show_dossier(dossier, self._seat.clock.now())

    def _stop(self, card: CorroborationCard) -> None:
        work = self._work.pop(card, None)
        if work is not None:
            work.cancel()

    def _gone(self, card: CorroborationCard, _how: object = None) -> None:
        self._stop(card)
        if card in self.cards:
            self.cards.remove(card)

    def _tick(self, now: datetime) -> None:
        for card in self.cards:
            card.tick(now)

    def _forget(self) -> None:
        self.corroborator.forget_sensors()
        self.corroborator.forget_cameras()

    def _forget_cameras(self, _changed: object) -> None:
        self.corroborator.forget_cameras()

    def _choose(self, identity: str) -> None:
        if identity:
            self._seat.selection.select("sensor", identity)

    def _incidents(self, card: CorroborationCard) -> Sequence[Incident]:
        """The open incidents, first those of alarms of the card's sensor, then the newest."""
        room, about = self._seat.pump.room, _about(card)
        own = {alarm.id for alarm in room.alarms.values() if alarm.sensor == about}
        held = [incident for incident in room.incidents.values() if incident.status is IncidentStatus.OPEN]
        return sorted(held, key=lambda i: (not own.intersection(i.alarms), -i.opened_at.timestamp()))

    def _attach(self, incident: str, text: str) -> None:
        self._seat.tasks.spawn(self._seat.officer.add_note(incident, text), "corroboration into an incident")


def chosen_sensor(seat: Seat) -> str:
    """The id of the sensor that is chosen, by itself or by its alarm; empty without one."""
    kind, identity, room = seat.selection.kind, seat.selection.id, seat.pump.room
    if kind == "alarm" and identity in room.alarms:
        identity = room.alarms[identity].sensor
    elif kind != "sensor":
        return ""
    return identity if identity in room.sensors else ""


def corroborate_action(widget: QWidget, slot: Callable[[], None]) -> QAction:
    """The action that asks for a card, with its key, on a widget that has a chosen alarm or sensor."""
    action = QAction(_("Corroborate the sensor"), widget)
    action.setShortcut(QKeySequence("C"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(lambda: slot())
    widget.addAction(action)
    return action


class CorroborateButton(QPushButton):
    """Asks for a card about the sensor of what a panel shows; hidden while that has none."""

    def __init__(self, seat: Seat, panel: QWidget) -> None:
        super().__init__(_("Is it true? Corroborate the sensor (C)"))
        self._seat = seat
        self._sensor = ""
        self.hide()
        corroborate_action(panel, self.click)
        self.clicked.connect(self._ask)

    def show_sensor(self, identity: str) -> None:
        """The sensor that it asks about from now on."""
        self._sensor = identity if identity in self._seat.pump.room.sensors else ""
        self.setVisible(bool(self._sensor))

    def _ask(self) -> None:
        if self._sensor:
            self._seat.requests.corroboration_wanted.emit(self._sensor)


def _about(card: CorroborationCard) -> str:
    return "" if card.dossier is None else card.dossier.subject.sensor.id
