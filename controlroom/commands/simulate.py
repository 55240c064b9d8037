"""`controlroom simulate`: a simulated district that feeds a hub through its public door."""

import argparse

from controlroom.commands.setup import Setup
from controlroom.sources.simulator import runner


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the simulator."""
    runner.add_arguments(parser)


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Simulate until asked to end."""
    return runner.run(arguments, setup.settings.ptz.password)
