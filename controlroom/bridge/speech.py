"""Speaking a sentence into a WAV file with espeak-ng, off the GUI thread."""

import shutil
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from controlroom.bridge.wording import severity_word
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
