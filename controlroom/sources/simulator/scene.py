"""A street that moves: what a simulated camera sees."""

import enum
import zlib
from datetime import datetime
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from controlroom.domain.ptz import Pose
from controlroom.sources.simulator.turned_picture import TurnedPicture

Image = npt.NDArray[np.uint8]
"""Rows x columns x 3, blue green red."""

WIDTH = 640
HEIGHT = 360
VIEW_DEG = 60.0
"""How wide the street is seen at its widest."""
_HORIZON = 132
_VANISHING = 320
_LANES = (-0.72, -0.26, 0.26, 0.72)
_LOCAL = ZoneInfo("Asia/Shanghai")
_FACE = cv2.FontFace("uni")
_PAINTS = ((200, 200, 205), (60, 60, 66), (40, 40, 190), (170, 90, 40), (240, 240, 240), (70, 150, 200))


class Transport(enum.StrEnum):
    """How a simulated camera is reached."""

    RTSP = "rtsp"
    HTTP = "http"
    FILE = "file"


class SceneCamera(Struct, frozen=True, kw_only=True):
    """A camera of the simulator: `name` is burnt into the picture, `night` chooses the light, `has_head`: it turns."""

    id: str
    name: str
    transport: Transport = Transport.RTSP
    night: bool = False
    has_head: bool = False


class _Vehicle(Struct, frozen=True):
    lane: int
    phase: float
    speed: float
    paint: tuple[int, int, int]
    is_bus: bool


