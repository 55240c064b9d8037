"""What is wrong with a picture as such, told from sampled frames: black, blurred, tinted, covered, turned away.

All looks are at a small copy of the luma, reduced by whole steps first, which is what costs least. The figures are
house figures, tuned on the real recordings of the tests: none of these says a thing about what is to be seen.
"""

import threading

import av
import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.domain.camera import PictureFault

LOOK_S = 2.0
"""How often a stream is looked at, at most."""
SHARE = 0.03
"""What all looks of a process may take, as a part of one core."""
STILL_S = 4.5
"""A stream that sends the same picture for so long is stuck."""
CONFIRMED = 3
"""So many looks in a row must agree before a fault is told, or told to be over."""

_WIDTH, _HEIGHT = 192, 108
_BLOCKS = (9, 12)
_BLACK_MEAN, _BLACK_SPREAD = 30.0, 7.0
_BLUR = 0.68
_SOFTER = 0.45
"""... or whose sharpest edges have become softer than this part of the usual."""
_TINT, _TINT_BY_SPREAD = 24.0, 1.2
_FLAT = 2.5
_COVERED, _FLATTER = 0.5, 0.12
_COVERED_AT_ONCE = 0.9
_UNLIKE, _HARDLY_LIKE = 0.2, 0.4
_LEARNING = 0.03
_LEARNT = 8
"""So many looks make a picture of what is usual."""
_STRONG = 0.2
"""The part of a picture whose edges stand out most."""
_RELEARN_S = 600.0
"""A camera that was turned away for so long looks where it should: PTZ cameras are moved on purpose."""

_ROUNDING = 1.5
_LEAST_SLOPES = 0.002
_LEAST_BLOCKS = 10

Plane = NDArray[np.uint8]
Fine = NDArray[np.float32]
_NOTHING: Fine = np.zeros((_HEIGHT, _WIDTH), np.float32)


class Sample(Struct, frozen=True):
    """One picture, made small.

    `tint` is the distance of its mean colour from grey, `blur` from 0 (sharp) to 1, `sharpness` the
    slope of its sharpest edges in steps of luma; `across` and `down` are the luma's
    slopes, `flat` tells which blocks have nothing in them.
    """

    luma: Plane
    tint: float
    tint_spread: float
    blur: float
    sharpness: float
    across: Fine
    down: Fine
    flat: NDArray[np.bool_]


