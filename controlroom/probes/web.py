"""Does the web engine load a page and paint it? The map needs both."""

import json
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

COLOUR = "#2e7d32"
PAGE = f"<!doctype html><body style='background:{COLOUR}'>"
PATIENCE_S = 20.0
INTERVAL_MS = 50


def main() -> int:
    """Show a page of one colour and wait until that colour is on the screen."""
    application = QApplication([])
    view = QWebEngineView()
    told: dict[str, object] = {"loaded": False, "painted": False, "seconds": 0.0}
    started = time.monotonic()

    def on_load(well: bool) -> None:
        told["loaded"] = well

    def look() -> None:
        colour = view.grab().toImage().pixelColor(view.width() // 2, view.height() // 2)
        told["painted"] = colour == QColor(COLOUR)
        told["seconds"] = round(time.monotonic() - started, 2)
        if (told["loaded"] and told["painted"]) or time.monotonic() - started > PATIENCE_S:
            application.quit()

    view.loadFinished.connect(on_load)
    view.resize(200, 120)
    view.setHtml(PAGE)
    view.show()
    timer = QTimer(interval=INTERVAL_MS)
    timer.timeout.connect(look)
    timer.start()
    application.exec()
    sys.stdout.write(json.dumps(told) + "\n")
    return 0 if told["painted"] else 1


if __name__ == "__main__":
    sys.exit(main())
