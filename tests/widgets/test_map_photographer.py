"""Pictures of a web map: of the view that was asked for, never of what was on the screen before."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from controlroom.mapping.layers import ColourClass, LayerSpec
from widgets.map_photographer import Photographer
from widgets.map_surface import MapPicture
from widgets.map_view import MapView
from widgets.map_web import WebSurface

HERE, THERE = (116.30, 39.50), (116.70, 39.80)
GREEN, PURPLE = QColor("#00a050"), QColor("#8030c0")


def square(layer: str, colour: QColor, place: tuple[float, float]) -> LayerSpec:
    """A layer with a coloured area of 0.1 degrees around a place."""
    lon, lat = place
    corners = [(lon - 0.1, lat - 0.1), (lon + 0.1, lat - 0.1), (lon + 0.1, lat + 0.1), (lon - 0.1, lat + 0.1)]
    ring = ",".join(f"[{x},{y}]" for x, y in [*corners, corners[0]])
    shape = f'{{"type":"Feature","properties":{{"class":0}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}'
    text = f'{{"type":"FeatureCollection","features":[{shape}]}}'
    return LayerSpec(id=layer, title=layer, classes=(ColourClass("", colour.name()),), geojson=text, opacity=1.0)


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[MapView]:
    """A map of 500x400 that looks at a green area which fills it; elsewhere there is a purple one."""
    view = MapView()
    view.set_theme(True)
    view.resize(500, 400)
    view.add_layer(square("green", GREEN, HERE))
    view.add_layer(square("purple", PURPLE, THERE))
    view.fly_to(*HERE, 15)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show()
    yield view
    view.close()


def taken(qtbot: QtBot, chart: MapView) -> MapPicture:
    pictures: list[MapPicture | None] = []
    chart.surface.take_picture(pictures.append)
    qtbot.waitUntil(lambda: bool(pictures), timeout=25_000)
    assert pictures[0] is not None
    return pictures[0]


def share(image: QImage, colour: QColor) -> float:
    """How much of an image has about this colour, by a grid that reaches into its corners."""
    grid = [(x, y) for x in range(2, image.width(), 11) for y in range(2, image.height(), 11)]
    pixels = [image.pixelColor(x, y) for x, y in grid]
    return sum(abs(p.hue() - colour.hue()) < 12 and p.saturation() > 90 for p in pixels) / len(pixels)


def test_a_picture_asked_for_at_once_is_of_the_new_view_in_the_new_size(qtbot: QtBot, chart: MapView) -> None:
    first = taken(qtbot, chart)
    assert share(first.image, GREEN) > 0.85
    chart.resize(1600, 1000)
    chart.fly_to(*THERE, 14)
    second = taken(qtbot, chart)
    assert second.image.size() == chart.surface.size()
    assert share(second.image, PURPLE) > 0.85
    assert second.centre.zoom == 14
    assert (second.centre.lon, second.centre.lat) == pytest.approx(THERE, abs=0.001)
    right = second.image.copy(second.image.width() * 2 // 3, 0, second.image.width() // 3, second.image.height())
    assert share(right, PURPLE) > 0.85, "the page had grown, too"


def test_a_view_that_changes_while_the_picture_waits_is_the_one_in_it(qtbot: QtBot, chart: MapView) -> None:
    pictures: list[MapPicture | None] = []
    chart.surface.take_picture(pictures.append)
    chart.fly_to(*THERE, 16)
    chart.surface.take_picture(pictures.append)
    qtbot.waitUntil(lambda: len(pictures) == 2, timeout=25_000)
    for picture in pictures:
        assert picture is not None
        assert picture.centre.zoom == 16
        assert share(picture.image, PURPLE) > 0.85


def test_the_patch_that_proves_a_view_is_in_no_picture(qtbot: QtBot, chart: MapView) -> None:
    for _turn in range(3):
        image = taken(qtbot, chart).image
        corner = image.pixelColor(image.width() - 4, image.height() - 4)
        assert not any(abs(corner.hue() - QColor(c).hue()) < 6 for c in ("#12ab9c", "#ab129c", "#9cab12"))


def test_a_page_that_does_not_draw_in_time_gives_no_picture(qtbot: QtBot, chart: MapView) -> None:
    surface = chart.surface
    assert isinstance(surface, WebSurface)
    photographer = surface.findChild(Photographer)
    photographer._end.setInterval(100)
    surface.view.page().runJavaScript("controlroom.coming.count = 1")
    pictures: list[MapPicture | None] = []
    surface.take_picture(pictures.append)
    qtbot.waitUntil(lambda: bool(pictures), timeout=5000)
    assert pictures == [None]
