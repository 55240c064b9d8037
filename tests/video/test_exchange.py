"""Three buffers between two processes: whatever the order of their steps, no picture is torn and the newest wins."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis import given
from msgspec.structs import replace

from controlroom.video import exchange, facts, segment
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


def shared() -> memoryview:
    descriptor = exchange.created(WIDTH * HEIGHT * 4)
    memory = mapped(descriptor)
    os.close(descriptor)
    return memory


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


class SlowWriter(Writer):
    """Takes a turn for each byte of the protocol, and leaves a torn picture lying about for two."""

    def __init__(self, memory: memoryview, step: Callable[[], None]) -> None:
        super().__init__(memory)
        self._step = step

    def _load(self, at: int) -> int:
        self._step()
        return super()._load(at)

    def _store(self, at: int, value: int) -> None:
        self._step()
        super()._store(at, value)

    def _fill(self, index: int, shown: Picture) -> None:
        self._step()
        start = segment.PAGE + index * self.capacity
        self._memory[start : start + 100] = b"\xaa" * 100
        self._step()
        super()._fill(index, shown)


class SlowReader(Reader):
    def __init__(self, memory: memoryview, step: Callable[[], None]) -> None:
        super().__init__(memory)
        self._step = step

    def _load(self, at: int) -> int:
        self._step()
        return super()._load(at)

    def _store(self, at: int, value: int) -> None:
        self._step()
        super()._store(at, value)


@given(st.lists(st.integers(0, 1), min_size=10, max_size=200))
def test_in_no_order_of_steps_is_a_picture_torn(order: list[int]) -> None:
    memory, turns = shared(), Turns(order)
    writer, reader = SlowWriter(memory, lambda: turns.wait(0)), SlowReader(memory, lambda: turns.wait(1))
    failures, seen = list[str](), list[int]()

    def write() -> None:
        for number in range(1, 9):
            writer.put(picture(number))
        turns.end(0)

    def read() -> None:
        for _ in range(12):
            taken = reader.take()
            for _look in range(3):  # as long as it is painted
                turns.wait(1)
                if taken is not None and not is_whole(taken):
                    failures.append(f"torn: {taken.source_width}")
            if taken is not None:
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
    assert reader.replaced == 8 - len(seen) - (last is not None)


WRITER = """
import sys, time
from controlroom.video.exchange import Writer
from controlroom.video.segment import mapped
from tests.video.test_exchange import picture
writer, number = Writer(mapped(int(sys.argv[1]))), 0
print(flush=True)
while True:
    number += 1
    writer.put(picture(number, 160, 120))
"""


def test_a_process_that_writes_at_full_speed_tears_nothing() -> None:
    descriptor = exchange.created(160 * 120 * 4)
    reader = Reader(mapped(descriptor))
    command = [sys.executable, "-c", WRITER, str(descriptor)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=(descriptor,)) as process:
        os.close(descriptor)
        assert process.stdout is not None
        process.stdout.readline()
        count, newest, until_s = 0, 0, time.monotonic() + 30.0
        while count < 400:
            taken = reader.take()
            assert time.monotonic() < until_s
            if taken is None:
                continue
            assert is_whole(taken) and taken.source_width > newest
            count, newest = count + 1, taken.source_width
            assert is_whole(taken)
        process.kill()
    held = reader.take()
    assert held is None or is_whole(held), "a writer killed in the middle leaves no torn picture"


def test_a_picture_that_does_not_fit_is_left_out() -> None:
    memory = shared()
    writer, reader = Writer(memory), Reader(memory)
    writer.put(picture(1, WIDTH, HEIGHT * 8))
    assert reader.take() is None
    writer.put(picture(2))
    taken = reader.take()
    assert taken is not None and taken.source_width == 2 and taken.stride == WIDTH * 4


@given(st.binary(min_size=300, max_size=300))
def test_a_writer_gone_mad_cannot_hurt_the_reader(noise: bytes) -> None:
    memory = shared()
    memory[:300] = noise
    reader = Reader(memory)
    reader.newest_s()
    taken = reader.take()
    assert taken is None or len(taken.pixels) == taken.stride * taken.height <= reader.capacity


@given(st.floats(0, 1e9), st.none() | st.text(max_size=5000), st.integers(0, 2**31))
def test_facts_arrive_as_they_were_told(began_s: float, detail: str | None, failures: int) -> None:
    descriptor = facts.created()
    writer = FactsWriter(mapped(descriptor))
    reader = FactsReader(mapped(descriptor), Signal(0.0))
    os.close(descriptor)
    trouble = None if detail is None else Trouble(Fault.NOBODY, detail)
    told = Signal(began_s, True, True, 1.0, lost_s=3.0, trouble=trouble, failures=failures)
    writer.write(told)
    read = reader.read()
    assert replace(read, trouble=None) == replace(told, trouble=None)
    assert (read.trouble is None) == (trouble is None)
    assert read.trouble is None or detail is None or detail.startswith(read.trouble.detail)


@given(st.integers(0, 80), st.integers(0, 255))
def test_half_a_record_of_facts_is_never_believed(at: int, byte: int) -> None:
    descriptor = facts.created()
    memory = mapped(descriptor)
    os.close(descriptor)
    first, second = Signal(1.0, picture_s=2.0), Signal(1.0, picture_s=3.0)
    reader = FactsReader(memory, Signal(0.0))
    FactsWriter(memory).write(first)
    assert reader.read() == first
    FactsWriter(memory).write(second)
    whole = memory[at]
    memory[at] = byte
    assert reader.read() in (first, second)
    memory[at] = whole
    assert reader.read() == second
