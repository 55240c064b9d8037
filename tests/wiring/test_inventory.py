"""The inventory of devices, connected to a seat."""

from collections.abc import AsyncIterator
from datetime import timedelta

import numpy as np
from pytestqt.qtbot import QtBot

from controlroom.domain.events import SensorsDeclared
from controlroom.domain.inventory import By, Flaw
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.wire.frames import Readings
from controlroom.wire.source_health import UnknownSensor, UnknownSensors
from controlroom.wiring.inventory import EVERY_S, InventoryWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk


def with_a_hub(desk: Desk, heard: list[int]) -> None:
    """A hub that has heard these sensors and knows one that nobody declared."""

    async def readings_at(_at: object, _size: int) -> AsyncIterator[Readings]:
        count = len(heard)
        at = np.full(count, to_ms(desk.clock.now() - timedelta(seconds=2)), np.int64)
        yield Readings(np.array(heard, np.uint32), np.ones(count, np.float32), at, np.zeros(count, np.uint8))

    async def unknown_sensors() -> UnknownSensors:
        stranger = UnknownSensor(id="x", source="grid", count=3, first_at=NOON, last_at=NOON)
        return UnknownSensors(total=1, sensors=(stranger,))

    desk.sent.readings_at = readings_at
    desk.sent.unknown_sensors = unknown_sensors


def declared(count: int) -> SensorsDeclared:
    made = tuple(Sensor(id=f"s{n}", name=f"点{n}", kind="rain", town="黄村镇") for n in range(count))
    return SensorsDeclared(tuple(range(count)), made)


def test_what_the_hub_heard_before_the_seat_joined_counts_as_heard(desk: Desk, qtbot: QtBot) -> None:
    with_a_hub(desk, [0, 1])
    desk.happen(declared(3))
    wiring = InventoryWiring(desk.seat, desk.owner)
    wiring.open(None)
    assert wiring.dialog is not None
    qtbot.addWidget(wiring.dialog)
    total = wiring.dialog.inventory.total()
    assert (total.online, total.flaws[Flaw.NEVER]) == (2, 1)
    assert "1" in wiring.dialog.tabs.tabText(3)


def test_an_open_inventory_follows_the_room_and_a_closed_one_is_opened_anew(desk: Desk, qtbot: QtBot) -> None:
    with_a_hub(desk, [])
    desk.happen(declared(3))
    wiring = InventoryWiring(desk.seat, desk.owner)
    wiring.open(None)
    first = wiring.dialog
    assert first is not None
    desk.happen(declared(5))
    for _second in range(int(EVERY_S) + 1):
        desk.second()
    assert first.inventory.total().devices == 5
    wiring.open(None)
    assert wiring.dialog is first
    with qtbot.waitSignal(first.destroyed):
        first.close()
    assert wiring.dialog is None
    desk.second()
    wiring.open(None)
    assert wiring.dialog is not None and wiring.dialog is not first
    qtbot.addWidget(wiring.dialog)


def test_a_chosen_device_is_selected_and_drawn(desk: Desk, qtbot: QtBot) -> None:
    with_a_hub(desk, [])
    desk.happen(declared(2))
    wiring = InventoryWiring(desk.seat, desk.owner)
    wiring.open(None)
    assert wiring.dialog is not None
    qtbot.addWidget(wiring.dialog)
    wiring.dialog.tables[By.TOWN].choose("/黄村镇")
    with qtbot.waitSignals([desk.seat.selection.changed, desk.seat.requests.plot_wanted]):
        wiring.dialog.device_chosen.emit("s1")
