"""The command line: whatever is wrong is one sentence on the error output, and never a traceback."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controlroom import cli, i18n
from controlroom.cli import COMMANDS

Here = Callable[..., subprocess.CompletedProcess[str]]


def controlroom(*words: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program with an empty standard input, so that whatever does start ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "controlroom", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"CONTROLROOM_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[1])} | environment,
    )


def one_sentence(told: subprocess.CompletedProcess[str], status: int) -> str:
    assert told.returncode == status, told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    lines = told.stderr.strip().splitlines()
    assert len(lines) == 1, told.stderr
    return lines[0]


WRONG = [
    "nosuch",
    "hub --bogus",
    "hub --port abc",
    "hub --port -5",
    "hub --port 70000",
    "hub --port 65534",
    "hub --port 0 --ports 1,2",
    "hub --ports a,b,c,d",
    "hub --ports 1,2,3,70000",
    "hub --realm Foo!",
    "hub --realm drill/far-too-long-a-name",
    "--port x",
    "drill",
    "drill dance",
    "drill replay x --speed 99",
    "bench nosuch",
    "simulate --speed abc",
]

UNNAMED = ["seat --hub rubbish.invalid", "seat --hub 127.0.0.1:7600 --layout nosuch"]

IMPOSSIBLE = [
    "hub --bind 192.0.2.1 --port 0",
    "hub --bind nosuch.invalid --insecure --port 0",
    "hub --port 0 --store /proc/nowhere/room.db",
    "hub --port 0 --record /proc/nowhere/r.recording",
    "hub --port 0 --keys /proc/nowhere",
    "hub --home /proc/nowhere --port 0",
    "hub --home {file} --port 0",
    "hub --port 0 --store {folder}",
    "keys a/b",
    "keys ..",
    "keys guest --keys /proc/nowhere",
    "simulate --realm XX --exit-with-stdin",
    "simulate --hub rubbish --exit-with-stdin",
    "simulate --key /proc/nowhere --exit-with-stdin",
    "simulate --scenario nosuch --exit-with-stdin",
    "simulate --speed nan --exit-with-stdin",
    "drill replay",
    "drill replay nosuch",
    "drill play nosuch --hub tcp://127.0.0.1:1 --realm drill/a",
    "drill play {file} --hub tcp://127.0.0.1:1 --realm drill/a",
]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """Run the command line in this process: for what ends before anything is started."""
    language = i18n.language()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        try:
            status = cli.main(words)
        except SystemExit as end:
            status = int(end.code or 0)
        return subprocess.CompletedProcess(words, status, *capsys.readouterr())

    yield run
    i18n.set_language(language)


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_is_one_sentence_and_status_2(here: Here, line: str) -> None:
    assert "--help" in one_sentence(here(*line.split()), 2)


@pytest.mark.parametrize("line", UNNAMED)
def test_what_a_command_line_names_and_is_not_there_is_one_sentence_and_status_2(tmp_path: Path, line: str) -> None:
    one_sentence(controlroom(*line.split(), home=tmp_path / "home"), 2)


@pytest.mark.parametrize("line", IMPOSSIBLE)
def test_what_cannot_be_done_is_one_sentence_and_status_1(tmp_path: Path, line: str) -> None:
    file = tmp_path / "file"
    file.write_text("this is a text and nothing else, " * 50)
    words = [word.format(file=file, folder=tmp_path) for word in line.split()]
    one_sentence(controlroom(*words, home=tmp_path / "home"), 1)


@pytest.mark.parametrize(
    "text", ["x = [", "[hub]\nport = 'zz'", "[hub]\nport = 80", "\x00\xff", "hub = 3", "[ui]\nlanguage = 'la'"]
)
def test_broken_settings_are_one_sentence_that_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text, encoding="latin-1")
    assert "settings.toml" in one_sentence(controlroom("hub", "--exit-with-stdin", home=tmp_path), 1)


def test_a_taken_port_is_one_sentence_that_names_it(tmp_path: Path, free_ports) -> None:
    first = free_ports(4)
    words = [sys.executable, "-m", "controlroom", "hub", "--home", str(tmp_path / "a"), "--port", str(first)]
    holder = subprocess.Popen(
        [*words, "--exit-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    with holder:
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()
        told = one_sentence(controlroom("hub", "--port", str(first), home=tmp_path / "b"), 1)
        assert str(first) in told
        told = one_sentence(
            controlroom("hub", "--port", "0", "--store", str(tmp_path / "a" / "data" / "room.db"), home=tmp_path / "b"),
            1,
        )
        assert "room.db" in told
        holder.stdin.close()


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_help_of_every_command_reads_in_both_languages(here: Here, language: str, command: str) -> None:
    if command == "" and language == "en":
        words = ["--help", "--language", "en"]
    else:
        words = [*([command] if command else []), "--language", language, "--help"]
    told = here(*words)
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    if command:
        foreign = "usage:" if language == "zh_CN" else "用法"
        assert foreign not in told.stdout
        assert "show this help message" not in told.stdout


def test_the_version_is_told(here: Here) -> None:
    for words in (["--version"], ["hub", "--version"]):
        assert here(*words).stdout.startswith("controlroom 0.")


def test_a_terminal_without_our_letters_is_no_reason_to_fail(tmp_path: Path) -> None:
    told = controlroom("hub", "--help", home=tmp_path, PYTHONIOENCODING="ascii")
    assert told.returncode == 0
    assert "Traceback" not in told.stderr


def test_a_key_is_made_once_and_never_overwritten(tmp_path: Path) -> None:
    assert controlroom("keys", "guest", "--allow", home=tmp_path).returncode == 0
    folder = tmp_path / "data" / "keys"
    before = (folder / "guest.key_secret").read_bytes()
    assert (folder / "guest.key_secret").stat().st_mode & 0o077 == 0
    assert (folder / "allowed" / "guest.key").read_bytes() == (folder / "guest.key").read_bytes()
    one_sentence(controlroom("keys", "guest", home=tmp_path), 1)
    assert (folder / "guest.key_secret").read_bytes() == before
