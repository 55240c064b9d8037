"""The directory of cameras, connected."""

from datetime import datetime

from PySide6.QtCore import QObject, QTimer

from controlroom.bridge.camera_sight import Sight, witnesses
from controlroom.domain.picture_look import PictureLook
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup, RemoveCameraGroup
from controlroom.wiring.seat import Seat
from widgets.camera_browser import CameraBrowser

TURNED_MS = 500
"""While heads turn, who can see a place is listed anew so often."""


class CamerasWiring(QObject):
    """Feeds one camera browser and carries out what the officer does there."""

    def __init__(self, seat: Seat) -> None:
        directory = seat.directory
        self.browser = CameraBrowser(directory.camera)
        super().__init__(self.browser)
        self.browser.words.looked = self._looked
        self._seat = seat
        self._sight: Sight | None = None
        self._turning = QTimer(self, interval=TURNED_MS, singleShot=True)
        self._turning.timeout.connect(self._list_anew)
        pump, browser = seat.pump, self.browser
        pump.ptz_changed.connect(self._turned)
        directory.changed.connect(self._catalogue)
        pump.cameras_changed.connect(self._states)
        pump.ticked.connect(self._tick)
        seat.selection.changed.connect(self._selected)
        browser.camera_selected.connect(self._choose)
        browser.cameras_wanted.connect(seat.requests.cameras_wanted)
        browser.map_wanted.connect(self._to_map)
        seat.requests.sight_wanted.connect(self._see)
        pump.camera_groups_changed.connect(self._groups)
        pump.room_reset.connect(self._groups)
        seat.requests.officer_changed.connect(self._groups)
        browser.groups.changed.connect(self._change_group)
        browser.groups.made.connect(self._make_group)
        browser.groups.removed.connect(self._remove_group)
        self._groups()
        browser.tick(seat.clock.now())
        directory.open()
        self._catalogue()

    def _catalogue(self) -> None:
        directory = self._seat.directory
        self.browser.show_catalogue(directory.catalogue, directory.busy)
        if self._sight is not None:
            self._list_sight(self._sight)

    def _see(self, sight: Sight) -> None:
        """List who can see a place; what becomes of the cameras is followed while it is listed."""
        self._sight = sight
        self._list_sight(sight)
        self.browser.open_sight()

    def _list_sight(self, sight: Sight) -> None:
        seat = self._seat
        found = witnesses(seat.directory.catalogue, sight, seat.pump.room.ptz, seat.name)
        self.browser.set_sight(sight.title, found)

    def _turned(self, _cameras: list[str]) -> None:
        """A head turns, or is held or free: that changes who can see the place that is listed."""
        if self._sight is not None and not self._turning.isActive():
            self._turning.start()

    def _list_anew(self) -> None:
        if self._sight is not None:
            self._list_sight(self._sight)

    def _groups(self) -> None:
        officer = self._seat.commands.officer
        self.browser.set_groups(group for group in self._seat.pump.room.camera_groups.values() if group.is_for(officer))

    def _change_group(self, group: str, add: list[str], remove: list[str]) -> None:
        self._seat.send(ChangeCameraGroup(group=group, add=add, remove=remove))

    def _make_group(self, name: str, shared: bool, cameras: list[str]) -> None:
        self._seat.send(MakeCameraGroup(name=name, shared=shared, cameras=cameras))

    def _remove_group(self, group: str) -> None:
        self._seat.send(RemoveCameraGroup(group=group))

    def _states(self, _identities: list[str]) -> None:
        self.browser.repaint_states()

    def _looked(self, identity: str) -> PictureLook | None:
        return self._seat.pump.room.looks.get(identity)

    def _tick(self, now: datetime) -> None:
        self.browser.tick(now)

    def _selected(self, kind: str, identity: str) -> None:
        if kind == "camera":
            self.browser.select(identity)

    def _choose(self, identity: str) -> None:
        self._seat.selection.select("camera", identity)

    def _to_map(self, identity: str) -> None:
        self._seat.selection.select("camera", identity)
        self._seat.requests.map_wanted.emit("camera", identity)
