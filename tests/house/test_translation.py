"""Every visible string is translated, every translation is used, and no field is lost on the way."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po

from controlroom import i18n
from tests.house.tree import named, sources

KEYWORDS = {"_": None, "N_": None, "_n": (1, 2)}
TRANSLATED = [code for code in i18n.LANGUAGES if code != i18n.SOURCE_LANGUAGE]
Forms = tuple[str, ...]


def forms(text: object) -> Forms:
    return tuple(str(form) for form in text) if isinstance(text, (list, tuple)) else (str(text),)


@cache
def marked() -> dict[Forms, str]:
    """What the source marks for translation, with the first place of each."""
    found: dict[Forms, str] = {}
    for file in sources():
        with file.open("rb") as source:
            for line, keyword, message, _comments in extract_python(source, tuple(KEYWORDS), (), {}):
                if keyword == "_n":
                    found.setdefault(forms(message)[:2], f"{named(file)}:{line}")
                elif message is not None:
                    found.setdefault(forms(message)[:1], f"{named(file)}:{line}")
    return found


def translated(code: str) -> Iterator[tuple[Path, Message]]:
    for part in i18n.parts(code):
        with part.open("rb") as source:
            for message in read_po(source, locale=code, abort_invalid=True):
                if message.id:
                    yield part, message


def report(lines: list[str]) -> str:
    return "\n" + "\n".join(lines)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_visible_string_is_translated(code: str) -> None:
    known = {
        forms(message.id) for _part, message in translated(code) if all(forms(message.string)) and not message.fuzzy
    }
    missing = [f"{place}: {text[0]!r}" for text, place in marked().items() if text not in known]
    assert not missing, report(missing)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_translation_is_used(code: str) -> None:
    unused = [f"{part.name}: {message.id!r}" for part, message in translated(code) if forms(message.id) not in marked()]
    assert not unused, report(unused)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_translation_keeps_the_fields_of_its_source(code: str) -> None:
    wrong = [
        f"{part.name}: {message.id!r} → {message.string!r}"
        for part, message in translated(code)
        if not i18n.keeps_fields(forms(message.id), forms(message.string))
    ]
    assert not wrong, report(wrong)


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_string_is_translated_in_two_ways(code: str) -> None:
    first: dict[Forms, tuple[Path, Message]] = {}
    double = []
    for part, message in translated(code):
        other, seen = first.setdefault(forms(message.id), (part, message))
        if forms(seen.string) != forms(message.string):
            double.append(f"{message.id!r}: {other.name} {seen.string!r}, {part.name} {message.string!r}")
    assert not double, report(double)


def test_every_marked_string_is_a_plain_literal() -> None:
    """`_(name)` cannot be extracted; only a string that `N_` marked before may come in a variable."""
    wrong = []
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("N_", "_n"):
                texts = node.args[:2] if node.func.id == "_n" else node.args
                if not all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts):
                    wrong.append(f"{named(file)}:{node.lineno}")
    assert not wrong, report(wrong)


def test_nothing_is_translated_while_a_module_is_imported() -> None:
    """The language is chosen later: mark with `N_` at import and translate when it is shown."""
    wrong = []
    for file in sources():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in at_import(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "_n"):
                wrong.append(f"{named(file)}:{node.lineno}")
    assert not wrong, report(wrong)


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from at_import(child)


# A coordinate pair, an address and a clock keep their ASCII signs.
_ASCII_SIGN = re.compile(r"[一-鿿][,;:!?](?![/{\d])|[一-鿿][,;:!?](?=\{)|[,;:!?](?=[一-鿿])")
_TIGHT_NUMBER = re.compile(r"[一-鿿]\d|\d[一-鿿]")
_ASCII_BRACKET = re.compile(r"\([^)]*[一-鿿]|[一-鿿]\)")
_NOT_CHINESE = (_ASCII_SIGN, _TIGHT_NUMBER, _ASCII_BRACKET)
_WRITTEN_SO = re.compile(r"://|WGS-84")
"""An address, and how coordinates are typed."""

_LOOSE_ELLIPSIS = re.compile(r"\S …\s*(\(|$)")


def test_chinese_is_written_with_chinese_signs_and_room_around_numbers() -> None:
    wrong = [
        f"{part.name}: {text}"
        for part, message in translated("zh_CN")
        for text in forms(message.string)
        if not _WRITTEN_SO.search(text) and any(rule.search(text) for rule in _NOT_CHINESE)
    ]
    assert not wrong, report(wrong)


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_asks_for_more_ends_in_an_ellipsis_without_a_space(code: str) -> None:
    texts = [text for _part, message in translated(code) for text in (*forms(message.id), *forms(message.string))]
    wrong = [text for text in texts if _LOOSE_ELLIPSIS.search(text) and not _WRITTEN_SO.search(text)]
    assert not wrong, report(wrong)
