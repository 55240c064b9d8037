"""Sizes read from parameter sets are those that FFmpeg decodes."""

import re

import av
import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.video.rtsp.parameters import Shape, shape_of


def sets(codec: str, width: int, height: int, options: dict[str, str], form: str = "yuv420p") -> tuple[bytes, ...]:
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = width, height, form, 25
    encoder.flags |= av.codec.context.Flags.global_header
    encoder.options = options
    encoder.open()
    return tuple(unit for unit in re.split(rb"\x00?\x00\x00\x01", encoder.extradata or b"") if unit)


@pytest.mark.parametrize(
    "size", [(16, 16), (18, 2000), (704, 576), (1280, 720), (1920, 1080), (2560, 1440), (4096, 2160)]
)
@pytest.mark.parametrize("options", [{"profile": "baseline"}, {"profile": "high"}, {"x264-params": "interlaced=1"}])
def test_sizes_of_h264(size: tuple[int, int], options: dict[str, str]) -> None:
    found = shape_of("h264", sets("libx264", *size, {"preset": "ultrafast", **options}))
    assert found == Shape(*size)


def test_pixels_that_are_not_square_and_other_colours() -> None:
    wide = shape_of("h264", sets("libx264", 704, 576, {"x264-params": "sar=16/11"}))
    assert wide is not None and (wide.width, wide.height) == (704, 576) and wide.aspect == pytest.approx(16 / 11)
    full = sets("libx264", 322, 242, {"profile": "high444", "x264-params": "cqm=jvt:sar=7/5"}, "yuv444p")
    assert shape_of("h264", full) == Shape(322, 242, 7 / 5)


@pytest.mark.parametrize("size", [(64, 64), (702, 574), (1920, 1080), (3840, 2160)])
def test_sizes_of_h265(size: tuple[int, int]) -> None:
    assert shape_of("hevc", sets("libx265", *size, {"x265-params": "log-level=none"})) == Shape(*size)


@given(st.sampled_from(["h264", "hevc"]), st.binary(max_size=60))
def test_anything_may_be_a_parameter_set(codec: str, data: bytes) -> None:
    found = shape_of(codec, ((b"\x67" if codec == "h264" else b"\x42\1") + data, b""))
    assert found is None or (found.width > 0 and found.height > 0)
