"""`controlroom help [subject]`: a page of the handbook in the terminal."""

import argparse
import sys

from controlroom import i18n
from controlroom.commands.setup import Setup
from controlroom.errors import CommandLineFault
from controlroom.handbook.pages import Handbook, Page, handbook, plain
from controlroom.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to print."""
    parser.add_argument(
        "subject", nargs="?", default="", metavar=_("SUBJECT"), help=_("a page, or page#section; without it all pages")
    )


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Print a page, a section of it, or what pages there are."""
    book = handbook(i18n.language())
    pages = {page.id: page for page in (*book.pages, book.keys_page())}
    if not arguments.subject:
        sys.stdout.write(_list(pages))
        return 0
    name, _hash, anchor = arguments.subject.partition("#")
    page = pages.get(name) or _named(book, name)
    text = page and (_section(page, f"{page.id}#{anchor}") if anchor else page.markdown)
    if not text:
        told = _("There is no help on “{subject}”; there is: {subjects}.")
        raise CommandLineFault(told.format(subject=arguments.subject, subjects=", ".join(pages)))
    sys.stdout.write(plain(text).strip() + "\n")
    return 0


def _named(book: Handbook, title: str) -> Page | None:
    """The page with this title."""
    return next((page for page in book.pages if page.title.casefold() == title.casefold()), None)


def _list(pages: dict[str, Page]) -> str:
    lines = [f"{name:<14} {page.title}" for name, page in pages.items()]
    return "\n".join([*lines, "", _("“controlroom help SUBJECT” prints a page; F1 in the room opens it.")]) + "\n"


def _section(page: Page, topic: str) -> str:
    """The lines from the heading of a topic to the next heading that is not below it; empty where there is none."""
    wanted = next((place for place, section in enumerate(page.sections) if section.topic == topic), -1)
    if wanted < 0:
        return ""
    level, seen, taken = page.sections[wanted].level, -1, []
    for line in page.markdown.splitlines():
        if line.startswith("#"):
            seen += 1
            if seen > wanted and page.sections[seen].level <= level:
                break
        if seen >= wanted:
            taken.append(line)
    return "\n".join(taken)
