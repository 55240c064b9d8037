"""What is remembered survives a restart; what is broken is set aside and told."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlroom.errors import EnvironmentFault
from controlroom.shell.memento import Memento, WindowMemento

ExpectLog = Callable[[str, str], AbstractContextManager[None]]
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
DESK = WindowMemento("a", (1, 2, 300, 400), "normal", splits={"0": [3, 4]}, tabs={"0.1": 2}, panels={"log#0": {"x": 1}})


def test_an_arrangement_is_found_again_for_the_same_layout_and_monitors(tmp_path: Path) -> None:
    path = tmp_path / "state" / "desk.json"
    memento = Memento(path, NOW)
    memento.keep("three", "a + b", {"desk": DESK})
    memento.keep("three", "a", {"desk": WindowMemento("a")})
    memento.save()
    again = Memento(path, NOW)
    assert again.fault is None
    assert again.layout == "three"
    found = again.recall("three", "a + b")
    assert found is not None
    assert found.windows == {"desk": DESK}
    assert again.recall("two", "a + b") is None
    newest = again.recall_inside("three")
    assert newest is not None
    assert newest.monitors == "a"


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    memento = Memento(path, NOW)
    memento.keep("three", "a", {"desk": DESK})
    memento.save()
    path.unlink()
    memento.keep("three", "a", {"desk": DESK})
    memento.save()
    assert not path.exists()


def test_the_file_does_not_grow_without_end(tmp_path: Path) -> None:
    memento = Memento(tmp_path / "desk.json", NOW)
    for number in range(100):
        memento.keep("three", f"set {number}", {"desk": DESK})
    memento.save()
    assert len(json.loads((tmp_path / "desk.json").read_bytes())["arrangements"]) == 24
    assert memento.recall("three", "set 99") is not None


def test_a_broken_file_is_set_aside_and_told(tmp_path: Path, expect_log: ExpectLog) -> None:
    path = tmp_path / "desk.json"
    path.write_text('{"edition": 1, "arrangements": [{"lay', "utf-8")
    with expect_log("controlroom.shell.memento", "set aside"):
        memento = Memento(path, NOW)
    assert memento.fault is not None
    aside = tmp_path / "desk.json.broken-20261121T060000"
    assert str(aside) in memento.fault.sentence
    assert aside.read_text("utf-8").startswith('{"edition"')
    memento.keep("three", "a", {"desk": DESK})
    memento.save()
    assert Memento(path, NOW).fault is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=80) | st.text(max_size=40).map(lambda text: json.dumps({"arrangements": text}).encode()))
def test_no_content_of_the_file_raises(tmp_path: Path, allow_log: Callable[[str, str], None], raw: bytes) -> None:
    allow_log("controlroom.shell.memento", "set aside")
    path = tmp_path / "desk.json"
    path.write_bytes(raw)
    Memento(path, NOW)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    memento = Memento(tmp_path / "desk.json", NOW)
    (tmp_path / "desk.part").mkdir()
    memento.keep("three", "a", {"desk": DESK})
    with pytest.raises(EnvironmentFault, match=r"desk\.json"):
        memento.save()


def test_a_layout_can_be_forgotten(tmp_path: Path) -> None:
    memento = Memento(tmp_path / "desk.json", NOW)
    memento.keep("three", "a", {"desk": DESK})
    memento.keep("two", "a", {"desk": DESK})
    memento.forget("three")
    assert memento.recall_inside("three") is None
    assert memento.recall_inside("two") is not None
