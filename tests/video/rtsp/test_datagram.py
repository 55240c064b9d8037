"""Packets in their order, whatever order they came in."""

import struct

import hypothesis.strategies as st
from hypothesis import given

from controlroom.video.rtsp.datagram import Datagram, Line, Ticks, read, report, says_goodbye


def made(sequence: int, source: int = 7) -> Datagram:
    found = read(memoryview(struct.pack("!BBHII", 0x80, 96, sequence & 0xFFFF, 0, source) + b"x"))
    assert found is not None
    return found


def test_heads_with_everything_in_them_are_read() -> None:
    head = struct.pack("!BBHII", 0xB2, 0xE0, 9, 1234, 5) + bytes(8) + b"\xbe\xde\0\1" + bytes(4)
    found = read(memoryview(head + b"payload" + b"\0\0\3"))
    assert found is not None and bytes(found.payload) == b"payload"
    assert (found.payload_type, found.is_last, found.sequence, found.stamp, found.source) == (96, True, 9, 1234, 5)


@given(st.binary(max_size=60))
def test_anything_may_be_a_packet(data: bytes) -> None:
    found = read(memoryview(data))
    assert found is None or len(found.payload) > 0
    says_goodbye(memoryview(data))


@given(st.integers(0, 0xFFFF), st.permutations(range(12)), st.sets(st.integers(1, 11), max_size=4))
def test_packets_by_udp_are_put_in_order_and_what_is_lost_is_told(first: int, order: list[int], lost: set[int]) -> None:
    line, given_out = Line(may_wait=True), []
    arriving = [0, *[k for k in order if k and k not in lost]]
    for k in arriving:
        given_out += line.put(made(first + k), 0.0)
    given_out += line.put(made(first + 12), 1.0)
    given_out += line.put(made(first + 13), 2.0)
    given_out += line.put(made(first + 14), 3.0)
    told = [((packet.sequence - first) & 0xFFFF, packet.is_after_gap) for packet in given_out]
    numbers = [number for number, _is_after_gap in told]
    assert numbers == sorted(set(numbers)), "in order and none twice"
    assert set(numbers) <= set(range(15)) - lost and numbers[-1] == 14
    for before, (number, is_after_gap) in zip([-1, *numbers], told, strict=False):
        assert is_after_gap is (number != before + 1)


def test_packets_inside_a_connection_wait_for_nothing() -> None:
    line = Line(may_wait=False)
    given_out = [packet for k in (5, 6, 9, 10) for packet in line.put(made(k), 0.0)]
    assert [(packet.sequence, packet.is_after_gap) for packet in given_out] == [
        (5, False),
        (6, False),
        (9, True),
        (10, False),
    ]


def test_a_new_source_begins_anew() -> None:
    line = Line(may_wait=True)
    given_out = [*line.put(made(5), 0.0), *line.put(made(40_000, source=8), 0.0), *line.put(made(40_001, 8), 0.0)]
    assert [(packet.sequence, packet.is_after_gap) for packet in given_out] == [
        (5, False),
        (40_000, True),
        (40_001, False),
    ]


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=20))
def test_time_grows_past_the_end_of_its_numbers(first: int, steps: list[int]) -> None:
    ticks, at = Ticks(), first
    assert ticks.since_first(first) == 0
    for step in steps:
        at += step
        assert ticks.since_first(at & 0xFFFFFFFF) == at - first


def test_a_report_is_a_sign_of_life_and_no_goodbye() -> None:
    data = memoryview(report(77))
    assert len(data) % 4 == 0 and not says_goodbye(data)
    assert says_goodbye(memoryview(bytes(data) + b"\x80\xcb\0\0"))
