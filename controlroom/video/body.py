"""The body of an HTTP answer as a file that PyAV reads, and that another thread can cut off."""

import base64
import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from controlroom.video.address import Address
from controlroom.video.dial import dial
from controlroom.video.fault import Fault, StreamFault

_SAFE = "%/:=&?~+!$,;'@()*[]"


class Body:
    """Reads what arrives, without waiting for more than that.

    avformat's own HTTP reader cannot go on after a pause and cannot be stopped from outside; this one can be cut.
    `heard` is called by the reading thread whenever data came. Raises StreamFault while opening and reading.
    """

    def __init__(self, address: Address, stop: threading.Event, open_s: float, silence_s: float) -> None:
        self._address = address
        self._stop = stop
        self._open_s = open_s
        self._silence_s = silence_s
        self.heard: Callable[[], None] = _nothing
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None

    def open(self) -> None:
        """Ask for the stream."""
        connection = dial(self._address.host, self._address.port, self._stop, self._open_s)
        with self._lock:
            self._socket = connection
        if self._stop.is_set():
            raise StreamFault(Fault.ENDED)
        connection.settimeout(self._open_s)
        self._ask(connection)

    @property
    def kind(self) -> str:
        """The media type that the server tells."""
        return "" if self._response is None else self._response.headers.get_content_type()

    def read(self, size: int) -> bytes:
        """At most `size` bytes, empty at the end."""
        assert self._response is not None, "the body is not open"
        try:
            data = self._response.read1(size)
        except TimeoutError as error:
            raise StreamFault(Fault.SILENT) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self._stop.is_set():
                return b""
            raise StreamFault(Fault.ENDED) from error
        if data:
            self.heard()
        return data

    def cut(self) -> None:
        """Wake a waiting `read`, which then sees the end; callable from any thread."""
        with self._lock, contextlib.suppress(OSError):  # it may be gone already
            if self._socket is not None:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not the TLS one's, which would wait

    def close(self) -> None:
        """Let the connection go; called by the reading thread."""
        with self._lock:
            if self._response is not None:
                self._response.close()
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def _ask(self, connection: socket.socket) -> None:
        address = self._address
        parts = urlsplit(address.url)
        place = f"{address.host}:{address.port}"
        try:
            if address.is_encrypted:
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=address.host)
                with self._lock:
                    self._socket = connection
            path = quote(parts.path or "/", _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
            connection.sendall(_request(path, parts.netloc.rpartition("@")[2], parts.username, parts.password))
            response = self._response = http.client.HTTPResponse(connection, method="GET")
            response.begin()
            connection.settimeout(self._silence_s)
        except TimeoutError as error:
            raise StreamFault(Fault.NO_ANSWER, place) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StreamFault(Fault.NOT_VIDEO) from error
        if response.status != http.client.OK:
            raise _refusal(response.status)


def _nothing() -> None:
    """Nobody wants to hear of data."""


def _request(path: str, host: str, user: str | None, password: str | None) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Accept: */*", "Connection: close"]
    if user is not None:
        pair = f"{unquote(user)}:{unquote(password or '')}".encode()
        lines.append(f"Authorization: Basic {base64.b64encode(pair).decode()}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _refusal(status: int) -> StreamFault:
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return StreamFault(Fault.UNAUTHORISED)
    if status in (http.client.NOT_FOUND, http.client.GONE):
        return StreamFault(Fault.NOT_FOUND)
    return StreamFault(Fault.SERVER_ERROR, f"HTTP {status}")
