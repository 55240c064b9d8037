"""The looker reads what was burnt in, at any size and after coding, and nothing where there is nothing."""

import cv2
import numpy as np
import pytest

from tests.bench.wall_screen import Looker, burn, cells


@pytest.mark.parametrize("size", [(190, 154), (480, 270), (320, 180), (704, 576)])
def test_numbers_are_read_from_pictures_of_any_size(size: tuple[int, int]) -> None:
    chance = np.random.default_rng(1)
    screen = np.zeros((600, 800, 4), np.uint8)
    rects = [(10, 8, *size), (700, 8, 90, 70)]
    for number in (0, 1, 77, 128, 249, 255):
        image = chance.integers(60, 200, (576, 704, 3), np.uint8)
        burn(image, number)
        small = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        coded = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
        screen[8 : 8 + size[1], 10 : 10 + size[0], :3] = coded
        assert Looker(screen, rects[:1]).numbers().tolist() == [number]
    assert Looker(np.full_like(screen, 90), rects).numbers().tolist() == [-1, -1]


def test_a_mosaic_fills_the_screen() -> None:
    for tiles in (4, 16, 36, 64):
        rects = cells(tiles)
        assert len(rects) == tiles == len(set(rects))
        assert all(x + w <= 1920 and y + h <= 1080 for x, y, w, h in rects)
