import functools
import io
from fractions import Fraction

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.stream import VideoStream

from controlroom.video.backlog import Backlog
from controlroom.video.decoder import Decoder
from controlroom.video.track import track_of

SIZE = (320, 240)


def film(codec: str = "libx264", form: str = "mp4") -> av.container.InputContainer:
    """A moving pattern of 24 pictures with a key picture every 8."""
    return av.open(io.BytesIO(encoded(codec, form)), "r")


@functools.cache
def encoded(codec: str, form: str) -> bytes:
    """Encoded once: on a loaded machine an encoder with threads makes another film of the same pictures."""
    file, rows = io.BytesIO(), np.arange(SIZE[1])[:, None, None]
    with av.open(file, "w", form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate, stream.gop_size, stream.max_b_frames = 60_000, 8, 0
        stream.time_base = Fraction(1, 25)
        for k in range(24):
            image = ((rows * 3 + np.arange(SIZE[0])[None, :, None] * 2 + 9 * k) % 200).astype(np.uint8).repeat(3, 2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")))
        container.mux(stream.encode())
    return file.getvalue()


def packets(container: av.container.InputContainer) -> "list[Packet[VideoStream]]":
    return [packet for packet in container.demux(container.streams.video[0]) if packet.size]


def decoded(container: av.container.InputContainer, lights: list[bool]) -> list[np.ndarray]:
    decoder = Decoder(track_of(container.streams.video[0]))
    frames = [
        frame
        for packet, is_light in zip(packets(container), lights, strict=True)
        for frame in decoder.decode(packet, is_light)
    ]
    return [frame.to_ndarray(format="gray") for frame in frames]


def test_a_light_decoder_leaves_the_filter_out_and_loses_no_picture() -> None:
    full, light = decoded(film(), [False] * 24), decoded(film(), [True] * 24)
    assert len(full) == len(light) == 24
    assert not np.array_equal(full[5], light[5]), "edges of blocks are not smoothed"
    assert np.abs(full[5].astype(int) - light[5]).mean() < 12, "but it is the same picture"


def test_light_and_full_change_with_the_next_key_picture() -> None:
    full, changed = decoded(film(), [False] * 24), decoded(film(), [True] * 4 + [False] * 20)
    assert len(changed) == 24
    assert not np.array_equal(full[6], changed[6])
    assert all(np.array_equal(full[k], changed[k]) for k in range(8, 24))


@pytest.mark.parametrize(("codec", "form"), [("mjpeg", "avi"), ("mpeg4", "mp4"), ("libx264", "mpegts")])
def test_other_codecs_and_containers_are_decoded(codec: str, form: str) -> None:
    container = film(codec, form=form)
    decoder = Decoder(track_of(container.streams.video[0]))
    assert sum(len(decoder.decode(packet, True)) for packet in packets(container)) >= 23
    assert decoder.size == SIZE and decoder.aspect == 1.0


def test_a_backlog_gives_the_picture_of_now() -> None:
    """Hidden after the second picture, shown at the last one: it is the same as if all had been decoded."""
    full, film_packets = decoded(film(), [False] * 24), packets(kept := film())
    decoder, backlog = Decoder(track_of(kept.streams.video[0])), Backlog()
    for packet in film_packets[:2]:
        decoder.decode(packet, False)
    for packet in film_packets[2:-1]:
        backlog.keep(packet)
    waiting = backlog.take()
    assert len(waiting) == 7, "from the last key picture on"
    frames = [frame for packet in [*waiting, film_packets[-1]] for frame in decoder.decode(packet, False)]
    assert np.array_equal(frames[-1].to_ndarray(format="gray"), full[-1])
    assert not backlog.take()


def test_a_backlog_without_key_pictures_is_bounded_and_then_waits_for_one() -> None:
    later, backlog = packets(film())[1], Backlog()
    for _ in range(700):
        backlog.keep(later)
    assert backlog.is_broken
    key = packets(film())[0]
    backlog.keep(key)
    assert not backlog.is_broken
