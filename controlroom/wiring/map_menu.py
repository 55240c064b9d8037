"""What can be done at a place of the map and with what stands there: the room's part of the menu."""

import math
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from controlroom.bridge.models.incident_model import NewIncident
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from controlroom.mapping.layers import Selection
from controlroom.wiring.map_choice import MapChoiceWiring
from controlroom.wiring.seat import Seat
from widgets.incident_dialogs import IncidentOpening
from widgets.map_menu import place_words
from widgets.map_view import MapView
from widgets.menu_heading import add_heading

NEAR_M = 500.0
_M_PER_DEGREE = 111_195.0
_CORNERS = 48


class MapMenuWiring(QObject):
    """Adds to the menus of one view; then `Requests.map_menu_filled` lets others add to them."""

    def __init__(self, seat: Seat, view: MapView, choice: MapChoiceWiring) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        self._choice = choice
        view.menu_filled.connect(self._fill)

    def _fill(self, menu: QMenu, lon: float, lat: float, kind: str, identity: str) -> None:
        if kind:
            self._fill_object(menu, kind, identity)
        place = (lon, lat)
        for words, kinds in (
            (_("Sensors within {count} m"), frozenset({"sensor"})),
            (_("Cameras within {count} m"), frozenset({"camera"})),
            (_("Everything within {count} m"), None),
        ):
            told = words.format(count=f"{NEAR_M:.0f}")
            menu.addAction(told, partial(self.choose_near, place, kinds, told))
        requests = self._seat.requests
        menu.addAction(_("Who is near, by road where one is known…"), partial(requests.question_wanted.emit, lon, lat))
        menu.addAction(_("Measure from here…"), partial(requests.measure_wanted.emit, lon, lat))
        menu.addAction(_("Open an incident here…"), partial(self.open_incident, place))
        menu.addAction(_("Copy the coordinates"), partial(self._copy, place))
        menu.addAction(_("Centre here"), partial(self._view.show_place, lon, lat, self._view.scene.centre.zoom))
        requests.map_menu_filled.emit(menu, lon, lat, kind, identity)

    def choose_near(self, place: tuple[float, float], kinds: frozenset[str] | None, title: str) -> None:
        """Choose what stands within NEAR_M of a place."""
        self._choice.name_next(title)
        self._view.choosing.choose_area(circle(place, NEAR_M), kinds)

    def open_incident(self, place: tuple[float, float]) -> IncidentOpening:
        """The officer describes an incident at a place; nothing is opened before."""
        proposal = NewIncident(title="", grade=Severity.YELLOW, place=place_words(place), point=Point(*place))
        dialog = IncidentOpening(proposal, self._view)
        dialog.described.connect(self._described)
        dialog.open()
        return dialog

    def _described(self, new: NewIncident) -> None:
        self._seat.tasks.spawn(self._seat.officer.open_incident(new), "open incident")

    def _fill_object(self, menu: QMenu, kind: str, identity: str) -> None:
        seat, view = self._seat, self._view
        menu.addSeparator()
        add_heading(menu, view.scene.card_of(Selection(kind, identity)) or identity)
        menu.addAction(_("Follow it, keep it in the middle"), partial(view.hold.follow, kind, identity))
        if kind == "camera":
            menu.addAction(_("To the wall"), partial(seat.requests.cameras_wanted.emit, [identity]))
        elif kind == "sensor":
            menu.addAction(_("Curve"), partial(seat.requests.plot_wanted.emit, identity))
            menu.addAction(_("Corroborate"), partial(seat.requests.corroboration_wanted.emit, identity))
        elif kind == "alarm":
            menu.addAction(_("Acknowledge"), partial(seat.acknowledge, [identity]))
            menu.addAction(_("Open an incident from it"), partial(seat.open_incident, [identity]))
        menu.addSeparator()

    def _copy(self, place: tuple[float, float]) -> None:
        QGuiApplication.clipboard().setText(f"{place[1]:.6f}, {place[0]:.6f}")


def circle(place: tuple[float, float], radius_m: float) -> list[tuple[float, float]]:
    """Corners (lon, lat) of a circle on the ground, flat: good for a few kilometres."""
    lon, lat = place
    across = radius_m / _M_PER_DEGREE / math.cos(math.radians(lat))
    up = radius_m / _M_PER_DEGREE
    turns = (2 * math.pi * step / _CORNERS for step in range(_CORNERS))
    return [(lon + across * math.cos(turn), lat + up * math.sin(turn)) for turn in turns]
