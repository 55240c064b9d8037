"""What is known of the pictures of a stream before any is decoded."""

from dataclasses import dataclass
from fractions import Fraction

from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream


@dataclass(frozen=True, slots=True)
class Track:
    """The codec by FFmpeg's name, its parameters, size (0 x 0 while unknown), the width of a pixel whose height is 1,
    and the unit of the packets' times. `context` is what decodes where the codec needs the one that was opened."""

    codec: str
    extradata: bytes | None
    width: int
    height: int
    aspect: float
    time_base: Fraction | None
    context: VideoCodecContext | None = None


def track_of(video: VideoStream) -> Track:
    """The track of an opened container."""
    context = video.codec_context
    ratio = context.sample_aspect_ratio
    aspect = float(ratio) if ratio else 1.0
    return Track(
        context.name,
        context.extradata,
        context.width,
        context.height,
        plausible(aspect),
        video.time_base,
        context,
    )


def plausible(aspect: float) -> float:
    """The width of a pixel where it can be true, else that of a square one."""
    return aspect if 0.1 < aspect < 10.0 else 1.0
