"""The process that reads strangers' files: `python -m controlroom.mapping.thematic.worker`.

Questions come on its standard input, answers go to its standard output; it ends when the input closes. Files are read
by one thread, tiles and places by another, so that a long file holds up no layer that is there already.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from controlroom.mapping.coordinates import WORLD, to_fixed
from controlroom.mapping.thematic.features import label_field, rows_named, rows_numbered, rows_within, told
from controlroom.mapping.thematic.messages import (
    Answer,
    AskFeatures,
    AskList,
    AskOpen,
    AskPlace,
    AskTile,
    Cut,
    Done,
    Drop,
    Failed,
    Features,
    Found,
    Listed,
    Progress,
    Question,
    pack,
    unpack,
)
from controlroom.mapping.thematic.opening import Catalogue, open_layer
from controlroom.mapping.thematic.reading import words_of
from controlroom.mapping.thematic.refusal import FileFault, Reason
from controlroom.mapping.thematic.sheet import Sheet

_log = logging.getLogger(__name__)

_STEP = 0.02
_NICE = 5
"""Reading may take all of a core for seconds: what officers look at comes first."""


class Worker:
    """Answers questions. `handle` is called by one thread, `tell` must be safe from any."""

    def __init__(self, tell: Callable[[Answer], None]) -> None:
        self._tell = tell
        self._catalogue = Catalogue()
        self._sheets: dict[str, Sheet] = {}
        self._wanted: dict[str, int] = {}
        self._reading = ThreadPoolExecutor(1, "thematic-read")
        self._cutting = ThreadPoolExecutor(1, "thematic-cut")

    def close(self) -> None:
        """Drop what waits and end the threads."""
        self._wanted.clear()
        self._reading.shutdown(cancel_futures=True)
        self._cutting.shutdown(cancel_futures=True)

    def handle(self, question: Question) -> None:
        """Take a question; its answer comes later."""
        match question:
            case AskOpen(number, key):
                self._wanted[key] = number
                self._reading.submit(self._answer, question, self._open)
            case AskList():
                self._cutting.submit(self._answer, question, self._list)
            case AskTile():
                self._cutting.submit(self._answer, question, self._tile)
            case AskPlace():
                self._cutting.submit(self._answer, question, self._place)
            case AskFeatures():
                self._cutting.submit(self._answer, question, self._features)
            case Drop(_number, key):
                self._wanted.pop(key, None)
                self._sheets.pop(key, None)

    def _answer(self, question: Question, work: Callable[..., Answer]) -> None:
        """A thread's top: whatever a file brings about is told, and the next one is read."""
        try:
            self._tell(work(question))
        except FileFault as fault:
            self._tell(Failed(question.number, fault.reason, fault.detail, fault.line, fault.number))
        except MemoryError:
            self._tell(Failed(question.number, Reason.TOO_LARGE))
        except Exception as error:  # noqa: BLE001 - a thread's top
            _log.warning("a thematic file is told as broken: %r", error, exc_info=True)
            self._tell(Failed(question.number, Reason.BAD_FILE, f"{type(error).__name__}: {error}"[:160]))

    def _list(self, question: AskList) -> Answer:
        return Listed(question.number, self._catalogue.entries(question.paths))

    def _open(self, question: AskOpen) -> Answer:
        told = 0.0

        def step(share: float) -> None:
            nonlocal told
            if self._wanted.get(question.key) != question.number:
                raise FileFault(Reason.CANCELLED)
            if share > told + _STEP:
                told = share
                self._tell(Progress(question.number, share))

        step(0.0)
        sheet, opened = open_layer(Path(question.path), question.table, step)
        step(1.0)
        self._sheets[question.key] = sheet
        return Done(question.number, opened)

    def _tile(self, question: AskTile) -> Answer:
        sheet = self._sheets.get(question.key)
        if sheet is None or not 0 <= question.zoom <= 24:
            return Failed(question.number, Reason.EMPTY)
        return Cut(question.number, sheet.tile(question.zoom, question.x, question.y, question.label))

    def _place(self, question: AskPlace) -> Answer:
        sheet = self._sheets.get(question.key)
        if sheet is None:
            return Failed(question.number, Reason.EMPTY)
        x, y = to_fixed(question.lon, question.lat)
        reach = question.reach_px * WORLD / (256.0 * 2.0**question.zoom)
        found = sheet.at(float(x), float(y), reach)
        return Found(question.number, [(number, words_of(row)) for number, row in found])

    def _features(self, question: AskFeatures) -> Answer:
        sheet = self._sheets.get(question.key)
        if sheet is None:
            return Failed(question.number, Reason.EMPTY)
        field = label_field(sheet.fields, question.label or sheet.label)
        if question.ring:
            rows = rows_within(sheet, question.ring)
        elif question.numbers:
            rows = rows_numbered(sheet, question.numbers)
        else:
            rows = rows_named(sheet, field, question.text)
        return Features(question.number, told(sheet, rows, field, question.most, whole=question.whole), len(rows))


def main() -> None:
    """Answer until the input closes."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between answers.
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    lock = threading.Lock()

    def tell(answer: Answer) -> None:
        with lock:
            try:
                sink.write(pack(answer))
                sink.flush()
            except OSError:
                os._exit(0)

    worker = Worker(tell)
    while (question := unpack(source.read1, Question)) is not None:
        worker.handle(question)
    # Nobody listens any more; what is read now is of no use.
    os._exit(0)


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    main()
