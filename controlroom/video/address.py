"""Where a stream is, and how that is shown without its secrets."""

import enum
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from controlroom.video.fault import Fault, StreamFault

_LONGEST = 4096
_USER = re.compile(r"(?<=://)[^\s\"'<>]*@")
_QUERY = re.compile(r"(?<=[?&;])([^=&;\s\"'<>]+)=[^&;\s\"'<>]*")
_PATH = re.compile(
    r"(?i)((?:user(?:name)?|pass(?:word|wd)?|pwd|token|secret|auth|sign(?:ature)?|key)=)[^&/?;_\s\"'<>]+"
)
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


class Kind(enum.StrEnum):
    """How a stream is fetched."""

    RTSP = "rtsp"
    HTTP = "http"
    FILE = "file"


@dataclass(frozen=True, repr=False)
class Address:
    """A checked address: `url` may hold a password and is never shown, `shown` holds none.

    `path` is set for files only, `host` and `port` for the others.
    """

    kind: Kind
    url: str
    shown: str
    host: str = ""
    port: int = 0
    path: Path | None = None
    is_encrypted: bool = False

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"


def masked(text: str) -> str:
    """The text with every user name, password and query value of the addresses in it replaced by stars."""
    return _PATH.sub(r"\1***", _QUERY.sub(r"\1=***", _USER.sub("***@", text)))


def parse(url: str) -> Address:
    """The address of an rtsp, rtsps, http, https or file URL, or of a plain absolute path.

    Raises StreamFault(BAD_ADDRESS) for anything else.
    """
    text = url.strip()
    shown = masked(text)[:200]
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise StreamFault(Fault.BAD_ADDRESS, shown)
    if Path(text).is_absolute():
        return Address(Kind.FILE, text, shown, path=Path(text))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise StreamFault(Fault.BAD_ADDRESS, shown) from error
    if parts.scheme == "file" and host in ("", "localhost") and parts.path:
        return Address(Kind.FILE, text, shown, path=Path(url2pathname(unquote(parts.path))))
    if parts.scheme not in _PORTS or not host or port == 0:
        raise StreamFault(Fault.BAD_ADDRESS, shown)
    kind = Kind.RTSP if parts.scheme.startswith("rtsp") else Kind.HTTP
    return Address(
        kind, text, shown, host, port or _PORTS[parts.scheme], is_encrypted=parts.scheme in ("rtsps", "https")
    )
