"""Reaches a server, so that a dead one is told apart from a refusing one and a shutdown need not wait for it."""

import select
import socket
import threading
from typing import Any

from controlroom.video.fault import Fault, StreamFault

_POLL_S = 0.1


def dial(host: str, port: int, stop: threading.Event, timeout_s: float) -> socket.socket:
    """A connected TCP socket. Raises StreamFault; gives up within 0.1 s once `stop` is set."""
    place = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StreamFault(Fault.UNKNOWN_HOST, host) from error
    fault = Fault.NOBODY
    for family, kind, protocol, _name, where in found:
        connection = socket.socket(family, kind, protocol)
        try:
            if _connect(connection, where, stop, timeout_s):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
            fault = Fault.NO_ANSWER
        except OSError:
            fault = Fault.NOBODY
        connection.close()
    raise StreamFault(fault, place)


def _connect(connection: socket.socket, where: tuple[Any, ...], stop: threading.Event, timeout_s: float) -> bool:
    """Whether the connection stands in time. Raises OSError where it is refused."""
    connection.setblocking(False)
    code = connection.connect_ex(where)
    for _attempt in range(max(1, int(timeout_s / _POLL_S))):
        if stop.is_set():
            return False
        if code == 0 or _is_writable(connection):
            code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, "refused")
            connection.setblocking(True)
            return True
    return False


def _is_writable(connection: socket.socket) -> bool:
    if hasattr(select, "poll"):  # select() knows no descriptor above 1023, Windows no poll()
        poll = select.poll()
        poll.register(connection, select.POLLOUT)
        return bool(poll.poll(_POLL_S * 1000))
    return bool(select.select([], [connection], [], _POLL_S)[1])
