from fractions import Fraction

import av
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from controlroom.video.nal import is_spare


def coded(codec: str, frames: int = 40) -> list[bytes]:
    """Packets with B pictures, the half of which no other one refers to."""
    encoder = av.CodecContext.create({"h264": "libx264", "hevc": "libx265"}[codec], "w")
    encoder.width, encoder.height, encoder.pix_fmt = 128, 96, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 25), Fraction(25)
    encoder.max_b_frames, encoder.gop_size = 2, 20
    encoder.options = {"preset": "ultrafast", "x265-params": "log-level=none:b-adapt=0", "b_strategy": "0"}
    chance = np.random.default_rng(3)
    packets = []
    for k in range(frames):
        frame = av.VideoFrame.from_ndarray(chance.integers(0, 255, (144, 128), np.uint8), format="yuv420p")
        frame.pts = k
        packets += encoder.encode(frame)
    return [bytes(packet) for packet in [*packets, *encoder.encode()]]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_what_is_left_out_is_missed_by_no_other_picture(codec: str) -> None:
    packets = coded(codec)
    spare = [is_spare(codec, packet) for packet in packets]
    assert 5 <= sum(spare) <= len(packets) - 5
    decoder = av.CodecContext.create(codec, "r")
    kept = [packet for packet, is_out in zip(packets, spare, strict=True) if not is_out]
    frames = [frame for packet in kept for frame in decoder.decode(av.Packet(packet))] + decoder.decode(None)
    assert len(frames) == len(kept) and not any(frame.is_corrupt for frame in frames)


def test_lengths_instead_of_start_codes_are_read_too() -> None:
    units = [b"\x09\xf0", b"\x06" + bytes(9), b"\x01\x9a\x00"]
    packet = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    assert is_spare("h264", packet)
    assert not is_spare("h264", packet.replace(b"\x01\x9a", b"\x41\x9a"))


@given(st.sampled_from(["h264", "hevc", "mjpeg", "none"]), st.binary(max_size=64))
def test_no_bytes_are_too_strange(codec: str, data: bytes) -> None:
    assert is_spare(codec, data) in (True, False)
