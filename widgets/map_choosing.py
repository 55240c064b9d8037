"""What a hand chooses on a map: by box, polygon, Ctrl and a click, or marks that lie over each other."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from controlroom.i18n import _
from controlroom.mapping.choosing import NOTHING, Choice, Group, Place
from controlroom.mapping.scene import Scene
from widgets.map_surface import MapSurface


class MapChoosing(QObject):
    """Keeps a scene's choice by what its surface tells."""

    changed = Signal()
    """Other objects are chosen than before: `choice`."""
    hinted = Signal(str)
    """What the hand can do now, for the officer; empty when that is over."""
    given_up = Signal()
    """Escape, while nothing was chosen."""

    def __init__(self, scene: Scene, surface: Callable[[], MapSurface], parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._surface = surface
        self.title = self._title_next = ""
        self.is_limited = False
        """Only some kinds of things were wanted."""

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return self._scene.chosen.choice

    def bind(self, surface: MapSurface) -> None:
        """Hear the hand on a surface."""
        surface.several_picked.connect(self._pick_several)
        surface.added.connect(self._add)
        surface.area_chosen.connect(self._drawn)
        surface.escaped.connect(self._escaped)

    def name_next(self, title: str) -> None:
        """What is chosen next has this title, as it was asked for; it is told even when nothing is found."""
        self._title_next = title

    def join(self, choice: Choice) -> None:
        """More was found of what is chosen, which keeps its title."""
        self._scene.choose(choice)
        self.changed.emit()

    def choose(self, choice: Choice = NOTHING) -> None:
        """Marks many objects, or none, and tells it."""
        self.title, self._title_next = self._title_next, ""
        self._scene.choose(choice)
        self.changed.emit()

    def choose_area(self, corners: Sequence[Place], kinds: frozenset[str] | None = None) -> None:
        """Chooses what is shown inside a ring of corners (of some kinds). Raises ValueError for no polygon."""
        choice = self._scene.inside(corners)
        self.is_limited = kinds is not None
        if kinds is not None:
            choice = Choice(choice.corners, tuple(group for group in choice.groups if group.kind in kinds))
        self.choose(choice)

    def draw_polygon(self) -> None:
        """Lets the officer draw what is to be chosen."""
        self.hinted.emit(
            _("Click the corners; double click or Enter ends, Backspace takes one back, Space sets one in the middle")
        )
        self._surface().draw_area(True)

    def _drawn(self, corners: list[Place]) -> None:
        self.hinted.emit("")
        if corners:
            self.choose_area(corners)

    def _pick_several(self, alarms: list[str]) -> None:
        """Marks that lie over each other are listed."""
        wanted = set(alarms)
        index = np.array([n for n, alarm in enumerate(self._scene.alarms) if alarm.id in wanted], np.int64)
        ids = tuple(self._scene.alarms[n].id for n in index.tolist())
        self.choose(Choice((), (Group("alarm", index, ids),) if ids else ()))

    def _add(self, kind: str, object_id: str) -> None:
        """An object joins what is chosen, or leaves it."""
        self.choose(self._scene.with_toggled(kind, object_id))

    def _escaped(self) -> None:
        if self.choice is not NOTHING:
            self.choose()
        else:
            self.given_up.emit()
