"""How every socket of the product is set up."""

import socket as pysocket
from typing import NamedTuple

import zmq

from controlroom.wire.keys import KeyPair

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""A longer frame ends its connection before it is read."""

Context = zmq.Context[zmq.Socket[bytes]]
Socket = zmq.Socket[bytes]


class Ports(NamedTuple):
    """The four ports of a hub; 0 asks the system."""

    requests: int = 7600
    events: int = 7601
    telemetry: int = 7602
    ingest: int = 7603


DEFAULT_PORTS = Ports()
ANY_PORTS = Ports(0, 0, 0, 0)


def server(context: Context, kind: int, keys: KeyPair | None) -> Socket:
    """A socket that binds; with keys it speaks CURVE only.

    No ZMQ_HEARTBEAT options: libzmq 4.3.5 aborts the process with them and a stalled reader.
    """
    made = context.socket(kind)
    made.setsockopt(zmq.LINGER, 0)
    made.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    made.setsockopt(zmq.TCP_KEEPALIVE, 1)
    if keys is not None:
        made.curve_server = True
        made.curve_secretkey = keys.secret
        made.curve_publickey = keys.public
    return made


def client(context: Context, kind: int, keys: KeyPair | None, hub_key: bytes | None) -> Socket:
    """A socket that connects. Its receive queue is unbounded: its thread always drains."""
    made = context.socket(kind)
    made.setsockopt(zmq.LINGER, 0)
    made.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    made.setsockopt(zmq.RCVHWM, 0)
    made.setsockopt(zmq.RECONNECT_IVL, 100)
    made.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
    if keys is not None and hub_key is not None:
        made.curve_secretkey = keys.secret
        made.curve_publickey = keys.public
        made.curve_serverkey = hub_key
    return made


def bind(made: Socket, host: str, port: int) -> int:
    """Bind and return the port. Raises zmq.ZMQError (EADDRINUSE) when it is taken."""
    if port == 0:
        return int(made.bind_to_random_port(f"tcp://{host}"))
    made.bind(f"tcp://{host}:{port}")
    return port


class Waker:
    """Wakes a thread that polls zmq sockets; `ring` may be called from any thread."""

    def __init__(self) -> None:
        self._near, self._far = pysocket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def fileno(self) -> int:
        """What to poll for input."""
        return self._near.fileno()

    def ring(self) -> None:
        """Wake the thread; a full pipe has woken it already."""
        try:
            self._far.send(b"\0")
        except (BlockingIOError, OSError):
            return

    def hush(self) -> None:
        """Empty the pipe."""
        try:
            while self._near.recv(4096):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close both ends."""
        self._near.close()
        self._far.close()
