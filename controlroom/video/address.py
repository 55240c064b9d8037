"""Where a stream is, and how that is shown without its secrets."""

import enum
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from controlroom.video.fault import Fault, StreamFault

PLATFORM = "platform"
"""The scheme of addresses that the shared-video platform resolves: `platform:<camera>` or `platform:<camera>/sub`."""

_LONGEST = 4096
_USER = re.compile(r"(?<=://)[^\s\"'<>]*@")
_QUERY = re.compile(r"(?<=[?&;])([^=&;\s\"'<>]+)=[^&;\s\"'<>]*")
_PATH = re.compile(
    r"(?i)((?:user(?:name)?|pass(?:word|wd)?|pwd|token|secret|auth|sign(?:ature)?|key)=)[^&/?;_\s\"'<>]+"
)
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935, "rtmps": 443, "udp": 1234}


class Kind(enum.StrEnum):
    """How a stream is fetched."""

    RTSP = "rtsp"
    HTTP = "http"
    HLS = "hls"
    RTMP = "rtmp"
    UDP = "udp"
    """An MPEG transport stream in datagrams, often to a group (239.…)."""
    FILE = "file"
    PLATFORM = "platform"
    """A camera by its id: the shared-video platform is asked where its stream is."""


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
    """The address of an rtsp(s), rtmp(s), http(s), udp or file URL, of `platform:<camera>` or of an absolute path.

    An http address whose path ends in .m3u8 is a playlist (HLS). Raises StreamFault(BAD_ADDRESS) for anything else.
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
    if parts.scheme == PLATFORM and parts.path:
        return Address(Kind.PLATFORM, text, shown)
    if parts.scheme not in _PORTS or not host or port == 0:
        raise StreamFault(Fault.BAD_ADDRESS, shown)
    kind = _kind(parts.scheme, parts.path)
    is_encrypted = parts.scheme in ("rtsps", "https", "rtmps")
    return Address(kind, text, shown, host, port or _PORTS[parts.scheme], is_encrypted=is_encrypted)


def _kind(scheme: str, path: str) -> Kind:
    if scheme == "udp":
        return Kind.UDP
    if scheme.startswith("rt"):
        return Kind.RTSP if scheme.startswith("rtsp") else Kind.RTMP
    return Kind.HLS if path.lower().endswith((".m3u8", ".m3u")) else Kind.HTTP
