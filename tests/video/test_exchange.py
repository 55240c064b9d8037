"""Three buffers between two processes: whatever the order of their steps, no picture is torn and the newest wins."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis import given

from controlroom.video import exchange, facts
from controlroom.video.exchange import Reader, Writer
from controlroom.video.facts import FactsReader, FactsWriter
from controlroom.video.fault import Fault, Trouble
from controlroom.video.picture import Picture
from controlroom.video.segment import mapped
from controlroom.video.signal import Signal

WIDTH, HEIGHT = 16, 16


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    row = bytes([number & 255]) * (width * 4) + b"\xee" * 8  # a stride wider than the picture
    return Picture(width, height, len(row), memoryview(row * height), number, number, 0.0, float(number))


def pair(capacity: int = WIDTH * HEIGHT * 4) -> tuple[Writer, Reader]:
    descriptor = exchange.created(capacity)
    sides = Writer(mapped(descriptor)), Reader(mapped(descriptor))
    os.close(descriptor)
    return sides


def is_whole(taken: Picture) -> bool:
    return len(set(bytes(taken.pixels))) == 1 and taken.pixels[0] == taken.source_width & 255


class Turns:
    """Lets two threads go on in the order that is given: each byte of the protocol costs one turn."""

    def __init__(self, order: list[int]) -> None:
        self._order = order
        self._over = [False, False]
        self._changed = threading.Condition()

    def wait(self, who: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._order or self._order[0] == who or self._over[1 - who])
            if self._order:
                del self._order[0]
            self._changed.notify_all()

    def end(self, who: int) -> None:
        with self._changed:
            self._over[who] = True
            self._changed.notify_all()


class Stepped:
    """Shared memory each of whose bytes, and each of whose pictures' halves, is reached in its turn."""

    def __init__(self, memory: memoryview, step: Callable[[], None]) -> None:
        self._memory = memory
        self._step = step

    def __len__(self) -> int:
        return len(self._memory)

    def __getitem__(self, key: int | slice) -> int | memoryview:
        if isinstance(key, int):
            self._step()
        return self._memory[key]

    def __setitem__(self, key: int, value: int) -> None:
        self._step()
        self._memory[key] = value

    def __buffer__(self, flags: int) -> memoryview:
        return self._memory


@given(st.lists(st.integers(0, 1), min_size=10, max_size=160))
def test_in_no_order_of_steps_is_a_held_buffer_written(order: list[int]) -> None:
    """The writer fills its buffer in two halves with turns between; what the reader holds never changes."""
    descriptor = exchange.created(WIDTH * HEIGHT * 4)
    turns, seen = Turns(order), list[int]()
    failures: list[str] = []
    raw = mapped(descriptor)
    os.close(descriptor)
    writer, reader = SlowWriter(raw, lambda: turns.wait(0)), SlowReader(raw, lambda: turns.wait(1))

    def write() -> None:
        for number in range(1, 9):
            writer.put(number)
        turns.end(0)

    def read() -> None:
        for _ in range(14):
            taken = reader.take()
            if taken is None:
                turns.wait(1)
                continue
            for _look in range(3):
                if not is_whole(taken):
                    failures.append(f"torn: {taken.source_width}")
                turns.wait(1)
            seen.append(taken.source_width)
        turns.end(1)

    threads = [threading.Thread(target=write), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert seen == sorted(set(seen)), "never an older one after a newer one, never one twice"
    last = reader.take()
    assert (seen[-1] if last is None else last.source_width) == 8, "the newest one wins"
