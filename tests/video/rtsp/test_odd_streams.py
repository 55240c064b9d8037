"""What cameras do that nobody expects, through our own client: inside the connection and by UDP."""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from controlroom.video.decoder import Decoder
from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed
from controlroom.video.signal import Patience, SignalState
from controlroom.video.stream import Timing
from tests.rooms import wait_until
from tests.video.broadcast import RATE, SIZE
from tests.video.clocks import ShiftedClock
from tests.video.rtsp.relay import Manners, Part, Relay, has_key, relaying
from tests.video.rtsp.test_client import client_of

LONG = 100_000
SOON = 8.0
TICKS = 90_000 // RATE


@pytest.fixture
def fleet(clock: ShiftedClock) -> Iterator[Fleet]:
    patience = Patience(hurt_s=0.5)
    fleet = Fleet(clock, engine=Engine.THREADS, timing=Timing(no_picture_s=0.5), patience=patience)
    fleet.start()
    yield fleet
    fleet.close()


@pytest.fixture(params=[True, False], ids=["tcp", "udp"])
def has_tcp(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


class Watched:
    """A camera and the tile that shows it: `sizes` are those of its pictures, each as often as it came anew."""

    def __init__(self, fleet: Fleet, relay: Relay) -> None:
        self.relay = relay
        self.feed = fleet.watch(relay.url())
        self.feed.want(160, 120)
        self.sizes: list[tuple[int, int]] = []
        self.taken = 0

    def look(self) -> None:
        picture = self.feed.take()
        if picture is None:
            return
        self.taken += 1
        size = picture.source_width, picture.source_height
        if self.feed.view().is_live and self.sizes[-1:] != [size]:
            self.sizes.append(size)

    @property
    def shown(self) -> int:
        """How many pictures came, also those that came too soon after each other for us to look."""
        return self.taken + self.feed.replaced


@contextmanager
def watching(fleet: Fleet, every: Iterable[Manners]) -> Iterator[list[Watched]]:
    """So many cameras at once."""
    with ExitStack() as stack:
        yield [Watched(fleet, stack.enter_context(relaying(manners))) for manners in every]


def have_shown(cameras: list[Watched], *sizes: tuple[int, int]) -> Callable[[], bool]:
    """Whether each of them has shown pictures of these sizes, one after the other."""

    def have() -> bool:
        for camera in cameras:
            camera.look()
        return all(camera.sizes == list(sizes) for camera in cameras)

    return have


WAYS = (True, False)
"""Inside the connection, and by UDP."""


def test_a_camera_that_is_set_to_another_codec_is_shown_again(fleet: Fleet) -> None:
    changes = [
        Manners(has_tcp=has_tcp, parts=(Part(12, codec=before), Part(LONG, (336, 256), after)), hangs_up=hangs_up)
        for before, after in (("h264", "hevc"), ("mpeg4", "h264"))
        for has_tcp in WAYS
        for hangs_up in (True, False)
    ]
    with watching(fleet, changes) as cameras:
        wait_until(have_shown(cameras, SIZE, (336, 256)))
        wait_until(lambda: all(camera.feed.view().is_moving for camera in cameras))


def test_a_stream_without_key_pictures_says_so(fleet: Fleet) -> None:
    spoilt = [Manners(has_tcp=has_tcp, spoil=lambda packets: [] if has_key(packets) else packets) for has_tcp in WAYS]
    with watching(fleet, spoilt) as cameras:
        for camera in cameras:
            told = set()

            def said(feed: Feed = camera.feed, told: set[Fault | None] = told) -> bool:
                view = feed.view()
                assert not view.is_live and feed.take() is None
                told.add(None if view.trouble is None else view.trouble.fault)
                return Fault.NO_PICTURE in told and view.state is SignalState.NO_SIGNAL

            wait_until(said)


class LostKeys:
    """Loses the second and the third key picture."""

    def __init__(self) -> None:
        self.keys = 0

    def spoil(self, packets: list[bytes]) -> list[bytes]:
        self.keys += has_key(packets)
        return [] if has_key(packets) and self.keys in (2, 3) else packets


def test_key_pictures_that_were_lost_are_told_and_the_next_one_mends_all(fleet: Fleet) -> None:
    losses = [LostKeys() for _way in WAYS]
    spoilt = [Manners(has_tcp=has_tcp, spoil=lost.spoil) for has_tcp, lost in zip(WAYS, losses, strict=True)]
    with watching(fleet, spoilt) as cameras:
        hurt = set[int]()

        def mended() -> bool:
            states = [camera.feed.view().state for camera in cameras]
            hurt.update(number for number, state in enumerate(states) if state is SignalState.DEGRADED)
            is_over = all(lost.keys > 3 for lost in losses) and len(hurt) == len(cameras)
            return is_over and all(state is SignalState.LIVE for state in states)

        wait_until(mended)


def test_a_camera_that_is_set_to_absurd_sizes_is_shown_and_comes_back(fleet: Fleet) -> None:
    for size in ((1, 1), (2, 1080), (1920, 2)):
        parts = (Part(8), Part(15, size, pixels="yuv444p"), Part(LONG))
        with watching(fleet, [Manners(has_tcp=has_tcp, parts=parts) for has_tcp in WAYS]) as cameras:
            wait_until(have_shown(cameras, SIZE, size, SIZE))
            for camera in cameras:
                assert sum(request.startswith("PLAY") for request in camera.relay.heard) == 1


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


class Huge:
    """Tells of pictures beyond all bounds for a while."""

    def __init__(self) -> None:
        self.pictures = 0

    def spoil(self, packets: list[bytes]) -> list[bytes]:
        self.pictures += 1
        return with_sps(packets, huge_sps()) if 12 < self.pictures <= 45 else packets


def test_pictures_beyond_all_bounds_are_refused_and_told_and_smaller_ones_shown_again(fleet: Fleet) -> None:
    spoilt = [Huge() for _way in WAYS]
    every = [
        Manners(has_tcp=has_tcp, spoil=huge.spoil, clock=lambda k: k * TICKS)
        for has_tcp, huge in zip(WAYS, spoilt, strict=True)
    ]
    with watching(fleet, every) as cameras:
        refused = set[int]()

        def mended() -> bool:
            for number, camera in enumerate(cameras):
                camera.look()
                if not camera.feed.view().is_live and camera.sizes:
                    refused.add(number)
                    camera.sizes.clear()
            is_back = all(huge.pictures > 45 for huge in spoilt) and all(camera.sizes == [SIZE] for camera in cameras)
            return is_back and len(refused) == len(cameras)

        wait_until(mended)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(("with_sets", "sets_inside"), [(True, False), (False, True)])
def test_parameter_sets_come_in_the_description_or_with_the_pictures(
    has_tcp: bool, codec: str, with_sets: bool, sets_inside: bool
) -> None:
    manners = Manners(codec, has_tcp=has_tcp, with_sets=with_sets, sets_inside=sets_inside, haste=SOON)
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


class Counted:
    """The stamps of a server, and how many pictures it has sent."""

    def __init__(self, stamps: Callable[[int], int]) -> None:
        self._stamps = stamps
        self.sent = 0

    def stamp(self, picture: int) -> int:
        self.sent += 1
        return self._stamps(picture)


def shown_of(count: int, fleet: Fleet, every: dict[str, Manners]) -> dict[str, int]:
    """How many pictures each tile shows while its server sends `count`."""
    clocks = []
    for manners in every.values():
        assert manners.clock is not None
        clocks.append(Counted(manners.clock))
        manners.clock = clocks[-1].stamp
    shown: dict[str, int] = {}
    with watching(fleet, every.values()) as cameras:
        began: dict[str, tuple[int, int]] = {}

        def enough() -> bool:
            for name, camera, clock in zip(every, cameras, clocks, strict=True):
                camera.look()
                if name not in began and camera.feed.view().is_moving:
                    began[name] = clock.sent, camera.shown
                elif name in began and name not in shown and clock.sent - began[name][0] >= count:
                    shown[name] = camera.shown - began[name][1]
                    assert camera.feed.view().state is not SignalState.NO_SIGNAL
            return len(shown) == len(every)

        wait_until(enough)
    return shown


def test_servers_that_lie_about_their_clocks_are_shown_at_their_rate(fleet: Fleet, has_tcp: bool) -> None:
    every = {name: Manners(has_tcp=has_tcp, clock=clock) for name, clock in CLOCKS.items()}
    every["unmasked by its reports"] = Manners(has_tcp=has_tcp, clock=CLOCKS["slow"], reports=lambda k: k / RATE)
    shown = shown_of(40, fleet, every)
    assert not {name: count for name, count in shown.items() if count < 30}


def test_a_network_that_is_too_thin_is_told_from_a_clock_that_is_wrong(fleet: Fleet) -> None:
    """What the server reports agrees with its stamps, so the pictures do come later and later: the newest matter."""
    every = {
        name: Manners(
            has_tcp=name == "tcp", clock=lambda k: k * TICKS, reports=lambda k: k / RATE, haste=0.4, parts=(Part(LONG),)
        )
        for name in ("tcp", "udp")
    }
    shown = shown_of(30, fleet, every)
    assert not {name: count for name, count in shown.items() if count > 22}


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_pictures_between_pictures_are_shown_in_their_order(has_tcp: bool, codec: str) -> None:
    with (
        relaying(Manners(codec, has_tcp=has_tcp, b_pictures=2, haste=SOON)) as relay,
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
