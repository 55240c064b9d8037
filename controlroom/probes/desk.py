"""What Qt sees of this desk: monitors, fonts with simplified Chinese letters, sound devices."""

import json
import os
import sys

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtMultimedia import QMediaDevices

from controlroom.bridge.sound_output import AUDIO_BACKEND, sound_server_answers


def seen() -> dict[str, object]:
    """Monitors with geometry and scale, font families and sound outputs by name."""
    screens = [
        {
            "name": screen.name(),
            "serial": screen.serialNumber(),
            "geometry": [area.x(), area.y(), area.width(), area.height()],
            "scale": screen.devicePixelRatio(),
            "hz": round(screen.refreshRate()),
        }
        for screen, area in ((one, one.geometry()) for one in QGuiApplication.screens())
    ]
    return {
        "platform": QGuiApplication.platformName(),
        "screens": screens,
        "fonts": QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese),
        "sounds": [device.description() for device in QMediaDevices.audioOutputs()] if sound_server_answers() else [],
    }


def main() -> int:
    """Write what is seen."""
    os.environ.setdefault(*AUDIO_BACKEND)
    application = QGuiApplication([])
    sys.stdout.write(json.dumps(seen()) + "\n")
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
