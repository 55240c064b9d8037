"""What officers write on curves: told to all, changed and removed by name, and refused where it cannot be."""

from datetime import timedelta
from typing import Any

import pytest

from controlroom.domain.annotation import Annotation
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.hub import annotation_commands
from controlroom.hub.commands import Outcome, carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.messages import Command, Refusal, SensorsRecord
from tests.rooms import NOON

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def core() -> Core:
    made = Core("live", Room())
    made.record("s", SensorsRecord(sensors=[Sensor(id="g-1", name="京开路", kind="flood_depth")]), "WGS-84", NOON)
    return made


def do(core: Core, body: Any, officer: str = "王") -> Outcome:
    outcome = carry_out(core.room, Command(id="c", seat="one", officer=officer, body=body), LATER, False)
    core.fold(outcome.events)
    return outcome


def written(core: Core, text: str = "泵站检修") -> Annotation:
    body = Annotate(sensors=["g-1", "g-1"], begins_at=NOON, ends_at=LATER, text=text)
    return core.room.annotations[do(core, body).created]


def refused(core: Core, body: Any) -> Refusal:
    before = core.room.digest()
    with pytest.raises(Refuse) as told:
        do(core, body)
    assert core.room.digest() == before
    return told.value.code


def test_an_annotation_names_who_wrote_it_where_and_when(core: Core) -> None:
    made = written(core, "  泵站检修 ")
    assert (made.sensors, made.text, made.by, made.seat, made.at) == (("g-1",), "泵站检修", "王", "one", LATER)
    assert written(core).id != made.id


def test_another_officer_changes_it_and_both_names_are_kept(core: Core) -> None:
    made = written(core)
    do(core, ChangeAnnotation(annotation=made.id, begins_at=NOON, ends_at=NOON, text="泵站检修完毕"), "李")
    held = core.room.annotations[made.id]
    assert (held.by, held.changed_by, held.changed_at, held.ends_at) == ("王", "李", LATER, NOON)


def test_a_removed_one_is_gone_from_the_room_and_its_snapshot_but_was_told_with_a_name(core: Core) -> None:
    made = written(core)
    (event,) = do(core, RemoveAnnotation(annotation=made.id), "李").events
    assert (event.annotation.removed, event.annotation.changed_by, event.annotation.text) == (True, "李", "泵站检修")
    copy = Room()
    copy.restore(core.room.sequence, core.room.snapshot())
    assert copy.annotations == core.room.annotations == {}


def test_a_snapshot_holds_what_stands(core: Core) -> None:
    made = written(core)
    copy = Room()
    copy.restore(core.room.sequence, core.room.snapshot())
    assert copy.annotations == {made.id: made}
    assert copy.digest() == core.room.digest()


def test_what_cannot_be_is_refused(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    made = written(core)
    before = NOON - timedelta(seconds=1)
    again = ChangeAnnotation(annotation=made.id, begins_at=NOON, ends_at=LATER, text="泵站检修")
    assert refused(core, again) is Refusal.ALREADY_DONE
    assert refused(core, RemoveAnnotation(annotation="annotation-0")) is Refusal.UNKNOWN_OBJECT
    new = {"begins_at": NOON, "ends_at": LATER, "text": "x", "sensors": ["g-1"]}
    assert refused(core, Annotate(**(new | {"sensors": ["g-2"]}))) is Refusal.UNKNOWN_OBJECT
    assert refused(core, Annotate(**(new | {"ends_at": before}))) is Refusal.MALFORMED
    assert refused(core, Annotate(**(new | {"text": " \n"}))) is Refusal.REASON_REQUIRED
    monkeypatch.setattr(annotation_commands, "STANDING_MOST", 1)
    assert refused(core, Annotate(**new)) is Refusal.TOO_LARGE
