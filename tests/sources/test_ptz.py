"""Moving cameras by ONVIF and through a platform: real sockets, real refusals, and a head that stops by itself."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.clock import SystemClock
from controlroom.domain.ptz import Ability, Pose, PtzTrouble, PtzUnit
from controlroom.domain.ptz_aim import centred, seen_at
from controlroom.errors import EnvironmentFault
from controlroom.hub.server import Hub
from controlroom.sources.ptz import soap
from controlroom.sources.ptz.adapter import FILE, Adapter, Cameras, read_cameras
from controlroom.sources.ptz.fault import PtzFault
from controlroom.sources.ptz.head import STILL, Speeds
from controlroom.sources.ptz.http_asked import Credentials, authorised
from controlroom.sources.ptz.iris import STEP
from controlroom.sources.ptz.onvif import STEP_DEG, OnvifHead
from controlroom.sources.ptz.platform_head import PlatformHead
from controlroom.sources.ptz.worker import Worker
from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.onvif_server import USER, OnvifFault, OnvifServer
from controlroom.sources.simulator.ptz_motor import Motor
from controlroom.sources.simulator.scene import HEIGHT, VIEW_DEG, WIDTH, Scene, SceneCamera
from controlroom.wire.messages import Command, Done
from controlroom.wire.ptz import CentrePtz, GoToPreset, PtzOrder, SavePreset, SteerPtz, TakePtz
from tests.rooms import NOON, WAIT_S, hub_in, seat_on, source_of, wait_until

SECRET = "pässword<&>"
OURS = Credentials(USER, SECRET)
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def cameras() -> Iterator[CameraServer]:
    scenes = [SceneCamera(id=name, name=name, has_head=True) for name in ("dome", "other")]
    server = CameraServer([*scenes, SceneCamera(id="fixed", name="fixed")], CLOCK, password=SECRET)
    server.start()
    yield server
    server.close()


@pytest.fixture
def motor(cameras: CameraServer) -> Iterator[Motor]:
    made = cameras.motors["dome"] = Motor(CLOCK)
    yield made
    cameras.onvif.faults.clear()
    made.stop()


def head_of(cameras: CameraServer, credentials: Credentials = OURS, camera: str = "dome", **more) -> OnvifHead:
    return OnvifHead(cameras.ptz_url(camera), credentials, **more)


def test_a_camera_tells_what_it_can_and_its_presets(cameras: CameraServer, motor: Motor) -> None:
    head = head_of(cameras)
    presets = head.open()
    assert set(head.abilities) == set(Ability)
    assert [p.name for p in presets] == ["路口全景", "左侧路面", "远端车道"]
    assert presets[1].pose is not None and presets[1].pose.pan_deg == pytest.approx(-18.0)
    assert presets[1].pose.zoom == pytest.approx(2.5, abs=1e-4)
    assert cameras.ptz_url("fixed") == ""
    head.close()


def test_a_camera_moves_stops_and_goes_where_it_is_sent(cameras: CameraServer, motor: Motor) -> None:
    head = head_of(cameras)
    head.open()
    head.move(Speeds(pan=1.0, tilt=-0.5))
    wait_until(lambda: motor.pose().pan_deg > 3.0)
    assert head.look().is_moving
    head.move(STILL)
    at = motor.pose()
    assert at.tilt_deg < 0.0 and not head.look().is_moving and motor.pose() == at
    head.go(Pose(-10.0, 5.0, 3.0))
    wait_until(lambda: not motor.is_moving)
    seen = head.look().pose
    assert seen is not None and (seen.pan_deg, seen.tilt_deg) == pytest.approx((-10.0, 5.0))
    assert seen.zoom == pytest.approx(3.0, abs=1e-3)
    after = head.save("", "新")
    assert after[-1].name == "新" and after[-1].pose is not None and after[-1].pose.pan_deg == pytest.approx(-10.0)
    head.home()
    wait_until(lambda: motor.pose() == Pose())
    head.call(after[-1].token)
    wait_until(lambda: motor.pose().pan_deg == pytest.approx(-10.0))
    assert [p.token for p in head.remove(after[-1].token)] == ["1", "2", "3"]
    head.move(Speeds(focus=0.5))
    assert cameras.onvif.focus["dome"] == 0.5
    head.move(STILL)
    assert cameras.onvif.focus["dome"] == 0.0
    with pytest.raises(PtzFault) as told:
        head.call("99")
    assert told.value.trouble is PtzTrouble.DECLINED
    head.close()


def test_the_iris_is_opened_by_hand_and_given_back_to_its_automatic(cameras: CameraServer, motor: Motor) -> None:
    head, server = head_of(cameras), cameras.onvif
    head.open()
    for _step in range(3):
        head.move(Speeds(iris=1.0))
    assert server.exposures["dome"] == ("MANUAL", pytest.approx(12.0 - 3 * 30 * STEP))
    head.move(Speeds(iris=-0.5))
    assert server.exposures["dome"][1] == pytest.approx(12.0 - 2.5 * 30 * STEP)
    for _step in range(60):
        head.move(Speeds(iris=1.0))
    assert server.exposures["dome"] == ("MANUAL", 0.0), "no further than fully open"
    head.move(STILL)
    head.rest()
    assert server.exposures["dome"][0] == "AUTO"
    head.move(Speeds(iris=-1.0))
    assert server.exposures["dome"] == ("MANUAL", pytest.approx(30 * STEP)), "from where it stands now"
    head.call("2")
    assert server.exposures["dome"][0] == "AUTO", "whoever goes to a saved view wants it as it was saved"
    head.close()


def test_a_camera_without_an_iris_says_so(cameras: CameraServer, motor: Motor) -> None:
    cameras.onvif.without_iris.add("dome")
    head = head_of(cameras)
    head.open()
    assert Ability.IRIS not in head.abilities and Ability.FOCUS in head.abilities
    with pytest.raises(PtzFault) as told:
        head.move(Speeds(iris=1.0))
    assert told.value.trouble is PtzTrouble.UNABLE
    head.close()


def test_a_head_that_knows_no_speeds_is_moved_by_steps(cameras: CameraServer, motor: Motor) -> None:
    cameras.onvif.stepping.add("dome")
    try:
        head = head_of(cameras)
        head.open()
        assert Ability.CONTINUOUS in head.abilities
        head.move(Speeds(pan=1.0, tilt=-0.5))
        wait_until(lambda: not motor.is_moving)
        once = motor.pose()
        assert (once.pan_deg, once.tilt_deg) == pytest.approx((STEP_DEG, -STEP_DEG / 2), abs=1e-3)
        head.move(Speeds(pan=1.0, zoom=1.0))
        wait_until(lambda: not motor.is_moving)
        assert motor.pose().pan_deg == pytest.approx(2 * STEP_DEG, abs=1e-3) and motor.pose().zoom > once.zoom
        head.move(STILL)
        head.close()
    finally:
        cameras.onvif.stepping.clear()


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (OnvifFault.SILENT, PtzTrouble.SLOW),
        (OnvifFault.DRIP, PtzTrouble.SLOW),
        (OnvifFault.GARBAGE, PtzTrouble.GARBAGE),
        (OnvifFault.CUT, PtzTrouble.GARBAGE),
        (OnvifFault.FORBIDDEN, PtzTrouble.REFUSED),
        (OnvifFault.BROKEN, PtzTrouble.DECLINED),
        (OnvifFault.NO_HEAD, PtzTrouble.UNABLE),
    ],
)
def test_what_is_wrong_is_told_in_time(
    cameras: CameraServer, motor: Motor, fault: OnvifFault, trouble: PtzTrouble
) -> None:
    cameras.onvif.faults["dome"] = fault
    head = head_of(cameras, within_s=0.3)
    began = CLOCK.monotonic()
    with pytest.raises(PtzFault) as told:
        head.open()
    assert told.value.trouble is trouble and CLOCK.monotonic() - began < 3.0
    assert SECRET not in str(told.value)
    head.close()


def test_a_wrong_password_a_wrong_place_and_nobody_there(cameras: CameraServer) -> None:
    for credentials in (Credentials(USER, "wrong"), Credentials("who", SECRET), Credentials()):
        with pytest.raises(PtzFault) as told, closing(head_of(cameras, credentials)) as head:
            head.open()
        assert told.value.trouble is PtzTrouble.REFUSED
    nobody = OnvifHead(cameras.ptz_url("dome").replace("/dome/", "/nobody/"), OURS)
    for head, trouble in (
        (nobody, PtzTrouble.ADDRESS),
        (OnvifHead("onvif:http://127.0.0.1:9/x", OURS), PtzTrouble.UNREACHABLE),
    ):
        with pytest.raises(PtzFault) as told, closing(head):
            head.open()
        assert told.value.trouble is trouble
    for wrong in ("onvif:rtsp://h/x", "onvif:http://u:p@h/x", "onvif:", "onvif:http://h:99999/", "onvif:http://h/ü"):
        with pytest.raises(PtzFault):
            OnvifHead(wrong, OURS)
    assert "pässword" not in repr(OURS)


def test_a_camera_whose_clock_is_off_is_steered(cameras: CameraServer, motor: Motor) -> None:
    head = head_of(cameras, now=lambda: datetime(2031, 1, 1, tzinfo=UTC))
    assert head.open()
    head.close()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda t: f"<a><Body><b>{t}</b></Body></a>".encode()))
def test_an_answer_of_any_bytes_is_an_element_or_a_fault(answer: bytes) -> None:
    try:
        soap.parsed(answer)
    except PtzFault as fault:
        assert fault.trouble


def test_a_bomb_of_entities_is_refused() -> None:
    with pytest.raises(PtzFault):
        soap.parsed(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200))
def test_the_server_answers_any_question(body: bytes) -> None:
    motor = Motor(CLOCK)
    server = OnvifServer({}, CLOCK, SECRET)
    status, answer = server._answer("dome", motor, body, OnvifFault.NONE)
    assert status.startswith("4") and answer.startswith(b"<?xml")


def test_a_digest_is_that_of_the_standard() -> None:
    # The example of RFC 7616, 3.9.1.
    challenge = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    told = authorised(challenge, Credentials("Mufasa", "Circle of Life"), "GET", "/dir/index.html", 1, client)
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in told
    with pytest.raises(PtzFault):
        authorised("Basic realm=x", OURS, "GET", "/", 1, "c")


# ---------------------------------------------------------------- what the picture shows


def test_a_clicked_house_stands_in_the_middle_of_the_next_picture() -> None:
    scene = Scene(SceneCamera(id="c", name="c"))
    x, y = 0.4, 0.3
    before = scene.draw(NOON, 0.0, 0.0, Pose())
    aimed = centred(Pose(), x, y, VIEW_DEG, WIDTH / HEIGHT)
    after = scene.draw(NOON, 0.0, 0.0, aimed).astype(np.float32)
    column, row = round((x + 1) / 2 * WIDTH), round((1 - y) / 2 * HEIGHT)
    part = before[row - 24 : row + 24, column - 24 : column + 24].astype(np.float32)
    costs = {
        (dx, dy): float(np.abs(after[HEIGHT // 2 - 24 + dy :, WIDTH // 2 - 24 + dx :][:48, :48] - part).mean())
        for dx in range(-40, 41, 2)
        for dy in range(-40, 41, 2)
    }
    dx, dy = min(costs, key=lambda place: costs[place])
    assert abs(dx) <= 4 and abs(dy) <= 4, (dx, dy)


def test_a_head_at_rest_shows_the_street_as_it_was_painted_and_a_turned_one_another() -> None:
    scene = Scene(SceneCamera(id="c", name="c"))
    plain, rest = scene.draw(NOON, 0.0, 0.0), scene.draw(NOON, 0.0, 0.0, Pose())
    assert np.array_equal(plain, rest)
    assert np.abs(scene.draw(NOON, 0.0, 0.0, Pose(30.0, 0.0, 1.0)).astype(int) - plain).mean() > 5
    for pose in (Pose(179.0, -45.0, 20.0), Pose(-179.0, 90.0, 1.0)):
        assert scene.draw(NOON, 0.0, 0.0, pose).shape == plain.shape
    assert seen_at(Pose(), 30.0, 0.0, VIEW_DEG)[0] == pytest.approx(1.0)


# ---------------------------------------------------------------- platforms


class Platform(http.server.ThreadingHTTPServer):
    """A gateway that takes codes with a digest, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Gateway)
        self.codes: list[str] = []
        self.answer = b'{"code": 0}'
        self.status = 200
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def end(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Platform

    def do_POST(self) -> None:
        given_ = self.headers.get("Authorization", "")
        status = self.server.status if 'username="gb"' in given_ else 401
        body = self.server.answer if status != 401 else b""
        if status != 401:
            self.server.codes.append(self.path)
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.end()


def test_a_camera_of_a_platform_is_moved_by_the_bytes_of_the_standard(platform: Platform) -> None:
    template = f"http://127.0.0.1:{platform.server_port}/ptz?d={{device}}&c={{channel}}&code={{code}}"
    head = PlatformHead("platform:34020000001110000001/3402/1", template, Credentials("gb", "x"), "POST")
    head.open()
    head.move(Speeds(pan=-1.0))
    head.move(Speeds(focus=1.0))
    head.move(STILL)
    head.call("7")
    assert [path.rpartition("=")[2] for path in platform.codes] == [
        "A50F0100000000B5",
        "A50F0102FF0000B6",
        "A50F0141FF0000F5",
        "A50F0100000000B5",
        "A50F0140000000F5",
        "A50F0100000000B5",
        "A50F01820007003E",
    ]
    assert platform.codes[0].startswith("/ptz?d=34020000001110000001&c=3402%2F1&")
    for work in (head.home, lambda: head.go(Pose()), lambda: head.call("0"), lambda: head.call("x")):
        with pytest.raises(PtzFault) as told:
            work()
        assert told.value.trouble is PtzTrouble.UNABLE
    platform.answer = '{"code": 100, "msg": "设备离线"}'.encode()
    with pytest.raises(PtzFault, match="设备离线"):
        head.call("1")
    platform.status = 500
    with pytest.raises(PtzFault, match="HTTP 500"):
        head.call("1")
    head.close()


@pytest.mark.parametrize(
    "template", ["", "http://h/{nothing}", "http://h/{device}", "ftp://h/{code}", "http://h/{code"]
)
def test_a_template_that_is_none_is_told(template: str) -> None:
    with pytest.raises(PtzFault) as told:
        PlatformHead("platform:1", template, OURS)
    assert told.value.trouble is PtzTrouble.ADDRESS


# ---------------------------------------------------------------- worker and adapter


def order(cameras: CameraServer, act: str, **more) -> PtzOrder:
    return PtzOrder(camera="dome", address=cameras.ptz_url("dome"), act=act, **more)


def test_a_head_that_nobody_tells_anything_stops_by_itself(cameras: CameraServer, motor: Motor) -> None:
    told: list[PtzUnit] = []
    worker = Worker(order(cameras, "open"), Cameras(credentials=OURS).head, told.append, CLOCK)
    wait_until(lambda: bool(told))
    worker.take(order(cameras, "steer", pan=1.0))
    wait_until(lambda: motor.pose().pan_deg > 1.0)
    # Nobody renews it: within 0.6 s and an answer the camera stands, wherever the seat and the hub went.
    wait_until(lambda: not motor.is_moving, 1.5)
    assert motor.pose().pan_deg < 75.0
    wait_until(lambda: not told[-1].is_moving and told[-1].pose is not None)
    assert told[-1].pose.pan_deg == pytest.approx(motor.pose().pan_deg, abs=1e-3)
    worker.close()
    worker.join(WAIT_S)
    assert not worker.is_alive


def test_a_camera_ends_a_movement_by_itself_when_its_adapter_is_gone(cameras: CameraServer, motor: Motor) -> None:
    head = head_of(cameras)
    head.open()
    head.move(Speeds(pan=0.3))
    head.close()
    wait_until(lambda: not motor.is_moving, 2.5)
    assert motor.pose().pan_deg == pytest.approx(18.0, abs=1.0)


def test_a_camera_that_fails_is_told_once_and_found_again(cameras: CameraServer, motor: Motor) -> None:
    told: list[PtzUnit] = []
    cameras.onvif.faults["dome"] = OnvifFault.FORBIDDEN
    worker = Worker(order(cameras, "open"), Cameras(credentials=OURS).head, told.append, CLOCK)
    wait_until(lambda: bool(told))
    assert told[-1].trouble is PtzTrouble.REFUSED
    cameras.onvif.faults.clear()
    worker.take(order(cameras, "go", preset="2"))
    wait_until(lambda: told[-1].pose is not None and told[-1].pose.pan_deg == pytest.approx(-18.0))
    assert told[-1].trouble is PtzTrouble.NONE and len(told[-1].presets) == 3
    worker.close()
    worker.join(WAIT_S)


def test_credentials_of_single_cameras_are_read_and_a_wrong_file_is_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / FILE
    assert read_cameras(file) == {}
    file.write_text('[[camera]]\nid = "dome"\nuser = "u"\npassword = "geheim"\nzoom_most = 30.0\n', encoding="utf-8")
    assert read_cameras(file)["dome"].password == "geheim"
    file.write_text('[[camera]]\nid = "dome"\npassword = "geheim\n', encoding="utf-8")
    with pytest.raises(EnvironmentFault) as told:
        read_cameras(file)
    assert "geheim" not in told.value.sentence


def declared(hub: Hub, cameras: CameraServer) -> None:
    with source_of(hub.ports.ingest) as source:
        dome = {"id": "dome", "name": "路口", "ptz": cameras.ptz_url("dome"), "point": [116.4, 39.6], "view_deg": 60.0}
        assert source.hand_in({"type": "cameras", "cameras": [dome]})["accepted"] == 1


def test_two_seats_a_hub_and_a_real_camera(tmp_path: Path, cameras: CameraServer, motor: Motor) -> None:
    with hub_in(tmp_path) as hub:
        declared(hub, cameras)
        adapter = Adapter(f"tcp://127.0.0.1:{hub.ports.requests}", Cameras(credentials=OURS).head, CLOCK)
        adapter.start()
        try:
            with seat_on(hub.ports.requests) as one, seat_on(hub.ports.requests) as two:
                one.until(lambda: "dome" in one.mirror.room.cameras)

                def command(body, number: str):
                    made = Command(id=number, seat="one", officer="王", body=body)
                    return one.link.ask(made).result(WAIT_S)

                assert isinstance(command(TakePtz(camera="dome"), "1"), Done)
                two.until(lambda: two.mirror.room.ptz.units.get("dome") is not None)
                unit = two.mirror.room.ptz.units["dome"]
                assert len(unit.presets) == 3 and unit.trouble is PtzTrouble.NONE
                # A click on the edge of the picture of the holder.
                one.link.ask(CentrePtz(camera="dome", seat="one", officer="王", box=(0.5, 0.0, 0.5, 0.0))).result(
                    WAIT_S
                )
                aim = centred(Pose(), 0.5, 0.0, 60.0)
                two.until(lambda: _pan(two) == pytest.approx(aim.pan_deg, abs=0.01))
                refused = two.link.ask(SteerPtz(camera="dome", seat="two", officer="李", pan=1.0))
                assert "王" in str(refused.exception(WAIT_S))
                at = motor.pose()
                assert isinstance(command(SavePreset(camera="dome", name="路口东"), "2"), Done)
                two.until(lambda: len(two.mirror.room.ptz.units["dome"].presets) == 4)
                assert isinstance(command(GoToPreset(camera="dome", preset="2"), "3"), Done)
                two.until(lambda: _pan(two) == pytest.approx(-18.0))
                assert motor.pose() != at
                # The seat falls silent in the middle of a movement.
                one.link.ask(SteerPtz(camera="dome", seat="one", officer="王", pan=1.0)).result(WAIT_S)
                wait_until(lambda: motor.is_moving)
                wait_until(lambda: not motor.is_moving, 1.5)
                assert two.mirror.room.ptz.leases["dome"].officer == "王"
        finally:
            adapter.close()


def _pan(seat) -> float:
    seat.drain()
    unit = seat.mirror.room.ptz.units.get("dome")
    return 0.0 if unit is None or unit.pose is None else unit.pose.pan_deg
