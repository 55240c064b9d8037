"""Coroutines with an owner: what fails is told, what is cancelled leaves nothing behind."""

import asyncio
import gc
import warnings

from controlroom.bridge.tasks import Tasks
from controlroom.errors import ControlRoomError, EnvironmentFault


def test_what_the_environment_refuses_is_told_and_a_bug_is_caught() -> None:
    told: list[ControlRoomError] = []
    crashed: list[BaseException] = []

    async def fails(error: Exception) -> None:
        raise error

    async def run() -> None:
        tasks = Tasks(told.append, crashed.append)
        await asyncio.gather(tasks.spawn(fails(EnvironmentFault("no disk")), "a"), tasks.spawn(fails(KeyError()), "b"))

    asyncio.run(run())
    assert [str(error) for error in told] == ["no disk"]
    assert [type(error) for error in crashed] == [KeyError]


def test_what_was_spawned_just_before_the_end_or_after_it_ends_without_a_word() -> None:
    steps: list[str] = []

    async def beat(name: str) -> None:
        steps.append(name)

    async def run() -> None:
        tasks = Tasks(lambda error: None, lambda error: None)
        tasks.spawn(beat("before the end"), "sign of life")
        await tasks.close()
        late = tasks.spawn(beat("after the end"), "sign of life")
        await asyncio.gather(late, return_exceptions=True)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(run())
        gc.collect()
    assert steps == []
