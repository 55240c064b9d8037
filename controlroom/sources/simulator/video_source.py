"""Where a simulated camera's coded pictures come from: a scene encoded live."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from msgspec import Struct

from controlroom.clock import Clock
from controlroom.domain.ptz import Pose
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.sources.simulator.scene import HEIGHT, WIDTH, Scene, SceneCamera

TICKS = 90_000
"""Ticks of a second in RTP and in MPEG transport streams."""

SPS = 7
PPS = 8
_DELIMITER = 9


class AccessUnit(Struct, frozen=True):
    """One coded picture as H.264 NAL units without start codes; `pts` counts 1/90000 s."""

    nals: tuple[bytes, ...]
    pts: int
    is_key: bool


class Source(Protocol):
    """Gives one access unit after the other; called by one worker thread at a time."""

    interval_s: float

    def next(self, force_key: bool) -> AccessUnit:
        """The next picture, a key picture where that is asked and possible."""


def split(stream: bytes) -> tuple[bytes, ...]:
    """The NAL units of an H.264 byte stream (ITU-T H.264 annex B), delimiters left out."""
    found = []
    start = stream.find(b"\0\0\1")
    while start >= 0:
        end = stream.find(b"\0\0\1", start + 3)
        nal = stream[start + 3 : end].rstrip(b"\0") if end >= 0 else stream[start + 3 :]
        if nal and nal[0] & 31 != _DELIMITER:
            found.append(nal)
        start = end
    return tuple(found)


def parameter_sets(unit: AccessUnit) -> tuple[bytes, bytes]:
    """Sequence and picture parameter set of a key picture, empty where it carries none."""
    sps = next((nal for nal in unit.nals if nal[0] & 31 == SPS), b"")
    pps = next((nal for nal in unit.nals if nal[0] & 31 == PPS), b"")
    return sps, pps


class LiveScene:
    """A scene drawn and encoded as it is watched.

    `stuck` is asked before each picture: while it is true the same picture, clock included, is sent again, as a
    camera does that hangs. `view` is where its head looks, None where it has none. Raises EnvironmentFault where no
    H.264 encoder is at hand.
    """

    def __init__(
        self,
        camera: SceneCamera,
        clock: Clock,
        rain_mm_h: Callable[[], float],
        stuck: Callable[[], bool],
        fps: float,
        scale: int = 1,
        view: Callable[[], Pose | None] = lambda: None,
    ) -> None:
        self.interval_s = 1.0 / fps
        self._scene = Scene(camera, scale)
        self._clock = clock
        self._began_s = clock.monotonic()
        self._rain_mm_h = rain_mm_h
        self._stuck = stuck
        self._view = view
        self._frame: av.VideoFrame | None = None
        self._encoder = _encoder(fps, scale)
        self._step = int(TICKS / fps)
        self._pts = itertools.count(0, self._step)

    def next(self, force_key: bool) -> AccessUnit:
        """Draw and encode the picture of this moment."""
        frame = self._frame
        if frame is None or not self._stuck():
            elapsed_s = self._clock.monotonic() - self._began_s
            image = self._scene.draw(self._clock.now(), elapsed_s, self._rain_mm_h(), self._view())
            planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.time_base = Fraction(1, TICKS)
            self._frame = frame
        frame.pts = next(self._pts)
        frame.pict_type = PictureType.I if force_key else PictureType.NONE
        packets = self._encoder.encode(frame)
        nals = tuple(itertools.chain.from_iterable(split(bytes(packet)) for packet in packets))
        return AccessUnit(nals, frame.pts, any(packet.is_keyframe for packet in packets))


def _encoder(fps: float, scale: int) -> VideoCodecContext:
    """A cheap H.264 encoder without delay: one thread, no B pictures, a key picture at least every two seconds."""
    options = {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1"}
    try:
        encoder = av.CodecContext.create("libx264", "w")
    except av.codec.codec.UnknownCodecError as error:
        raise EnvironmentFault(
            _("This build of PyAV has no H.264 encoder: the simulated cameras stay dark.")
        ) from error
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH * scale, HEIGHT * scale, "yuv420p"
    encoder.time_base = Fraction(1, TICKS)
    encoder.framerate = Fraction(fps).limit_denominator(1000)
    encoder.bit_rate = 600_000 * scale * scale
    encoder.gop_size = int(fps * 2)
    encoder.max_b_frames = 0
    encoder.thread_count = 1
    encoder.options = options
    return encoder
