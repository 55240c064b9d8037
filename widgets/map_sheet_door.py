"""The page's requests for tiles of thematic layers: held until the reader of files has cut them."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import QWebEngineUrlRequestJob

from controlroom.mapping.sheets import Sheets
from widgets.map_feed import reply

_WORDS = 5
_FARTHEST = 1 << 24


class SheetDoor(QObject):
    """Answers `/sheet/<number>/<version>/<zoom>/<x>/<y>`; a request that the page gave up is not answered."""

    def __init__(self, sheets: Sheets, parent: QObject) -> None:
        super().__init__(parent)
        self._sheets = sheets
        self._jobs: dict[int, QWebEngineUrlRequestJob] = {}
        self._turn = 0

    def serve(self, job: QWebEngineUrlRequestJob, words: str) -> bool:
        """Take a request for a tile by what stands behind `/sheet/`; whether it was one."""
        parts = words.split("/")
        if len(parts) != _WORDS or not all(part.isdecimal() and len(part) < 10 for part in parts):
            return False
        number, _version, zoom, x, y = (int(part) for part in parts)
        if zoom > 24 or max(x, y) >= _FARTHEST:
            return False
        self._turn += 1
        self._jobs[self._turn] = job
        job.destroyed.connect(partial(self._forget, self._turn))
        self._sheets.source(number, zoom, x, y, partial(self._answer, self._turn))
        return True

    def _answer(self, turn: int, body: bytes | None) -> None:
        job = self._jobs.pop(turn, None)
        if job is not None:
            reply(job, b"application/octet-stream", body or b"")

    def _forget(self, turn: int, *_gone: object) -> None:
        self._jobs.pop(turn, None)
