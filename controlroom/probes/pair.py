"""Does this Python fit this PySide6? A pair that does not loses references of None and aborts after 5,000 calls."""

import json
import platform
import sys

import PySide6
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

CALLS = 20_000
"""The broken pair of 2026 aborted after 5,000 calls."""

SLACK = 100
"""References that come and go by themselves."""


class _Bell(QObject):
    rung = Signal(bool)


def lost_references(calls: int = CALLS) -> dict[str, int]:
    """How many references of None, True and False so many emits and void calls have lost (negative) or leaked."""
    bell, timer = _Bell(), QTimer()
    heard: list[bool] = []
    bell.rung.connect(heard.append)
    constants = (None, True, False)
    before = [sys.getrefcount(constant) for constant in constants]
    for number in range(calls):
        bell.rung.emit(bool(number % 2))
        timer.setInterval(number)
        timer.isActive()
        heard.clear()
    after = [sys.getrefcount(constant) for constant in constants]
    return {repr(constant): new - old for constant, old, new in zip(constants, before, after, strict=True)}


def main() -> int:
    """Write the versions and the references lost."""
    application = QCoreApplication([])
    lost = lost_references()
    del application
    told = {"python": platform.python_version(), "pyside": PySide6.__version__, "lost": lost}
    sys.stdout.write(json.dumps(told) + "\n")
    return int(any(abs(count) > SLACK for count in lost.values()))


if __name__ == "__main__":
    sys.exit(main())
