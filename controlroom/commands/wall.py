"""`controlroom wall`: a display without chrome that shows what the hub says this wall shows, and how it is kept."""

import argparse
import importlib
import sys

from controlroom.commands import wall_autostart, wall_keeper
from controlroom.commands.arguments import add_keys
from controlroom.commands.setup import Setup
from controlroom.domain.wall import SCREENS_MOST
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a wall."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "install", "uninstall"),
        default="show",
        help=_("show it (without a word), or have it start by itself at every sign-in, or no longer"),
    )
    parser.add_argument("--hub", default="", metavar=_("ADDRESS"), help=_("the hub: tcp://host:port"))
    parser.add_argument("--name", default="main", metavar=_("NAME"), help=_("the wall's name on the desks (main)"))
    parser.add_argument(
        "--screen", type=int, default=1, metavar=_("NUMBER"), help=_("which screen of the wall this is (1)")
    )
    parser.add_argument(
        "--monitor",
        default="",
        metavar=_("NAME"),
        help=_("the only monitor to show it on, by serial number or connector, as “controlroom doctor” names it"),
    )
    parser.add_argument("--keep", action="store_true", help=_("bring it back by itself when it falls or hangs"))
    parser.add_argument(
        "--systemd", action="store_true", help=_("for install: a unit of systemd instead of the desktop's autostart")
    )
    parser.add_argument("--kept", action="store_true", help=argparse.SUPPRESS)
    add_keys(parser)


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Open the wall, keep it, or have it start by itself. Raises EnvironmentFault for a screen that no wall has."""
    if not 1 <= arguments.screen <= SCREENS_MOST:
        raise EnvironmentFault(_("A wall has the screens 1 to {most}.").format(most=SCREENS_MOST))
    if arguments.action == "show":
        if arguments.keep:
            return wall_keeper.keep(arguments, setup)
        # A keeper carries no Qt; only a display opens windows.
        return int(importlib.import_module("controlroom.commands.wall_display").show(arguments, setup))
    change = wall_autostart.install if arguments.action == "install" else wall_autostart.uninstall
    sys.stdout.write("\n".join(change(arguments)) + "\n")
    return 0
