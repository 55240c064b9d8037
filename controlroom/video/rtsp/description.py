"""What a server tells of a stream (SDP, RFC 8866), as far as its pictures go."""

import base64
import binascii
import re
from urllib.parse import urljoin

from msgspec import Struct

_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc", "MP4V-ES": "mpeg4"}
_MOST_LINES = 2000
_SETS = {"h264": ("sprop-parameter-sets",), "hevc": ("sprop-vps", "sprop-sps", "sprop-pps"), "mpeg4": ()}


class Media(Struct, frozen=True):
    """The first track with pictures: its codec by FFmpeg's name, the type of its packets, its address, and the
    parameter sets that were told beforehand (units without start codes; for MPEG-4 one configuration)."""

    codec: str
    payload_type: int
    clock_hz: int
    control: str
    parameters: tuple[bytes, ...] = ()


def described(text: str, base: str) -> Media | None:
    """The track with pictures; None where there is none that this client unpacks."""
    sections = re.split(r"^m=", "\n".join(text.splitlines()[:_MOST_LINES]), flags=re.MULTILINE)
    above = _attributes(sections[0])
    for section in sections[1:]:
        head = section.partition("\n")[0].split()
        if len(head) < 4 or head[0] != "video":
            continue
        told = _attributes(section)
        for payload_type in head[3:]:
            codec, clock_hz = _mapped(told.get("rtpmap", []), payload_type)
            if codec:
                control = _address(base, above.get("control", [""])[0], told.get("control", [""])[0])
                sets = _sets(codec, told.get("fmtp", []), payload_type)
                return Media(codec, int(payload_type), clock_hz, control, sets)
    return None


def _attributes(section: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in section.splitlines():
        if line.startswith("a="):
            name, _, value = line[2:].strip().partition(":")
            found.setdefault(name.lower(), []).append(value.strip())
    return found


def _mapped(maps: list[str], payload_type: str) -> tuple[str, int]:
    if not (payload_type.isascii() and payload_type.isdecimal() and int(payload_type) < 128):
        return "", 0
    for entry in maps:
        number, _, coding = entry.partition(" ")
        name, _, clock = coding.strip().partition("/")
        clock = clock.partition("/")[0].strip()
        if number == payload_type and name.upper() in _CODECS and clock.isascii() and clock.isdecimal() and int(clock):
            return _CODECS[name.upper()], min(int(clock), 10**9)
    return "", 0


def _address(base: str, above: str, control: str) -> str:
    """The track's address (RFC 2326 appendix C.1.1)."""
    if above not in ("", "*"):
        base = above if "://" in above else urljoin(base, above)
    if control in ("", "*"):
        return base
    if "://" in control:
        return control
    return base + ("" if base.endswith("/") else "/") + control


def _sets(codec: str, formats: list[str], payload_type: str) -> tuple[bytes, ...]:
    for entry in formats:
        number, _, parameters = entry.partition(" ")
        if number != payload_type:
            continue
        pairs = (part.partition("=") for part in parameters.split(";"))
        told = {name.strip().lower(): value.strip() for name, _equal, value in pairs}
        try:
            if codec == "mpeg4":
                return (bytes.fromhex(told["config"]),) if "config" in told else ()
            coded = [part for name in _SETS[codec] for part in told.get(name, "").split(",") if part]
            return tuple(base64.b64decode(part + "=" * (-len(part) % 4)) for part in coded)
        except (ValueError, binascii.Error):
            return ()
    return ()
