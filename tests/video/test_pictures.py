import threading

import av
import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from controlroom.video.mailbox import Mailbox
from controlroom.video.picture import Picture
from controlroom.video.scaler import Scaler, fitted


def picture(number: int = 0) -> Picture:
    return Picture(1, 1, 4, memoryview(bytes((number & 255, 0, 0, 0))), 1, 1)


def test_the_newest_picture_wins_and_only_one_waits() -> None:
    box = Mailbox()
    first, second = picture(1), picture(2)
    box.put(first)
    box.put(second)
    assert box.take() is second
    assert box.take() is None
    assert box.replaced == 1


def test_a_mailbox_between_two_threads_loses_only_what_was_replaced() -> None:
    box, taken = Mailbox(), 0
    writer = threading.Thread(target=lambda: [box.put(picture(k)) for k in range(2000)])
    writer.start()
    while writer.is_alive():
        taken += box.take() is not None
    writer.join()
    taken += box.take() is not None
    assert taken + box.replaced == 2000


def test_a_picture_keeps_its_colours_and_proportions() -> None:
    image = np.zeros((360, 640, 3), np.uint8)
    image[:, :320] = (255, 0, 0)  # the left half red
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
    made = Scaler().scale(frame, 1.0, (480, 480))
    assert (made.width, made.height) == (480, 270)
    rows = np.frombuffer(made.pixels, np.uint8).reshape(made.height, made.stride)
    blue, green, red, _ = rows[135, 4 * 60 : 4 * 60 + 4]
    assert red > 200 and green < 60 and blue < 60
    assert rows[135, 4 * 400] < 40


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.floats(0.1, 10), st.integers(1, 4096), st.integers(1, 4096))
def test_any_size_fits_into_bounds(width: int, height: int, aspect: float, box_width: int, box_height: int) -> None:
    fit = fitted(width, height, aspect, (box_width, box_height))
    assert all(16 <= side <= 4096 and side % 2 == 0 for side in fit)


@given(st.sampled_from([(2, 2), (16, 4000), (4000, 16), (35, 3), (641, 359)]), st.sampled_from([(16, 16), (17, 300)]))
def test_absurd_frames_are_scaled_or_refused(size: tuple[int, int], box: tuple[int, int]) -> None:
    try:
        made = Scaler().scale(av.VideoFrame(*size, "yuv420p"), 1.0, box)
    except (av.error.FFmpegError, ValueError):
        return
    assert len(made.pixels) >= made.stride * made.height
