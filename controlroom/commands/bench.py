"""`controlroom bench`: measures what exists, as ratios against a baseline in the same run."""

import argparse
import importlib
import json
import sys

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
    for name in [arguments.name] if arguments.name else NAMES:
        try:
            bench = importlib.import_module(f"tests.bench.{name}")
        except ModuleNotFoundError as error:
            raise EnvironmentFault(
                _("The benchmarks are part of the source checkout; run this from there ({error}).").format(error=error)
            ) from error
        measures = bench.measure(arguments.quick)
        if arguments.json:
            told = [{"name": m.name, "value": m.value, "unit": m.unit, "baseline": m.baseline} for m in measures]
            for measure, line in zip(measures, told, strict=True):
                if measure.note:
                    line["note"] = measure.note
            sys.stdout.write(json.dumps({"bench": name, "measures": told}, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"\n{name}\n")
            for m in measures:
                value = "—" if m.value is None else f"{m.value:.4g}"
                base = "" if m.baseline is None else f"{m.baseline:.4g}"
                sys.stdout.write(f"  {m.name:<32} {value:>12} {m.unit:<10} {base:>12}  {m.note}\n")
        sys.stdout.flush()
    return 0
