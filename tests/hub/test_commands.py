"""What officers command, told as the story of one incident, and every refusal with its code."""

from typing import Any

import pytest

from controlroom.domain.camera import Camera
from controlroom.domain.incident import EntryKind, IncidentStatus, TaskStatus
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.hub.commands import Outcome, carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.incidents import AddNote, AnswerTask, AssignTask, CloseIncident, OpenIncident
from controlroom.wire.messages import AlarmRecord, CamerasRecord, Command, Playback, Refusal, ShowOnWall
from tests.rooms import NOON


class Story:
    """A room, an officer and what happens."""

    def __init__(self) -> None:
        self.core = Core("live", Room())
        self.room = self.core.room
        record = AlarmRecord(key="a", severity=Severity.RED, title="积水 61 cm", occurred_at=NOON)
        self.core.record("s", record, "WGS-84", NOON)

    def do(self, body: Any) -> Outcome:
        outcome = carry_out(self.room, Command(id="c", seat="one", officer="王", body=body), NOON, False)
        self.core.fold(outcome.events)
        return outcome

    def refused(self, body: Any) -> Refusal:
        before = self.room.digest()
        with pytest.raises(Refuse) as told:
            self.do(body)
        assert self.room.digest() == before
        return told.value.code


def test_an_incident_from_its_alarm_to_its_end() -> None:
    story = Story()
    incident = story.do(OpenIncident(title="黄村积水", grade=Severity.RED, alarms=["s/a"])).created
    assert incident == "20261121-001"
    story.do(AddNote(incident=incident, text="已到现场"))
    task = story.do(AssignTask(incident=incident, department="区水务局", text="调泵车")).created
    story.do(AnswerTask(task=task, status=TaskStatus.ACCEPTED))
    story.do(AnswerTask(task=task, status=TaskStatus.DONE, text="已排空"))
    story.do(CloseIncident(incident=incident, reason="积水已退"))
    kinds = [entry.kind for entry in story.room.entries[incident]]
    assert kinds == [
        EntryKind.OPENED,
        EntryKind.ALARM,
        EntryKind.NOTE,
        EntryKind.TASK,
        EntryKind.TASK,
        EntryKind.TASK,
        EntryKind.CLOSED,
    ]
    assert all(entry.by == "王" and entry.seat == "one" for entry in story.room.entries[incident])
    assert len({entry.id for entry in story.room.entries[incident]}) == len(kinds)
    closed = story.room.incidents[incident]
    assert (closed.status, closed.closed_reason, closed.closed_by) == (IncidentStatus.CLOSED, "积水已退", "王")
    assert story.room.tasks[task].answer == "已排空"


def test_a_closed_incident_takes_nothing_any_more() -> None:
    story = Story()
    incident = story.do(OpenIncident(title="t", grade=Severity.BLUE)).created
    task = story.do(AssignTask(incident=incident, department="d", text="t")).created
    story.do(CloseIncident(incident=incident, reason="r"))
    for body in (
        AddNote(incident=incident, text="n"),
        AssignTask(incident=incident, department="d", text="t"),
        AnswerTask(task=task, status=TaskStatus.DONE),
        CloseIncident(incident=incident, reason="again"),
    ):
        assert story.refused(body) is Refusal.ALREADY_DONE


def test_every_refusal_has_its_code() -> None:
    story = Story()
    incident = story.do(OpenIncident(title="t", grade=Severity.BLUE, alarms=["s/a"])).created
    assert story.refused(OpenIncident(title="t", grade=Severity.BLUE, alarms=["s/a"])) is Refusal.ALREADY_DONE
    assert story.refused(OpenIncident(title="t", grade=Severity.BLUE, alarms=["s/b"])) is Refusal.UNKNOWN_OBJECT
    assert story.refused(CloseIncident(incident=incident, reason=" ")) is Refusal.REASON_REQUIRED
    assert story.refused(AddNote(incident="nope", text="n")) is Refusal.UNKNOWN_OBJECT
    assert story.refused(AnswerTask(task="nope", status=TaskStatus.DONE)) is Refusal.UNKNOWN_OBJECT
    assert story.refused(ShowOnWall(wall="w", columns=3, tiles=["nope"])) is Refusal.UNKNOWN_OBJECT
    assert story.refused(Playback(transport="paused")) is Refusal.WRONG_REALM
    story.do(Acknowledge(alarms=["s/a"]))
    assert story.refused(Acknowledge(alarms=["s/a"])) is Refusal.ALREADY_DONE


def test_a_task_goes_only_forward() -> None:
    story = Story()
    incident = story.do(OpenIncident(title="t", grade=Severity.BLUE)).created
    task = story.do(AssignTask(incident=incident, department="d", text="t")).created
    story.do(AnswerTask(task=task, status=TaskStatus.DONE))
    for status in TaskStatus:
        assert story.refused(AnswerTask(task=task, status=status)) is Refusal.ALREADY_DONE


def test_incidents_are_numbered_by_the_district_s_day() -> None:
    story = Story()
    first = story.do(OpenIncident(title="a", grade=Severity.BLUE)).created
    second = story.do(OpenIncident(title="b", grade=Severity.BLUE)).created
    assert (first, second) == ("20261121-001", "20261121-002")


def test_a_wall_shows_what_a_desk_says() -> None:
    story = Story()
    story.core.record("s", CamerasRecord(cameras=[Camera(id="c1", name="东桥")]), "WGS-84", NOON)
    story.do(ShowOnWall(wall="main", columns=2, tiles=["c1", ""]))
    assert story.room.walls["main"].tiles == ("c1", "")
    assert story.room.walls["main"].by == "王"
