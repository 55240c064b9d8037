"""The virtual display: it starts where there is none, and never outlives who started it."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from controlroom import display
from controlroom.errors import EnvironmentFault

needs_xvfb = pytest.mark.skipif(not display.can_be_virtual(), reason="Xvfb is not installed")

HOLD = """
import sys
from controlroom.display import VirtualDisplay
shown = VirtualDisplay([(640, 480)])
shown.start()
print(shown._keeper.pid, flush=True)
sys.stdin.read()
"""


@needs_xvfb
def test_a_program_sees_the_monitors_in_a_row() -> None:
    environ = {"WAYLAND_DISPLAY": "w", "QT_QPA_PLATFORM": "offscreen", "PATH": os.environ["PATH"]}
    with display.virtual_display([(800, 600), (640, 480)], environ) as shown:
        assert environ["DISPLAY"] == shown.name
        assert "QT_QPA_PLATFORM" not in environ
        assert [(m.name, m.x, m.width) for m in shown.monitors] == [("WALL-1", 0, 800), ("WALL-2", 800, 640)]
        with pytest.raises(KeyError):
            shown.unplug("WALL-9")
    assert environ["WAYLAND_DISPLAY"] == "w"
    assert "DISPLAY" not in environ
    shown.close()


@needs_xvfb
def test_the_display_ends_with_a_killed_program(repository: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(repository)},
    ) as program:
        assert program.stdout is not None
        keeper = psutil.Process(int(program.stdout.readline()))
        server = keeper.children()
        assert server
        program.kill()
    gone, alive = psutil.wait_procs([keeper, *server], timeout=10)
    assert not alive, gone


@pytest.mark.parametrize("installed", ["nothing", "a server that fails"])
def test_a_display_that_cannot_be_says_what_to_do(
    installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed != "nothing":
        fake = tmp_path / "Xvfb"
        fake.write_text("#!/bin/sh\necho no fonts here >&2\nexit 1\n")
        fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}" if installed == "nothing" else f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(EnvironmentFault, match=r"apt-get install xvfb|no fonts here"), display.virtual_display():
        pass


def test_a_display_is_there_when_the_environment_names_one() -> None:
    assert not display.has_display({})
    assert display.has_display({"DISPLAY": ":7"})
    assert display.has_display({"WAYLAND_DISPLAY": "wayland-0"})
