"""Decodes the packets of one stream."""

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from controlroom.video.backlog import Backlog
from controlroom.video.hardware import Hardware
from controlroom.video.track import Track, plausible

_LARGEST_PIXELS = 8192 * 4608
_FILTERED = ("h264", "hevc")
_MUTE = 12
"""A hardware decoder that took so many packets in a row and gave no picture has failed."""


class Decoder:
    """One stream's decoder, used by one thread.

    A light one leaves out the filter that smooths the edges of blocks: a fifth to a third less work, and at half the
    size nobody sees it. FFmpeg takes that only when a decoder is opened, hence another one from the next key picture.

    With `hardware` a card decodes, as long as it can. What came since the last key picture is kept then, so that the
    processor takes over within the same picture where the card fails. `track` may be replaced between two pictures.
    """

    def __init__(self, track: Track, hardware: Hardware | None = None) -> None:
        self.track = track
        self._hardware = hardware
        self._context: VideoCodecContext | None = None
        self._device = ""
        self._since_key = Backlog()
        self._mute = 0
        self._is_light = False

    @property
    def device(self) -> str:
        """The hardware that decodes, empty for the processor."""
        return self._device

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the stream's pictures, 0 x 0 while they are unknown."""
        context = self._context
        if context is not None and context.width:
            return context.width, context.height
        return self.track.width, self.track.height

    @property
    def aspect(self) -> float:
        """The width of a pixel, its height being 1."""
        ratio = None if self._context is None else self._context.sample_aspect_ratio
        return plausible(float(ratio)) if ratio else self.track.aspect

    def decode(self, packet: "Packet[VideoStream]", is_light: bool) -> list[av.VideoFrame]:
        """The pictures that the packet completes. Raises av.error.FFmpegError, ValueError, MemoryError."""
        context = self._context
        if context is None and self._hardware is not None:
            context = self._made_by_hardware()
        if context is None or (not self._device and packet.is_keyframe and is_light is not self._is_light):
            context = self._context = self._made(is_light)
            self._is_light = is_light
        if not self._device:
            return context.decode(packet)
        self._since_key.keep(packet)
        try:
            frames = context.decode(packet)
        except (av.error.FFmpegError, RuntimeError, ValueError) as error:
            return self._fall_back(str(error))
        self._mute = 0 if frames else self._mute + 1
        return self._fall_back("it gives no pictures") if self._mute >= _MUTE else frames

    def flush(self) -> None:
        """Forget what came so far: the next packet begins anew."""
        if self._context is not None:
            self._context.flush_buffers()
        self._since_key.clear()

    def _made_by_hardware(self) -> VideoCodecContext | None:
        found = None if self._hardware is None else self._hardware.made(self.track.codec)
        if found is None:
            return None
        self._device, context = found
        context.extradata = self.track.extradata
        self._context = context
        return context

    def _fall_back(self, why: str) -> list[av.VideoFrame]:
        """Let the processor decode what the card should have; gives the pictures of now."""
        if self._hardware is not None:
            self._hardware.failed(self._device, why)
        self._hardware, self._device = None, ""
        context = self._context = self._made(False)
        self._is_light = False
        frames: list[av.VideoFrame] = []
        for packet in self._since_key.take():
            frames = context.decode(packet) or frames
        return frames

    def _made(self, is_light: bool) -> VideoCodecContext:
        track, context = self.track, self.track.context
        options = {"max_pixels": str(_LARGEST_PIXELS)}
        if context is None or track.codec in _FILTERED:
            made = CodecContext.create(track.codec, "r")
            assert isinstance(made, VideoCodecContext), "a track has pictures"
            context = made
            context.extradata = track.extradata
            if is_light and track.codec in _FILTERED:
                options["skip_loop_filter"] = "all"
        # One stream, one thread: frame threads cost a third of the throughput and a picture of delay each.
        if not context.is_open:
            context.thread_type = "SLICE"
            context.thread_count = 1
            context.flags |= av.codec.context.Flags.low_delay
            context.options = options
        return context
