"""Where a hub is and how it is spoken to."""

import json
from dataclasses import dataclass
from pathlib import Path

from controlroom.children import Child
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wire import keys
from controlroom.wire.keys import KeyPair


@dataclass(frozen=True, slots=True)
class HubAddress:
    """The endpoint of a hub's requests; its other ports are asked there."""

    requests: str

    @classmethod
    def parse(cls, text: str) -> "HubAddress":
        """An address as officers write it: `host`, `host:port` or `tcp://host:port`."""
        plain = text.removeprefix("tcp://")
        return cls(f"tcp://{plain}" if ":" in plain else f"tcp://{plain}:7600")

    def keys(self, own: Path | None, hub: Path | None) -> tuple[KeyPair | None, bytes | None]:
        """The key pair of this seat and the public key of the hub, where the hub demands them."""
        if own is None and hub is None:
            return None, None
        if own is None or hub is None:
            raise EnvironmentFault(_("A hub with keys needs both: this seat's key (--key) and the hub's (--hub-key)."))
        return keys.load(own), keys.public_of(hub)


def from_ready_line(line: str, hub: Child) -> HubAddress:
    """The address of a hub that was started here; a later start of the same child uses the same ports."""
    try:
        ports = json.loads(line)["ready"]
        requests = int(ports["requests"])
        words = ",".join(str(int(ports[name])) for name in ("requests", "events", "telemetry", "ingest"))
    except (ValueError, KeyError, TypeError) as error:
        raise EnvironmentFault(_("The hub did not start; look at {log}.").format(log=hub.log)) from error
    hub.arguments = [*hub.arguments, "--ports", words]
    return HubAddress(f"tcp://127.0.0.1:{requests}")
