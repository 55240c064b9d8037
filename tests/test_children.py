"""Children that end with their parent, come back after a fall, and say why they did not start."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from controlroom import children
from controlroom.children import Child, Family
from controlroom.errors import EnvironmentFault
from tests.rooms import wait_until


@pytest.fixture
def fallen() -> list[str]:
    return []


@pytest.fixture
def family(fallen: list[str]) -> Iterator[Family]:
    made = Family(lambda child: fallen.append(child.name))
    yield made
    made.close()


def hub(folder: Path) -> Child:
    return Child("hub", ["hub", "--home", str(folder), "--port", "0", "--no-record"], folder / "logs" / "hub.err.log")


def test_a_child_says_when_it_is_ready_and_ends_when_it_is_closed(family: Family, tmp_path: Path) -> None:
    child = family.add(hub(tmp_path))
    assert "ready" in child.first_line()
    assert child.alive and child.process is not None
    pid = child.process.pid
    family.close()
    assert not psutil.pid_exists(pid) and not family.children


def test_a_child_that_does_not_start_tells_its_own_sentence(family: Family, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("broken", encoding="utf-8")
    child = family.add(hub(tmp_path))
    with pytest.raises(EnvironmentFault, match=r"settings\.toml"):
        child.first_line()


def test_a_child_that_says_nothing_is_waited_for_only_so_long(family: Family, tmp_path: Path) -> None:
    child = family.add(hub(tmp_path))
    with pytest.raises(EnvironmentFault, match="hub"):
        child.first_line(within_s=0.0)


def test_a_child_that_was_killed_is_told_and_started_again(family: Family, fallen: list[str], tmp_path: Path) -> None:
    child = family.add(hub(tmp_path))
    child.first_line()
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: (family.watch(), child.alive and child.process is not None and child.process.pid != first)[1])
    assert fallen == ["hub"] and child.falls == 1
    assert "ready" in child.first_line()


def test_a_child_that_falls_at_once_is_started_ever_more_slowly(
    family: Family, fallen: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(children.time, "monotonic", lambda: now)
    child = family.add(Child("hub", ["no-such-command"], tmp_path / "hub.err.log"))
    waits = []
    for fall in range(1, 4):
        assert child.process is not None
        child.process.wait(30)
        family.watch()
        assert len(fallen) == fall
        waits.append(child.next_start_at - now)
        family.watch()
        assert child.process is None, "not before its time"
        now = child.next_start_at
        family.watch()
    assert waits == [0.5, 1.0, 2.0]


def test_one_that_must_not_come_back_does_not(family: Family, fallen: list[str], tmp_path: Path) -> None:
    child = family.add(Child("player", ["no-such-command"], tmp_path / "player.err.log", respawn=False))
    assert child.process is not None
    child.process.wait(30)
    family.watch()
    assert not fallen and not child.alive
