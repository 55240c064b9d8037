"""How the packets of a stream travel: inside the connection, or beside it by UDP."""

import enum
import re
import select
import socket
from collections.abc import Iterator

_BUFFER = 1 << 16
_RECEIVE = 1 << 20
"""A key picture of a large camera arrives at once and must fit."""
_MOST_AT_ONCE = 256
_MOST_PORTS = 20


class Carriage:
    """A way for packets."""

    class Role(enum.IntEnum):
        """What a piece of data is: of the connection itself, packets with pictures, or packets of control."""

        STREAM = 0
        PICTURES = 1
        CONTROL = 2

    STREAM, PICTURES, CONTROL = Role.STREAM, Role.PICTURES, Role.CONTROL
    may_reorder = False
    asked = ""
    """The value of the field `Transport` that asks for it."""

    def agree(self, told: str, connection: socket.socket) -> None:
        """Take up the server's `Transport`. Raises ValueError where it makes no sense."""
        raise NotImplementedError

    def role(self, channel: int) -> Role | None:
        """What a channel inside the connection carries."""
        raise NotImplementedError

    def wait(self, connection: socket.socket, seconds: float) -> Iterator[tuple[Role, memoryview]]:
        """What came, each piece good until the next one; nothing where nothing came. Raises OSError.

        An empty piece of the connection is its end.
        """
        raise NotImplementedError

    def is_drained(self, connection: socket.socket) -> bool:
        """Whether all that came was given. Raises OSError."""
        return not _readable([connection], 0.0)

    def report(self, connection: socket.socket, data: bytes) -> None:
        """Send a packet of control. Raises OSError."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of sockets."""


class Inside(Carriage):
    """Inside the connection (RFC 2326 section 10.12)."""

    asked = "RTP/AVP/TCP;unicast;interleaved=0-1"

    def __init__(self) -> None:
        self._channels = (0, 1)
        self._buffer = memoryview(bytearray(_BUFFER))

    def agree(self, told: str, connection: socket.socket) -> None:
        """As `Carriage`."""
        found = re.search(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?", told)
        if found is not None:
            first = int(found[1])
            self._channels = first, int(found[2]) if found[2] else first + 1
        if max(self._channels) > 255:
            raise ValueError(told[:80])

    def role(self, channel: int) -> Carriage.Role | None:
        """As `Carriage`."""
        if channel == self._channels[0]:
            return Carriage.PICTURES
        return Carriage.CONTROL if channel == self._channels[1] else None

    def wait(self, connection: socket.socket, seconds: float) -> Iterator[tuple[Carriage.Role, memoryview]]:
        """As `Carriage`; the connection itself waits no longer than that."""
        try:
            count = connection.recv_into(self._buffer)
        except (BlockingIOError, TimeoutError, InterruptedError):
            return
        yield Carriage.STREAM, self._buffer[:count]

    def report(self, connection: socket.socket, data: bytes) -> None:
        """As `Carriage`."""
        connection.sendall(b"$" + bytes((self._channels[1],)) + len(data).to_bytes(2, "big") + data)


class Datagrams(Carriage):
    """By UDP to two ports of ours, an even one and the next (RFC 3550 section 11)."""

    may_reorder = True

    def __init__(self, connection: socket.socket) -> None:
        self._family, here = connection.family, connection.getsockname()[0]
        self._sockets = _pair(self._family, here)
        port = self._sockets[0].getsockname()[1]
        self.asked = f"RTP/AVP;unicast;client_port={port}-{port + 1}"
        self._there: tuple[tuple[str, int], tuple[str, int]] | None = None
        self._hosts: set[str] = set()

    def agree(self, told: str, connection: socket.socket) -> None:
        """As `Carriage`; opens the way through firewalls by a packet of our own."""
        peer = connection.getpeername()[0]
        source = re.search(r"source=([^;\s]+)", told)
        self._hosts = {peer, source[1]} if source is not None else {peer}
        ports = re.search(r"server_port=(\d{1,5})(?:-(\d{1,5}))?", told)
        if ports is None or not 0 < int(ports[1]) < 65_535:
            return
        self._there = (peer, int(ports[1])), (peer, int(ports[2] or int(ports[1]) + 1))
        try:
            self._sockets[0].sendto(b"\x80\x00" + bytes(10), self._there[0])
        except OSError:
            return  # the server will send or it will not

    def role(self, channel: int) -> Carriage.Role | None:
        """As `Carriage`: nothing travels inside."""
        return None

    def wait(self, connection: socket.socket, seconds: float) -> Iterator[tuple[Carriage.Role, memoryview]]:
        """As `Carriage`. What comes from another machine than the server is not looked at."""
        ready = _readable([connection, *self._sockets], seconds)
        for held, role in zip(self._sockets, (Carriage.PICTURES, Carriage.CONTROL), strict=True):
            if held not in ready:
                continue
            for _packet in range(_MOST_AT_ONCE):
                try:
                    data, sender = held.recvfrom(_BUFFER)
                except (BlockingIOError, ConnectionError):
                    break
                if sender[0] in self._hosts:
                    yield role, memoryview(data)
        if connection in ready:
            yield Carriage.STREAM, memoryview(connection.recv(_BUFFER))

    def is_drained(self, connection: socket.socket) -> bool:
        """As `Carriage`."""
        return not _readable([self._sockets[0]], 0.0)

    def report(self, connection: socket.socket, data: bytes) -> None:
        """As `Carriage`."""
        if self._there is not None:
            try:
                self._sockets[1].sendto(data, self._there[1])
            except (BlockingIOError, ConnectionError):
                return  # it is for nobody's good but the server's

    def close(self) -> None:
        """As `Carriage`."""
        for held in self._sockets:
            held.close()


def _pair(family: int, here: str) -> tuple[socket.socket, socket.socket]:
    for _attempt in range(_MOST_PORTS):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((here, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((here, port + 1))
                for held in (first, second):
                    held.setblocking(False)
                    held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE)
                return first, second
        except OSError:
            pass  # the next one is taken: try another
        first.close()
        second.close()
    raise OSError("no two ports side by side")


def _readable(sockets: list[socket.socket], seconds: float) -> list[socket.socket]:
    if hasattr(select, "poll"):  # select() knows no descriptor above 1023, Windows no poll()
        poll = select.poll()
        for held in sockets:
            poll.register(held, select.POLLIN)
        found = {descriptor for descriptor, _event in poll.poll(seconds * 1000)}
        return [held for held in sockets if held.fileno() in found]
    return select.select(sockets, [], [], seconds)[0]
