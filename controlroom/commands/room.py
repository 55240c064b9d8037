"""`controlroom`: the whole room on one machine, its own hub and a simulated district included."""

import argparse
import sys
from pathlib import Path

from controlroom import app, display
from controlroom.commands import named
from controlroom.commands.arguments import port
from controlroom.commands.setup import Setup
from controlroom.commands.snapshot import pictures_without_display
from controlroom.i18n import _
from layouts import Presets


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the room."""
    parser.add_argument("--layout", default="", metavar=_("NAME"), help=_("layout: {names}").format(names=_layouts()))
    parser.add_argument("--no-demo", action="store_true", help=_("without the simulated district"))
    parser.add_argument("--scenario", default="calm", help=_("what the simulated district plays: calm, rainstorm"))
    parser.add_argument("--silent", action="store_true", help=_("without sound"))
    parser.add_argument("--port", type=port, default=None, help=_("first of the hub's four ports (7600)"))


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Open the room; on a machine without any display, write pictures of it instead and say where."""
    options = room_options(arguments, setup)
    if not display.has_display():
        sys.stdout.write(_("There is no display here; the room runs on a virtual one and writes pictures.") + "\n")
        sys.stdout.flush()
        return pictures_without_display(options, Path("snapshots").absolute())
    return app.run(options)


def room_options(arguments: argparse.Namespace, setup: Setup) -> app.SeatOptions:
    """The seat with a hub and a simulator of its own."""
    hub = ("--port", str(arguments.port)) if arguments.port is not None else ()
    return app.SeatOptions(
        setup=setup,
        hub_arguments=hub,
        simulate=setup.settings.demo.simulate and not arguments.no_demo,
        simulator_arguments=("--scenario", arguments.scenario),
        steer=True,
        layout=named.layout(arguments.layout, setup),
        silent=arguments.silent or not setup.settings.sound.enabled,
        exit_with_stdin=arguments.exit_with_stdin,
    )


def _layouts() -> str:
    return ", ".join(Presets().names())
