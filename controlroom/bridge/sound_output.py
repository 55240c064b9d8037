"""Playing short sounds on the machine's loudspeaker, or knowing in words why nobody would hear them.

Qt's multimedia module is loaded at the first sound only and only where a sound server answers: without one it writes
warnings at every turn, and a machine that lacks its libraries must still show alarms.
"""

import importlib
import os
import socket
import sys
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QMessageLogContext, QtMsgType, QUrl, qInstallMessageHandler

from controlroom.i18n import _

_UNWANTED = "qt.multimedia.symbolsresolver"


AUDIO_BACKEND = ("QT_AUDIO_BACKEND", "pulseaudio")
"""Qt 6.12 crashes in its own PipeWire backend where that library is installed without its configuration (a plain Debian
13 with GStreamer). PipeWire speaks PulseAudio too, so nothing is lost; who sets the variable is obeyed.
"""


class SoundOutput(Protocol):
    """Plays WAV files."""

    def trouble(self) -> str:
        """Why nothing can be heard, as a sentence; empty when it can."""

    def play(self, file: Path) -> bool:
        """Start a sound, ending the one before; False when it cannot be heard."""

    def forget(self, file: Path) -> None:
        """Let go of a file that was written anew."""

    def close(self) -> None:
        """Stop, and let go of the device."""


def sound_server_answers() -> bool:
    """Whether a sound server takes connections (PulseAudio or PipeWire on Linux); elsewhere the system has one."""
    if not sys.platform.startswith("linux"):
        return True
    given = os.environ.get("PULSE_SERVER", "")
    if given and not given.startswith(("unix:", "/")):
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    sockets = [runtime / "pulse" / "native", Path("/run/pulse/native")]
    if given:
        sockets = [Path(given.removeprefix("unix:"))]
    return any(_answers(path) for path in sockets)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _multimedia() -> Any:
    """Qt's multimedia module. Raises ImportError where its libraries are absent.

    While it loads it warns of sound systems that this machine does not have, though one of them was found.
    """

    def pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if before is not None and context.category != _UNWANTED:
            before(kind, context, message)

    if sys.platform.startswith("linux"):
        os.environ.setdefault(*AUDIO_BACKEND)
    before = qInstallMessageHandler(pass_on)
    try:
        return importlib.import_module("PySide6.QtMultimedia")
    finally:
        qInstallMessageHandler(before)


class QtSoundOutput:
    """Plays on the default device through QSoundEffect; GUI thread, after the application was made."""

    def __init__(self) -> None:
        self._module: Any = None
        self._missing = ""
        self._effects: dict[Path, Any] = {}
        self._playing: Any = None

    def trouble(self) -> str:
        """Why nothing can be heard, as a sentence; empty when it can."""
        if not sound_server_answers():
            return _("No sound server is running (PulseAudio or PipeWire)")
        if self._module is None and not self._missing:
            try:
                self._module = _multimedia()
            except ImportError as error:
                self._missing = _("A library for sound is missing: {name}").format(name=error)
        if self._missing:
            return self._missing
        if self._module.QMediaDevices.defaultAudioOutput().isNull():
            return _("No loudspeaker is connected")
        return ""

    def play(self, file: Path) -> bool:
        """Start a sound, ending the one before; False when it cannot be heard."""
        if self.trouble():
            return False
        if self._playing is not None:
            self._playing.stop()
        effect = self._effects.get(file)
        if effect is None:
            effect = self._module.QSoundEffect()
            effect.setSource(QUrl.fromLocalFile(str(file)))
            self._effects[file] = effect
        self._playing = effect
        effect.play()
        return True

    def forget(self, file: Path) -> None:
        """Let go of a file that is about to be written anew."""
        effect = self._effects.pop(file, None)
        if effect is not None:
            effect.stop()
            effect.deleteLater()

    def close(self) -> None:
        """Stop, and let go of the device."""
        for file in list(self._effects):
            self.forget(file)
        self._playing = None
