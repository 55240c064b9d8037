"""`controlroom doctor`: checks this machine, a line each."""

import argparse
import sys
from pathlib import Path

from controlroom import doctor
from controlroom.commands.setup import Setup


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """The doctor has no options of its own."""


def run(arguments: argparse.Namespace, _setup: Setup) -> int:
    """Print the findings; 1 when something must be done."""
    return doctor.run(sys.stdout, Path(arguments.home) if arguments.home else None)
