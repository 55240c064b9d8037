"""Places on a map, connected: the search box, the card of what is here, and the mark of what was found."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from controlroom.bridge.places import Places, RecentPlace
from controlroom.domain.place import Point, distance_m
from controlroom.i18n import _
from controlroom.mapping.gazetteer import Found
from controlroom.mapping.gazetteer_search import Match
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec
from controlroom.mapping.position_reading import Reading, reading_words
from controlroom.mapping.position_writing import Form, write, written
from controlroom.mapping.surroundings import Here
from controlroom.mapping.surroundings_words import (
    distance_words,
    nearby_words,
    road_words,
    sentence,
    town_words,
)
from controlroom.wiring.seat import ZONE, Seat
from widgets.map_view import MapView
from widgets.place_card import Card, CardLine, PlaceCard
from widgets.place_search import Hit, PlaceSearch

FOUND = "found"
"""The layer that marks what was found."""
_COLOUR = "#e23ac8"
_ZOOM = 16
_MOST_ROOM = 12
_ROOM_KINDS = frozenset({"camera", "sensor", "vehicle", "alarm", "incident", "asset"})


class WantedPlace(Struct, frozen=True):
    """A place to look at, and what it is."""

    title: str
    kind: str
    lon: float
    lat: float


class PlaceFinder(QObject):
    """The search box and the card of one map. `leads` tells whether this map goes where other panels ask."""

    def __init__(self, seat: Seat, view: MapView, leads: Callable[[], bool] = lambda: True) -> None:
        super().__init__(view)
        self._seat, self._view, self._leads = seat, view, leads
        self.search = PlaceSearch(self._hits, lambda: basis(seat.places), view, view.drawn_area)
        self.card = PlaceCard(view.menu, view, view.drawn_area)
        view.layers.changed.connect(self.card.settle)
        view.layers.changed.connect(self.search.settle)
        for beside in (view.panel, view.badge):
            self.card.keep_clear_of(beside)
            self.search.keep_clear_of(beside)
        self.search.chosen.connect(self._go)
        self._told: tuple[Card, tuple[float, float, str, str]] | None = None
        """The card of a place as it was told, and of what place it is."""
        seat.room_time.changed.connect(self._look)
        seat.past.changed.connect(self._look)
        self.card.copied.connect(self._copied)
        self.card.left.connect(self._unmark)
        view.menu_filled.connect(self._fill)
        seat.places.changed.connect(self.search.refresh)
        seat.requests.place_wanted.connect(self._wanted)
        self.button = QToolButton()
        self.button.setText(_("Find"))
        self.button.setToolTip(_("Find a place on the map (Ctrl+F)"))
        self.button.setAccessibleName(self.button.toolTip())
        self.button.clicked.connect(self.search.open)
        view.toolbar.add_tool(self.button)
        for words, key, act in (
            (_("Find a place on the map"), "Ctrl+F", self.search.open),
            (_("What is in the middle of the map"), "I", self._middle_here),
        ):
            action = QAction(words, view)
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setShortcutVisibleInContextMenu(True)
            action.triggered.connect(act)
            view.addAction(action)

    def show_here(self, lon: float, lat: float, title: str = "", kind: str = "") -> None:
        """The card of a place, which is marked on every map."""
        here = self._seat.places.here(lon, lat, fences_of(self._seat))
        marked = title or write(lon, lat, Form.DEGREES)
        mark(self._seat, marked, lon, lat)
        self._view.select(FOUND, marked)
        told = place_card(self._seat, here, title, kind)
        self._told = told, (lon, lat, title, kind)
        self.card.show_card(told)

    def _look(self) -> None:
        """The room looks at another time: an open card of a place does too."""
        if self._told is None or not self.card.isVisible() or self.card.card is not self._told[0]:
            return
        lon, lat, title, kind = self._told[1]
        told = place_card(self._seat, self._seat.places.here(lon, lat, fences_of(self._seat)), title, kind)
        self._told = told, (lon, lat, title, kind)
        self.card.retell(told)

    def go_to(self, place: WantedPlace) -> None:
        """Fly there, mark it and say what is there."""
        self._view.show_place(place.lon, place.lat, _ZOOM)
        self.show_here(place.lon, place.lat, place.title, place.kind)

    def _fill(self, menu: QMenu, lon: float, lat: float, _kind: str, _identity: str) -> None:
        menu.addAction(_("What is here"), partial(self.show_here, lon, lat))

    def _middle_here(self) -> None:
        centre = self._view.scene.centre
        self.show_here(centre.lon, centre.lat)

    def _wanted(self, place: WantedPlace) -> None:
        if self._leads():
            self.go_to(place)

    def _copied(self, text: str) -> None:
        self._seat.requests.told.emit(_("Copied: {text}").format(text=text))

    def _unmark(self) -> None:
        if self._seat.layers.pop(FOUND, None) is not None:
            self._seat.requests.layer_removed.emit(FOUND)

    def _hits(self, text: str) -> list[Hit]:
        centre = self._view.scene.centre
        middle = (centre.lon, centre.lat)
        if not text.strip():
            return [_recent_hit(self._seat.places, place, middle) for place in self._seat.places.recent]
        read = [_position_hit(reading, middle) for reading in self._seat.places.positions(text, middle)]
        found = self._seat.places.search(text, middle)
        named = [_found_hit(self._seat.places, f, middle) for f in found]
        room = list(self._room_hits(text))
        if found and found[0].match <= Match.PREFIX:
            return [*read, *named, *room]
        # A thing of the room that has the text in its name is nearer than a name that only resembles it.
        sure = [hit for hit, f in zip(named, found, strict=True) if f.match <= Match.INSIDE]
        return [*read, *sure, *room, *named[len(sure) :]]

    def _room_hits(self, text: str) -> Iterator[Hit]:
        items = (item for item in self._seat.find(text) if item.kind in _ROOM_KINDS)
        for item, _number in zip(items, range(_MOST_ROOM), strict=False):
            kind = _room_words()[item.kind]
            yield Hit(item.kind, item.id, item.title, " · ".join(word for word in (kind, item.detail) if word))

    def _go(self, hit: Hit) -> None:
        if hit.lon is None or hit.lat is None:
            self._seat.selection.select(hit.kind, hit.id)
            self._seat.requests.map_wanted.emit(hit.kind, hit.id)
            return
        self._seat.places.remember(RecentPlace(hit.title, hit.kind, hit.lon, hit.lat))
        self.go_to(WantedPlace(hit.title, hit.kind, hit.lon, hit.lat))


def basis(places: Places) -> str:
    """What is searched and how old it is; the progress while it is made."""
    meta = places.meta
    told = []
    if places.progress is not None:
        told.append(_("The gazetteer is being made: {percent} %").format(percent=round(places.progress * 100)))
    if meta is None:
        told.append(_("No gazetteer yet: only coordinates and things of the room are found"))
    else:
        told.append(_("Gazetteer: {count} names, made {date}").format(count=f"{meta.count:,}", date=day(meta.made_at)))
        if meta.newest_at is None:
            told.append(_("only what the program ships; drop files of names into the data folder's “gazetteer”"))
        else:
            told.append(_("newest file {date}").format(date=day(meta.newest_at)))
        if meta.refused:
            told.append(_("{count} entries left out").format(count=meta.refused))
    told.append(_("cameras, sensors, vehicles, alarms, incidents of now"))
    return " · ".join(told)


def day(at: datetime) -> str:
    """A day in the district's time."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d")


