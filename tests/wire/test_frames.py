"""Frames carry what was put in; anything else is refused with a word, never with a crash."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.wire import frames
from controlroom.wire.frames import Kind, MalformedFrame, Readings


@given(
    st.sampled_from(Kind),
    st.integers(0, 2**64 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from(["live", "drill/abc", "drill/0123456789"]),
    st.binary(max_size=50),
)
def test_a_frame_brings_back_its_head_and_body(kind: Kind, number: int, at: int, realm: str, body: bytes) -> None:
    head, rest = frames.unpack(frames.pack(kind, "topic", b"12345678", number, at, realm, body))
    assert (head.kind, head.topic, head.sequence, head.time_ms, head.realm) == (kind, "topic", number, at, realm)
    assert bytes(rest) == body


@given(st.binary(max_size=120))
def test_bytes_from_anywhere_are_refused_or_read(frame: bytes) -> None:
    try:
        _head, body = frames.unpack(frame)
        frames.decode_readings(body)
    except MalformedFrame:
        pass


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.floats(width=32), st.integers(0, 2**62)), max_size=50))
def test_readings_survive_the_wire(rows: list[tuple[int, float, int]]) -> None:
    sent = Readings(
        np.array([r[0] for r in rows], np.uint32),
        np.array([r[1] for r in rows], np.float32),
        np.array([r[2] for r in rows], np.int64),
        np.zeros(len(rows), np.uint8),
    )
    got = frames.decode_readings(memoryview(frames.encode_readings(sent)))
    for before, after in ((sent.index, got.index), (sent.value, got.value), (sent.time, got.time)):
        np.testing.assert_array_equal(before, after)


def test_a_newer_frame_is_refused_in_words() -> None:
    frame = bytearray(frames.pack(Kind.EVENT, "alarm", b"12345678", 1, 1, "live", b""))
    frame[1] = 9
    with pytest.raises(MalformedFrame, match="version 9"):
        frames.unpack(bytes(frame))
