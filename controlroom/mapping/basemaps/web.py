"""Asks one host of the government network, and no other, for documents and tiles."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from controlroom.i18n import _

_REDIRECTS = 3
_ATTEMPTS = 2
_PAUSE_S = 0.3
_PIECE = 65536
_CONNECT_S = 3.0
_LONGEST_WAIT_S = 60.0


class WebFault(Exception):
    """The host did not answer as it should; the text is for the officer and holds no address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer(Struct, frozen=True):
    """What the host said."""

    status: int
    body: bytes


class Host:
    """HTTP GET to the host of `address`; any thread may ask and waits. A redirect to another host is refused.

    After a failure the host is left alone for 1 s, then 2 s, 4 s … to a minute: `rests` tells so. No proxy is used.
    """

    def __init__(self, address: str, timeout_s: float) -> None:
        parts = urlsplit(address)
        try:
            port = parts.port
        except ValueError as error:
            raise WebFault(_("its address is none")) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise WebFault(_("its address is none of http:// or https://"))
        self._scheme, self._name = parts.scheme, parts.hostname
        self._port = port or (443 if parts.scheme == "https" else 80)
        self._timeout_s = timeout_s
        self._idle: list[http.client.HTTPConnection] = []
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._asking: set[http.client.HTTPConnection] = set()
        self._wait_s = 0.0
        self._again_at = 0.0

    @property
    def rests(self) -> bool:
        """Whether it failed so lately that it is not asked."""
        return time.monotonic() < self._again_at

    def close(self) -> None:
        """Ends what is being asked; no request begins after this."""
        self._stopped.set()
        with self._lock:
            for connection in self._asking:
                with contextlib.suppress(OSError):
                    if connection.sock is not None:
                        connection.sock.shutdown(socket.SHUT_RDWR)
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def get(self, target: str, most_bytes: int) -> Answer:
        """The answer to a path with its query; status 200, or 400 to 499. Raises WebFault."""
        for attempt in range(_ATTEMPTS):
            try:
                found = self._followed(target, most_bytes)
            except WebFault:
                if attempt + 1 == _ATTEMPTS or self._stopped.wait(_PAUSE_S):
                    self._failed()
                    raise
            else:
                self._again_at = self._wait_s = 0.0
                return found
        raise AssertionError

    def failed(self) -> None:
        """It answered, but not what was asked for: it is left alone for a while too."""
        self._failed()

    def _failed(self) -> None:
        with self._lock:
            if not self.rests:
                self._wait_s = min(_LONGEST_WAIT_S, max(1.0, self._wait_s * 2))
                self._again_at = time.monotonic() + self._wait_s

    def _followed(self, target: str, most_bytes: int) -> Answer:
        until = time.monotonic() + self._timeout_s
        for _hop in range(_REDIRECTS + 1):
            status, moved, body = self._once(target, most_bytes, until)
            if status not in (301, 302, 303, 307, 308):
                if status == 200 or 400 <= status < 500:
                    return Answer(status, body)
                raise WebFault(_("it answers with status {status}").format(status=status))
            there = urlsplit(urljoin(f"{self._scheme}://{self._name}:{self._port}{target}", moved))
            if not self._is_same(there.scheme, there.hostname, there.netloc):
                raise WebFault(_("it sends us to another host, which is refused"))
            target = there.path + (f"?{there.query}" if there.query else "")
        raise WebFault(_("it sends us round in circles"))

    def _is_same(self, scheme: str, name: str | None, netloc: str) -> bool:
        port = netloc.rpartition(":")[2]
        number = int(port) if port.isdecimal() and len(port) < 6 else (443 if scheme == "https" else 80)
        return (scheme, name, number) == (self._scheme, self._name, self._port)

    def _once(self, target: str, most_bytes: int, until: float) -> tuple[int, str, bytes]:
        """Status, where to look instead, body; a connection that had rested too long is opened anew."""
        for is_fresh in (False, True):
            with self._lock:
                held = self._idle.pop() if self._idle and not is_fresh else None
                connection = held or self._connection(until)
                self._asking.add(connection)
            try:
                return self._asked(connection, target, most_bytes, until)
            except (http.client.HTTPException, ConnectionError) as error:
                connection.close()
                if held is None:
                    raise WebFault(_("it does not speak as a web server")) from error
            except TimeoutError as error:
                connection.close()
                raise WebFault(_("it does not answer in time")) from error
            except OSError as error:
                connection.close()
                raise WebFault(_("it cannot be reached")) from error
            except WebFault:
                connection.close()
                raise
            finally:
                with self._lock:
                    self._asking.discard(connection)
        raise AssertionError

    def _asked(
        self, connection: http.client.HTTPConnection, target: str, most_bytes: int, until: float
    ) -> tuple[int, str, bytes]:
        if self._stopped.is_set():
            raise WebFault(_("it is no longer asked"))
        if connection.sock is None:
            try:
                connection.connect()
            except ConnectionError as error:
                raise WebFault(_("it cannot be reached")) from error
        if connection.sock is not None:
            connection.sock.settimeout(max(0.05, until - time.monotonic()))
        connection.request("GET", target, headers={"Accept": "*/*", "User-Agent": "controlroom"})
        answer = connection.getresponse()
        body = bytearray()
        while piece := answer.read1(_PIECE):
            body += piece
            if len(body) > most_bytes:
                raise WebFault(_("its answer is too long"))
            if time.monotonic() > until:
                raise TimeoutError
        with self._lock:
            if answer.will_close or self._stopped.is_set():
                connection.close()
            else:
                self._idle.append(connection)
        return answer.status, answer.headers.get("Location", ""), bytes(body)

    def _connection(self, until: float) -> http.client.HTTPConnection:
        left = max(0.05, min(_CONNECT_S, until - time.monotonic()))
        if self._scheme == "https":
            return http.client.HTTPSConnection(
                self._name, self._port, timeout=left, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._name, self._port, timeout=left)
