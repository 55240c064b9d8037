"""What cameras do that nobody expects, through our own client: inside the connection and by UDP."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from controlroom.video.decoder import Decoder
from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed
from controlroom.video.signal import SignalState
from controlroom.video.stream import Timing
from tests.rooms import wait_until
from tests.video.broadcast import RATE, SIZE
from tests.video.clocks import ShiftedClock
from tests.video.rtsp.relay import Manners, Part, Relay, has_key, relaying
from tests.video.rtsp.test_client import client_of

LONG = 100_000
TICKS = 90_000 // RATE


@pytest.fixture
def fleet(clock: ShiftedClock) -> Iterator[Fleet]:
    fleet = Fleet(clock, engine=Engine.THREADS, timing=Timing(no_picture_s=0.5))
    fleet.start()
    yield fleet
    fleet.close()


@pytest.fixture(params=[True, False], ids=["tcp", "udp"])
def has_tcp(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def watch(fleet: Fleet, relay: Relay) -> Feed:
    feed = fleet.watch(relay.url())
    feed.want(160, 120)
    return feed


def shows(feed: Feed, size: tuple[int, int]) -> Callable[[], bool]:
    """Whether the feed gave a picture of that size under a live badge."""

    def came() -> bool:
        picture = feed.take()
        return picture is not None and (picture.source_width, picture.source_height) == size and feed.view().is_live

    return came


@pytest.mark.parametrize("hangs_up", [True, False])
@pytest.mark.parametrize(("before", "after"), [("h264", "hevc"), ("mpeg4", "h264")])
def test_a_camera_that_is_set_to_another_codec_is_shown_again(
    fleet: Fleet, has_tcp: bool, before: str, after: str, hangs_up: bool
) -> None:
    parts = (Part(12, codec=before), Part(LONG, (336, 256), after))
    with relaying(Manners(has_tcp=has_tcp, parts=parts, hangs_up=hangs_up)) as relay:
        feed = watch(fleet, relay)
        wait_until(shows(feed, SIZE))
        wait_until(shows(feed, (336, 256)))
        wait_until(lambda: feed.view().is_moving)


def test_a_stream_without_key_pictures_says_so(fleet: Fleet, has_tcp: bool) -> None:
    manners = Manners(has_tcp=has_tcp, spoil=lambda packets: [] if has_key(packets) else packets)
    with relaying(manners) as relay:
        feed, told = watch(fleet, relay), set()

        def said() -> bool:
            view = feed.view()
            assert not view.is_live and feed.take() is None
            told.add(None if view.trouble is None else view.trouble.fault)
            return Fault.NO_PICTURE in told and view.state is SignalState.NO_SIGNAL

        wait_until(said)


def test_key_pictures_that_were_lost_are_told_and_the_next_one_mends_all(fleet: Fleet, has_tcp: bool) -> None:
    keys = 0

    def spoil(packets: list[bytes]) -> list[bytes]:
        nonlocal keys
        keys += has_key(packets)
        return [] if has_key(packets) and keys in (2, 3) else packets

    with relaying(Manners(has_tcp=has_tcp, spoil=spoil)) as relay:
        feed = watch(fleet, relay)
        wait_until(lambda: feed.view().is_moving)
        wait_until(lambda: feed.view().state is SignalState.DEGRADED)
        wait_until(lambda: keys > 3 and feed.view().state is SignalState.LIVE)


@pytest.mark.parametrize("size", [(1, 1), (2, 1080), (1920, 2)])
def test_a_camera_that_is_set_to_absurd_sizes_is_shown_and_comes_back(
    fleet: Fleet, has_tcp: bool, size: tuple[int, int]
) -> None:
    parts = (Part(8), Part(15, size, pixels="yuv444p"), Part(LONG))
    with relaying(Manners(has_tcp=has_tcp, parts=parts)) as relay:
        feed = watch(fleet, relay)
        for told in (SIZE, size, SIZE):
            wait_until(shows(feed, told))
        assert sum(request.startswith("PLAY") for request in relay.heard) == 1


def huge_sps() -> bytes:
    """A sequence parameter set of 8192 x 8192 (ITU-T H.264 section 7.3.2.1.1), baseline, level 6.2."""
    bits = ""

    def number(value: int) -> None:
        nonlocal bits
        bits += f"{value + 1:b}".zfill(2 * (value + 1).bit_length() - 1)

    for value in (0, 0, 2, 1):  # id, log2_max_frame_num_minus4, pic_order_cnt_type, max_num_ref_frames
        number(value)
    bits += "0"
    number(511)
    number(511)
    bits += "1" + "1" + "0" + "0" + "1"  # frames only, direct 8x8, no cropping, no usability information, stop bit
    bits += "0" * (-len(bits) % 8)
    return bytes((0x67, 66, 0xC0, 62)) + int(bits, 2).to_bytes(len(bits) // 8, "big")


def with_sps(packets: list[bytes], sps: bytes) -> list[bytes]:
    """The packets of a picture of H.264 with another sequence parameter set, in a packet of its own before all."""
    changed = []
    for data in packets:
        head, payload = data[:12], data[12:]
        if payload[0] & 31 != 24:
            changed.append(data)
            continue
        at = 1
        while at < len(payload):
            length = int.from_bytes(payload[at : at + 2], "big")
            unit = payload[at + 2 : at + 2 + length]
            is_last = at + 2 + length >= len(payload) and head[1] & 0x80
            changed.append(
                head[:1] + bytes((head[1] & 0x7F | is_last,)) + head[2:] + (sps if unit[0] & 31 == 7 else unit)
            )
            at += 2 + length
    return changed


def test_pictures_beyond_all_bounds_are_refused_and_told_and_smaller_ones_shown_again(
    fleet: Fleet, has_tcp: bool
) -> None:
    picture = 0

    def spoil(packets: list[bytes]) -> list[bytes]:
        nonlocal picture
        picture += 1
        return with_sps(packets, huge_sps()) if 12 < picture <= 45 else packets

    manners = Manners(has_tcp=has_tcp, spoil=spoil, clock=lambda k: k * TICKS)
    with relaying(manners) as relay:
        feed = watch(fleet, relay)
        wait_until(shows(feed, SIZE))
        wait_until(lambda: not feed.view().is_live)
        wait_until(shows(feed, SIZE))
        assert picture > 45


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(("with_sets", "sets_inside"), [(True, False), (False, True)])
def test_parameter_sets_come_in_the_description_or_with_the_pictures(
    has_tcp: bool, codec: str, with_sets: bool, sets_inside: bool
) -> None:
    manners = Manners(codec, has_tcp=has_tcp, with_sets=with_sets, sets_inside=sets_inside)
    with relaying(manners) as relay, closing(client_of(relay.url())) as client:
        client.reach()
        client.open()
        assert (client.track.width > 0) is with_sets
        decoder, shown = Decoder(client.track), []
        for packet in client.packets():
            if packet is None:
                continue
            if packet.is_keyframe:
                decoder.track = client.track
            shown += [(frame.width, frame.height) for frame in decoder.decode(packet, len(shown) > 12)]
            if len(shown) == 20:  # the second key picture has come, and with it another decoder
                break
        assert set(shown) == {SIZE} and (client.track.width, client.track.height) == SIZE


CHANCE = random.Random(7)
CLOCKS: dict[str, Callable[[int], int]] = {
    "stands": lambda _k: 4711,
    "slow": lambda k: k * TICKS // 4,
    "fast": lambda k: k * TICKS * 4,
    "back and forth": lambda k: (k % 12) * TICKS + (k // 12 % 2) * 2 * 90_000,
    "backwards": lambda k: -k * TICKS,
    "anything": lambda _k: CHANCE.getrandbits(32),
    "round its end": lambda k: k * TICKS - 20 * TICKS,
}


def shown_of_40(fleet: Fleet, manners: Manners) -> int:
    """How many pictures a tile shows while the server sends forty."""
    sent, inner = 0, manners.clock
    assert inner is not None

    def clock(picture: int) -> int:
        nonlocal sent
        sent += 1
        return inner(picture)

    manners.clock, count = clock, 0
    with relaying(manners) as relay:
        feed = watch(fleet, relay)
        wait_until(lambda: feed.view().is_moving)
        sent = 0

        def enough() -> bool:
            nonlocal count
            count += feed.take() is not None
            return sent >= 40

        wait_until(enough)
        assert feed.view().state is not SignalState.NO_SIGNAL
    return count


@pytest.mark.parametrize("clock_name", CLOCKS)
def test_a_server_that_lies_about_its_clock_is_shown_at_its_rate(fleet: Fleet, has_tcp: bool, clock_name: str) -> None:
    assert shown_of_40(fleet, Manners(has_tcp=has_tcp, clock=CLOCKS[clock_name])) >= 30


def test_a_server_whose_reports_unmask_its_stamps_is_shown_at_its_rate(fleet: Fleet, has_tcp: bool) -> None:
    manners = Manners(has_tcp=has_tcp, clock=CLOCKS["slow"], reports=lambda k: k / RATE)
    assert shown_of_40(fleet, manners) >= 30


def test_a_network_that_is_too_thin_is_told_from_a_clock_that_is_wrong(fleet: Fleet, has_tcp: bool) -> None:
    """What the server reports agrees with its stamps, so the pictures do come later and later: the newest matter."""
    parts = (Part(LONG),)
    manners = Manners(has_tcp=has_tcp, parts=parts, clock=lambda k: k * TICKS, reports=lambda k: k / RATE, haste=0.4)
    assert shown_of_40(fleet, manners) < 30


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_pictures_between_pictures_are_shown_in_their_order(has_tcp: bool, codec: str) -> None:
    with (
        relaying(Manners(codec, has_tcp=has_tcp, b_pictures=2)) as relay,
        closing(client_of(relay.url())) as client,
    ):
        client.reach()
        client.open()
        decoder, sent, shown = Decoder(client.track), [], []
        for packet in client.packets():
            if packet is None:
                continue
            sent.append(packet.pts)
            shown += [frame.pts for frame in decoder.decode(packet, False)]
            if len(shown) == 30:
                break
        assert sent != sorted(sent), "otherwise nothing is tried"
        assert shown == [shown[0] + k * TICKS for k in range(30)]
