"""Pictures that stay the same are told from pictures that move a little."""

import av
import numpy as np
from numpy.typing import NDArray

from controlroom.video.stillness import Stillness


def frame(luma: NDArray[np.uint8]) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.stack([luma] * 3, axis=2), format="rgb24").reformat(format="yuv420p")


def test_only_what_exceeds_the_noise_of_an_encoder_is_a_change() -> None:
    random = np.random.default_rng(7)
    ground = random.integers(60, 160, (240, 320), dtype=np.uint8)
    noisy = ground + random.integers(0, 8, ground.shape, dtype=np.uint8)
    clock = ground.copy()
    clock[10:20, 40:46] = 255
    still = Stillness()
    told = [still.changed(frame(luma), at_s) for at_s, luma in enumerate((ground, ground, noisy, clock, clock), 100)]
    assert told == [True, False, False, True, False]


def test_between_two_looks_nothing_is_compared() -> None:
    dark, bright = (np.full((48, 64), grey, np.uint8) for grey in (20, 220))
    still = Stillness()
    assert still.changed(frame(dark), 5.0)
    assert not still.changed(frame(bright), 5.4)
    assert still.changed(frame(bright), 6.0)


def test_another_size_is_a_change() -> None:
    still = Stillness()
    assert still.changed(frame(np.zeros((48, 64), np.uint8)), 1.0)
    assert still.changed(frame(np.zeros((96, 128), np.uint8)), 2.0)
