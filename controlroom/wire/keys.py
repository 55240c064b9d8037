"""CURVE keys: who may talk to a hub that listens beyond its own machine.

A keys folder holds `hub.key_secret`, `hub.key` and `allowed/*.key` (the public keys of seats and sources).
Secret files are written with mode 0600 and refused when others may read them.
"""

import os
from pathlib import Path
from typing import NamedTuple

import zmq
from zmq.auth.certs import load_certificate
from zmq.utils import z85

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

Z85_LENGTH = 40


class KeyPair(NamedTuple):
    """A CURVE key pair, Z85 text as bytes."""

    public: bytes
    secret: bytes


def create(folder: Path, name: str) -> KeyPair:
    """Make and write a key pair `name`; the secret file is readable by its owner alone.

    Raises EnvironmentFault when a file cannot be written, or exists: a key is never overwritten.
    """
    public, secret = zmq.curve_keypair()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{name}.key_secret", public, secret, 0o600)
        _write(folder / f"{name}.key", public, None, 0o644)
    except FileExistsError as error:
        raise EnvironmentFault(
            _("The key {path} exists already; move it away first.").format(path=error.filename or folder)
        ) from error
    except OSError as error:
        raise EnvironmentFault(
            _("The key cannot be written to {folder} ({error}); name another folder with --keys.").format(
                folder=folder, error=error
            )
        ) from error
    return KeyPair(public, secret)


def load(path: Path) -> KeyPair:
    """Read a secret key file. Raises EnvironmentFault when it is absent, unreadable or open to others."""
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & 0o077:
            raise EnvironmentFault(_("The key {path} can be read by others; run: chmod 600 {path}").format(path=path))
        public, secret = _read(path)
    except (OSError, ValueError) as error:
        raise EnvironmentFault(
            _("The key {path} cannot be read ({error}); make one with: controlroom keys").format(path=path, error=error)
        ) from error
    if secret is None:
        raise EnvironmentFault(_("The file {path} holds no secret key; name the .key_secret file.").format(path=path))
    return KeyPair(public, secret)


def public_of(path: Path) -> bytes:
    """The public key in a .key file. Raises EnvironmentFault."""
    try:
        public, _secret = _read(path)
    except (OSError, ValueError) as error:
        raise EnvironmentFault(_("The key {path} cannot be read ({error}).").format(path=path, error=error)) from error
    return public


def allowed(folder: Path) -> frozenset[bytes]:
    """The public keys that may connect: `allowed/*.key` of a hub's keys folder."""
    return frozenset(public_of(path) for path in sorted((folder / "allowed").glob("*.key")))


def admit(folder: Path, name: str) -> None:
    """Let the hub of this folder accept the public key `name`.key that lies in it. Raises EnvironmentFault."""
    try:
        (folder / "allowed").mkdir(exist_ok=True)
        (folder / "allowed" / f"{name}.key").write_bytes((folder / f"{name}.key").read_bytes())
    except OSError as error:
        raise EnvironmentFault(
            _("The key cannot be written to {folder} ({error}); name another folder with --keys.").format(
                folder=folder / "allowed", error=error
            )
        ) from error


def _read(path: Path) -> tuple[bytes, bytes | None]:
    """Both keys of a file. Raises OSError or ValueError, also for what libzmq would refuse later."""
    public, secret = load_certificate(path)
    for key in (public, secret):
        if key is not None and (len(key) != Z85_LENGTH or set(key) - set(z85.Z85CHARS)):
            raise ValueError("not 40 characters of Z85")
    return public, secret


def _write(path: Path, public: bytes, secret: bytes | None, mode: int) -> None:
    lines = ["metadata", "curve", f'    public-key = "{public.decode()}"']
    if secret is not None:
        lines.append(f'    secret-key = "{secret.decode()}"')
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")


class Gate:
    """Answers libzmq's question whether a key may connect (ZAP 1.0, RFC 27).

    Lives on the thread that owns the hub's sockets; `socket` is polled there and `answer` called when it is readable.
    """

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", keys: frozenset[bytes]) -> None:
        self._keys = keys
        self.turned_away = 0
        self.socket: zmq.Socket[bytes] = context.socket(zmq.REP)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.bind("inproc://zeromq.zap.01")

    def answer(self) -> None:
        """Answer one question."""
        frames = self.socket.recv_multipart()
        version, number, mechanism = frames[0], frames[1], frames[5]
        key = z85.encode(frames[6]) if mechanism == b"CURVE" and len(frames) > 6 else b""
        welcome = key in self._keys
        if not welcome:
            self.turned_away += 1
        self.socket.send_multipart(
            [version, number, b"200" if welcome else b"400", b"OK" if welcome else b"key not allowed", key, b""]
        )

    def admit(self, keys: frozenset[bytes]) -> None:
        """From now on these keys may connect, and no others."""
        self._keys = keys

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
