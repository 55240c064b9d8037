"""Decodes the packets of one stream."""

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

_LARGEST_PIXELS = 8192 * 4608
_FILTERED = ("h264", "hevc")


class Decoder:
    """One stream's decoder, used by one thread.

    A light one leaves out the filter that smooths the edges of blocks: a fifth to a third less work, and at half the
    size nobody sees it. FFmpeg takes that only when a decoder is opened, hence another one from the next key picture.
    """

    def __init__(self, video: VideoStream) -> None:
        self._video = video
        self._context: VideoCodecContext | None = None
        self._is_light = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the stream's pictures, 0 x 0 while they are unknown."""
        context = self._context or self._video.codec_context
        return context.width, context.height

    @property
    def aspect(self) -> float:
        """The width of a pixel, its height being 1."""
        ratio = (self._context or self._video.codec_context).sample_aspect_ratio
        value = float(ratio) if ratio else 1.0
        return value if 0.1 < value < 10.0 else 1.0

    def decode(self, packet: "Packet[VideoStream]", is_light: bool) -> list[av.VideoFrame]:
        """The pictures that the packet completes. Raises av.error.FFmpegError, ValueError, MemoryError."""
        context = self._context
        if context is None or (packet.is_keyframe and is_light is not self._is_light):
            context = self._context = self._made(is_light)
            self._is_light = is_light
        return context.decode(packet)

    def flush(self) -> None:
        """Forget what came so far: the next packet begins anew."""
        if self._context is not None:
            self._context.flush_buffers()

    def _made(self, is_light: bool) -> VideoCodecContext:
        given, context = self._video.codec_context, self._video.codec_context
        options = {"max_pixels": str(_LARGEST_PIXELS)}
        if given.name in _FILTERED:
            made = CodecContext.create(given.name, "r")
            assert isinstance(made, VideoCodecContext), "h264 and hevc are video"
            context = made
            context.extradata = given.extradata
            if is_light:
                options["skip_loop_filter"] = "all"
        # One stream, one thread: frame threads cost a third of the throughput and a picture of delay each.
        if not context.is_open:
            context.thread_type = "SLICE"
            context.thread_count = 1
            context.flags |= av.codec.context.Flags.low_delay
            context.options = options
        return context
