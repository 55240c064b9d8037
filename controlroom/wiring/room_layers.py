"""Layers that belong to the room and not to a seat: fences, and answers that are shown to all, of now or of a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from PySide6.QtCore import QObject

from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.fence import Fence
from controlroom.domain.published_answer import PublishedAnswer
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.analysis.published import answer_of
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec
from controlroom.wiring.seat import ZONE, Seat
from widgets.map_view import MapView
from widgets.severity import severity_colour, severity_word

FENCES = "fences"
"""The layer that draws every fence."""
PUBLISHED = "published-"
"""How the ids begin of answers that all seats see."""

Layer = tuple[LayerSpec, list[LayerPoint]]


class RoomLayers(QObject):
    """Puts layers on one map: those of the seat while it is live, those of the room's time while it looks at the past.

    What did not exist then is not on the map; what did says of when it is.
    """

    def __init__(self, seat: Seat, view: MapView, follower: TimeFollower) -> None:
        super().__init__(view)
        self._seat, self._view, self._follower = seat, view, follower
        self._shown: dict[str, LayerSpec] = {}
        seat.requests.layer_changed.connect(self._changed)
        seat.requests.layer_removed.connect(self._removed)
        seat.past.changed.connect(self._past)
        follower.changed.connect(self.look)
        self._was: tuple[object, ...] = ()
        self.look()

    def __contains__(self, identity: str) -> bool:
        return identity in self._shown

    def look(self) -> None:
        """Show what is to be seen now; the time that is looked at may be another."""
        was = self._was
        self._was = (self._follower.past, self._seat.past.at if self._follower.past else None)
        if was != self._was:
            self._put(self._wanted())

    def _past(self) -> None:
        if self._follower.past:
            self.look()

    def _wanted(self) -> dict[str, Layer]:
        held = self._seat.layers
        if not self._follower.past:
            return dict(held)
        kept = {identity: layer for identity, layer in held.items() if not self._is_hidden(identity)}
        return kept | ({} if self._seat.past.room is None else layers_of(self._seat.past.room, self._at))

    @property
    def _at(self) -> datetime:
        return self._seat.past.at or self._seat.room_time.at

    def _is_hidden(self, identity: str) -> bool:
        """Whether a layer of now is none of the past: the room's, and answers that were made later."""
        made = self._seat.layers_made.get(identity)
        return _of_room(identity) or (made is not None and made > self._at)

    def _put(self, wanted: dict[str, Layer]) -> None:
        for gone in [identity for identity in self._shown if identity not in wanted]:
            self._take(gone)
        for identity, (spec, points) in wanted.items():
            if self._shown.get(identity) != spec:
                self._take(identity)
                self._shown[identity] = spec
                self._view.add_layer(spec)
                self._view.update_layer(identity, points)

    def _changed(self, identity: str) -> None:
        if self._follower.past and self._is_hidden(identity):
            return
        spec, points = self._seat.layers[identity]
        if identity not in self._shown:
            self._view.add_layer(spec)
        self._shown[identity] = spec
        self._view.update_layer(identity, points)
        # A layer that is there keeps what it was declared with, but for the time of its data.
        if spec.data_at is not None:
            self._view.tree.tell(identity, data_at=spec.data_at)

    def _removed(self, identity: str) -> None:
        if not (self._follower.past and _of_room(identity)):
            self._take(identity)

    def _take(self, identity: str) -> None:
        if self._shown.pop(identity, None) is not None:
            self._view.remove_layer(identity)


def layers_of(room: Room, at: datetime | None = None) -> dict[str, Layer]:
    """Fences and published answers of a room as layers; those of a time `at` say so in their titles."""
    found: dict[str, Layer] = {}
    if room.fences:
        found[FENCES] = fence_layer(list(room.fences.values()))
    for identity, published in room.published.items():
        answer = published_layer(published)
        found[identity] = (answer.spec, list(answer.points))
    if at is None:
        return found
    moment = f"{at.astimezone(ZONE):%m-%d %H:%M}"
    told = _("{title} (as of {time})")
    return {
        identity: (msgspec.structs.replace(spec, title=told.format(title=spec.title, time=moment)), points)
        for identity, (spec, points) in found.items()
    }


def fence_layer(fences: Sequence[Fence]) -> Layer:
    """Borders by severity, with a name at the first corner."""
    classes = tuple(ColourClass(severity_word(s), severity_colour(s, dark=True).name()) for s in Severity)
    features, points = [], []
    for fence in fences:
        number = list(Severity).index(fence.severity)
        ring = [[p.lon, p.lat] for p in (*fence.ring, fence.ring[0])]
        told = {"name": fence.name, "class": number}
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": told, "geometry": shape})
        words = fence.name if fence.enabled else _("{name} (off)").format(name=fence.name)
        points.append(LayerPoint(fence.id, words, fence.ring[0].lon, fence.ring[0].lat, colour_class=number))
    document = msgspec.json.encode({"type": "FeatureCollection", "features": features}).decode()
    return LayerSpec(
        id=FENCES, title=_("Fences"), classes=classes, geojson=document, group=LayerGroup.FENCES, source=_("this room")
    ), points


def published_layer(published: PublishedAnswer) -> Answer:
    """What a seat shows to all, with who showed it when in its title and its remarks."""
    answer = answer_of(published)
    at = f"{published.at.astimezone(ZONE):%H:%M}"
    title = _("{title} · {officer} {time}").format(title=answer.spec.title, officer=published.by, time=at)
    spec = msgspec.structs.replace(answer.spec, title=title)
    said: tuple[str, ...] = (
        _("Shown to all by {officer} at {seat}").format(officer=published.by, seat=published.seat),
    )
    body = published.body
    if body.coarsened_m:
        said += (_("Borders coarsened for the others by up to {metres:g} m").format(metres=body.coarsened_m),)
    if body.left_out:
        said += (_("Left out for the others: {count}").format(count=body.left_out),)
    return replace(answer, spec=spec, said=(*answer.said, *said))


def _of_room(identity: str) -> bool:
    return identity == FENCES or identity.startswith(PUBLISHED)