def fences_of(seat: Seat) -> list[tuple[str, list[tuple[float, float]]]]:
    """Names and corners of all fences, those of the time that the room looks at; none where they are not known."""
    room = seat.pump.room if seat.room_time.live else seat.past.room
    fences = () if room is None else tuple(room.fences.values())
    return [(_("Fence: {name}").format(name=f.name), [(p.lon, p.lat) for p in f.ring]) for f in fences]


def mark(seat: Seat, title: str, lon: float, lat: float) -> None:
    """Mark one place on every map of the seat; what it is is its id, which is written where it is selected."""
    spec = LayerSpec(id=FOUND, title=_("Found place"), classes=(ColourClass(_("Found place"), _COLOUR),))
    seat.layers[FOUND] = (spec, [LayerPoint(title, "", lon, lat)])
    seat.requests.layer_changed.emit(FOUND)


def place_card(seat: Seat, here: Here, title: str = "", kind: str = "") -> Card:
    """The card of what is known of a place."""
    places = seat.places
    lines = [CardLine(_("Town"), town_words(here))] if town_words(here) else []
    if here.road is not None:
        lines.append(CardLine(_("Road"), road_words(here.road)))
    if here.crossing is not None:
        lines.append(CardLine(_("Crossroads"), nearby_words(here.crossing)))
    if here.community is not None:
        lines.append(CardLine(_("Community"), nearby_words(here.community)))
    for number, near in enumerate(here.near):
        kind_word = places.kind_word(near.name.kind)
        lines.append(CardLine("" if number else _("Near"), f"{nearby_words(near)} · {kind_word}"))
    if here.inside:
        lines.append(CardLine(_("Inside"), "\n".join(here.inside)))
    for form in written(here.lon, here.lat):
        text = form.text
        if form.foreign:
            text = _("{numbers} (shifted: for that map only)").format(numbers=text)
        lines.append(CardLine(form.name, text, copies=not form.foreign, faint=form.foreign))
    words = places.kind_word(kind) if kind and kind != "position" else ""
    told = basis(places)
    if not seat.room_time.live:
        then = _then(seat)
        lines.insert(0, CardLine(_("Time"), then, faint=True))
        told = f"{then} · {told}"
    return Card(title or _("What is here"), words, here.lon, here.lat, sentence(here), tuple(lines), told)


