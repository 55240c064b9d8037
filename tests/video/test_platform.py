import json
import logging
import threading
from collections.abc import Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.video_channel import CameraFault
from controlroom.video import address
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.platform import KEPT_S, Platform, address_of, found_in
from controlroom.video.signal import SignalState
from tests.rooms import wait_until
from tests.video.broadcast import FilmServer, films
from tests.video.clocks import ShiftedClock
from tests.video.conftest import CAMERAS
from tests.video.junk import answering, silence

NEVER = threading.Event()
CODE = "11011500001320000001"


@pytest.fixture
def server() -> Iterator[FilmServer]:
    with films() as server:
        yield server


def answer(server: FilmServer, body: object, camera: str = CODE) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    server.films[f"/live/{camera}"] = "application/json", text.encode(), 0.0


def fault_of(platform: Platform, asked: str = address_of(CODE)) -> Fault:
    with pytest.raises(StreamFault) as raised:
        platform.resolved(address.parse(asked), NEVER, 1.0)
    return raised.value.trouble.fault


@pytest.mark.parametrize(
    "body",
    [
        "rtsp://h/cam",
        {"code": 0, "data": {"name": "黄村", "flv": "http://h/cam.flv", "rtsp": "rtsp://h/cam"}},
        [{"urls": ["ws://h/x", "rtsp://h/cam"]}],
    ],
)
def test_an_address_is_found_in_text_and_json(body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    assert found_in(text.encode()).url == "rtsp://h/cam"


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: json.dumps({"url": text}).encode()))
def test_no_answer_is_too_strange(data: bytes) -> None:
    try:
        assert found_in(data).host
    except StreamFault as error:
        assert error.trouble.fault is Fault.PLATFORM


def test_answers_are_kept_for_a_while_and_forgotten_when_they_fail(server: FilmServer, clock: ShiftedClock) -> None:
    platform = Platform(server.url("/live/{id}?stream={stream}&token=geheim"), clock)
    answer(server, {"url": "rtsp://h/one"})
    asked = address.parse(address_of(CODE, is_sub=True))
    assert platform.resolved(asked, NEVER, 1.0).url == "rtsp://h/one"
    answer(server, {"url": "rtsp://h/two"})
    assert platform.resolved(asked, NEVER, 1.0).url == "rtsp://h/one"
    assert server.asked == [f"/live/{CODE}?stream=sub&token=geheim"]
    platform.forget(asked)
    assert platform.resolved(asked, NEVER, 1.0).url == "rtsp://h/two"
    clock.ahead_s += KEPT_S
    platform.resolved(asked, NEVER, 1.0)
    assert len(server.asked) == 3


def test_what_is_wrong_is_told_apart(server: FilmServer, clock: ShiftedClock, free_port: int) -> None:
    answer(server, {"error": "no such camera"})
    assert fault_of(Platform(server.url("/live/{id}"), clock)) is Fault.PLATFORM
    assert fault_of(Platform(server.url("/none/{id}x"), clock)) is Fault.NOT_FOUND
    assert fault_of(Platform(f"http://127.0.0.1:{free_port}/{{id}}", clock)) is Fault.NOBODY
    with answering(silence) as port:
        assert fault_of(Platform(f"http://127.0.0.1:{port}/{{id}}", clock)) is Fault.NO_ANSWER


@pytest.mark.parametrize("template", ["", "http://h/no-field", "http://h/{id.__class__}", "http://h/{", "file:///{id}"])
def test_a_wrong_template_is_refused_in_one_sentence(clock: ShiftedClock, template: str) -> None:
    fault = fault_of(Platform(template, clock))
    assert fault is Fault.PLATFORM_ADDRESS and fault.is_refusal


@pytest.mark.parametrize("engine", Engine)
def test_a_camera_of_the_platform_is_shown_and_no_secret_is_told(
    server: FilmServer, clock: ShiftedClock, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cameras = CameraServer(CAMERAS[:1], clock)
    cameras.start()
    url = cameras.url("rtsp").replace("rtsp://", "rtsp://chef:geheim@")
    answer(server, {"data": {"url": url}})
    template = server.url("/live/{id}?token=geheim").replace("http://", "http://chef:geheim@")
    fleet = Fleet(clock, engine=engine, platform=template)
    fleet.start()
    feed, missing = fleet.watch(address_of(CODE)), fleet.watch(address_of("unknown"))
    for one in (feed, missing):
        one.want(320, 180)
    wait_until(lambda: feed.view().is_moving and feed.take() is not None)
    wait_until(lambda: missing.view().state is SignalState.REFUSED)
    cameras.fault("rtsp", CameraFault.FORBIDDEN)
    wait_until(lambda: feed.view().trouble is not None)
    told = [caplog.text, repr(feed.view()), repr(missing.view()), repr(address.parse(url))]
    told += [one.view().trouble.sentence for one in (feed, missing)]
    fleet.close()
    cameras.close()
    assert all("geheim" not in text and "chef" not in text for text in told)
