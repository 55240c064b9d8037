"""Where a hub listens: its four sockets and the gate that knows whose keys may connect."""

import logging
import time
from pathlib import Path

import zmq

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wire import sockets
from controlroom.wire.keys import Gate, KeyPair, allowed, load
from controlroom.wire.sockets import Ports

_log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVENTS_MOST = 100_000
"""Events that wait for one slow seat; one that lacks more takes a snapshot."""

TELEMETRY_MOST = 1000
REBIND_S = 2.0


class Listening:
    """The hub's sockets, bound. Made by one thread, then used and closed by another alone.

    Raises EnvironmentFault when it cannot listen, or may not for want of keys.
    """

    requests: sockets.Socket
    events: sockets.Socket
    telemetry: sockets.Socket
    ingest: sockets.Socket

    def __init__(self, host: str, ports: Ports, keys: Path | None, insecure: bool) -> None:
        self._host = host
        self._folder = keys
        self._own = self._key_pair(insecure)
        self._admitted = allowed(keys) if keys is not None else frozenset[bytes]()
        self._seen = self._stamps()
        self.ports = ports
        self._context = sockets.Context()
        try:
            self.gate = Gate(self._context, self._admitted) if keys is not None else None
            self._bind()
        except BaseException:
            self.close(0)
            raise

    def look(self) -> bool:
        """Follow the folder of admitted keys; True when one was taken away and every socket was made anew.

        A connection that was admitted stays so in libzmq, so taking a key away ends them all; the others come back.
        """
        stamps = self._stamps()
        if self.gate is None or self._folder is None or stamps == self._seen:
            return False
        self._seen = stamps
        try:
            admitted = allowed(self._folder)
        except EnvironmentFault as fault:
            _log.warning("the admitted keys stay as they were: %s", fault.sentence)
            return False
        gone, self._admitted = self._admitted - admitted, admitted
        self.gate.admit(admitted)
        if not gone:
            return False
        _log.info("%d keys were taken away, every connection begins anew", len(gone))
        for made in (self.requests, self.events, self.telemetry, self.ingest):
            made.close(0)
        self._bind(REBIND_S)
        return True

    def close(self, linger_ms: int) -> None:
        """Close every socket."""
        self._context.destroy(linger=linger_ms)

    def _bind(self, within_s: float = 0.0) -> None:
        self.requests = sockets.server(self._context, zmq.ROUTER, self._own)
        self.ingest = sockets.server(self._context, zmq.ROUTER, self._own)
        self.events = sockets.server(self._context, zmq.PUB, self._own)
        self.telemetry = sockets.server(self._context, zmq.PUB, self._own)
        self.events.setsockopt(zmq.SNDHWM, EVENTS_MOST)
        self.telemetry.setsockopt(zmq.SNDHWM, TELEMETRY_MOST)
        until = time.monotonic() + within_s
        self.ports = Ports(
            self._bound(self.requests, self.ports.requests, until),
            self._bound(self.events, self.ports.events, until),
            self._bound(self.telemetry, self.ports.telemetry, until),
            self._bound(self.ingest, self.ports.ingest, until),
        )

    def _bound(self, made: sockets.Socket, port: int, until: float) -> int:
        """Bind; libzmq lets go of a closed socket's port in a thread of its own, so it is tried for a while."""
        while True:
            try:
                return sockets.bind(made, self._host, port)
            except zmq.ZMQError as error:
                if error.errno == zmq.EADDRINUSE and time.monotonic() < until:
                    time.sleep(0.01)
                    continue
                raise EnvironmentFault(
                    _("The hub cannot listen on {host}, ports {ports}: {error}. Name other ports with --port.").format(
                        host=self._host, ports=", ".join(map(str, self.ports)), error=error
                    )
                ) from error

    def _key_pair(self, insecure: bool) -> KeyPair | None:
        if self._folder is not None:
            return load(self._folder / "hub.key_secret")
        if self._host not in LOOPBACK and not insecure:
            raise EnvironmentFault(
                _(
                    "The hub does not listen on {host} without keys; make them with “controlroom keys” "
                    "or say --insecure."
                ).format(host=self._host)
            )
        return None

    def _stamps(self) -> dict[str, tuple[int, int]]:
        """What tells that the admitted keys changed: names, times and sizes."""
        if self._folder is None:
            return {}
        found = {}
        for path in (self._folder / "allowed").glob("*.key"):
            try:
                state = path.stat()
            except OSError:
                continue  # it went away between the two looks
            found[path.name] = (state.st_mtime_ns, state.st_size)
        return found
