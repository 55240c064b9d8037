"""Clips: what a reel holds between two moments, written to a file as it is, and a copy with name and time burnt in."""

import io
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from msgspec.structs import replace
from numpy.typing import NDArray

from controlroom.clock import Clock
from controlroom.video.clip_order import GLYPHS, Clip, ClipOrder, ClipState, Stamp
from controlroom.video.fault import Fault, StreamFault, Trouble
from controlroom.video.modesty import be_modest
from controlroom.video.recordings import file_name
from controlroom.video.replay import decoder_of
from controlroom.video.shot import Film, Reel, Shot
from controlroom.video.signal import Signal, stopped
from controlroom.video.slot import Slot

_log = logging.getLogger(__name__)

_NICENESS = 12
_RAW = {"h264": "h264", "hevc": "hevc", "mjpeg": "mjpeg", "mpeg4": "m4v"}
_START = b"\x00\x00\x00\x01"
_STEP_S = 1.0
_TICK = Fraction(1, 90000)
_ENCODERS = ("libx264", "mpeg4")
_FOLLOWED = 50


class Cutter:
    """Writes one clip on a thread of its own; `signal.clip` says how far it is. `stop` cancels what is not done."""

    def __init__(
        self,
        name: str,
        order: ClipOrder,
        reels: Sequence[Reel],
        clock: Clock,
        *,
        signal: Signal | None = None,
        tell: Callable[[Signal], None] | None = None,
    ) -> None:
        self._order = order
        self._reels = reels
        self._stop = threading.Event()
        self._tell = tell
        self._signal = replace(signal or Signal(clock.monotonic()), clip=Clip(), lost_s=None, trouble=None)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def signal(self) -> Signal:
        """The facts so far."""
        return self._signal

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Cancel; returns at once."""
        self._stop.set()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def join_slot(self, slot: Slot) -> None:
        """A clip has no pictures to show."""

    def leave_slot(self, slot: Slot) -> int:
        """A clip has no pictures to show."""
        return 0

    # ---- the thread

    def _run(self) -> None:
        be_modest(_NICENESS)
        try:
            self._write()
        except _Cancelled:
            self._set(replace(self._signal.clip or Clip(), state=ClipState.CANCELLED))
        except StreamFault as error:
            self._set(Clip(ClipState.FAILED, trouble=error.trouble))
        except (OSError, av.error.FFmpegError) as error:
            _log.info("a clip could not be written: %s", error.strerror)
            self._set(Clip(ClipState.FAILED, trouble=Trouble(Fault.NOT_WRITTEN, str(error.strerror))))
        if self._stop.is_set():
            self._signal = stopped(self._signal)

    def _write(self) -> None:
        order = self._order
        shots = self._collected()
        folder = Path(order.folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = free(folder / file_name(order.where.camera, shots[0].at_s, ".mp4"))
        clip = Clip(ClipState.WRITING, 0.0, str(path), "", shots[0].at_s, shots[-1].at_s)
        self._set(clip)
        with _whole(path) as part:
            remux(shots, part)
        if order.stamp is not None:
            burnt = free(path.with_name(f"{path.stem}_burnt-in.mp4"))
            with _whole(burnt) as part:
                for done in burn(shots, part, order.stamp, order.now_s, order.offset_s):
                    if self._stop.is_set():
                        raise _Cancelled
                    self._set(replace(clip, state=ClipState.BURNING, part=done))
            clip = replace(clip, burnt=str(burnt))
        self._set(replace(clip, state=ClipState.DONE, part=1.0))

    def _collected(self) -> list[Shot]:
        """The packets of the stretch, from the key picture before it on, as far as they are one film."""
        order = self._order
        found: list[Shot] = []
        at_s = order.from_s
        while not found and at_s <= order.to_s and not self._stop.is_set():
            for reel in self._reels:
                found = self._taken(reel.shots(at_s))
                if found:
                    break
            at_s += _STEP_S
        if not found:
            raise StreamFault(Fault.NO_RECORDING)
        return found

    def _taken(self, shots: Iterator[Shot | None] | None) -> list[Shot]:
        found: list[Shot] = []
        for shot in shots or ():
            if shot is None or shot.at_s > self._order.to_s or self._stop.is_set():
                break
            if found and shot.film != found[0].film:
                break
            found.append(shot)
        return found

    def _set(self, clip: Clip) -> None:
        self._signal = replace(self._signal, clip=clip)
        if self._tell is not None:
            self._tell(self._signal)


class _Cancelled(Exception):
    """Nobody wants the rest."""


def free(path: Path) -> Path:
    """The path, or the first one with a number that no file has yet."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file that appears under its name only when all of it is written."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def remux(shots: Sequence[Shot], path: Path) -> None:
    """Write packets as an MP4 file without encoding them again; they begin with a key picture.

    Raises StreamFault for a codec that MP4 does not take, OSError and av.error.FFmpegError.
    """
    film = shots[0].film
    if film.codec not in _RAW:
        raise StreamFault(Fault.NOT_VIDEO)
    data = [annexed(shot) for shot in shots]
    with (
        av.open(io.BytesIO(b"".join(data[:_FOLLOWED])), "r", format=_RAW[film.codec]) as template,
        av.open(str(path), "w", format="mp4") as container,
    ):
        stream = container.add_stream_from_template(template.streams.video[0])
        stream.time_base = _TICK
        dts, pts = _times(shots)
        for piece, shot, decoded, shown in zip(data, shots, dts, pts, strict=True):
            packet = Packet(piece)
            packet.dts, packet.pts, packet.time_base = decoded, shown, _TICK
            packet.is_keyframe = shot.is_key
            packet.stream = stream
            container.mux(packet)


