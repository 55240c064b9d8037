"""Who and what is inside, who is near and what can see it: one key or one entry of a menu, and one card with ages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget
from shiboken6 import isValid

from controlroom.bridge.asset_wording import age_word, short_line
from controlroom.bridge.camera_sight import Sight, witnesses
from controlroom.bridge.round_answer import RoundAnswer, RoundLine, RoundPart
from controlroom.bridge.wording import age_text, severity_word
from controlroom.domain.alarm import AlarmState
from controlroom.domain.asset import AssetKind
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.place import Point
from controlroom.domain.times import from_ms, to_ms
from controlroom.i18n import _, _n
from controlroom.mapping.analysis.areas import Area, circle, geodesic_area_m2, inside, read_area, vertices
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.analysis.roads import Network, Reached, nearest_by_line
from controlroom.mapping.exposure import Figure
from controlroom.mapping.fleet import is_service
from controlroom.mapping.graphics import area_in
from controlroom.shell.actions import Actions
from controlroom.wiring.exposure import HEARD_MS, ExposureWiring
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.sight import sight_of
from resources import path
from widgets.camera_words import state_line
from widgets.exposure_strip import USUAL_M, figure_text, kind_words
from widgets.map_view import MapView
from widgets.round_card import RoundCard

NEAREST = 5
LOOKING = 5
RENEWED_S = 5.0
"""House figure: so old the figures of an open card become before they are reckoned anew."""
_FENCES = "fences"


@dataclass(frozen=True, slots=True)
class Round:
    """What is asked about: a place, with a radius of its own, or an area of corners."""

    title: str
    outline: tuple[Point, ...]
    radius_m: int = USUAL_M

    @property
    def around(self) -> bool:
        """Whether it is a place and not an area."""
        return len(self.outline) < 3


class AllRound(QObject):
    """Asks and keeps the cards. One per seat; GUI thread, some milliseconds for 39,000 cameras."""

    def __init__(self, seat: Seat, actions: Actions, active: Callable[[], QWidget | None], parent: QObject) -> None:
        super().__init__(parent)
        self._seat, self._active = seat, active
        self._exposed = ExposureWiring(seat, self)
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
            card = RoundCard(self._active())
            card.radius_chosen.connect(self._radius)
            card.published.connect(self._publish)
            card.copied.connect(self._copied)
            card.destroyed.connect(self._forget)
        elif asked.around:
            asked = replace(asked, radius_m=card.radius_m)
        self._cards[card] = (asked, self._seat.clock.now())
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

    def _round_of(self, kind: str, identity: str) -> Round | None:
        room = self._seat.pump.room
        fence = room.fences.get(identity) if kind in ("fence", _FENCES) else None
        if fence is not None:
            return Round(fence.name, fence.ring)
        graphic = room.graphics.get(identity) if kind == "graphic" else None
        if graphic is not None:
            points = graphic.drawing.points
            title = graphic.drawing.text or _("Drawing")
            try:
                area = area_in(graphic.drawing, self._exposed.exposure.plane)
            except AnalysisFault:
                area = None
            if area is None:
                return Round(title, points[:1])
            corners = np.asarray(area.shape.convex_hull.exterior.coords)[:-1]
            lon, lat = self._exposed.exposure.plane.to_degrees(*corners.T)
            return Round(title, tuple(Point(float(a), float(b)) for a, b in zip(lon, lat, strict=True)))
        asset = room.assets.get(identity) if kind in ("asset", "team", "hazard", "space") else None
        if asset is not None and asset.point is not None:
            return Round(asset.name, (asset.point,))
        sight = sight_of(self._seat, kind, identity)
        return None if sight is None else Round(sight.title, sight.outline)

    # ---------------------------------------------------------------- what is done with it

    def _tick(self, now: datetime) -> None:
        for card, (_asked, at) in list(self._cards.items()):
            if card.isVisible() and (now - at).total_seconds() >= RENEWED_S:
                self._show(card)

    def _anew(self) -> None:
        for card in self._cards:
            self._show(card)

    def _radius(self, radius_m: int) -> None:
        card = self.sender()
        if isinstance(card, RoundCard) and card in self._cards:
            asked, at = self._cards[card]
            self._cards[card] = (replace(asked, radius_m=radius_m), at)
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
        self._cards = {card: held for card, held in self._cards.items() if isValid(card)}

    def _incident(self) -> Incident | None:
        """The chosen open incident, or that of the chosen alarm."""
        selection, room = self._seat.selection, self._seat.pump.room
        held = room.incidents.get(selection.id) if selection.kind == "incident" else None
        if selection.kind == "alarm":
            held = next((one for one in room.incidents.values() if selection.id in one.alarms), None)
        return held if held is not None and held.status is IncidentStatus.OPEN else None

    def _show(self, card: RoundCard) -> None:
        asked = self._cards[card][0]
        now = self._seat.clock.now()
        self._cards[card] = (asked, now)
        incident = self._incident()
        card.set_answer(self.answer(asked, now), around=asked.around, incident=incident.title if incident else "")

    # ---------------------------------------------------------------- the answer

    def answer(self, asked: Round, now: datetime) -> RoundAnswer:
        """The three parts as of now."""
        plane = self._exposed.exposure.plane
        middle = Sight(asked.title, asked.outline).middle
        try:
            if asked.around:
                area = circle(plane, middle.lon, middle.lat, float(asked.radius_m))
            else:
                ring = vertices([p.lon for p in asked.outline], [p.lat for p in asked.outline])
                area = read_area(ring, plane, asked.title)
        except AnalysisFault:
            said = _("The place lies outside of what the map knows.")
            return RoundAnswer(asked.title, "", now, (RoundPart(_("Who and what is inside"), (), said),), "")
        words = _("within {metres} m").format(metres=asked.radius_m)
        if not asked.around:
            words = _("{area:.3f} km²").format(area=geodesic_area_m2(area.shape, plane) / 1e6)
        parts = (self._inside(area, now), self._near(middle, now), self._looking(asked, now))
        made = _("As of {time}, from this room's live data and the district's data layers; asked by {officer}").format(
            time=f"{now.astimezone(ZONE):%Y-%m-%d %H:%M:%S}", officer=self._seat.commands.officer
        )
        if self._seat.stale:
            made = _("The link is down: nothing here is newer than the last contact.") + " " + made
        return RoundAnswer(asked.title, words, now, parts, made)

    def _inside(self, area: Area, now: datetime) -> RoundPart:
        words = kind_words()
        figures = self._exposed.figures(area, now)
        lines = [RoundLine(words[f.kind], _figure(f), f.number is None) for f in figures]
        sources = dict.fromkeys(f.source for f in figures if f.source and f.number is not None and not f.schematic)
        if sources:
            lines.append(RoundLine(_("Sources"), _("; ").join(sources), True))
        room, plane = self._seat.pump.room, self._exposed.exposure.plane
        standing = [
            (alarm, point)
            for alarm in room.alarms.values()
            if alarm.state is not AlarmState.NORMAL
            and (point := alarm.point or (room.sensors[alarm.sensor].point if alarm.sensor in room.sensors else None))
        ]
        x, y = plane.to_plane(
            np.array([p.lon for _a, p in standing], np.float64), np.array([p.lat for _a, p in standing], np.float64)
        )
        here = [alarm for (alarm, _p), is_in in zip(standing, inside(area.shape, x, y), strict=True) if is_in]
        if here:
            worst = min(here, key=lambda alarm: alarm.severity)
            newest = max(alarm.occurred_at for alarm in here)
            told = _("{count}, the worst {severity}, the newest {age}").format(
                count=len(here), severity=severity_word(worst.severity), age=age_text((now - newest).total_seconds())
            )
            lines.insert(0, RoundLine(_("Alarms"), told))
        return RoundPart(_("Who and what is inside"), tuple(lines))

    def _near(self, middle: Point, now: datetime) -> RoundPart:
        """Teams, or where nobody declares any the vehicles that an officer directs."""
        rows = [
            (asset.name, short_line(asset), age_word(asset, now), asset.stale(now), asset.point)
            for asset in self._seat.pump.room.assets.values()
            if asset.kind is AssetKind.TEAM and asset.point is not None
        ] or self._vehicles(now)
        title = _("Who is near")
        if not rows:
            return RoundPart(title, (), _("No team or vehicle is known to be anywhere."))
        lines = []
        for found in self._reached(middle, [row[4] for row in rows]):
            name, what, age, is_old, _point = rows[found.index]
            way = _("by road") if found.by_road else _("by line: no road network there")
            text = " · ".join(part for part in (f"{found.metres / 1000:.2f} km {way}", what, age) if part)
            lines.append(RoundLine(name, text, is_old))
        return RoundPart(title, tuple(lines))

    def _vehicles(self, now: datetime) -> list[tuple[str, str, str, bool, Point]]:
        room, held = self._seat.pump.room, self._seat.pump.positions
        found = []
        for vehicle in room.vehicles.values():
            at = room.vehicle_index[vehicle.id]
            if is_service(vehicle.kind) and at < len(held.time_ms) and held.time_ms[at] > to_ms(now) - HEARD_MS:
                age_s = (now - from_ms(int(held.time_ms[at]))).total_seconds()
                point = Point(float(held.lon[at]), float(held.lat[at]))
                kind = self._seat.names.kind(vehicle.kind)
                found.append((vehicle.name or vehicle.id, kind, age_text(age_s), age_s > 60, point))
        return found

    @cached_property
    def _network(self) -> Network | None:
        plane = self._exposed.exposure.plane
        document = msgspec.json.decode(path("district", "roads.geojson").read_bytes())
        lines = [
            np.column_stack(plane.to_plane(*np.asarray(feature["geometry"]["coordinates"], np.float64)[:, :2].T))
            for feature in document["features"]
            if feature["geometry"]["type"] == "LineString"
        ]
        try:
            return Network(lines)
        except AnalysisFault:
            return None

    def _reached(self, middle: Point, points: list[Point]) -> list[Reached]:
        plane = self._exposed.exposure.plane
        x, y = (float(v) for v in plane.to_plane(middle.lon, middle.lat))
        places = np.array([[p.lon, p.lat] for p in points], np.float64)
        things = np.column_stack(plane.to_plane(places[:, 0], places[:, 1]))
        try:
            network = self._network
            if network is None:
                return nearest_by_line(x, y, things, NEAREST)
            return network.nearest(x, y, things, NEAREST)
        except AnalysisFault:
            return []

    def _looking(self, asked: Round, now: datetime) -> RoundPart:
        title = _("What can see it")
        directory, room = self._seat.directory, self._seat.pump.room
        if not directory.catalogue.ids:
            told = _("The cameras are being read…") if directory.busy else _("No camera is known.")
            return RoundPart(title, (), told)
        found = witnesses(directory.catalogue, Sight(asked.title, asked.outline), room.ptz, self._seat.name, LOOKING)
        lines = []
        for each in found:
            camera = directory.catalogue.cameras[each.camera]
            told = f"{each.reason} · {state_line(camera, now, room.looks.get(each.camera))}"
            # Both say whether it is online: once is enough.
            text = " · ".join(dict.fromkeys(part for part in told.split(" · ") if part))
            lines.append(RoundLine(camera.name or camera.id, text, each.must_turn))
        shown = _n("{count} camera, the best first", "{count} cameras, the best first", len(lines))
        head = f"{title} ({shown.format(count=len(lines))})" if lines else title
        return RoundPart(head, tuple(lines), _("No camera sees it."))


def _figure(figure: Figure) -> str:
    """A figure with the date of its data; what is invented says so."""
    if figure.number is None:
        return figure_text(figure)
    said = (figure_text(figure), figure.dated, _("schematic, invented") if figure.schematic else "")
    return " · ".join(part for part in said if part)
