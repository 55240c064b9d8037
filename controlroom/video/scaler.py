"""From decoded frames to pictures of a tile's size."""

import av
from av.video.reformatter import Interpolation, VideoReformatter

from controlroom.video.picture import Picture

LARGEST_PX = 4096
_SMALLEST_PX = 16


def fitted(width: int, height: int, aspect: float, box: tuple[int, int]) -> tuple[int, int]:
    """The largest even size inside `box` that keeps the proportions; `aspect` is the width of one pixel."""
    shown_width = max(1.0, width * aspect)
    scale = min(box[0] / shown_width, box[1] / max(1, height))
    fit_width, fit_height = int(shown_width * scale + 0.5), int(height * scale + 0.5)
    return _bounded(fit_width), _bounded(fit_height)


def _bounded(size: int) -> int:
    return min(LARGEST_PX, max(_SMALLEST_PX, size & ~1))


class Scaler:
    """Scales and converts in one pass; used by one thread.

    Each size keeps its own swscale context: making one costs more than converting a picture.
    """

    def __init__(self) -> None:
        self._reformatters: dict[tuple[int, int], VideoReformatter] = {}

    def scale(self, frame: av.VideoFrame, aspect: float, box: tuple[int, int], received_s: float = 0.0) -> Picture:
        """The frame fitted into `box` device pixels. Raises av.error.FFmpegError, ValueError."""
        width, height = fitted(frame.width, frame.height, aspect, box)
        reformatter = self._reformatters.setdefault(box, VideoReformatter())
        ready = reformatter.reformat(frame, width, height, "bgra", interpolation=Interpolation.FAST_BILINEAR, threads=1)
        plane = ready.planes[0]
        at_s, pixels = frame.time or 0.0, memoryview(plane)
        return Picture(width, height, plane.line_size, pixels, frame.width, frame.height, at_s, received_s)

    def keep(self, boxes: frozenset[tuple[int, int]]) -> None:
        """Let go of the contexts for other sizes."""
        for box in self._reformatters.keys() - boxes:
            del self._reformatters[box]
