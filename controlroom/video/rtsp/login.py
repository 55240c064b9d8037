"""How a client proves who it is: Basic (RFC 7617) and Digest (RFC 7616, and RFC 2069 as cameras still speak it)."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence

from msgspec import Struct

_PART = re.compile(r'([a-z0-9_-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))', re.IGNORECASE)
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "SHA-256": hashlib.sha256,
}
_RANKS = ("basic", "MD5", "SHA-256")


class _Challenge(Struct, frozen=True):
    kind: str
    realm: str = ""
    nonce: str = ""
    opaque: str = ""
    is_counted: bool = False
    is_session: bool = False


class Login:
    """A name and a password, and what the server asked for; `fresh` gives a number used once."""

    def __init__(self, user: str, password: str, fresh: Callable[[], str] = secrets.token_hex) -> None:
        self._fresh = fresh
        self._user = user
        self._password = password
        self._challenge: _Challenge | None = None
        self._count = 0

    def learn(self, fields: Sequence[str]) -> bool:
        """Take up the fields `WWW-Authenticate` of a refusal; whether trying again is of use."""
        known = [challenge for challenge in map(_read, fields) if challenge is not None]
        if not self._user or not known:
            return False
        chosen = max(known, key=lambda challenge: _RANKS.index(challenge.kind))
        if chosen == self._challenge:
            return False  # the very same question again: the answer was wrong
        self._challenge, self._count = chosen, 0
        return True

    def field(self, method: str, url: str) -> str:
        """The value of the field `Authorization` for a request, empty where none was asked for."""
        asked = self._challenge
        if asked is None:
            return ""
        if asked.kind == "basic":
            return "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        self._count += 1
        own, count = self._fresh(), f"{self._count:08x}"

        def digest(text: str) -> str:
            return _HASHES[asked.kind](text.encode()).hexdigest()

        first = digest(f"{self._user}:{asked.realm}:{self._password}")
        if asked.is_session:
            first = digest(f"{first}:{asked.nonce}:{own}")
        second = digest(f"{method}:{url}")
        between = f"{asked.nonce}:{count}:{own}:auth" if asked.is_counted else asked.nonce
        name = asked.kind + ("-sess" if asked.is_session else "")
        parts = [f'username="{self._user}"', f'realm="{asked.realm}"', f'nonce="{asked.nonce}"', f'uri="{url}"']
        parts += [f'response="{digest(f"{first}:{between}:{second}")}"', f"algorithm={name}"]
        if asked.opaque:
            parts.append(f'opaque="{asked.opaque}"')
        if asked.is_counted:
            parts += ["qop=auth", f"nc={count}"]
        if asked.is_counted or asked.is_session:
            parts.append(f'cnonce="{own}"')
        return "Digest " + ", ".join(parts)


def _read(field: str) -> _Challenge | None:
    scheme, _, rest = field.strip().partition(" ")
    parts = {name.lower(): quoted or bare for name, quoted, bare in _PART.findall(rest)}
    if scheme.lower() == "basic":
        return _Challenge("basic", parts.get("realm", ""))
    name = parts.get("algorithm", "MD5").upper()
    kind = name.removesuffix("-SESS")
    if scheme.lower() != "digest" or kind not in _HASHES or "nonce" not in parts:
        return None
    ways = [way.strip().lower() for way in parts.get("qop", "").split(",") if way.strip()]
    if ways and "auth" not in ways:
        return None
    return _Challenge(
        kind, parts.get("realm", ""), parts["nonce"], parts.get("opaque", ""), bool(ways), name.endswith("-SESS")
    )
