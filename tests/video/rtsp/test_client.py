"""Our client against a server whose packets FFmpeg makes, and against servers that say what no camera should."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from controlroom.video.address import parse
from controlroom.video.decoder import Decoder
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.rtsp.client import RtspClient, Unsuited
from controlroom.video.signal import SignalState
from tests.rooms import wait_until
from tests.video.broadcast import SIZE
from tests.video.clocks import ShiftedClock
from tests.video.junk import Answer, answering, silence
from tests.video.rtsp.relay import GROWN, Manners, Part, relaying

LOGIN = "officer:p%40ss@"


def client_of(url: str, look_s: float = 0.5) -> RtspClient:
    return RtspClient(parse(url), threading.Event(), 2.0, look_s)


def pictures(client: RtspClient, count: int = 5, packets: int = 200) -> list[tuple[int, int]]:
    """Sizes of the first pictures."""
    client.reach()
    client.open()
    decoder, found = Decoder(client.track), []
    for number, packet in enumerate(client.packets()):
        if packet is not None:
            found += [(frame.width, frame.height) for frame in decoder.decode(packet, False)]
        if len(found) >= count or number >= packets:
            break
    return found


@pytest.mark.parametrize("has_tcp", [True, False])
@pytest.mark.parametrize("codec", ["h264", "hevc", "mpeg4"])
def test_pictures_of_each_codec_come_inside_the_connection_and_beside_it(codec: str, has_tcp: bool) -> None:
    with relaying(Manners(codec, has_tcp=has_tcp)) as relay, closing(client_of(relay.url())) as client:
        assert pictures(client) == [SIZE] * 5
        assert client.damaged == 0 and client.track.codec == codec
        if codec != "mpeg4":
            assert (client.track.width, client.track.height) == SIZE, "told before the first picture"
    assert relay.heard[-1].startswith("TEARDOWN")


def test_parameter_sets_may_come_with_the_pictures_only() -> None:
    manners = Manners("hevc", with_sets=False)
    with relaying(manners) as relay, closing(client_of(relay.url())) as client:
        assert pictures(client) == [SIZE] * 5
        assert (client.track.width, client.track.height) == SIZE


@pytest.mark.parametrize(("algorithm", "qop"), [("MD5", 'qop="auth", '), ("SHA-256", 'qop="auth", '), ("MD5", "")])
def test_a_password_is_proved_and_never_sent(algorithm: str, qop: str) -> None:
    with relaying(Manners(password="p@ss", algorithm=algorithm, qop=qop)) as relay:
        with closing(client_of(relay.url(LOGIN))) as client:
            assert pictures(client, 2) == [SIZE] * 2
        assert not any("p@ss" in line or "p%40ss" in line for line in relay.heard)
        assert all("camera%201?channel=1" in line for line in relay.heard)
        with closing(client_of(relay.url("officer:wrong@"))) as client, pytest.raises(StreamFault) as caught:
            pictures(client)
        assert caught.value.trouble.fault is Fault.UNAUTHORISED


def test_motion_jpeg_is_left_to_avformat() -> None:
    with relaying(Manners("mjpeg")) as relay, closing(client_of(relay.url())) as client, pytest.raises(Unsuited):
        pictures(client)


def test_the_session_is_kept_alive() -> None:
    with relaying(Manners(session_s=1)) as relay, closing(client_of(relay.url(), look_s=0.05)) as client:
        client.reach()
        client.open()
        client._pause_s = 0.1
        for _packet in client.packets():
            if sum(line.startswith("GET_PARAMETER") for line in relay.heard) >= 3:
                break
        assert sum(line.startswith("GET_PARAMETER") for line in relay.heard) == 3


def test_a_goodbye_ends_the_stream() -> None:
    with relaying(Manners(frames=8, says_goodbye=True)) as relay, closing(client_of(relay.url())) as client:
        with pytest.raises(StreamFault) as caught:
            pictures(client, 100)
        assert caught.value.trouble.fault is Fault.ENDED


def test_a_waiting_read_is_cut_at_once() -> None:
    with relaying(Manners(frames=3)) as relay, closing(client_of(relay.url(), look_s=30.0)) as client:
        client.reach()
        client.open()
        stream = client.packets()
        next(stream)
        cutter = threading.Timer(0.1, client.cut)
        cutter.start()
        began_s = time.monotonic()
        with pytest.raises(StreamFault):
            list(stream)
        assert time.monotonic() - began_s < 2.0
        cutter.join()


@pytest.mark.parametrize("has_tcp", [True, False])
def test_lost_and_swapped_packets_are_told_and_borne(has_tcp: bool) -> None:
    chance = random.Random(3)

    def spoil(packets: list[bytes]) -> list[bytes]:
        kept = [data for data in packets if chance.random() > 0.1]
        if not has_tcp:
            chance.shuffle(kept)
        return kept

    with relaying(Manners(has_tcp=has_tcp, spoil=spoil)) as relay, closing(client_of(relay.url())) as client:
        assert len(pictures(client, 30)) >= 20
        assert client.damaged > 0


@pytest.fixture
def fleet(clock: ShiftedClock) -> Iterator[Fleet]:
    fleet = Fleet(clock, engine=Engine.THREADS)
    fleet.start()
    yield fleet
    fleet.close()


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_tiles_show_what_either_reader_reads_and_come_back_after_a_cut(fleet: Fleet, codec: str) -> None:
    with relaying(Manners(codec)) as relay:
        feed = fleet.watch(relay.url())
        feed.want(160, 120)
        wait_until(lambda: feed.view().is_live)
        relay.cut()
        wait_until(lambda: not feed.view().is_live)
        wait_until(lambda: feed.view().is_live)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("has_tcp", [True, False])
def test_a_camera_that_is_set_to_another_size_goes_on(fleet: Fleet, codec: str, has_tcp: bool) -> None:
    seen: list[tuple[int, int]] = []
    with relaying(Manners(has_tcp=has_tcp, parts=(Part(20, codec=codec), Part(100_000, GROWN, codec)))) as relay:
        feed = fleet.watch(relay.url())
        feed.want(160, 120)

        def grown() -> bool:
            picture = feed.take()
            if picture is not None:
                seen.append((picture.source_width, picture.source_height))
            return GROWN in seen

        wait_until(grown)
        assert seen[0] == SIZE and feed.view().is_live
        plays = [request for request in relay.heard if request.startswith("PLAY")]
        assert len(plays) == 1, "in the same session"


def test_a_stream_that_was_lost_on_its_way_is_shown_as_damaged(fleet: Fleet) -> None:
    chance = random.Random(5)
    manners = Manners(spoil=lambda packets: [data for data in packets if chance.random() > 0.2])
    with relaying(manners) as relay:
        feed = fleet.watch(relay.url())
        feed.want(160, 120)
        wait_until(lambda: feed.view().state is SignalState.DEGRADED)


NOISE = random.Random(11)
OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n"
SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def saying(*answers: bytes) -> Answer:
    def answer(connection) -> None:
        for data in answers:
            connection.recv(4096)
            connection.sendall(data)

    return answer


def described(number: int = 1) -> bytes:
    return b"RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Length: %d\r\n\r\n%b" % (number, len(SDP), SDP)


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        (saying(b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n"), {Fault.NOT_FOUND}),
        (saying(b"RTSP/1.0 403 No\r\nCSeq: 1\r\n\r\n"), {Fault.UNAUTHORISED}),
        (saying(b"RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: 1\r\n\r\n"), {Fault.SERVER_ERROR}),
        (saying(b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: file:///etc/passwd\r\n\r\n"), set()),
        (saying(b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\n\r\n"), {Fault.ENDED, Fault.NOT_FOUND}),
        (saying(b"HTTP/1.1 200 OK\r\n\r\n" * 9000), {Fault.NOT_VIDEO, Fault.ENDED}),
        (saying(NOISE.randbytes(300_000)), {Fault.NOT_VIDEO, Fault.ENDED}),
        (saying(b""), {Fault.ENDED}),
        (saying(OK + b"Content-Length: 77777777\r\n\r\n"), {Fault.NOT_VIDEO}),
        (saying(described(), OK), {Fault.ENDED}),
        (
            saying(described(), b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: interleaved=900-901\r\n\r\n"),
            {Fault.NOT_VIDEO},
        ),
        (silence, {Fault.NO_ANSWER}),
    ],
)
def test_what_servers_answer_is_understood(answer: Answer, faults: set[Fault]) -> None:
    with answering(answer) as port:
        client = RtspClient(parse(f"rtsp://127.0.0.1:{port}/x"), threading.Event(), 0.4, 0.1)
        with closing(client):
            try:
                pictures(client)
            except StreamFault as error:
                assert error.trouble.fault in (faults or {Fault.BAD_ADDRESS})
            except Unsuited:
                assert not faults


def test_a_redirect_is_followed_but_not_with_the_password() -> None:
    with relaying(Manners(password="p@ss")) as protected:
        moved = (
            f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {protected.url().replace('127.0.0.1', 'localhost')}\r\n\r\n"
        )
        with answering(saying(moved.encode())) as port:
            with (
                closing(client_of(f"rtsp://{LOGIN}127.0.0.1:{port}/x")) as client,
                pytest.raises(StreamFault) as caught,
            ):
                pictures(client)
            assert caught.value.trouble.fault is Fault.UNAUTHORISED
    with relaying() as free:
        moved = f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {free.url()}\r\n\r\n"
        with answering(saying(moved.encode())) as port, closing(client_of(f"rtsp://127.0.0.1:{port}/x")) as client:
            assert pictures(client, 2) == [SIZE] * 2


@pytest.mark.parametrize("seed", range(8))
def test_noise_after_playing_began_ends_as_a_fault(seed: int) -> None:
    chance = random.Random(seed)
    noise = chance.randbytes(2000) + b"".join(
        b"$" + bytes((chance.randrange(3),)) + (60).to_bytes(2, "big") + b"\x80" + chance.randbytes(59)
        for _packet in range(400)
    )
    told = b"RTSP/1.0 200 OK\r\nCSeq: %d\r\nSession: 1\r\n\r\n"
    with (
        answering(saying(described(), told % 2, told % 3 + noise)) as port,
        closing(client_of(f"rtsp://127.0.0.1:{port}/x", 0.1)) as client,
        pytest.raises(StreamFault),
    ):
        client.reach()
        client.open()
        for packet in client.packets():
            assert packet is None or packet.size
