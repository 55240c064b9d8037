"""The video wall: what it costs beside the bare decoding and other players, how soon it shows, how soon it tells of a
frozen picture.

Streams: 704 x 576, 25 pictures a second, H.264, a key picture every 2 s, about 512 kb/s, by RTSP over TCP from a
process of its own. The wall is a process of its own too, 1920 x 1080; costs are the CPU time of that process and of
those that decode for it, without the display's. Baseline of what the officer notices: the same wall with threads that
decode.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import msgspec
import numpy as np
import psutil

from controlroom.clock import SystemClock
from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.scene import Scene, SceneCamera
from controlroom.sources.simulator.video_channel import CameraFault
from controlroom.video.fleet import Fleet
from controlroom.video.load import Depth
from controlroom.video.quality import LOOK_S, SHARE, Diagnosis, sampled
from controlroom.video.signal import SignalState
from tests.bench import wall_directory
from tests.bench.report import Measure
from tests.bench.wall_peers import PEERS, played
from tests.bench.wall_screen import GLANCE_S, Rect, Seen, Stamps, burn, observe, screen
from tests.rooms import wait_until
from tests.sources.simulator.streets import twelve
from tests.video.broadcast import frame as moving
from tests.video.playing import MUST_WATCH, Churned, Shown

SIZE = (704, 576)
RATE = 25
FULL_RATE = 24.5
LATE_S = 0.5
RECONNECTS = 1000
COMPARED = (16, 36)
COMPARABLE = 0.5
"""A player that shows less than this part of the pictures is no peer: what it does not show costs nothing."""


def measure(quick: bool) -> list[Measure]:
    """All figures of the wall; quick means shorter windows and fewer reconnections."""
    seconds = 5.0 if quick else 15.0
    found: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="controlroom-bench-") as folder:
        clip = record(Path(folder) / "camera.mp4")
        walls: dict[int, Run] = {}
        for tiles in (16, 36, 64):
            walls[tiles] = run_wall(clip, tiles, seconds)
            found.append(cost(walls[tiles].shown, tiles, bare_us(clip, tiles, seconds)))
            if tiles in COMPARED:
                found += compared(clip, tiles, seconds, walls[tiles])
        found += shown(walls[36].shown, run_wall(clip, 36, seconds, "threads").shown)
        found.append(full(walls[64].shown, 64, None))
        large_clip = record(Path(folder) / "large.mp4", (1280, 720), 2_000_000)
        found += overloaded(run_wall(large_clip, 36, seconds, "short").shown)
    return [
        *found,
        diagnosis(clip_size=SIZE),
        frozen(),
        growth(150 if quick else RECONNECTS),
        *wall_directory.measure(quick),
    ]


def record(path: Path, size: tuple[int, int] = SIZE, bit_rate: int = 512_000) -> Path:
    """Ten seconds of a rainy street with a camera's noise, coded as cameras do: one reference, no B pictures."""
    chance, clock = np.random.default_rng(5), SystemClock()
    scene, at = Scene(SceneCamera(id="bench", name="bench")), clock.now()
    noise = [chance.normal(0.0, 3.0, (size[1], size[0], 3)) for _ in range(4)]
    options = {"preset": "medium", "refs": "1", "profile": "main"}
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate, stream.gop_size, stream.max_b_frames = bit_rate, 2 * RATE, 0
        stream.time_base = Fraction(1, RATE)
        for k in range(10 * RATE):
            noisy = cv2.resize(scene.draw(at, k / RATE, 20.0), size).astype(np.float32) + noise[k % 4]
            image = np.clip(noisy, 0, 255).astype(np.uint8)
            burn(image, k)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


class Run(NamedTuple):
    """What a wall tells of itself, and what was seen of it on the screen (None where there is none to look at)."""

    shown: Shown
    seen: Seen | None


