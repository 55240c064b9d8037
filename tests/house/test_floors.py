"""The floors: who may import whom. Each contract is seen to hold, and to fire where it is broken on purpose."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from tests.house.tree import PACKAGES, REPOSITORY, named, sources

CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# Contract, where the house is broken, and with what.
BREACHES = [
    ("floors", "controlroom/domain/breach.py", "import controlroom.settings"),
    ("floors", "controlroom/settings.py", "import controlroom.wire.codec"),
    ("floors", "controlroom/wire/breach.py", "import controlroom.store"),
    ("floors", "controlroom/store/breach.py", "import controlroom.hub"),
    ("floors", "controlroom/hub/breach.py", "import controlroom.seat"),
    ("floors", "controlroom/seat/breach.py", "import controlroom.bridge"),
    ("floors", "controlroom/bridge/breach.py", "import widgets"),
    ("floors", "widgets/breach.py", "import controlroom.shell"),
    ("floors", "controlroom/shell/breach.py", "import controlroom.cli"),
    ("floors", "layouts/breach.py", "import widgets"),
    ("floors", "resources/breach.py", "import controlroom.i18n"),
    ("no-qt-below", "controlroom/hub/breach.py", "from PySide6.QtCore import QObject"),
    ("no-qt-below", "controlroom/video/breach.py", "import pyqtgraph"),
    ("no-qt-below", "controlroom/seat/breach.py", "def late():\n    import qasync"),
    ("no-threads-above", "controlroom/shell/breach.py", "import threading"),
    ("no-threads-above", "widgets/breach.py", "from concurrent.futures import ThreadPoolExecutor"),
    ("no-threads-above", "plugins/police/__init__.py", "import multiprocessing"),
    ("widgets-are-fed", "widgets/breach.py", "import controlroom.wire.messages"),
    ("widgets-are-fed", "widgets/breach.py", "import peewee"),
    ("no-threads-above", "controlroom/wiring/breach.py", "import threading"),
    ("a-seat-mirrors", "controlroom/wiring/breach.py", "import controlroom.hub.core"),
    ("a-seat-mirrors", "controlroom/bridge/breach.py", "from controlroom.store import journal"),
    ("one-door", "plugins/police/__init__.py", "from controlroom.seat import mirror"),
    ("one-door", "plugins/police/__init__.py", "import widgets"),
    ("core-without-plugins", "controlroom/shell/breach.py", "import plugins"),
    ("departments-apart", "plugins/police/__init__.py", "import plugins.fire.panel"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the checkout with two departments more, to be broken."""
    root = tmp_path_factory.mktemp("house")
    for file in [*sources(), REPOSITORY / "pyproject.toml"]:
        target = root / named(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    for module in ("plugins/police/__init__.py", "plugins/fire/__init__.py", "plugins/fire/panel.py"):
        (root / module).parent.mkdir(parents=True, exist_ok=True)
        (root / module).touch()
    return root


def lint(root: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    command = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--config", str(root / "pyproject.toml"), *chosen],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_floor_holds() -> None:
    done = lint(REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "place", "breach"), BREACHES)
def test_a_breach_is_seen(contract: str, place: str, breach: str, copy: Path) -> None:
    file = copy / place
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{breach}\n")
    try:
        done = lint(copy, contract)
    finally:
        file.write_text(before) if before is not None else file.unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
    broken = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert broken in done.stdout, done.stdout


def test_every_contract_is_broken_once() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _place, _breach in BREACHES}


def test_every_part_of_the_house_has_its_floor() -> None:
    """A new part of `controlroom` must be placed on a floor, and be closed to plugins unless it is their door."""
    floors = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "floors")
    placed = {part.strip(" ()") for floor in floors for part in floor.replace(":", "|").split("|")}
    parts = {
        f"controlroom.{child.stem}"
        for child in (REPOSITORY / "controlroom").iterdir()
        if (child.suffix == ".py" or (child / "__init__.py").exists()) and child.stem != "__init__"
    }
    assert parts - placed == set()
    closed = next(contract["forbidden_modules"] for contract in CONTRACTS if contract["id"] == "one-door")
    assert parts - set(closed) - {"controlroom.api"} == set()


def test_the_domain_knows_only_the_standard_library_msgspec_and_numpy() -> None:
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    known = {"msgspec", "numpy", *sys.stdlib_module_names, *PACKAGES}
    for module in graph.find_descendants("controlroom.domain"):
        strangers = {
            other for other in graph.find_modules_directly_imported_by(module) if other.split(".")[0] not in known
        }
        assert not strangers, f"{module} imports {strangers}"
