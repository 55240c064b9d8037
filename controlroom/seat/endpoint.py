"""The address of a hub as a seat is given it."""

from urllib.parse import urlsplit

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _


def host_of(endpoint: str) -> str:
    """The host of tcp://host:port. Raises EnvironmentFault."""
    try:
        parts = urlsplit(endpoint)
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return parts.hostname
    except ValueError:
        pass
    raise EnvironmentFault(
        _("“{endpoint}” is no address of a hub; write it as tcp://host:port.").format(endpoint=endpoint)
    )
