"""The sound of a seat, connected: what it hears, when it is silent, and the dialog that sets both."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.annunciator import Annunciator, AnnunciatorState
from controlroom.bridge.hearing import Hearing, SeatFilter
from controlroom.domain.alarm import Alarm
from controlroom.domain.seating import SeatView
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from controlroom.shell.strips import Strips
from controlroom.wiring.calls import is_called
from controlroom.wiring.seat import DEPARTMENTS, Seat
from widgets.sound_dialog import SoundDialog
from widgets.strip import Sound

SILENCE_MINUTES = 5.0

Keep = Callable[[Mapping[str, str | int | bool]], None]
"""Writes settings of this seat, by their names."""


class SoundWishes(Struct, frozen=True, kw_only=True):
    """What this seat's settings say about sound."""

    speaks: bool = True
    wanted: SeatFilter = SeatFilter()


def view_of(wanted: SeatFilter) -> SeatView:
    """What a seat's filter means to the hub."""
    return SeatView(
        severities=tuple(sorted(wanted.severities)),
        departments=tuple(sorted(wanted.departments)),
        places=wanted.areas,
    )


class SoundWiring(QObject):
    """Feeds the annunciator, tells the strips, opens the dialog. Without an annunciator the seat was made silent."""

    def __init__(
        self,
        seat: Seat,
        strips: Strips,
        annunciator: Annunciator | None,
        wishes: SoundWishes,
        keep: Keep,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._seat = seat
        self._strips = strips
        self._annunciator = annunciator
        self._wishes = wishes
        self._keep = keep
        self.dialog: SoundDialog | None = None
        if annunciator is None:
            if seat.governor is not None:
                seat.governor.set_view(view_of(wishes.wanted))
            strips.set_sound(Sound.UNAVAILABLE, reason=_("This seat was started without sound."))
            return
        pump = seat.pump
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(self._alarms)
        pump.silences_changed.connect(self._hear)
        if seat.governor is not None:
            seat.governor.routing_changed.connect(self._hear)
        strips.silenced.connect(self.press)
        annunciator.state_changed.connect(self._state)
        annunciator.set_speaks(wishes.speaks)
        seat.requests.officer_changed.connect(self._hear)
        pump.duties_changed.connect(self._hear)
        self._hear()
        self._state(annunciator.state)

    # ---------------------------------------------------------------- feeding

    def _reset(self) -> None:
        self._hear()
        if self._annunciator is not None:
            self._annunciator.reset(self._seat.pump.room.alarms.values())

    def _alarms(self, alarms: list[Alarm]) -> None:
        if self._annunciator is not None:
            self._annunciator.change(alarms)

    def _hear(self) -> None:
        """Filter or silences are others."""
        if self._annunciator is not None:
            room, wanted = self._seat.pump.room, self._wishes.wanted
            governor = self._seat.governor
            if governor is not None:
                governor.set_view(view_of(wanted))
            mine = None if governor is None else governor.mine
            hearing = Hearing(wanted, room.silences.values(), mine, self._calls)
            self._annunciator.hear(hearing, not wanted.everything, room.alarms.values())

    def _calls(self, alarm: Alarm) -> bool:
        return is_called(self._seat, alarm)

    def _state(self, state: AnnunciatorState) -> None:
        if state.mute:
            sound = Sound.UNAVAILABLE
        elif state.silent_for_s > 0:
            sound = Sound.SILENCED
        else:
            sound = Sound.SOUNDING if state.waiting else Sound.QUIET
        self._strips.set_sound(sound, state.silent_for_s, state.filtered, state.reason)
        if self.dialog is not None:
            self.dialog.set_state(state)

    # ---------------------------------------------------------------- what the officer does

    def press(self) -> None:
        """The button of the strip: silences what sounds, ends a silence, and otherwise opens the dialog."""
        if self._annunciator is None:
            return
        state = self._annunciator.state
        if not state.mute and (state.silent_for_s > 0 or state.waiting):
            self.toggle()
        else:
            self.show_dialog(None)

    def toggle(self) -> None:
        """Be silent for a while, or be heard again; nothing is acknowledged by it."""
        if self._annunciator is not None:
            self.silence(0 if self._annunciator.state.silent_for_s > 0 else SILENCE_MINUTES)

    def silence(self, minutes: float) -> None:
        """Be silent for some minutes; none ends the silence."""
        if self._annunciator is None:
            return
        if minutes > 0:
            self._annunciator.silence(minutes)
        else:
            self._annunciator.end_silence()

    def show_dialog(self, parent: QWidget | None) -> None:
        """Open the dialog, or bring it to the front."""
        if self._annunciator is None:
            return
        if self.dialog is None:
            self.dialog = self._build(self._annunciator, parent)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _build(self, annunciator: Annunciator, parent: QWidget | None) -> SoundDialog:
        departments = {alarm.department for alarm in self._seat.pump.room.alarms.values() if alarm.department}
        known = (*DEPARTMENTS, *sorted(departments - set(DEPARTMENTS)))
        dialog = SoundDialog(annunciator.check(), self._wishes.speaks, self._wishes.wanted, known, parent)
        dialog.silenced.connect(self.silence)
        dialog.tested.connect(self._test)
        dialog.speech_tested.connect(self._say)
        dialog.speaking_changed.connect(self._speak)
        dialog.filter_changed.connect(self._filter)
        dialog.destroyed.connect(self._forget_dialog)
        return dialog

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _test(self, severity: Severity) -> None:
        if self._annunciator is not None:
            self._annunciator.test(severity)

    def _say(self) -> None:
        if self._annunciator is not None:
            self._annunciator.test_speech(_("This is a test of the annunciator."))

    def _speak(self, speaks: bool) -> None:
        self._wishes = SoundWishes(speaks=speaks, wanted=self._wishes.wanted)
        if self._annunciator is not None:
            self._annunciator.set_speaks(speaks)
        self._keep({"sound.speaks": speaks})

    def _filter(self, wanted: SeatFilter) -> None:
        self._wishes = SoundWishes(speaks=self._wishes.speaks, wanted=wanted)
        self._hear()
        self._keep(
            {
                "sound.severities": ",".join(str(int(severity)) for severity in sorted(wanted.severities)),
                "sound.departments": ",".join(sorted(wanted.departments)),
                "sound.areas": ",".join(wanted.areas),
            }
        )
