"""Works on questions to the map beside the GUI: one after the other, with progress, and ended when cancelled."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from controlroom.bridge.answer_wording import told
from controlroom.mapping.analysis.answer import Answer, Asked
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.offers import Offer, answer

_TOLD_S = 0.1
"""Between two reports of how far it is."""

Load = Callable[[], Asked]
"""Gathers the columns of a question; runs on the worker's thread, so it closes over what does not change."""


class AnswerRun:
    """Answers questions. `close` ends its thread; what runs then is cancelled first."""

    def __init__(self) -> None:
        self._beside = ThreadPoolExecutor(1, "map-answers")
        self._stop = threading.Event()
        self._number = 0

    def close(self) -> None:
        """End the thread; a question that is worked on ends at its next step."""
        self._stop.set()
        self._beside.shutdown(wait=True, cancel_futures=True)

    async def ask(self, offer: Offer, load: Load, progressed: Callable[[float], None]) -> Answer:
        """The answer; `progressed` hears the share that is done on this loop. Raises EnvironmentFault with the reason.

        Cancelling the task ends the work at its next step, and nothing of it is left.
        """
        self._number += 1
        identity = f"answer-{self._number}"
        loop, cancelled = asyncio.get_running_loop(), threading.Event()
        last = 0.0

        def step(share: float) -> None:
            nonlocal last
            if cancelled.is_set() or self._stop.is_set():
                raise AnalysisFault(Reason.CANCELLED)
            now = time.monotonic()
            if now - last > _TOLD_S:
                last = now
                loop.call_soon_threadsafe(progressed, share)

        job = loop.run_in_executor(self._beside, lambda: answer(offer, load(), identity, step))
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            cancelled.set()
            await asyncio.gather(job, return_exceptions=True)
            raise
        except AnalysisFault as fault:
            raise told(fault) from fault
