"""What a command line names and must be there before anything is opened: a layout, a hub's host."""

import socket
from urllib.parse import urlsplit

from controlroom.commands.setup import Setup
from controlroom.errors import CommandLineFault
from controlroom.hub_address import HubAddress
from controlroom.i18n import _
from layouts import Presets


def layout(name: str, setup: Setup) -> str:
    """The name of a layout, or nothing for the one that was used last. Raises CommandLineFault."""
    names = Presets(setup.folders.data / "layouts").names()
    if name and name not in names:
        told = _("There is no layout of the name {name}; there are {names}.")
        raise CommandLineFault(told.format(name=name, names=", ".join(names)))
    return name


def hub(words: str) -> str:
    """The address of a hub whose host has a name that is known here. Raises CommandLineFault.

    Whether a hub answers there is another question: a seat waits for it and says so.
    """
    try:
        parts = urlsplit(HubAddress.parse(words).requests)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path or parts.username is not None:
        raise CommandLineFault(
            _("“{endpoint}” is no address of a hub; write it as tcp://host:port.").format(endpoint=words)
        )
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        told = _("The host “{host}” of the hub is not known here; correct --hub, or the names of the network.")
        raise CommandLineFault(told.format(host=host)) from error
    return words
