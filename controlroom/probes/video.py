"""Which hardware decodes video here: a short clip is decoded by each kind that the machine has."""

import json
import sys
from fractions import Fraction

import av
import numpy as np
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext

from controlroom.video.hardware import Hardware, candidates

_SIZE = 256
_PICTURES = 12


def clip() -> list[bytes]:
    """A few coded pictures."""
    encoder = CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext), "libx264 is video"
    encoder.width, encoder.height, encoder.pix_fmt = _SIZE, _SIZE, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 25), Fraction(25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    packets = []
    for number in range(_PICTURES):
        image = np.full((_SIZE * 3 // 2, _SIZE), 40 + 10 * number, np.uint8)
        frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    return [bytes(packet) for packet in [*packets, *encoder.encode()]]


def tried(name: str, packets: list[bytes]) -> str:
    """What came of decoding by this kind: empty where it worked."""
    found = Hardware([name]).made("h264")
    if found is None:
        return "it cannot be opened"
    _name, context = found
    try:
        frames = [frame for data in packets for frame in context.decode(Packet(data))] + context.decode(None)
    except (av.error.FFmpegError, RuntimeError, ValueError) as error:
        return str(error)
    if not frames:
        return "it gives no pictures"
    return "" if context.is_hwaccel else "the processor decodes instead"


def main() -> int:
    """Write what each kind came to."""
    names = candidates()
    packets = clip() if names else []
    sys.stdout.write(json.dumps({"kinds": {name: tried(name, packets) for name in names}}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
