"""What Qt sees of this desk: monitors, fonts with simplified Chinese letters, sound devices."""

import json
import sys

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtMultimedia import QMediaDevices


def seen() -> dict[str, object]:
    """Monitors with geometry and scale, font families and sound outputs by name."""
    screens = [
        {
            "name": screen.name(),
            "geometry": list(screen.geometry().getRect()),  # type: ignore[call-overload]
            "scale": screen.devicePixelRatio(),
            "hz": round(screen.refreshRate()),
        }
        for screen in QGuiApplication.screens()
    ]
    return {
        "platform": QGuiApplication.platformName(),
        "screens": screens,
        "fonts": QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese),
        "sounds": [device.description() for device in QMediaDevices.audioOutputs()],
    }


def main() -> int:
    """Write what is seen."""
    application = QGuiApplication([])
    sys.stdout.write(json.dumps(seen()) + "\n")
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
