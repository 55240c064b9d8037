"""Every kind of source and codec, each from a server of its own, and how it ends."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.domain.camera import PictureFault
from controlroom.video import session
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.picture import Feed
from controlroom.video.playlist import listed
from controlroom.video.signal import SignalState
from tests.rooms import wait_until
from tests.video import broadcast
from tests.video.broadcast import FilmServer, datagrams, film, films, multipart, rtmp, tags_of, write
from tests.video.clocks import ShiftedClock
from tests.video.junk import answering


@pytest.fixture
def fleet(clock: ShiftedClock) -> Iterator[Fleet]:
    fleet = Fleet(clock, engine=Engine.THREADS)
    fleet.start()
    yield fleet
    fleet.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FilmServer]:
    with films(tmp_path) as server:
        yield server


def moves(feed: Feed, least: int = 4) -> Callable[[], bool]:
    seen: set[bytes] = set()

    def look() -> bool:
        picture = feed.take()
        if picture is not None:
            assert (picture.source_width, picture.source_height) == broadcast.SIZE
            seen.add(bytes(picture.pixels[::997]))
        return len(seen) >= least and feed.view().is_moving

    return look


def watch(fleet: Fleet, url: str) -> Feed:
    feed = fleet.watch(url)
    feed.want(160, 120)
    return feed


@pytest.mark.parametrize(
    ("form", "codec", "kind"),
    [
        ("flv", "h264", "video/x-flv"),
        ("flv", "hevc", "video/x-flv"),
        ("mpegts", "h264", "video/mp2t"),
        ("mpegts", "hevc", "video/mp2t"),
        ("mpegts", "mpeg4", "video/mp2t"),
    ],
)
def test_pictures_come_over_http(fleet: Fleet, server: FilmServer, form: str, codec: str, kind: str) -> None:
    server.films["/live"] = kind, film(form, codec), 0.04
    wait_until(moves(watch(fleet, server.url("/live"))))


def test_motion_jpeg_comes_over_http(fleet: Fleet, server: FilmServer) -> None:
    server.films["/mjpg"] = "multipart/x-mixed-replace; boundary=frame", multipart(), 0.04
    wait_until(moves(watch(fleet, server.url("/mjpg"))))


@pytest.mark.parametrize(("form", "codec"), [("avi", "mjpeg"), ("mp4", "h264"), ("mp4", "hevc"), ("avi", "mpeg4")])
def test_films_are_played_from_files(fleet: Fleet, tmp_path: Path, form: str, codec: str) -> None:
    path = tmp_path / f"film.{form}"
    write(str(path), form, codec)
    wait_until(moves(watch(fleet, path.as_uri())))


def test_a_playlist_is_played_and_its_parts_may_not_be_files(fleet: Fleet, server: FilmServer, tmp_path: Path) -> None:
    write(str(tmp_path / "list.m3u8"), "hls", "h264", 150, {"hls_time": "1", "hls_list_size": "0"})
    listed = (tmp_path / "list.m3u8").read_text()
    (tmp_path / "list.m3u8").write_text(listed.replace("#EXT-X-ENDLIST", ""))
    wait_until(moves(watch(fleet, server.url("/list.m3u8"))))
    assert sum(path.endswith(".ts") for path in server.asked) >= 1
    parts = [line for line in listed.splitlines() if line.endswith(".ts")]
    hostile = listed
    for part in parts:
        hostile = hostile.replace(part, (tmp_path / part).as_uri())
    (tmp_path / "hostile.m3u8").write_text(hostile)
    feed = watch(fleet, server.url("/hostile.m3u8"))
    wait_until(lambda: feed.view().state is SignalState.NO_SIGNAL)
    assert feed.take() is None


def test_rtmp_is_played_and_a_server_that_falls_silent_is_frozen(fleet: Fleet, clock: ShiftedClock) -> None:
    tags, ending = tags_of(film("flv", "h264", 60)), threading.Event()

    def serve(connection: object) -> None:
        rtmp(connection, tags, ending)
        ending.wait(30.0)

    with answering(serve) as port:
        feed = watch(fleet, f"rtmp://user:secret@127.0.0.1:{port}/live/camera?token=abc")
        wait_until(moves(feed))
        clock.ahead_s += 5.0
        wait_until(lambda: feed.view().state is SignalState.FROZEN, 4.0)
        began_s = ShiftedClock().monotonic()
        fleet.close()
        assert ShiftedClock().monotonic() - began_s < 1.5, "a blocked read ends soon"
        ending.set()


def test_datagrams_are_played(fleet: Fleet) -> None:
    with datagrams() as url:
        wait_until(moves(watch(fleet, url)))


def test_nobody_at_an_rtmp_address_is_told(fleet: Fleet, free_port: int) -> None:
    feed = watch(fleet, f"rtmp://127.0.0.1:{free_port}/live/a")
    wait_until(lambda: feed.view().trouble is not None)
    trouble = feed.view().trouble
    assert trouble is not None and trouble.fault is Fault.NOBODY


def test_a_playlist_that_is_not_there_is_refused(fleet: Fleet, server: FilmServer) -> None:
    feed = watch(fleet, server.url("/none.m3u8"))
    wait_until(lambda: feed.view().state is SignalState.REFUSED)


@pytest.mark.parametrize("form", ["mpegts", "fmp4"])
def test_the_best_of_several_playlists_is_played_with_parts_of_either_form(
    fleet: Fleet, server: FilmServer, tmp_path: Path, form: str
) -> None:
    options = {"hls_time": "1", "hls_list_size": "0", "hls_segment_type": form}
    write(str(tmp_path / "best.m3u8"), "hls", "h264", 100, options)
    lines = ["#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1", "none.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=9", "best.m3u8"]
    (tmp_path / "list.m3u8").write_text("\n".join(lines))
    wait_until(moves(watch(fleet, server.url("/list.m3u8"))))


def test_a_dark_camera_is_diagnosed_while_it_is_watched(
    fleet: Fleet, server: FilmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LOOK_S", 0.1)
    server.films["/dark"] = "video/mp2t", film("mpegts", "h264", draw=broadcast.black), 0.04
    server.films["/light"] = "video/mp2t", film("mpegts", "h264"), 0.04
    dark, light = (watch(fleet, server.url(path)) for path in ("/dark", "/light"))
    wait_until(lambda: dark.view().faults == (PictureFault.BLACK,))
    wait_until(lambda: light.view().faults == ())


@given(st.text(alphabet='#EXTM3UINF:-0123456789,="\nabc./', max_size=300))
def test_no_playlist_is_too_strange(text: str) -> None:
    told = listed("#EXTM3U\n" + text)
    assert all(number >= 0 for number, _address in told.parts)


def test_parts_are_numbered_and_fields_read() -> None:
    told = listed('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-MAP:URI="h.mp4"\n#EXTINF:2,\na.ts\n#EXTINF:2,\nb.ts\n')
    assert told.parts == ((7, "a.ts"), (8, "b.ts")) and told.head == "h.mp4" and not told.is_ended
    with pytest.raises(StreamFault):
        listed("<html>")
    assert listed("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=x\na.ts").is_encrypted
