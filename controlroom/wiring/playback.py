"""Playback, connected: a time of its own, the cameras of the wall or a file, and the alarms of the journal."""

from collections import ChainMap
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from controlroom.bridge.room_time import RoomTime
from controlroom.domain.alarm import Alarm
from controlroom.domain.camera import Camera
from controlroom.domain.events import AlarmChanged
from controlroom.errors import ControlRoomError
from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.video.recordings import begins_s
from controlroom.wire import codec
from controlroom.wiring.seat import ZONE, Seat
from widgets.playback import PlaybackPanel
from widgets.playback_timeline import TimelineAlarm

BEHIND = timedelta(seconds=2)
"""A playback that reached the present goes on so long behind it."""
START = timedelta(seconds=30)
_PAGES = 3
_SETTLE_MS = 300


class PlaybackWiring(QObject):
    """One playback panel. Its time is its own: it has left that of the room, and says so above its time axis."""

    def __init__(self, seat: Seat) -> None:
        now = seat.clock.now()
        self.panel = PlaybackPanel(seat.fleet, ZONE, now)
        super().__init__(self.panel)
        self._seat = seat
        self._files: dict[str, tuple[Camera, float]] = {}
        self._ids: tuple[str, ...] = ()
        self._alarms: dict[tuple[str, datetime], TimelineAlarm] = {}
        self.time = RoomTime(seat.clock, self)
        self._settling = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settling.timeout.connect(self._ask_alarms)
        panel, time = self.panel, self.time
        panel.moment_asked.connect(time.stand_at)
        panel.step_asked.connect(time.step)
        panel.play_asked.connect(time.play)
        panel.wall_asked.connect(self.take_wall)
        panel.file_asked.connect(self._choose_file)
        panel.timeline.span_changed.connect(self._settling.start)
        panel.wall.rearranged.connect(self._rearranged)
        time.changed.connect(self._show)
        time.moved.connect(self._show)
        seat.pump.cameras_changed.connect(self._cameras)
        seat.pump.alarms_changed.connect(self._heard)
        self.take_wall()
        room = seat.room_time
        time.stand_at(now - START if room.live else room.at)
        self._settling.start()

    def take_wall(self) -> None:
        """Play back the cameras that the wall shows, or the one that is chosen."""
        held = self._seat.pump.room.walls.get(self._seat.wall)
        ids = tuple(identity for identity in (held.tiles if held is not None else ()) if identity)
        if not ids:
            playable = [camera.id for camera in self._seat.pump.room.cameras.values() if camera.url]
            ids = tuple(playable[: self._seat.wall_columns**2])
        self._ids = ids
        self._cameras()

    def open_file(self, path: Path) -> None:
        """Play a recording; it begins at the time in its name, else when it was written first."""
        identity = f"file:{path}"
        self._files[identity] = Camera(id=identity, name=path.name, url=str(path)), begins_s(path)
        self.panel.wall.set_file(identity, str(path), self._files[identity][1])
        self._ids = (identity, *(held for held in self._ids if held != identity))
        self._cameras()
        self.time.stand_at(datetime.fromtimestamp(self._files[identity][1], UTC))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.panel, _("Open a recording"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Videos (*.mp4 *.ts *.mkv *.mov *.avi *.flv *.webm *.m4v)"))
        dialog.fileSelected.connect(self._file_chosen)
        dialog.open()

    def _file_chosen(self, name: str) -> None:
        self.open_file(Path(name))

    def _cameras(self, _changed: object = None) -> None:
        files = {camera.id: camera for camera, _from in self._files.values()}
        cameras = ChainMap(files, self._seat.pump.room.cameras)
        self.panel.show_cameras(cameras, self._ids)

    def _rearranged(self, tiles: tuple[str, ...]) -> None:
        self._ids = tuple(identity for identity in tiles if identity)

    def _show(self, _at: object = None) -> None:
        if self.time.live:
            self.time.stay_behind(BEHIND)
            return
        self.panel.show_time(self.time.at, self.time.speed, self._seat.clock.now())

    # ---- alarms

    def _heard(self, alarms: list[Alarm]) -> None:
        for alarm in alarms:
            self._add(alarm)
        self._put()

    def _add(self, alarm: Alarm) -> None:
        self._alarms[alarm.id, alarm.occurred_at] = TimelineAlarm(alarm.occurred_at, alarm.severity, alarm.title)

    def _put(self) -> None:
        since, until = self.panel.timeline.since, self.panel.timeline.until
        self.panel.set_alarms([alarm for alarm in self._alarms.values() if since <= alarm.at <= until])

    def _ask_alarms(self) -> None:
        self._alarms = {}
        self._heard(list(self._seat.pump.room.alarms.values()))
        self._seat.tasks.spawn(self._look_up(self.panel.timeline.since, self.panel.timeline.until), "playback alarms")

    async def _look_up(self, since: datetime, until: datetime) -> None:
        after = 0
        try:
            for _page in range(_PAGES):
                answer = await self._seat.commands.span("alarm", since, until + timedelta(seconds=60), after)
                for event in map(codec.event, answer.events):
                    if isinstance(event, AlarmChanged):
                        self._add(event.alarm)
                if not answer.sequences or len(answer.events) < 1000:
                    break
                after = answer.sequences[-1]
        except ControlRoomError as error:
            self.panel.tell(_("Past alarms are not known: {reason}").format(reason=error))
        self._put()


class PlaybackDesk(QObject):
    """Opens a playback in a window of its own; opened again it comes to the front."""

    def __init__(
        self, seat: Seat, actions: Actions, window: Callable[[], QWidget | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._seat = seat
        self._window = window
        self._actions = actions
        self.wiring: PlaybackWiring | None = None
        actions.add(
            "playback",
            _("Playback: the cameras of the wall on one time axis"),
            self.show,
            shortcuts=("Ctrl+Shift+V",),
            help=_("Picture by picture, at any speed, from alarm to alarm; recordings from files too"),
        )

    def show(self) -> None:
        """Show the playback of the wall's cameras."""
        if self.wiring is not None:
            self.wiring.panel.raise_()
            self.wiring.panel.activateWindow()
            return
        self.wiring = PlaybackWiring(self._seat)
        panel = self.wiring.panel
        panel.setParent(self._window(), Qt.WindowType.Window)
        panel.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        panel.setWindowTitle(_("Playback"))
        panel.destroyed.connect(self._closed)
        panel.resize(1280, 800)
        panel.addActions(self._actions.all())
        panel.show()
        panel.wall.setFocus()

    def _closed(self) -> None:
        self.wiring = None
