"""Pictures from packets: what goes in comes out, and what is spoilt is told."""

import random
import struct

import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.sources.simulator.video_rtp import Packetizer
from controlroom.sources.simulator.video_source import AccessUnit
from controlroom.video.rtsp.assembly import Access, Assembly
from controlroom.video.rtsp.datagram import Datagram, Line, read

START = b"\0\0\0\1"
UNIT = st.tuples(st.sampled_from([1, 5]), st.binary(min_size=1, max_size=4000)).map(
    lambda pair: bytes((0x60 | pair[0],)) + pair[1]
)


def assembled(packets: list[bytes], codec: str = "h264") -> list[Access]:
    assembly, line, found = Assembly(codec), Line(may_wait=False), []
    for data in packets:
        packet = read(memoryview(data))
        for ordered in () if packet is None else line.put(packet, 0.0):
            found += assembly.put(ordered)
    return found


def one(payload: bytes, sequence: int, stamp: int = 0, is_last: bool = False) -> bytes:
    return struct.pack("!BBHII", 0x80, 96 | is_last << 7, sequence, stamp, 1) + payload


@given(st.lists(st.lists(UNIT, min_size=1, max_size=3), min_size=1, max_size=5))
def test_pictures_come_out_as_they_went_in(pictures: list[list[bytes]]) -> None:
    packetizer = Packetizer(random.Random(1))
    packets = [
        data
        for k, units in enumerate(pictures)
        for data in packetizer.packets(AccessUnit(tuple(units), k * 3600 + 1, False))
    ]
    found = assembled(packets)
    assert [access.data for access in found] == [START + START.join(units) for units in pictures]
    assert [access.is_key for access in found] == [any(unit[0] & 31 == 5 for unit in units) for units in pictures]
    assert not any(access.is_damaged for access in found)


@given(
    st.lists(st.lists(UNIT, min_size=1, max_size=3), min_size=2, max_size=4), st.sets(st.integers(1, 15), min_size=1)
)
def test_lost_packets_are_told_and_whole_pictures_are_not_harmed(pictures: list[list[bytes]], lost: set[int]) -> None:
    packetizer, packets, owner = Packetizer(random.Random(1)), [], []
    for k, units in enumerate(pictures):
        for data in packetizer.packets(AccessUnit(tuple(units), k * 3600 + 1, False)):
            packets.append(data)
            owner.append(k)
    hurt = {owner[k] for k in lost if k < len(packets)}
    found = assembled([data for k, data in enumerate(packets) if k not in lost])
    whole = [START + START.join(units) for k, units in enumerate(pictures) if k not in hurt]
    untouched = [access.data for access in found if not access.is_damaged]
    assert all(data in whole for data in untouched), "what is spoilt is never told to be whole"


def test_several_units_in_one_packet() -> None:
    sets = b"\x18" + b"\0\2\x67a" + b"\0\2\x68b" + b"\0\3\x65cd"
    (access,) = assembled([one(sets, 1, is_last=True)])
    assert access.data == START + b"\x67a" + START + b"\x68b" + START + b"\x65cd"
    assert access.is_key and access.parameters == (b"\x67a", b"\x68b")


def test_a_camera_that_marks_each_unit_is_found_out() -> None:
    packets = []
    for k in range(4):
        for j, unit in enumerate((b"\x67s", b"\x68p", b"\x65" + b"i" * 9, b"\x65" + b"j" * 9)):
            packets.append(one(unit, 4 * k + j, k * 3600 + 5, is_last=True))
    found = assembled(packets)
    whole = START + b"\x67s" + START + b"\x68p" + START + b"\x65" + b"i" * 9 + START + b"\x65" + b"j" * 9
    assert [access.data for access in found[2:]] == [whole] * (len(found) - 2) and len(found) >= 4


@pytest.mark.parametrize("is_marked", [True, False])
@pytest.mark.parametrize(("codec", "head"), [("h264", b"\x61"), ("hevc", b"\x02\x01")])
def test_a_camera_whose_clock_stands_is_found_out(codec: str, head: bytes, is_marked: bool) -> None:
    units = [head + first + bytes((k,)) * 9 for k in range(30) for first in (b"\x88", b"\x48")]
    packets = [one(unit, k, 77, is_marked and k % 2 == 1) for k, unit in enumerate(units)]
    found = assembled(packets, codec)
    whole = [START + first + START + second for first, second in zip(units[::2], units[1::2], strict=True)]
    assert [access.data for access in found][-20:] == (whole if is_marked else whole[:-1])[-20:]
    assert len(found) >= 27 and not any(access.is_damaged for access in found)


def test_start_codes_in_a_payload_are_taken_off() -> None:
    (access,) = assembled([one(START + b"\x65abc", 1, is_last=True)])
    assert access.data == START + b"\x65abc" and access.is_key


def test_data_that_make_no_picture_are_given_all_the_same() -> None:
    found = assembled([one(b"\x0c" + b"\xff" * 9, 1, is_last=True), one(b"\x1e\0", 2, 3600, is_last=True)])
    assert len(found) == 2 and not any(access.is_key for access in found)


def test_a_large_unit_of_h265_in_parts_and_several_in_one_packet() -> None:
    unit = bytes((19 << 1, 1)) + bytes(range(200))
    head = bytes((49 << 1, 1))
    parts = [unit[2:80], unit[80:150], unit[150:]]
    packets = [
        one(head + bytes((19 | (0x80 if k == 0 else 0) | (0x40 if k == 2 else 0),)) + part, 10 + k, 7, k == 2)
        for k, part in enumerate(parts)
    ]
    sets = bytes((48 << 1, 1)) + b"\0\3\x40\1v" + b"\0\3\x42\1s" + b"\0\3\x44\1p"
    (access,) = assembled([one(sets, 9, 7), *packets], "hevc")
    assert access.data.endswith(START + unit) and access.is_key and len(access.parameters) == 3


@given(
    st.sampled_from(["h264", "hevc", "mpeg4"]),
    st.lists(st.tuples(st.binary(min_size=1, max_size=80), st.integers(0, 3), st.booleans(), st.booleans())),
)
@pytest.mark.filterwarnings("error")
def test_anything_may_be_in_a_packet(codec: str, packets: list[tuple[bytes, int, bool, bool]]) -> None:
    assembly = Assembly(codec)
    for k, (payload, stamp, is_last, is_after_gap) in enumerate(packets):
        for access in assembly.put(Datagram(96, is_last, k, stamp, 1, memoryview(payload), is_after_gap)):
            assert access.data
