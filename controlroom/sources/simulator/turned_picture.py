"""What a head that is turned and zoomed sees of one painted street."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from controlroom.domain.ptz import Pose

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
_EDGE = 0.98
"""So much of the painted field is a true pinhole's; beyond it the street is mirrored again and again."""


class TurnedPicture:
    """Looks into a picture of `view_deg` as a pinhole that can turn; the way of each pixel is kept while it rests."""

    def __init__(self, width: int, height: int, view_deg: float) -> None:
        self._size = width, height
        self._half = math.tan(math.radians(view_deg) / 2)
        x, y = np.meshgrid(
            (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1,
            1 - (np.arange(height, dtype=np.float32) + 0.5) / height * 2,
        )
        self._x, self._y = x * self._half, y * self._half * height / width
        self._pose = Pose()
        self._across: Floats = np.zeros((height, width), np.float32)
        self._down: Floats = np.zeros((height, width), np.float32)

    def seen(self, image: Image, pose: Pose) -> Image:
        """The picture as the head sees it."""
        if pose == Pose():
            return image
        if pose != self._pose:
            self._pose = pose
            self._across, self._down = self._ways(pose)
        return np.asarray(cv2.remap(image, self._across, self._down, cv2.INTER_LINEAR), np.uint8)

    def _ways(self, pose: Pose) -> tuple[Floats, Floats]:
        """For each pixel the place in the painted picture, in pixels."""
        width, height = self._size
        x, y = self._x / pose.zoom, self._y / pose.zoom
        tilt = math.radians(pose.tilt_deg)
        ahead, rises = math.cos(tilt) - y * math.sin(tilt), math.sin(tilt) + y * math.cos(tilt)
        pan = np.arctan2(x, ahead) + math.radians(pose.pan_deg)
        raised = np.arctan2(rises, np.hypot(x, ahead))
        edge = math.atan(self._half * _EDGE)
        inner = np.clip(pan, -edge, edge)
        slope = (1 + math.tan(edge) ** 2) / self._half
        across = np.tan(inner) / self._half + (pan - inner) * slope
        high = math.atan(self._half)
        low = np.clip(raised, -high, high)
        down = np.tan(low) / np.cos(inner) / (self._half * height / width) + (raised - low) * slope
        return _mirrored(across, width), _mirrored(-down, height)


def _mirrored(place: npt.NDArray[np.floating], size: int) -> Floats:
    """A place of -1…1 as a pixel; what lies outside is seen as in mirrors at both edges."""
    turn = np.abs((place + 1.0) % 4.0 - 2.0)
    return np.asarray((2.0 - turn) / 2 * size - 0.5, np.float32).clip(0, size - 1)
