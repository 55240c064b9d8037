"""Pages of help: Markdown with anchors and names of commands, made ready to be shown in one language.

A heading may end in an anchor, `## Shelving {#shelving}`. In the text `{cmd:ID}` stands for a command with its keys,
`{key:ID}` for its keys alone, `{keys:NAME}` for the table of the keys of a panel or mode, `{group:NAME}` for the
commands of a group, `{faults:NAME}` for the sentences of a section of faults, `{settings}` for all settings.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from controlroom import i18n
from controlroom.handbook import tables
from controlroom.handbook.manual import settings_table
from controlroom.i18n import N_
from resources import path

KEYS_PAGE = "keys"
"""The page that is not in a file: all keys of the running program."""

_HEADING = re.compile(r"^(#{1,4}) (.*?)(?: \{#([a-z0-9-]+)\})?$")
_MACRO = re.compile(r"\{(cmd|key|keys|group|faults|settings)(?::([^}]+))?\}")
_MARKS = re.compile(r"^\|[-|]+\|$|[*`|]|\]\([^)]*\)|^#+ |\[|^> |^- ", re.MULTILINE)


class Section(Struct, frozen=True):
    """A heading and what stands below it: `topic` is `page#anchor`, or the page alone; `text` is for searches."""

    topic: str
    title: str
    level: int
    text: str


class Page(Struct, frozen=True):
    """One subject. `markdown` has neither anchors nor names to be filled in any more."""

    id: str
    title: str
    markdown: str
    sections: tuple[Section, ...]


class KeyLine(Struct, frozen=True):
    """One line of the list of keys."""

    title: str
    keys: str
    deed: str = ""


class Handbook:
    """All pages in one language. They are read when the handbook is made; ValueError where one names what is not."""

    def __init__(self, language: str, folder: Path | None = None) -> None:
        self.language = language
        self.say: Callable[[str], str] = i18n.translation(language).gettext
        """The message in the language of the pages, which need not be that of the screens."""
        self._folder = (folder or path("help")) / language
        self.pages = tuple(self._read(name) for name in tables.contents().pages)

    def page(self, topic: str) -> Page:
        """The page of a topic. Raises KeyError."""
        name = topic.partition("#")[0]
        for page in self.pages:
            if page.id == name:
                return page
        raise KeyError(topic)

    def command(self, id: str) -> str:
        """The title of a command. Raises KeyError."""
        held = tables.keys().command[id]
        filled = {name: self.say(value) for name, value in held.fills.items()}
        return self.say(held.title).format(**filled) if filled else self.say(held.title)

    def keys_page(self, groups: Mapping[str, Sequence[KeyLine]] | None = None) -> Page:
        """All keys by group: those that are given, else those that the program has when it is as it comes."""
        shown = groups if groups is not None else self._groups()
        head = [self.say(word) for word in (N_("Action"), N_("Keys"), N_("What it does"))]
        title = self.say(N_("Keyboard"))
        lines = [f"# {title}", ""]
        for number, (group, rows) in enumerate(shown.items(), 1):
            lines += [f"## {group} {{#group-{number}}}", "", f"| {' | '.join(head)} |", "|---|---|---|"]
            lines += [f"| {row.title} | {_coded(row.keys)} | {row.deed} |" for row in rows]
            lines.append("")
        return _page(KEYS_PAGE, "\n".join(lines))

    def _groups(self) -> dict[str, list[KeyLine]]:
        groups: dict[str, list[KeyLine]] = {}
        for id, held in tables.keys().command.items():
            group = self.say(held.group or N_("General"))
            groups.setdefault(group, []).append(KeyLine(self.command(id), ", ".join(held.keys)))
        for name, rows in tables.keys().panel.items():
            lines = [KeyLine(self._deed(row), row.keys) for row in rows]
            groups.setdefault(self._keys_title(tables.contents().keys[name]), []).extend(lines)
        return groups

    def section(self, topic: str) -> Section:
        """The section of a topic. Raises KeyError."""
        for section in self.page(topic).sections:
            if section.topic == topic:
                return section
        raise KeyError(topic)

    def _keys_title(self, topic: str) -> str:
        """What a list of keys is called where all are listed: its section, or the page where that is only of keys."""
        page, section = self.page(topic), self.section(topic)
        return page.title if topic.endswith("#keys") else section.title

    def _read(self, name: str) -> Page:
        text = (self._folder / f"{name}.md").read_text("utf-8")
        return _page(name, _MACRO.sub(self._fill, text))

    def _fill(self, found: re.Match[str]) -> str:
        kind, name = found.group(1), found.group(2) or ""
        try:
            return self._filled(kind, name)
        except KeyError as error:
            raise ValueError(f"the pages of help name {kind}:{name}, which is not there") from error

    def _filled(self, kind: str, name: str) -> str:
        if kind == "settings":
            return settings_table(self.say)
        if kind == "faults":
            said = [f"- {_opened(self.say(message))}" for message in tables.faults()[name]]
            told = self.say(N_("What the program says:"))
            return "\n".join([f"**{told}**", "", *said])
        if kind == "keys":
            rows = [(_coded(row.keys), self._deed(row)) for row in tables.keys().panel[name]]
            return self._table(rows)
        if kind == "group":
            held = [id for id, command in tables.keys().command.items() if command.group == name]
            if not held:
                raise KeyError(name)
            rows = [(_coded(", ".join(tables.keys().command[id].keys)) or "—", self.command(id)) for id in held]
            return self._table(rows)
        coded = _coded(", ".join(tables.keys().command[name].keys))
        if kind == "key":
            return coded
        return f"**{self.command(name)}**" + (f" ({coded})" if coded else "")

    def _table(self, rows: Iterable[tuple[str, str]]) -> str:
        head = [self.say(word) for word in (N_("Keys"), N_("What it does"))]
        lines = [f"| {' | '.join(head)} |", "|---|---|"]
        return "\n".join([*lines, *(f"| {first} | {second} |" for first, second in rows)])

    def _deed(self, row: tables.Key) -> str:
        if row.title:
            return self.say(row.title)
        return row.en if self.language == i18n.SOURCE_LANGUAGE else row.zh_CN


@cache
def handbook(language: str) -> Handbook:
    """The handbook of a language; it is read once."""
    return Handbook(language)


def plain(markdown: str) -> str:
    """Markdown for a terminal: links say the topic that they lead to, code stands as it is."""
    linked = re.sub(r"\[([^\]]+)\]\(([a-z]*)(?:\.md)?(#[a-z0-9-]+)?\)", r"\1 (→ \2\3)", markdown)
    return linked.replace("**", "").replace("`", "")


def linked_topic(target: str, page: str) -> str:
    """The topic that a link of a page leads to: `alarms.md#shelving`, or `#shelving` of the page itself."""
    file, _hash, anchor = target.partition("#")
    name = file.removesuffix(".md") or page
    return f"{name}#{anchor}" if anchor else name


def _page(name: str, text: str) -> Page:
    lines: list[str] = []
    heads: list[tuple[int, str, str, int]] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        found = None if in_code else _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        marks, title, anchor = found.groups()
        heads.append((len(marks), title, anchor or "", len(lines)))
        lines.append(f"{marks} {title}")
    sections = []
    for place, (level, title, anchor, begin) in enumerate(heads):
        end = heads[place + 1][3] if place + 1 < len(heads) else len(lines)
        body = _MARKS.sub(" ", "\n".join(lines[begin + 1 : end]))
        topic = f"{name}#{anchor}" if anchor else name
        sections.append(Section(topic, title, level, " ".join(body.split())))
    return Page(name, heads[0][1] if heads else name, "\n".join(lines) + "\n", tuple(sections))


def _coded(keys: str) -> str:
    """Keys as code: those of a list each by itself."""
    return ", ".join(f"`{key}`" for key in keys.split(", ")) if keys else ""


def _opened(message: str) -> str:
    """A message with its fields as words in brackets."""
    return re.sub(r"\{+(\w+)[^{}]*\}+", r"‹\1›", message)
