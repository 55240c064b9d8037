"""Speaking a sentence into a WAV file with espeak-ng, off the GUI thread."""

import shutil
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from controlroom.bridge.annunciation import Standing
from controlroom.bridge.wording import severity_colour_word, severity_word, span_text
from controlroom.domain.alarm import Alarm
from controlroom.i18n import _, language

_VOICES = {"zh_CN": "cmn", "en": "en-gb"}
_WORDS_A_MINUTE = "190"
_LONGEST = 120


def spoken(alarm: Alarm, others: int) -> str:
    """What is said of a new alarm: severity, place, title, and how many others came with it."""
    said = _("{severity} alarm. {place}. {title}.").format(
        severity=severity_word(alarm.severity), place=alarm.place, title=alarm.title[:_LONGEST]
    )
    return said + " " + _("And {count} more.").format(count=others) if others else said


def spoken_standing(standing: Standing, now: datetime) -> str:
    """One sentence for all that waits: how many, of which colours, and how long the oldest has waited."""
    counts = _(", ").join(
        _("{count} {colour}").format(count=count, colour=severity_colour_word(severity))
        for severity, count in standing.counts
    )
    said = (
        _("Still unacknowledged: {total} alarms, {counts}.")
        if standing.reminder
        else _("{total} alarms stand, {counts}.")
    )
    oldest = _("The oldest waits for {span}: {title}.").format(
        span=span_text((now - standing.oldest.received_at).total_seconds()), title=standing.oldest.title[:_LONGEST]
    )
    return said.format(total=standing.total, counts=counts) + " " + oldest


class Speech(QObject):
    """One sentence at a time; a new one ends the one before."""

    written = Signal(object)
    """The Path of the WAV file that was written."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = shutil.which("espeak-ng")
        self._folder = folder
        self._file = folder
        self._number = 0
        # One process object for all sentences: deleting one from within its own signal brings Qt's bindings down.
        self._process = QProcess(self)
        self._process.finished.connect(self._end)

    @property
    def available(self) -> bool:
        """Whether the machine can speak."""
        return self._program is not None

    def say(self, sentence: str) -> None:
        """Write a sentence to a file; `written` follows unless it fails, which only leaves the tone."""
        if self._program is None:
            return
        self.close()
        self._number = (self._number + 1) % 4
        self._file = self._folder / f"speech-{self._number}.wav"
        voice = _VOICES.get(language(), "en-gb")
        self._process.start(self._program, ["-v", voice, "-s", _WORDS_A_MINUTE, "-w", str(self._file), "--stdin"])
        self._process.write(sentence.encode())
        self._process.closeWriteChannel()

    def close(self) -> None:
        """End a sentence that is being written."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(500)

    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        if status is QProcess.ExitStatus.NormalExit and code == 0:
            self.written.emit(self._file)
