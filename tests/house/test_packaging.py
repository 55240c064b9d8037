"""What is declared, locked and built: the dependencies, the lock, the wheel, the set-up and the pair of versions."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import PACKAGES, REPOSITORY, kept, named

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
LOCK = REPOSITORY / "requirements.lock"
BUILT_IN_PARTS = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)

NEVER_IMPORTED = {
    "tzdata": "data of zoneinfo, which finds it by itself",
}
COMES_WITH = {
    "shiboken6": "pyside6",
    "branca": "folium",
}
"""Distributions that are a part of another one, which pins them."""


def declared(*extras: str) -> dict[str, set[str]]:
    """Names of the declared dependencies with their pinned versions."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    found: dict[str, set[str]] = {}
    for line in lines:
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier))
    return found


def test_every_dependency_is_pinned_exactly() -> None:
    for name, versions in declared("dev", "build").items():
        assert all(version.startswith("==") for version in versions), name


def test_every_dependency_has_its_reason() -> None:
    """A comment stands above each, or above the group that it belongs to."""
    above = ""
    for line in (REPOSITORY / "pyproject.toml").read_text().split("[project.scripts]")[0].splitlines():
        if "==" in line and line.strip().startswith('"'):
            assert above.strip().startswith(("#", '"')), line
        above = line


def test_the_lock_has_every_dependency_with_hashes_and_no_address() -> None:
    text = LOCK.read_text()
    locked: dict[str, set[str]] = {}
    for name, version in BUILT_IN_PARTS.findall(text):
        locked.setdefault(canonicalize_name(name), set()).add(f"=={version}")
    for name, versions in declared("dev", "build").items():
        assert versions <= locked.get(name, set()), f"{name} is not locked as declared: make lock"
    for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]
    for lock in (LOCK, REPOSITORY / ".ci" / "peers.lock"):
        assert "://" not in lock.read_text()
        assert "--index" not in lock.read_text()


def imported() -> set[str]:
    """Distributions that the packages import."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    distributions = importlib.metadata.packages_distributions()
    found = set()
    for module in graph.modules:
        top = module.split(".")[0]
        if top not in PACKAGES and top not in sys.stdlib_module_names:
            owners = {canonicalize_name(owner) for owner in distributions.get(top, [top])}
            found.add(next((owner for owner in sorted(owners) if owner in declared()), min(owners)))
    return {COMES_WITH.get(name, name) for name in found}


def test_every_import_is_declared() -> None:
    assert imported() - set(declared()) == set()


def test_every_declared_dependency_is_imported() -> None:
    assert set(declared()) - imported() - set(NEVER_IMPORTED) == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


def test_the_wheel_holds_code_and_data_and_nothing_else(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {named(file) for file in kept() if named(file).split("/")[0] in PACKAGES and file.name[0] != "."}
    assert wanted - held == set()
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} <= set(PACKAGES)
    assert any(name.startswith("resources/i18n/zh_CN/") for name in held)


def test_the_wheel_holds_the_scripts_of_the_map(wheel: Path) -> None:
    description = REPOSITORY / "resources" / "map" / "package.json"
    if not (description.parent / "node_modules").is_dir():
        pytest.skip("the scripts of the map are not installed here: make setup")
    held = set(zipfile.ZipFile(wheel).namelist())
    for name in json.loads(description.read_text())["dependencies"]:
        assert f"resources/map/node_modules/{name}/package.json" in held
        assert any(one.startswith(f"resources/map/node_modules/{name}/dist/") for one in held)
    for name in json.loads(description.read_text())["devDependencies"]:
        assert not any(one.startswith(f"resources/map/node_modules/{name}/") for one in held)


def test_the_wheel_runs_from_where_it_is_unpacked(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "controlroom", "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"controlroom \d+\.\d+\.\d+\s*", done.stdout)


def test_python_and_qt_fit_each_other() -> None:
    """A pair that does not fit loses a reference of None with every void call and aborts; probe before a bump."""
    done = subprocess.run(
        [sys.executable, "-m", "controlroom.probes.pair"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(abs(lost) < 100 for lost in json.loads(done.stdout)["lost"].values())
