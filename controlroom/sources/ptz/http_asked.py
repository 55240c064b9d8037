"""One HTTP connection to a camera or platform: bounded in time and size, with digest where it is asked for."""

import hashlib
import http.client
import re
import secrets
import socket
import ssl
import time
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from controlroom.domain.ptz import PtzTrouble
from controlroom.sources.ptz.fault import PtzFault

WITHIN_S = 2.0
"""A camera that takes longer than this for one answer is told to be slow (house figure)."""
MOST_BYTES = 512 * 1024
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_PART = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Credentials(Struct, frozen=True):
    """Who we are; never in a log, a report or an address."""

    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"


class Address(Struct, frozen=True):
    """Where an HTTP service is."""

    host: str
    port: int
    path: str
    is_secure: bool = False

    def at(self, path: str) -> "Address":
        """Another service of the same host: cameras behind a router tell addresses that only they can reach."""
        split = urlsplit(path)
        return Address(
            self.host, self.port, (split.path or "/") + ("?" + split.query if split.query else ""), self.is_secure
        )


def parse(text: str) -> Address:
    """The parts of an http or https address. Raises PtzFault for another, and for one that holds credentials."""
    try:
        split: SplitResult = urlsplit(text)
        port = split.port or (443 if split.scheme == "https" else 80)
    except ValueError as error:
        raise PtzFault(PtzTrouble.ADDRESS) from error
    if split.scheme not in ("http", "https") or not split.hostname or "@" in split.netloc:
        raise PtzFault(PtzTrouble.ADDRESS)
    if any(not 32 < ord(letter) < 127 for letter in text):
        raise PtzFault(PtzTrouble.ADDRESS)
    path = (split.path or "/") + ("?" + split.query if split.query else "")
    return Address(split.hostname, port, path, split.scheme == "https")


class Asker:
    """Keeps one connection; used by one thread. Every answer comes within a time, or not at all."""

    def __init__(self, address: Address, credentials: Credentials, within_s: float = WITHIN_S) -> None:
        self._address = address
        self._credentials = credentials
        self._within_s = within_s
        self._connection: http.client.HTTPConnection | None = None
        self._challenge = ""
        self._count = 0

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        """The status and the body of an answer. Raises PtzFault."""
        status, data, asked = self._try(method, path, body, kind)
        if status == 401 and asked and self._credentials.user:
            self._challenge, self._count = asked, 0
            status, data, _asked = self._try(method, path, body, kind)
        if status in (401, 403):
            raise PtzFault(PtzTrouble.REFUSED, f"HTTP {status}")
        return status, data

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes, str]:
        """One round; a kept connection that the camera has closed meanwhile is opened again, once."""
        was_kept = self._connection is not None
        try:
            return self._once(method, path, body, kind)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            self.close()
            if not was_kept:
                raise PtzFault(PtzTrouble.GARBAGE, "the connection was cut") from error
        return self._again(method, path, body, kind)

    def _again(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes, str]:
        try:
            return self._once(method, path, body, kind)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            self.close()
            raise PtzFault(PtzTrouble.GARBAGE, "the connection was cut") from error

    def _once(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes, str]:
        until = time.monotonic() + self._within_s
        fields = {"Content-Type": kind} if kind else {}
        if self._challenge:
            fields["Authorization"] = self._authorised(method, path)
        try:
            connection = self._connected()
            connection.request(method, path, body or None, fields)
            response = connection.getresponse()
            data = _read(response, connection, until)
            asked = _best([value for name, value in response.getheaders() if name.lower() == "www-authenticate"])
            if response.will_close:
                self.close()
            return response.status, data, asked
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            raise
        except TimeoutError as error:
            self.close()
            raise PtzFault(PtzTrouble.SLOW, f"{self._within_s:g} s") from error
        except (http.client.HTTPException, ValueError) as error:
            self.close()
            raise PtzFault(PtzTrouble.GARBAGE, type(error).__name__) from error
        except OSError as error:
            self.close()
            raise PtzFault(PtzTrouble.UNREACHABLE, error.strerror or type(error).__name__) from error

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = self._address.host, self._address.port
            if self._address.is_secure:
                # Cameras sign their own certificates; what is encrypted at all is better than what is not.
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                self._connection = http.client.HTTPSConnection(host, port, timeout=self._within_s, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=self._within_s)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    def _authorised(self, method: str, path: str) -> str:
        self._count += 1
        return authorised(self._challenge, self._credentials, method, path, self._count, secrets.token_hex(8))


def authorised(challenge: str, credentials: Credentials, method: str, path: str, count: int, client: str) -> str:
    """The answer to a digest challenge (RFC 7616, qop auth or none). Raises PtzFault for one we do not know."""
    parts = {name.lower(): quoted or plain for name, quoted, plain in _PART.findall(challenge)}
    algorithm = parts.get("algorithm", "MD5")
    make = _HASHES.get(algorithm.upper())
    if not challenge.lower().startswith("digest") or make is None:
        raise PtzFault(PtzTrouble.REFUSED, "another kind of login")

    def digest(text: str) -> str:
        return make(text.encode()).hexdigest()

    realm, nonce = parts.get("realm", ""), parts.get("nonce", "")
    secret = digest(f"{credentials.user}:{realm}:{credentials.password}")
    wanted = digest(f"{method}:{path}")
    fields = {"username": credentials.user, "realm": realm, "nonce": nonce, "uri": path}
    if "qop" in parts:
        number = f"{count:08x}"
        fields["response"] = digest(f"{secret}:{nonce}:{number}:{client}:auth:{wanted}")
        tail = f', qop=auth, nc={number}, cnonce="{client}"'
    else:
        fields["response"], tail = digest(f"{secret}:{nonce}:{wanted}"), ""
    if "opaque" in parts:
        fields["opaque"] = parts["opaque"]
    return (
        "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items()) + f", algorithm={algorithm}" + tail
    )


def _best(challenges: list[str]) -> str:
    """The digest among several challenges, SHA-256 before MD5."""
    digests = [each for each in challenges if each.lower().startswith("digest")]
    return next((each for each in digests if "sha-256" in each.lower()), digests[0] if digests else "")


def _read(response: http.client.HTTPResponse, connection: http.client.HTTPConnection, until: float) -> bytes:
    """The body; one that drips is cut off at its time, one without an end at its size."""
    data = b""
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(65_536)
        if not piece:
            response.close()  # else the connection takes no other question
            return data
        data += piece
        if len(data) > MOST_BYTES:
            raise ValueError("the answer is too long")
