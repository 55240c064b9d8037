"""Limits as they hold at that time, on the map, in the sensor list, in the detail of an alarm and in plots."""

from datetime import datetime

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from controlroom.domain.events import LimitsInForceChanged, SensorsDeclared
from controlroom.domain.limit_book import ZONE
from controlroom.domain.limits_in_force import LimitsInForce
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.mapping.layers import SensorState
from controlroom.wire.frames import Readings
from controlroom.wiring.map import MapWiring
from controlroom.wiring.plots import PlotWiring
from controlroom.wiring.sensors import SensorsWiring
from tests.wiring.conftest import Desk

GAUGE = Sensor(id="f0", name="京开路", kind="flood_depth", unit="cm")
PM25 = Sensor(id="p0", name="黄村", kind="pm25", unit="µg/m³")
NOISE = Sensor(id="n0", name="居民区", kind="noise", unit="dB", zone="1")
STRICT = (Limit(severity=Severity.RED, above=5.0),)


def read(desk: Desk, index: int, value: float) -> None:
    now_ms = to_ms(desk.clock.now())
    columns = (np.array([index], np.uint32), np.array([value], np.float32), np.array([now_ms]), np.zeros(1, np.uint8))
    desk.hand.tell(Readings(*columns))


def shown(wiring: MapWiring) -> SensorState:
    layer = wiring.view._scene.point_layer("sensor")
    assert layer is not None
    return SensorState(int(layer.state[0]))


def test_a_warning_makes_the_map_and_the_list_judge_as_the_hub_does(desk: Desk, qtbot: QtBot) -> None:
    wiring, listed = MapWiring(desk.seat), SensorsWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    qtbot.addWidget(listed.browser)
    wiring.view.show()
    listed.browser.show()
    desk.happen(SensorsDeclared((0,), (GAUGE,)))
    read(desk, 0, 6.0)
    desk.second()
    assert shown(wiring) == SensorState.NORMAL
    since = desk.clock.now()
    strict = LimitsInForce(id="c", limits=STRICT, sensors=("f0",), since=since)
    desk.happen(LimitsInForceChanged(strict))
    desk.second()
    assert shown(wiring) == SensorState.RED
    tip = listed.model.data(listed.model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "告警规则" in tip
    desk.happen(LimitsInForceChanged(LimitsInForce(id="c", limits=STRICT, sensors=("f0",), since=since, over=True)))
    desk.second()
    assert shown(wiring) == SensorState.NORMAL


def periods(wiring: PlotWiring, until: datetime) -> list[tuple[float, float]]:
    """The lowest limit of each period that is drawn, with the second at which the period ends."""
    wiring.plot.steering.set_span(6 * 3600)
    wiring.plot.steering.follow(until)
    wiring.plot.show()
    wiring.plot.redraw()
    drawn = wiring.plot.canvas.charts[0].scene.periods
    return [(min(line.value for line in each.lines), each.stretch.end_s) for each in drawn]


def test_the_bands_of_noise_step_at_ten_in_the_evening(desk: Desk, qtbot: QtBot) -> None:
    wiring = PlotWiring(desk.seat, [])
    qtbot.addWidget(wiring.plot)
    wiring.plot.resize(900, 400)
    desk.happen(SensorsDeclared((0,), (NOISE,)))
    wiring.plot.show_sensors([NOISE], [0])
    day, night = periods(wiring, datetime(2026, 11, 20, 23, 0, tzinfo=ZONE))
    assert (day[0], night[0]) == (55.0, 45.0)
    assert abs(day[1] - datetime(2026, 11, 20, 22, 0, tzinfo=ZONE).timestamp()) < 60


def test_the_bands_of_particles_step_with_the_edition_of_the_standard(desk: Desk, qtbot: QtBot) -> None:
    wiring = PlotWiring(desk.seat, [])
    qtbot.addWidget(wiring.plot)
    wiring.plot.resize(900, 400)
    desk.happen(SensorsDeclared((0,), (PM25,)))
    wiring.plot.show_sensors([PM25], [0])
    before, since = periods(wiring, datetime(2026, 3, 1, 3, 0, tzinfo=ZONE))
    assert (before[0], since[0]) == (75.0, 60.0)
    assert abs(before[1] - datetime(2026, 3, 1, tzinfo=ZONE).timestamp()) < 60
