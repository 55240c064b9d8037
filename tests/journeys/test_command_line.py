"""The command line as a newcomer meets it, and the pictures of a machine without a display."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from controlroom import __version__
from controlroom.cli import COMMANDS

CHINESE = range(0x4E00, 0x9FFF)


def controlroom(repository: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    without = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "controlroom", *words],
        cwd=repository,
        env=without | environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def is_chinese(text: str) -> bool:
    return any(ord(sign) in CHINESE for sign in text)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_overview_names_every_command_in_the_language(repository: Path, language: str) -> None:
    told = controlroom(repository, "--help", "--language", language)
    assert told.returncode == 0
    assert all(name in told.stdout for name in COMMANDS)
    assert is_chinese(told.stdout) == (language == "zh_CN")


@pytest.mark.parametrize("command", ["hub", "simulate", "drill", "wall"])
def test_every_command_tells_its_options(repository: Path, command: str) -> None:
    told = controlroom(repository, command, "--help", "--language", "en")
    assert told.returncode == 0, told.stderr
    assert "--home" in told.stdout and not is_chinese(told.stdout)


def test_the_version_is_one_line(repository: Path) -> None:
    assert controlroom(repository, "--version").stdout == f"controlroom {__version__}\n"


def test_an_unknown_command_is_one_sentence(repository: Path) -> None:
    told = controlroom(repository, "hubb", "--language", "en")
    assert told.returncode == 2
    assert "hubb" in told.stderr and "Traceback" not in told.stderr


def test_without_a_display_the_pictures_are_written_and_their_folder_is_named(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    told = controlroom(repository, "snapshot", "--out", str(out), "--language", "en", "--theme", "light")
    assert told.returncode == 0, told.stderr
    assert str(out) in told.stdout
    pictures = sorted(out.glob("*-*.png"))
    assert [picture.stem.partition("-")[2] for picture in pictures] == ["desk", "map", "wall"]
    for picture in pictures:
        image = QImage(str(picture))
        assert image.width() >= 1000 and image.height() >= 700
        colours = {image.pixel(x, y) for x in range(0, image.width(), 40) for y in range(0, image.height(), 40)}
        assert len(colours) > 5, f"{picture.name} is empty"
