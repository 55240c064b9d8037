"""The tables beside the pages of help: their order, what is about which thing, keys, and sentences of faults."""

import tomllib
from functools import cache

import msgspec
from msgspec import Struct

from resources import path


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """A key that a panel reads: `title` is the message of the action that has it, or both languages say what it does.

    `source` is the file that reads a key without an action, `qt` its name there; tests hold both against the code.
    """

    keys: str
    title: str = ""
    en: str = ""
    zh_CN: str = ""
    source: str = ""
    qt: str = ""


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """An action of the whole room: the message of its title with what fills its fields, and its keys."""

    title: str
    keys: tuple[str, ...] = ()
    fills: dict[str, str] = {}
    group: str = ""


class Contents(Struct, frozen=True, forbid_unknown_fields=True):
    """`pages` in their order; topics (`page` or `page#section`) by kind of panel, class of widget, and list of keys."""

    pages: tuple[str, ...]
    panels: dict[str, str]
    widgets: dict[str, str]
    keys: dict[str, str]


class Keys(Struct, frozen=True, forbid_unknown_fields=True):
    """Commands by the id of their action, and the keys of each panel or mode."""

    command: dict[str, Command]
    panel: dict[str, tuple[Key, ...]]


@cache
def contents() -> Contents:
    """The order of the pages, and what F1 opens where."""
    return msgspec.convert(tomllib.loads(path("help", "contents.toml").read_text("utf-8")), Contents)


@cache
def keys() -> Keys:
    """All keys of the program."""
    return msgspec.convert(tomllib.loads(path("help", "keys.toml").read_text("utf-8")), Keys)


@cache
def faults() -> dict[str, tuple[str, ...]]:
    """The messages that tell of a fault, by the section of the page `faults` that says what to do."""
    held = tomllib.loads(path("help", "faults.toml").read_text("utf-8"))
    return msgspec.convert(held, dict[str, tuple[str, ...]])