def _then(seat: Seat) -> str:
    """What a card says of the time that the room looks at: names and roads have no past."""
    past = seat.past
    if past.room is None:
        return past.fault or _("names and roads as of now; fences of then are being asked from the hub")
    time = f"{(past.at or seat.room_time.at).astimezone(ZONE):%m-%d %H:%M:%S}"
    return _("fences as they were at {time}; names and roads as of now").format(time=time)


def _found_hit(places: Places, found: Found, middle: tuple[float, float]) -> Hit:
    name = found.name
    town = _("about {town}").format(town=name.town) if name.town_by_cell else name.town
    told = [places.kind_word(name.kind), town, _match_words(found)]
    if name.schematic:
        told.append(_("invented for the demo"))
    return Hit(
        name.kind,
        f"{FOUND}/{found.id}",
        name.title,
        " · ".join(word for word in told if word),
        distance_words(found.distance_m),
        name.lon,
        name.lat,
    )


def _match_words(found: Found) -> str:
    """What matched, where the title alone does not show it."""
    if found.match is Match.NUMBER:
        return _("that number is not known; the nearest of the street")
    if found.match is Match.SOUND:
        return _("sounds alike")
    if found.match is Match.MISTAKE:
        return _("one mistake")
    return _("also {name}").format(name=found.matched) if found.matched != found.name.title else ""


def _position_hit(reading: Reading, middle: tuple[float, float]) -> Hit:
    title = write(reading.lon, reading.lat, Form.SECONDS)
    detail = _("read as {how}").format(how=reading_words(reading))
    return Hit("position", "", title, detail, _away(middle, reading.lon, reading.lat), reading.lon, reading.lat)


def _recent_hit(places: Places, place: RecentPlace, middle: tuple[float, float]) -> Hit:
    words = _("Coordinates") if place.kind == "position" else places.kind_word(place.kind)
    return Hit(place.kind, "", place.title, words, _away(middle, place.lon, place.lat), place.lon, place.lat)


def _away(middle: tuple[float, float], lon: float, lat: float) -> str:
    return distance_words(distance_m(Point(*middle), Point(lon, lat)))


def _room_words() -> dict[str, str]:
    return {
        "camera": _("Camera"),
        "sensor": _("Sensor"),
        "vehicle": _("Vehicle"),
        "alarm": _("Alarm"),
        "incident": _("Incident"),
        "asset": _("Team, hazard source or space"),
    }
