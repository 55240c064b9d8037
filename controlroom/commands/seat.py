"""`controlroom seat`: a workstation that follows a hub."""

import argparse

from controlroom import app
from controlroom.commands import named
from controlroom.commands.arguments import add_keys
from controlroom.commands.setup import Setup
from controlroom.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a seat."""
    parser.add_argument("--hub", default="", metavar=_("ADDRESS"), help=_("the hub: tcp://host:port"))
    parser.add_argument("--layout", default="", metavar=_("NAME"), help=_("the layout to open"))
    parser.add_argument("--silent", action="store_true", help=_("without sound"))
    add_keys(parser)


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Open the seat."""
    hub = setup.settings.hub
    layout = named.layout(arguments.layout, setup)
    return app.run(
        app.SeatOptions(
            setup=setup,
            hub=named.hub(arguments.hub) if arguments.hub else f"tcp://{hub.host}:{hub.port}",
            layout=layout,
            silent=arguments.silent or not setup.settings.sound.enabled,
            seat_keys=arguments.key,
            hub_key=arguments.hub_key,
            exit_with_stdin=arguments.exit_with_stdin,
        )
    )
