"""The set-up: quick where nothing changed, clear where it cannot go on; and the commands that the README promises."""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from controlroom import cli
from tests.house.tree import REPOSITORY

TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / ".ci"))
    return load("system")


@pytest.fixture
def prepare(system: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.setitem(sys.modules, "system", system)
    module = load("prepare")
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "MAP", tmp_path / "map")
    return module


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


def test_a_step_is_done_once(prepare: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("a==1\n")
    fingerprint = prepare.digest(lock, "3.11")
    (tmp_path / ".venv").mkdir()
    assert not prepare.is_done("packages", fingerprint)
    prepare.mark_done("packages", fingerprint)
    assert prepare.is_done("packages", fingerprint)
    lock.write_text("a==2\n")
    assert not prepare.is_done("packages", prepare.digest(lock, "3.11"))


def test_without_the_right_the_exact_line_is_told(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system = prepare.system
    monkeypatch.setattr(system, "privilege", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(system, "offered", lambda needs: [need.packages[0] for need in needs])
    monkeypatch.setattr(system, "missing", lambda: [system.Need(("libnss3",), system.RUNNING)])
    with pytest.raises(prepare.Stop, match=r"sudo apt-get install --no-install-recommends libnss3"):
        prepare.system_libraries()
    monkeypatch.setattr(system, "missing", lambda: [system.Need(("xvfb",), system.TESTING, required=False)])
    prepare.system_libraries()
    assert "sudo apt-get install --no-install-recommends xvfb" in capsys.readouterr().out


def test_apt_is_asked_for_what_is_missing_only(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    system = prepare.system
    asked: list[list[str]] = []
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(system, "privilege", list)
    monkeypatch.setattr(system, "refresh", lambda _words: True)
    monkeypatch.setattr(system, "offered", lambda needs: [need.packages[-1] for need in needs])
    monkeypatch.setattr(system, "install", lambda packages, _words: asked.append(packages) or "libnss3" not in packages)
    monkeypatch.setattr(system, "missing", lambda: [system.Need(("xvfb",), system.TESTING, required=False)])
    prepare.system_libraries()
    assert asked == [["xvfb"]]
    monkeypatch.setattr(system, "missing", lambda: [system.Need(("libnss3",), system.RUNNING)])
    with pytest.raises(prepare.Stop, match="apt could not"):
        prepare.system_libraries()


@pytest.mark.parametrize(
    ("release", "named"),
    [
        ({"ID": "debian", "VERSION_ID": "12"}, "old"),
        ({"ID": "debian", "VERSION_ID": "13"}, "new"),
        ({"ID": "x"}, "old"),
    ],
)
def test_a_package_that_changed_its_name_is_asked_for_by_the_name_of_the_release(
    system: ModuleType, release: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    assert system.by_age(system.Need(("new", "old"), "")) == named


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="no Debian")
def test_packages_are_found_under_either_name(system: ModuleType) -> None:
    assert system.missing((system.Need(("no-such-package-t64", "dpkg"), ""),)) == []
    (missing,) = system.missing((system.Need(("no-such-package",), ""),))
    assert missing.packages == ("no-such-package",)


def test_a_python_that_does_not_fit_is_told(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare.check_python()
    monkeypatch.setattr(prepare, "OLDEST", (9, 0))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(prepare.Stop, match="needs Python"):
        prepare.check_python()


@pytest.mark.skipif(
    not (REPOSITORY / ".venv" / "stamps").is_dir(), reason="this checkout was not set up by `make setup`"
)
def test_a_repeated_setup_costs_nothing() -> None:
    started = time.monotonic()
    done = subprocess.run(["make", "setup"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - started < 5.0  # 0.1 s on an idle machine
    assert "installing" not in done.stdout


def told(text: str) -> set[str]:
    """The commands in code blocks and in code within lines."""
    found = set()
    for block in re.findall(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", text, re.DOTALL):
        for line in "".join(block).splitlines():
            found.add(line.strip().removeprefix("$ ").removeprefix(".venv/bin/").split("  #")[0].strip())
    return found


def test_every_command_of_the_readme_exists() -> None:
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text()))
    commands = told((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    made = {line.split()[1] for line in commands if re.match(r"make [a-z]+", line)}
    assert {"run", "test"} <= made
    assert made <= targets
    for line in commands:
        words = line.split()
        if words[:1] == ["controlroom"]:
            first = next((word for word in words[1:] if not word.startswith("-")), "")
            named = words[1] if len(words) > 1 and not words[1].startswith("-") else ""
            assert named in cli.COMMANDS, f"{line}: {first}"
            known = options(named)
            assert [word for word in words[1:] if word.startswith("--") and word.split("=")[0] not in known] == [], line


def options(command: str) -> set[str]:
    words = [command] if command else []
    done = subprocess.run(
        [sys.executable, "-m", "controlroom", *words, "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return {"--help", "--version", *re.findall(r"--[a-z][a-z-]*", done.stdout)}


def test_the_continuous_integration_runs_the_tests() -> None:
    text = (REPOSITORY / ".ci" / "run").read_text()
    assert "make --no-print-directory test" in text
    assert (REPOSITORY / ".ci" / "run").stat().st_mode & 0o111
