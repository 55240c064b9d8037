"""`controlroom ptz`: moves the steerable cameras of a hub, in a process of its own beside it."""

import argparse

from controlroom import children
from controlroom.clock import SystemClock
from controlroom.commands import named
from controlroom.commands.arguments import add_keys
from controlroom.commands.setup import Setup
from controlroom.hub_address import HubAddress
from controlroom.i18n import _
from controlroom.sources.ptz.adapter import FILE, Adapter, Cameras, read_cameras
from controlroom.sources.ptz.http_asked import Credentials


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the adapter."""
    parser.add_argument("--hub", default="", metavar=_("ADDRESS"), help=_("the hub: tcp://host:port"))
    add_keys(parser)


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Move cameras until asked to end. Raises EnvironmentFault for a list of cameras that cannot be read."""
    ended = children.asked_to_end(arguments.exit_with_stdin)
    hub, settings = setup.settings.hub, setup.settings.ptz
    address = HubAddress.parse(named.hub(arguments.hub) if arguments.hub else f"tcp://{hub.host}:{hub.port}")
    keys, hub_key = address.keys(arguments.key, arguments.hub_key)
    cameras = Cameras(
        credentials=Credentials(settings.user, settings.password),
        platform=settings.platform,
        method=settings.platform_method,
        known=read_cameras(setup.folders.data / FILE),
    )
    adapter = Adapter(address.requests, cameras.head, SystemClock(), keys=keys, hub_key=hub_key)
    adapter.start()
    try:
        while not ended.wait(0.5):
            if adapter.failed:
                return 70
    finally:
        adapter.close()
    return 0
