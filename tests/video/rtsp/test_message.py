"""What comes over an RTSP connection, however it is cut into pieces."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.video.rtsp.message import Answer, Framer, Interleaved, Malformed

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: ab;timeout=30\r\nContent-Length: 4\r\n\r\n$\0\0\1"


def told(pieces: list[bytes]) -> list[tuple[int, bytes] | Answer]:
    framer, found = Framer(), []
    for piece in pieces:
        for one in framer.feed(piece):
            found.append((one.channel, bytes(one.data)) if isinstance(one, Interleaved) else one)
    return found


@given(st.lists(st.binary(max_size=300), max_size=6), st.lists(st.integers(1, 700), max_size=20))
def test_messages_and_packets_come_whole_however_they_are_cut(packets: list[bytes], cuts: list[int]) -> None:
    whole = ANSWER
    for data in packets:
        whole += b"$\2" + len(data).to_bytes(2, "big") + data
    whole += ANSWER
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(whole[at : at + cut])
        at += cut
    first, *middle, last = told([*pieces, whole[at:]])
    assert isinstance(first, Answer) and isinstance(last, Answer)
    assert (
        (first.status, first.field("cseq"), first.body)
        == (200, "3", b"$\0\0\1")
        == (
            last.status,
            last.field("cseq"),
            last.body,
        )
    )
    assert middle == [(2, data) for data in packets]


def test_a_request_of_the_server_is_told_apart() -> None:
    (found,) = told([b"ANNOUNCE rtsp://x/y RTSP/1.0\r\nCSeq: 9\r\nX: 1\r\nx: 2\r\n\r\n"])
    assert isinstance(found, Answer) and (found.status, found.reason, found.all("x")) == (0, "ANNOUNCE", ["1", "2"])


def test_noise_between_packets_is_skipped_and_counted() -> None:
    framer = Framer()
    found = [one for one in framer.feed(b"\1\2\3noise$\0\0\2ab") if isinstance(one, Interleaved)]
    assert [bytes(one.data) for one in found] == [b"ab"] and framer.skipped == 8


@pytest.mark.parametrize(
    "data",
    [
        b"RTSP/1.0 200 OK\r\n" + b"x: y\r\n" * 10_000,
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 two OK\r\n\r\n",
        b"RTSP/1.0\r\n\r\n",
    ],
)
def test_what_is_beyond_all_bounds_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        told([data])


@given(st.lists(st.binary(max_size=200) | st.sampled_from([ANSWER, b"RTSP/", b"$\0\xff", b"\r\n\r\n", b"RTSP/1.0 "])))
def test_anything_else_is_borne(pieces: list[bytes]) -> None:
    try:
        told(pieces)
    except Malformed:
        return
