"""One connection of a source to a hub: it never comes back by itself, so nothing is sent twice behind our back.

libzmq reconnects a socket silently and then sends what was left in its queue, in front of what was lost; the order
that exactly-once needs would be gone. So each socket here lives for one connection, and its owner makes the next.
"""

import enum
from collections.abc import Callable

import zmq
from zmq.utils.monitor import recv_monitor_message

from controlroom.wire import sockets
from controlroom.wire.keys import KeyPair

_QUEUE = 1000
_ENDS = (
    zmq.EVENT_DISCONNECTED,
    zmq.EVENT_CLOSED,
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
)
_REJECTED = _ENDS[2:]


class Stage(enum.Enum):
    """Where a connection stands; `REJECTED` is lost because the hub does not accept our key."""

    OPENING = "opening"
    OPEN = "open"
    LOST = "lost"
    REJECTED = "rejected"


class Connection:
    """A DEALER socket and its monitor. Made, used and closed on one thread."""

    def __init__(self, context: sockets.Context, endpoint: str, keys: KeyPair | None, hub_key: bytes | None) -> None:
        self.stage = Stage.OPENING
        self.socket = sockets.client(context, zmq.DEALER, keys, hub_key)
        self.socket.setsockopt(zmq.RECONNECT_IVL, -1)
        self.socket.setsockopt(zmq.SNDHWM, _QUEUE)
        self.monitor: sockets.Socket = self.socket.get_monitor_socket()
        try:
            self.socket.connect(endpoint)
        except zmq.ZMQError:
            self.close()
            raise

    def watch(self) -> Stage:
        """Read what the monitor has to tell."""
        while self.monitor.poll(0):
            event = recv_monitor_message(self.monitor)["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.stage = Stage.OPEN
            elif event in _REJECTED:
                self.stage = Stage.REJECTED
            elif event in _ENDS and self.stage is not Stage.REJECTED:
                self.stage = Stage.LOST
        return self.stage

    def send(self, frame: bytes) -> bool:
        """Send a frame; False when the queue is full, then nothing was sent."""
        try:
            self.socket.send(frame, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def receive(self) -> list[bytes]:
        """Every frame that has arrived."""
        frames: list[bytes] = []
        while True:
            try:
                frames.append(self.socket.recv(zmq.NOBLOCK))
            except zmq.Again:
                return frames

    def close(self) -> None:
        """Close the socket and its monitor."""
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(0)


Connect = Callable[[str], Connection]
"""Opens a connection to an endpoint."""
