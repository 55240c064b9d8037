"""`controlroom wall`: a display without chrome that shows what the hub says this wall shows."""

import argparse

from controlroom import app
from controlroom.commands import named
from controlroom.commands.seat import add_keys
from controlroom.commands.setup import Setup
from controlroom.domain.wall import SCREENS_MOST
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a wall."""
    parser.add_argument("--hub", default="", metavar=_("ADDRESS"), help=_("the hub: tcp://host:port"))
    parser.add_argument("--name", default="main", metavar=_("NAME"), help=_("the wall's name on the desks (main)"))
    parser.add_argument(
        "--screen", type=int, default=1, metavar=_("NUMBER"), help=_("which screen of the wall this is (1)")
    )
    add_keys(parser)


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Open the wall. Raises EnvironmentFault for a screen that no wall has."""
    if not 1 <= arguments.screen <= SCREENS_MOST:
        raise EnvironmentFault(_("A wall has the screens 1 to {most}.").format(most=SCREENS_MOST))
    hub = setup.settings.hub
    return app.run(
        app.SeatOptions(
            setup=setup,
            hub=named.hub(arguments.hub) if arguments.hub else f"tcp://{hub.host}:{hub.port}",
            layout="wall",
            wall=arguments.name,
            wall_screen=arguments.screen,
            silent=True,
            seat_keys=arguments.key,
            hub_key=arguments.hub_key,
            exit_with_stdin=arguments.exit_with_stdin,
        )
    )
