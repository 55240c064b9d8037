"""Whatever is told, done and killed in whatever order: nothing told is forgotten, nothing unseen is lost."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import AlarmState, Aside, AsideKind
from controlroom.domain.severity import Severity
from tests.domain.conditioned import District

RULES = """
[[rule]]
name = "chatter"
chatter = { raises = 3, within_s = 60.0, quiet_s = 40.0 }
same = { fields = ["sensor"], within_s = 600.0 }
[[rule]]
name = "delayed"
match = { key = ["delayed"] }
on_delay_s = 5.0
off_delay_s = 7.0
[[rule]]
name = "enabled"
match = { key = ["enabled"] }
enabled_when = [{ alarm = { key = ["power"] }, standing = false }]
latching = true
[[rule]]
name = "night"
match = { key = ["device"] }
context = [{ when = [{ alarm = { key = ["delayed"] } }], worse_by = 1 }]
[[correlation]]
name = "power"
parent = { key = ["power"] }
children = { key = ["device", "latched"] }
same = ["place"]
release_s = 10.0
[[rule]]
name = "latched"
match = { key = ["latched"] }
latching = true
cause = "锁存"
"""
FAMILIES = [("power", "device"), ("power", "latched"), ("power", "enabled"), ("delayed", "device"), ("same", "plain")]
SOURCES = {"same": ("s", "t")}
LONG = 200.0
"""Longer than every delay of the rules together."""


class ConditionedLife(RuleBasedStateMachine):
    """The model: who says that a condition holds, and which alarms an officer has never seen."""

    def __init__(self) -> None:
        super().__init__()
        self.district = District(RULES)
        self.told: dict[str, bool] = {}
        self.unseen: set[str] = set()

    @initialize(keys=st.sampled_from(FAMILIES))
    def begin(self, keys: tuple[str, str]) -> None:
        self.keys = keys  # a few that have to do with each other: what happens to one matters to the other

    @rule(
        said=st.lists(
            st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, Severity.RED, Severity.YELLOW])), max_size=5
        )
    )
    def sources_say(self, said: list[tuple[bool, bool, Severity | None]]) -> None:
        for second, other, severity in said:
            key = self.keys[second]
            source = SOURCES.get(key, ("s", "s"))[other]
            self.told[f"{source}/{key}"] = severity is not None
            if severity is None:
                self.district.clear(key, source)
            else:
                self.district.tell(key, source, severity, place="p", sensor="f1" if key == "same" else "")

    @rule(seconds=st.sampled_from([0.0, 1.0, 4.0, 6.0, 15.0, 45.0]))
    def wait(self, seconds: float) -> None:
        self.district.wait(seconds)

    @rule()
    def killed(self) -> None:
        self.district.restart()

    @rule(data=st.data(), deed=st.sampled_from(["acknowledge", "reset", "shelve", "bring back"]))
    def officer(self, data: st.DataObject, deed: str) -> None:
        if not self.district.room.alarms:
            return
        held = self.district.room.alarms[data.draw(st.sampled_from(sorted(self.district.room.alarms)))]
        now = self.district.now
        aside = Aside(kind=AsideKind.SHELVED, by="王", at=now, reason="检修", severity=held.severity, until=now)
        self.district.do(
            {
                "acknowledge": lambda: machine.acknowledged(held, "王", now),
                "reset": lambda: machine.reset(held, "王", now),
                "shelve": lambda: machine.set_aside(held, aside),
                "bring back": lambda: machine.brought_back(held, now),
            }[deed]()
        )
        if deed in ("acknowledge", "shelve"):  # who shelves an alarm has seen it
            self.unseen.discard(held.id)

    @invariant()
    def what_nobody_saw_is_there(self) -> None:
        alarms = self.district.room.alarms
        assert self.unseen <= alarms.keys()
        self.unseen = {identity for identity, alarm in alarms.items() if alarm.unseen}

    @invariant()
    def whatever_is_unseen_and_not_waiting_lies_under_another(self) -> None:
        for alarm in self.district.room.alarms.values():
            assert alarm.waiting or not alarm.unseen or alarm.parent
            assert alarm.parent != alarm.id

    def after_a_long_time_what_stands_is_what_is_told(self) -> None:
        for _turn in range(4):  # one thing leads to another
            self.district.wait(LONG)
        room = self.district.room
        disabled = "s/power" in room.alarms and room.alarms["s/power"].active
        for identity in ("s/plain", "s/delayed", "s/device", "s/latched", "s/power"):
            assert self.stands(identity) == self.told.get(identity, False), identity
        assert self.stands("s/enabled") == (self.told.get("s/enabled", False) and not disabled)
        same = [self.stands(f"{source}/same") for source in SOURCES["same"]]
        assert any(same) == any(self.told.get(f"{source}/same", False) for source in SOURCES["same"])
        for alarm in room.alarms.values():
            assert alarm.flapping is None
            parent = room.alarms.get(alarm.parent)
            assert not alarm.parent or (parent is not None and parent.active and parent.aside is None)
            assert parent is None or parent.severity <= alarm.severity
        if not any(self.told.values()):
            assert room.holds == {}
        assert all(alarm.active or alarm.state is not AlarmState.ACKNOWLEDGED for alarm in room.alarms.values())

    def teardown(self) -> None:
        self.after_a_long_time_what_stands_is_what_is_told()

    def stands(self, identity: str) -> bool:
        held = self.district.room.alarms.get(identity)
        return held is not None and held.active


ConditionedLife.TestCase.settings = settings(max_examples=120, stateful_step_count=20, deadline=None)
TestConditionedLife = ConditionedLife.TestCase
