"""What is kept of the last minutes: from key pictures on, bounded, and found again by its time."""

import io
from collections.abc import Iterator

import av
import hypothesis.strategies as st
import pytest
from av.container import InputContainer
from av.packet import Packet
from hypothesis import given, settings

from controlroom.video.ring import Allotment, Ring, Shelf
from controlroom.video.shot import GAP_S, Shot
from controlroom.video.track import track_of
from tests.video.broadcast import RATE, film

START_S = 1_700_000_000.0


@pytest.fixture(scope="module")
def opened() -> Iterator[InputContainer]:
    with av.open(io.BytesIO(film("mpegts", "h264", 150)), format="mpegts") as container:
        yield container


@pytest.fixture(scope="module")
def packets(opened: InputContainer) -> list[Packet]:
    return [packet for packet in opened.demux(opened.streams.video[0]) if packet.size]


def fill(ring: Ring, opened: InputContainer, packets: list[Packet], from_s: float = START_S) -> None:
    for k, packet in enumerate(packets):
        ring.add(from_s + k / RATE, packet, track_of(opened.streams.video[0]))


def first(ring: Ring, at_s: float) -> Shot | None:
    found = ring.shots(at_s)
    return None if found is None else next(found)


def test_a_moment_is_found_from_the_key_picture_before_it(opened: InputContainer, packets: list[Packet]) -> None:
    ring = Shelf(Allotment()).ring("a")
    fill(ring, opened, packets)
    shot = first(ring, START_S + 2.5)
    assert shot is not None and shot.is_key and shot.at_s == START_S + 2.0
    assert shot.data == bytes(packets[50])


def test_what_follows_the_moment_follows_across_groups_up_to_now(opened: InputContainer, packets: list[Packet]) -> None:
    ring = Shelf(Allotment()).ring("a")
    fill(ring, opened, packets)
    found = ring.shots(START_S + 4.9)
    assert found is not None
    shots = [next(found) for _ in range(51)]
    assert [shot.data for shot in shots[:-1] if shot] == [bytes(packet) for packet in packets[100:]]
    assert shots[-1] is None
    ring.add(START_S + 6.0, packets[0], track_of(opened.streams.video[0]))
    assert next(found) is not None, "it goes on as more is received"


def test_before_after_and_in_a_gap_there_is_nothing(opened: InputContainer, packets: list[Packet]) -> None:
    ring = Shelf(Allotment()).ring("a")
    fill(ring, opened, packets[:50])
    ring.lose()
    fill(ring, opened, packets[60:], START_S + 30.0)
    last_s = START_S + 49 / RATE
    assert first(ring, START_S - 0.1) is None
    assert first(ring, last_s + GAP_S - 0.1) is not None and first(ring, last_s + GAP_S + 0.1) is None
    after = first(ring, START_S + 31.0)
    assert after is not None and after.is_key, "what came without its key picture was not kept"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 149), min_size=1, max_size=8),
    st.integers(2_000, 120_000),
    st.integers(2_000, 200_000),
    st.floats(0.5, 5.0),
)
def test_the_bounds_hold_whatever_comes(
    opened: InputContainer, packets: list[Packet], starts: list[int], stream: int, total: int, keep_s: float
) -> None:
    shelf, now_s = Shelf(Allotment(stream, total, keep_s)), START_S
    for number, start in enumerate(starts):
        ring = shelf.ring(str(number % 3))
        for packet in packets[start : start + 40]:
            now_s += 0.04
            ring.add(now_s, packet, track_of(opened.streams.video[0]))
            rings = [held for held in map(shelf.find, "012") if held is not None]
            assert shelf.bytes == sum(held.bytes for held in rings) <= total
            assert all(held.bytes <= stream for held in rings)
        shelf.tidy(now_s)
        for held in rings:
            kept = held.kept()
            assert kept is None or now_s - kept.since_s <= keep_s + GAP_S + 1e-3
        ring.lose()
    shelf.tidy(now_s + keep_s + GAP_S + 2.0)
    assert shelf.bytes == 0


def test_a_ring_outlives_its_stream_until_it_is_too_old(opened: InputContainer, packets: list[Packet]) -> None:
    shelf = Shelf(Allotment(keep_s=60.0))
    fill(shelf.ring("a"), opened, packets)
    shelf.leave("a")
    shelf.tidy(START_S + 50.0)
    assert shelf.bytes and shelf.find("a") is not None
    shelf.tidy(START_S + 80.0)
    shelf.tidy(START_S + 80.0)
    assert shelf.bytes == 0 and shelf.find("a") is None
