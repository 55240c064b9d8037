"""Who and what is inside, who is near and what can see it: one key or one entry of a menu, and one card with ages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget
from shiboken6 import isValid

from controlroom.bridge.round_answer import RoundAnswer
from controlroom.bridge.round_run import RoundRun
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.place import Point
from controlroom.i18n import _
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.graphics import area_in, parts_of
from controlroom.shell.actions import Actions
from controlroom.wiring.round_moment import moment_of
from controlroom.wiring.round_reckoning import Ground, Round, reckon
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.sight import sight_of
from resources import path
from widgets.map_view import MapView
from widgets.round_card import RoundCard

RENEWED_S = 5.0
"""House figure: so old the figures of an open card become before they are reckoned anew."""
_FENCES = "fences"


class AllRound(QObject):
    """Asks and keeps the cards. One per seat; a worker reckons, on the GUI's thread tables are only copied."""

    def __init__(self, seat: Seat, actions: Actions, active: Callable[[], QWidget | None], parent: QObject) -> None:
        super().__init__(parent)
        self._seat, self._active = seat, active
        self._ground = Ground((path("district", "exposure"), *seat.exposure_folders))
        self.run = RoundRun(self)
        self.run.answered.connect(self._answered)
        self._cards: dict[RoundCard, tuple[Round, datetime]] = {}
        actions.add(
            "all_round",
            _("Inside, near and looking: all about what is chosen"),
            self.ask_chosen,
            group=_("Questions to the map"),
            shortcuts=("Ctrl+Alt+A",),
            help=_("Who and what is inside, who is near and which cameras see it, in one card with ages"),
        )
        seat.requests.map_menu_filled.connect(self._fill)
        seat.requests.map_opened.connect(self._attach)
        seat.pump.ticked.connect(self._tick)
        seat.directory.changed.connect(self._anew)
        seat.room_time.changed.connect(self._anew)
        seat.past.changed.connect(self._anew)

    # ---------------------------------------------------------------- how it is asked

    def ask_chosen(self) -> RoundCard | None:
        """Ask about the chosen alarm, incident, sensor, camera, vehicle, fence or drawing."""
        selection = self._seat.selection
        asked = self._round_of(selection.kind, selection.id)
        if asked is None:
            self._seat.requests.told.emit(_("Nothing with a known place is chosen."))
            return None
        return self.ask(asked)

    def ask(self, asked: Round) -> RoundCard:
        """A card with the answer; one that is not pinned is used again."""
        self._seat.directory.open()
        card = next((card for card in self._cards if not card.pinned), None)
        if card is None:
            card = RoundCard(ZONE, self._active())
            card.radius_chosen.connect(self._radius)
            card.published.connect(self._publish)
            card.copied.connect(self._copied)
            card.destroyed.connect(self._forget)
        elif asked.around:
            asked = replace(asked, radius_m=card.radius_m)
        self._cards[card] = (asked, self._seat.clock.now())
        self.run.forget(card)
        card.set_waiting(asked.title)
        self._show(card)
        card.show()
        card.raise_()
        card.activateWindow()
        return card

    def _attach(self, view: MapView) -> None:
        action = QAction(_("Inside, near and looking: the middle of the map"), view)
        action.setShortcut("A")
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(partial(self._middle, view))
        view.addAction(action)

    def _middle(self, view: MapView) -> None:
        centre = view.scene.centre
        self.ask(Round(_("Middle of the map"), (Point(centre.lon, centre.lat),)))

    def _fill(self, menu: QMenu, lon: float, lat: float, kind: str, identity: str) -> None:
        asked = self._round_of(kind, identity) or Round(f"{lat:.5f}, {lon:.5f}", (Point(lon, lat),))
        menu.addAction(_("Who and what is inside, near and looking"), partial(self.ask, asked))

    def close(self) -> None:
        """End the worker; what it reckons is shown no more."""
        self.run.close()

    def _round_of(self, kind: str, identity: str) -> Round | None:
        live, now = self._seat.room_time.live, self._seat.pump.room
        room = now if live else self._seat.past.room or now
        fence = room.fences.get(identity) if kind in ("fence", _FENCES) else None
        if fence is not None:
            return Round(fence.name, fence.ring)
        graphic = room.graphics.get(identity) if kind == "graphic" else None
        if graphic is not None:
            drawing = graphic.drawing
            title = drawing.text or _("Drawing")
            try:
                encloses = any(part.area and part.role != "head" for part in parts_of(drawing))
            except AnalysisFault:
                encloses = False
            return Round(title, drawing.points[:1], area=partial(area_in, drawing) if encloses else None)
        asset = now.assets.get(identity) if kind in ("asset", "team", "hazard", "space") else None
        if asset is not None and asset.point is not None:
            return Round(asset.name, (asset.point,))
        sight = sight_of(self._seat, kind, identity)
        return None if sight is None else Round(sight.title, sight.outline)

    # ---------------------------------------------------------------- what is done with it

    def _tick(self, now: datetime) -> None:
        for card, (_asked, at) in list(self._cards.items()):
            if card.isVisible() and (now - at).total_seconds() >= RENEWED_S and not self.run.waits(card):
                self._show(card)
        self._tell_time()

    def _anew(self) -> None:
        for card in self._cards:
            self._show(card)
        self._tell_time()

    def _radius(self, radius_m: int) -> None:
        card = self.sender()
        if isinstance(card, RoundCard) and card in self._cards:
            asked, at = self._cards[card]
            self._cards[card] = (replace(asked, radius_m=radius_m), at)
            self.run.forget(card)
            self._show(card)

    def _copied(self, title: str) -> None:
        self._seat.requests.told.emit(_("Copied: {text}").format(text=title))

    def _publish(self, text: str) -> None:
        incident = self._incident()
        if incident is not None:
            note = self._seat.officer.add_note(incident.id, text[:4000])
            self._seat.tasks.spawn(note, "a whole answer into an incident")
            told = _("Written into “{incident}”.").format(incident=incident.title)
            self._seat.requests.told.emit(told)

    def _forget(self) -> None:
        # What is destroyed is told as another object than the one that was held: it is known by being no more.
        for gone in [card for card in self._cards if not isValid(card)]:
            del self._cards[gone]
            self.run.forget(gone)

    def _incident(self) -> Incident | None:
        """The chosen open incident, or that of the chosen alarm."""
        selection, room = self._seat.selection, self._seat.pump.room
        held = room.incidents.get(selection.id) if selection.kind == "incident" else None
        if selection.kind == "alarm":
            held = next((one for one in room.incidents.values() if selection.id in one.alarms), None)
        return held if held is not None and held.status is IncidentStatus.OPEN else None

    def _show(self, card: RoundCard) -> None:
        """Have the answer reckoned anew; until it is there the card keeps what it says, with its time."""
        asked = self._cards[card][0]
        now = self._seat.clock.now()
        self._cards[card] = (asked, now)
        moment = moment_of(self._seat, now, self._waiting())
        self.run.renew(card, partial(reckon, self._ground, asked, moment))

    def _waiting(self) -> str:
        """Why the past that is looked at is not known (yet); empty where it is, and live."""
        past = self._seat.past
        if self._seat.room_time.live or past.room is not None:
            return ""
        return past.fault or _("How it was then is being asked from the hub…")

    def _answered(self, card: object, answer: RoundAnswer) -> None:
        for fault in self._ground.faults():
            self._seat.requests.told.emit(fault.sentence)
        if isinstance(card, RoundCard) and card in self._cards:
            incident = self._incident()
            around = self._cards[card][0].around
            card.set_answer(answer, around=around, incident=incident.title if incident else "")
            self._tell_time()

    def _tell_time(self) -> None:
        """A card of the past says so above everything else."""
        now, time = self._seat.clock.now(), self._seat.room_time
        for card in self._cards:
            if time.live or card.answer is None or card.answer.at == now:
                card.time.show_live()
            else:
                card.time.show_past(card.answer.at, now)
                card.time.button.hide()
