import asyncio

import msgspec

from controlroom.bridge.models.alarm_model import PastAlarm
from controlroom.bridge.models.incident_model import proposed
from controlroom.bridge.officer import OfficerCommands
from controlroom.bridge.refusals import sentence
from controlroom.domain.alarm import AsideKind
from controlroom.domain.events import AlarmChanged, SourceChanged
from controlroom.domain.incident import TaskStatus
from controlroom.domain.source import Source
from controlroom.domain.times import from_ms
from controlroom.wire import codec
from controlroom.wire.alarms import (
    Acknowledge,
    NoteAlarm,
    ReleaseAlarms,
    ReturnToService,
    Shelve,
    Suppress,
    TakeAlarms,
    Unacknowledge,
    Unshelve,
)
from controlroom.wire.incidents import AddNote, AnswerTask, AssignTask, CloseIncident, OpenIncident
from controlroom.wire.messages import CommandBody, Done, Past, Refusal
from tests.bridge.models.district import NOW, alarms


class Hub:
    def __init__(self) -> None:
        self.bodies: list[CommandBody] = []
        self.page = Past(sequences=(), times=(), events=())

    async def send(self, body: CommandBody) -> Done:
        self.bodies.append(body)
        return Done(sequence=1, created="20260721-001")

    async def past(self, kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Past:
        assert (kind, subject, before, limit) == ("alarm", "", 7, 3)
        return self.page


def test_every_command_becomes_its_message() -> None:
    hub = Hub()
    officer = OfficerCommands(hub)

    async def work() -> str:
        await officer.add_note("i", "到场")
        await officer.assign_task("i", "水务局", "抽排", NOW)
        await officer.answer_task("t", TaskStatus.DONE, "好")
        await officer.close_incident("i", "结束")
        return await officer.open_incident(proposed(alarms(2)))

    assert asyncio.run(work()) == "20260721-001"
    told = alarms(2)
    assert hub.bodies[:4] == [
        AddNote(incident="i", text="到场"),
        AssignTask(incident="i", department="水务局", text="抽排", due_at=NOW),
        AnswerTask(task="t", status=TaskStatus.DONE, text="好"),
        CloseIncident(incident="i", reason="结束"),
    ]
    opened = hub.bodies[4]
    assert isinstance(opened, OpenIncident)
    assert opened.alarms == [alarm.id for alarm in told]


def test_every_order_about_alarms_becomes_its_message() -> None:
    hub = Hub()
    officer = OfficerCommands(hub)

    async def work() -> None:
        await officer.unacknowledge(["a"])
        await officer.set_aside(["a"], AsideKind.SHELVED, "检修", NOW)
        await officer.set_aside(["a"], AsideKind.SUPPRESSED, "停用", None)
        await officer.set_aside(["a"], AsideKind.OUT_OF_SERVICE, "坏了", None)
        await officer.bring_back(["a"], ["b"])
        await officer.bring_back([], ["b"])
        await officer.take(["a"])
        await officer.release(["a"])
        await officer.note_alarm("a", "已派人")

    asyncio.run(work())
    assert hub.bodies == [
        Unacknowledge(alarms=["a"]),
        Shelve(alarms=["a"], until=NOW, reason="检修"),
        Suppress(alarms=["a"], how="suppressed", reason="停用"),
        Suppress(alarms=["a"], how="out_of_service", reason="坏了"),
        Unshelve(alarms=["a"]),
        ReturnToService(alarms=["b"]),
        ReturnToService(alarms=["b"]),
        TakeAlarms(alarms=["a"]),
        ReleaseAlarms(alarms=["a"]),
        NoteAlarm(alarm="a", text="已派人"),
    ]


def test_very_many_acknowledgements_are_sent_in_parts_the_hub_takes() -> None:
    hub = Hub()
    asyncio.run(OfficerCommands(hub).acknowledge([f"a/{number}" for number in range(25_000)]))
    assert [len(body.alarms) for body in hub.bodies if isinstance(body, Acknowledge)] == [10_000, 10_000, 5_000]
    for body in hub.bodies:
        codec.encode(body)


def test_a_page_of_the_journal_becomes_transitions_of_alarms() -> None:
    hub = Hub()
    alarm = alarms(1)[0]
    raws = [codec.encode(event) for event in (AlarmChanged(alarm), SourceChanged(Source(id="s", seen_at=NOW)))]
    hub.page = Past(sequences=(6, 5), times=(2000, 1000), events=tuple(map(msgspec.Raw, raws)))
    assert asyncio.run(OfficerCommands(hub).past_alarms(7, 3)) == [PastAlarm(6, from_ms(2000), alarm)]


def test_every_refusal_has_its_sentence() -> None:
    general = sentence("something new")
    said = {sentence(code) for code in Refusal}
    assert len(said) == len(Refusal)
    assert general not in said
    assert sentence(Refusal.ALREADY_DONE, "the task is done") == "已有人办理过了。（the task is done）"
