"""`controlroom bench`: measures what exists, as ratios against a baseline in the same run."""

import argparse
import importlib

from controlroom.commands.setup import Setup
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

NAMES = ("alarms", "wall", "sensors", "map")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of measuring."""
    parser.add_argument("name", nargs="?", choices=NAMES, help=_("what to measure; all without a name"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per bench"))
    parser.add_argument("--quick", action="store_true", help=_("shorter runs, rougher figures"))


def run(arguments: argparse.Namespace, _setup: Setup) -> int:
    """Measure and print a table or JSON."""
    try:
        report = importlib.import_module("tests.bench.report")
    except ModuleNotFoundError as error:
        raise EnvironmentFault(
            _("The benchmarks are part of the source checkout; run this from there ({error}).").format(error=error)
        ) from error
    words = [arguments.name] if arguments.name else []
    words += [flag for flag, wanted in (("--json", arguments.json), ("--quick", arguments.quick)) if wanted]
    return int(report.main(words))
