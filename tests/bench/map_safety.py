"""What gets out of the map's page and what runs in it, and how soon an area is counted."""

import statistics
import time

import numpy as np

from controlroom.domain.severity import Severity
from controlroom.mapping.analysis.areas import circle, inside
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.district import District
from controlroom.mapping.exposure import Exposed, Exposure, read_layers
from controlroom.mapping.layers import AlarmMark, ColourClass, LayerPoint, LayerSpec
from resources import path
from tests.bench.map_plain import hostile_in_plain_folium, ways_of_a_plain_view
from tests.bench.map_rig import CENTRE, district_points, evaluate, until
from tests.bench.report import Measure
from tests.ways_out import HOSTILE, WAYS_OUT, Listener
from widgets.map_view import MapView
from widgets.map_web import WebSurface

CAMERAS, SENSORS, TEAMS = 39_000, 130_000, 900


def measure_safety(chart: MapView) -> list[Measure]:
    """Two counts that must be 0, beside those of a plain view and of plain folium.

    The chart's page has tried to leave when this is done: drop it.
    """
    assert isinstance(chart.surface, WebSurface)
    page, channel = chart.surface.page, chart.surface.channel
    here = (CENTRE.lon, CENTRE.lat)
    chart.set_sensors(["s"], [HOSTILE], [here[0]], [here[1]], [6])
    chart.set_vehicles(["v"], [HOSTILE], [HOSTILE])
    chart.set_alarms([AlarmMark(HOSTILE, Severity.RED, here[0] + 0.002, here[1], HOSTILE)])
    chart.add_layer(
        LayerSpec(id=HOSTILE, title=HOSTILE, classes=(ColourClass(HOSTILE, "red;}</style>"),), unit=HOSTILE)
    )
    chart.update_layer(HOSTILE, [LayerPoint(HOSTILE, HOSTILE, here[0], here[1] + 0.002, 1.0)])
    chart.toolbar.legend.setChecked(True)
    chart.select("sensor", "s")
    until(lambda: evaluate(page, "document.querySelector('.selected span')?.textContent") == HOSTILE)
    hits = evaluate(page, "(window.hit || 0) + document.querySelectorAll('img[src=x]').length")
    listener, told = Listener(), []
    channel.pong_received.connect(told.append)
    page.runJavaScript(WAYS_OUT.replace("HOST", f"127.0.0.1:{listener.port}"))
    until(lambda: 4711 in told)
    channel.pong_received.disconnect(told.append)
    reached = listener.reached
    listener.close()
    plain, folium = float(ways_of_a_plain_view()), float(hostile_in_plain_folium())
    ways = "of 21, with a real listener; baseline: a plain view"
    names = "names of a sensor, vehicle, alarm, layer and class; baseline: plain folium, of 3 places"
    return [
        Measure("leak_vectors_open", float(reached), "ways", plain, ways),
        Measure("hostile_text_executed", float(hits), "times", folium, names),
    ]


def measure_exposure(rounds: int) -> list[Measure]:
    """Everything inside a new circle: files of the district, and the room's own things, all projected anew."""
    plane = Plane(District(path("district")).centre.lon)
    exposure = Exposure(plane, read_layers([path("district", "exposure")], plane, _broken))
    columns = [district_points(count)[1:3] for count in (CAMERAS, SENSORS, TEAMS)]
    generator, times = np.random.default_rng(8), []
    for _round in range(rounds):
        lon, lat = generator.uniform((116.3, 39.55), (116.5, 39.75))
        start = time.perf_counter()
        shape = circle(plane, lon, lat, 1000.0).shape
        exposure.filed(shape)
        exposure.live(shape, Exposed.CAMERAS, *columns[0], "", True)
        exposure.live(shape, Exposed.TEAMS, *columns[2], "", True)
        inside(shape, *plane.to_plane(*columns[1]))
        times.append((time.perf_counter() - start) * 1000)
    note = f"1 km round a place: data layers, {CAMERAS:,} cameras, {SENSORS:,} sensors, {TEAMS} teams"
    return [Measure("exposure_ms", statistics.median(times), "ms", note=note)]


def _broken(fault: Exception) -> None:
    raise fault