@contextmanager
def served(clip: Path, tiles: int, stamps: Path | None = None) -> Iterator[list[str]]:
    """The clip as so many cameras; gives their addresses."""
    command = [sys.executable, "-m", "tests.video.serving", str(clip), str(tiles)]
    command += [] if stamps is None else [str(stamps)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdin is not None
        port = int(process.stdout.readline())
        yield [f"rtsp://127.0.0.1:{port}/cam{k}" for k in range(tiles)]
        process.stdin.close()


def run_wall(clip: Path, tiles: int, seconds: float, what: str = "wall") -> Run:
    """A wall of so many tiles, in a process of its own, on a virtual display where there is one."""
    path = clip.with_name("stamps")
    stamps = Stamps(path, tiles, is_new=True)
    with served(clip, tiles, path) as urls, screen() as display:
        environment = dict(os.environ)
        if display is not None:
            environment |= {"DISPLAY": display[0], "QT_QPA_PLATFORM": "xcb"}
        command = [sys.executable, "-m", "tests.video.playing", what, str(seconds), *urls]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as player:
            assert player.stdout is not None
            rects = msgspec.json.decode(player.stdout.readline(), type=list[Rect])
            seen = None
            if display is not None and rects and all(width > 0 for _x, _y, width, _height in rects):
                seen = observe(display[1], rects, stamps, seconds - 0.5, player.pid)
            told = msgspec.json.decode(player.stdout.read(), type=Shown)
    return Run(told, seen)


def compared(clip: Path, tiles: int, seconds: float, wall: Run) -> list[Measure]:
    """Costs and latencies on the screen beside those of the players that a user would tile by hand."""
    found: list[Measure] = []
    ours, path = wall.seen, clip.with_name("stamps")
    if tiles == 36:
        found += [
            late("latency_p95_ms_36", ours, 95),
            late("latency_p50_ms_36", ours, 50),
        ]
    for peer in PEERS if tiles == 16 else ("mpv", "gstreamer"):
        stamps = Stamps(path, tiles, is_new=True)
        with served(clip, tiles, path) as urls:
            theirs = played(peer, urls, stamps, seconds)
        names = (f"cost_vs_{peer}_{tiles}", f"latency_vs_{peer}_{tiles}")
        if ours is None or not isinstance(theirs, Seen):
            why = theirs if isinstance(theirs, str) else "nothing to look at the screen with (Xvfb)"
            found += [Measure(name, None, "ratio", note=why) for name in names]
            continue
        rate = sum(theirs.counts) / theirs.seconds / tiles
        if rate < COMPARABLE * RATE:
            why = f"{peer} shows {rate:.1f} fps at {theirs.us:.0f} us for each picture seen: nothing to compare with"
            found += [Measure(name, None, "ratio", note=why) for name in names]
            continue
        live = "some tiles never live" if theirs.live_s is None else f"all live after {theirs.live_s:.1f} s"
        note = f"ours {ours.us:.0f}, {peer} {theirs.us:.0f} us for each picture seen; {peer} {rate:.1f} fps, {live}"
        found.append(Measure(names[0], ours.us / theirs.us, "ratio", 1.0, note))
        note = f"p95 of sending to screen: ours {ours.p(95):.0f}, {peer} {theirs.p(95):.0f} ms (told modulo 10 s)"
        found.append(Measure(names[1], ours.p(95) / theirs.p(95), "ratio", 1.0, note))
    return found


def late(name: str, seen: Seen | None, percent: float) -> Measure:
    """How long after the server sent a picture it is on the screen."""
    if seen is None:
        return Measure(name, None, "ms", note="nothing to look at the screen with (Xvfb)")
    rate = sum(seen.counts) / seen.seconds / len(seen.counts)
    note = f"from the server's sending to the pixel, looked at every {GLANCE_S * 1000:.0f} ms; {rate:.2f} fps seen"
    return Measure(name, seen.p(percent), "ms", note=note)


def bare_us(clip: Path, tiles: int, seconds: float) -> float | None:
    """CPU time per picture of ffmpeg decoding the same streams to nothing, without its start; None without ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return None
    short, long = decode(clip, tiles, 2.0), decode(clip, tiles, 2.0 + seconds)
    return (long[0] - short[0]) / max(1, long[1] - short[1]) * 1e6


def decode(clip: Path, tiles: int, seconds: float) -> tuple[float, int]:
    """CPU seconds and pictures of one ffmpeg for each stream."""
    with served(clip, tiles) as urls:
        before = sum(psutil.Process().cpu_times()[2:4])
        command = ["ffmpeg", "-nostdin", "-threads", "1", "-rtsp_transport", "tcp", "-t", str(seconds)]
        players = [
            subprocess.Popen([*command, "-i", url, "-f", "null", "-"], stderr=subprocess.PIPE, text=True)
            for url in urls
        ]
        told = [player.communicate()[1] for player in players]
        spent_s = sum(psutil.Process().cpu_times()[2:4]) - before
    counts = [re.findall(r"frame=\s*(\d+)", text) for text in told]
    return spent_s, sum(int(found[-1]) for found in counts if found)


def cost(wall: Shown, tiles: int, bare: float | None) -> Measure:
    """The wall's CPU time per picture shown, as a multiple of the bare decoding's."""
    name = f"cost_ratio_{tiles}"
    ours = wall.cpu_s / max(1, sum(wall.pictures)) * 1e6
    if bare is None:
        return Measure(name, None, "ratio", note=f"ours {ours:.0f} us/tile-frame; ffmpeg is absent")
    note = f"ours {ours:.0f}, ffmpeg {bare:.0f} us/tile-frame; platform {wall.platform}"
    return Measure(name, ours / bare, "ratio", 1.0, note)


def shown(wall: Shown, threads: Shown) -> list[Measure]:
    """What the officer notices of 36 tiles, beside the wall whose streams threads decode."""
    first = "36 tiles opened at once; the server sends a key picture on PLAY"
    return [
        full(wall, 36, full_rate(threads)),
        Measure("gui_stall_p99_ms_36", stall_ms(wall), "ms", stall_ms(threads), wall.platform),
        Measure("first_picture_p95_ms", first_ms(wall), "ms", first_ms(threads), first),
    ]


def overloaded(wall: Shown) -> list[Measure]:
    """Far more than two cores decode: how many move, how late, and whether the must-watch tiles have all."""
    key_gap_s = 2.0
    live = sum(gap_s <= key_gap_s + LATE_S for gap_s in wall.gaps_s)
    rates = [count / wall.seconds for count in wall.pictures]
    full, thin = wall.depths.count(Depth.FULL), wall.depths.count(Depth.KEYS)
    note = f"of 36 with a new picture at least with each key picture (every {key_gap_s:g} s) and {LATE_S} s of grace"
    told = f"slowest of the {MUST_WATCH} must-watch tiles; {full} tiles decoded in full, {thin} by key pictures"
    after = "behind the promptest picture of the stream"
    return [
        Measure("overload_live_36x720p", float(live), "tiles", note=f"{note}; mean {sum(rates) / 36:.1f} fps"),
        Measure("overload_latency_p95_ms", float(np.percentile(wall.late_ms, 95)), "ms", note=after),
        Measure("overload_must_watch_fps", min(rates[:MUST_WATCH]), "fps", float(RATE), told),
        Measure("overload_gui_stall_p99_ms", stall_ms(wall), "ms", note=wall.platform),
    ]


def diagnosis(clip_size: tuple[int, int]) -> Measure:
    """What looking at the pictures of 36 tiles takes of one core, if nothing bounded it, and what it is bounded to."""
    frames = [moving(k, clip_size) for k in range(50)]
    judge, began_s = Diagnosis(), time.thread_time()
    for k, frame in enumerate(frames):
        judge.look(sampled(frame), False, float(k))
    look_s = (time.thread_time() - began_s) / len(frames)
    note = f"{look_s * 1e3:.1f} ms a look, each stream every {LOOK_S:g} s; bounded to {SHARE} of a core in each process"
    return Measure("diagnosis_core_share_36", min(SHARE, 36 * look_s / LOOK_S), "cores", 36 * look_s / LOOK_S, note)


def full(wall: Shown, tiles: int, baseline: float | None) -> Measure:
    """How many tiles had all their pictures."""
    rate = sum(wall.pictures) / wall.seconds / len(wall.pictures)
    note = f"of {tiles} at {FULL_RATE} fps or more; mean {rate:.1f}"
    return Measure(f"tiles_full_rate_{tiles}", full_rate(wall), "tiles", baseline, note)


def full_rate(wall: Shown) -> float:
    """How many tiles had all their pictures."""
    return float(sum(count / wall.seconds >= FULL_RATE for count in wall.pictures))


def stall_ms(wall: Shown) -> float:
    """How long the GUI's loop stood still, p99."""
    return float(np.percentile(wall.stalls_ms, 99))


def first_ms(wall: Shown) -> float:
    """From opening to the first picture, p95."""
    return float(np.percentile(wall.first_s, 95)) * 1000


def frozen() -> Measure:
    """How long after the fault a real stream is shown as frozen: the slower of RTSP and HTTP."""
    clock, cameras = SystemClock(), twelve()[:4]
    server, fleet = CameraServer(cameras, clock), Fleet(clock)
    server.start()
    fleet.start()
    try:
        feeds = [fleet.watch(server.url(camera.id)) for camera in cameras]
        for feed in feeds:
            feed.want(480, 270)
        wait_until(lambda: all(feed.view().is_live for feed in feeds))
        for k, camera in enumerate(cameras):
            server.fault(camera.id, CameraFault.SILENT if k < 2 else CameraFault.BLIND)
        began_s, took_s = clock.monotonic(), [0.0] * 4

        def all_frozen() -> bool:
            for k, feed in enumerate(feeds):
                if not took_s[k] and feed.view().state is SignalState.FROZEN:
                    took_s[k] = clock.monotonic() - began_s
            return all(took_s)

        wait_until(all_frozen)
    finally:
        fleet.close()
        server.close()
    return Measure("frozen_shown_s", max(took_s[:2]), "s", note=f"data without pictures: {max(took_s[2:]):.1f} s")


def growth(count: int) -> Measure:
    """Resident memory that a thousand reconnections cost, after as many to warm up."""
    server = CameraServer(twelve(), SystemClock())
    server.start()
    try:
        urls = [server.url(camera.id) for camera in twelve()]
        command = [sys.executable, "-m", "tests.video.playing", "churn", str(count), *urls]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    finally:
        server.close()
    churned = msgspec.json.decode(done.stdout, type=Churned)
    grown = (churned.after - churned.before) / 1e6
    note = f"{grown:.1f} MB in {churned.count} reconnections"
    scaled = grown * RECONNECTS / churned.count
    return Measure(
        "rss_growth_mb_1000_reconnects", scaled, "MB", note=note + (", scaled" if count < RECONNECTS else "")
    )
