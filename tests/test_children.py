"""Children: they come up or say why, come back after a fall, and none outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from controlroom import children
from controlroom.children import Child, Family
from controlroom.errors import EnvironmentFault
from tests.rooms import wait_until

READY = "import sys; print('ready', flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments of a child are Python code here."""
    monkeypatch.setattr(children, "program", lambda *words: [sys.executable, "-c", *words])


@pytest.fixture
def family() -> Iterator[Family]:
    made = Family(lambda _child: None)
    yield made
    made.close()


def child(folder: Path, code: str, **more: object) -> Child:
    return Child("helper", [code], folder / "helper.err.log", **more)  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_child_that_says_a_lot_after_its_first_line_is_not_stopped(tmp_path: Path, family: Family) -> None:
    code = (
        "import sys, pathlib; print('ready', flush=True); sys.stdout.write('x' * 1_000_000); sys.stdout.flush();"
        f"pathlib.Path({str(tmp_path / 'passed')!r}).touch(); sys.stdin.read()"
    )
    assert family.add(child(tmp_path, code)).first_line() == "ready"
    wait_until((tmp_path / "passed").exists)


def test_a_child_that_does_not_come_up_is_told_in_its_own_words(tmp_path: Path, family: Family) -> None:
    code = "import sys; sys.stderr.write('2026-01-01 09:00 WARNING something\\nThe port is taken.\\n'); sys.exit(1)"
    with pytest.raises(EnvironmentFault, match=r"^The port is taken\.$"):
        family.add(child(tmp_path, code)).first_line()


@pytest.mark.parametrize("code", ["import sys; sys.exit(1)", "{}['no such key']", "import no_such_module"])
def test_the_words_of_an_earlier_life_and_tracebacks_are_not_told(tmp_path: Path, family: Family, code: str) -> None:
    (tmp_path / "helper.err.log").write_text("The disk of last year is full.\n")
    with pytest.raises(EnvironmentFault, match=r"helper\.err\.log"):
        family.add(child(tmp_path, code)).first_line()


def test_a_child_that_is_never_ready_is_given_up(tmp_path: Path, family: Family) -> None:
    with pytest.raises(EnvironmentFault):
        family.add(child(tmp_path, "import sys; sys.stdin.read()")).first_line(0.2)


def test_a_child_that_cannot_be_started_is_told(tmp_path: Path, family: Family) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="helper"):
        family.add(child(tmp_path / "file", READY))
    assert family.children == []


def test_a_child_that_falls_comes_back_ever_more_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(children.time, "monotonic", lambda: now[0])
    fallen: list[str] = []
    family = Family(lambda each: fallen.append(each.name))
    try:
        helper = family.add(child(tmp_path, "pass"))
        for round_ in range(7):
            pid = helper.process.pid if helper.process else 0
            wait_until(lambda: not helper.alive)
            family.watch()
            assert gone(pid), "a zombie"
            assert len(fallen) == round_ + 1
            family.watch()
            assert helper.process is None
            now[0] += children.BACK_OFF_S[min(round_, len(children.BACK_OFF_S) - 1)] - 0.01
            family.watch()
            assert helper.process is None
            now[0] += 0.02
            family.watch()
            assert helper.process is not None
        now[0] += children.STEADY_S + 1
        wait_until(lambda: not helper.alive)
        family.watch()
        now[0] += children.BACK_OFF_S[0] + 0.01
        family.watch()
        assert helper.process is not None
    finally:
        family.close()


def test_a_child_that_cannot_be_started_again_is_tried_later(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    family: Family,
    expect_log,  # type: ignore[no-untyped-def]
) -> None:
    monkeypatch.setattr(children, "BACK_OFF_S", (0.0,))
    helper = family.add(child(tmp_path, READY))
    helper.first_line()
    assert helper.process is not None
    helper.process.kill()
    wait_until(lambda: not helper.alive)
    monkeypatch.setattr(children, "program", lambda *_words: ["/nonexistent"])
    with expect_log("controlroom.children", "helper"):
        family.watch()
        family.watch()
    monkeypatch.setattr(children, "program", lambda *words: [sys.executable, "-c", *words])
    family.watch()
    assert helper.alive


def test_a_child_that_does_not_want_to_end_is_ended(
    tmp_path: Path,
    allow_log,  # type: ignore[no-untyped-def]
) -> None:
    allow_log("controlroom.children", "does not end")
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n"
        "while True: time.sleep(60)"
    )
    helper = child(tmp_path, code)
    helper.start()
    helper.first_line()
    assert helper.process is not None
    pid = helper.process.pid
    helper.close(0.2)
    assert gone(pid)


PARENT = """
import sys
from pathlib import Path
from controlroom.children import Child, Family
family = Family(lambda child: None)
hub = family.add(Child("hub", ["hub", "--home", sys.argv[1], "--port", "0"], Path(sys.argv[1]) / "hub.err.log"))
hub.first_line()
print(hub.process.pid, flush=True)
sys.stdin.read()
"""


def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
    wait_until(lambda: gone(pid))


def test_a_child_that_hangs_after_its_parent_ended_is_ended_all_the_same(tmp_path: Path) -> None:
    code = (
        "from controlroom import children; import signal, threading; children.GRACE_S = 0.2;"
        "children.end_with_stdin(lambda: None); print('ready', flush=True); threading.Event().wait()"
    )
    hung = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    with hung:
        assert hung.stdout is not None and hung.stdin is not None
        hung.stdout.readline()
        os.kill(hung.pid, signal.SIGCONT)
        hung.stdin.close()
        assert hung.wait(20) == children.EXIT_HUNG
