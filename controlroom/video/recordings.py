"""Recordings as reels: files of a folder, and streams of the video platform's archive."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
from av.container import InputContainer

from controlroom.clock import Clock
from controlroom.video.archive import Archive
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.past import Where
from controlroom.video.platform import fetched, filled, found_in
from controlroom.video.replay import Replay
from controlroom.video.ring import Shelf, film_of
from controlroom.video.rtsp.playing import Playing
from controlroom.video.shot import GAP_S, Film, Reel, Shot
from controlroom.video.signal import Signal
from controlroom.video.slot import Gate
from controlroom.video.stream import FILE_OPTIONS, Stream, Timing
from controlroom.video.track import track_of

_NAME = re.compile(
    r"(?P<camera>.+)_(?P<from>\d{8}T\d{6})(?P<part>\.\d{3})?Z\.(mp4|ts|mkv|mov|avi|flv|webm|m4v)", re.IGNORECASE
)
_STAMP = "%Y%m%dT%H%M%S"
_MOST_FILES = 20_000
_LEAD_S = 0.5
"""The platform is asked for a little more, so that there is a picture for the moment itself."""
_PIECE_S = 600.0


def file_name(camera: str, from_s: float, suffix: str) -> str:
    """The name by which a recording is found again; what a file system might not take becomes a minus."""
    begins = datetime.fromtimestamp(round(from_s, 3), UTC)
    part = f".{begins.microsecond // 1000:03d}" if begins.microsecond >= 1000 else ""
    return f"{safe(camera)}_{begins:{_STAMP}}{part}Z{suffix}"


def begins_s(path: Path) -> float:
    """When the first picture of a recording was taken, in seconds since 1970: by its name, else by the file.

    Of a file without such a name it is the time that its container tells, else that of its last change less its length.
    """
    match = _NAME.fullmatch(path.name)
    if match is not None:
        try:
            return _begins_s(match)
        except ValueError:
            pass
    try:
        with av.open(str(path), "r", options=FILE_OPTIONS) as container:
            told = container.metadata.get("creation_time", "")
            length_s = (container.duration or 0) / av.time_base
        return datetime.fromisoformat(told).timestamp() if told else path.stat().st_mtime - length_s
    except (av.error.FFmpegError, OSError, ValueError):
        return 0.0


def safe(camera: str) -> str:
    """A camera's id as a part of a file's name."""
    return re.sub(r"[^\w.@+-]", "-", camera).strip(".") or "camera"


class RingReel:
    """What the ring of one stream holds, where it is received here."""

    is_timed = False

    def __init__(self, shelf: Shelf, url: str) -> None:
        self._shelf = shelf
        self._url = url

    def shots(self, at_s: float, speed: float = 1.0) -> Iterator[Shot | None] | None:
        """As `shot.Reel`."""
        ring = self._shelf.find(self._url)
        return None if ring is None else ring.shots(at_s)


class FileReel:
    """One file whose first picture shows the moment `from_s`."""

    is_timed = False

    def __init__(self, path: Path, from_s: float) -> None:
        self._path = path
        self._from_s = from_s

    def shots(self, at_s: float, speed: float = 1.0) -> Iterator[Shot | None] | None:
        """As `shot.Reel`."""
        if at_s < self._from_s:
            return None
        try:
            container = av.open(str(self._path), "r", options=FILE_OPTIONS)
        except (av.error.FFmpegError, OSError) as error:
            raise StreamFault(Fault.NO_FILE, self._path.name) from error
        if not container.streams.video:
            container.close()
            raise StreamFault(Fault.NOT_VIDEO)
        if container.duration is not None and at_s > self._from_s + container.duration / av.time_base + GAP_S:
            container.close()
            return None
        return self._read(container, at_s - self._from_s)

    def _read(self, container: InputContainer, offset_s: float) -> Iterator[Shot | None]:
        video = container.streams.video[0]
        track = track_of(video)
        base = float(video.time_base or 0) or 1 / 90000
        first = video.start_time or 0
        try:
            if offset_s > 0.0:
                container.seek(first + int(offset_s / base), stream=video)
            film: Film | None = None
            for packet in container.demux(video):
                moment = packet.dts if packet.pts is None else packet.pts
                if not packet.size or moment is None:
                    continue
                film = film_of(track, film)
                at_s = self._from_s + (moment - first) * base
                yield Shot(at_s, bytes(packet), packet.is_keyframe, film, packet.pts, packet.dts)
        except av.error.FFmpegError as error:
            raise StreamFault(Fault.NOT_VIDEO) from error
        finally:
            container.close()


class FolderReel:
    """The files of one camera in a folder of recordings."""

    is_timed = False

    def __init__(self, folder: str, camera: str) -> None:
        self._folder = folder
        self._camera = safe(camera)

    def shots(self, at_s: float, speed: float = 1.0) -> Iterator[Shot | None] | None:
        """As `shot.Reel`: of the files that may hold the moment, the one that began last."""
        for from_s, path in sorted(self._files(), reverse=True):
            if from_s <= at_s:
                return FileReel(path, from_s).shots(at_s)
        return None

    def _files(self) -> list[tuple[float, Path]]:
        found: list[tuple[float, Path]] = []
        try:
            with os.scandir(self._folder) as entries:
                for _count, entry in zip(range(_MOST_FILES), entries, strict=False):
                    match = _NAME.fullmatch(entry.name)
                    if match is not None and match["camera"] == self._camera:
                        found.append((_begins_s(match), Path(entry.path)))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise StreamFault(Fault.NO_FILE, self._folder) from error
        return found


class PlatformReel:
    """The archive of the video platform, which is asked for a piece from the moment on."""

    is_timed = False

    def __init__(self, template: str, camera: str, timing: Timing, stop: Callable[[], bool]) -> None:
        self._template = template
        self._camera = camera
        self._timing = timing
        self._is_stopped = stop

    def shots(self, at_s: float, speed: float = 1.0) -> Iterator[Shot | None] | None:
        """As `shot.Reel`; what the platform does not have (404) is None."""
        from_s, to_s = at_s - _LEAD_S, at_s + _PIECE_S
        stop = threading.Event()
        values = {"id": self._camera, "from": _iso(from_s), "to": _iso(to_s)}
        values |= {"from_s": f"{from_s:.0f}", "to_s": f"{to_s:.0f}"}
        # An address that holds the time is played from its beginning; else the server is asked for the time.
        is_told = any(f"{{{name}}}" in self._template for name in ("from", "from_s"))
        playing = Playing(None if is_told else from_s, speed)
        try:
            address = filled(self._template, values, {"id"})
            found = found_in(fetched(address, stop, self._timing.open_s))
            stream = Stream(found, stop, self._timing, playing=playing)
            self.is_timed = stream.is_timed
            try:
                stream.reach()
                stream.open()
            except StreamFault:
                stream.close()
                raise
        except StreamFault as error:
            if error.trouble.fault is Fault.NOT_FOUND:
                return None
            raise
        told_s = stream.played.from_s
        shots = self._read(stream, told_s or (round(from_s) if "{from_s}" in self._template else from_s))
        next(shots)  # one that was never begun would not close the stream with itself
        return shots

    def _read(self, stream: Stream, from_s: float) -> Iterator[Shot | None]:
        film: Film | None = None
        first: float | None = None
        base = (float(stream.track.time_base or 0) or 1 / 90000) * stream.played.speed
        try:
            yield None
            for packet in stream.packets():
                if self._is_stopped():
                    return
                if packet is None:
                    yield None
                    continue
                moment = packet.dts if packet.pts is None else packet.pts
                if moment is None:
                    continue
                first = moment * base if first is None else first
                if film is None and not packet.is_keyframe:
                    continue
                film = film_of(stream.track, film)
                at_s = from_s + moment * base - first
                yield Shot(at_s, bytes(packet), packet.is_keyframe, film, packet.pts, packet.dts)
        except StreamFault as error:
            if error.trouble.fault is not Fault.ENDED:
                raise
        finally:
            stream.close()


def reels_of(
    where: Where, archive: Archive, shelf: Shelf, timing: Timing, is_stopped: Callable[[], bool]
) -> list[tuple[str, Reel]]:
    """Where a camera's past is looked for: in the rings first, then in the files, then at the platform."""
    if where.file:
        return [("file", FileReel(Path(where.file), where.file_from_s))]
    reels: list[tuple[str, Reel]] = [("ring", RingReel(shelf, url)) for url in (where.url, where.sub_url) if url]
    if archive.folder and where.camera:
        reels.append(("file", FolderReel(archive.folder, where.camera)))
    if archive.template and where.camera:
        reels.append(("platform", PlatformReel(archive.template, where.camera, timing, is_stopped)))
    return reels


def replay_of(
    name: str,
    where: Where,
    archive: Archive,
    clock: Clock,
    gate: Gate,
    timing: Timing,
    *,
    signal: Signal | None = None,
    tell: Callable[[Signal], None] | None = None,
) -> Replay:
    """A look at a camera's past."""
    replay: Replay
    reels = reels_of(where, archive, gate.shelf, timing, lambda: replay.is_stopped)
    replay = Replay(name, reels, clock, gate, signal=signal, tell=tell)
    return replay


def _iso(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _begins_s(match: re.Match[str]) -> float:
    begins = datetime.strptime(match["from"].upper(), _STAMP).replace(tzinfo=UTC)
    return begins.timestamp() + float(match["part"] or 0.0)
