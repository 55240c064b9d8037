from datetime import timedelta

import msgspec
import pytest

import resources
from controlroom.domain.alarm import AlarmState
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.events import AlarmChanged
from controlroom.domain.picture_rules import PictureRule, PictureRules, decode_picture_rules
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.picture_commands import LOOK_STEP, SOURCE, district_rules, tell_picture
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import CamerasRecord, Command, Refusal
from controlroom.wire.pictures import TellPicture
from tests.rooms import NOON

CAMERA = Camera(id="cam/1", name="黄村西大街 01", town="黄村镇", url="rtsp://chef:geheim@h/1")


class Seat:
    def __init__(self) -> None:
        self.core = Core("live", Room())
        self.declare(CAMERA)

    def declare(self, camera: Camera) -> None:
        self.core.record("sim", CamerasRecord(cameras=[camera]), "WGS-84", NOON)

    def tell(
        self,
        *faults: PictureFault,
        camera: str = CAMERA.id,
        after: timedelta = timedelta(),
        had_picture: bool = True,
    ) -> int:
        body = TellPicture(camera=camera, faults=list(faults), seen_at=NOON + after, had_picture=had_picture)
        command = Command(id="c", seat="one", officer="王", body=body)
        return len(self.core.fold(carry_out(self.core.room, command, NOON, False).events))

    @property
    def camera(self) -> Camera:
        return self.core.room.cameras[CAMERA.id]


@pytest.fixture
def seat() -> Seat:
    return Seat()


def test_a_covered_camera_is_known_to_all_and_raises_an_alarm_until_it_is_free(seat: Seat) -> None:
    assert seat.tell(PictureFault.BLURRED, PictureFault.COVERED) == 3
    assert seat.camera.faults == (PictureFault.BLURRED, PictureFault.COVERED) and seat.camera.faults_at == NOON
    (alarm,) = seat.core.room.alarms.values()
    assert (alarm.source, alarm.camera, alarm.severity) == (SOURCE, CAMERA.id, Severity.YELLOW)
    assert alarm.title == "黄村西大街 01 画面被遮挡" and "geheim" not in repr(alarm)
    seat.tell(PictureFault.BLURRED)
    assert seat.core.room.alarms[alarm.id].state is AlarmState.RETURNED
    seat.tell()
    assert seat.camera.faults == ()


def test_what_is_known_already_changes_nothing(seat: Seat) -> None:
    seat.tell(PictureFault.BLACK)
    assert seat.tell(PictureFault.BLACK) == 0
    assert len(seat.core.room.alarms) == 1


def test_a_look_that_found_nothing_is_known_to_all_but_not_written_every_second(seat: Seat) -> None:
    assert seat.tell() == 1 and seat.core.room.looks[CAMERA.id].at == NOON
    assert seat.tell(after=LOOK_STEP / 2) == 0
    assert seat.tell(after=LOOK_STEP) == 1 and seat.core.room.looks[CAMERA.id].at == NOON + LOOK_STEP


def test_a_look_without_a_picture_leaves_what_was_found_before(seat: Seat) -> None:
    seat.tell(PictureFault.BLACK)
    assert seat.tell(had_picture=False) == 1
    assert seat.camera.faults == (PictureFault.BLACK,) and not seat.core.room.looks[CAMERA.id].had_picture


def test_faults_without_a_rule_raise_no_alarm(seat: Seat) -> None:
    for fault in {rule.fault for rule in district_rules().fault if rule.severity is None}:
        seat.tell(fault)
    assert not seat.core.room.alarms


def test_a_source_that_declares_its_cameras_anew_does_not_undo_the_diagnosis(seat: Seat) -> None:
    seat.tell(PictureFault.MOVED)
    seat.declare(CAMERA)
    assert seat.camera.faults == (PictureFault.MOVED,)


def test_an_unknown_camera_is_refused(seat: Seat) -> None:
    with pytest.raises(Refuse) as told:
        seat.tell(PictureFault.MOVED, camera="none")
    assert told.value.code is Refusal.UNKNOWN_OBJECT


def test_the_district_says_which_faults_raise_an_alarm_and_what_it_is_called(seat: Seat) -> None:
    own = tuple(
        PictureRule(fault=fault, title="镜头脏", severity=Severity.ORANGE if fault is PictureFault.BLURRED else None)
        for fault in PictureFault
    )
    body = TellPicture(camera=CAMERA.id, faults=list(PictureFault), seen_at=NOON)
    command = Command(id="c", seat="one", officer="王", body=body)
    events = tell_picture(seat.core.room, command, body, NOON, PictureRules(edition="x", fault=own))
    (alarm,) = (event.alarm for event in events if isinstance(event, AlarmChanged))
    assert (alarm.severity, alarm.title) == (Severity.ORANGE, "黄村西大街 01 镜头脏")


@pytest.mark.parametrize(
    "change", [('fault = "black"', 'fault = "moved"'), ("severity = 4", "severity = 9"), ("title", "t")]
)
def test_a_spoilt_file_of_picture_rules_is_refused(change: tuple[str, str]) -> None:
    text = resources.path("data", "picture_rules.toml").read_text("utf-8").replace(*change)
    with pytest.raises(msgspec.MsgspecError):
        decode_picture_rules(text.encode())
