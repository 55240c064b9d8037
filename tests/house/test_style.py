"""Style and types: ruff and mypy --strict over the tree, sizes, names, and no address of anybody's machine."""

import ast
import ipaddress
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.house.tree import REPOSITORY, kept, named, sources

LINES_OF_A_FILE = 500
LINES_OF_A_FUNCTION = 60

LONGER: dict[str, str] = {}
"""Files and `file:function`s that are longer, each with its reason."""

VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"}

FOLDERS_OF_MACHINES = re.compile(r"(?<![\w.])/(work|home|root|Users|opt|mnt|srv)/\w|(?<![\w])[A-Z]:\\\\?Users")
REGISTRIES = re.compile(
    r"pypi\.|pythonhosted|piwheels|npmjs|npmmirror|unpkg|jsdelivr|cdnjs|googleapis|tuna\.tsinghua|mirrors?\.[a-z]+\.com"
)
ADDRESS = re.compile(r"https?://([\w.-]+)")
NAMING = {
    "json-schema.org": "the name of the dialect that the schema of the wire is written in; nothing is fetched",
    "www.w3.org": "names of XML and SVG namespaces; nothing is fetched",
    "www.opengis.net": "names of OGC namespaces; nothing is fetched",
    "www.onvif.org": "names of XML namespaces and of coordinate spaces of cameras; nothing is fetched",
    "docs.oasis-open.org": "names of XML namespaces of WS-Security; nothing is fetched",
}


def run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_has_no_complaint() -> None:
    run("ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    run("ruff", "format", "--check", ".")


@pytest.mark.timeout(900)
def test_mypy_strict_has_no_complaint() -> None:
    run("mypy")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_and_functions_stay_small() -> None:
    found = set()
    for file in sources(".ci", "controlroom", "widgets", "layouts", "resources", "plugins"):
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > LINES_OF_A_FILE:
            found.add(named(file))
        for function in functions(ast.parse(text)):
            if (function.end_lineno or 0) - function.lineno + 1 > LINES_OF_A_FUNCTION:
                found.add(f"{named(file)}:{function.name}")
    assert found - set(LONGER) == set(), "too long; split it, or give the reason in LONGER"
    assert set(LONGER) - found == set(), "no longer too long; take it out of LONGER"


def test_no_module_has_a_vague_name() -> None:
    assert [named(file) for file in kept() if file.suffix == ".py" and VAGUE.intersection(file.stem.split("_"))] == []


def texts() -> Iterator[tuple[str, str]]:
    for file in kept():
        if named(file) == "tests/house/test_style.py":
            continue
        try:
            yield named(file), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def places(pattern: re.Pattern[str], name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.search(line):
            yield f"{name}:{number}: {line.strip()[:120]}"


def test_nothing_in_the_tree_names_a_folder_of_a_machine() -> None:
    assert [place for name, text in texts() for place in places(FOLDERS_OF_MACHINES, name, text)] == []


def test_nothing_in_the_tree_names_a_registry() -> None:
    assert [place for name, text in texts() for place in places(REGISTRIES, name, text)] == []


def test_nothing_in_the_tree_is_fetched_from_an_address() -> None:
    """Only documents may point to public pages; hosts without a dot are placeholders."""
    found = [
        f"{name}: {host}"
        for name, text in texts()
        if not name.endswith(".md")
        for host in ADDRESS.findall(text)
        if "." in host and host not in NAMING and not is_placeholder(host)
    ]
    assert found == []


def is_placeholder(host: str) -> bool:
    """Names and numbers that are reserved for documents, private nets and the loopback."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.endswith((".example", ".test", ".invalid"))


def test_the_top_level_holds_only_what_it_should() -> None:
    allowed = {"controlroom", "widgets", "layouts", "resources", "plugins", "tests", ".ci"}
    allowed |= {"Makefile", "README.md", "pyproject.toml", "requirements.lock"}
    found = {named(file).split("/")[0] for file in kept()}
    assert {name for name in found - allowed if not name.startswith(".")} == set()
