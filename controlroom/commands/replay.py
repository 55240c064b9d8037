"""The seat of `controlroom drill replay`: its own drill hub and the player are its children."""

import argparse
from pathlib import Path

from controlroom import app
from controlroom.commands import named
from controlroom.commands.setup import Setup
from controlroom.drill.session import drill_run


def replay(file: Path, arguments: argparse.Namespace, setup: Setup) -> int:
    """Replay a recording under the drill frame until the last window is closed. Raises EnvironmentFault."""
    layout = named.layout(arguments.layout, setup)
    with drill_run(file, speed=arguments.speed, paused=arguments.paused) as prepared:
        return app.run(
            app.SeatOptions(
                setup=setup,
                hub_arguments=prepared.hub_arguments,
                extra_children=(("player", prepared.player_arguments),),
                layout=layout,
                silent=arguments.silent or not setup.settings.sound.enabled,
                exit_with_stdin=arguments.exit_with_stdin,
            )
        )
