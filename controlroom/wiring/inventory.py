"""The inventory of devices, connected: stock is taken every few seconds while the dialog is open."""

from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.models.sensor_model import kind_name_in
from controlroom.bridge.picture_patrol import PicturePatrol
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.inventory import Inventory
from controlroom.domain.times import to_ms
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import _
from controlroom.wire.pictures import TellPicture
from controlroom.wiring.seat import ZONE, Seat
from widgets.device_inventory import DeviceInventory, Stranger
from widgets.link_light import age_words

EVERY_S = 5.0
"""Between two looks; 130,000 devices are counted in some ten milliseconds."""


class InventoryWiring(QObject):
    """Opens the dialog and feeds it while it is open; opened again it comes to the front."""

    def __init__(self, seat: Seat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._inventory = Inventory()
        self._looked_at: datetime | None = None
        self.dialog: DeviceInventory | None = None
        clock = seat.clock
        self.patrol = PicturePatrol(
            seat.fleet, seat.pump, clock.monotonic, self._found, self._claim, seat.patrol, seat.name, self
        )
        seat.pump.ticked.connect(self._tick)
        seat.pump.room_reset.connect(self._anew)

    def open(self, parent: QWidget | None) -> None:
        """Show the inventory as of now."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        dialog = DeviceInventory(self._inventory, kind_name_in(self._seat.kinds), ZONE, self._seat.tasks.spawn, parent)
        dialog.device_chosen.connect(self._chosen)
        dialog.destroyed.connect(self._closed)
        self.dialog = dialog
        self._look(self._seat.clock.now())
        dialog.show()
        self._seat.tasks.spawn(self._hear_earlier(), "inventory")

    def _closed(self) -> None:
        self.dialog = None

    def _anew(self) -> None:
        """Another room, or the same again: its readings came while nobody looked at the clocks."""
        self._looked_at = None

    def _tick(self, now: datetime) -> None:
        self._inventory.hear(self._seat.pump.latest)
        due = self._looked_at is None or abs((now - self._looked_at).total_seconds()) >= EVERY_S
        if self.dialog is not None and self.dialog.isVisible() and due:
            self._look(now)
            self._seat.tasks.spawn(self._ask_strangers(), "unknown sensors")

    def _look(self, now: datetime) -> None:
        self._looked_at = now
        pump = self._seat.pump
        self._inventory.declare(pump.room.sensors, pump.room.sensor_index)
        silent = {source.id for source in pump.room.sources.values() if source.silent}
        self._inventory.look(pump.latest, to_ms(now), silent)
        if self.dialog is not None:
            self.dialog.show_stock(now)
            self.dialog.show_patrol(self._patrol_words(now))

    def _found(self, camera: Camera, faults: tuple[PictureFault, ...] | None) -> None:
        seen_at, had_picture = self._seat.clock.now(), faults is not None
        told = TellPicture(camera=camera.id, faults=list(faults or ()), seen_at=seen_at, had_picture=had_picture)
        self._seat.send(told)

    def _claim(self, cameras: tuple[str, ...]) -> None:
        self._seat.tasks.spawn(self._claimed(cameras), "picture patrol")

    async def _claimed(self, cameras: tuple[str, ...]) -> None:
        """Have the hub grant cameras; one that does not answer, or is older, grants none."""
        try:
            granted = (await self._seat.commands.claim_pictures(cameras)).cameras
        except (CommandRefused, EnvironmentFault):
            granted = ()
        self.patrol.grant(cameras, granted)

    def _patrol_words(self, now: datetime) -> str:
        """How far the patrol over the cameras is, and how old its oldest look."""
        if not self._seat.patrol:
            return _("Pictures nobody looks at are not diagnosed at this seat; the settings say how many it may open.")
        progress = self.patrol.progress()
        told = _("Picture patrol: {looked} of {cameras} cameras, {faulty} with faults, {open} open now").format(
            looked=progress.looked, cameras=progress.cameras, faulty=progress.faulty, open=progress.open
        )
        parts = [told]
        if progress.oldest is not None:
            parts.append(_("the oldest look {age} ago").format(age=age_words(now - progress.oldest)))
        if progress.is_waiting:
            parts.append(_("waits until decoding is not short"))
        return _(" · ").join(parts)

    async def _hear_earlier(self) -> None:
        """What the hub heard before this seat joined counts as heard."""
        await self._ask_strangers()
        pump, now = self._seat.pump, self._seat.clock.now()
        try:
            async for readings in self._seat.commands.readings_at(now, len(pump.room.sensor_index)):
                pump.latest.apply(readings.index, readings.value, readings.time, readings.quality)
        except (CommandRefused, EnvironmentFault):
            return  # a hub that keeps no history: the counts are of what this seat heard, and grow with it
        self._look(self._seat.clock.now())

    async def _ask_strangers(self) -> None:
        try:
            unknown = await self._seat.commands.unknown_sensors()
        except (CommandRefused, EnvironmentFault):
            return  # the link's light tells that the hub does not answer
        if self.dialog is not None:
            strangers = [Stranger(each.id, each.source, each.count, each.last_at) for each in unknown.sensors]
            self.dialog.show_strangers(unknown.total, strangers, self._seat.clock.now())

    def _chosen(self, identity: str) -> None:
        self._seat.selection.select("sensor", identity)
        self._seat.requests.plot_wanted.emit(identity)
