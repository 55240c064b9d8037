from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from controlroom.mapping.frames import (
    AllStatesFrame,
    Batch,
    ChosenFrame,
    CommandFrame,
    FleetFrame,
    Frame,
    KindsFrame,
    MovesFrame,
    PointsFrame,
    StatesFrame,
    TrailsFrame,
    encode_batch,
)
from tests.mapping.batch_reading import decode_batch

LAYER = st.integers(0, 65535)


def column(dtype: str, count: int) -> Any:
    return hnp.arrays(np.dtype(dtype), count)


@st.composite
def frames(draw: Any) -> Frame:
    n = draw(st.integers(0, 20))
    kind = draw(st.integers(0, 8))
    if kind == 0:
        return CommandFrame(draw(st.binary(max_size=40)))
    if kind == 1:
        return PointsFrame(draw(LAYER), draw(column("<u4", n)), draw(column("<u4", n)), draw(column("u1", n)))
    if kind == 2:
        return StatesFrame(draw(LAYER), draw(column("<u4", n)), draw(column("u1", n)))
    if kind == 3:
        return AllStatesFrame(draw(LAYER), draw(column("u1", n)))
    if kind == 4:
        return FleetFrame(draw(column("u1", n)))
    if kind == 5:
        return KindsFrame(draw(LAYER), draw(column("<u2", n)))
    if kind == 6:
        return ChosenFrame(draw(LAYER), draw(column("<u4", n)))
    u4 = [draw(column("<u4", n)) for _ in range(3)]
    if kind == 7:
        return TrailsFrame(draw(st.booleans()), draw(column("<f8", n)), *u4)
    return MovesFrame(draw(column("<f8", n)), *u4, draw(column("<f4", n)))


def same(a: Frame, b: Frame) -> bool:
    if type(a) is not type(b):
        return False
    pairs = [(getattr(a, name), getattr(b, name)) for name in a.__slots__]
    return all(
        np.array_equal(x, y, equal_nan=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x == y for x, y in pairs
    )


@given(st.lists(frames(), max_size=6), st.integers(0, 2**32 - 1), st.floats(0, 1e15))
def test_a_batch_comes_back_as_it_was(parts: list[Frame], sequence: int, clock_ms: float) -> None:
    data = encode_batch(Batch(sequence, clock_ms, tuple(parts)))
    back = decode_batch(data)
    assert (back.sequence, back.clock_ms, len(back.frames)) == (sequence, clock_ms, len(parts))
    assert all(same(a, b) for a, b in zip(parts, back.frames, strict=True))
    assert len(data) % 8 == 0


def test_columns_of_different_lengths_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        encode_batch(Batch(1, 0.0, (StatesFrame(0, np.zeros(2, np.uint32), np.zeros(3, np.uint8)),)))
