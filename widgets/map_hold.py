"""What keeps a map's view: the object it follows, the set it fits, and the lock that a hand puts on it."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from controlroom.i18n import _, _n
from controlroom.mapping.layers import MapCentre, Selection
from controlroom.mapping.scene import Scene
from controlroom.mapping.viewpoint import Viewpoint, ViewRule, fitted, leaves

_FOLLOW_ZOOM = 14

Place = tuple[float, float]
"""Longitude and latitude, degrees WGS-84."""


class MapHold(QObject):
    """Moves a scene by its viewpoint. `size` tells the map's width and height in pixels.

    Ask `look` after anything that may have moved what is followed or changed a set; it costs little when nothing has.
    """

    changed = Signal()
    """The rule, whom it concerns, or the lock is another; or the set under a lock is."""

    def __init__(self, scene: Scene, size: Callable[[], tuple[int, int]], parent: QObject) -> None:
        super().__init__(parent)
        self.viewpoint = Viewpoint()
        self.incident_places: Callable[[str], Mapping[str, Place]] = lambda _incident: {}
        """The places of an incident by what is there; whoever knows incidents sets it."""
        self.name_of: Callable[[Selection], str] = scene.name_of
        self._scene = scene
        self._size = size

    @property
    def keeps(self) -> bool:
        """Whether the view is not the officer's alone."""
        return self.viewpoint.held.rule is not ViewRule.FREE

    def follow(self, kind: str, object_id: str) -> bool:
        """Keep an object in the middle; whether it has a place now."""
        chosen = Selection(kind, object_id)
        place = self._scene.place_of(chosen)
        if place is None:
            return False
        self.viewpoint.hold(ViewRule.FOLLOW, [chosen])
        self._scene.fly_to(MapCentre(*place, max(self._scene.centre.zoom, _FOLLOW_ZOOM)))
        self.changed.emit()
        return True

    def fit(self, rule: ViewRule, members: Sequence[Selection] = ()) -> None:
        """See a set whole from now on. Raises ValueError for an incident or a group of nobody."""
        self.viewpoint.hold(rule, members)
        self.look()
        self.changed.emit()

    def free(self) -> None:
        """The view is the officer's alone."""
        if self.keeps:
            self.viewpoint.hold(ViewRule.FREE)
            self.changed.emit()

    def touch(self, moved: bool = True) -> None:
        """A hand has moved the map, or (not `moved`) zoomed it round its middle, which ends no following."""
        if not moved and self.viewpoint.followed is not None:
            return
        if self.viewpoint.touch():
            self.changed.emit()

    def toggle_lock(self) -> None:
        """Lock what fits a set where it is, or let it fit again, at once."""
        if self.viewpoint.release():
            self.look()
        elif not self.viewpoint.lock():
            return
        self.changed.emit()

    def look(self) -> None:
        """Go after what is followed, or fit the set if it is another."""
        followed = self.viewpoint.followed
        if followed is not None:
            place = self._scene.place_of(followed)
            held = self._scene.centre
            if place is not None and place != (held.lon, held.lat):
                self._scene.fly_to(MapCentre(*place, held.zoom))
            return
        if not self.viewpoint.fits:
            return
        places = self._places()
        if self.viewpoint.held.rule is ViewRule.GROUP and not self.viewpoint.held.locked:
            size = self._size()
            if any(leaves(place, self._scene.centre, *size) for place in places.values()):
                self.viewpoint.again()
        was = self.viewpoint.missed
        if self.viewpoint.due(places):
            centre = fitted(list(places.values()), *self._size())
            if centre is not None:
                self._scene.fly_to(centre)
        if self.viewpoint.missed != was:
            self.changed.emit()

    def resized(self) -> None:
        """The map has another size: what is fitted is fitted anew."""
        if self.viewpoint.fits and not self.viewpoint.held.locked:
            self.viewpoint.again()
            self.look()

    def words(self) -> str:
        """What keeps the view, for the officer; empty when nothing does."""
        held = self.viewpoint.held
        if held.rule is ViewRule.FREE:
            return ""
        if held.rule is ViewRule.FOLLOW:
            return self._followed_words(held.members[0])
        if held.rule is ViewRule.ALARMS:
            count = len(self._places())
            told = _n("Fits {count} standing alarm", "Fits {count} standing alarms", count).format(count=count)
        elif held.rule is ViewRule.INCIDENT:
            told = _("Fits incident {name}").format(name=self.name_of(held.members[0]) or held.members[0].id)
        else:
            count = len(held.members)
            told = _n("Fits a group of {count}", "Fits a group of {count}", count).format(count=count)
        if not held.locked:
            return told
        changed = _("the set has changed since") if self.viewpoint.missed else ""
        return " · ".join(part for part in (_("Locked by hand"), told, changed) if part)

    def _followed_words(self, followed: Selection) -> str:
        told = _("Following {name}").format(name=self.name_of(followed) or followed.id)
        if self._scene.place_of(followed) is None:
            return " · ".join((told, _("not on the map now")))
        age_s = self._age_s(followed)
        if age_s is None:
            return told
        return " · ".join((told, _("heard {age} s ago").format(age=age_s)))

    def _age_s(self, followed: Selection) -> int | None:
        """How old the position of a followed vehicle is."""
        fleet = self._scene.fleet
        index = fleet.position_of(followed.id) if followed.kind == "vehicle" else None
        if index is None:
            return None
        return max(0, int(self._scene.clock_ms - int(fleet.time_ms[index])) // 1000)

    def _places(self) -> Mapping[str, Place]:
        """The set that is fitted: where each of it is."""
        held = self.viewpoint.held
        if held.rule is ViewRule.ALARMS:
            return {alarm.id: (alarm.lon, alarm.lat) for alarm in self._scene.alarms}
        if held.rule is ViewRule.INCIDENT:
            return self.incident_places(held.members[0].id)
        found = {f"{member.kind}/{member.id}": self._scene.place_of(member) for member in held.members}
        return {name: place for name, place in found.items() if place is not None}
