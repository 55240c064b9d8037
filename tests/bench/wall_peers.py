"""The players that a user would tile by hand, showing the same streams in the same mosaic."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.wall_screen import HEIGHT, WIDTH, Rect, Seen, Stamps, cells, observe, screen

PATIENCE_S = 25.0


def mpv(urls: Sequence[str], rects: Sequence[Rect]) -> list[str]:
    """One mpv with all streams in one filter graph, tuned for little delay."""
    scaled = [f"[vid{k + 1}]scale={w}:{h}:flags=fast_bilinear,setsar=1[v{k}]" for k, (_x, _y, w, h) in enumerate(rects)]
    graph = ";".join([*scaled, f"{_stacked(rects)}[vo]"])
    options = ["--no-config", "--vo=x11", "--fs", "--no-audio", "--profile=low-latency", "--rtsp-transport=tcp"]
    options += ["--hwdec=no", "--vd-lavc-threads=1", "--no-osc", "--really-quiet", "--geometry=1920x1080+0+0"]
    return ["mpv", *options, f"--lavfi-complex={graph}", *(f"--external-file={url}" for url in urls[1:]), urls[0]]


def gstreamer(urls: Sequence[str], rects: Sequence[Rect]) -> list[str]:
    """GStreamer's compositor, which may wait one picture long."""
    command = ["gst-launch-1.0", "-q"]
    for k, (url, (_x, _y, w, h)) in enumerate(zip(urls, rects, strict=True)):
        command += ["rtspsrc", f"location={url}", "latency=0", "protocols=tcp", "!", "rtph264depay", "!", "h264parse"]
        command += ["!", "avdec_h264", "max-threads=1", "!", "videoconvert", "!", "videoscale", "!"]
        command += [f"video/x-raw,format=I420,width={w},height={h}", "!", "queue", "!", f"c.sink_{k}"]
    command += ["compositor", "name=c", "latency=40000000", "background=black"]
    for k, (x, y, _w, _h) in enumerate(rects):
        command += [f"sink_{k}::xpos={x}", f"sink_{k}::ypos={y}"]
    command += ["!", f"video/x-raw,width={WIDTH},height={HEIGHT},framerate=25/1", "!", "videoconvert"]
    return [*command, "!", "ximagesink", "sync=false"]


def ffmpeg(urls: Sequence[str], rects: Sequence[Rect]) -> list[str]:
    """FFmpeg's own stack of videos in a window."""
    scaled = [f"[{k}:v]scale={w}:{h}:flags=fast_bilinear,setsar=1[v{k}]" for k, (_x, _y, w, h) in enumerate(rects)]
    command = ["ffmpeg", "-nostdin", "-loglevel", "quiet"]
    for url in urls:
        command += ["-threads", "1", "-fflags", "nobuffer", "-flags", "low_delay", "-rtsp_transport", "tcp", "-i", url]
    graph = ";".join([*scaled, f"{_stacked(rects)}[out]"])
    return [*command, "-filter_complex", graph, "-map", "[out]", "-pix_fmt", "yuv420p", "-f", "sdl", "mosaic"]


PEERS: dict[str, tuple[str, Callable[[Sequence[str], Sequence[Rect]], list[str]]]] = {
    "mpv": ("mpv", mpv),
    "gstreamer": ("gst-launch-1.0", gstreamer),
    "ffmpeg": ("ffmpeg", ffmpeg),
}


def played(name: str, urls: Sequence[str], stamps: Stamps, seconds: float) -> Seen | str:
    """What a peer shows of these streams, or why it shows nothing."""
    program, command = PEERS[name]
    if shutil.which(program) is None:
        return f"{program} is not installed"
    rects = cells(len(urls))
    with screen() as display:
        if display is None:
            return "no virtual display (Xvfb) to look at"
        name, pixels = display
        environment = {**os.environ, "DISPLAY": name, "SDL_VIDEO_WINDOW_POS": "0,0", "HOME": str(Path("/nonexistent"))}
        with subprocess.Popen(
            command(urls, rects), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as player:  # fmt: skip
            try:
                seen = observe(pixels, rects, stamps, seconds, player.pid, PATIENCE_S)
                if player.poll() is not None:
                    return f"{program} ended with status {player.returncode}"
            finally:
                player.kill()
    if not sum(seen.counts):
        return f"{program} showed nothing within {PATIENCE_S:g} s"
    return seen


def _stacked(rects: Sequence[Rect]) -> str:
    layout = "|".join(f"{x}_{y}" for x, y, _w, _h in rects)
    return "".join(f"[v{k}]" for k in range(len(rects))) + f"xstack=inputs={len(rects)}:layout={layout}"
