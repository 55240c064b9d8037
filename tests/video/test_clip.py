"""Clips: cut from the ring or a file without encoding again, and a copy with name and time burnt in."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from controlroom.sources.simulator.cameras import CameraServer
from controlroom.video.archive import Archive
from controlroom.video.clip_order import GLYPHS, Clip, ClipOrder, ClipState, Stamp
from controlroom.video.fault import Fault
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.past import Where
from controlroom.video.picture import ClipFeed
from controlroom.video.recordings import begins_s, file_name
from tests.rooms import wait_until
from tests.video.broadcast import film
from tests.video.clocks import ShiftedClock

BEGAN_S = datetime(2026, 11, 20, 8, 0, tzinfo=UTC).timestamp()
STAMP = Stamp(12, 40, b"\xff" * 480, 6, b"\xff" * (12 * 6 * len(GLYPHS)))


def ended(feed: ClipFeed | None) -> Clip:
    assert feed is not None
    wait_until(lambda: feed.clip().state.is_over, 20.0)
    return feed.clip()


@pytest.fixture
def clip_fleet(clock: ShiftedClock, engine: Engine, tmp_path: Path) -> Iterator[Fleet]:
    for form in ("mp4", "ts"):
        name = file_name(form, BEGAN_S, f".{form}")
        (tmp_path / name).write_bytes(film("mpegts" if form == "ts" else form, "h264", 200))
    (tmp_path / file_name("hevc", BEGAN_S, ".mp4")).write_bytes(film("mp4", "hevc", 100))
    fleet = Fleet(clock, engine=engine, archive=Archive(str(tmp_path)))
    fleet.start()
    yield fleet
    fleet.close()


def packets(path: str) -> list[int]:
    with av.open(path) as container:
        return [packet.size for packet in container.demux(container.streams.video[0]) if packet.size]


def pictures(path: str) -> list[av.VideoFrame]:
    with av.open(path) as container:
        return list(container.decode(video=0))


def test_a_clip_from_the_ring_of_a_real_stream_bears_no_secret(
    clip_fleet: Fleet, serve: Callable[..., CameraServer], tmp_path: Path
) -> None:
    url = serve().url("rtsp").replace("rtsp://", "rtsp://officer:geheim@")
    live = clip_fleet.watch(url)
    live.want(320, 180)
    wait_until(lambda: live.take() is not None)
    began_s = time.time()
    wait_until(lambda: time.time() - began_s > 1.2 and live.take() is not None)
    where = Where("34020000001320000001", url)
    clip = ended(clip_fleet.cut(ClipOrder(where, began_s - 9.0, began_s + 1.0, str(tmp_path / "out"), began_s + 2.0)))
    assert clip.state is ClipState.DONE, clip
    frames = pictures(clip.path)
    length_s = float((frames[-1].time or 0.0) - (frames[0].time or 0.0))
    assert len(frames) > 8 and abs(length_s - (clip.to_s - clip.from_s)) < 0.5
    assert abs(begins_s(Path(clip.path)) - clip.from_s) < 0.002
    assert b"geheim" not in Path(clip.path).read_bytes() and "geheim" not in clip.path
    with av.open(clip.path) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands", "encoder"}
    assert live.view().is_moving


@pytest.mark.parametrize("camera", ["mp4", "ts", "hevc"])
def test_a_clip_of_a_recording_has_the_very_packets_and_is_found_again(
    clip_fleet: Fleet, tmp_path: Path, camera: str
) -> None:
    order = ClipOrder(Where(camera), BEGAN_S + 1.0, BEGAN_S + 3.0, str(tmp_path / "out"), BEGAN_S + 60.0)
    clip = ended(clip_fleet.cut(order))
    assert clip.state is ClipState.DONE and abs(clip.from_s - BEGAN_S - 1.0) < 0.03, clip
    frames = pictures(clip.path)
    assert 49 <= len(frames) <= 51 and not any(frame.is_corrupt for frame in frames)
    assert Path(clip.path).name.startswith(f"{camera}_20261120T080001")
    assert not list((tmp_path / "out").glob(".*")), "nothing half is left"


def test_the_copy_has_name_time_and_age_burnt_in(clip_fleet: Fleet, tmp_path: Path) -> None:
    where = Where("ts")
    out = str(tmp_path / "out")
    clip = ended(clip_fleet.cut(ClipOrder(where, BEGAN_S, BEGAN_S + 2.0, out, BEGAN_S + 60.0, 28800, STAMP)))
    assert clip.state is ClipState.DONE and clip.part == 1.0
    plain, burnt = pictures(clip.path), pictures(clip.burnt)
    assert len(plain) == len(burnt)
    corner = burnt[20].to_ndarray(format="gray")[-24:, :40]
    assert np.median(corner) > 200 and np.median(plain[20].to_ndarray(format="gray")[-24:, :40]) < 150


def test_a_cancelled_copy_leaves_the_clip_and_no_half(clip_fleet: Fleet, tmp_path: Path) -> None:
    order = ClipOrder(Where("ts"), BEGAN_S, BEGAN_S + 8.0, str(tmp_path / "out"), BEGAN_S + 60.0, 0, STAMP)
    feed = clip_fleet.cut(order)
    assert feed is not None
    wait_until(lambda: feed.clip().state is ClipState.BURNING)
    path = Path(feed.clip().path)
    feed.close()
    wait_until(lambda: [held.name for held in (tmp_path / "out").iterdir()] == [path.name])


def test_what_was_not_recorded_and_what_cannot_be_written_is_told(clip_fleet: Fleet, tmp_path: Path) -> None:
    none = ended(clip_fleet.cut(ClipOrder(Where("x"), BEGAN_S, BEGAN_S + 1.0, str(tmp_path), BEGAN_S)))
    assert none.state is ClipState.FAILED and none.trouble is not None and none.trouble.fault is Fault.NO_RECORDING
    (tmp_path / "file").write_bytes(b"")
    no = ended(clip_fleet.cut(ClipOrder(Where("ts"), BEGAN_S, BEGAN_S + 1.0, str(tmp_path / "file"), BEGAN_S)))
    assert no.state is ClipState.FAILED and no.trouble is not None and no.trouble.fault is Fault.NOT_WRITTEN
