"""Carrying out a command for a widget: what was refused is said there, in words."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from controlroom.bridge.refusals import sentence
from controlroom.errors import CommandRefused, EnvironmentFault

Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Runs a coroutine on the GUI's loop under a name."""


class Notice(Protocol):
    """Where a refusal is read: a banner, or whoever knows of one."""

    def say(self, sentence: str) -> None:
        """Show a sentence."""

    def hush(self) -> None:
        """Say nothing."""


class Errand:
    """Runs commands one after the other's wish; `then` is called only when the hub has done it."""

    def __init__(self, spawn: Spawn, notice: Notice) -> None:
        self._spawn = spawn
        self._notice = notice

    def run(self, command: Coroutine[Any, Any, Any], name: str, then: Callable[[Any], None] | None = None) -> None:
        """Carry out a command; its answer goes to `then`."""
        self._notice.hush()
        self._spawn(self._carry(command, then), name)

    async def _carry(self, command: Coroutine[Any, Any, Any], then: Callable[[Any], None] | None) -> None:
        try:
            answer = await command
        except CommandRefused as refused:
            self._notice.say(sentence(refused.code, refused.text))
        except EnvironmentFault as fault:
            self._notice.say(fault.sentence)
        else:
            if then is not None:
                then(answer)
