"""Coroutines on the Qt loop: each has an owner, and none fails unheard."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from controlroom.errors import ControlRoomError

_log = logging.getLogger(__name__)


class Tasks:
    """Starts coroutines and holds them until they end.

    `told` gets what the environment or the hub refused (for the officer), `crashed` gets bugs.
    """

    def __init__(self, told: Callable[[ControlRoomError], None], crashed: Callable[[BaseException], None]) -> None:
        self._told = told
        self._crashed = crashed
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def spawn(self, coroutine: Coroutine[Any, Any, Any], name: str) -> "asyncio.Task[Any]":
        """Run a coroutine on the current loop; after `close` it is let go without a step of it."""
        task = asyncio.get_running_loop().create_task(self._guarded(coroutine), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # A task that is cancelled before its first step never came to the coroutine, which would be told as a mistake.
        task.add_done_callback(lambda _ended: coroutine.close())
        if self._closed:
            task.cancel()
        return task

    async def close(self) -> None:
        """Cancel what still runs and wait for it."""
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _guarded(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await coroutine
        except asyncio.CancelledError:
            raise
        except ControlRoomError as error:
            _log.info("told to the officer: %s", error)
            self._told(error)
        except Exception as error:  # noqa: BLE001  # one of the four borders: nothing may fail unheard
            self._crashed(error)
        return None