def _times(shots: Sequence[Shot]) -> tuple[list[int], list[int]]:
    """Decoding and showing times in ticks: those of the stream where it has them in order, else those of arrival."""
    base = shots[0].film.time_base
    first = shots[0].dts
    told = [shot.dts for shot in shots]
    if base and first is not None and all(b is not None and a is not None and a < b for a, b in pairwise(told)):
        scale = base / _TICK
        dts = [int(((shot.dts or 0) - first) * scale) for shot in shots]
        pts = [int(((shot.dts or 0 if shot.pts is None else shot.pts) - first) * scale) for shot in shots]
        return dts, pts
    dts = []
    for shot in shots:
        tick = int((shot.at_s - shots[0].at_s) / _TICK)
        dts.append(tick if not dts else max(tick, dts[-1] + 1))
    return dts, list(dts)


def annexed(shot: Shot) -> bytes:
    """The data of a packet with start codes before its units, the parameters of the film before key pictures.

    ISO/IEC 14496-15 stores units with their length; ITU-T H.264 and H.265, annex B, with start codes.
    """
    film = shot.film
    extra = film.extradata or b""
    if film.codec not in ("h264", "hevc") or not extra:
        return shot.data
    if extra[0] != 1:
        return extra + shot.data if shot.is_key and not shot.data.startswith(extra) else shot.data
    size = (extra[4] & 3) + 1 if film.codec == "h264" else (extra[21] & 3) + 1
    units, at = [], 0
    while at + size <= len(shot.data):
        length = int.from_bytes(shot.data[at : at + size], "big")
        units.append(shot.data[at + size : at + size + length])
        at += size + length
    if shot.is_key:
        units = [*_parameters(film), *units]
    return b"".join(_START + unit for unit in units if unit)


def _parameters(film: Film) -> list[bytes]:
    extra = film.extradata or b""
    found: list[bytes] = []

    def take(at: int, count: int) -> int:
        for _unit in range(count):
            length = int.from_bytes(extra[at : at + 2], "big")
            found.append(extra[at + 2 : at + 2 + length])
            at += 2 + length
        return at

    if film.codec == "h264":
        at = take(6, extra[5] & 31)
        take(at + 1, extra[at] if at < len(extra) else 0)
        return found
    at = 23
    for _array in range(extra[22]):
        at = take(at + 3, int.from_bytes(extra[at + 1 : at + 3], "big"))
    return found


def burn(shots: Sequence[Shot], path: Path, stamp: Stamp, now_s: float, offset_s: int) -> Iterator[float]:
    """Write a copy whose pictures bear the stamp, their time and their age; tells how much is done (0 to 1)."""
    film = shots[0].film
    decoder = decoder_of(film)
    with av.open(str(path), "w", format="mp4") as container:
        stream: VideoStream | None = None
        for number, shot in enumerate(shots):
            packet = Packet(shot.data)
            packet.pts = packet.dts = number
            packet.time_base = Fraction(1, 1000)
            try:
                frames = decoder.decode(packet)
            except (av.error.FFmpegError, ValueError):
                continue
            for frame in frames:
                source = shots[min(number, frame.pts if frame.pts is not None else number)]
                width, height = frame.width & ~1, frame.height & ~1
                if stream is None:
                    stream = _encoder(container, width, height)
                pixels = (
                    frame.reformat(stream.width, stream.height, "yuv420p").to_ndarray().astype(np.uint8, copy=False)
                )
                _print(pixels[: stream.height], stamp, _line(source.at_s, now_s, offset_s))
                made = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
                made.pts, made.time_base = int((source.at_s - shots[0].at_s) * 1000), Fraction(1, 1000)
                container.mux(stream.encode(made))
            yield (number + 1) / len(shots)
        if stream is None:
            raise StreamFault(Fault.NO_PICTURE)
        container.mux(stream.encode())


def _encoder(container: OutputContainer, width: int, height: int) -> VideoStream:
    name = next(name for name in _ENCODERS if name in av.codecs_available)
    stream = container.add_stream(name, rate=25)
    assert isinstance(stream, VideoStream), "both encode pictures"
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = Fraction(1, 1000)
    stream.codec_context.thread_count = 1
    if name == "libx264":
        stream.options = {"preset": "veryfast", "crf": "23"}
    else:
        stream.bit_rate = 4_000_000
    return stream


def _line(at_s: float, now_s: float, offset_s: int) -> str:
    local = datetime.fromtimestamp(at_s, timezone(timedelta(seconds=offset_s)))
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 100000}  -{max(0, round(now_s - at_s))} s"


def _print(luma: NDArray[np.uint8], stamp: Stamp, line: str) -> None:
    """White on dark in the lower left corner: the label, and above it the line."""
    height = stamp.height
    label = np.frombuffer(stamp.label, np.uint8).reshape(height, stamp.label_width)
    cells = np.frombuffer(stamp.glyphs, np.uint8).reshape(height, len(GLYPHS), stamp.glyph_width)
    written = np.concatenate([cells[:, GLYPHS.index(sign)] for sign in line], axis=1)
    for row, picture in enumerate((label, written)):
        bottom = luma.shape[0] - row * height
        if bottom < height:
            return
        place = luma[bottom - height : bottom, : picture.shape[1]]
        shown = picture[:, : place.shape[1]].astype(np.uint16)
        place[:] = (place // 4 * (255 - shown) // 255 + shown * 235 // 255).astype(np.uint8)