class Scene:
    """Draws one camera's street, 640 x 360 times `scale`; one thread at a time calls it.

    The same camera always looks at the same street; where the vehicles are follows from the time alone.
    """

    def __init__(self, camera: SceneCamera, scale: int = 1) -> None:
        self._camera = camera
        self._scale = scale
        self._random = np.random.default_rng(zlib.crc32(camera.id.encode()))
        self._street = self._paint_street()
        self._vehicles = self._paint_vehicles()
        self._drops = self._random.uniform(0.0, 1.0, (400, 2))
        self._rain_mm_h = 0.0
        self._wet = self._street
        self._turned = TurnedPicture(WIDTH, HEIGHT, VIEW_DEG)
        self._name = _strip(camera.name, scale)
        self._clock_text = ""
        self._clock = self._name

    def draw(self, at: datetime, elapsed_s: float, rain_mm_h: float, view: Pose | None = None) -> Image:
        """The picture at `at` (aware, burnt in as local time), `elapsed_s` seconds after the scene began.

        With a `view` it is what a head that looks there sees of it.
        """
        if rain_mm_h != self._rain_mm_h:
            self._rain_mm_h = rain_mm_h
            self._wet = self._paint_rain(rain_mm_h)
        image = self._wet.copy()
        order = sorted(((_depth(vehicle, elapsed_s), vehicle) for vehicle in self._vehicles), key=lambda pair: pair[0])
        for depth, vehicle in order:
            self._draw_vehicle(image, vehicle, depth)
        if rain_mm_h > 0.0:
            self._draw_drops(image, elapsed_s, rain_mm_h)
        if view is not None:
            image = self._turned.seen(image, view)
        if self._scale > 1:
            image = np.asarray(cv2.resize(image, (WIDTH * self._scale, HEIGHT * self._scale)), np.uint8)
        self._burn_in(image, at)
        return image

    def _paint_street(self) -> Image:
        night = self._camera.night
        top, bottom = ((38, 26, 18), (66, 52, 44)) if night else ((214, 178, 140), (232, 220, 208))
        ramp = np.linspace(0.0, 1.0, HEIGHT, dtype=np.float32)[:, None, None]
        column = np.asarray(top, np.float32) * (1 - ramp) + np.asarray(bottom, np.float32) * ramp
        image: Image = np.ascontiguousarray(np.broadcast_to(column, (HEIGHT, WIDTH, 3)).astype(np.uint8))
        x = 0
        while x < WIDTH:
            width, height = int(self._random.integers(40, 96)), int(self._random.integers(30, 112))
            shade = int(self._random.integers(28, 52) if night else self._random.integers(120, 176))
            cv2.rectangle(image, (x, _HORIZON - height), (x + width, _HORIZON + 20), (shade + 8, shade, shade - 4), -1)
            self._paint_windows(image, x, _HORIZON - height, width, height)
            x += width + int(self._random.integers(2, 18))
        grass = (30, 44, 30) if night else (92, 142, 104)
        cv2.rectangle(image, (0, _HORIZON + 12), (WIDTH, HEIGHT), grass, -1)
        asphalt = (48, 46, 46) if night else (104, 102, 100)
        road = np.array(
            [[_x(-1.05, 1.0), HEIGHT], [_x(-1.05, 0.0), _HORIZON], [_x(1.05, 0.0), _HORIZON], [_x(1.05, 1.0), HEIGHT]]
        )
        cv2.fillPoly(image, [road.astype(np.int32)], asphalt)
        for edge in (-1.0, 0.0, 1.0):
            cv2.line(
                image,
                (_x(edge, 0.02), _y(0.02)),
                (_x(edge, 1.0), HEIGHT),
                (120, 190, 210) if edge == 0.0 else (190, 190, 190),
                2,
            )
        for k in range(14):
            near = (k / 14.0) ** 1.6
            far = ((k + 0.5) / 14.0) ** 1.6
            for lane in (-0.5, 0.5):
                cv2.line(
                    image, (_x(lane, near), _y(near)), (_x(lane, far), _y(far)), (200, 200, 200), 1 + int(3 * near)
                )
        return image

    def _paint_windows(self, image: Image, left: int, top: int, width: int, height: int) -> None:
        night = self._camera.night
        for row in range(top + 6, top + height - 6, 10):
            for column in range(left + 5, left + width - 6, 9):
                lit = night and self._random.random() < 0.3
                colour = (120, 200, 240) if lit else ((34, 30, 28) if night else (150, 132, 112))
                cv2.rectangle(image, (column, row), (column + 4, row + 5), colour, -1)

    def _paint_vehicles(self) -> tuple[_Vehicle, ...]:
        found = []
        for lane in range(len(_LANES)):
            speed = float(self._random.uniform(0.07, 0.13))
            count = int(self._random.integers(2, 4))
            for k in range(count):
                paint = _PAINTS[int(self._random.integers(len(_PAINTS)))]
                phase = (k + float(self._random.uniform(0.0, 0.5))) / count
                found.append(_Vehicle(lane, phase, speed, paint, bool(self._random.random() < 0.15)))
        return tuple(found)

    def _paint_rain(self, rain_mm_h: float) -> Image:
        if rain_mm_h <= 0.0:
            return self._street
        strength = min(1.0, rain_mm_h / 80.0)
        haze = np.full_like(self._street, 60 if self._camera.night else 150)
        image = cv2.addWeighted(self._street, 1.0 - 0.45 * strength, haze, 0.45 * strength, 0.0)
        if rain_mm_h >= 30.0:
            depth = min(1.0, (rain_mm_h - 30.0) / 70.0)
            water = image.copy()
            centre, axes = (_VANISHING - 60, HEIGHT - 40), (int(120 + 320 * depth), int(20 + 90 * depth))
            cv2.ellipse(water, centre, axes, 0, 0, 360, (120, 112, 100), -1)
            image = cv2.addWeighted(image, 0.35, water, 0.65, 0.0)
        return np.ascontiguousarray(image, dtype=np.uint8)

    def _draw_vehicle(self, image: Image, vehicle: _Vehicle, depth: float) -> None:
        size = 0.05 + depth
        half = int((52 if vehicle.is_bus else 42) * size)
        tall = int((92 if vehicle.is_bus else 52) * size)
        x, y = _x(_LANES[vehicle.lane], depth), _y(depth)
        cv2.ellipse(image, (x, y), (half + 2, max(2, tall // 8)), 0, 0, 360, (30, 30, 30), -1)
        cv2.rectangle(image, (x - half, y - tall), (x + half, y), vehicle.paint, -1)
        cv2.rectangle(
            image, (x - half + half // 4, y - tall + tall // 8), (x + half - half // 4, y - tall // 2), (60, 50, 40), -1
        )
        lamp = (60, 60, 250) if vehicle.lane >= 2 else (210, 250, 255)
        if self._camera.night or vehicle.lane >= 2:
            for side in (-1, 1):
                cv2.circle(image, (x + side * (half - half // 5), y - tall // 4), max(1, half // 6), lamp, -1)

    def _draw_drops(self, image: Image, elapsed_s: float, rain_mm_h: float) -> None:
        drops = self._drops[: max(8, min(400, int(rain_mm_h * 4)))]
        x = (drops[:, 0] * WIDTH).astype(np.int32)
        y = (((drops[:, 1] + elapsed_s * 1.7) % 1.0) * HEIGHT).astype(np.int32)
        lines = np.stack([np.stack([x, y], 1), np.stack([x - 3, y + 13], 1)], 1)
        cv2.polylines(image, list(lines), False, (205, 200, 195), 1)

    def _burn_in(self, image: Image, at: datetime) -> None:
        text = at.astimezone(_LOCAL).strftime("%Y-%m-%d %H:%M:%S")
        if text != self._clock_text:
            self._clock_text, self._clock = text, _strip(text, self._scale)
        left = 8 * self._scale
        for strip, top in ((self._clock, 4 * self._scale), (self._name, (HEIGHT - 30) * self._scale)):
            height, width = strip.shape[:2]
            target = image[top : top + height, left : left + width]
            outlined = cv2.subtract(target, cv2.dilate(strip, np.ones((3, 3), np.uint8)))
            target[:] = cv2.max(outlined, strip)


def _depth(vehicle: _Vehicle, elapsed_s: float) -> float:
    """How near a vehicle is: 0 at the horizon, 1 (and a little more) at the lower edge."""
    run = (vehicle.phase + vehicle.speed * elapsed_s) % 1.0
    return float((run if vehicle.lane < 2 else 1.0 - run) ** 1.6) * 1.25


def _y(depth: float) -> int:
    return int(_HORIZON + (HEIGHT - _HORIZON) * depth)


def _x(across: float, depth: float) -> int:
    return int(_VANISHING + across * (14 + 270 * depth))


def _strip(text: str, scale: int) -> Image:
    """White text on black, just as wide as it is; the face knows Chinese."""
    widest = (WIDTH - 16) * scale
    image: Image = np.zeros((26 * scale, widest, 3), np.uint8)
    (end, _), _drawn = cv2.putText(image, text, (2 * scale, 20 * scale), (255, 255, 255), _FACE, 18 * scale)
    return np.ascontiguousarray(image[:, : min(widest, int(end) + 3)])
