"""PTZ mode, connected: a key opens it on the chosen picture, the hub says who may move what."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QInputDialog, QWidget

from controlroom.domain.camera import Camera
from controlroom.domain.ptz import THUMBNAIL_BYTES, PtzLease
from controlroom.domain.ptz_rules import PtzRule, decode_book
from controlroom.domain.ptz_state import picture_key
from controlroom.errors import CommandRefused
from controlroom.i18n import _
from controlroom.seat.status import LinkState
from controlroom.shell.actions import Actions
from controlroom.wire.ptz import (
    AnswerPtz,
    AskPtz,
    CentrePtz,
    GoToPreset,
    PtzQuestion,
    ReleasePtz,
    RemovePreset,
    RemovePtzRule,
    RenamePreset,
    SavePreset,
    SetPtzGuard,
    SetPtzRule,
    StartPatrol,
    SteerPtz,
    StopPatrol,
    TakePtz,
)
from controlroom.wiring.ptz_turning import PtzTurning
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.video_focus import focused_wall
from widgets.ptz_overlay import THUMB, PtzOverlay
from widgets.ptz_pad import Box
from widgets.ptz_rule_dialog import PtzRuleDialog
from widgets.ptz_words import PtzSight, ended_words, mode_keys
from widgets.video_tile import WHOLE
from widgets.video_wall import VideoWall

PATROL_S = 10
_LOOK_MS = 200

_JPEG = 80


class PtzDesk(QObject):
    """One camera at a time is steered from this seat."""

    def __init__(
        self,
        seat: Seat,
        actions: Actions,
        window: Callable[[], QWidget | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._seat = seat
        self._window = window
        self._figures = seat.district.decoded("ptz_rules.toml", decode_book).figures
        self._wall: VideoWall | None = None
        self._camera = ""
        self._asking: set[tuple[str, str, datetime]] = set()
        self.turning = PtzTurning(seat, actions, self)
        self.overlay: PtzOverlay | None = None
        self.rules_dialog: PtzRuleDialog | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._place)
        seat.pump.ptz_changed.connect(self._changed)
        seat.pump.ptz_ended.connect(self._ended)
        seat.pump.ptz_rules_changed.connect(self._show_rules)
        seat.pump.ticked.connect(self._tick)
        seat.pump.link_changed.connect(self._tick)
        actions.add(
            "ptz",
            _("Steer the chosen camera (PTZ mode)"),
            self.open,
            group=_("Cameras"),
            shortcuts=("Alt+Z",),
            help=_("Takes, asks for and gives back the camera; arrows, wheel, clicks and presets move it"),
        )
        actions.modes[_("PTZ mode")] = mode_keys()

    # ------------------------------------------------------------ opening and leaving

    def open(self) -> None:
        """Steer the camera of the tile that has the keyboard, or leave the mode."""
        if self.overlay is not None:
            self.leave()
            return
        wall = focused_wall(self._window())
        if wall is None or not wall.current_camera:
            self._tell(_("Choose a tile with a camera first."))
            return
        if wall.past is not None:
            self._tell(_("A past picture cannot be steered: go back to the present first."))
            return
        self._wall, self._camera = wall, wall.current_camera
        wall.enlarge(True)
        self.overlay = PtzOverlay(self, self._thumbnail, wall)
        self.overlay.left.connect(self.leave)
        self.overlay.pad.zoomed.connect(self._zoom)
        self.overlay.pad.zoomed.connect(self._show)
        wall.installEventFilter(self)
        wall.destroyed.connect(self._forget)
        self._show()
        self._place()
        self.overlay.show()
        self.overlay.pad.setFocus()
        self._look.start()

    def leave(self) -> None:
        """Leave the mode; the camera is given back, so that others need not wait for it."""
        overlay, wall = self.overlay, self._wall
        if overlay is None:
            return
        overlay.pad.stop()
        if self._sight().is_mine:
            self.release()
        self._forget()
        overlay.hide()
        overlay.deleteLater()
        if wall is not None:
            wall.removeEventFilter(self)
            wall.enlarge_part(WHOLE)
            wall.leave_floor(0)
            wall.enlarge(False)
            wall.setFocus()

    def _forget(self, _wall: object = None) -> None:
        self._look.stop()
        self.overlay, self._wall, self._camera = None, None, ""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The pane follows its wall."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        elif event.type() is QEvent.Type.Hide:
            QTimer.singleShot(0, self, self.leave)
        return False

    # ------------------------------------------------------------ what is shown

    def _place(self) -> None:
        if self.overlay is None or self._wall is None:
            return
        if self._wall.current_camera != self._camera or self._wall.past is not None:
            self.leave()
            return
        floor = self.overlay.bar_height(self._wall.width())
        self._wall.leave_floor(floor)
        area, picture = self._wall.picture
        self.overlay.place(area.adjusted(0, 0, 0, self._wall.height() - area.bottom() - 1), picture)

    def _show(self, _why: object = None) -> None:
        if self.overlay is not None:
            self.overlay.show_sight(self._sight(), _clock)

    def _sight(self) -> PtzSight:
        room = self._seat.pump.room
        camera = room.cameras.get(self._camera)
        return PtzSight(
            camera=self._camera,
            name=camera.name if camera is not None else self._camera,
            has_head=camera is not None and bool(camera.ptz),
            seat=self._seat.name,
            unit=room.ptz.units.get(self._camera),
            lease=room.ptz.leases.get(self._camera),
            act=room.ptz.acts.get(self._camera),
            now=self._seat.clock.now(),
            idle_s=self._figures.idle_s,
            is_live=self._seat.pump.status.state is LinkState.LIVE and room.drill is None,
        )

    def _tick(self, _now: object) -> None:
        self._show()

    def _changed(self, cameras: list[str]) -> None:
        for camera in cameras:
            lease = self._seat.pump.room.ptz.leases.get(camera)
            if lease is not None and lease.seat == self._seat.name:
                self._tell_asks(lease)
        if self._camera in cameras:
            self._show()
            self._place()

    def _tell_asks(self, lease: PtzLease) -> None:
        """Somebody asks for a camera that this seat holds: said once each time."""
        for ask in lease.asks:
            key = (lease.camera, ask.seat, ask.at)
            if key not in self._asking:
                self._asking = {each for each in self._asking if each[0] != lease.camera} | {key}
                words = _("{officer} ({seat}) asks for {camera}: {reason}")
                told = words.format(
                    officer=ask.officer, seat=ask.seat, camera=self._name(lease.camera), reason=ask.reason or "—"
                )
                self._tell(told)

    def _ended(self, lease: PtzLease) -> None:
        """The one who held a camera is told why they hold it no longer."""
        if lease.seat != self._seat.name:
            return
        if self.overlay is not None and lease.camera == self._camera:
            self.overlay.pad.stop()
        words = ended_words(lease, self._name(lease.camera))
        if words:
            self._tell(words)

    def _zoom(self, part: QRectF) -> None:
        if self._wall is not None:
            self._wall.enlarge_part(part)

    def _name(self, identity: str) -> str:
        camera: Camera | None = self._seat.pump.room.cameras.get(identity)
        return camera.name if camera is not None else identity

    def _tell(self, sentence: str) -> None:
        self._seat.requests.told.emit(sentence)

    # ------------------------------------------------------------ what the officer does

    def take(self) -> None:
        """Take the camera, or keep it for longer."""
        self._seat.send(TakePtz(camera=self._camera))

    def take_over(self) -> None:
        """Take it from a lower role, with a reason."""
        reason = self._asked(_("Take over"), _("Why do you take the camera? Who holds it will be told."))
        if reason:
            self._seat.send(TakePtz(camera=self._camera, reason=reason, over=True))

    def ask(self) -> None:
        """Ask who holds it."""
        reason = self._asked(_("Ask for the camera"), _("What do you need it for?"))
        if reason:
            self._seat.send(AskPtz(camera=self._camera, reason=reason))

    def release(self) -> None:
        """Give it back."""
        self._seat.send(ReleasePtz(camera=self._camera))

    def answer(self, seat: str, hand: bool) -> None:
        """Hand it on, or decline."""
        self._seat.send(AnswerPtz(camera=self._camera, to=seat, hand=hand))

    def steer(self, pan: float, tilt: float, zoom: float, focus: float, iris: float) -> None:
        """Move it."""
        held = self._seat.commands
        self._move(
            SteerPtz(
                camera=self._camera,
                seat=self._seat.name,
                officer=held.officer,
                pan=pan,
                tilt=tilt,
                zoom=zoom,
                focus=focus,
                iris=iris,
            )
        )

    def centre(self, box: Box, aspect: float) -> None:
        """Bring a box of the picture to its middle."""
        officer = self._seat.commands.officer
        self._move(CentrePtz(camera=self._camera, seat=self._seat.name, officer=officer, box=box, aspect=aspect))

    def go(self, preset: str) -> None:
        """Go to a preset or home."""
        self._seat.send(GoToPreset(camera=self._camera, preset=preset))

    def save(self) -> None:
        """Save a preset with the picture of now."""
        name = self._asked(_("Save preset"), _("Name of the preset"))
        if name:
            self._seat.send(SavePreset(camera=self._camera, name=name, picture=self._picture()))

    def rename(self, preset: str) -> None:
        """Call a preset otherwise."""
        before = self._preset_name(preset)
        name = self._asked(_("Rename preset"), _("Name of the preset"), before)
        if name and name != before:
            self._seat.send(RenamePreset(camera=self._camera, preset=preset, name=name))

    def replace(self, preset: str) -> None:
        """Let a preset look where the camera looks now."""
        name = self._preset_name(preset)
        self._seat.send(SavePreset(camera=self._camera, name=name, preset=preset, picture=self._picture()))

    def remove(self, preset: str) -> None:
        """Remove a preset."""
        self._seat.send(RemovePreset(camera=self._camera, preset=preset))

    def guard(self, preset: str) -> None:
        """Let the camera go back to a preset when nobody holds it, or to none."""
        self._seat.send(SetPtzGuard(camera=self._camera, preset=preset))

    def patrol(self) -> None:
        """Begin or end a patrol of all presets that have a number."""
        sight = self._sight()
        if sight.lease is not None and sight.lease.patrol is not None:
            self._seat.send(StopPatrol(camera=self._camera))
            return
        tokens = tuple(preset.token for preset in sight.presets[:9])
        self._seat.send(StartPatrol(camera=self._camera, presets=tokens, dwell_s=PATROL_S))

    def rules(self) -> None:
        """Show the rules that move cameras."""
        if self.rules_dialog is None:
            self.rules_dialog = PtzRuleDialog(self._window())
            self.rules_dialog.decided.connect(self._set_rule)
            self.rules_dialog.removed.connect(self._remove_rule)
            self.rules_dialog.finished.connect(self._rules_left)
        self.rules_dialog.show_camera(self._camera, self._name(self._camera), self._sight().presets)
        self._show_rules()
        self.rules_dialog.show()

    def _show_rules(self) -> None:
        if self.rules_dialog is not None:
            rules = sorted(self._seat.pump.room.ptz.rules.values(), key=lambda rule: rule.name)
            self.rules_dialog.show_rules(rules, {rule.camera: self._name(rule.camera) for rule in rules if rule.camera})

    def _set_rule(self, rule: PtzRule) -> None:
        self._seat.send(SetPtzRule(rule=rule))

    def _remove_rule(self, identity: str) -> None:
        self._seat.send(RemovePtzRule(rule=identity))

    def _rules_left(self, _result: int) -> None:
        if self.rules_dialog is not None:
            self.rules_dialog.deleteLater()
            self.rules_dialog = None

    # ------------------------------------------------------------ how it is done

    def _move(self, question: PtzQuestion) -> None:
        self._seat.tasks.spawn(self._sent(question), "ptz")

    async def _sent(self, question: PtzQuestion) -> None:
        """A refused movement ends the movement; it would be refused again and again."""
        try:
            await self._seat.commands.steer(question)
        except CommandRefused:
            if self.overlay is not None and self.overlay.pad.is_moving:
                self.overlay.pad.set_mode(is_steered=False, is_digital=False, can_aim=False)
            raise

    def _asked(self, title: str, question: str, before: str = "") -> str:
        text, is_meant = QInputDialog.getText(self._window(), title, question, text=before)
        if self.overlay is not None:
            self.overlay.pad.setFocus()
        return text.strip()[:80] if is_meant else ""

    def _preset_name(self, token: str) -> str:
        found = next((preset for preset in self._sight().presets if preset.token == token), None)
        return token if found is None else found.name or token

    def _picture(self) -> bytes:
        """What is seen now, for the preset's button on all seats; without it the button has only words."""
        still = None if self._wall is None else self._wall.still()
        if still is None:
            return b""
        sink = QBuffer()
        sink.open(QIODevice.OpenModeFlag.WriteOnly)
        size = THUMB * 2
        fit, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        still.image.scaled(size, fit, smooth).save(sink, "JPG", _JPEG)  # type: ignore[call-overload]  # the stub knows no str
        data = bytes(sink.data().data())
        return data if len(data) <= THUMBNAIL_BYTES else b""

    def _thumbnail(self, camera: str, name: str) -> tuple[QPixmap, str] | None:
        """The picture of a preset and when it was taken."""
        held = self._seat.pump.room.ptz.pictures.get(picture_key(camera, name))
        if held is None:
            return None
        picture = QPixmap()
        if not picture.loadFromData(held.picture, "JPG"):  # type: ignore[call-overload]  # it takes a str, not bytes
            return None
        return picture, f"{held.at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _clock(at: object) -> str:
    return at.astimezone(ZONE).strftime("%H:%M:%S") if isinstance(at, datetime) else ""
