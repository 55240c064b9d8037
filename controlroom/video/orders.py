"""What the process that shows pictures and a process that decodes them say to each other, one datagram each.

Descriptors of shared memory travel beside the datagram that needs them: `Open` brings the stream's facts, `Show` the
feed's exchange unless it goes on with the one it has. The first order is `Begin`. Addresses travel here and not in the
command line, where everybody could read their passwords.
"""

import msgspec
from msgspec import Struct

from controlroom.video.archive import Archive
from controlroom.video.clip_order import ClipOrder
from controlroom.video.load import Depth
from controlroom.video.past import Where
from controlroom.video.ring import Allotment
from controlroom.video.signal import Signal
from controlroom.video.stream import Timing

LARGEST = 65536


class Begin(Struct, frozen=True, tag=True):
    """How the worker works."""

    timing: Timing
    opens: int
    decodes: int
    platform: str = ""
    """The template of the shared-video platform; it may hold a password, so it travels here too."""
    archive: Archive = Archive()
    allotment: Allotment = Allotment()


class Keep(Struct, frozen=True, tag=True):
    """Keep so much of the last minutes from now on: others began to keep some too."""

    allotment: Allotment


class Open(Struct, frozen=True, tag=True):
    """Watch a stream; `signal` is what is known of it from a worker before this one."""

    stream: int
    name: str
    url: str
    signal: Signal


class Recall(Struct, frozen=True, tag=True):
    """Look at a camera's past; `stream` is the number by which it is shown, sought and closed."""

    stream: int
    name: str
    where: Where
    signal: Signal


class Cut(Struct, frozen=True, tag=True):
    """Write a clip; `Close` cancels it."""

    stream: int
    name: str
    order: ClipOrder
    signal: Signal


class Seek(Struct, frozen=True, tag=True):
    """Show this moment (seconds since 1970) and go on from it at a speed."""

    stream: int
    at_s: float
    speed: float


class Show(Struct, frozen=True, tag=True):
    """Fit a feed's pictures into so many device pixels; 0 x 0 asks for none."""

    stream: int
    feed: int
    width_px: int
    height_px: int


class Leave(Struct, frozen=True, tag=True):
    """Feed this one no more."""

    stream: int
    feed: int


class Thin(Struct, frozen=True, tag=True):
    """Decode so much of a stream from now on; `is_first`: before others that wait for their turn."""

    stream: int
    depth: Depth
    is_first: bool = False


class Close(Struct, frozen=True, tag=True):
    """Watch a stream no longer."""

    stream: int


class Alive(Struct, frozen=True, tag=True):
    """The worker listens; the first one says that it is ready."""


class Told(Struct, frozen=True, tag=True):
    """A record for the log."""

    logger: str
    level: int
    text: str


Order = Begin | Keep | Open | Recall | Cut | Seek | Show | Leave | Thin | Close
Answer = Alive | Told

encoder = msgspec.msgpack.Encoder()
orders = msgspec.msgpack.Decoder(Order)
answers = msgspec.msgpack.Decoder(Answer)
