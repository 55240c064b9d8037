import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.video.address import Kind, masked, parse
from controlroom.video.fault import Fault, StreamFault


@pytest.mark.parametrize(
    ("url", "kind", "port"),
    [
        ("rtsp://camera.example/main", Kind.RTSP, 554),
        ("rtsp://admin:secret@camera.example:8554/Streaming/Channels/101", Kind.RTSP, 8554),
        ("http://camera.example/live.ts", Kind.HTTP, 80),
        ("https://[::1]:8443/live.flv?token=1", Kind.HTTP, 8443),
        ("file:///tmp/a%20clip.mp4", Kind.FILE, 0),
        ("/tmp/clip.mp4", Kind.FILE, 0),
    ],
)
def test_addresses_are_understood(url: str, kind: Kind, port: int) -> None:
    address = parse(url)
    assert (address.kind, address.port) == (kind, port)


@pytest.mark.parametrize(
    "url",
    ["", "   ", "gopher://x", "rtsp://", "rtsp://host:99999/x", "clip.mp4", "concat:/etc/passwd|x", "rtsp://a\nb/c",
     "file://elsewhere/x", "pipe:0", "http://[::1", "rtsp://h:0/x", "x" * 5000],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(StreamFault) as caught:
        parse(url)
    assert caught.value.trouble.fault is Fault.BAD_ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://admin:hunter2@camera.example/x",
        "rtsp://admin:hunt@er2hunter2@camera.example/x",
        "http://camera.example/x?user=me&password=hunter2",
        "rtsp://camera.example:554/user=admin&password=hunter2&channel=1&stream=0.sdp",
        "rtsp://camera.example/user=admin_password=hunter2_channel=1_stream=0.sdp",
        "cannot open http://camera.example/x.flv?auth=hunter2 and rtsp://u:hunter2@b/y",
    ],
)
def test_secrets_are_masked(url: str) -> None:
    assert "hunter2" not in masked(url)
    assert "camera.example" in masked(url)


def test_an_address_does_not_print_its_password() -> None:
    address = parse("rtsp://admin:hunter2@camera.example/x?token=hunter2")
    assert "hunter2" not in f"{address} {address!r} {address.shown}"


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    masked(text)
    try:
        address = parse(text)
    except StreamFault as error:
        assert error.trouble.fault is Fault.BAD_ADDRESS
    else:
        assert address.path is not None or address.host


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'<>"), min_size=6))
def test_no_password_survives_the_mask(password: str) -> None:
    assert password not in masked(f"rtsp://u:{password}@h/p").removeprefix("rtsp://***@h/p")
