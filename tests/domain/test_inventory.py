import numpy as np
import pytest

from controlroom.domain.inventory import By, Flaw, Inventory
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest, Quality
from controlroom.domain.sensor import Sensor

NOW_MS = 1_795_000_000_000


def sensor(number: int, **more) -> Sensor:
    fields = {"name": f"点{number}", "kind": "rain", "town": "黄村镇", "department": "区水务局", **more}
    return Sensor(id=f"s{number}", stale_after_s=60.0, **fields)


def stock(sensors: list[Sensor], told: dict[int, tuple[int, int, int]], silent: set[str] | None = None) -> Inventory:
    """`told`: by number the source's time and the arrival as ages in ms, and the quality."""
    latest = Latest()
    for number, (age_ms, arrived_ms, quality) in told.items():
        latest.apply(
            np.array([number], np.uint32),
            np.array([1.0], np.float32),
            np.array([NOW_MS - age_ms]),
            np.array([quality], np.uint8),
            NOW_MS - arrived_ms,
        )
    inventory = Inventory()
    inventory.declare({s.id: s for s in sensors}, {s.id: n for n, s in enumerate(sensors)})
    inventory.look(latest, NOW_MS, silent or set())
    return inventory


def test_online_silent_never_heard_and_doubtful_are_told_apart() -> None:
    inventory = stock([sensor(n) for n in range(5)], {0: (1000, 900, 0), 1: (90_000, 89_000, 0), 2: (1000, 900, 2)})
    total = inventory.total()
    assert (total.devices, total.online) == (5, 2)
    assert total.flaws == {Flaw.SILENT: 1, Flaw.NEVER: 2, Flaw.DOUBTFUL: 1, Flaw.CLOCK: 0, Flaw.DOUBLE: 0}
    assert inventory.devices(flaw=Flaw.NEVER) == [3, 4]
    assert inventory.flaws_of(2) == [Flaw.DOUBTFUL]
    assert total.online_share == 0.4


def test_a_clock_that_goes_ahead_or_behind_is_flagged_and_so_is_one_that_the_hub_set_right() -> None:
    told = {
        0: (0, 4000, 0),
        1: (0, 6000, 0),
        2: (40_000, 0, 0),
        3: (61_000, 0, 0),
        4: (0, 0, int(Quality.CLOCK_OFF)),
    }
    inventory = stock([sensor(n) for n in range(5)], told)
    assert inventory.devices(flaw=Flaw.CLOCK) == [1, 3, 4]


def test_the_same_name_kind_and_place_twice_is_a_duplicate_and_another_kind_is_none() -> None:
    here, there = Point(116.3, 39.7), Point(116.4, 39.7)
    inventory = stock(
        [
            sensor(0, name="井", point=here),
            sensor(1, name="井", point=here),
            sensor(2, name="井", point=there),
            sensor(3, name="井", point=here, kind="noise"),
        ],
        {},
    )
    assert inventory.devices(flaw=Flaw.DOUBLE) == [0, 1]


def test_a_device_that_two_living_sources_declare_is_a_duplicate_and_not_when_one_is_gone() -> None:
    twice = [sensor(0, sources=("new", "old")), sensor(1, sources=("new",))]
    assert stock(twice, {}).devices(flaw=Flaw.DOUBLE) == [0]
    assert stock(twice, {}, {"old"}).devices(flaw=Flaw.DOUBLE) == []


def test_a_shared_device_is_counted_in_each_department_and_once_in_all() -> None:
    shared = [
        sensor(0, departments=("区应急局", "区水务局")),
        sensor(1, department="区应急局"),
        sensor(2, department=""),
    ]
    inventory = stock(shared, {0: (0, 0, 0)})
    counts = {count.key: (count.devices, count.online) for count in inventory.counts(By.DEPARTMENT)}
    assert counts == {"区水务局": (1, 1), "区应急局": (2, 1), "": (1, 0)}
    assert inventory.total().devices == 3
    assert inventory.devices(By.DEPARTMENT, "区应急局") == [0, 1]
    assert inventory.devices(By.DEPARTMENT, "nobody") == []


def test_counts_by_kind_and_town_name_the_largest_first() -> None:
    inventory = stock([sensor(0), sensor(1, kind="noise", town="礼贤镇"), sensor(2)], {1: (0, 0, 0)})
    assert [(c.key, c.devices, c.online) for c in inventory.counts(By.KIND)] == [("rain", 2, 0), ("noise", 1, 1)]
    assert [c.key for c in inventory.counts(By.TOWN)] == ["黄村镇", "礼贤镇"]


def test_an_empty_room_has_an_empty_inventory() -> None:
    inventory = Inventory()
    assert inventory.counts(By.KIND) == []
    assert inventory.total().online_share == 0.0


def test_a_clock_is_known_by_many_readings_and_one_that_is_late_for_another_reason_moves_it_little() -> None:
    latest, inventory = Latest(), Inventory()
    sensors = [sensor(0), sensor(1)]
    inventory.declare({s.id: s for s in sensors}, {s.id: n for n, s in enumerate(sensors)})

    def tell(at_ms: int, skews_ms: tuple[int, int]) -> None:
        times = at_ms + np.array(skews_ms, np.int64)
        latest.apply(np.array([0, 1], np.uint32), np.float32([1, 1]), times, np.zeros(2, np.uint8), at_ms)
        inventory.look(latest, at_ms)

    for second in range(100):
        tell(NOW_MS + 1000 * second, (-300 - second % 7, 20_000))
    assert inventory.skew_ms.tolist() == [pytest.approx(-300, abs=5), 20_000]
    assert inventory.devices(flaw=Flaw.CLOCK) == [1]
    tell(NOW_MS + 100_000, (-290_000, -290_000))
    assert inventory.devices(flaw=Flaw.CLOCK) == [1], "one late reading proves nothing of a clock"
    for second in range(101, 1200):
        tell(NOW_MS + 1000 * second, (-290_000, -50))
    assert inventory.devices(flaw=Flaw.CLOCK) == [0], "always late is a clock that is behind, one set right is well"
