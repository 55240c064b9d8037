"""Rooms for the journeys: opened once for a module where its journeys allow it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from controlroom import i18n
from tests.journeys.pilot import Pilot, Plan, family, officers_loop, until
from tests.watch import LogWatch, ThreadWatch

Opener = Callable[..., Pilot]


@pytest.fixture(scope="package")
def officers(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """The loop that commands run on."""
    with officers_loop(qapp) as loop:
        yield loop


@contextmanager
def rooms(log_watch: LogWatch) -> Iterator[Opener]:
    """Opens seats; afterwards all are closed, the last opened first, and no process is left."""
    opened: list[Pilot] = []
    before = set(threading.enumerate())

    def open_seat(home: Path, **plan: object) -> Pilot:
        pilot = Pilot(Plan(home=home, **plan), log_watch)
        opened.append(pilot)
        return pilot.open()

    yield open_seat
    for pilot in reversed(opened):
        if hasattr(pilot, "app"):
            pilot.close()
    i18n.set_language(i18n.DEFAULT_LANGUAGE)
    until(lambda: not family(), "every process of the room has ended")
    until(lambda: not _ours(before), "every thread of the room has ended")


def _ours(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and not isinstance(thread, threading._DummyThread)
    ]


@pytest.fixture(scope="module")
def opener(officers: qasync.QEventLoop, log_watch: LogWatch) -> Iterator[Opener]:
    """`opener(home, layout=…)` opens a seat that lives as long as the module's tests."""
    with rooms(log_watch) as open_seat:
        yield open_seat


@pytest.fixture
def seat(officers: qasync.QEventLoop, log_watch: LogWatch) -> Iterator[Opener]:
    """`seat(home, layout=…)` opens a seat that lives as long as one test."""
    with rooms(log_watch) as open_seat:
        yield open_seat


@pytest.fixture
def lasting_threads(pytestconfig: pytest.Config) -> Iterator[None]:
    """A room that outlives a test may start threads in it, for a new stream; `rooms` sees that its end joins them."""
    yield
    watch = pytestconfig.pluginmanager.get_plugin("thread-watch")
    assert isinstance(watch, ThreadWatch)
    watch.adopt()
