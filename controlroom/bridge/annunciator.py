"""Makes alarms heard: a tone per severity, repeated while the worst wait, and spoken where the machine can speak.

What is heard and when is decided by `annunciation`; here are only the timer, the loudspeaker and the voice. Whatever
cannot be heard is still told by the signal `announced`, so that a screen can flash instead.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, QTemporaryDir, QTimer, Signal

from controlroom.bridge.annunciation import Announcement, Annunciation, AnnunciationSettings
from controlroom.bridge.hearing import Hearing
from controlroom.bridge.sound_output import QtSoundOutput, SoundOutput
from controlroom.bridge.speech import Speech, spoken, spoken_standing
from controlroom.bridge.tones import tone
from controlroom.clock import Clock
from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity

_log = logging.getLogger(__name__)
_BEAT_MS = 250
_TONE_MS = 2600


class AnnunciatorState(Struct, frozen=True, kw_only=True):
    """What the strip shows: `mute` with its reason is the machine's doing, `silent_for_s` an officer's."""

    mute: bool = False
    reason: str = ""
    silent_for_s: float = 0.0
    waiting: int = 0
    speaks: bool = False
    can_speak: bool = False
    filtered: bool = False
    """Whether this seat hears only some of the alarms, by its own filter."""


class Annunciator(QObject):
    """Feed it `reset` and `change`; GUI thread. It never acknowledges anything."""

    announced = Signal(object)
    """Announcement: sounded, or to be flashed where `state.mute`."""
    state_changed = Signal(object)
    """AnnunciatorState."""

    def __init__(
        self,
        clock: Clock,
        settings: AnnunciationSettings | None = None,
        output: SoundOutput | None = None,
        speaks: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._logic = Annunciation(settings)
        self._output = output or QtSoundOutput()
        self._folder = QTemporaryDir()
        self._speaks = speaks
        self._speech = Speech(Path(self._folder.path()), self)
        self._speech.written.connect(self._play_speech)
        self._spoken: Path | None = None
        self._testing = False
        self._tones: dict[Severity, Path] = {}
        self._state = AnnunciatorState(speaks=speaks and self._speech.available, can_speak=self._speech.available)
        self._mute_reason = ""
        self._filtered = False
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self.beat)
        self._tone_ends = QTimer(self)
        self._tone_ends.setSingleShot(True)
        self._tone_ends.timeout.connect(self._speak_now)

    # ---------------------------------------------------------------- what feeds it

    def reset(self, alarms: Iterable[Alarm]) -> None:
        """The whole list came anew."""
        self._logic.reset(alarms, self._clock.monotonic())
        self._follow()

    def change(self, alarms: Iterable[Alarm]) -> None:
        """New states of some alarms."""
        self._logic.change(alarms, self._clock.monotonic())
        self._follow()

    def hear(self, hearing: Hearing, filtered: bool, alarms: Iterable[Alarm]) -> None:
        """Hear what passes there; `filtered` tells that the filter leaves some out, `alarms` is the whole list."""
        self._filtered = filtered
        self._logic.hear(hearing.hears, alarms, self._clock.monotonic(), hearing.calls)
        self._follow()

    # ---------------------------------------------------------------- what officers do

    def silence(self, minutes: float) -> None:
        """Be silent for some minutes; it ends by itself, or when a worse alarm comes. Nothing is acknowledged."""
        self._output.close()
        self._speech.close()
        self._tone_ends.stop()
        self._spoken = None
        self._logic.silence(minutes, self._clock.monotonic())
        self._follow()

    def end_silence(self) -> None:
        """Be heard again."""
        self._logic.end_silence()
        self._follow()

    def test(self, severity: Severity = Severity.RED) -> bool:
        """Play a tone now, silence or not; False when it cannot be heard, and `state.reason` says why."""
        heard = self._play(self._tone(severity))
        self._follow()
        return heard

    def test_speech(self, sentence: str) -> bool:
        """Say a sentence now; False when it cannot be heard."""
        self._mute_reason = self._output.trouble()
        self._follow()
        if self._mute_reason or not self._speech.available:
            return False
        self._testing = True
        self._speech.say(sentence)
        return True

    def set_speaks(self, speaks: bool) -> None:
        """Whether new alarms are spoken too."""
        self._speaks = speaks
        self._follow()

    @property
    def state(self) -> AnnunciatorState:
        """What the strip shows."""
        return self._state

    @property
    def waiting(self) -> frozenset[str]:
        """The ids of the alarms that wait, as this sees them."""
        return self._logic.waiting

    def check(self) -> AnnunciatorState:
        """Look now whether the machine can be heard; otherwise this is found out at the first sound."""
        self._mute_reason = self._output.trouble()
        self._follow()
        return self._state

    def close(self) -> None:
        """Stop everything."""
        self._beat.stop()
        self._tone_ends.stop()
        self._speech.close()
        self._output.close()
        self._folder.remove()

    # ---------------------------------------------------------------- inside

    def beat(self) -> None:
        """One turn of the timer: sound what is due."""
        announcement = self._logic.due(self._clock.monotonic())
        if announcement is not None:
            self._sound(announcement)
        self._follow()

    def _sound(self, announcement: Announcement) -> None:
        heard = self._play(self._tone(announcement.severity))
        sentence = self._sentence(announcement)
        if heard and sentence and self._speaks:
            self._spoken = None
            self._tone_ends.start(_TONE_MS)
            self._speech.say(sentence)
        self.announced.emit(announcement)

    def _sentence(self, announcement: Announcement) -> str:
        """What is said; nothing for the repetition of a tone."""
        if announcement.standing is not None:
            return spoken_standing(announcement.standing, self._clock.now())
        return "" if announcement.alarm is None else spoken(announcement.alarm, announcement.others)

    def _play(self, file: Path) -> bool:
        before = self._mute_reason
        self._mute_reason = self._output.trouble()
        if self._mute_reason and self._mute_reason != before:
            _log.info("alarms cannot be heard: %s", self._mute_reason)
        return not self._mute_reason and self._output.play(file)

    def _tone(self, severity: Severity) -> Path:
        file = self._tones.get(severity)
        if file is None:
            file = Path(self._folder.path()) / f"tone-{int(severity)}.wav"
            file.write_bytes(tone(severity))
            self._tones[severity] = file
        return file

    def _play_speech(self, file: Path) -> None:
        self._spoken = file
        if not self._tone_ends.isActive():
            self._speak_now()

    def _speak_now(self) -> None:
        testing, self._testing = self._testing, False
        if self._spoken is not None and (testing or not self._logic.silent(self._clock.monotonic())):
            file, self._spoken = self._spoken, None
            self._output.forget(file)
            self._play(file)

    def _now(self) -> AnnunciatorState:
        return AnnunciatorState(
            mute=bool(self._mute_reason),
            reason=self._mute_reason,
            silent_for_s=float(round(self._logic.silent_for_s(self._clock.monotonic()))),
            waiting=len(self._logic.waiting),
            speaks=self._speaks and self._speech.available,
            can_speak=self._speech.available,
            filtered=self._filtered,
        )

    def _follow(self) -> None:
        """Run the timer only while there is something to wait for, and tell when the state is another."""
        busy = bool(self._logic.waiting) or self._logic.silent(self._clock.monotonic())
        if busy != self._beat.isActive():
            if busy:
                self._beat.start()
            else:
                self._beat.stop()
        state = self._now()
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
