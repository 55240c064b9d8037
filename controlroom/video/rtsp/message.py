"""What comes over an RTSP connection (RFC 2326): answers, requests of the server, and packets between them."""

from collections.abc import Iterator

from msgspec import Struct

_LARGEST_HEAD = 32_768
_LARGEST_BODY = 1 << 20
_PACKET = 0x24
_STARTS = (b"RTSP/", b"OPTIONS ", b"ANNOUNCE ", b"GET_PARAMETER ", b"SET_PARAMETER ", b"REDIRECT ", b"TEARDOWN ")


class Malformed(Exception):
    """The other side does not speak RTSP."""


class Answer(Struct, frozen=True):
    """An answer or, with status 0, a request of the server, whose method is `reason` then.

    Names of `fields` are lower case; several fields of a name stand one after the other.
    """

    status: int
    reason: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def field(self, name: str) -> str:
        """The first field of that name, empty where there is none."""
        return next((value for held, value in self.fields if held == name), "")

    def all(self, name: str) -> list[str]:
        """All fields of that name."""
        return [value for held, value in self.fields if held == name]


class Interleaved(Struct, frozen=True):
    """A packet inside the connection (RFC 2326 section 10.12). The data are good until the next `feed`."""

    channel: int
    data: memoryview


class Framer:
    """Cuts what arrives into messages and packets; what is neither is skipped and counted in `skipped` (bytes).

    `left` is how many bytes came behind what was given last.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.skipped = self.left = 0

    def feed(self, data: bytes | memoryview) -> Iterator[Answer | Interleaved]:
        """Everything that is whole now. Raises Malformed for a message beyond all bounds."""
        whole = self._rest + data if self._rest else bytes(data)
        view, at, end = memoryview(whole), 0, len(whole)
        while at < end:
            if whole[at] == _PACKET:
                if end - at < 4:
                    break
                length = whole[at + 2] << 8 | whole[at + 3]
                if end - at < 4 + length:
                    break
                self.left = end - at - 4 - length
                yield Interleaved(whole[at + 1], view[at + 4 : at + 4 + length])
                at += 4 + length
                continue
            if not whole.startswith(_STARTS, at):
                following = _begins(whole, at)
                self.skipped += following - at
                if following == at:
                    break
                at = following
                continue
            found = _message(whole, at)
            if found is None:
                break
            answer, at = found
            yield answer
        self._rest = whole[at:]


def _begins(whole: bytes, at: int) -> int:
    """Where the next packet or message may begin; `at` itself where more must come to tell."""
    if any(start.startswith(whole[at:]) for start in _STARTS):
        return at
    places = [whole.find(start, at + 1) for start in (b"$", b"RTSP/")]
    return min((place for place in places if place >= 0), default=len(whole))


def _message(whole: bytes, at: int) -> tuple[Answer, int] | None:
    end = whole.find(b"\r\n\r\n", at, at + _LARGEST_HEAD)
    if end < 0:
        if len(whole) - at > _LARGEST_HEAD:
            raise Malformed("an endless head")
        return None
    line, *rest = whole[at:end].decode("utf-8", "replace").split("\r\n")
    pairs = (entry.partition(":") for entry in rest)
    fields = tuple((name.strip().lower(), value.strip()) for name, _colon, value in pairs)
    length = next((value for name, value in fields if name == "content-length"), "0")
    if not (length.isascii() and length.isdecimal()) or int(length) > _LARGEST_BODY:
        raise Malformed(f"a body of {length[:20]} bytes")
    body = end + 4
    if len(whole) < body + int(length):
        return None
    after = body + int(length)
    words = line.split(" ", 2)
    if not line.startswith("RTSP/"):
        return Answer(0, words[0], fields, whole[body:after]), after
    if len(words) < 2 or not (words[1].isascii() and words[1].isdecimal() and len(words[1]) == 3):
        raise Malformed(f"no answer: {line[:40]!r}")
    return Answer(int(words[1]), words[2] if len(words) > 2 else "", fields, whole[body:after]), after
