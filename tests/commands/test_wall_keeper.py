"""What keeps a display: one keeper at a time, a display that hangs, and the files that start it at sign-in."""

import argparse
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from controlroom.children import Child
from controlroom.commands import wall, wall_autostart, wall_keeper
from controlroom.commands.wall_keeper import Keeper, Post, words
from tests.rooms import wait_until

_HOLD = """
import signal, sys
from pathlib import Path
from controlroom.commands.wall_keeper import Post
post = Post(Path(sys.argv[1]))
post.take()
print("taken", flush=True)
signal.sigwait({signal.SIGTERM})
post.close()
"""


def parsed(*line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", default="")
    wall.add_arguments(parser)
    return parser.parse_args(line)


def test_the_keeper_that_comes_later_takes_the_post_over(tmp_path: Path) -> None:
    file = tmp_path / "state" / "keeper.lock"
    first = subprocess.Popen(
        [sys.executable, "-c", f"import signal; signal.pthread_sigmask(0, {{15}}){_HOLD}", str(file)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None and first.stdout.readline() == "taken\n"
    post = Post(file)
    post.take(20.0)
    assert first.wait(10.0) == 0
    post.close()
    first.stdout.close()
    assert not file.read_text()


def test_a_display_that_does_not_answer_is_ended_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allow_log: Callable[[str, str], None]
) -> None:
    allow_log("controlroom.commands.wall_keeper", "display")
    monkeypatch.setattr(wall_keeper, "OPENING_S", 0.3)
    monkeypatch.setattr(wall_keeper, "LOOK_S", 0.02)
    # A hub stands for the display: it lives, and touches no file.
    child = Child("wall", ["hub", "--home", str(tmp_path), "--port", "0"], tmp_path / "err.log")
    keeper = Keeper(child, tmp_path / "beat")
    thread = threading.Thread(target=keeper.run)
    thread.start()
    wait_until(lambda: keeper.falls >= 1 and child.alive)
    keeper.end()
    thread.join()
    assert not child.alive


def test_what_starts_it_at_sign_in_names_exactly_this_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    odd = 'we"st $1 %u `x` \\ 大屏'
    arguments = parsed("install", "--name", odd, "--screen", "2", "--monitor", "DP-1", "--hub", "hub.example:7600")
    told = wall_autostart.install(arguments)
    (file,) = (tmp_path / "autostart").iterdir()
    assert str(file) in told[0] and file.name.isascii()
    line = next(row for row in file.read_text().splitlines() if row.startswith("Exec="))
    assert _by_desktop(line.removeprefix("Exec=")) == [
        sys.executable,
        "-m",
        "controlroom",
        *words(arguments, ""),
        "--keep",
    ]
    arguments.systemd = True
    told = wall_autostart.install(arguments)
    (unit,) = (tmp_path / "systemd" / "user").iterdir()
    assert unit.name in told[1] and "Restart=always" in unit.read_text() and "%%u" in unit.read_text()
    for each in (True, False):
        arguments.systemd = each
        assert str(unit if each else file) in wall_autostart.uninstall(arguments)[0]
    assert not file.exists() and not unit.exists()
    assert wall_autostart.uninstall(arguments), "taking away what is not there is no fault"


def _by_desktop(line: str) -> list[str]:
    """The words of an Exec line by the Desktop Entry Specification: the string's escapes, then the quoting."""
    plain = line.replace("\\\\", "\\")
    found, word, k, inside = list[str](), "", 0, False
    while k < len(plain):
        sign = plain[k]
        if inside and sign == "\\":
            k += 1
            word += plain[k]
        elif sign == '"':
            inside = not inside
            if not inside:
                found.append(word.replace("%%", "%"))
                word = ""
        elif inside:
            word += sign
        k += 1
    return found


def test_a_display_is_told_whole_to_its_keeper(tmp_path: Path) -> None:
    arguments = parsed(
        "--keep", "--name", "w", "--screen", "3", "--monitor", "SER1", "--key", "a.key", "--hub-key", "b.key"
    )
    line = words(arguments, str(tmp_path))
    again = parsed(*line[1:][: line[1:].index("--language")])
    assert (again.name, again.screen, again.monitor, again.home) == ("w", 3, "SER1", str(tmp_path))
    assert again.key.is_absolute() and again.hub_key.is_absolute()
