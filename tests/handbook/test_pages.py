"""The pages of help say what is so: same in both languages, and every key, command, setting and file in them exists."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from controlroom import cli, i18n
from controlroom.handbook import tables
from controlroom.handbook.pages import Handbook, Page, handbook, linked_topic, plain
from controlroom.settings import Settings
from resources import path
from tests.house.tree import REPOSITORY, named, sources

LANGUAGES = tuple(i18n.LANGUAGES)
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
MACRO = re.compile(r"\{(cmd|key|keys|group|faults)(?::([^}]+))\}")
KEY = re.compile(
    r"(?:(?:Ctrl|Shift|Alt)\+)*"
    r"(?:[A-Z0-9]|F\d{1,2}|Enter|Space|Esc|Del|Home|End|Tab|Backspace|PgUp|PgDown|Menu|Left|Right|Up|Down|[-+,./\[\]])"
)
NOT_TOLD = {
    "Cancelled.": "the officer did it",
}
"""Messages that stand beside those of faults, and are none."""


def raw(language: str) -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for file in sorted(path("help", language).glob("*.md"))}


def without_blocks(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_contents_is_a_file_and_the_other_way_round(language: str) -> None:
    assert sorted(raw(language)) == sorted(tables.contents().pages)


def test_both_languages_have_the_same_headings_tables_and_names_of_commands() -> None:
    for ours, theirs in zip(*(handbook(code).pages for code in LANGUAGES), strict=True):
        shape = [(s.topic, s.level) for s in ours.sections]
        assert shape == [(s.topic, s.level) for s in theirs.sections], ours.id
        assert shape[0] == (ours.id, 1) and all("#" in topic for topic, _level in shape[1:]), ours.id
    for name, text in raw(LANGUAGES[0]).items():
        other = raw(LANGUAGES[1])[name]
        assert sorted(MACRO.findall(text)) == sorted(MACRO.findall(other)), name
        assert text.count("\n|") == other.count("\n|"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_to_sections_that_are_there(language: str) -> None:
    book = handbook(language)
    known = {section.topic for page in book.pages for section in page.sections}
    for page in book.pages:
        for target in LINK.findall(page.markdown):
            assert linked_topic(target, page.id) in known, f"{page.id}: {target}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_names_a_host(language: str) -> None:
    for name, text in raw(language).items():
        addresses = re.findall(r"[a-z]+://([\w.-]+)", text)
        assert set(addresses) <= {"map.example"}, name
        assert not re.search(r"\d+\.\d+\.\d+\.\d+", text), name


@cache
def known_keys() -> frozenset[str]:
    held = tables.keys()
    single = [key for command in held.command.values() for key in command.keys]
    single += [key for rows in held.panel.values() for row in rows for key in row.keys.split(", ")]
    return frozenset(single)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_in_the_text_is_a_key_of_the_program(language: str) -> None:
    modifiers = {"Ctrl", "Shift"}
    for name, text in raw(language).items():
        for word in CODE.findall(without_blocks(text)):
            if KEY.fullmatch(word):
                assert word in known_keys() | modifiers, f"{name}: {word}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_every_list_of_keys_stands_in_some_page(language: str) -> None:
    used: dict[str, set[str]] = {}
    for text in raw(language).values():
        for kind, name in MACRO.findall(text):
            used.setdefault(kind, set()).add(name)
    held = tables.keys()
    shown = used["cmd"] | used["key"] | {id for id, c in held.command.items() if c.group in used["group"]}
    assert set(held.command) - shown == set()
    assert set(held.panel) == used["keys"] == set(tables.contents().keys)
    assert set(tables.faults()) == used["faults"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_settings_files_and_commands_that_are_named_exist(language: str) -> None:
    settings = {
        f"{group.name}.{field.name}"
        for group in msgspec.structs.fields(Settings)
        for field in msgspec.structs.fields(group.type)
    }
    groups = {name.partition(".")[0] for name in settings}
    files = {file.name for file in path("data").rglob("*.toml")} | {"ptz_cameras.toml", "plugin.toml"}
    for name, text in raw(language).items():
        for word in CODE.findall(without_blocks(text)):
            group, _dot, rest = word.partition(".")
            if group in groups and re.fullmatch(r"[a-z_]+", rest) and rest not in ("py", "toml"):
                assert word in settings, f"{name}: {word}"
            if re.fullmatch(r"[a-z_]+\.toml", word):
                assert word in files, f"{name}: {word}"
            words = word.split()
            if words[0] == "controlroom":
                command = next((w for w in words[1:2] if not w.startswith("-")), "")
                assert command in cli.COMMANDS, f"{name}: {word}"


def test_options_that_are_named_beside_commands_exist() -> None:
    wanted: dict[str, set[str]] = {}
    for text in raw("en").values():
        for word in CODE.findall(without_blocks(text)):
            words = word.split()
            if words[0] == "controlroom":
                command = next((w for w in words[1:2] if not w.startswith("-")), "")
                wanted.setdefault(command, set()).update(w for w in words if w.startswith("--"))
    for command, named_options in wanted.items():
        parser = cli._parser(command)
        importlib.import_module(cli.COMMANDS[command].module).add_arguments(parser)
        assert named_options <= set(parser._option_string_actions), command


def test_keys_without_an_action_are_read_where_the_table_says() -> None:
    held = tables.keys()
    for name, rows in held.panel.items():
        for row in rows:
            assert bool(row.title) != bool(row.source and row.qt and row.en and row.zh_CN), f"{name}: {row.keys}"
            if row.source:
                assert row.qt in (REPOSITORY / row.source).read_text("utf-8"), f"{name}: {row.keys}"


def test_topics_of_panels_and_widgets_are_sections_and_their_classes_exist() -> None:
    held = tables.contents()
    known = {section.topic for page in handbook("en").pages for section in page.sections}
    for name, topic in (*held.panels.items(), *held.widgets.items(), *held.keys.items()):
        assert topic in known, f"{name}: {topic}"
    classes = set(dialogs()[1])
    assert set(held.widgets) <= classes, set(held.widgets) - classes


@cache
def texts() -> dict[str, str]:
    return {named(file): file.read_text("utf-8") for file in sources()}


def dialogs() -> tuple[list[str], list[str]]:
    """The dialogs of the program, those of kinds of dialogs too, and all its classes."""
    found = [m for text in texts().values() for m in re.findall(r"^class (\w+)(?:\(([^)]*)\))?:", text, re.MULTILINE)]
    bases = {name: set(listed.split(", ")) for name, listed in found}
    kinds = {"QDialog"}
    while more := {name for name, above in bases.items() if above & kinds} - kinds:
        kinds |= more
    derived_from = set().union(*bases.values())
    return sorted(kinds - derived_from), [name for name, _listed in found]


def test_every_dialog_has_help() -> None:
    assert set(dialogs()[0]) - set(tables.contents().widgets) == set()


def told_by_faults() -> dict[str, str]:
    """Every message that goes into a fault of the environment, with its file."""
    names = {"EnvironmentFault"}
    heads = [m for text in texts().values() for m in re.findall(r"^class (\w+)\((\w+)\):", text, re.MULTILINE)]
    while more := {name for name, base in heads if base in names} - names:
        names |= more
    raised = re.compile(rf"\b({'|'.join(names)})\(")
    found: dict[str, str] = {}
    for file, text in texts().items():
        if not raised.search(text):
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and raised.match(ast.unparse(node.func).split(".")[-1] + "("):
                        found.update(dict.fromkeys(messages(node) or messages(function), file))
    return found


def messages(tree: ast.AST) -> list[str]:
    return [
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("_", "_n", "N_")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def test_every_fault_that_the_program_can_tell_has_a_section_that_says_what_to_do() -> None:
    held = {message for section in tables.faults().values() for message in section}
    missing = {text: file for text, file in told_by_faults().items() if text not in held and text not in NOT_TOLD}
    assert not missing, f"put into a section of resources/help/faults.toml: {missing}"
    # What is in a catalogue is in the code: a check of the house.
    catalogue = i18n.translation("zh_CN")
    gone = [message for message in held if catalogue.gettext(message) == message]
    assert not gone, f"take out of resources/help/faults.toml: {gone}"


def test_a_page_that_names_what_is_not_there_is_refused(tmp_path: Path) -> None:
    for page in tables.contents().pages:
        (tmp_path / "en").mkdir(exist_ok=True)
        (tmp_path / "en" / f"{page}.md").write_text("# A\n\n{cmd:no_such}\n")
    with pytest.raises(ValueError, match="no_such"):
        Handbook("en", tmp_path)


def test_a_heading_inside_code_is_no_section() -> None:
    page: Page = handbook("en").page("places")
    assert "# crs: gcj02" in page.markdown
    assert all("crs" not in section.title for section in page.sections)


def test_settings_stand_with_default_and_meaning() -> None:
    told = handbook("en").page("settings").markdown
    assert "| `hub.port` | `7600` | First of four neighbouring ports" in told
    assert "| `video.patrol` | `0` |" in told
    for line in told.splitlines():
        if line.startswith("| `"):
            assert not line.endswith("|  |"), line


def test_text_for_a_terminal_has_no_marks() -> None:
    told = plain("See [**keys**](faults.md#keys), `Ctrl+K` and [below](#here).")
    assert told == "See keys (→ faults#keys), Ctrl+K and below (→ #here)."
