"""Groups of cameras: kept by the hub for one officer or for all, changed by differences, refused where it cannot be."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from controlroom.domain.camera import Camera
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.room import Room
from controlroom.hub import camera_group_commands
from controlroom.hub.commands import Outcome, carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup, RemoveCameraGroup
from controlroom.wire.messages import CamerasRecord, Command, CommandBody, Done, Refusal
from tests.rooms import NOON, Seat, hub_in, seat_on, source_of


@pytest.fixture
def core() -> Core:
    made = Core("live", Room())
    made.fold(made.record("s", CamerasRecord(cameras=[Camera(id=c, name=c) for c in "abc"]), "WGS-84", NOON))
    return made


def do(core: Core, body: Any, officer: str = "王") -> Outcome:
    outcome = carry_out(core.room, Command(id="c", seat="one", officer=officer, body=body), NOON, False)
    core.fold(outcome.events)
    return outcome


def made(core: Core, name: str = "河道", shared: bool = True, cameras: str = "ab", officer: str = "王") -> CameraGroup:
    body = MakeCameraGroup(name=name, shared=shared, cameras=list(cameras))
    return core.room.camera_groups[do(core, body, officer).created]


def refused(core: Core, body: Any, officer: str = "王") -> Refusal:
    before = core.room.digest()
    with pytest.raises(Refuse) as told:
        do(core, body, officer)
    assert core.room.digest() == before
    return told.value.code


def test_favourites_are_the_officers_own_and_begin_with_the_first(core: Core) -> None:
    do(core, ChangeCameraGroup(add=["b", "a"]))
    do(core, ChangeCameraGroup(add=["c"], remove=["b"]))
    do(core, ChangeCameraGroup(add=["b"]), "李")
    held = core.room.camera_groups
    assert (held["favourites/王"].cameras, held["favourites/李"].cameras) == (("a", "c"), ("b",))
    assert held["favourites/王"].is_favourites and not held["favourites/王"].is_for("李")
    assert refused(core, ChangeCameraGroup(group="favourites/王", remove=["a"]), "李") is Refusal.NOT_ALLOWED
    assert refused(core, ChangeCameraGroup(add=["a"])) is Refusal.ALREADY_DONE
    assert refused(core, ChangeCameraGroup(), "赵") is Refusal.ALREADY_DONE


def test_a_shared_group_is_changed_by_all_and_a_private_one_by_its_owner(core: Core) -> None:
    shared, own = made(core), made(core, "重点", shared=False)
    do(core, ChangeCameraGroup(group=shared.id, add=["c"], name="大河道"), "李")
    held = core.room.camera_groups[shared.id]
    assert (held.cameras, held.name, held.by) == (("a", "b", "c"), "大河道", "李")
    assert refused(core, RemoveCameraGroup(group=own.id), "李") is Refusal.NOT_ALLOWED
    do(core, RemoveCameraGroup(group=own.id))
    assert own.id not in core.room.camera_groups
    assert refused(core, RemoveCameraGroup(group=own.id)) is Refusal.UNKNOWN_OBJECT


def test_what_cannot_be_is_refused(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    group = made(core)
    assert refused(core, MakeCameraGroup(name="河道", shared=True, cameras=[])) is Refusal.ALREADY_DONE
    assert refused(core, MakeCameraGroup(name="  ", shared=True, cameras=[])) is Refusal.REASON_REQUIRED
    assert refused(core, ChangeCameraGroup(group=group.id, add=["nobody"])) is Refusal.UNKNOWN_OBJECT
    monkeypatch.setattr(camera_group_commands, "CAMERAS_MOST", 2)
    assert refused(core, ChangeCameraGroup(group=group.id, add=["c"])) is Refusal.TOO_LARGE
    monkeypatch.setattr(camera_group_commands, "GROUPS_MOST", 1)
    assert refused(core, MakeCameraGroup(name="other", shared=True, cameras=[])) is Refusal.TOO_LARGE
    do(core, ChangeCameraGroup(group=group.id, remove=["a"]))


def test_groups_are_on_every_seat_and_outlive_the_hub(tmp_path: Path) -> None:
    def command(seat: Seat, officer: str, body: CommandBody) -> str:
        asked = seat.link.ask(Command(id=uuid.uuid4().hex, seat=officer, officer=officer, body=body))
        seat.until(asked.done)
        answer = asked.result()
        assert isinstance(answer, Done)
        return answer.created

    with hub_in(tmp_path) as hub:
        port = hub.ports.requests
        with seat_on(port) as one, seat_on(port) as other, source_of(hub.ports.ingest) as source:
            source.hand_in({"type": "cameras", "cameras": [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}]})
            one.until(lambda: len(one.mirror.room.cameras) == 2)
            group = command(one, "王", MakeCameraGroup(name="河道", shared=True, cameras=["a"]))
            other.until(lambda: group in other.mirror.room.camera_groups)
            command(other, "李", ChangeCameraGroup(group=group, add=["b"]))
            command(one, "王", ChangeCameraGroup(add=["b"]))
            one.until(lambda: one.mirror.room.camera_groups[group].cameras == ("a", "b"))
            other.until(lambda: other.mirror.room.sequence >= one.mirror.room.sequence)
            one.until(lambda: one.mirror.room.sequence >= other.mirror.room.sequence)
            assert one.mirror.room.digest() == other.mirror.room.digest()
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as later:
        later.until(lambda: group in later.mirror.room.camera_groups)
        held = later.mirror.room.camera_groups
        assert held[group].cameras == ("a", "b") and held["favourites/王"].cameras == ("b",)
