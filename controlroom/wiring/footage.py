"""What is kept of pictures: snapshots and clips of the tile that has the keyboard, in the folder of recordings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QProgressDialog, QWidget

from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.video.clip import free
from controlroom.video.clip_order import Clip, ClipOrder, ClipState
from controlroom.video.past import Where
from controlroom.video.picture import ClipFeed
from controlroom.video.recordings import file_name
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.video_focus import focused_wall
from controlroom.wiring.whole_picture import WholePicture
from widgets.video_still import Still, burnt_in, stamp
from widgets.video_wall import VideoWall

LENGTH = timedelta(seconds=30)
_LOOK_MS = 100


class FootageDesk(QObject):
    """Keeps a snapshot, or a clip of half a minute: up to now, or around the past moment that is looked at."""

    def __init__(
        self,
        seat: Seat,
        actions: Actions,
        window: Callable[[], QWidget | None],
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._seat = seat
        self._window = window
        self._folder = folder
        self._runs: list[ClipRun] = []
        actions.add(
            "snapshot",
            _("Snapshot of the chosen camera"),
            self.snapshot,
            shortcuts=("Alt+S",),
            help=_("With name, time and age burnt in, into the folder of recordings"),
        )
        actions.add(
            "clip",
            _("Clip of the chosen camera: the last 30 seconds"),
            self.clip,
            shortcuts=("Alt+Shift+S",),
            help=_("As it was received, and a copy with name, time and age burnt in"),
        )

    def snapshot(self) -> None:
        """Keep the picture of the tile that has the keyboard, as large as its stream has it."""
        wall = self._wall()
        still = None if wall is None else wall.still()
        if still is None:
            self._seat.requests.told.emit(_("There is no picture to keep: choose a tile that shows one."))
            return
        now = self._seat.clock.now()
        at = still.shown_at or now - timedelta(seconds=still.age_s)
        camera = self._seat.pump.room.cameras.get(still.camera.id)
        if camera is None:
            self._keep(still, at, now)
            return

        def found(image: QImage | None, shown: datetime | None) -> None:
            if image is None or shown is None:
                self._keep(still, at, now)
                return
            # What was seen is kept: a picture of the same stream, at most half a second beside it, with its own time.
            whole = replace(still, image=image, shown_at=still.shown_at and shown)
            self._keep(whole, shown, now)

        where = Where(camera.id, camera.url, camera.sub_url)
        WholePicture(self._seat.fleet, where, at, self._seat.clock, found, self)

    def _keep(self, still: Still, at: datetime, now: datetime) -> None:
        path = free(self._folder / file_name(still.camera.id, at.timestamp(), ".png"))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            is_kept = burnt_in(still, at, now, ZONE).save(str(path))
        except OSError:
            is_kept = False
        told = _("Snapshot kept: {file}") if is_kept else _("The snapshot could not be written to {file}.")
        self._seat.requests.told.emit(told.format(file=path))

    def clip(self) -> None:
        """Keep half a minute of the tile that has the keyboard."""
        wall = self._wall()
        camera = None if wall is None else self._seat.pump.room.cameras.get(wall.current_camera)
        if wall is None or camera is None:
            self._seat.requests.told.emit(_("There is no camera to keep a clip of: choose a tile that shows one."))
            return
        now = self._seat.clock.now()
        past = None if wall.past is None else wall.past[0]
        until = now if past is None else min(now, past + LENGTH / 2)
        label = _("{name} · kept {time}").format(name=camera.name, time=f"{now.astimezone(ZONE):%Y-%m-%d %H:%M:%S}")
        offset = now.astimezone(ZONE).utcoffset() or timedelta(0)
        order = ClipOrder(
            Where(camera.id, camera.url, camera.sub_url),
            (until - LENGTH).timestamp(),
            until.timestamp(),
            str(self._folder),
            now.timestamp(),
            int(offset.total_seconds()),
            stamp(label),
        )
        feed = self._seat.fleet.cut(order)
        if feed is not None:
            self._runs = [run for run in self._runs if not run.is_over]
            self._runs.append(ClipRun(feed, camera.name, self._seat.requests.told.emit, self._window(), self))

    def _wall(self) -> VideoWall | None:
        return focused_wall(self._window())


class ClipRun(QObject):
    """One clip that is being written: progress with a way to cancel, and how it ended."""

    def __init__(
        self, feed: ClipFeed, name: str, tell: Callable[[str], None], window: QWidget | None, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._tell = tell
        self.is_over = False
        self.dialog = QProgressDialog(_("Clip of {name}").format(name=name), _("Cancel"), 0, 100, window)
        self.dialog.setWindowTitle(_("Keeping a clip"))
        self.dialog.setMinimumDuration(0)
        self.dialog.setAutoClose(False)
        self.dialog.setAutoReset(False)
        self.dialog.canceled.connect(self._cancel)
        self.dialog.show()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        clip = self._feed.clip()
        self.dialog.setValue(int(clip.part * 100))
        if clip.state.is_over:
            self._end(clip)

    def _cancel(self) -> None:
        if not self.is_over:
            self._end(Clip(ClipState.CANCELLED))

    def _end(self, clip: Clip) -> None:
        self.is_over = True
        self._timer.stop()
        self._feed.close()
        self.dialog.deleteLater()
        if clip.state is ClipState.DONE:
            self._tell(_("Clip kept: {file}, and a copy with name and time").format(file=clip.path))
        elif clip.state is ClipState.CANCELLED:
            self._tell(_("The copy with name and time was cancelled; what was received is kept if it was written."))
        elif clip.trouble is not None:
            self._tell(_("No clip was kept: {reason}").format(reason=clip.trouble.sentence))
