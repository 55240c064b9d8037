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
        self._process: QProcess | None = None
        self._number = 0

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
        file = self._folder / f"speech-{self._number}.wav"
        process = QProcess(self)
        process.finished.connect(lambda code, _status: self._end(process, file, code))
        voice = _VOICES.get(language(), "en-gb")
        process.start(self._program, ["-v", voice, "-s", _WORDS_A_MINUTE, "-w", str(file), "--stdin"])
        process.write(sentence.encode())
        process.closeWriteChannel()
        self._process = process

    def close(self) -> None:
        """End a sentence that is being written."""
        if self._process is not None:
            process, self._process = self._process, None
            process.finished.disconnect()
            if process.state() is not QProcess.ProcessState.NotRunning:
                process.kill()
                process.waitForFinished(500)
            process.deleteLater()

    def _end(self, process: QProcess, file: Path, code: int) -> None:
        if process is self._process:
            self._process = None
            process.deleteLater()
            if code == 0:
                self.written.emit(file)
