"""Saved values: told to all, changed and removed by name, refused where they cannot be; and what differs from them."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.domain.value_snapshot import Threshold, ValueSnapshot, columns_of, differences, saved
from controlroom.hub import snapshot_commands
from controlroom.hub.commands import Outcome, carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Command, Refusal, SensorsRecord
from controlroom.wire.snapshots import ChangeSavedValues, RemoveSavedValues, SaveValues
from tests.rooms import NOON, hub_in, seat_on, source_of

TEN_PERCENT = Threshold(by=10.0)


@pytest.fixture
def core() -> Core:
    made = Core("live", Room())
    sensors = [Sensor(id=identity, name=identity, kind="flood_depth") for identity in ("g-1", "g-2")]
    made.record("s", SensorsRecord(sensors=sensors), "WGS-84", NOON)
    return made


def do(core: Core, body: Any, officer: str = "王") -> Outcome:
    outcome = carry_out(core.room, Command(id="c", seat="one", officer=officer, body=body), NOON, False)
    core.fold(outcome.events)
    return outcome


def wish(**more: Any) -> SaveValues:
    plain = {"name": "旱季", "sensors": ["g-1", "g-2"], "values": [1.5, None], "taken_at": NOON}
    return SaveValues(**({"threshold": TEN_PERCENT} | plain | more))


def made(core: Core) -> ValueSnapshot:
    return core.room.value_snapshots[do(core, wish()).created]


def test_saved_values_are_held_by_every_room_that_takes_the_snapshot(core: Core) -> None:
    held = made(core)
    assert (held.name, held.by, held.seat, held.values) == ("旱季", "王", "one", (1.5, None))
    copy = Room()
    copy.restore(core.room.sequence, core.room.snapshot())
    assert copy.value_snapshots == {held.id: held} and copy.digest() == core.room.digest()


def test_name_and_threshold_change_while_the_values_stay(core: Core) -> None:
    held = made(core)
    do(core, ChangeSavedValues(snapshot=held.id, name="雨季", threshold=Threshold(by=3.0, percent=False)), "李")
    changed = core.room.value_snapshots[held.id]
    assert (changed.name, changed.threshold.by, changed.changed_by) == ("雨季", 3.0, "李")
    assert (changed.values, changed.by) == (held.values, "王")


def test_a_removed_one_is_gone_from_the_room_but_was_told_with_a_name(core: Core) -> None:
    held = made(core)
    (event,) = do(core, RemoveSavedValues(snapshot=held.id), "李").events
    assert event.snapshot.removed and event.snapshot.changed_by == "李"
    assert core.room.value_snapshots == {}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "  "}, Refusal.REASON_REQUIRED),
        ({"sensors": ["g-1", "g-3"]}, Refusal.UNKNOWN_OBJECT),
        ({"values": [1.0]}, Refusal.MALFORMED),
        ({"values": [None, None]}, Refusal.MALFORMED),
        ({"sensors": ["g-1", "g-1"]}, Refusal.MALFORMED),
    ],
)
def test_what_cannot_be_saved_is_refused_and_changes_nothing(core: Core, more: dict[str, Any], code: Refusal) -> None:
    before = core.room.digest()
    with pytest.raises(Refuse) as told:
        do(core, wish(**more))
    assert told.value.code is code and core.room.digest() == before


def test_a_name_is_taken_once_and_the_number_of_snapshots_is_bounded(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = made(core)
    for body, code in (
        (wish(), Refusal.ALREADY_DONE),
        (ChangeSavedValues(snapshot=held.id, name="旱季", threshold=TEN_PERCENT), Refusal.ALREADY_DONE),
        (ChangeSavedValues(snapshot="values-0", name="x", threshold=TEN_PERCENT), Refusal.UNKNOWN_OBJECT),
        (RemoveSavedValues(snapshot="values-0"), Refusal.UNKNOWN_OBJECT),
    ):
        with pytest.raises(Refuse) as told:
            do(core, body)
        assert told.value.code is code
    monkeypatch.setattr(snapshot_commands, "STANDING_MOST", 1)
    with pytest.raises(Refuse) as told:
        do(core, wish(name="x"))
    assert told.value.code is Refusal.TOO_LARGE


def test_differences_pass_the_threshold_strictly_and_missing_values_are_told() -> None:
    then, now = np.array([20.0, 20.0, 0.0, 0.0, math.nan, -10.0]), np.array([22.0, 22.1, 0.0, 0.1, 5.0, -8.0])
    by_share = differences(then, now, TEN_PERCENT)
    assert by_share.beyond.tolist() == [False, True, False, True, False, True]
    assert by_share.missing.tolist() == [False, False, False, False, True, False]
    assert by_share.percent[0] == pytest.approx(10.0) and by_share.percent[5] == pytest.approx(20.0)
    by_unit = differences(then, now, Threshold(by=2.0, percent=False))
    assert by_unit.beyond.tolist() == [False, True, False, False, False, False]
    assert by_unit.delta[5] == 2.0


def test_what_was_saved_comes_back_as_a_column_with_its_gaps(core: Core) -> None:
    values = np.array([1.5, math.nan], np.float32)
    assert saved(values) == (1.5, None)
    back = columns_of(made(core))
    assert back[0] == 1.5 and math.isnan(back[1])


def test_saved_values_are_seen_on_every_seat_and_after_a_restart_of_the_hub(tmp_path: Path) -> None:
    def held(seat: Any) -> list[str]:
        return [each.name for each in seat.mirror.room.value_snapshots.values()]

    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as one, seat_on(hub.ports.requests) as other:
        with source_of(hub.ports.ingest) as source:
            sensors = [{"id": identity, "name": identity, "kind": "flood_depth"} for identity in ("g-1", "g-2")]
            source.hand_in({"type": "sensors", "sensors": sensors})
        one.until(lambda: len(one.mirror.room.sensors) == 2)
        one.link.ask(Command(id="c1", seat="one", officer="王", body=wish())).result(10)
        other.until(lambda: held(other) == ["旱季"])
        one.until(lambda: one.mirror.room.digest() == other.mirror.room.digest())
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        seat.until(lambda: held(seat) == ["旱季"])
        assert next(iter(seat.mirror.room.value_snapshots.values())).values == (1.5, None)
