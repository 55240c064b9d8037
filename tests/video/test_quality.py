"""The diagnosis on real recordings, as they are and spoilt on purpose."""

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from controlroom.domain.camera import PictureFault
from controlroom.video.quality import CONFIRMED, LOOK_S, Allowance, Diagnosis, sampled
from tests.video.broadcast import frame

FILMS = ("intel_car-detection.mp4", "vtest.avi")
_LEARN, _SHOW = 12, 8
Spoil = Callable[[np.ndarray], np.ndarray]


def cover(image: np.ndarray) -> np.ndarray:
    held = image.copy()
    held[:, : image.shape[1] * 7 // 10] = 60
    return held


SPOILT: dict[PictureFault, Spoil] = {
    PictureFault.BLACK: lambda image: (image * 0.05).astype(np.uint8),
    PictureFault.BLURRED: lambda image: cv2.GaussianBlur(image, (0, 0), 6),
    PictureFault.TINTED: lambda image: np.clip(image.astype(int) + np.array([-30, 50, -30]), 0, 255).astype(np.uint8),
    PictureFault.COVERED: cover,
    PictureFault.MOVED: lambda image: np.roll(image, (image.shape[0] // 10, image.shape[1] // 8), (0, 1)),
}


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest, shared_data: Path) -> list[np.ndarray]:
    """Twenty pictures of a recording, half a second apart."""
    path = shared_data / "video" / request.param
    if not path.is_file():
        pytest.skip(f"no real film: {path.name} is absent")
    with av.open(path) as container:
        rate = round(float(container.streams.video[0].average_rate or 25)) // 2
        found = []
        for k, picture in enumerate(container.decode(video=0)):
            if k % rate == 0:
                found.append(picture.to_ndarray(format="bgr24"))
            if len(found) == _LEARN + _SHOW:
                break
    return found


def look(diagnosis: Diagnosis, images: list[np.ndarray], now_s: float = 0.0, is_still: bool = False) -> None:
    for image in images:
        coded = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24").reformat(format="yuv420p")
        diagnosis.look(sampled(coded), is_still, now_s)


def test_a_recording_as_it_is_has_no_fault(film: list[np.ndarray]) -> None:
    diagnosis = Diagnosis()
    for image in film + film:
        look(diagnosis, [image])
        assert diagnosis.faults == ()


@pytest.mark.parametrize("fault", SPOILT)
def test_a_fault_is_found_and_its_end_too(film: list[np.ndarray], fault: PictureFault) -> None:
    diagnosis = Diagnosis()
    look(diagnosis, film[:_LEARN])
    look(diagnosis, [SPOILT[fault](image) for image in film[_LEARN:]])
    assert diagnosis.faults == (fault,)
    look(diagnosis, film[:CONFIRMED])
    assert diagnosis.faults == ()


def test_a_camera_that_begins_covered_or_black_is_told_without_knowing_its_street(film: list[np.ndarray]) -> None:
    for image, fault in ((np.full_like(film[0], 70), PictureFault.COVERED), (film[0] * 0, PictureFault.BLACK)):
        diagnosis = Diagnosis()
        look(diagnosis, [image] * CONFIRMED)
        assert diagnosis.faults == (fault,)


def test_a_camera_that_was_moved_on_purpose_is_learnt_anew(film: list[np.ndarray]) -> None:
    diagnosis = Diagnosis()
    look(diagnosis, film[:_LEARN])
    turned = [SPOILT[PictureFault.MOVED](image) for image in film]
    look(diagnosis, turned[:CONFIRMED], 0.0)
    assert diagnosis.faults == (PictureFault.MOVED,)
    look(diagnosis, turned[:CONFIRMED], 601.0)
    assert diagnosis.faults == ()
    look(diagnosis, turned[:_LEARN], 700.0)
    assert diagnosis.faults == ()


def test_one_odd_picture_is_no_fault(film: list[np.ndarray]) -> None:
    diagnosis = Diagnosis()
    look(diagnosis, film[:_LEARN])
    look(diagnosis, [film[0] * 0, film[1], film[0] * 0, film[2]])
    assert diagnosis.faults == ()


def test_a_stuck_picture_is_told(film: list[np.ndarray]) -> None:
    diagnosis = Diagnosis()
    look(diagnosis, film[:CONFIRMED], is_still=True)
    assert diagnosis.faults == (PictureFault.FROZEN,)


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12"])
@pytest.mark.parametrize("size", [(1920, 1080), (704, 576), (160, 120)])
def test_planes_of_eight_bits_are_looked_at_in_any_arrangement(form: str, size: tuple[int, int]) -> None:
    made = sampled(frame(3, size).reformat(format=form))
    assert made.luma.shape == (108, 192) and made.tint < 3.0


@given(st.integers(2, 80), st.integers(2, 80))
@settings(max_examples=30)
def test_absurd_sizes_are_looked_at_or_refused(width: int, height: int) -> None:
    try:
        Diagnosis().look(sampled(av.VideoFrame(width, height, "yuv420p")), False, 0.0)
    except ValueError:
        return


@pytest.mark.parametrize("form", ["yuv420p10le", "rgb24", "gray"])
def test_other_formats_are_refused(form: str) -> None:
    with pytest.raises(ValueError):
        sampled(av.VideoFrame(64, 64, form))


def test_looks_are_kept_within_their_share() -> None:
    allowance, taken, now_s = Allowance(0.03), 0, 0.0
    for _step in range(1000):
        now_s += 0.01
        if allowance.grants(now_s):
            allowance.spent(0.003)
            taken += 1
    assert taken * 0.003 <= 0.03 * now_s + 0.003
    assert taken >= 90
    assert LOOK_S > 0
