"""Asks the shared-video platform where a camera's stream is.

The address to ask is a template, `http://platform.example/api/live?camera={id}&stream={stream}`; `{id}` is the
camera's id and `{stream}` is main or sub. The answer is an address as plain text, or JSON that holds one.
"""

import json
import string
import threading
from collections import OrderedDict
from collections.abc import Mapping, Set
from typing import Any
from urllib.parse import quote

from controlroom.clock import Clock
from controlroom.video.address import PLATFORM, Address, Kind, masked, parse
from controlroom.video.body import Body
from controlroom.video.fault import Fault, StreamFault

KEPT_S = 60.0
"""Addresses of platforms hold a token that is good for some minutes; one is asked for anew after so long."""
_KEPT = 256
_MOST_BYTES = 65536
_MOST_NODES = 500
_PREFERRED = (Kind.RTSP, Kind.HTTP, Kind.RTMP, Kind.HLS)


def address_of(camera: str, is_sub: bool = False) -> str:
    """The address that stands for a camera until the platform is asked."""
    return f"{PLATFORM}:{quote(camera, safe='')}" + ("/sub" if is_sub else "")


class Platform:
    """Answers from memory for a while; any thread may ask, and waits for the network."""

    def __init__(self, template: str, clock: Clock) -> None:
        self._template = template
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, Address]] = OrderedDict()

    def resolved(self, asked: Address, stop: threading.Event, open_s: float) -> Address:
        """Where the stream is. Raises StreamFault, also where no platform is set."""
        now_s = self._clock.monotonic()
        with self._lock:
            held = self._held.get(asked.url)
        if held is not None and now_s - held[0] < KEPT_S:
            return held[1]
        found = self._ask(asked, stop, open_s)
        with self._lock:
            self._held[asked.url] = now_s, found
            self._held.move_to_end(asked.url)
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
        return found

    def forget(self, asked: Address) -> None:
        """What was found did not work: the next time the platform is asked again."""
        with self._lock:
            self._held.pop(asked.url, None)

    def _ask(self, asked: Address, stop: threading.Event, open_s: float) -> Address:
        camera, _, which = asked.url.removeprefix(f"{PLATFORM}:").partition("/")
        address = filled(self._template, {"id": camera, "stream": which or "main"}, {"id"})
        return found_in(fetched(address, stop, open_s))


def fetched(address: Address, stop: threading.Event, open_s: float) -> bytes:
    """A short answer over HTTP, cut where it is too long. Raises StreamFault."""
    body = Body(address, stop, open_s, open_s)
    data = b""
    try:
        body.open()
        while len(data) <= _MOST_BYTES:
            piece = body.read(_MOST_BYTES)
            if not piece:
                break
            data += piece
    finally:
        body.close()
    return data


def found_in(answer: bytes) -> Address:
    """The address in an answer, the kind that begins soonest where there are several.

    Raises StreamFault(PLATFORM) where there is none.
    """
    text = answer[:_MOST_BYTES].decode("utf-8", "replace").strip()
    texts = [text]
    if text.startswith(("{", "[", '"')):
        try:
            texts = _strings(json.loads(text))
        except (ValueError, RecursionError):
            texts = []
    found = [address for address in map(_address, texts) if address is not None]
    if not found:
        raise StreamFault(Fault.PLATFORM, masked(text)[:80])
    return min(found, key=lambda address: _PREFERRED.index(address.kind))


def _address(text: str) -> Address | None:
    try:
        address = parse(text)
    except StreamFault:
        return None
    return address if address.kind in _PREFERRED else None


def _strings(value: Any) -> list[str]:
    """The texts in a JSON value, in their order, within bounds."""
    waiting, found = [value], []
    for _step in range(_MOST_NODES):
        if not waiting:
            break
        one = waiting.pop(0)
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return found


def filled(template: str, values: Mapping[str, str], needed: Set[str]) -> Address:
    """The address of a template; it must name all that is needed and nothing that is not in `values`.

    Raises StreamFault(PLATFORM_ADDRESS).
    """
    try:
        names = {name for _text, name, _form, _turn in string.Formatter().parse(template) if name is not None}
        if not needed <= names <= values.keys():
            raise StreamFault(Fault.PLATFORM_ADDRESS)
        address = parse(template.format(**values))
    except (ValueError, StreamFault) as error:
        raise StreamFault(Fault.PLATFORM_ADDRESS) from error
    if address.kind not in (Kind.HTTP, Kind.HLS):
        raise StreamFault(Fault.PLATFORM_ADDRESS)
    return address
