"""Decoders of a graphics card, as far as the library has them and the machine has the card."""

import logging
import sys
import threading
from pathlib import Path

import av
from av.codec.context import CodecContext
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.video.codeccontext import VideoCodecContext

_log = logging.getLogger(__name__)

_PREFERRED = ("cuda", "d3d11va", "videotoolbox", "qsv", "vaapi", "amf")
_NODES = {"cuda": "/dev/nvidiactl", "qsv": "/dev/dri/renderD128", "vaapi": "/dev/dri/renderD128"}
_CODECS = frozenset(("h264", "hevc", "mjpeg", "av1", "vp9"))


def candidates() -> list[str]:
    """The kinds that the library knows and for which this machine has a device, the best first.

    Names that the library does not know must not be tried: it takes them for its default.
    """
    known = set(hwdevices_available())
    named = [name for name in _PREFERRED if name in known]
    if not sys.platform.startswith("linux"):
        return named
    return [name for name in named if name in _NODES and Path(_NODES[name]).exists()]


class Hardware:
    """Gives out hardware decoders until one kind fails too often; any thread may ask."""

    _MOST_FAILURES = 3

    def __init__(self, names: list[str] | None = None) -> None:
        self._lock = threading.Lock()
        self._failures = dict.fromkeys(candidates() if names is None else names, 0)

    @property
    def names(self) -> list[str]:
        """The kinds that are still trusted."""
        with self._lock:
            return [name for name, count in self._failures.items() if count < self._MOST_FAILURES]

    def made(self, codec: str) -> tuple[str, VideoCodecContext] | None:
        """A decoder that is not opened yet, and its kind; None where the processor is to decode."""
        if codec not in _CODECS:
            return None
        for name in self.names:
            try:
                context = CodecContext.create(codec, "r", hwaccel=HWAccel(name, allow_software_fallback=False))
            except (av.error.FFmpegError, RuntimeError, ValueError, NotImplementedError) as error:
                self.failed(name, str(error))
                continue
            if isinstance(context, VideoCodecContext):
                context.thread_count = 1
                context.flags |= av.codec.context.Flags.low_delay
                return name, context
        return None

    def failed(self, name: str, why: str) -> None:
        """A decoder of this kind failed; after a few the kind is left alone."""
        with self._lock:
            self._failures[name] = self._failures.get(name, 0) + 1
            is_last = self._failures[name] == self._MOST_FAILURES
        if is_last:
            _log.info("video is not decoded by %s any more: %s", name, why)
