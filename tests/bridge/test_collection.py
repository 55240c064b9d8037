"""Garbage is collected on the GUI thread, whoever made it and whoever allocates."""

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.collection import Collector


class Cycle:
    """Garbage that only a collection finds; it tells on which thread it went."""

    def __init__(self, went: list[int]) -> None:
        self.itself = self
        self.went = went

    def __del__(self) -> None:
        self.went.append(threading.get_ident())


@pytest.fixture
def automatic() -> Iterator[None]:
    """As Python begins: it collects by itself."""
    was = gc.isenabled()
    gc.collect()
    gc.enable()
    yield
    (gc.enable if was else gc.disable)()


def allocate_elsewhere() -> list[list[int]]:
    """More containers than any threshold, made on another thread."""
    made: list[list[int]] = []
    thread = threading.Thread(target=lambda: made.extend([] for _ in range(200_000)))
    thread.start()
    thread.join()
    return made


def test_without_a_collector_garbage_goes_wherever_somebody_allocates(automatic: None) -> None:
    went: list[int] = []
    Cycle(went)
    allocate_elsewhere()
    assert went and went[0] != threading.get_ident(), "what the collector is there for"


def test_with_a_collector_garbage_goes_on_this_thread(automatic: None, qtbot: QtBot) -> None:
    collector = Collector()
    collector.start()
    try:
        went: list[int] = []
        Cycle(went)
        kept = allocate_elsewhere()
        assert went == []
        collector.look()
        assert len(kept) == 200_000
        assert went == [threading.get_ident()]
    finally:
        collector.stop()
    assert gc.isenabled()


def test_old_garbage_goes_too_but_whole_collections_rest(automatic: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[int] = []
    counts = (0, 0, gc.get_threshold()[2] + 1)
    monkeypatch.setattr(gc, "get_count", lambda: counts)
    monkeypatch.setattr(gc, "collect", lambda generation=2: whole.append(generation))
    collector = Collector()
    collector.look()
    collector.look()
    assert whole == [2], "the second is not due yet"
    counts = (gc.get_threshold()[0] + 1, 0, counts[2])
    collector.look()
    assert whole == [2, 0], "the young are collected meanwhile"
