"""The command line: one program, its parts as commands.

Only the module of the command that was asked for is imported, so that a hub or a simulator carries no Qt.
"""

import argparse
import importlib
import io
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from controlroom import __version__, logs
from controlroom.commands.setup import Setup
from controlroom.errors import CommandLineFault, EnvironmentFault
from controlroom.i18n import LANGUAGES, N_, _, set_language
from controlroom.settings import folders, load

_log = logging.getLogger(__name__)


class CommandLine(NamedTuple):
    """Where a command lives: a module with `add_arguments(parser)` and `run(arguments, setup) -> int`."""

    module: str
    summary: str


COMMANDS = MappingProxyType(
    {
        "": CommandLine(
            "controlroom.commands.room", N_("open the control room with its own hub and a simulated district")
        ),
        "hub": CommandLine("controlroom.commands.hub", N_("run the hub that owns the truth")),
        "seat": CommandLine("controlroom.commands.seat", N_("open a workstation that follows a hub")),
        "wall": CommandLine("controlroom.commands.wall", N_("open a video-wall display that follows a hub")),
        "ptz": CommandLine("controlroom.commands.ptz", N_("move the steerable cameras of a hub")),
        "simulate": CommandLine("controlroom.commands.simulate", N_("feed a hub with a simulated district")),
        "drill": CommandLine("controlroom.commands.drill", N_("list recordings and replay them as drills")),
        "doctor": CommandLine("controlroom.commands.doctor", N_("check this machine and say what to do")),
        "help": CommandLine("controlroom.commands.help", N_("print a page of help")),
        "snapshot": CommandLine("controlroom.commands.snapshot", N_("write a picture of every screen of the demo")),
        "keys": CommandLine("controlroom.commands.keys", N_("make the keys for listening beyond this machine")),
        "bench": CommandLine("controlroom.commands.bench", N_("measure and print, from a source checkout")),
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, or 1 for a fault that was told, or 2 for a wrong command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without our letters is no reason to fail
    command = words[0] if words and words[0] in COMMANDS and words[0] else ""
    set_language(_language(words))
    if not command and words and words[0] in ("-h", "--help"):
        sys.stdout.write(_overview())
        return 0
    if not command and words and not words[0].startswith("-"):
        sys.stderr.write(_("There is no command “{word}”; see: controlroom --help").format(word=words[0]) + "\n")
        return 2
    module = importlib.import_module(COMMANDS[command].module)
    parser = _parser(command)
    module.add_arguments(parser)
    arguments = parser.parse_args(words[1:] if command else words)
    return _run(module.run, arguments, command)


def _run(run: Callable[[argparse.Namespace, Setup], int], arguments: argparse.Namespace, command: str) -> int:
    try:
        places = folders(Path(arguments.home).absolute() if arguments.home else None)
        loaded = load(places)
        if not arguments.language:
            set_language(loaded.settings.ui.language)
        logs.start(places.logs, command or "room", arguments.verbose)
        setup = Setup(settings=loaded.settings, folders=places, notices=loaded.notices)
        return run(arguments, setup)
    except CommandLineFault as fault:
        _log.info("ended: %s", fault.sentence)
        sys.stderr.write(fault.sentence + "\n")
        return 2
    except EnvironmentFault as fault:
        _log.info("ended: %s", fault.sentence)
        sys.stderr.write(fault.sentence + "\n")
        return 1
    except KeyboardInterrupt:
        return 130


class _Formatter(argparse.HelpFormatter):
    """Help in the language of the screens."""

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        """The first lines of the help."""
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """Tells a wrong command line in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where the right words stand; the exit status is 2."""
        sentence = _("{program}: {reason}; see: {program} --help").format(program=self.prog, reason=message)
        self.exit(2, sentence + "\n")


def _parser(command: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"controlroom {command}".strip(),
        description=_(COMMANDS[command].summary),
        allow_abbrev=False,
        add_help=False,
        formatter_class=_Formatter,
    )
    parser._positionals.title, parser._optionals.title = _("words"), _("options")
    parser.add_argument("-h", "--help", action="help", help=_("show this and end"))
    parser.add_argument(
        "--home", metavar=_("FOLDER"), default="", help=_("keep settings, store and logs in this folder")
    )
    parser.add_argument("--language", choices=sorted(LANGUAGES), default="", help=_("language of the screens"))
    parser.add_argument("-v", "--verbose", action="store_true", help=_("tell more on the error output"))
    parser.add_argument(
        "--version", action="version", version=f"controlroom {__version__}", help=_("show the version and end")
    )
    parser.add_argument("--exit-with-stdin", action="store_true", help=_("end when the standard input closes"))
    return parser


def _language(words: Sequence[str]) -> str:
    """The language of help and early faults, before the settings are read."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        chosen = following if word == "--language" else word.removeprefix("--language=")
        if chosen in LANGUAGES:
            return chosen
    return "zh_CN"


def _overview() -> str:
    lines = [
        _("controlroom [COMMAND] [OPTIONS]"),
        "",
        _("A multi-monitor control room: alarms, video wall, sensors, map, incidents, drills."),
        "",
        _("Commands:"),
    ]
    nothing = _("(none)")
    for name, line in COMMANDS.items():
        lines.append(f"  {name or nothing:<10} {_(line.summary)}")
    lines += ["", _("“controlroom COMMAND --help” tells the options of a command, --version the version.")]
    return "\n".join(lines) + "\n"