def sampled(frame: av.VideoFrame) -> Sample:
    """Make a frame small. Raises ValueError for a frame without planes of 8 bits."""
    if not frame.format.name.startswith(("yuv4", "yuvj4", "nv12")) or frame.format.components[0].bits != 8:
        raise ValueError(frame.format.name)
    luma = _plane(frame, 0, frame.width, frame.height)
    step = max(1, min(frame.width // _WIDTH, frame.height // _HEIGHT))
    height, width = luma.shape[0] // step * step, luma.shape[1] // step * step
    reduced = cv2.resize(luma[:height, :width], (width // step, height // step), interpolation=cv2.INTER_AREA)
    small = np.asarray(cv2.resize(reduced, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)
    tint, spread = _tint(frame)
    fine = small.astype(np.float32)
    smooth = cv2.GaussianBlur(fine, (0, 0), 1.5)
    across, down = (np.asarray(cv2.Sobel(smooth, cv2.CV_32F, *axes), np.float32) for axes in ((1, 0), (0, 1)))
    return Sample(small, tint, spread, _blur(luma), _sharpness(luma), across, down, _spread_of_blocks(fine) < _FLAT)


class Diagnosis:
    """Watches one stream's pictures; used by one thread."""

    def __init__(self) -> None:
        self._across: Fine = _NOTHING
        self._down: Fine = _NOTHING
        self._flat: Fine = _NOTHING
        self._sharpness = 0.0
        self._learnt = 0
        self._turned_s: float | None = None
        self._runs: dict[PictureFault, int] = {}
        self._told: frozenset[PictureFault] = frozenset()

    @property
    def faults(self) -> tuple[PictureFault, ...]:
        """What is confirmed, in the order of `PictureFault`."""
        return tuple(fault for fault in PictureFault if fault in self._told)

    def look(self, sample: Sample, is_still: bool, now_s: float) -> None:
        """Take one more sample; `is_still`: the stream sends the same picture again and again."""
        seen = self._seen(sample, now_s)
        if is_still:
            seen.add(PictureFault.FROZEN)
        told = set(self._told)
        for fault in PictureFault:
            is_new = (fault in seen) is not (fault in told)
            self._runs[fault] = self._runs.get(fault, 0) + 1 if is_new else 0
            if self._runs[fault] >= CONFIRMED:
                told ^= {fault}
                self._runs[fault] = 0
        self._told = frozenset(told)
        if not seen:
            self._learn(sample)

    def _seen(self, sample: Sample, now_s: float) -> set[PictureFault]:
        mean, spread = float(sample.luma.mean()), float(sample.luma.std())
        if mean < _BLACK_MEAN and spread < _BLACK_SPREAD:
            return {PictureFault.BLACK}
        is_soft = self._learnt >= _LEARNT and sample.sharpness < _SOFTER * self._sharpness
        if self._is_covered(sample):
            return {PictureFault.COVERED}
        if sample.blur > _BLUR or is_soft:
            return {PictureFault.BLURRED}
        if sample.tint > _TINT and sample.tint > _TINT_BY_SPREAD * sample.tint_spread:
            return {PictureFault.TINTED}
        return {PictureFault.MOVED} if self._is_turned(sample, now_s) else set()

    def _is_covered(self, sample: Sample) -> bool:
        """Whether blocks that had something in them have nothing now."""
        if self._learnt < _LEARNT:
            return float(sample.flat.mean()) > _COVERED_AT_ONCE
        lively = self._flat < 0.3
        if lively.sum() < _LEAST_BLOCKS:
            return False
        is_flatter = float(sample.flat.mean()) > float(self._flat.mean()) + _FLATTER
        if not is_flatter or self.likeness(sample) > _HARDLY_LIKE:  # a soft picture is like the usual one
            return False
        return float((sample.flat & lively).sum()) / float(lively.sum()) > _COVERED

    def _is_turned(self, sample: Sample, now_s: float) -> bool:
        """Whether the camera looks elsewhere than it used to."""
        if self._learnt < _LEARNT or self.likeness(sample) >= _UNLIKE:
            self._turned_s = None
            return False
        if self._turned_s is None:
            self._turned_s = now_s
        elif now_s - self._turned_s >= _RELEARN_S:
            self._turned_s, self._learnt = None, 0
            return False
        return True

    def likeness(self, sample: Sample) -> float:
        """How much the edges that are usual run as they used to: 1 for the same picture, about 0 for another one."""
        usual = np.hypot(self._across, self._down)
        strong = usual >= np.quantile(usual, 1.0 - _STRONG)
        seen = np.hypot(sample.across, sample.down)
        along = self._across * sample.across + self._down * sample.down
        return float((along[strong] / (usual[strong] * seen[strong] + 1.0)).mean())

    def _learn(self, sample: Sample) -> None:
        """Let what is usual follow the light of the day."""
        self._learnt += 1
        self._sharpness += max(_LEARNING, 1.0 / self._learnt) * (sample.sharpness - self._sharpness)
        part = max(_LEARNING, 1.0 / self._learnt)
        if self._learnt == 1:
            self._across, self._down = sample.across, sample.down
            self._flat = sample.flat.astype(np.float32)
            return
        self._across = self._across + part * (sample.across - self._across)
        self._down = self._down + part * (sample.down - self._down)
        self._flat = self._flat + part * (sample.flat - self._flat)


class Allowance:
    """The CPU time that the looks of a process may take; any thread."""

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._lock = threading.Lock()
        self._owed_s = 0.0
        self._at_s: float | None = None

    def grants(self, now_s: float) -> bool:
        """Whether one more look may be taken now."""
        with self._lock:
            if self._at_s is not None:
                self._owed_s = max(0.0, self._owed_s - self._share * max(0.0, now_s - self._at_s))
            self._at_s = now_s
            return self._owed_s <= 0.0

    def spent(self, cpu_s: float) -> None:
        """A look took so long."""
        with self._lock:
            self._owed_s += cpu_s


def _plane(frame: av.VideoFrame, index: int, width: int, height: int) -> Plane:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8)
    return rows[: plane.line_size * height].reshape(height, plane.line_size)[:, :width]


def _tint(frame: av.VideoFrame) -> tuple[float, float]:
    """How far the colours' mean is from grey, and how far single ones are from their mean."""
    if frame.format.name == "nv12":
        both = _plane(frame, 1, frame.width // 2 * 2, frame.height // 2)
        planes = [both[::8, 0::16], both[::8, 1::16]]
    else:
        sizes = [(frame.planes[k].width, frame.planes[k].height) for k in (1, 2)]
        planes = [_plane(frame, k + 1, *sizes[k])[::8, ::8] for k in range(2)]
    means = [float(plane.mean()) for plane in planes]
    spreads = [float(plane.std()) for plane in planes]
    return float(np.hypot(means[0] - 128.0, means[1] - 128.0)), float(np.hypot(spreads[0], spreads[1]))


def _blur(luma: Plane) -> float:
    """How little a picture loses by being blurred once more, from 0 (sharp) to 1 (after Crete and others, SPIE 2007).

    Only slopes that are more than rounding count; a picture with hardly any is told by other signs.
    """
    height, width = luma.shape
    step = max(1, width // 1280)
    middle = luma[height // 4 : height - height // 4 : step, width // 4 : width - width // 4 : step].astype(np.float32)
    least = 1.0
    for axis, size in ((1, (9, 1)), (0, (1, 9))):
        sharp = np.abs(np.diff(middle, axis=axis))
        counted = sharp > _ROUNDING
        if counted.mean() < _LEAST_SLOPES:
            return 0.0
        soft = np.abs(np.diff(cv2.blur(middle, size), axis=axis))
        lost = np.maximum(0.0, sharp - soft)[counted]
        least = min(least, 1.0 - float(lost.sum()) / float(sharp[counted].sum()))
    return least


def _sharpness(luma: Plane) -> float:
    """The slope that only three of a thousand pixels exceed."""
    steps = cv2.absdiff(luma[::2, 1:], luma[::2, :-1])
    counts = np.cumsum(np.bincount(np.asarray(steps, np.uint8).ravel(), minlength=256))
    return float(np.searchsorted(counts, 0.997 * counts[-1]))


def _spread_of_blocks(fine: Fine) -> Fine:
    rows, columns = _BLOCKS
    blocks = fine.reshape(rows, _HEIGHT // rows, columns, _WIDTH // columns)
    return np.asarray(blocks.std(axis=(1, 3)), np.float32)
