from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.shell.plugin_frame import PluginFrame
from controlroom.shell.plugins import PluginHost, product_folder
from controlroom.wire.frames import Readings
from tests.shell.room_feed import NOON, RoomFeed

AIR = {"pm25": "µg/m³", "pm10": "µg/m³", "so2": "µg/m³", "no2": "µg/m³", "co": "mg/m³", "o3": "µg/m³"}
CLEAN = {"pm25": 20.0, "pm10": 30.0, "so2": 5.0, "no2": 20.0, "co": 0.5, "o3": 60.0}
RIVER = {"ph": 7.4, "dissolved_oxygen": 6.2, "permanganate": 5.0, "ammonia_nitrogen": 1.2, "total_phosphorus": 0.12}


def station(stem: str, name: str, kinds: dict[str, str], lon: float) -> list[Sensor]:
    return [
        Sensor(
            id=f"{stem}-{kind}",
            name=f"{name} {kind}",
            kind=kind,
            unit=unit,
            point=Point(lon, 39.7),
            stale_after_s=600.0,
        )
        for kind, unit in kinds.items()
    ]


def values(stem: str, found: dict[str, float]) -> dict[str, float]:
    return {f"{stem}-{kind}": value for kind, value in found.items()}


class Shown:
    """The panel as the host shows it."""

    def __init__(self, qtbot: QtBot) -> None:
        i18n.set_language("en")
        self.feed = RoomFeed()
        self.feed.declare(
            *station("yz", "Yizhuang", AIR, 116.5),
            *station("hc", "Huangcun", AIR, 116.3),
            *station("ls", "Liangshui", dict.fromkeys(RIVER, "mg/L"), 116.4),
            *station("xh", "Xinghua", {"noise": "dB(A)"}, 116.35),
            Sensor(id="rain-1", name="Rain", kind="rain"),
        )
        folder = product_folder()
        assert folder is not None
        self.host = PluginHost([folder], self.feed, self.feed.clock, self.feed.doors(), "en")
        self.frame: PluginFrame = self.host.frame("plugin:environment")
        qtbot.addWidget(self.frame)
        self.frame.resize(1200, 600)
        with qtbot.waitExposed(self.frame):
            self.frame.show()
        qtbot.waitUntil(lambda: self.frame.content is not None and self.frame.content.isVisible())
        self.panel = self.frame.content

    def say(self, **found: dict[str, float]) -> None:
        for stem, readings in found.items():
            self.feed.read(values(stem, readings))
        self.feed.tick()

    def table(self, name: str) -> dict[str, list[str]]:
        """Texts of a table's cells by the name in its first column."""
        model = getattr(self.panel, name).model
        rows = [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    shown = Shown(qtbot)
    yield shown
    shown.host.close()


def test_stations_are_judged_by_the_edition_in_force(shown):
    shown.say(yz=CLEAN | {"pm25": 60.0}, hc=CLEAN)
    assert shown.table("air")["Yizhuang"][:3] == ["100", "Good air", "PM2.5"]
    assert shown.table("air")["Huangcun"][:3] == ["30", "Excellent air", "none"]
    assert "HJ 633-2026" in shown.panel.basis.text()


def test_before_march_2026_the_older_edition_judges(shown):
    shown.feed.clock.at_ms -= round(timedelta(days=300).total_seconds() * 1000)
    shown.say(yz=CLEAN | {"pm25": 60.0})
    assert shown.table("air")["Yizhuang"][0] == "82"
    assert "HJ 633-2012" in shown.panel.basis.text()


def test_a_station_that_falls_silent_becomes_stale_and_is_not_judged(shown):
    shown.say(yz=CLEAN)
    shown.feed.tick(599)
    assert shown.table("air")["Yizhuang"][-1] == "fresh"
    shown.feed.tick(61)
    level, _primary, age, state = shown.table("air")["Yizhuang"][1:]
    assert (level, state) == ("No valid data", "stale")
    assert age == "11 min 01 s ago"
    assert shown.table("air")["Huangcun"][-1] == "never heard"


def test_what_is_missing_at_a_station_is_named(shown):
    shown.say(yz=CLEAN | {"co": float("nan")})
    assert shown.table("air")["Yizhuang"][-1] == "without CO"


def test_a_doubtful_reading_is_not_judged(shown):
    shown.feed.read(values("yz", CLEAN))
    shown.feed.read(values("yz", {"pm25": 400.0}), quality=1)
    shown.feed.tick()
    assert shown.table("air")["Yizhuang"][0] == "30"


def test_carbon_monoxide_in_micrograms_is_converted(shown):
    shown.feed.declare(*station("cy", "Caiyu", {"co": "µg/m³"}, 116.7))
    shown.say(cy={"co": 10_000.0})
    assert shown.table("air")["Caiyu co"][0] == "100"


def test_water_is_classed_by_its_worst_factor(shown):
    shown.say(ls=RIVER)
    assert shown.table("water")["Liangshui"][:2] == ["Class Ⅳ", "Ammonia nitrogen"]


def test_noise_is_judged_by_the_chosen_zone_and_the_hour(shown):
    shown.say(xh={"noise": 57.3})
    assert shown.table("noise")["Xinghua noise"][:3] == ["57.3", "60", "—"]
    shown.panel.zone.setCurrentIndex(1)
    shown.panel.zone.activated.emit(1)
    assert shown.table("noise")["Xinghua noise"][:3] == ["57.3", "55", "2.3"]
    shown.feed.tick(12 * 3600)
    shown.say(xh={"noise": 57.3})
    assert shown.table("noise")["Xinghua noise"][1] == "45"


def test_what_is_over_its_limit_is_listed_the_worst_first(shown):
    shown.say(yz=CLEAN | {"pm25": 121.0}, hc=CLEAN | {"pm10": 130.0}, ls=RIVER, xh={"noise": 70.0})
    assert list(shown.table("over")) == ["Yizhuang", "Huangcun", "Liangshui", "Xinghua noise"]
    assert shown.panel.tabs.tabText(3) == "Over the limit (4)"
    shown.say(yz=CLEAN, hc=CLEAN)
    assert list(shown.table("over")) == ["Liangshui", "Xinghua noise"]


def test_the_map_layer_has_every_air_station_with_its_level(shown):
    shown.say(yz=CLEAN | {"pm25": 121.0})
    layer = shown.feed.layers["environment.air"]
    assert layer.data_at is not None
    marks = {mark.label: mark for mark in layer.marks}
    assert layer.classes[marks["Yizhuang"].level] == ("Moderate pollution", "#ff0000")
    assert marks["Yizhuang"].value == 159
    assert layer.classes[marks["Huangcun"].level][0] == "No valid data"


def test_a_chosen_station_shows_its_leading_pollutant_with_its_history(shown):
    shown.say(yz=CLEAN, hc=CLEAN | {"pm25": 121.0})
    index = shown.feed.room.sensor_index["hc-pm25"]
    times = np.arange(3, dtype=np.int64) * 60_000 + round(NOON.timestamp() * 1000) - 600_000
    shown.feed.past = Readings(
        np.full(3, index, np.uint32), np.array([90, 100, 110], np.float32), times, np.zeros(3, np.uint8)
    )
    shown.panel.air.choose("hc-co")
    assert ("select", "sensor", "hc-pm25") in shown.feed.asked
    assert shown.panel.substance.currentText() == "PM2.5"
    assert shown.panel.tile.value.text() == "159"
    _times, curve = shown.panel.plot._curve.getData()
    assert curve.tolist() == [90, 100, 110]
    shown.say(hc={"pm25": 130.0})
    assert shown.panel.plot._curve.getData()[1].tolist() == [90, 100, 110, 130]


def test_a_panel_that_went_is_told_nothing_more(shown, qtbot):
    gone = []
    shown.panel.destroyed.connect(lambda: gone.append(True))
    shown.frame.put(None)
    qtbot.waitUntil(lambda: bool(gone))
    shown.say(yz=CLEAN)
    shown.host.restart("environment")
    assert not shown.host._plugins["environment"].failed
