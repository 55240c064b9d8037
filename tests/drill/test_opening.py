"""What stood when a recording began stands in the drill as it did: no rule drops it, delays it or frees a child."""

from datetime import timedelta

import msgspec
import pytest

from controlroom.domain.alarm_rules import decode_rules
from controlroom.domain.room import Room
from controlroom.drill.opening import opening_records, unseen
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.messages import AlarmRecord, ClearRecord, Command, Refusal, StandingRecord
from tests.rooms import NOON

RULES = decode_rules(
    b"""
[[rule]]
name = "counted"
match = { kind = ["counted"] }
repeated = { times = 3, within_s = 60.0 }
[[rule]]
name = "delayed"
match = { kind = ["delayed"] }
on_delay_s = 10.0
off_delay_s = 10.0
[[correlation]]
name = "power"
parent = { kind = ["power"] }
children = { kind = ["device"] }
same = ["place"]
release_s = 30.0
"""
)


def tell(core: Core, key: str, kind: str, after_s: float = 0.0, place: str = "泵站") -> None:
    at = NOON + timedelta(seconds=after_s)
    record = AlarmRecord(key=key, severity=2, title=key, occurred_at=at, kind=kind, place=place)
    core.record("s", record, "WGS-84", at)


def recorded() -> Core:
    core = Core("live", Room(), rules=RULES)
    for second in (0, 1, 2):
        tell(core, "counted", "counted", second)
    tell(core, "slow", "delayed", 3)
    core.look(NOON + timedelta(seconds=14))
    tell(core, "running", "delayed", 15)
    tell(core, "power", "power", 16)
    tell(core, "device", "device", 17)
    core.record("s", ClearRecord(key="slow", occurred_at=NOON), "WGS-84", NOON + timedelta(seconds=18))
    return core


def replayed(room: Room) -> Core:
    drill = Core("drill/a", Room(), rules=RULES)
    for source, records in opening_records(room):
        for record in records:
            drill.record(source, record, "WGS-84", NOON + timedelta(seconds=20))
    return drill


def test_alarms_and_what_rules_hold_back_stand_as_recorded() -> None:
    core = recorded()
    assert set(core.room.alarms) == {"s/counted", "s/slow", "s/power", "s/device"}
    assert set(core.room.holds) == {"s/running", "s/slow"}
    drill = replayed(core.room)
    assert drill.room.alarms == core.room.alarms
    assert drill.room.holds == core.room.holds
    assert drill.room.alarms["s/device"].parent == "s/power"


def test_running_delays_end_at_their_recorded_time() -> None:
    drill = replayed(recorded().room)
    drill.look(NOON + timedelta(seconds=24))
    assert "s/running" not in drill.room.alarms
    drill.look(NOON + timedelta(seconds=28))
    assert drill.room.alarms["s/running"].active
    assert not drill.room.alarms["s/slow"].active
    assert not drill.room.holds


def test_what_officers_did_is_not_taken_over() -> None:
    core = recorded()
    body = Acknowledge(alarms=["s/power", "s/counted"])
    core.fold(carry_out(core.room, Command(id="c", seat="one", officer="王", body=body), NOON, False).events)
    assert not core.room.alarms["s/power"].waiting
    drill = replayed(core.room)
    assert drill.room.alarms["s/power"].waiting and drill.room.alarms["s/counted"].waiting
    assert not any(alarm.acknowledged_by for alarm in drill.room.alarms.values())


def test_a_live_hub_takes_no_recorded_states_and_a_drill_no_strangers() -> None:
    core = recorded()
    held = core.room.alarms["s/counted"]
    hold = core.room.holds["s/running"]
    drill = Core("drill/a", Room(), rules=RULES)
    with pytest.raises(Refuse) as told:
        core.record("s", StandingRecord(alarm=held), "WGS-84", NOON)
    assert told.value.code is Refusal.WRONG_REALM
    for source, record in (
        ("t", StandingRecord(alarm=held)),
        ("s", StandingRecord(alarm=msgspec.structs.replace(held, id="s/other"))),
        ("s", StandingRecord(alarm=msgspec.structs.replace(held, parent=held.id))),
        ("s", StandingRecord(alarm=msgspec.structs.replace(held, occurred_at=NOON.replace(year=1)))),
        ("t", StandingRecord(hold=hold)),
        ("t", StandingRecord(hold=msgspec.structs.replace(hold, alarm=None))),
        ("s", StandingRecord()),
        ("s", StandingRecord(alarm=held, hold=hold)),
    ):
        with pytest.raises(Refuse):
            drill.record(source, record, "WGS-84", NOON)
    assert not drill.room.alarms and not drill.room.holds
    assert unseen(held) == held
