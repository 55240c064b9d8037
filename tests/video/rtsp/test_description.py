"""What servers tell of their streams."""

import hypothesis.strategies as st
from hypothesis import given

from controlroom.video.rtsp.description import Media, described

BASE = "rtsp://10.0.0.8:554/Streaming/Channels/101/"
HEAD = "v=0\r\no=- 1 1 IN IP4 10.0.0.8\r\ns=Media Presentation\r\nt=0 0\r\n"
CAMERA = (
    f"{HEAD}a=control:{BASE}\r\nm=audio 0 RTP/AVP 8\r\na=control:{BASE}trackID=2\r\n"
    "m=video 0 RTP/AVP 96\r\nb=AS:5000\r\n"
    f"a=control:{BASE}trackID=1\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=420029; packetization-mode=1; "
    "sprop-parameter-sets=Z00AKY2NQDwBE/LCAAAOEAACvyAI,aO44gA==\r\n"
    "a=Media_header:MEDIAINFO=494D4B48010200000400000100000000000000000000000000000000000000000000000000000000;\r\n"
)


def test_a_cameras_description() -> None:
    media = described(CAMERA, BASE)
    assert media is not None and (media.codec, media.payload_type, media.clock_hz) == ("h264", 96, 90000)
    assert media.control == f"{BASE}trackID=1"
    assert [unit[0] & 31 for unit in media.parameters] == [7, 8]


def test_addresses_of_tracks() -> None:
    video = "m=video 0 RTP/AVP 97\r\na=rtpmap:97 h265/90000\r\n"
    for above, control, expected in (
        ("", "track1", "rtsp://h/live/track1"),
        ("a=control:*\r\n", "streamid=0", "rtsp://h/live/streamid=0"),
        ("", "*", "rtsp://h/live/"),
        ("", "rtsp://h/other/1", "rtsp://h/other/1"),
        ("a=control:rtsp://h/up/\r\n", "1", "rtsp://h/up/1"),
    ):
        media = described(f"{HEAD}{above}{video}a=control:{control}\r\n", "rtsp://h/live/")
        assert media is not None and (media.codec, media.control) == ("hevc", expected)


def test_what_this_client_does_not_unpack_is_left_to_others() -> None:
    assert described(f"{HEAD}m=video 0 RTP/AVP 26\r\na=control:1\r\n", BASE) is None
    assert described(f"{HEAD}m=audio 0 RTP/AVP 8\r\n", BASE) is None
    assert described("", BASE) is None


def test_parameter_sets_that_are_none_are_left_out() -> None:
    media = described(CAMERA.replace("sprop-parameter-sets=Z00A", "sprop-parameter-sets=*"), BASE)
    assert media is not None and all(isinstance(unit, bytes) for unit in media.parameters)


LINE = st.sampled_from(["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 ", "a=control:", "m=", "a="])


@given(st.lists(st.tuples(LINE, st.text(max_size=30)).map("".join) | st.text(max_size=40), max_size=12))
def test_anything_may_be_told(lines: list[str]) -> None:
    found = described("\r\n".join(lines), BASE)
    assert found is None or isinstance(found, Media)
